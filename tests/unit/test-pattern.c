/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Patterns: text, errors, matching. What covers what is in test-pattern-covers.c. */
#include "config.h"

#include "currant-test.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  const char *text;
  const char *canonical;
  const char *name_space;
  gboolean exact;
} Valid;

static const Valid valid[] = {
  { "a:b", "a:b", NULL, TRUE },
  { "a:b:c", "a:b:c", NULL, TRUE },
  { "a@ns:b", "a@ns:b", "ns", TRUE },
  { "log", "log:*", NULL, FALSE },
  { "log:*", "log:*", NULL, FALSE },
  { "*", "*:*", NULL, FALSE },
  { "*@ns", "*@ns:*", "ns", FALSE },
  { "*:run", "*:run", NULL, FALSE },
  { "a**b:c", "a*b:c", NULL, FALSE },
  { "**:***", "*:*", NULL, FALSE },
  { "app.*:resized", "app.*:resized", NULL, FALSE },
  { "f:{removed,created}", "f:{created,removed}", NULL, FALSE },
  { "{b,a,b}:x", "{a,b}:x", NULL, FALSE },
  { "x{b,a}y:z", "x{a,b}y:z", NULL, FALSE },
  { "{b,a}{d,c}:x", "{a,b}{c,d}:x", NULL, FALSE },
  { "{b,a}@ns:x", "{a,b}@ns:x", "ns", FALSE },
  { "{b**,a}:x", "{a,b*}:x", NULL, FALSE },
  { "gr*e:ä", "gr*e:ä", NULL, FALSE },
  { "a,b:c", "a,b:c", NULL, TRUE },
};

static void
test_canonical_text (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (valid); i++)
    {
      g_autoptr (CurrantPattern) pattern = currant_test_pattern (valid[i].text);
      g_autoptr (CurrantPattern) again = currant_test_pattern (valid[i].canonical);

      g_assert_cmpstr (currant_pattern_to_string (pattern), ==, valid[i].canonical);
      g_assert_cmpstr (currant_pattern_get_namespace (pattern), ==, valid[i].name_space);
      g_assert_cmpint (currant_pattern_is_exact (pattern), ==, valid[i].exact);
      g_assert_cmpstr (currant_pattern_to_string (again), ==, valid[i].canonical);
      g_assert_true (currant_pattern_equal (pattern, again));
      g_assert_cmpuint (currant_pattern_hash (pattern), ==, currant_pattern_hash (again));
    }
}

static void
test_unequal (void)
{
  static const char *const texts[] = { "a:b",     "a:*",     "*:b",     "*:*",   "a@n:b",
                                       "a@m:b",   "A:b",     "a*:b",    "*a:b",  "{a,b}:c",
                                       "{a,c}:b", "a:{b,c}", "ab:{c}d", "a:b@n", "{a,b}c:d" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (texts); j++)
      {
        g_autoptr (CurrantPattern) a = currant_test_pattern (texts[i]);
        g_autoptr (CurrantPattern) b = currant_test_pattern (texts[j]);

        g_assert_cmpint (currant_pattern_equal (a, b), ==, i == j);
      }
}

#define ANYWHERE -1

typedef struct
{
  const char *text;
  int position;
  const char *cause;
} Malformed;

static const Malformed malformed[] = {
  { "", 0, "empty" },
  { ":b", 0, "empty" },
  { "a:", 2, "empty" },
  { "@ns:x", 0, "empty" },
  { "a@:x", 2, "empty" },
  { "a\nb:c", 1, "control" },
  { "a:b\x7f", 3, "control" },
  { "a\xc2\x85:b", 1, "control" },
  { "a{b,\x1f}:c", 4, "control" },
  { "a\xff:x", 1, "UTF-8" },
  { "a:{b,\xe2\x82}", 5, "UTF-8" },
  { "a@*:x", 2, "*" },
  { "a@n*:x", 3, "*" },
  { "a@{n,m}:x", 2, "{" },
  { "{a:x", 0, "{" },
  { "a:{b", 2, "{" },
  { "ab{c,d:x", 2, "{" },
  { "a}:x", 1, "}" },
  { "a:b}c", 3, "}" },
  { "{a}b}:x", 4, "}" },
  { "{a,{b,c}}:x", 3, "{" },
  { "a:{{b}}", 3, "{" },
  { "{}:x", ANYWHERE, "empty" },
  { "x{}y:x", 1, "empty choice" },
  { "{a,}:x", ANYWHERE, "empty" },
  { "{,a}:x", ANYWHERE, "empty" },
  { "a:{b,,c}", ANYWHERE, "empty" },
};

static void
assert_malformed (const char *text, int position, const char *cause)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folded = NULL;
  g_autofree char *wanted = g_ascii_strdown (cause, -1);
  const char *mark;

  if (currant_pattern_new (text, &error) != NULL)
    g_error ("taken as well-formed: %s", text);
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  folded = g_ascii_strdown (error->message, -1);
  if (strstr (folded, wanted) == NULL)
    g_error ("\"%s\" is not in: %s", cause, error->message);
  mark = strstr (error->message, "at byte ");
  if (mark == NULL)
    g_error ("no position in: %s", error->message);
  if (position != ANYWHERE)
    g_assert_cmpint (atoi (mark + strlen ("at byte ")), ==, position);
  g_assert_null (currant_pattern_new (text, NULL));
}

static void
test_malformed (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (malformed); i++)
    assert_malformed (malformed[i].text, malformed[i].position, malformed[i].cause);
}

/* A colon inside braces splits the halves like any other, which leaves both unbalanced. */
static void
test_colon_in_braces (void)
{
  assert_malformed ("a{b:c}d", ANYWHERE, "{");
}

static void
test_length_limit (void)
{
  g_autofree char *most = g_strnfill (CURRANT_HALF_MAX, 'a');
  g_autofree char *name = g_strdup_printf ("%sa:x", most);
  g_autofree char *action = g_strdup_printf ("x:%sa", most);
  g_autofree char *name_space = g_strdup_printf ("x@%sa:x", most);
  g_autofree char *fits = g_strdup_printf ("%s@%s:%s", most, most, most);

  assert_malformed (name, ANYWHERE, "255");
  assert_malformed (action, ANYWHERE, "255");
  assert_malformed (name_space, ANYWHERE, "255");
  currant_pattern_unref (currant_test_pattern (fits));
}

/* The choices of a half multiply, and those of both halves do again. */
static void
test_choices_limit (void)
{
  static const char *const fits[] = { "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}:x",
                                      "{a,b}{a,b}{a,b}:{a,b}{a,b}{a,b}",
                                      "{a,b,c,d,e,f,g,h}:{a,b,c,d,e,f,g,h}" };
  static const char *const exceeds[] = { "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}:x",
                                         "x:{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}",
                                         "{a,b}{a,b}{a,b}{a,b}:{a,b}{a,b}{a,b}" };

  for (gsize i = 0; i < G_N_ELEMENTS (fits); i++)
    currant_pattern_unref (currant_test_pattern (fits[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (exceeds); i++)
    assert_malformed (exceeds[i], ANYWHERE, "64");
}

static gboolean
matches (const char *pattern_text, const char *id_text)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern (pattern_text);
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier (id_text);

  return currant_pattern_matches (pattern, identifier);
}

/* berryMQ's five forms, against concrete messages and against wildcards on the sending side. */
static void
test_berrymq_five_forms (void)
{
  static const char *const forms[] = { "test:run", "test:*", "*:run", "*:*", "test" };
  static const struct
  {
    const char *id;
    const char *wanted; /* one character a form */
  } rows[] = {
    { "test:run", "11111" },   { "test:stop", "01011" }, { "other:run", "00110" },
    { "other:stop", "00010" }, { "*:run", "11111" },     { "*:stop", "01011" },
    { "test:*", "11111" },     { "test", "11111" },      { "other:*", "00110" },
    { "other", "00110" },      { "*:*", "11111" },       { "*", "11111" },
    { "test:Run", "01011" },   { "tes:run", "00110" },   { "testt:run", "00110" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    for (gsize form = 0; form < G_N_ELEMENTS (forms); form++)
      if (matches (forms[form], rows[i].id) != (rows[i].wanted[form] == '1'))
        g_error ("%s against %s: not %c", forms[form], rows[i].id, rows[i].wanted[form]);
}

static const struct
{
  const char *pattern;
  const char *id;
  gboolean wanted;
} pairs[] = {
  { "app.*:resized", "app.main:resized", TRUE },
  { "app.*:resized", "app.:resized", TRUE },
  { "app.*:resized", "app:resized", FALSE },
  { "app.*:resized", "app.main:resize", FALSE },
  { "app.*:resized", "myapp.main:resized", FALSE },
  { "app.*:resized", "*:resized", TRUE },
  { "app.*:resized", "app.main:*", TRUE },
  { "app.*:resized", "other:*", FALSE },
  { "app.*:resized", "*:moved", FALSE },
  { "*.log:rotat*", "x.log:rotated", TRUE },
  { "*.log:rotat*", ".log:rotat", TRUE },
  { "*.log:rotat*", "x.logs:rotated", FALSE },
  { "*.log:rotat*", "x.log:rota", FALSE },
  { "*.log:rotat*", "a.log.log:rotates", TRUE },
  { "a*b*c:x", "abc:x", TRUE },
  { "a*b*c:x", "aXbYbZc:x", TRUE },
  { "a*b*c:x", "acb:x", FALSE },
  { "a*b*c:x", "abcb:x", FALSE },
  { "a*b*c:x", "ab:x", FALSE },
  { "a*a:x", "a:x", FALSE },
  { "a*a:x", "aa:x", TRUE },
  { "*ab*ab*:x", "ab:x", FALSE },
  { "*ab*ab*:x", "aab:x", FALSE },
  { "*ab*ab*:x", "xabab:x", TRUE },
  { "*ab:x", "abab:x", TRUE },
  { "*aab:x", "aaab:x", TRUE },
  { "*a*:x", "bbb:x", FALSE },
  { "file:{created,removed}", "file:created", TRUE },
  { "file:{created,removed}", "file:removed", TRUE },
  { "file:{created,removed}", "file:create", FALSE },
  { "file:{created,removed}", "file:created,removed", FALSE },
  { "file:{created,removed}", "file:*", TRUE },
  { "file:{created,removed}", "*:removed", TRUE },
  { "x{a,b}y{c,d}:z", "xayd:z", TRUE },
  { "x{a,b}y{c,d}:z", "xbyc:z", TRUE },
  { "x{a,b}y{c,d}:z", "xaby:z", FALSE },
  { "{a,ab}c:x", "abc:x", TRUE },
  { "{a*,b}:x", "azz:x", TRUE },
  { "{a*,b}:x", "bz:x", FALSE },
  { "{a,*z}b:x", "xzb:x", TRUE },
  { "{*,a}:x", "anything:x", TRUE },
  { "a,b:c", "a,b:c", TRUE },
  { "a,b:c", "a:c", FALSE },
  { "gr*e:x", "größe:x", TRUE },
  { "*ß*:x", "größe:x", TRUE },
  { "a:b", "A:b", FALSE },
  { "*:B", "a:b", FALSE },
  { "a:b:c", "a:b:c", TRUE },
  { "a:*:c", "a:x:c", TRUE },
  { "a*:c", "a:b:c", TRUE },
  { "a:*", "a:b:c", FALSE },
  { "a:b", "a@ns:b", FALSE },
  { "a@ns:b", "a:b", FALSE },
  { "a@ns:b", "a@ns:b", TRUE },
  { "a@ns:b", "a@NS:b", FALSE },
  { "a@ns:b", "a@n:b", FALSE },
  { "*:*", "a@ns:b", FALSE },
  { "*", "*@ns", FALSE },
  { "*@ns", "*", FALSE },
  { "*@ns", "a@ns:b", TRUE },
  { "*@ns:b", "*@ns:b", TRUE },
  { "a*@ns:{b,c}", "ax@ns:c", TRUE },
  { "_x:*", "_x:y", TRUE },
  { "*:*", "_x:y", TRUE },
};

static void
test_matches_table (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    if (matches (pairs[i].pattern, pairs[i].id) != pairs[i].wanted)
      g_error ("%s against %s: not %d", pairs[i].pattern, pairs[i].id, pairs[i].wanted);
}

/* The other matcher: over the texts, by plain recursion, without anything of the library. */

static gboolean
glob_text (const char *glob, const char *text)
{
  if (*glob == '\0')
    return *text == '\0';
  if (*glob == '*')
    return glob_text (glob + 1, text) || (*text != '\0' && glob_text (glob, text + 1));
  return *glob == *text && glob_text (glob + 1, text + 1);
}

/* Replaces the first choice by each of its alternatives in turn. */
static gboolean
half_matches (const char *half, const char *text)
{
  const char *open = strchr (half, '{');
  const char *close = open != NULL ? strchr (open, '}') : NULL;
  g_autofree char *inside = NULL;
  g_auto (GStrv) alternatives = NULL;

  if (strcmp (text, "*") == 0)
    return TRUE;
  if (open == NULL)
    return glob_text (half, text);
  inside = g_strndup (open + 1, (gsize)(close - open - 1));
  alternatives = g_strsplit (inside, ",", -1);
  for (gsize i = 0; alternatives[i] != NULL; i++)
    {
      g_autofree char *tried =
          g_strdup_printf ("%.*s%s%s", (int)(open - half), half, alternatives[i], close + 1);

      if (half_matches (tried, text))
        return TRUE;
    }
  return FALSE;
}

static const char *
pick (GRand *rand, const char *const *from, gsize n)
{
  return from[g_rand_int_range (rand, 0, (int)n)];
}

static char *
random_half (GRand *rand, gboolean as_pattern)
{
  static const char *const pieces[] = { "a", "b", "ab",    "é",         "a",     "b",
                                        "*", "*", "{a,b}", "{ab,*a,b}", "{é,b*}" };
  GString *half = g_string_new (NULL);
  int n = g_rand_int_range (rand, 1, 5);

  for (int i = 0; i < n; i++)
    g_string_append (half, pick (rand, pieces, as_pattern ? G_N_ELEMENTS (pieces) : 6));
  if (!as_pattern && g_rand_int_range (rand, 0, 10) == 0)
    g_string_assign (half, "*");
  return g_string_free (half, FALSE);
}

static void
assert_agrees_with_plain_recursion (GRand *rand)
{
  g_autofree char *pattern_name = random_half (rand, TRUE);
  g_autofree char *pattern_action = random_half (rand, TRUE);
  g_autofree char *text = g_strdup_printf ("%s:%s", pattern_name, pattern_action);
  g_autoptr (CurrantPattern) pattern = currant_pattern_new (text, NULL);

  for (int i = 0; i < 10 && pattern != NULL; i++)
    {
      g_autofree char *name = random_half (rand, FALSE);
      g_autofree char *action = random_half (rand, FALSE);
      g_autofree char *id = g_strdup_printf ("%s:%s", name, action);
      g_autoptr (CurrantIdentifier) identifier = currant_test_identifier (id);
      gboolean wanted = half_matches (pattern_name, name) && half_matches (pattern_action, action);

      if (currant_pattern_matches (pattern, identifier) != wanted)
        g_error ("%s against %s: not %d", text, id, wanted);
    }
}

static void
test_matches_random (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();

  for (int i = 0; i < 20000; i++)
    assert_agrees_with_plain_recursion (rand);
}

/* A matcher that tries every way to split would take longer than the watchdog waits. */
static void
test_many_stars_are_cheap (void)
{
  g_autoptr (GString) glob = g_string_new (NULL);
  g_autofree char *text = g_strnfill (250, 'a');
  g_autofree char *id = g_strdup_printf ("%s:x", text);

  for (int i = 0; i < 100; i++)
    g_string_append (glob, "a*");
  g_string_append (glob, "b:x");
  g_assert_false (matches (glob->str, id));
}

static void
test_boxed (void)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a@ns:*");
  g_auto (GValue) value = G_VALUE_INIT;

  g_assert_true (G_TYPE_IS_BOXED (CURRANT_TYPE_PATTERN));
  g_value_init (&value, CURRANT_TYPE_PATTERN);
  g_value_set_boxed (&value, pattern);
  g_assert_true (g_value_get_boxed (&value) == pattern);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/pattern/canonical-text", test_canonical_text);
  currant_test_add ("/pattern/unequal", test_unequal);
  currant_test_add ("/pattern/malformed", test_malformed);
  currant_test_add ("/pattern/malformed/colon-in-braces", test_colon_in_braces);
  currant_test_add ("/pattern/malformed/length-limit", test_length_limit);
  currant_test_add ("/pattern/malformed/choices-limit", test_choices_limit);
  currant_test_add ("/pattern/matches/berrymq-five-forms", test_berrymq_five_forms);
  currant_test_add ("/pattern/matches/table", test_matches_table);
  currant_test_add ("/pattern/matches/random", test_matches_random);
  currant_test_add ("/pattern/matches/many-stars-are-cheap", test_many_stars_are_cheap);
  currant_test_add ("/pattern/boxed", test_boxed);
  return g_test_run ();
}
