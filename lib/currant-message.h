/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(CURRANT_INSIDE) && !defined(CURRANT_COMPILATION)
#error "Only <currant.h> can be included directly."
#endif

#include <glib-object.h>

#include "currant-macros.h"
#include "currant-types.h"

G_BEGIN_DECLS

#define CURRANT_TYPE_MESSAGE (currant_message_get_type ())

/**
 * CURRANT_PRIORITY_DEFAULT:
 *
 * The priority of a message that was given none. Lower numbers are more urgent.
 *
 * Since: 1.0
 */
#define CURRANT_PRIORITY_DEFAULT 10

CURRANT_AVAILABLE_IN_1_0
GType currant_message_get_type (void);

CURRANT_AVAILABLE_IN_1_0
CurrantMessage *currant_message_new (CurrantIdentifier *identifier, const char *format, ...);

CURRANT_AVAILABLE_IN_1_0
CurrantMessage *currant_message_new_variant (CurrantIdentifier *identifier, GVariant *args,
                                             GVariant *kwargs);

CURRANT_AVAILABLE_IN_1_0
CurrantMessage *currant_message_new_value (CurrantIdentifier *identifier, const GValue *value);

CURRANT_AVAILABLE_IN_1_0
CurrantMessage *currant_message_ref (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
void currant_message_unref (CurrantMessage *self);

/* What it carries. */

CURRANT_AVAILABLE_IN_1_0
const char *currant_message_get_id (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
const char *currant_message_get_name (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
const char *currant_message_get_action (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
const char *currant_message_get_namespace (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
CurrantIdentifier *currant_message_dup_identifier (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_message_get (CurrantMessage *self, const char *format, ...);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_message_lookup (CurrantMessage *self, const char *key, const char *format, ...);

CURRANT_AVAILABLE_IN_1_0
GVariant *currant_message_get_args (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
GVariant *currant_message_get_kwargs (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
const GValue *currant_message_get_value (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_message_is_empty (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
char *currant_message_print (CurrantMessage *self);

/* How it was published. */

CURRANT_AVAILABLE_IN_1_0
gint64 currant_message_get_time (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
gint64 currant_message_get_real_time (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
guint64 currant_message_get_sequence (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
guint currant_message_get_publisher (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_message_is_retained (CurrantMessage *self);

/* What may be set until it is published. */

CURRANT_AVAILABLE_IN_1_0
int currant_message_get_priority (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
void currant_message_set_priority (CurrantMessage *self, int priority);

CURRANT_AVAILABLE_IN_1_0
guint64 currant_message_get_key (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
void currant_message_set_key (CurrantMessage *self, guint64 key);

CURRANT_AVAILABLE_IN_1_0
void currant_message_set_kwargs (CurrantMessage *self, GVariant *kwargs);

CURRANT_AVAILABLE_IN_1_0
const char *currant_message_get_correlation (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
void currant_message_set_correlation (CurrantMessage *self, const char *correlation);

CURRANT_AVAILABLE_IN_1_0
gint64 currant_message_get_expiry (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
void currant_message_set_expiry (CurrantMessage *self, gint64 expiry);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_message_is_expired (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
const char *currant_message_get_source (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
void currant_message_set_source (CurrantMessage *self, const char *source);

CURRANT_AVAILABLE_IN_1_0
guint currant_message_get_hops (CurrantMessage *self);

CURRANT_AVAILABLE_IN_1_0
void currant_message_set_hops (CurrantMessage *self, guint hops);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrantMessage, currant_message_unref)

G_END_DECLS
