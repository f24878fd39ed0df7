/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(CURRANT_INSIDE) && !defined(CURRANT_COMPILATION)
#error "Only <currant.h> can be included directly."
#endif

#include <glib-object.h>

#include "currant-macros.h"
#include "currant-types.h"

G_BEGIN_DECLS

#define CURRANT_TYPE_TOPIC (currant_topic_get_type ())

CURRANT_AVAILABLE_IN_1_0
GType currant_topic_get_type (void);

CURRANT_AVAILABLE_IN_1_0
CurrantTopic *currant_topic_ref (CurrantTopic *self);

CURRANT_AVAILABLE_IN_1_0
void currant_topic_unref (CurrantTopic *self);

CURRANT_AVAILABLE_IN_1_0
CurrantIdentifier *currant_topic_get_identifier (CurrantTopic *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_topic_has_followers (CurrantTopic *self);

CURRANT_AVAILABLE_IN_1_0
guint currant_topic_publish (CurrantTopic *self, const char *format, ...);

CURRANT_AVAILABLE_IN_1_0
guint currant_topic_publish_variant (CurrantTopic *self, GVariant *args, GVariant *kwargs);

CURRANT_AVAILABLE_IN_1_0
guint currant_topic_publish_value (CurrantTopic *self, const GValue *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrantTopic, currant_topic_unref)

G_END_DECLS
