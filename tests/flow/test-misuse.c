/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors of the programmer: each gives a critical that names the function, returns something
 * harmless, and leaves the bus in order. Setters of published messages are in
 * unit/test-message-settings.c.
 */
#include "config.h"

#include "currant-test.h"

static CurrantBus *
bus_new (void)
{
  return currant_bus_new ();
}

static void
do_nothing (CurrantMessage *message, gpointer data)
{
  (void)message;
  (void)data;
}

static gboolean
try_nothing (CurrantMessage *message, gpointer data, GError **error)
{
  (void)message;
  (void)data;
  (void)error;
  return TRUE;
}

static gboolean
guard_nothing (CurrantMessage *message, gpointer data)
{
  (void)message;
  (void)data;
  return TRUE;
}

/* Values. */

static void
identifier_of_null (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (currant_identifier_new (NULL, &error));
}

static void
identifier_null (void)
{
  g_assert_null (currant_identifier_get_name (NULL));
}

static void
pattern_of_null (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (currant_pattern_new (NULL, &error));
}

static void
pattern_matches_null (void)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:b");

  g_assert_false (currant_pattern_matches (pattern, NULL));
}

static void
message_without_identifier (void)
{
  g_assert_null (currant_message_new (NULL, "(i)", 1));
}

static void
message_format_is_no_tuple (void)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:b");

  g_assert_null (currant_message_new (identifier, "i", 1));
}

static void
message_format_is_unclosed (void)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:b");

  g_assert_null (currant_message_new (identifier, "(i", 1));
}

static void
message_args_are_no_tuple (void)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:b");

  g_assert_null (currant_message_new_variant (identifier, g_variant_new_int32 (1), NULL));
}

static void
message_kwargs_are_no_dictionary (void)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:b");

  g_assert_null (currant_message_new_variant (identifier, NULL, g_variant_new ("(i)", 1)));
}

static void
message_value_null (void)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:b");

  g_assert_null (currant_message_new_value (identifier, NULL));
}

static void
message_lookup_without_key (void)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:b");
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, NULL);

  g_assert_false (currant_message_lookup (message, NULL, "i", NULL));
}

static void
message_null (void)
{
  g_assert_null (currant_message_get_id (NULL));
}

static const CurrantTestMisuse of_values[] = {
  { "/misuse/identifier/of-null", identifier_of_null, "currant_identifier_new" },
  { "/misuse/identifier/null", identifier_null, "currant_identifier_get_name" },
  { "/misuse/pattern/of-null", pattern_of_null, "currant_pattern_new" },
  { "/misuse/pattern/matches-null", pattern_matches_null, "currant_pattern_matches" },
  { "/misuse/message/without-identifier", message_without_identifier, "currant_message_new" },
  { "/misuse/message/format-is-no-tuple", message_format_is_no_tuple, "tuple" },
  { "/misuse/message/format-is-unclosed", message_format_is_unclosed, "format string" },
  { "/misuse/message/args-are-no-tuple", message_args_are_no_tuple, "currant_message_new_variant" },
  { "/misuse/message/kwargs-are-no-dictionary", message_kwargs_are_no_dictionary,
    "currant_message_new_variant" },
  { "/misuse/message/value-null", message_value_null, "currant_message_new_value" },
  { "/misuse/message/lookup-without-key", message_lookup_without_key, "currant_message_lookup" },
  { "/misuse/message/null", message_null, "currant_message_get_id" },
};

/* Publishing. The bus works on afterwards. */

static void
assert_works (CurrantBus *bus)
{
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();

  currant_bus_follow (bus, "works:x", currant_test_recorder_take, recorder, NULL);
  g_assert_cmpuint (currant_bus_publish (bus, "works:x", "(i)", 1), >=, 1);
  currant_test_assert_numbers (recorder, "1");
  currant_test_assert_balance (bus);
}

static void
publish_malformed (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  currant_bus_follow (bus, "*", do_nothing, NULL, NULL);
  g_assert_cmpuint (currant_bus_publish (bus, "ab*c:d", "(i)", 1), ==, 0);
  assert_works (bus);
}

static void
publish_empty_action (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  g_assert_cmpuint (currant_bus_publish (bus, "abc:", "(i)", 1), ==, 0);
  assert_works (bus);
}

static void
publish_variant_malformed (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  g_assert_cmpuint (currant_bus_publish_variant (bus, "{a}:x", g_variant_new ("(i)", 1), NULL), ==,
                    0);
  assert_works (bus);
}

static void
publish_value_malformed (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_assert_cmpuint (currant_bus_publish_value (bus, "a:\n", &value), ==, 0);
  assert_works (bus);
}

static void
publish_error_malformed (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, 0, "x");

  g_assert_cmpuint (currant_bus_publish_error (bus, ":x", error), ==, 0);
  assert_works (bus);
}

static void
publish_without_id (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  g_assert_cmpuint (currant_bus_publish (bus, NULL, "(i)", 1), ==, 0);
  assert_works (bus);
}

static void
publish_without_bus (void)
{
  g_assert_cmpuint (currant_bus_publish (NULL, "a:x", "(i)", 1), ==, 0);
}

static void
publish_format_is_no_tuple (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  currant_bus_follow (bus, "*", do_nothing, NULL, NULL);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", "s", "x"), ==, 0);
  assert_works (bus);
}

static void
publish_value_null (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  g_assert_cmpuint (currant_bus_publish_value (bus, "a:x", NULL), ==, 0);
  assert_works (bus);
}

static void
publish_message_null (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  g_assert_cmpuint (currant_bus_publish_message (bus, NULL), ==, 0);
  assert_works (bus);
}

static void
publish_error_null (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  g_assert_cmpuint (currant_bus_publish_error (bus, "a:x", NULL), ==, 0);
  assert_works (bus);
}

static void
topic_null (void)
{
  g_assert_cmpuint (currant_topic_publish (NULL, NULL), ==, 0);
}

static void
topic_without_id (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  g_assert_null (currant_bus_get_topic (bus, NULL, NULL));
}

static const CurrantTestMisuse of_publishing[] = {
  { "/misuse/publish/malformed", publish_malformed, "ab?c:d*at byte 2" },
  { "/misuse/publish/empty-action", publish_empty_action, "abc:*at byte 4*" },
  { "/misuse/publish/variant-malformed", publish_variant_malformed, "at byte 0" },
  { "/misuse/publish/value-malformed", publish_value_malformed, "at byte 2" },
  { "/misuse/publish/error-malformed", publish_error_malformed, "at byte 0" },
  { "/misuse/publish/without-id", publish_without_id, "currant_bus_publish" },
  { "/misuse/publish/without-bus", publish_without_bus, "currant_bus_publish" },
  { "/misuse/publish/format-is-no-tuple", publish_format_is_no_tuple, "tuple" },
  { "/misuse/publish/value-null", publish_value_null, "currant_bus_publish_value" },
  { "/misuse/publish/message-null", publish_message_null, "currant_bus_publish_message" },
  { "/misuse/publish/error-null", publish_error_null, "currant_bus_publish_error" },
  { "/misuse/topic/null", topic_null, "currant_topic_publish" },
  { "/misuse/topic/without-id", topic_without_id, "currant_bus_get_topic" },
};

/* Following. */

static void
follow_malformed (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  g_assert_null (currant_bus_follow (bus, "a:{b", do_nothing, NULL, NULL));
  assert_works (bus);
}

static void
follow_without_callback (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  g_assert_null (currant_bus_follow (bus, "a:b", NULL, NULL, NULL));
  assert_works (bus);
}

static void
follow_without_pattern (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  g_assert_null (currant_bus_follow (bus, NULL, do_nothing, NULL, NULL));
  assert_works (bus);
}

static void
follow_object_null (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  g_assert_null (currant_bus_follow_object (bus, "a:b", do_nothing, NULL));
  assert_works (bus);
}

static void
follower_without_pattern (void)
{
  g_assert_null (currant_follower_new (NULL, do_nothing, NULL, NULL));
}

static void
follower_without_callback (void)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:b");

  g_assert_null (currant_follower_new (pattern, NULL, NULL, NULL));
}

static void
try_follower_without_callback (void)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:b");
  CurrantFollower *fine = currant_follower_new_try (pattern, try_nothing, NULL, NULL);

  currant_follower_unref (fine);
  g_assert_null (currant_follower_new_try (pattern, NULL, NULL, NULL));
}

static void
stop_null (void)
{
  currant_follower_stop (NULL);
}

static void
set_pattern_null (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();
  CurrantFollower *follower = currant_bus_follow (bus, "a:b", do_nothing, NULL, NULL);

  currant_follower_set_pattern (follower, NULL);
  g_assert_cmpuint (currant_bus_publish (bus, "a:b", NULL), ==, 1);
}

static void
add_twice (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("a:b", CURRANT_DELIVERY_AUTO, do_nothing, NULL);

  currant_bus_add_follower (bus, follower);
  currant_bus_add_follower (bus, follower);
  g_assert_cmpuint (currant_bus_publish (bus, "a:b", NULL), ==, 1);
  assert_works (bus);
}

static void
add_to_two_buses (void)
{
  g_autoptr (CurrantBus) one = bus_new ();
  g_autoptr (CurrantBus) two = bus_new ();
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("a:b", CURRANT_DELIVERY_AUTO, do_nothing, NULL);

  currant_bus_add_follower (one, follower);
  currant_bus_add_follower (two, follower);
  g_assert_cmpuint (currant_bus_publish (one, "a:b", NULL), ==, 1);
  g_assert_cmpuint (currant_bus_publish (two, "a:b", NULL), ==, 0);
}

/* A stopped follower has lost its data, so it cannot come back. */
static void
add_stopped (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("a:b", CURRANT_DELIVERY_AUTO, do_nothing, NULL);

  currant_bus_add_follower (bus, follower);
  currant_follower_stop (follower);
  currant_bus_add_follower (bus, follower);
  g_assert_cmpuint (currant_bus_publish (bus, "a:b", NULL), ==, 0);
}

static const CurrantTestMisuse of_following[] = {
  { "/misuse/follow/malformed", follow_malformed, "a:{b*at byte 2" },
  { "/misuse/follow/without-callback", follow_without_callback, "currant_bus_follow" },
  { "/misuse/follow/without-pattern", follow_without_pattern, "currant_bus_follow" },
  { "/misuse/follow/object-null", follow_object_null, "currant_bus_follow_object" },
  { "/misuse/follower/without-pattern", follower_without_pattern, "currant_follower_new" },
  { "/misuse/follower/without-callback", follower_without_callback, "currant_follower_new" },
  { "/misuse/follower/try-without-callback", try_follower_without_callback,
    "currant_follower_new_try" },
  { "/misuse/follower/stop-null", stop_null, "currant_follower_stop" },
  { "/misuse/follower/set-pattern-null", set_pattern_null, "currant_follower_set_pattern" },
  { "/misuse/follower/add-twice", add_twice, "currant_bus_add_follower" },
  { "/misuse/follower/add-to-two-buses", add_to_two_buses, "currant_bus_add_follower" },
  { "/misuse/follower/add-stopped", add_stopped, "currant_bus_add_follower" },
};

/* Settings of a follower that has been added already. */

static CurrantFollower *
added (CurrantBus *bus)
{
  return currant_bus_follow (bus, "a:b", do_nothing, NULL, NULL);
}

static void
late_delivery (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  currant_follower_set_delivery (added (bus), CURRANT_DELIVERY_POOL);
  assert_works (bus);
}

static void
late_context (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  currant_follower_set_context (added (bus), NULL);
  assert_works (bus);
}

static void
late_guard (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  currant_follower_set_guard (added (bus), guard_nothing, NULL, NULL);
  assert_works (bus);
}

static void
late_limit (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  currant_follower_set_limit (added (bus), 1);
  assert_works (bus);
}

static void
late_key (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  currant_follower_set_key (added (bus), 1, 1, NULL);
  assert_works (bus);
}

static void
late_slice (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  currant_follower_set_slice (added (bus), 1, NULL);
  assert_works (bus);
}

static void
late_bound (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  currant_follower_set_bound (added (bus), 1, CURRANT_OVERFLOW_FAIL);
  assert_works (bus);
}

static void
late_concurrency (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  currant_follower_set_concurrency (added (bus), 2);
  assert_works (bus);
}

static void
late_replay (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  currant_follower_set_replay (added (bus), TRUE);
  assert_works (bus);
}

static void
late_pace (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  currant_follower_set_pace (added (bus), CURRANT_PACE_DEBOUNCE, 1);
  assert_works (bus);
}

static void
no_concurrency (void)
{
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("a:b", CURRANT_DELIVERY_POOL, do_nothing, NULL);

  currant_follower_set_concurrency (follower, 0);
}

static const CurrantTestMisuse of_settings[] = {
  { "/misuse/set-after-adding/delivery", late_delivery, "currant_follower_set_delivery" },
  { "/misuse/set-after-adding/context", late_context, "currant_follower_set_context" },
  { "/misuse/set-after-adding/guard", late_guard, "currant_follower_set_guard" },
  { "/misuse/set-after-adding/limit", late_limit, "currant_follower_set_limit" },
  { "/misuse/set-after-adding/key", late_key, "currant_follower_set_key" },
  { "/misuse/set-after-adding/slice", late_slice, "currant_follower_set_slice" },
  { "/misuse/set-after-adding/bound", late_bound, "currant_follower_set_bound" },
  { "/misuse/set-after-adding/concurrency", late_concurrency, "currant_follower_set_concurrency" },
  { "/misuse/set-after-adding/replay", late_replay, "currant_follower_set_replay" },
  { "/misuse/set-after-adding/pace", late_pace, "currant_follower_set_pace" },
  { "/misuse/follower/no-concurrency", no_concurrency, "currant_follower_set_concurrency" },
};

/* Queues and classes. */

static void
queue_malformed (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  g_assert_null (currant_queue_new (bus, "a:{b", CURRANT_QUEUE_SHARED));
  assert_works (bus);
}

static void
queue_without_bus (void)
{
  g_assert_null (currant_queue_new (NULL, "a:b", CURRANT_QUEUE_SHARED));
}

static void
queue_without_pattern (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();

  g_assert_null (
      currant_queue_new_for_pattern (bus, NULL, CURRANT_QUEUE_SHARED, CURRANT_ORDERING_FIFO));
}

static void
queue_timeout (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:b", CURRANT_QUEUE_STANDALONE);

  g_assert_null (currant_queue_get (queue, -2, NULL, NULL));
}

static void
queue_foreign_result (void)
{
  g_autoptr (CurrantBus) bus = bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:b", CURRANT_QUEUE_STANDALONE);
  g_autoptr (GTask) task = g_task_new (bus, NULL, NULL, NULL);

  g_assert_null (currant_queue_get_finish (queue, G_ASYNC_RESULT (task), NULL));
}

static void
queue_null (void)
{
  g_assert_null (currant_queue_try_get (NULL));
}

static void
class_follow_malformed (void)
{
  GObjectClass *klass = g_type_class_ref (G_TYPE_SIMPLE_ACTION);

  currant_object_class_follow (klass, ":x", do_nothing);
  g_type_class_unref (klass);
}

static void
class_follow_without_callback (void)
{
  GObjectClass *klass = g_type_class_ref (G_TYPE_SIMPLE_ACTION);

  currant_object_class_follow (klass, "a:x", NULL);
  g_type_class_unref (klass);
}

static void
init_follows_without_bus (void)
{
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);

  currant_object_init_follows (object, NULL);
}

static const CurrantTestMisuse of_others[] = {
  { "/misuse/queue/malformed", queue_malformed, "a:{b*at byte 2" },
  { "/misuse/queue/without-bus", queue_without_bus, "currant_queue_new" },
  { "/misuse/queue/without-pattern", queue_without_pattern, "currant_queue_new_for_pattern" },
  { "/misuse/queue/timeout", queue_timeout, "currant_queue_get" },
  { "/misuse/queue/foreign-result", queue_foreign_result, "currant_queue_get_finish" },
  { "/misuse/queue/null", queue_null, "currant_queue_try_get" },
  { "/misuse/object/class-follow-malformed", class_follow_malformed, "at byte 0" },
  { "/misuse/object/class-follow-without-callback", class_follow_without_callback,
    "currant_object_class_follow" },
  { "/misuse/object/init-without-bus", init_follows_without_bus, "currant_object_init_follows" },
};

static void
add_all (const CurrantTestMisuse *rows, gsize n)
{
  for (gsize i = 0; i < n; i++)
    currant_test_add_misuse (&rows[i]);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  add_all (of_values, G_N_ELEMENTS (of_values));
  add_all (of_publishing, G_N_ELEMENTS (of_publishing));
  add_all (of_following, G_N_ELEMENTS (of_following));
  add_all (of_settings, G_N_ELEMENTS (of_settings));
  add_all (of_others, G_N_ELEMENTS (of_others));
  return g_test_run ();
}
