/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(CURRANT_INSIDE) && !defined(CURRANT_COMPILATION)
#error "Only <currant.h> can be included directly."
#endif

#include <glib-object.h>

#include "currant-enums.h"
#include "currant-macros.h"
#include "currant-types.h"

G_BEGIN_DECLS

#define CURRANT_TYPE_FOLLOWER (currant_follower_get_type ())

/**
 * CURRANT_BOUND_DEFAULT:
 *
 * How many messages may wait for one follower or queue unless it is set otherwise.
 *
 * Since: 1.0
 */
#define CURRANT_BOUND_DEFAULT 65536

CURRANT_AVAILABLE_IN_1_0
GType currant_follower_get_type (void);

CURRANT_AVAILABLE_IN_1_0
CurrantFollower *currant_follower_new (CurrantPattern *pattern, CurrantFollowerFunc callback,
                                       gpointer user_data, GDestroyNotify destroy);

CURRANT_AVAILABLE_IN_1_0
CurrantFollower *currant_follower_new_try (CurrantPattern *pattern, CurrantTryFunc callback,
                                           gpointer user_data, GDestroyNotify destroy);

CURRANT_AVAILABLE_IN_1_0
CurrantFollower *currant_follower_new_object (CurrantPattern *pattern, CurrantFollowerFunc callback,
                                              GObject *owner);

CURRANT_AVAILABLE_IN_1_0
CurrantFollower *currant_follower_ref (CurrantFollower *self);

CURRANT_AVAILABLE_IN_1_0
void currant_follower_unref (CurrantFollower *self);

CURRANT_AVAILABLE_IN_1_0
void currant_follower_stop (CurrantFollower *self);

/* Settings: before currant_bus_add_follower(). */

CURRANT_AVAILABLE_IN_1_0
void currant_follower_set_delivery (CurrantFollower *self, CurrantDelivery delivery);

CURRANT_AVAILABLE_IN_1_0
void currant_follower_set_context (CurrantFollower *self, GMainContext *context);

CURRANT_AVAILABLE_IN_1_0
void currant_follower_set_guard (CurrantFollower *self, CurrantGuardFunc guard, gpointer user_data,
                                 GDestroyNotify destroy);

CURRANT_AVAILABLE_IN_1_0
void currant_follower_set_limit (CurrantFollower *self, guint limit);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_follower_set_key (CurrantFollower *self, guint64 mask, guint64 value,
                                   GError **error);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_follower_set_slice (CurrantFollower *self, double weight, GError **error);

CURRANT_AVAILABLE_IN_1_0
void currant_follower_set_bound (CurrantFollower *self, guint bound, CurrantOverflow overflow);

CURRANT_AVAILABLE_IN_1_0
void currant_follower_set_concurrency (CurrantFollower *self, guint concurrency);

CURRANT_AVAILABLE_IN_1_0
void currant_follower_set_replay (CurrantFollower *self, gboolean replay);

CURRANT_AVAILABLE_IN_1_0
void currant_follower_set_pace (CurrantFollower *self, CurrantPace pace, guint interval_ms);

/* At any time, from any thread. */

CURRANT_AVAILABLE_IN_1_0
void currant_follower_set_pattern (CurrantFollower *self, CurrantPattern *pattern);

CURRANT_AVAILABLE_IN_1_0
CurrantPattern *currant_follower_dup_pattern (CurrantFollower *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_follower_is_active (CurrantFollower *self);

CURRANT_AVAILABLE_IN_1_0
guint currant_follower_get_pending (CurrantFollower *self);

CURRANT_AVAILABLE_IN_1_0
guint64 currant_follower_get_n_dropped (CurrantFollower *self);

CURRANT_AVAILABLE_IN_1_0
guint64 currant_follower_get_n_errors (CurrantFollower *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrantFollower, currant_follower_unref)

G_END_DECLS
