/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The distinct halves that patterns are made of, and which of them match a given text.
 *
 * Each distinct text of a half (an exact text, "*", or a glob) is one symbol, shared by all
 * patterns that have it. Asking for a text gives its exact symbol (one hash look-up), the symbol of
 * "*", and the globs among those whose literal start (or end, where that is longer) the text has.
 * Not thread-safe: the router's lock guards it. */
#pragma once

#include "currant-half-private.h"

typedef struct
{
  guint ref_count;
  CurrantHalfKind kind;
  gboolean by_end; /* a glob found by its literal end */
  char text[];
} CurrantSymbol;

typedef struct _CurrantSymbols CurrantSymbols;

CurrantSymbols *currant_symbols_new (void);
void currant_symbols_free (CurrantSymbols *self);

/* The symbol of a half's text, for the caller to release. */
CurrantSymbol *currant_symbols_acquire (CurrantSymbols *self, const char *half);
void currant_symbols_release (CurrantSymbols *self, CurrantSymbol *symbol);

/* Appends the symbols that match @text, which is not "*". */
void currant_symbols_collect (CurrantSymbols *self, const char *text, GPtrArray *symbols);
