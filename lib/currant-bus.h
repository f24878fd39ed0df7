/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(CURRANT_INSIDE) && !defined(CURRANT_COMPILATION)
#error "Only <currant.h> can be included directly."
#endif

#include <gio/gio.h>

#include "currant-enums.h"
#include "currant-macros.h"
#include "currant-types.h"

G_BEGIN_DECLS

#define CURRANT_TYPE_BUS (currant_bus_get_type ())

CURRANT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (CurrantBus, currant_bus, CURRANT, BUS, GObject)

CURRANT_AVAILABLE_IN_1_0
CurrantBus *currant_bus_new (void);

CURRANT_AVAILABLE_IN_1_0
CurrantBus *currant_bus_get_default (void);

/* Following. */

CURRANT_AVAILABLE_IN_1_0
CurrantFollower *currant_bus_follow (CurrantBus *self, const char *pattern,
                                     CurrantFollowerFunc callback, gpointer user_data,
                                     GDestroyNotify destroy);

CURRANT_AVAILABLE_IN_1_0
CurrantFollower *currant_bus_follow_object (CurrantBus *self, const char *pattern,
                                            CurrantFollowerFunc callback, GObject *owner);

CURRANT_AVAILABLE_IN_1_0
CurrantFollower *currant_bus_follow_with_delivery (CurrantBus *self, const char *pattern,
                                                   CurrantDelivery delivery,
                                                   CurrantFollowerFunc callback, gpointer user_data,
                                                   GDestroyNotify destroy);

CURRANT_AVAILABLE_IN_1_0
void currant_bus_add_follower (CurrantBus *self, CurrantFollower *follower);

/* Publishing. */

CURRANT_AVAILABLE_IN_1_0
guint currant_bus_publish (CurrantBus *self, const char *id, const char *format, ...);

CURRANT_AVAILABLE_IN_1_0
guint currant_bus_publish_variant (CurrantBus *self, const char *id, GVariant *args,
                                   GVariant *kwargs);

CURRANT_AVAILABLE_IN_1_0
guint currant_bus_publish_value (CurrantBus *self, const char *id, const GValue *value);

CURRANT_AVAILABLE_IN_1_0
guint currant_bus_publish_message (CurrantBus *self, CurrantMessage *message);

CURRANT_AVAILABLE_IN_1_0
guint currant_bus_publish_message_full (CurrantBus *self, CurrantMessage *message,
                                        CurrantPublishFlags flags);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_bus_publish_message_checked (CurrantBus *self, CurrantMessage *message,
                                              CurrantPublishFlags flags, guint *taken,
                                              GError **error);

CURRANT_AVAILABLE_IN_1_0
guint currant_bus_publish_error (CurrantBus *self, const char *id, const GError *error);

CURRANT_AVAILABLE_IN_1_0
CurrantTopic *currant_bus_get_topic (CurrantBus *self, const char *id, GError **error);

/* The thread pool. */

CURRANT_AVAILABLE_IN_1_0
void currant_bus_set_multiplicity (CurrantBus *self, guint n_threads);

CURRANT_AVAILABLE_IN_1_0
guint currant_bus_get_multiplicity (CurrantBus *self);

CURRANT_AVAILABLE_IN_1_0
guint currant_bus_get_n_threads (CurrantBus *self);

/* Seeing inside. */

CURRANT_AVAILABLE_IN_1_0
guint currant_bus_count_matches (CurrantBus *self, CurrantIdentifier *identifier);

CURRANT_AVAILABLE_IN_1_0
GVariant *currant_bus_get_stats (CurrantBus *self);

G_END_DECLS
