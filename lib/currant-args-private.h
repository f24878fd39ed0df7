/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arguments kept packed: a slot of eight bytes each, strings behind them, no GVariant.
 *
 * A format such as "(is)" of the types b y n q i u x t h d s o g is packed; every other format goes
 * through GVariant. Nothing here allocates: the message brings the memory. */
#pragma once

#include <glib.h>
#include <stdarg.h>

#define CURRANT_ARGS_MAX 32

typedef union
{
  gboolean b;
  guint8 y;
  gint16 n;
  guint16 q;
  gint32 i;
  guint32 u;
  gint64 x;
  guint64 t;
  double d;
  const char *s; /* into the packed block itself */
} CurrantSlot;

/* Where a format is packable: how many arguments it has, and the bytes they take besides texts. */
gboolean currant_args_can_pack (const char *format, guint *n_args, gsize *size, gboolean *has_text);

/* The bytes that the texts take. FALSE, with a critical, where one is not legal. */
gboolean currant_args_measure_texts (const char *format, va_list *args, gsize *size);

/* Packs into @block, which has the size measured and is aligned for a slot. */
void currant_args_pack (gpointer block, guint n_args, const char *format, va_list *args);

/* Whether @format asks for just the types that are packed. */
gboolean currant_args_fit (gconstpointer block, guint n_args, const char *format);

/* Hands out what is packed, "s" as a copy and "&s" as it is. */
void currant_args_unpack (gconstpointer block, guint n_args, const char *format, va_list *args);

/* Returns: (transfer floating): the tuple */
GVariant *currant_args_to_variant (gconstpointer block, guint n_args);
