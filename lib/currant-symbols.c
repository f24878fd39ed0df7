/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-symbols-private.h"

#include <string.h>

#include "currant-hash-private.h"
#include "currant-radix-private.h"

struct _CurrantSymbols
{
  GHashTable *table; /* text -> symbol, which owns the text */
  CurrantSymbol *any;
  CurrantRadix *starts; /* globs by their literal start */
  CurrantRadix *ends;   /* globs by their literal end, reversed */
  guint n_globs;
  GPtrArray *found; /* scratch */
};

CurrantSymbols *
currant_symbols_new (void)
{
  CurrantSymbols *self = g_new0 (CurrantSymbols, 1);

  self->table = g_hash_table_new (currant_hash_string, g_str_equal);
  self->starts = currant_radix_new ();
  self->ends = currant_radix_new ();
  self->found = g_ptr_array_new ();
  return self;
}

void
currant_symbols_free (CurrantSymbols *self)
{
  g_hash_table_unref (self->table);
  currant_radix_free (self->starts);
  currant_radix_free (self->ends);
  g_ptr_array_unref (self->found);
  g_free (self);
}

static gsize
reverse (const char *text, gsize length, char out[256])
{
  for (gsize i = 0; i < length; i++)
    out[i] = text[length - 1 - i];
  return length;
}

/* The literal that a glob is found by: @out has room for a half. */
static gsize
glob_literal (const CurrantSymbol *symbol, char out[256])
{
  if (symbol->by_end)
    {
      const char *end = strrchr (symbol->text, '*') + 1;

      return reverse (end, strlen (end), out);
    }
  else
    {
      gsize length = strchr (symbol->text, '*') - symbol->text;

      memcpy (out, symbol->text, length);
      return length;
    }
}

static void
glob_add (CurrantSymbols *self, CurrantSymbol *symbol)
{
  gsize start = strchr (symbol->text, '*') - symbol->text;
  char literal[256];
  gsize length;

  symbol->by_end = strlen (strrchr (symbol->text, '*') + 1) > start;
  length = glob_literal (symbol, literal);
  currant_radix_add (symbol->by_end ? self->ends : self->starts, literal, length, symbol);
  self->n_globs++;
}

static void
glob_remove (CurrantSymbols *self, CurrantSymbol *symbol)
{
  char literal[256];
  gsize length = glob_literal (symbol, literal);

  currant_radix_remove (symbol->by_end ? self->ends : self->starts, literal, length, symbol);
  self->n_globs--;
}

CurrantSymbol *
currant_symbols_acquire (CurrantSymbols *self, const char *half)
{
  CurrantSymbol *symbol = g_hash_table_lookup (self->table, half);
  gsize size = strlen (half) + 1;

  if (symbol != NULL)
    {
      symbol->ref_count++;
      return symbol;
    }
  symbol = g_malloc (sizeof *symbol + size);
  symbol->ref_count = 1;
  symbol->kind = currant_glob_kind (half);
  symbol->by_end = FALSE;
  memcpy (symbol->text, half, size);
  g_hash_table_insert (self->table, symbol->text, symbol);
  if (symbol->kind == CURRANT_HALF_ANY)
    self->any = symbol;
  else if (symbol->kind == CURRANT_HALF_GLOB)
    glob_add (self, symbol);
  return symbol;
}

void
currant_symbols_release (CurrantSymbols *self, CurrantSymbol *symbol)
{
  if (--symbol->ref_count > 0)
    return;
  if (symbol->kind == CURRANT_HALF_ANY)
    self->any = NULL;
  else if (symbol->kind == CURRANT_HALF_GLOB)
    glob_remove (self, symbol);
  g_hash_table_remove (self->table, symbol->text);
  g_free (symbol);
}

static void
collect_globs (CurrantSymbols *self, const char *text, GPtrArray *symbols)
{
  gsize length = strlen (text);
  char reversed[256];

  g_ptr_array_set_size (self->found, 0);
  currant_radix_collect (self->starts, text, length, self->found);
  currant_radix_collect (self->ends, reversed, reverse (text, length, reversed), self->found);
  for (guint i = 0; i < self->found->len; i++)
    {
      CurrantSymbol *symbol = self->found->pdata[i];

      if (currant_glob_matches (symbol->text, text))
        g_ptr_array_add (symbols, symbol);
    }
}

void
currant_symbols_collect (CurrantSymbols *self, const char *text, GPtrArray *symbols)
{
  CurrantSymbol *exact = g_hash_table_lookup (self->table, text);

  if (exact != NULL)
    g_ptr_array_add (symbols, exact);
  if (self->any != NULL)
    g_ptr_array_add (symbols, self->any);
  if (self->n_globs > 0)
    collect_globs (self, text, symbols);
}
