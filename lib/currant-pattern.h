/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(CURRANT_INSIDE) && !defined(CURRANT_COMPILATION)
#error "Only <currant.h> can be included directly."
#endif

#include <glib-object.h>

#include "currant-macros.h"
#include "currant-types.h"

G_BEGIN_DECLS

#define CURRANT_TYPE_PATTERN (currant_pattern_get_type ())

/**
 * CURRANT_PATTERN_MAX_CHOICES:
 *
 * The most alternatives that the choices of one half of a pattern may multiply to, and the most
 * that both halves together may.
 *
 * Since: 1.0
 */
#define CURRANT_PATTERN_MAX_CHOICES 64

CURRANT_AVAILABLE_IN_1_0
GType currant_pattern_get_type (void);

CURRANT_AVAILABLE_IN_1_0
CurrantPattern *currant_pattern_new (const char *text, GError **error);

CURRANT_AVAILABLE_IN_1_0
CurrantPattern *currant_pattern_ref (CurrantPattern *self);

CURRANT_AVAILABLE_IN_1_0
void currant_pattern_unref (CurrantPattern *self);

CURRANT_AVAILABLE_IN_1_0
const char *currant_pattern_to_string (CurrantPattern *self);

CURRANT_AVAILABLE_IN_1_0
const char *currant_pattern_get_namespace (CurrantPattern *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_pattern_is_exact (CurrantPattern *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_pattern_matches (CurrantPattern *self, CurrantIdentifier *identifier);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_pattern_covers (CurrantPattern *wide, CurrantPattern *narrow);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_pattern_equal (CurrantPattern *a, CurrantPattern *b);

CURRANT_AVAILABLE_IN_1_0
guint currant_pattern_hash (CurrantPattern *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrantPattern, currant_pattern_unref)

G_END_DECLS
