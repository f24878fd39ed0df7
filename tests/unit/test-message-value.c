/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A GValue as payload: nothing is serialised, and what has a GVariant form can still be read so. */
#include "config.h"

#include "currant-test.h"

static CurrantMessage *
message_new (GValue *value)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:b");
  CurrantMessage *message = currant_message_new_value (identifier, value);

  g_value_unset (value);
  return message;
}

static CurrantMessage *
int_message_new (int number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, number);
  return message_new (&value);
}

static void
test_int (void)
{
  g_autoptr (CurrantMessage) message = int_message_new (-5);
  const GValue *value = currant_message_get_value (message);

  g_assert_true (G_VALUE_HOLDS_INT (value));
  g_assert_cmpint (g_value_get_int (value), ==, -5);
  g_assert_cmpint (currant_test_message_number (message), ==, -5);
  g_assert_cmpstr (g_variant_get_type_string (currant_message_get_args (message)), ==, "(i)");
  g_assert_false (currant_message_is_empty (message));
}

static void
assert_args (GValue *value, const char *text)
{
  g_autoptr (CurrantMessage) message = message_new (value);
  g_autofree char *printed = g_variant_print (currant_message_get_args (message), TRUE);

  g_assert_cmpstr (printed, ==, text);
}

/* Every fundamental that has a GVariant form gives a tuple of one. */
static void
test_scalars_have_args (void)
{
  GValue value = G_VALUE_INIT;

  g_value_set_boolean (g_value_init (&value, G_TYPE_BOOLEAN), TRUE);
  assert_args (&value, "(true,)");
  g_value_set_uchar (g_value_init (&value, G_TYPE_UCHAR), 7);
  assert_args (&value, "(byte 0x07,)");
  g_value_set_uint (g_value_init (&value, G_TYPE_UINT), 7);
  assert_args (&value, "(uint32 7,)");
  g_value_set_int64 (g_value_init (&value, G_TYPE_INT64), -7);
  assert_args (&value, "(int64 -7,)");
  g_value_set_uint64 (g_value_init (&value, G_TYPE_UINT64), 7);
  assert_args (&value, "(uint64 7,)");
  g_value_set_double (g_value_init (&value, G_TYPE_DOUBLE), 0.5);
  assert_args (&value, "(0.5,)");
  g_value_set_string (g_value_init (&value, G_TYPE_STRING), "hé");
  assert_args (&value, "('hé',)");
}

static void
test_string_is_copied (void)
{
  GValue value = G_VALUE_INIT;
  char text[] = "before";
  g_autoptr (CurrantMessage) message = NULL;

  g_value_set_static_string (g_value_init (&value, G_TYPE_STRING), "static");
  g_value_set_string (&value, text);
  text[0] = 'X';
  message = message_new (&value);
  g_assert_cmpstr (g_value_get_string (currant_message_get_value (message)), ==, "before");
}

static void
test_object (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GValue value = G_VALUE_INIT;
  CurrantMessage *message;

  g_object_add_weak_pointer (object, (gpointer *)&object);
  g_value_take_object (g_value_init (&value, G_TYPE_OBJECT), object);
  message = message_new (&value);
  g_assert_nonnull (object);
  g_assert_true (g_value_get_object (currant_message_get_value (message)) == object);
  g_assert_null (currant_message_get_args (message));
  g_assert_false (currant_message_get (message, "(s)", NULL));
  g_assert_false (currant_message_is_empty (message));
  currant_message_unref (message);
  g_assert_null (object);
}

static void
test_boxed_payload (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("abc", 3);
  GValue value = G_VALUE_INIT;
  g_autoptr (CurrantMessage) message = NULL;

  g_value_set_boxed (g_value_init (&value, G_TYPE_BYTES), bytes);
  message = message_new (&value);
  g_assert_true (g_bytes_equal (g_value_get_boxed (currant_message_get_value (message)), bytes));
}

static void
take_value (CurrantMessage *message, gpointer user_data)
{
  *(GObject **)user_data = g_value_get_object (currant_message_get_value (message));
}

/* Every receiver gets the object itself, not a copy. */
static void
test_object_through_the_bus (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:b", CURRANT_QUEUE_STANDALONE);
  g_auto (GValue) value = G_VALUE_INIT;
  GObject *seen = NULL;
  CurrantMessage *message;

  currant_bus_follow (bus, "a:b", take_value, &seen, NULL);
  g_value_set_object (g_value_init (&value, G_TYPE_OBJECT), object);
  g_assert_cmpuint (currant_bus_publish_value (bus, "a:b", &value), ==, 2);
  g_assert_true (seen == object);
  message = currant_queue_try_get (queue);
  g_assert_true (g_value_get_object (currant_message_get_value (message)) == object);
  g_assert_cmpuint (object->ref_count, ==, 3);
  currant_message_unref (message);
  g_assert_cmpuint (object->ref_count, ==, 2);
}

static void
test_kwargs_beside_a_value (void)
{
  g_autoptr (CurrantMessage) message = int_message_new (3);
  int number = 0;

  currant_message_set_kwargs (message, g_variant_new_parsed ("{'n': <4>}"));
  g_assert_true (currant_message_lookup (message, "n", "i", &number));
  g_assert_cmpint (number, ==, 4);
  g_assert_cmpint (currant_test_message_number (message), ==, 3);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/message/value/int", test_int);
  currant_test_add ("/message/value/scalars-have-args", test_scalars_have_args);
  currant_test_add ("/message/value/string-is-copied", test_string_is_copied);
  currant_test_add ("/message/value/object", test_object);
  currant_test_add ("/message/value/boxed", test_boxed_payload);
  currant_test_add ("/message/value/object-through-the-bus", test_object_through_the_bus);
  currant_test_add ("/message/value/kwargs-beside-a-value", test_kwargs_beside_a_value);
  return g_test_run ();
}
