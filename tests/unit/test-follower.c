/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Followers and their settings. Slices, paces, retained messages and owners have own files. */
#include "config.h"

#include "currant-test.h"

static void
publish_numbers (CurrantBus *bus, int first, int last)
{
  for (int i = first; i <= last; i++)
    currant_bus_publish (bus, "a:x", "(i)", i);
}

static void
publish_with_key (CurrantBus *bus, int number, guint64 key)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:x");
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(i)", number);

  currant_message_set_key (message, key);
  currant_bus_publish_message (bus, message);
}

/* Adds a follower that was made for this, and gives up the reference to it. */
static CurrantFollower *
add (CurrantBus *bus, CurrantFollower *follower)
{
  currant_bus_add_follower (bus, follower);
  currant_follower_unref (follower);
  return follower;
}

static void
count_call (CurrantMessage *message, gpointer user_data)
{
  (void)message;
  g_atomic_int_inc ((int *)user_data);
}

static void
count_destroy (gpointer user_data)
{
  g_atomic_int_inc ((int *)user_data);
}

static void
test_follow (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantFollower *follower =
      currant_bus_follow (bus, "*:log", currant_test_recorder_take, recorder, NULL);

  g_assert_true (currant_follower_is_active (follower));
  g_assert_cmpuint (currant_bus_publish (bus, "a:log", "(s)", "x"), ==, 1);
  g_assert_cmpuint (currant_bus_publish (bus, "a:other", NULL), ==, 0);
  g_assert_cmpuint (currant_bus_publish (bus, "a@ns:log", NULL), ==, 0);
  g_assert_cmpuint (currant_bus_publish (bus, "*:log", NULL), ==, 1);
  currant_test_assert_ids (recorder, "a:log *:log");
  currant_follower_stop (follower);
  g_assert_cmpuint (currant_bus_publish (bus, "a:log", NULL), ==, 0);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 2);
}

/* The same callback followed twice is called twice. */
static void
test_follow_twice (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls = 0;

  currant_bus_follow (bus, "a:x", count_call, &calls, NULL);
  currant_bus_follow (bus, "a:x", count_call, &calls, NULL);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 2);
  g_assert_cmpint (calls, ==, 2);
}

static void
test_stop_is_idempotent (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls = 0;
  CurrantFollower *follower = currant_bus_follow (bus, "a:x", count_call, &calls, count_destroy);

  currant_follower_ref (follower);
  currant_follower_stop (follower);
  g_assert_cmpint (calls, ==, 1);
  currant_follower_stop (follower);
  g_assert_false (currant_follower_is_active (follower));
  g_assert_cmpint (calls, ==, 1);
  currant_follower_unref (follower);
  g_assert_cmpint (calls, ==, 1);
  g_assert_cmpuint (currant_test_stat_now (bus, "followers"), ==, 0);
}

/* One that was never added lets go of its data with its last reference. */
static void
test_never_added (void)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:x");
  int destroyed = 0;
  CurrantFollower *follower = currant_follower_new (pattern, count_call, &destroyed, count_destroy);

  g_assert_false (currant_follower_is_active (follower));
  g_assert_cmpuint (currant_follower_get_pending (follower), ==, 0);
  currant_follower_unref (follower);
  g_assert_cmpint (destroyed, ==, 1);
}

static void
test_stopped_before_it_is_added (void)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:x");
  int destroyed = 0;
  CurrantFollower *follower = currant_follower_new (pattern, count_call, &destroyed, count_destroy);

  currant_follower_stop (follower);
  currant_follower_unref (follower);
  g_assert_cmpint (destroyed, ==, 1);
}

static gboolean
number_is_even (CurrantMessage *message, gpointer user_data)
{
  (*(int *)user_data)++;
  return currant_test_message_number (message) % 2 == 0;
}

static void
test_guard (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantFollower *follower = currant_test_follower_new ("a:x", CURRANT_DELIVERY_AUTO,
                                                         currant_test_recorder_take, recorder);
  int asked = 0;

  currant_follower_set_guard (follower, number_is_even, &asked, count_destroy);
  add (bus, follower);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", "(i)", 1), ==, 0);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", "(i)", 2), ==, 1);
  currant_bus_publish (bus, "b:x", "(i)", 3);
  g_assert_cmpint (asked, ==, 2);
  currant_test_assert_numbers (recorder, "2");
  g_assert_cmpuint (currant_test_stat (bus, "matched"), ==, 1);
  currant_follower_stop (follower);
  g_assert_cmpint (asked, ==, 3);
}

static void
test_limit (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls = 0;
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_AUTO, count_call, &calls);

  currant_follower_set_limit (follower, 3);
  currant_bus_add_follower (bus, follower);
  publish_numbers (bus, 1, 3);
  g_assert_false (currant_follower_is_active (follower));
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", "(i)", 4), ==, 0);
  g_assert_cmpint (calls, ==, 3);
}

/* What waits beyond the limit is not delivered any more, and accounted for. */
static void
test_limit_with_messages_posted (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantFollower *follower = currant_test_follower_new ("a:x", CURRANT_DELIVERY_QUEUED,
                                                         currant_test_recorder_take, recorder);

  currant_follower_set_limit (follower, 2);
  add (bus, follower);
  publish_numbers (bus, 1, 5);
  currant_test_drain (NULL);
  currant_test_assert_numbers (recorder, "1 2");
  g_assert_cmpuint (currant_test_stat (bus, "delivered"), ==, 2);
  g_assert_cmpuint (currant_test_stat (bus, "waiting"), ==, 0);
  g_assert_cmpuint (currant_test_stat_now (bus, "followers"), ==, 0);
  currant_test_assert_balance (bus);
}

static gpointer
publish_thousand (gpointer bus)
{
  publish_numbers (bus, 1, 1000);
  return NULL;
}

static void
test_limit_from_many_threads (void)
{
  for (int round = 0; round < 20; round++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      GThread *threads[4];
      int calls = 0;
      CurrantFollower *follower =
          currant_test_follower_new ("a:x", CURRANT_DELIVERY_DIRECT, count_call, &calls);

      currant_follower_set_limit (follower, 100);
      add (bus, follower);
      for (int i = 0; i < 4; i++)
        threads[i] = g_thread_new ("publisher", publish_thousand, bus);
      for (int i = 0; i < 4; i++)
        g_thread_join (threads[i]);
      g_assert_cmpint (calls, ==, 100);
      g_assert_cmpuint (currant_test_stat (bus, "delivered"), ==, 100);
      currant_test_assert_balance (bus);
    }
}

/* A callback that publishes again sees its own limit too. */
static void
publish_again (CurrantMessage *message, gpointer user_data)
{
  int *calls = user_data;

  (void)message;
  if (++*calls < 10)
    currant_bus_publish (currant_bus_get_default (), "limit:again", NULL);
}

static void
test_once_and_nested (void)
{
  int calls = 0;
  CurrantFollower *follower =
      currant_test_follower_new ("limit:again", CURRANT_DELIVERY_DIRECT, publish_again, &calls);

  currant_follower_set_limit (follower, 1);
  add (currant_bus_get_default (), follower);
  currant_bus_publish (currant_bus_get_default (), "limit:again", NULL);
  g_assert_cmpint (calls, ==, 1);
}

static void
assert_key (guint64 mask, guint64 value, const char *expected)
{
  static const guint64 keys[] = { 0, 1, 2, 3, 0x10, 0x11, G_MAXUINT64 };
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  g_autoptr (GError) error = NULL;
  CurrantFollower *follower = currant_test_follower_new ("a:x", CURRANT_DELIVERY_AUTO,
                                                         currant_test_recorder_take, recorder);

  g_assert_true (currant_follower_set_key (follower, mask, value, &error));
  g_assert_no_error (error);
  add (bus, follower);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    publish_with_key (bus, (int)i, keys[i]);
  currant_test_assert_numbers (recorder, expected);
}

static void
test_key (void)
{
  assert_key (0, 0, "0 1 2 3 4 5 6");
  assert_key (1, 1, "1 3 5 6");
  assert_key (1, 0, "0 2 4");
  assert_key (3, 2, "2");
  assert_key (G_MAXUINT64, G_MAXUINT64, "6");
  assert_key (G_GUINT64_CONSTANT (1) << 63, G_GUINT64_CONSTANT (1) << 63, "6");
}

static void
test_key_refused (void)
{
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_AUTO, count_call, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (currant_follower_set_key (follower, 1, 2, &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_SETTING);
  g_assert_false (currant_follower_set_key (follower, 0, 1, NULL));
}

static void
test_set_pattern (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  g_autoptr (CurrantPattern) next = currant_test_pattern ("b@ns:{y,z}");
  g_autoptr (CurrantPattern) now = NULL;
  CurrantFollower *follower =
      currant_bus_follow (bus, "a:x", currant_test_recorder_take, recorder, NULL);

  currant_bus_publish (bus, "a:x", NULL);
  currant_follower_set_pattern (follower, next);
  now = currant_follower_dup_pattern (follower);
  g_assert_true (currant_pattern_equal (now, next));
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 0);
  g_assert_cmpuint (currant_bus_publish (bus, "b@ns:z", NULL), ==, 1);
  currant_test_assert_ids (recorder, "a:x b:z");
}

/* On one that is not added yet, or not any more, it is harmless. */
static void
test_set_pattern_before_and_after (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantPattern) next = currant_test_pattern ("b:y");
  int calls = 0;
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_AUTO, count_call, &calls);

  currant_follower_set_pattern (follower, next);
  currant_bus_add_follower (bus, follower);
  currant_bus_publish (bus, "a:x", NULL);
  currant_bus_publish (bus, "b:y", NULL);
  g_assert_cmpint (calls, ==, 1);
  currant_follower_stop (follower);
  currant_follower_set_pattern (follower, next);
  g_assert_cmpuint (currant_bus_publish (bus, "b:y", NULL), ==, 0);
}

typedef struct
{
  CurrantBus *bus;
  guint taken;  /* by the publishers, from their own threads: one slot each */
  int finished; /* atomic */
} Broadcaster;

static gpointer
broadcast_many (gpointer data)
{
  Broadcaster *self = data;

  for (int i = 0; i < 20000; i++)
    self->taken += currant_bus_publish (self->bus, "*:x", NULL);
  g_atomic_int_set (&self->finished, TRUE);
  return NULL;
}

/*
 * The change is atomic: a broadcast that both the old and the new pattern match reaches the
 * follower exactly once, neither never nor twice.
 */
static void
test_set_pattern_is_atomic (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantPattern) exact = currant_test_pattern ("a:x");
  g_autoptr (CurrantPattern) wide = currant_test_pattern ("b*:{x,y}");
  Broadcaster one = { .bus = bus }, two = { .bus = bus };
  int calls = 0;
  CurrantFollower *follower = currant_bus_follow_with_delivery (bus, "a:x", CURRANT_DELIVERY_DIRECT,
                                                                count_call, &calls, NULL);
  GThread *first = g_thread_new ("one", broadcast_many, &one);
  GThread *second = g_thread_new ("two", broadcast_many, &two);

  for (guint i = 0; !g_atomic_int_get (&one.finished) || !g_atomic_int_get (&two.finished); i++)
    {
      currant_follower_set_pattern (follower, i % 2 == 0 ? wide : exact);
      if (i % 64 == 0)
        g_thread_yield ();
    }
  g_thread_join (first);
  g_thread_join (second);
  g_assert_cmpint (g_atomic_int_get (&calls), ==, 40000);
  g_assert_cmpuint (one.taken + two.taken, ==, 40000);
}

static void
change_own_pattern (CurrantMessage *message, gpointer user_data)
{
  g_autoptr (CurrantPattern) next = currant_test_pattern ("b:x");
  CurrantFollower **follower = user_data;

  (void)message;
  currant_follower_set_pattern (*follower, next);
}

static void
test_set_pattern_in_the_callback (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  CurrantFollower *follower = NULL;

  follower = currant_bus_follow (bus, "a:x", change_own_pattern, &follower, NULL);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 1);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 0);
  g_assert_cmpuint (currant_bus_publish (bus, "b:x", NULL), ==, 1);
}

static gboolean
fail_if_odd (CurrantMessage *message, gpointer user_data, GError **error)
{
  g_atomic_int_inc ((int *)user_data);
  if (currant_test_message_number (message) % 2 == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "odd");
  return FALSE;
}

static void
test_errors_are_counted (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:x");
  int calls = 0, others = 0;
  CurrantFollower *follower = currant_follower_new_try (pattern, fail_if_odd, &calls, NULL);

  add (bus, follower);
  currant_bus_follow (bus, "a:x", count_call, &others, NULL);
  publish_numbers (bus, 1, 5);
  g_assert_cmpuint (currant_follower_get_n_errors (follower), ==, 3);
  g_assert_cmpuint (currant_test_stat (bus, "errors"), ==, 3);
  g_assert_cmpuint (currant_test_stat (bus, "delivered"), ==, 10);
  g_assert_cmpint (calls, ==, 5);
  g_assert_cmpint (others, ==, 5);
}

static void
test_context (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestLoop) loop = currant_test_loop_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantDelivery modes[] = { CURRANT_DELIVERY_AUTO, CURRANT_DELIVERY_QUEUED };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      CurrantFollower *follower =
          currant_test_follower_new ("a:x", modes[i], currant_test_recorder_take, recorder);

      currant_follower_set_context (follower, currant_test_loop_get_context (loop));
      add (bus, follower);
    }
  publish_numbers (bus, 1, 1);
  currant_test_loop_sync (loop);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 2);
  for (guint i = 0; i < 2; i++)
    g_assert_true (currant_test_recorder_thread (recorder, i)
                   == currant_test_loop_get_thread (loop));
}

static void
make_follower (gpointer bus, gpointer recorder)
{
  currant_bus_follow (bus, "a:x", currant_test_recorder_take, recorder, NULL);
}

/* Unless it is set, the context is the thread-default one of where the follower was made. */
static void
test_context_of_the_maker (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestLoop) loop = currant_test_loop_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();

  currant_test_loop_call (loop, make_follower, bus, recorder);
  publish_numbers (bus, 1, 1);
  currant_test_loop_sync (loop);
  g_assert_true (currant_test_recorder_thread (recorder, 0) == currant_test_loop_get_thread (loop));
}

/*
 * AUTO follows the rule of g_main_context_invoke(): a context that nobody runs is not run by a
 * thread whose default it is not.
 */
static void
test_auto_leaves_foreign_contexts_alone (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  int calls = 0;
  CurrantFollower *follower =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_AUTO, count_call, &calls);

  currant_follower_set_context (follower, context);
  add (bus, follower);
  publish_numbers (bus, 1, 1);
  g_assert_cmpint (calls, ==, 0);
  g_assert_cmpuint (currant_follower_get_pending (follower), ==, 1);
  currant_test_drain (context);
  g_assert_cmpint (calls, ==, 1);
  g_main_context_push_thread_default (context);
  publish_numbers (bus, 2, 2);
  g_main_context_pop_thread_default (context);
  g_assert_cmpint (calls, ==, 2);
}

static void
test_queued_is_never_at_once (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantFollower *follower = currant_bus_follow_with_delivery (
      bus, "a:x", CURRANT_DELIVERY_QUEUED, currant_test_recorder_take, recorder, NULL);

  publish_numbers (bus, 1, 3);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 0);
  g_assert_cmpuint (currant_follower_get_pending (follower), ==, 3);
  g_assert_cmpuint (currant_test_stat (bus, "waiting"), ==, 3);
  currant_test_drain (NULL);
  currant_test_assert_numbers (recorder, "1 2 3");
  g_assert_cmpuint (currant_follower_get_pending (follower), ==, 0);
}

/* The loop sleeps without a timeout here: only the post can wake it. */
static void
test_a_post_wakes_the_loop (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls = 0;

  currant_bus_follow_with_delivery (bus, "a:x", CURRANT_DELIVERY_QUEUED, count_call, &calls, NULL);
  for (int round = 1; round <= 100; round++)
    {
      GThread *thread = g_thread_new ("publisher", publish_thousand, bus);

      currant_test_waiting_for ("a post to wake the loop");
      while (calls < round * 1000)
        g_main_context_iteration (NULL, TRUE);
      g_thread_join (thread);
    }
}

/* Expired before its turn: not delivered, and counted. */
static void
test_expired (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:x");
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(i)", 1);
  g_autoptr (CurrantMessage) late = currant_message_new (identifier, "(i)", 2);
  int calls = 0;

  currant_bus_follow_with_delivery (bus, "a:x", CURRANT_DELIVERY_QUEUED, count_call, &calls, NULL);
  currant_message_set_expiry (message, g_get_monotonic_time () + 20000);
  currant_message_set_expiry (late, 1);
  currant_bus_publish_message (bus, message);
  currant_bus_publish_message (bus, late);
  currant_test_spin_until (currant_message_is_expired (message));
  currant_test_drain (NULL);
  g_assert_cmpint (calls, ==, 0);
  g_assert_cmpuint (currant_test_stat (bus, "expired"), ==, 2);
  currant_test_assert_balance (bus);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/follower/follow", test_follow);
  currant_test_add ("/follower/follow-twice", test_follow_twice);
  currant_test_add ("/follower/stop-is-idempotent", test_stop_is_idempotent);
  currant_test_add ("/follower/never-added", test_never_added);
  currant_test_add ("/follower/stopped-before-it-is-added", test_stopped_before_it_is_added);
  currant_test_add ("/follower/guard", test_guard);
  currant_test_add ("/follower/limit", test_limit);
  currant_test_add ("/follower/limit/with-messages-posted", test_limit_with_messages_posted);
  currant_test_add ("/follower/limit/from-many-threads", test_limit_from_many_threads);
  currant_test_add ("/follower/limit/once-and-nested", test_once_and_nested);
  currant_test_add ("/follower/key", test_key);
  currant_test_add ("/follower/key-refused", test_key_refused);
  currant_test_add ("/follower/set-pattern", test_set_pattern);
  currant_test_add ("/follower/set-pattern/before-and-after", test_set_pattern_before_and_after);
  currant_test_add ("/follower/set-pattern/is-atomic", test_set_pattern_is_atomic);
  currant_test_add ("/follower/set-pattern/in-the-callback", test_set_pattern_in_the_callback);
  currant_test_add ("/follower/errors-are-counted", test_errors_are_counted);
  currant_test_add ("/follower/context", test_context);
  currant_test_add ("/follower/context-of-the-maker", test_context_of_the_maker);
  currant_test_add ("/follower/auto-leaves-foreign-contexts-alone",
                    test_auto_leaves_foreign_contexts_alone);
  currant_test_add ("/follower/queued-is-never-at-once", test_queued_is_never_at_once);
  currant_test_add ("/follower/a-post-wakes-the-loop", test_a_post_wakes_the_loop);
  currant_test_add ("/follower/expired", test_expired);
  return g_test_run ();
}
