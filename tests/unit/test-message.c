/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a message carries. How it is published, and what may be set, is in test-message-settings.c.
 */
#include "config.h"

#include "currant-test.h"

#include <string.h>

static CurrantIdentifier *identifier; /* "a@ns:b" */

#define ALL_TYPES "(bynqiuxtdsog)"
#define ALL_TYPES_BORROWED "(bynqiuxtd&s&o&g)"
#define ALL_VALUES                                                                                 \
  TRUE, 255, -32768, 65535, G_MININT32, G_MAXUINT32, G_MININT64, G_MAXUINT64, -0.5, "größe",       \
      "/a/b", "a{sv}"

static CurrantMessage *
all_types_new (void)
{
  return currant_message_new (identifier, ALL_TYPES, ALL_VALUES);
}

static void
assert_all_values (CurrantMessage *message)
{
  gboolean b;
  guchar y;
  gint16 n;
  guint16 q;
  int i;
  guint u;
  gint64 x;
  guint64 t;
  double d;
  g_autofree char *s = NULL, *o = NULL, *g = NULL;

  g_assert_true (
      currant_message_get (message, ALL_TYPES, &b, &y, &n, &q, &i, &u, &x, &t, &d, &s, &o, &g));
  g_assert_cmpint (b, ==, TRUE);
  g_assert_cmpuint (y, ==, 255);
  g_assert_cmpint (n, ==, -32768);
  g_assert_cmpuint (q, ==, 65535);
  g_assert_cmpint (i, ==, G_MININT32);
  g_assert_cmpuint (u, ==, G_MAXUINT32);
  g_assert_cmpint (x, ==, G_MININT64);
  g_assert_cmpuint (t, ==, G_MAXUINT64);
  g_assert_cmpfloat (d, ==, -0.5);
  g_assert_cmpstr (s, ==, "größe");
  g_assert_cmpstr (o, ==, "/a/b");
  g_assert_cmpstr (g, ==, "a{sv}");
}

static void
test_all_packed_types (void)
{
  g_autoptr (CurrantMessage) message = all_types_new ();

  assert_all_values (message);
  currant_message_get_args (message);
  assert_all_values (message);
}

static void
test_args_equal_the_variant (void)
{
  g_autoptr (CurrantMessage) message = all_types_new ();
  g_autoptr (GVariant) wanted = g_variant_ref_sink (g_variant_new (ALL_TYPES, ALL_VALUES));
  GVariant *args = currant_message_get_args (message);

  g_assert_cmpstr (g_variant_get_type_string (args), ==, g_variant_get_type_string (wanted));
  g_assert_true (g_variant_equal (args, wanted));
  g_assert_true (g_variant_is_normal_form (args));
  g_assert_true (currant_message_get_args (message) == args);
  g_assert_false (g_variant_is_floating (args));
}

/* Borrowed text lives in the message, before and after the variant is made. */
static void
test_borrowed_strings (void)
{
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(&sis)", "one", 2, "");
  const char *one, *empty, *again;
  int two;

  g_assert_true (currant_message_get (message, "(&si&s)", &one, &two, &empty));
  g_assert_true (currant_message_get (message, "(&si&s)", &again, &two, &empty));
  g_assert_true (one == again);
  currant_message_get_args (message);
  g_assert_cmpstr (one, ==, "one");
  g_assert_cmpstr (empty, ==, "");
  g_assert_cmpint (two, ==, 2);
}

/* The text is copied in: the caller may overwrite its own at once. */
static void
test_strings_are_copied (void)
{
  char text[] = "before";
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(s)", text);
  g_autofree char *got = NULL;

  memcpy (text, "AFTER!", sizeof text);
  g_assert_true (currant_message_get (message, "(s)", &got));
  g_assert_cmpstr (got, ==, "before");
}

/* Every order of widths, so that a slot read where another was written shows. */
static void
test_mixed_widths (void)
{
  static const char format[] = "(yxyqydysybyny)";
  g_autoptr (CurrantMessage) message = currant_message_new (
      identifier, format, 1, G_GINT64_CONSTANT (-2), 3, 4, 5, 6.25, 7, "8", 9, TRUE, 11, -12, 13);
  g_autoptr (GVariant) wanted = g_variant_ref_sink (g_variant_new (
      format, 1, G_GINT64_CONSTANT (-2), 3, 4, 5, 6.25, 7, "8", 9, TRUE, 11, -12, 13));

  g_assert_true (g_variant_equal (currant_message_get_args (message), wanted));
}

static void
test_types_beyond_the_packed (void)
{
  const char *const words[] = { "x", "y", NULL };
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(^asv(ii)mi)", words,
                                                            g_variant_new_int32 (7), 1, 2, TRUE, 3);
  g_autoptr (GVariant) wanted = g_variant_ref_sink (
      g_variant_new ("(^asv(ii)mi)", words, g_variant_new_int32 (7), 1, 2, TRUE, 3));
  g_auto (GStrv) strv = NULL;
  g_autoptr (GVariant) inner = NULL;
  int first, second, third;
  gboolean just;

  g_assert_true (g_variant_equal (currant_message_get_args (message), wanted));
  g_assert_true (
      currant_message_get (message, "(^asv(ii)mi)", &strv, &inner, &first, &second, &just, &third));
  g_assert_cmpstrv (strv, words);
  g_assert_cmpint (g_variant_get_int32 (inner), ==, 7);
  g_assert_cmpint (first + second + third, ==, 6);
  g_assert_true (just);
}

static void
assert_untouched_by_mismatch (CurrantMessage *message)
{
  int number = -77;
  const char *text = "untouched";
  gint64 wide = -77;

  g_assert_false (currant_message_get (message, "(ii)", &number, &number));
  g_assert_false (currant_message_get (message, "(i)", &number));
  g_assert_false (currant_message_get (message, "(isi)", &number, &text, &number));
  g_assert_false (currant_message_get (message, "(us)", &number, &text));
  g_assert_false (currant_message_get (message, "(xs)", &wide, &text));
  g_assert_false (currant_message_get (message, "(si)", &text, &number));
  g_assert_false (currant_message_get (message, "(io)", &number, &text));
  g_assert_false (currant_message_get (message, "()"));
  g_assert_cmpint (number, ==, -77);
  g_assert_cmpint (wide, ==, -77);
  g_assert_cmpstr (text, ==, "untouched");
}

static void
test_mismatch (void)
{
  g_autoptr (CurrantMessage) packed = currant_message_new (identifier, "(is)", 1, "x");
  g_autoptr (CurrantMessage) variant =
      currant_message_new_variant (identifier, g_variant_new ("(is)", 1, "x"), NULL);
  g_autoptr (CurrantMessage) made = currant_message_new (identifier, "(is)", 1, "x");

  currant_message_get_args (made);
  assert_untouched_by_mismatch (packed);
  assert_untouched_by_mismatch (variant);
  assert_untouched_by_mismatch (made);
}

static void
test_without_args (void)
{
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, NULL);
  g_autoptr (CurrantMessage) tuple = currant_message_new (identifier, "()");
  int number = -77;

  g_assert_true (currant_message_is_empty (message));
  g_assert_true (currant_message_is_empty (tuple));
  g_assert_cmpstr (g_variant_get_type_string (currant_message_get_args (message)), ==, "()");
  g_assert_cmpstr (g_variant_get_type_string (currant_message_get_args (tuple)), ==, "()");
  g_assert_true (currant_message_get (message, "()"));
  g_assert_false (currant_message_get (message, "(i)", &number));
  g_assert_cmpint (number, ==, -77);
  g_assert_null (currant_message_get_kwargs (message));
  g_assert_null (currant_message_get_value (message));
}

static void
test_names (void)
{
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(i)", 1);
  g_autoptr (CurrantIdentifier) all = currant_test_identifier ("*");
  g_autoptr (CurrantMessage) broadcast = currant_message_new (all, NULL);
  g_autoptr (CurrantIdentifier) copy = currant_message_dup_identifier (message);

  g_assert_cmpstr (currant_message_get_name (message), ==, "a");
  g_assert_cmpstr (currant_message_get_action (message), ==, "b");
  g_assert_cmpstr (currant_message_get_id (message), ==, "a:b");
  g_assert_cmpstr (currant_message_get_namespace (message), ==, "ns");
  g_assert_true (currant_identifier_equal (copy, identifier));
  g_assert_cmpstr (currant_message_get_name (broadcast), ==, "*");
  g_assert_cmpstr (currant_message_get_action (broadcast), ==, "*");
  g_assert_cmpstr (currant_message_get_id (broadcast), ==, "*:*");
  g_assert_null (currant_message_get_namespace (broadcast));
  g_assert_false (currant_message_is_empty (message));
}

static GVariant *
some_kwargs (void)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "text", "s", "hello");
  g_variant_dict_insert (&dict, "number", "i", 42);
  g_variant_dict_insert (&dict, "_args", "i", 1);
  return g_variant_dict_end (&dict);
}

static void
assert_kwargs (CurrantMessage *message)
{
  g_autofree char *owned = NULL;
  const char *borrowed = NULL;
  int number = 0;

  g_assert_true (currant_message_lookup (message, "text", "s", &owned));
  g_assert_cmpstr (owned, ==, "hello");
  g_assert_true (currant_message_lookup (message, "text", "&s", &borrowed));
  g_assert_cmpstr (borrowed, ==, "hello");
  g_assert_true (currant_message_lookup (message, "number", "i", &number));
  g_assert_cmpint (number, ==, 42);
  g_assert_true (currant_message_lookup (message, "_args", "i", &number));
  g_assert_cmpint (number, ==, 1);
  g_assert_true (currant_message_lookup (message, "number", "i", NULL));
}

static void
test_kwargs (void)
{
  g_autoptr (CurrantMessage) message =
      currant_message_new_variant (identifier, g_variant_new ("(i)", 5), some_kwargs ());
  g_autoptr (CurrantMessage) packed = currant_message_new (identifier, "(i)", 5);
  int number = -77;

  currant_message_set_kwargs (packed, some_kwargs ());
  assert_kwargs (message);
  assert_kwargs (packed);
  g_assert_false (currant_message_lookup (message, "absent", "i", &number));
  g_assert_false (currant_message_lookup (message, "number", "u", &number));
  g_assert_false (currant_message_lookup (message, "text", "i", &number));
  g_assert_cmpint (number, ==, -77);
  g_assert_true (
      g_variant_is_of_type (currant_message_get_kwargs (message), G_VARIANT_TYPE_VARDICT));
  g_assert_cmpint (currant_test_message_number (message), ==, 5);
}

static void
test_kwargs_absent (void)
{
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(i)", 5);
  int number = -77;

  g_assert_false (currant_message_lookup (message, "number", "i", &number));
  g_assert_cmpint (number, ==, -77);
  currant_message_set_kwargs (message, some_kwargs ());
  currant_message_set_kwargs (message, NULL);
  g_assert_null (currant_message_get_kwargs (message));
}

/* Floating variants are taken over; others keep their owner's reference. */
static void
test_variant_ownership (void)
{
  g_autoptr (GVariant) args = g_variant_ref_sink (g_variant_new ("(s)", "kept"));
  CurrantMessage *message = currant_message_new_variant (identifier, args, NULL);

  g_assert_true (g_variant_equal (currant_message_get_args (message), args));
  currant_message_unref (message);
  g_assert_cmpstr (g_variant_get_type_string (args), ==, "(s)");
}

static char *
many_letters (void)
{
  char *text = g_strnfill (1024 * 1024, 'x');

  text[0] = '<';
  text[1024 * 1024 - 1] = '>';
  return text;
}

static void
test_long_strings (void)
{
  g_autofree char *text = many_letters ();
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(isis)", 1, text, 2, text);
  const char *first, *second;
  int one, two;

  g_assert_true (currant_message_get (message, "(i&si&s)", &one, &first, &two, &second));
  g_assert_cmpstr (first, ==, text);
  g_assert_cmpstr (second, ==, text);
  g_assert_cmpint (one * 10 + two, ==, 12);
  g_variant_get (currant_message_get_args (message), "(i&si&s)", &one, &first, &two, &second);
  g_assert_cmpstr (second, ==, text);
}

/* More arguments than any block has room for inline. */
static void
test_many_args (void)
{
  g_autoptr (CurrantMessage) message = currant_message_new (
      identifier, "(iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii)", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
      13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
  GVariant *args = currant_message_get_args (message);

  g_assert_cmpuint (g_variant_n_children (args), ==, 32);
  for (gsize i = 0; i < 32; i++)
    {
      int number = -1;

      g_variant_get_child (args, i, "i", &number);
      g_assert_cmpint (number, ==, (int)i);
    }
}

static void
test_print (void)
{
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(is)", 42, "hello");
  g_autofree char *text = currant_message_print (message);

  g_assert_nonnull (strstr (text, "a@ns:b"));
  g_assert_nonnull (strstr (text, "42"));
  g_assert_nonnull (strstr (text, "hello"));
}

#define N_THREADS 4

/* The variant is made once, whoever asks first, and all see the same one. */
static gpointer
ask_for_args (gpointer message)
{
  return currant_message_get_args (message);
}

static void
test_args_from_many_threads (void)
{
  for (int round = 0; round < 500; round++)
    {
      g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(is)", round, "x");
      GThread *threads[N_THREADS];
      gpointer args = NULL;

      for (int i = 0; i < N_THREADS; i++)
        threads[i] = g_thread_new ("asks", ask_for_args, message);
      for (int i = 0; i < N_THREADS; i++)
        {
          gpointer seen = g_thread_join (threads[i]);

          g_assert_nonnull (seen);
          g_assert_true (args == NULL || args == seen);
          args = seen;
        }
    }
}

static gpointer
ref_and_unref (gpointer message)
{
  for (int i = 0; i < 50000; i++)
    {
      currant_message_unref (currant_message_ref (message));
      g_assert_nonnull (currant_message_get_id (message));
    }
  currant_message_unref (message);
  return NULL;
}

/* The last of them frees the message, and what it carries, once. */
static void
test_references_from_many_threads (void)
{
  GThread *threads[N_THREADS];
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  g_auto (GValue) value = G_VALUE_INIT;
  CurrantMessage *message;

  g_object_add_weak_pointer (object, (gpointer *)&object);
  g_value_init (&value, G_TYPE_OBJECT);
  g_value_take_object (&value, object);
  message = currant_message_new_value (identifier, &value);
  g_value_unset (&value);
  for (int i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("refs", ref_and_unref, currant_message_ref (message));
  currant_message_unref (message);
  for (int i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_null (object);
}

static void
test_boxed (void)
{
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(i)", 1);
  g_auto (GValue) value = G_VALUE_INIT;

  g_assert_true (G_TYPE_IS_BOXED (CURRANT_TYPE_MESSAGE));
  g_value_init (&value, CURRANT_TYPE_MESSAGE);
  g_value_set_boxed (&value, message);
  g_assert_true (g_value_get_boxed (&value) == message);
}

int
main (int argc, char **argv)
{
  int status;

  currant_test_init (&argc, &argv);
  identifier = currant_test_identifier ("a@ns:b");
  currant_test_add ("/message/all-packed-types", test_all_packed_types);
  currant_test_add ("/message/args-equal-the-variant", test_args_equal_the_variant);
  currant_test_add ("/message/borrowed-strings", test_borrowed_strings);
  currant_test_add ("/message/strings-are-copied", test_strings_are_copied);
  currant_test_add ("/message/mixed-widths", test_mixed_widths);
  currant_test_add ("/message/types-beyond-the-packed", test_types_beyond_the_packed);
  currant_test_add ("/message/mismatch", test_mismatch);
  currant_test_add ("/message/without-args", test_without_args);
  currant_test_add ("/message/names", test_names);
  currant_test_add ("/message/kwargs", test_kwargs);
  currant_test_add ("/message/kwargs-absent", test_kwargs_absent);
  currant_test_add ("/message/variant-ownership", test_variant_ownership);
  currant_test_add ("/message/long-strings", test_long_strings);
  currant_test_add ("/message/many-args", test_many_args);
  currant_test_add ("/message/print", test_print);
  currant_test_add ("/message/args-from-many-threads", test_args_from_many_threads);
  currant_test_add ("/message/references-from-many-threads", test_references_from_many_threads);
  currant_test_add ("/message/boxed", test_boxed);
  status = g_test_run ();
  currant_identifier_unref (identifier);
  return status;
}
