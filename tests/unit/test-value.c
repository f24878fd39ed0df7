/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GValues: copies, and their form as a GVariant. */
#include "config.h"

#include "currant-test.h"
#include "currant-value-private.h"

#include <string.h>

/* Numbers are copied as they are; enumerations and flags, which are of types of their own, are not
 * taken for numbers. */
static void
test_plain (void)
{
  static const GType plain[] = { G_TYPE_CHAR,   G_TYPE_UCHAR, G_TYPE_BOOLEAN, G_TYPE_INT,
                                 G_TYPE_UINT,   G_TYPE_LONG,  G_TYPE_ULONG,   G_TYPE_INT64,
                                 G_TYPE_UINT64, G_TYPE_FLOAT, G_TYPE_DOUBLE };
  const GType others[] = { G_TYPE_STRING,        G_TYPE_OBJECT,
                           G_TYPE_VARIANT,       G_TYPE_STRV,
                           G_TYPE_BYTES,         G_TYPE_GTYPE,
                           CURRANT_TYPE_MESSAGE, CURRANT_TYPE_DELIVERY,
                           G_TYPE_POINTER,       CURRANT_TYPE_PUBLISH_FLAGS,
                           G_TYPE_PARAM };

  for (gsize i = 0; i < G_N_ELEMENTS (plain); i++)
    {
      GValue value = G_VALUE_INIT;

      g_assert_true (currant_value_is_plain (g_value_init (&value, plain[i])));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      GValue value = G_VALUE_INIT;

      g_assert_false (currant_value_is_plain (g_value_init (&value, others[i])));
      g_value_unset (&value);
    }
}

/* The copy's memory holds anything before. */
static GValue
copy (const GValue *from)
{
  GValue to;

  memset (&to, 0xa5, sizeof to);
  currant_value_copy (from, &to);
  return to;
}

static void
test_copy_number (void)
{
  GValue from = G_VALUE_INIT, to;

  g_value_init (&from, G_TYPE_INT64);
  g_value_set_int64 (&from, G_MININT64);
  to = copy (&from);
  g_assert_true (G_VALUE_HOLDS_INT64 (&to));
  g_assert_cmpint (g_value_get_int64 (&to), ==, G_MININT64);
  currant_value_clear (&to);
}

/* A string is the copy's own. */
static void
test_copy_string (void)
{
  GValue from = G_VALUE_INIT, to;

  g_value_init (&from, G_TYPE_STRING);
  g_value_set_string (&from, "text");
  to = copy (&from);
  g_assert_true (g_value_get_string (&to) != g_value_get_string (&from));
  g_value_unset (&from);
  g_assert_cmpstr (g_value_get_string (&to), ==, "text");
  currant_value_clear (&to);
}

/* An object is kept by the copy, until that is cleared. */
static void
test_copy_object (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GValue from = G_VALUE_INIT, to;

  g_object_add_weak_pointer (object, (gpointer *)&object);
  g_value_init (&from, G_TYPE_OBJECT);
  g_value_take_object (&from, object);
  to = copy (&from);
  g_value_unset (&from);
  g_assert_nonnull (object);
  g_assert_true (g_value_get_object (&to) == object);
  currant_value_clear (&to);
  g_assert_null (object);
}

/* As variants. */

static void
assert_variant (GValue *value, const char *text)
{
  g_autoptr (GVariant) variant = currant_value_to_variant (value);
  g_autofree char *printed = NULL;

  if (text == NULL)
    g_assert_null (variant);
  else
    {
      g_assert_nonnull (variant);
      g_variant_ref_sink (variant);
      printed = g_variant_print (variant, TRUE);
      g_assert_cmpstr (printed, ==, text);
    }
  g_value_unset (value);
}

#define assert_value(type, set, what, text)                                                        \
  G_STMT_START                                                                                     \
  {                                                                                                \
    GValue value_ = G_VALUE_INIT;                                                                  \
    g_value_init (&value_, type);                                                                  \
    set (&value_, what);                                                                           \
    assert_variant (&value_, text);                                                                \
  }                                                                                                \
  G_STMT_END

static void
test_numbers (void)
{
  assert_value (G_TYPE_BOOLEAN, g_value_set_boolean, TRUE, "(true,)");
  assert_value (G_TYPE_CHAR, g_value_set_schar, -128, "(int16 -128,)");
  assert_value (G_TYPE_UCHAR, g_value_set_uchar, 255, "(byte 0xff,)");
  assert_value (G_TYPE_INT, g_value_set_int, G_MININT, "(-2147483648,)");
  assert_value (G_TYPE_UINT, g_value_set_uint, G_MAXUINT, "(uint32 4294967295,)");
  assert_value (G_TYPE_LONG, g_value_set_long, -7, "(int64 -7,)");
  assert_value (G_TYPE_ULONG, g_value_set_ulong, 7, "(uint64 7,)");
  assert_value (G_TYPE_INT64, g_value_set_int64, G_MAXINT64, "(int64 9223372036854775807,)");
  assert_value (G_TYPE_UINT64, g_value_set_uint64, G_MAXUINT64, "(uint64 18446744073709551615,)");
  assert_value (G_TYPE_FLOAT, g_value_set_float, 0.5f, "(0.5,)");
  assert_value (G_TYPE_DOUBLE, g_value_set_double, -2.25, "(-2.25,)");
  assert_value (CURRANT_TYPE_DELIVERY, g_value_set_enum, CURRANT_DELIVERY_POOL, "(3,)");
  assert_value (CURRANT_TYPE_PUBLISH_FLAGS, g_value_set_flags, CURRANT_PUBLISH_RETAIN,
                "(uint32 1,)");
}

static void
test_texts (void)
{
  static const char *const words[] = { "a", "größe", NULL };
  static const char *const none[] = { NULL };
  static const char *const broken[] = { "a", "\xff", NULL };

  assert_value (G_TYPE_STRING, g_value_set_string, "größe", "('größe',)");
  assert_value (G_TYPE_STRING, g_value_set_string, "", "('',)");
  assert_value (G_TYPE_STRING, g_value_set_string, "\xff", NULL);
  assert_value (G_TYPE_STRING, g_value_set_string, NULL, NULL);
  assert_value (G_TYPE_STRV, g_value_set_boxed, words, "(['a', 'größe'],)");
  assert_value (G_TYPE_STRV, g_value_set_boxed, none, "(@as [],)");
  assert_value (G_TYPE_STRV, g_value_set_boxed, broken, NULL);
  assert_value (G_TYPE_STRV, g_value_set_boxed, NULL, "(@as [],)");
}

static void
test_others (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\0\xff", 2);
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new ("(is)", 1, "a"));
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);

  assert_value (G_TYPE_BYTES, g_value_set_boxed, bytes, "([byte 0x00, 0xff],)");
  assert_value (G_TYPE_BYTES, g_value_set_boxed, NULL, NULL);
  assert_value (G_TYPE_VARIANT, g_value_set_variant, variant, "((1, 'a'),)");
  assert_value (G_TYPE_VARIANT, g_value_set_variant, NULL, NULL);
  assert_value (G_TYPE_OBJECT, g_value_set_object, object, NULL);
  assert_value (G_TYPE_POINTER, g_value_set_pointer, object, NULL);
}

/* What is made of a value keeps nothing of it, and takes nothing away. */
static void
test_variant_is_shared (void)
{
  GVariant *variant = g_variant_ref_sink (g_variant_new_string ("a"));
  GValue value = G_VALUE_INIT;
  GVariant *made;

  g_value_init (&value, G_TYPE_VARIANT);
  g_value_set_variant (&value, variant);
  made = g_variant_ref_sink (currant_value_to_variant (&value));
  g_variant_unref (made);
  g_assert_true (g_value_get_variant (&value) == variant);
  g_assert_cmpstr (g_variant_get_string (variant, NULL), ==, "a");
  g_value_unset (&value);
  g_variant_unref (variant);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/value/plain", test_plain);
  currant_test_add ("/value/copy/number", test_copy_number);
  currant_test_add ("/value/copy/string", test_copy_string);
  currant_test_add ("/value/copy/object", test_copy_object);
  currant_test_add ("/value/as-variant/numbers", test_numbers);
  currant_test_add ("/value/as-variant/texts", test_texts);
  currant_test_add ("/value/as-variant/others", test_others);
  currant_test_add ("/value/as-variant/is-shared", test_variant_is_shared);
  return g_test_run ();
}
