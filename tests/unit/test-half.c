/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splitting, checking, choices and globs, against plain recursion and against all short texts. */
#include "config.h"

#include "currant-half-private.h"
#include "currant-test.h"

#include <string.h>

static void
assert_span (const CurrantSpan *span, const char *text, const char *whole, gsize offset)
{
  g_autofree char *copy = g_strndup (span->text, span->length);

  if (g_strcmp0 (copy, text) != 0 || span->offset != offset)
    g_error ("“%s” split into “%s” at %zu, not “%s” at %zu", whole, copy, span->offset, text,
             offset);
}

static const struct
{
  const char *text, *name, *namespace, *action;
  gsize namespace_offset, action_offset;
} splits[] = {
  { "a:b", "a", NULL, "b", 0, 2 },      { "a", "a", NULL, "*", 0, 1 },
  { "*", "*", NULL, "*", 0, 1 },        { "a:b:c", "a:b", NULL, "c", 0, 4 },
  { "a@n:b", "a", "n", "b", 2, 4 },     { "a@n", "a", "n", "*", 2, 3 },
  { "a@b@n:c", "a@b", "n", "c", 4, 6 }, { "a@n:s:c", "a", "n:s", "c", 2, 6 },
  { "a:b@c", "a", NULL, "b@c", 0, 2 },  { "é:ü", "é", NULL, "ü", 0, 3 },
};

static void
test_split (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (splits); i++)
    {
      const char *text = splits[i].text;
      CurrantParts parts;

      g_assert_true (currant_parts_split (text, &parts, NULL));
      assert_span (&parts.name, splits[i].name, text, 0);
      assert_span (&parts.action, splits[i].action, text, splits[i].action_offset);
      if (splits[i].namespace != NULL)
        assert_span (&parts.namespace, splits[i].namespace, text, splits[i].namespace_offset);
      else
        g_assert_null (parts.namespace.text);
    }
}

static char *
complaint_of (const char *text)
{
  g_autoptr (GError) error = NULL;
  CurrantParts parts;

  g_assert_false (currant_parts_split (text, &parts, &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER);
  return g_strdup (error->message);
}

/* The whole sentence, once: text, cause, byte. */
static void
test_complaint (void)
{
  static const struct
  {
    const char *text, *complaint;
  } rows[] = {
    { "", "“”: empty identifier at byte 0" },
    { "a:", "“a:”: empty action at byte 2" },
    { "a\tb:c", "“a\\u0009b:c”: control character U+0009 at byte 1" },
    { "a@n{:c", "“a@n{:c”: “{” in a namespace at byte 3" },
    { "é\xff:c", "“é\xef\xbf\xbd:c”: broken UTF-8 at byte 2" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *complaint = complaint_of (rows[i].text);

      g_assert_cmpstr (complaint, ==, rows[i].complaint);
    }
}

/* Text from outside may be of any length: what is said of it is short, and legal UTF-8 even where
 * the cut goes through a character. */
static void
test_complaint_is_short (void)
{
  for (guint odd = 0; odd < 2; odd++)
    {
      g_autoptr (GString) text = g_string_new (odd ? "x" : "");
      g_autofree char *complaint = NULL;

      for (int i = 0; i < 100000; i++)
        g_string_append (text, "é");
      complaint = complaint_of (text->str);
      g_assert_true (g_utf8_validate (complaint, -1, NULL));
      g_assert_cmpuint (strlen (complaint), <, 200);
      g_assert_nonnull (strstr (complaint, "…”: name longer than 255 bytes at byte 255"));
    }
}

/* Every length of every part, around the limits. */
static void
test_lengths (void)
{
  for (gsize name = 254; name <= 257; name++)
    for (gsize space = 254; space <= 257; space++)
      for (gsize action = 254; action <= 257; action++)
        {
          g_autofree char *a = g_strnfill (name, 'a');
          g_autofree char *b = g_strnfill (space, 'b');
          g_autofree char *c = g_strnfill (action, 'c');
          g_autofree char *whole = g_strconcat (a, "@", b, ":", c, NULL);
          gboolean legal = name <= 255 && space <= 255 && action <= 255;
          CurrantParts parts;

          g_assert_cmpint (currant_parts_split (whole, &parts, NULL), ==, legal);
        }
}

static void
test_concrete (void)
{
  static const struct
  {
    const char *text;
    gboolean legal;
  } rows[] = {
    { "*", TRUE },   { "a", TRUE },    { "a,b", TRUE }, { "**", FALSE }, { "a*", FALSE },
    { "*a", FALSE }, { "{a}", FALSE }, { "a}", FALSE }, { "{", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      CurrantSpan span = { rows[i].text, strlen (rows[i].text), 0 };

      g_assert_cmpint (currant_span_check_concrete (rows[i].text, &span, NULL), ==, rows[i].legal);
    }
}

static void
test_print (void)
{
  g_autofree char *with = currant_parts_print ("a", "n", "b");
  g_autofree char *without = currant_parts_print ("a", NULL, "b");

  g_assert_cmpstr (with, ==, "a@n:b");
  g_assert_cmpstr (without, ==, "a:b");
}

/* Choices. */

static gboolean
parse (CurrantHalf *half, const char *text, guint most)
{
  CurrantSpan span = { text, strlen (text), 0 };

  return currant_half_parse (half, text, &span, most, NULL);
}

static void
test_choices (void)
{
  static const struct
  {
    const char *text, *choices;
  } rows[] = {
    { "a", "a" },
    { "**a***b**", "*a*b*" },
    { "{b,a}", "a b" },
    { "{b,a,b}", "a b" },
    { "x{b,a}y", "xay xby" },
    { "{a,b}{c,d}", "ac ad bc bd" },
    { "{ab,a}{c,bc}", "abbc abc ac" },
    { "{a*,b}*", "a* b*" },
    { "{a,*}", "*" },
    { "{a,*}{*,b}", "*" },
    { "a,b", "a,b" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *joined = NULL;
      CurrantHalf half;

      g_assert_true (parse (&half, rows[i].text, 64));
      g_assert_cmpuint (g_strv_length (half.choices), ==, half.n_choices);
      joined = g_strjoinv (" ", half.choices);
      g_assert_cmpstr (joined, ==, rows[i].choices);
      currant_half_clear (&half);
    }
}

/* The most is what is multiplied out, before repeats go. */
static void
test_most_choices (void)
{
  CurrantHalf half;

  g_assert_true (parse (&half, "{a,b,c}", 3));
  currant_half_clear (&half);
  g_assert_false (parse (&half, "{a,b,c}", 2));
  g_assert_false (parse (&half, "{a,a,a}", 2));
  g_assert_false (parse (&half, "{a,b}{a,b}", 3));
  g_assert_true (parse (&half, "x", 1));
  currant_half_clear (&half);
}

static void
test_kinds (void)
{
  g_assert_cmpint (currant_glob_kind ("a"), ==, CURRANT_HALF_EXACT);
  g_assert_cmpint (currant_glob_kind ("*"), ==, CURRANT_HALF_ANY);
  g_assert_cmpint (currant_glob_kind ("*a"), ==, CURRANT_HALF_GLOB);
  g_assert_cmpint (currant_glob_kind ("a*"), ==, CURRANT_HALF_GLOB);
  g_assert_cmpint (currant_glob_kind ("a*b"), ==, CURRANT_HALF_GLOB);
}

static gboolean
matches_plainly (const char *glob, const char *text)
{
  if (*glob == '\0')
    return *text == '\0';
  if (*glob == '*')
    return matches_plainly (glob + 1, text) || (*text != '\0' && matches_plainly (glob, text + 1));
  return *glob == *text && matches_plainly (glob + 1, text + 1);
}

static void
random_text (GRand *rand, const char *alphabet, int most, char out[16])
{
  int length = g_rand_int_range (rand, 0, most + 1);

  for (int i = 0; i < length; i++)
    out[i] = alphabet[g_rand_int_range (rand, 0, (int)strlen (alphabet))];
  out[length] = '\0';
}

static void
test_glob_random (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();

  for (guint i = currant_test_rounds (200000); i > 0; i--)
    {
      char glob[16], text[16];

      random_text (rand, "ab**", 8, glob);
      random_text (rand, "ab", 12, text);
      if (currant_glob_matches (glob, text) != matches_plainly (glob, text))
        g_error ("“%s” against “%s”: not %d", glob, text, matches_plainly (glob, text));
    }
}

/* A broadcast half reaches every half. */
static void
test_star_reaches_all (void)
{
  CurrantHalf half;

  g_assert_true (parse (&half, "{a,b*}", 64));
  g_assert_true (currant_half_matches (&half, "*"));
  g_assert_true (currant_half_matches (&half, "bx"));
  g_assert_false (currant_half_matches (&half, "ab"));
  currant_half_clear (&half);
}

static void
random_half (GRand *rand, CurrantHalf *half, char text[64])
{
  static const char *const pieces[] = { "a", "b", "*", "{a,b}", "{a*,b}", "{*,ab}", "{*}", "{a}" };

  do
    {
      text[0] = '\0';
      for (int i = g_rand_int_range (rand, 1, 4); i > 0; i--)
        g_strlcat (text, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))], 64);
    }
  while (!parse (half, text, 64));
}

/* Whether @wide matches what @narrow does, of all texts over three letters up to six long. Two
 * letters stand in patterns; the third stands for all that do not. */
static gboolean
covers_all_texts (const CurrantHalf *wide, const CurrantHalf *narrow, char *text, int length)
{
  if (currant_half_matches (narrow, text) && !currant_half_matches (wide, text))
    return FALSE;
  for (const char *letter = "abz"; length < 6 && *letter != '\0'; letter++)
    {
      gboolean covers;

      text[length] = *letter;
      text[length + 1] = '\0';
      covers = covers_all_texts (wide, narrow, text, length + 1);
      text[length] = '\0';
      if (!covers)
        return FALSE;
    }
  return TRUE;
}

static void
test_covers_random (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();

  for (guint i = currant_test_rounds (2000); i > 0; i--)
    {
      char wide_text[64], narrow_text[64], text[8] = "";
      CurrantHalf wide, narrow;
      gboolean wanted;

      random_half (rand, &wide, wide_text);
      random_half (rand, &narrow, narrow_text);
      wanted = covers_all_texts (&wide, &narrow, text, 0);
      if (currant_half_covers (&wide, &narrow) != wanted)
        g_error ("“%s” covers “%s”: not %d", wide_text, narrow_text, wanted);
      currant_half_clear (&wide);
      currant_half_clear (&narrow);
    }
}

/* What is printed is no longer than what was given, means the same, and is the plainest already. */
static void
test_canonical_random (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();

  for (guint i = currant_test_rounds (20000); i > 0; i--)
    {
      char text[64];
      CurrantHalf half, again;

      random_half (rand, &half, text);
      g_assert_cmpuint (strlen (half.text), <=, strlen (text));
      g_assert_true (parse (&again, half.text, 64));
      g_assert_true (
          g_strv_equal ((const char *const *)half.choices, (const char *const *)again.choices));
      if (strcmp (half.text, again.text) != 0)
        g_error ("“%s” is “%s”, which is “%s”", text, half.text, again.text);
      currant_half_clear (&half);
      currant_half_clear (&again);
    }
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/half/split", test_split);
  currant_test_add ("/half/split/complaint", test_complaint);
  currant_test_add ("/half/split/complaint-is-short", test_complaint_is_short);
  currant_test_add ("/half/split/lengths", test_lengths);
  currant_test_add ("/half/concrete", test_concrete);
  currant_test_add ("/half/print", test_print);
  currant_test_add ("/half/choices", test_choices);
  currant_test_add ("/half/choices/most", test_most_choices);
  currant_test_add ("/half/kinds", test_kinds);
  currant_test_add ("/half/glob-against-plain-recursion", test_glob_random);
  currant_test_add ("/half/star-reaches-all", test_star_reaches_all);
  currant_test_add ("/half/covers-against-all-short-texts", test_covers_random);
  currant_test_add ("/half/canonical-text-is-stable", test_canonical_random);
  return g_test_run ();
}
