/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two halves of identifiers and patterns: splitting, checking, choices and globs.
 *
 * What identifiers and patterns have in common is here, so that one place says what text is legal.
 * Nothing here is shared between threads. */
#pragma once

#include <glib.h>

/* Where a part stands in the text it was split from. */
typedef struct
{
  const char *text; /* not terminated */
  gsize length;
  gsize offset; /* of the first byte, in the whole text */
} CurrantSpan;

typedef struct
{
  CurrantSpan name;
  CurrantSpan namespace; /* .text is NULL where there is none */
  CurrantSpan action;    /* "*" where none is written */
} CurrantParts;

/* Splits at the last ':' and the last '@' before it, and checks everything that holds for
 * identifiers and patterns alike. @text may be anything. */
gboolean currant_parts_split (const char *text, CurrantParts *parts, GError **error);

/* The legal form of a half in a published identifier: "*" alone, or no pattern characters. */
gboolean currant_span_check_concrete (const char *text, const CurrantSpan *span, GError **error);

/* "name@namespace:action" */
char *currant_parts_print (const char *name, const char *namespace, const char *action);

typedef enum
{
  CURRANT_HALF_EXACT,
  CURRANT_HALF_ANY,
  CURRANT_HALF_GLOB
} CurrantHalfKind;

/* One half of a pattern: the texts that its choices multiply out to, sorted, each once. A half that
 * has "*" among them is that alone. */
typedef struct
{
  char **choices; /* NULL-terminated; where there is one, the array below */
  guint n_choices;
  char *text;    /* canonical; where there is one choice, that */
  char *only[2]; /* so it must not be moved */
} CurrantHalf;

gboolean currant_half_parse (CurrantHalf *self, const char *text, const CurrantSpan *span,
                             guint most, GError **error);
void currant_half_clear (CurrantHalf *self);
gboolean currant_half_matches (const CurrantHalf *self, const char *text);
gboolean currant_half_covers (const CurrantHalf *wide, const CurrantHalf *narrow);

CurrantHalfKind currant_glob_kind (const char *glob);
gboolean currant_glob_matches (const char *glob, const char *text);
