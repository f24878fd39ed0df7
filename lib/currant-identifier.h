/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(CURRANT_INSIDE) && !defined(CURRANT_COMPILATION)
#error "Only <currant.h> can be included directly."
#endif

#include <glib-object.h>

#include "currant-macros.h"
#include "currant-types.h"

G_BEGIN_DECLS

#define CURRANT_TYPE_IDENTIFIER (currant_identifier_get_type ())

/**
 * CURRANT_HALF_MAX:
 *
 * The longest name, action or namespace, in bytes.
 *
 * Since: 1.0
 */
#define CURRANT_HALF_MAX 255

CURRANT_AVAILABLE_IN_1_0
GType currant_identifier_get_type (void);

CURRANT_AVAILABLE_IN_1_0
CurrantIdentifier *currant_identifier_new (const char *text, GError **error);

CURRANT_AVAILABLE_IN_1_0
CurrantIdentifier *currant_identifier_ref (CurrantIdentifier *self);

CURRANT_AVAILABLE_IN_1_0
void currant_identifier_unref (CurrantIdentifier *self);

CURRANT_AVAILABLE_IN_1_0
const char *currant_identifier_get_name (CurrantIdentifier *self);

CURRANT_AVAILABLE_IN_1_0
const char *currant_identifier_get_action (CurrantIdentifier *self);

CURRANT_AVAILABLE_IN_1_0
const char *currant_identifier_get_namespace (CurrantIdentifier *self);

CURRANT_AVAILABLE_IN_1_0
const char *currant_identifier_get_id (CurrantIdentifier *self);

CURRANT_AVAILABLE_IN_1_0
const char *currant_identifier_to_string (CurrantIdentifier *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_identifier_is_broadcast (CurrantIdentifier *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_identifier_is_local (CurrantIdentifier *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_identifier_equal (CurrantIdentifier *a, CurrantIdentifier *b);

CURRANT_AVAILABLE_IN_1_0
guint currant_identifier_hash (CurrantIdentifier *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrantIdentifier, currant_identifier_unref)

G_END_DECLS
