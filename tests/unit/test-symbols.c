/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The symbols of halves, against all of them tried one by one. */
#include "config.h"

#include "currant-symbols-private.h"
#include "currant-test.h"

#include <string.h>

static void
assert_collects (CurrantSymbols *symbols, const char *text, guint n, CurrantSymbol **wanted)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  currant_symbols_collect (symbols, text, found);
  g_assert_cmpuint (found->len, ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_true (g_ptr_array_find (found, wanted[i], NULL));
}

/* One text is one symbol, whoever asks for it, until the last has let it go. */
static void
test_shared (void)
{
  static const char *const texts[] = { "a", "*", "a*", "*a", "a*b" };
  CurrantSymbols *symbols = currant_symbols_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      CurrantSymbol *symbol = currant_symbols_acquire (symbols, texts[i]);

      g_assert_cmpstr (symbol->text, ==, texts[i]);
      g_assert_cmpint (symbol->kind, ==, currant_glob_kind (texts[i]));
      g_assert_true (currant_symbols_acquire (symbols, texts[i]) == symbol);
      currant_symbols_release (symbols, symbol);
      assert_collects (symbols, "aab", i == 0 || i == 3 ? 0 : 1, &symbol);
      currant_symbols_release (symbols, symbol);
      assert_collects (symbols, "aab", 0, NULL);
    }
  currant_symbols_free (symbols);
}

/* A glob is found by the longer of its literal ends. */
static void
test_literal_end (void)
{
  static const struct
  {
    const char *glob;
    gboolean by_end;
  } rows[] = {
    { "a*", FALSE },  { "*a", TRUE },    { "ab*c", FALSE },   { "a*bc", TRUE },
    { "a*b", FALSE }, { "*ab*", FALSE }, { "a*bbb*", FALSE }, { "*bbb*a", TRUE },
  };
  CurrantSymbols *symbols = currant_symbols_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      CurrantSymbol *symbol = currant_symbols_acquire (symbols, rows[i].glob);

      g_assert_cmpint (symbol->by_end, ==, rows[i].by_end);
      currant_symbols_release (symbols, symbol);
    }
  currant_symbols_free (symbols);
}

/* The longest literals there are, from either end, against the longest texts. */
static void
test_longest (void)
{
  CurrantSymbols *symbols = currant_symbols_new ();
  g_autofree char *text = g_strnfill (255, 'x');
  g_autofree char *literal = g_strnfill (254, 'x');
  g_autofree char *start = g_strconcat (literal, "*", NULL);
  g_autofree char *end = g_strconcat ("*", literal, NULL);
  CurrantSymbol *all[3] = { currant_symbols_acquire (symbols, text),
                            currant_symbols_acquire (symbols, start),
                            currant_symbols_acquire (symbols, end) };

  assert_collects (symbols, text, 3, all);
  assert_collects (symbols, literal, 2, all + 1);
  assert_collects (symbols, "x", 0, NULL);
  for (int i = 0; i < 3; i++)
    currant_symbols_release (symbols, all[i]);
  currant_symbols_free (symbols);
}

/* A glob whose start and end overlap in the text does not match it. */
static void
test_overlap (void)
{
  CurrantSymbols *symbols = currant_symbols_new ();
  CurrantSymbol *glob = currant_symbols_acquire (symbols, "aba*ba");

  assert_collects (symbols, "aba", 0, NULL);
  assert_collects (symbols, "ababa", 1, &glob);
  currant_symbols_release (symbols, glob);
  currant_symbols_free (symbols);
}

static void
random_text (GRand *rand, const char *alphabet, char out[16])
{
  int length = g_rand_int_range (rand, 1, 8);

  for (int i = 0; i < length; i++)
    out[i] = alphabet[g_rand_int_range (rand, 0, (int)strlen (alphabet))];
  out[length] = '\0';
}

/* As a pattern has it: stars folded. */
static void
random_half (GRand *rand, char out[16])
{
  char *to = out;

  random_text (rand, "ab*", out);
  for (const char *from = out; *from != '\0'; from++)
    if (*from != '*' || to == out || to[-1] != '*')
      *to++ = *from;
  *to = '\0';
}

static guint
count_matches (GPtrArray *held, GPtrArray *found, const char *text)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < held->len; i++)
    {
      CurrantSymbol *symbol = held->pdata[i];

      if (!currant_glob_matches (symbol->text, text))
        continue;
      g_hash_table_add (seen, symbol);
      if (!g_ptr_array_find (found, symbol, NULL))
        g_error ("“%s” is not found for “%s”", symbol->text, text);
    }
  return g_hash_table_size (seen);
}

static void
assert_agrees (CurrantSymbols *symbols, GPtrArray *held, const char *text)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  guint wanted;

  currant_symbols_collect (symbols, text, found);
  wanted = count_matches (held, found, text);
  if (found->len != wanted)
    g_error ("%u symbols are found for “%s”, and %u match", found->len, text, wanted);
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();
  CurrantSymbols *symbols = currant_symbols_new ();
  g_autoptr (GPtrArray) held = g_ptr_array_new ();

  for (guint i = 0; i < currant_test_rounds (20000); i++)
    {
      char text[16];

      random_half (rand, text);
      if (g_rand_int_range (rand, 0, 100) < ((i / 300) % 2 ? 40 : 60))
        g_ptr_array_add (held, currant_symbols_acquire (symbols, text));
      else if (held->len > 0)
        currant_symbols_release (
            symbols,
            g_ptr_array_steal_index_fast (held, (guint)g_rand_int_range (rand, 0, (int)held->len)));
      random_text (rand, "ab", text);
      assert_agrees (symbols, held, text);
    }
  for (guint i = 0; i < held->len; i++)
    currant_symbols_release (symbols, held->pdata[i]);
  currant_symbols_free (symbols);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/symbols/shared", test_shared);
  currant_test_add ("/symbols/literal-end", test_literal_end);
  currant_test_add ("/symbols/longest", test_longest);
  currant_test_add ("/symbols/overlap", test_overlap);
  currant_test_add ("/symbols/against-all-one-by-one", test_random);
  return g_test_run ();
}
