/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-test.h"

#include <string.h>

typedef struct
{
  const char *text;
  const char *name;
  const char *action;
  const char *name_space;
  const char *id;
  const char *canonical;
  gboolean broadcast;
  gboolean local;
} Valid;

static const Valid valid[] = {
  { "test:run", "test", "run", NULL, "test:run", "test:run", FALSE, FALSE },
  { "a:b:c", "a:b", "c", NULL, "a:b:c", "a:b:c", FALSE, FALSE },
  { "log", "log", "*", NULL, "log:*", "log:*", TRUE, FALSE },
  { "log:*", "log", "*", NULL, "log:*", "log:*", TRUE, FALSE },
  { "*", "*", "*", NULL, "*:*", "*:*", TRUE, FALSE },
  { "*:test", "*", "test", NULL, "*:test", "*:test", TRUE, FALSE },
  { "a@ns:x", "a", "x", "ns", "a:x", "a@ns:x", FALSE, FALSE },
  { "a@ns", "a", "*", "ns", "a:*", "a@ns:*", TRUE, FALSE },
  { "*@ns:x", "*", "x", "ns", "*:x", "*@ns:x", TRUE, FALSE },
  { "a@b@ns:x", "a@b", "x", "ns", "a@b:x", "a@b@ns:x", FALSE, FALSE },
  { "a:b@ns:c", "a:b", "c", "ns", "a:b:c", "a:b@ns:c", FALSE, FALSE },
  { "a:b@c", "a", "b@c", NULL, "a:b@c", "a:b@c", FALSE, FALSE },
  { "größe:änderung", "größe", "änderung", NULL, "größe:änderung", "größe:änderung", FALSE, FALSE },
  { "a b:c d", "a b", "c d", NULL, "a b:c d", "a b:c d", FALSE, FALSE },
  { "Test:Run", "Test", "Run", NULL, "Test:Run", "Test:Run", FALSE, FALSE },
  { "a,b:c", "a,b", "c", NULL, "a,b:c", "a,b:c", FALSE, FALSE },
  { "_x:y", "_x", "y", NULL, "_x:y", "_x:y", FALSE, TRUE },
  { "_x@ns:y", "_x", "y", "ns", "_x:y", "_x@ns:y", FALSE, TRUE },
  { "x_:_y", "x_", "_y", NULL, "x_:_y", "x_:_y", FALSE, FALSE },
  { "a@_ns:y", "a", "y", "_ns", "a:y", "a@_ns:y", FALSE, FALSE },
  { "currant:dropped", "currant", "dropped", NULL, "currant:dropped", "currant:dropped", FALSE,
    TRUE },
  { "currants:x", "currants", "x", NULL, "currants:x", "currants:x", FALSE, FALSE },
};

static void
assert_valid (const Valid *row)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier (row->text);

  g_assert_cmpstr (currant_identifier_get_name (identifier), ==, row->name);
  g_assert_cmpstr (currant_identifier_get_action (identifier), ==, row->action);
  g_assert_cmpstr (currant_identifier_get_namespace (identifier), ==, row->name_space);
  g_assert_cmpstr (currant_identifier_get_id (identifier), ==, row->id);
  g_assert_cmpstr (currant_identifier_to_string (identifier), ==, row->canonical);
  g_assert_cmpint (currant_identifier_is_broadcast (identifier), ==, row->broadcast);
  g_assert_cmpint (currant_identifier_is_local (identifier), ==, row->local);
}

static void
test_parts (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (valid); i++)
    assert_valid (&valid[i]);
}

#define ANYWHERE -1

typedef struct
{
  const char *text;
  int position;      /* the byte that the message has to name */
  const char *cause; /* a word that it has to say, whatever the case */
} Malformed;

static const Malformed empty_halves[] = {
  { "", 0, "empty" },      { ":", 0, "empty" },        { ":b", 0, "empty" },
  { "a:", 2, "empty" },    { "a:b:", 4, "empty" },     { "@ns:x", 0, "empty" },
  { "a@:x", 2, "empty" },  { "@", ANYWHERE, "empty" }, { "@:", ANYWHERE, "empty" },
  { "a@ns:", 5, "empty" }, { "a@", 2, "empty" },
};

static const Malformed control_characters[] = {
  { "a\nb:c", 1, "control" },       { "a:b\x1f", 3, "control" },
  { "a:\tb", 2, "control" },        { "\x01:b", 0, "control" },
  { "a\x7f:b", 1, "control" },      { "a@n\rs:b", 3, "control" },
  { "a\xc2\x80:b", 1, "control" },  { "a\xc2\x85:b", 1, "control" },
  { "ab:c\xc2\x9f", 4, "control" }, { "\xc3\xa9\x1b:x", 2, "control" },
  { "a:b\n", 3, "control" },
};

static const Malformed broken_utf8[] = {
  { "a\xff:x", 1, "UTF-8" },
  { "a:\xe2\x82", 2, "UTF-8" },
  { "\xc0\xaf:x", 0, "UTF-8" },
  { "ab\xed\xa0\x80:x", 2, "UTF-8" },
  { "a\x80:x", 1, "UTF-8" },
  { "a@\xfe:x", 2, "UTF-8" },
  { "a:\xf4\x90\x80\x80", 2, "UTF-8" },
  { "\xc3\xa9\xc3:x", 2, "UTF-8" },
};

static const Malformed wildcards[] = {
  { "a*b:c", 1, "*" },       { "a:b*", 3, "*" },        { "*a:c", 0, "*" },   { "a:*b", 2, "*" },
  { "**:x", ANYWHERE, "*" }, { "a:**", ANYWHERE, "*" }, { "a@n*:x", 3, "*" }, { "a@*:x", 2, "*" },
  { "a:b:c*d", 5, "*" },     { "{a}:x", 0, "{" },       { "a}:x", 1, "}" },   { "a:{b,c}", 2, "{" },
  { "a:b{", 3, "{" },        { "a@{n}:x", 2, "{" },
};

static int
get_position (const char *message)
{
  const char *mark = strstr (message, "at byte ");

  if (mark == NULL)
    g_error ("no position in: %s", message);
  g_assert_true (g_ascii_isdigit (mark[strlen ("at byte ")]));
  return (int)g_ascii_strtoull (mark + strlen ("at byte "), NULL, 10);
}

static void
assert_says (const char *message, const char *cause)
{
  g_autofree char *folded = g_ascii_strdown (message, -1);
  g_autofree char *wanted = g_ascii_strdown (cause, -1);

  if (strstr (folded, wanted) == NULL)
    g_error ("\"%s\" is not in: %s", cause, message);
}

static void
assert_malformed (const char *text, int position, const char *cause)
{
  g_autoptr (GError) error = NULL;
  CurrantIdentifier *identifier = currant_identifier_new (text, &error);

  if (identifier != NULL)
    g_error ("taken as well-formed: %s", text);
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  assert_says (error->message, cause);
  if (position != ANYWHERE)
    g_assert_cmpint (get_position (error->message), ==, position);
  else
    get_position (error->message);
  g_assert_null (currant_identifier_new (text, NULL));
}

static void
assert_all_malformed (const Malformed *rows, gsize n)
{
  for (gsize i = 0; i < n; i++)
    assert_malformed (rows[i].text, rows[i].position, rows[i].cause);
}

static void
test_empty_halves (void)
{
  assert_all_malformed (empty_halves, G_N_ELEMENTS (empty_halves));
}

static void
test_control_characters (void)
{
  assert_all_malformed (control_characters, G_N_ELEMENTS (control_characters));
}

/* Every control character, and not one more: the neighbours of the ranges are fine. */
static void
test_each_code_point_below_256 (void)
{
  for (gunichar c = 1; c < 256; c++)
    {
      char letter[7] = "";
      gboolean refused = c < 0x20 || (c >= 0x7f && c < 0xa0) || strchr ("*{}", (int)c) != NULL;
      g_autoptr (CurrantIdentifier) identifier = NULL;
      g_autofree char *text = NULL;

      letter[g_unichar_to_utf8 (c, letter)] = '\0';
      text = g_strconcat ("x", letter, "y:z", NULL);
      identifier = currant_identifier_new (text, NULL);
      g_assert_cmpint (identifier == NULL, ==, refused);
    }
}

static void
test_broken_utf8 (void)
{
  assert_all_malformed (broken_utf8, G_N_ELEMENTS (broken_utf8));
}

static void
test_wildcards_inside (void)
{
  assert_all_malformed (wildcards, G_N_ELEMENTS (wildcards));
}

/* Each half may have 255 bytes (bytes, not characters) and not 256. */
static void
assert_length_limit (const char *before, const char *unit, const char *after)
{
  gsize most = CURRANT_HALF_MAX / strlen (unit);

  for (gsize n = most; n <= most + 1; n++)
    {
      g_autoptr (GString) text = g_string_new (before);

      for (gsize i = 0; i < n; i++)
        g_string_append (text, unit);
      g_string_append (text, after);
      if (n > most)
        assert_malformed (text->str, ANYWHERE, "255");
      else
        currant_identifier_unref (currant_test_identifier (text->str));
    }
}

static void
test_length_limit (void)
{
  assert_length_limit ("", "a", ":x");
  assert_length_limit ("x:", "a", "");
  assert_length_limit ("x@", "a", ":x");
  assert_length_limit ("", "a", "");
  assert_length_limit ("", "é", ":x");
  assert_length_limit ("x:", "☃", "");
  g_assert_cmpint (CURRANT_HALF_MAX, ==, 255);
}

static void
test_equal_and_hash (void)
{
  g_autoptr (CurrantIdentifier) a = currant_test_identifier ("log");
  g_autoptr (CurrantIdentifier) same = currant_test_identifier ("log:*");
  g_autoptr (CurrantIdentifier) elsewhere = currant_test_identifier ("log@ns:*");
  g_autoptr (CurrantIdentifier) other = currant_test_identifier ("log:x");
  g_autoptr (CurrantIdentifier) case_differs = currant_test_identifier ("Log:*");

  g_assert_true (currant_identifier_equal (a, a));
  g_assert_true (currant_identifier_equal (a, same));
  g_assert_cmpuint (currant_identifier_hash (a), ==, currant_identifier_hash (same));
  g_assert_false (currant_identifier_equal (a, elsewhere));
  g_assert_false (currant_identifier_equal (a, other));
  g_assert_false (currant_identifier_equal (a, case_differs));
}

/* The halves do not run into each other: the same text, split elsewhere, is another identifier. */
static void
test_split_matters_for_equality (void)
{
  g_autoptr (CurrantIdentifier) name_has_at = currant_test_identifier ("a@b@c:x");
  g_autoptr (CurrantIdentifier) action_has_at = currant_test_identifier ("a:b@c");
  g_autoptr (CurrantIdentifier) with_namespace = currant_test_identifier ("a@c:b");

  g_assert_false (currant_identifier_equal (action_has_at, with_namespace));
  g_assert_false (currant_identifier_equal (name_has_at, with_namespace));
}

static void
test_boxed (void)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a@ns:b");
  g_auto (GValue) value = G_VALUE_INIT;

  g_assert_true (G_TYPE_IS_BOXED (CURRANT_TYPE_IDENTIFIER));
  g_value_init (&value, CURRANT_TYPE_IDENTIFIER);
  g_value_set_boxed (&value, identifier);
  g_assert_true (g_value_get_boxed (&value) == identifier);
  g_assert_true (currant_identifier_ref (identifier) == identifier);
  currant_identifier_unref (identifier);
}

static char *
random_text (GRand *rand)
{
  static const char *const pieces[] = { "a", "b",  ":",    "@", "*",        "{", "}", ",",
                                        "é", "\n", "\xff", "_", "\xc2\x85", ":", "a", "x" };
  GString *text = g_string_new (NULL);
  int n = g_rand_int_range (rand, 0, 8);

  for (int i = 0; i < n; i++)
    g_string_append (text, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))]);
  return g_string_free (text, FALSE);
}

static void
assert_canonical_text_is_stable (CurrantIdentifier *identifier)
{
  const char *text = currant_identifier_to_string (identifier);
  g_autoptr (CurrantIdentifier) again = currant_test_identifier (text);

  g_assert_true (currant_identifier_equal (identifier, again));
  g_assert_cmpstr (currant_identifier_to_string (again), ==, text);
  g_assert_cmpstr (currant_identifier_get_name (again), ==,
                   currant_identifier_get_name (identifier));
  g_assert_cmpstr (currant_identifier_get_namespace (again), ==,
                   currant_identifier_get_namespace (identifier));
}

/* Whatever comes in is either refused with the right error or has halves that hold together. */
static void
test_random_texts (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();

  for (int i = 0; i < 200000; i++)
    {
      g_autofree char *text = random_text (rand);
      g_autoptr (GError) error = NULL;
      g_autoptr (CurrantIdentifier) identifier = currant_identifier_new (text, &error);

      g_assert_cmpint (identifier != NULL, ==, error == NULL);
      if (identifier != NULL)
        {
          assert_canonical_text_is_stable (identifier);
          continue;
        }
      g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER);
      g_assert_cmpint (get_position (error->message), <=, (int)strlen (text));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/identifier/parts", test_parts);
  currant_test_add ("/identifier/malformed/empty-halves", test_empty_halves);
  currant_test_add ("/identifier/malformed/control-characters", test_control_characters);
  currant_test_add ("/identifier/malformed/each-code-point-below-256",
                    test_each_code_point_below_256);
  currant_test_add ("/identifier/malformed/broken-utf8", test_broken_utf8);
  currant_test_add ("/identifier/malformed/wildcards-inside", test_wildcards_inside);
  currant_test_add ("/identifier/malformed/length-limit", test_length_limit);
  currant_test_add ("/identifier/equal-and-hash", test_equal_and_hash);
  currant_test_add ("/identifier/split-matters-for-equality", test_split_matters_for_equality);
  currant_test_add ("/identifier/boxed", test_boxed);
  currant_test_add ("/identifier/random-texts", test_random_texts);
  return g_test_run ();
}
