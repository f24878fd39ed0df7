/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bad text from outside, through every public way in that takes it: each class of malformed
 * identifier and pattern gives its error, with position and cause. The tables with every case are
 * in unit/test-identifier.c and unit/test-pattern.c.
 */
#include "config.h"

#include "currant-test.h"

#include <string.h>

typedef struct
{
  const char *path;
  const char *text; /* NULL for one of 256 bytes */
  const char *cause;
  int position;        /* -1: somewhere */
  gboolean identifier; /* malformed as an identifier */
  gboolean pattern;    /* malformed as a pattern */
} Class;

static const Class classes[] = {
  { "empty-text", "", "empty", 0, TRUE, TRUE },
  { "empty-name", ":run", "empty", 0, TRUE, TRUE },
  { "empty-action", "test:", "empty", 5, TRUE, TRUE },
  { "empty-namespace", "test@:run", "empty", 5, TRUE, TRUE },
  { "control-character", "te\x07st:run", "control", 2, TRUE, TRUE },
  { "newline", "test:run\n", "control", 8, TRUE, TRUE },
  { "delete", "test\x7f:run", "control", 4, TRUE, TRUE },
  { "control-character-c1", "test:r\xc2\x9bn", "control", 6, TRUE, TRUE },
  { "broken-utf8", "test:\xff", "UTF-8", 5, TRUE, TRUE },
  { "cut-off-utf8", "test:ru\xc3", "UTF-8", 7, TRUE, TRUE },
  { "256-bytes", NULL, "255", -1, TRUE, TRUE },
  { "star-inside", "te*t:run", "*", 2, TRUE, FALSE },
  { "open-brace", "test:{run", "{", 5, TRUE, TRUE },
  { "closing-brace", "test:run}", "}", 8, TRUE, TRUE },
  { "nested-braces", "test:{a,{b}}", "{", -1, TRUE, TRUE },
  { "choice", "test:{run,stop}", "{", 5, TRUE, FALSE },
};

static void
assert_told (const char *text, const GError *error, const Class *class)
{
  g_autofree char *folded = NULL;
  g_autofree char *wanted = g_ascii_strdown (class->cause, -1);
  const char *mark;

  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER);
  folded = g_ascii_strdown (error->message, -1);
  mark = strstr (error->message, "at byte ");
  if (strstr (folded, wanted) == NULL || mark == NULL)
    g_error ("%s: says neither cause nor position: %s", text, error->message);
  if (class->position >= 0)
    g_assert_cmpint ((int)g_ascii_strtoll (mark + 8, NULL, 10), ==, class->position);
}

static void
assert_identifier_refused (CurrantBus *bus, const char *text, const Class *class)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) topic_error = NULL;

  g_assert_null (currant_identifier_new (text, &error));
  assert_told (text, error, class);
  g_assert_null (currant_bus_get_topic (bus, text, &topic_error));
  assert_told (text, topic_error, class);
}

static void
test_class (gconstpointer data)
{
  const Class *class = data;
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autofree char *filler = g_strnfill (CURRANT_HALF_MAX + 1, 'x');
  g_autofree char *text =
      class->text != NULL ? g_strdup (class->text) : g_strconcat ("a:", filler, NULL);
  g_autoptr (GError) error = NULL;

  if (class->identifier)
    assert_identifier_refused (bus, text, class);
  if (class->pattern)
    {
      g_assert_null (currant_pattern_new (text, &error));
      assert_told (text, error, class);
    }
  else
    currant_pattern_unref (currant_test_pattern (text));
}

/* Text of any size is refused in time that the size justifies, and quoted within reason. */
static void
test_huge (void)
{
  static const char fillers[] = { 'x', '*', '{', '}', ',', ':', '@', '\x01', '\xff' };

  for (gsize i = 0; i < sizeof fillers; i++)
    {
      g_autofree char *text = g_strnfill (4 * 1024 * 1024, fillers[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) pattern_error = NULL;

      g_assert_null (currant_identifier_new (text, &error));
      g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER);
      g_assert_cmpuint (strlen (error->message), <, 4096);
      g_assert_null (currant_pattern_new (text, &pattern_error));
      g_assert_error (pattern_error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER);
      g_assert_cmpuint (strlen (pattern_error->message), <, 4096);
    }
}

/* Choices that would multiply beyond all bounds are refused before they are multiplied out. */
static void
test_explosive_choices (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 40; i++)
    g_string_append (text, "{a,b}");
  g_string_append (text, ":x");
  g_assert_null (currant_pattern_new (text->str, &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER);
}

static char *
random_bytes (GRand *rand)
{
  static const char likely[] = "ab:@*{},:*{},\xc3\xa9\xe2\x98\x83\xc2\x85\x01";
  gsize length = (gsize)g_rand_int_range (rand, 0, 24);
  char *text = g_malloc (length + 1);

  for (gsize i = 0; i < length; i++)
    text[i] = g_rand_int_range (rand, 0, 4) > 0
                  ? likely[g_rand_int_range (rand, 0, sizeof likely - 1)]
                  : (char)g_rand_int_range (rand, 1, 256);
  text[length] = '\0';
  return text;
}

static void
assert_pattern_holds_together (CurrantPattern *pattern)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CurrantPattern) again =
      currant_pattern_new (currant_pattern_to_string (pattern), &error);

  g_assert_no_error (error);
  g_assert_true (currant_pattern_equal (pattern, again));
  g_assert_true (currant_pattern_covers (pattern, pattern));
  g_assert_true (g_utf8_validate (currant_pattern_to_string (pattern), -1, NULL));
}

/* Anything at all: refused with the right error, or taken and sound. */
static void
test_random_bytes (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();
  guint taken = 0;

  for (int i = 0; i < 200000; i++)
    {
      g_autofree char *text = random_bytes (rand);
      g_autoptr (GError) error = NULL;
      g_autoptr (CurrantPattern) pattern = currant_pattern_new (text, &error);
      g_autoptr (CurrantIdentifier) identifier = currant_identifier_new (text, NULL);

      g_assert_cmpint (pattern != NULL, ==, error == NULL);
      if (pattern != NULL)
        assert_pattern_holds_together (pattern);
      else
        g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER);
      if (identifier != NULL)
        {
          g_assert_nonnull (pattern);
          g_assert_true (currant_pattern_matches (pattern, identifier));
          taken++;
        }
    }
  g_assert_cmpuint (taken, >, 100);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      g_autofree char *path = g_strconcat ("/bad-input/", classes[i].path, NULL);

      g_test_add_data_func (path, &classes[i], test_class);
    }
  currant_test_add ("/bad-input/huge", test_huge);
  currant_test_add ("/bad-input/explosive-choices", test_explosive_choices);
  currant_test_add ("/bad-input/random-bytes", test_random_bytes);
  return g_test_run ();
}
