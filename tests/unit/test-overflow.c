/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bounds of what waits for a follower, the five policies, and how a drop is told. */
#include "config.h"

#include "currant-test.h"

static void
publish_numbers (CurrantBus *bus, int first, int last)
{
  for (int i = first; i <= last; i++)
    currant_bus_publish (bus, "a:x", "(i)", i);
}

static CurrantFollower *
add_bounded (CurrantBus *bus, GMainContext *context, guint bound, CurrantOverflow overflow,
             CurrantTestRecorder *recorder)
{
  CurrantFollower *follower = currant_test_follower_new ("a:*", CURRANT_DELIVERY_QUEUED,
                                                         currant_test_recorder_take, recorder);

  currant_follower_set_bound (follower, bound, overflow);
  if (context != NULL)
    currant_follower_set_context (follower, context);
  currant_bus_add_follower (bus, follower);
  currant_follower_unref (follower);
  return follower;
}

static void
assert_policy (CurrantOverflow overflow, const char *delivered, guint64 dropped)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantFollower *follower = add_bounded (bus, NULL, 3, overflow, recorder);

  publish_numbers (bus, 1, 5);
  g_assert_cmpuint (currant_follower_get_n_dropped (follower), ==, dropped);
  g_assert_cmpuint (currant_test_stat (bus, "dropped"), ==, dropped);
  g_assert_cmpuint (currant_follower_get_pending (follower), ==, 5 - dropped);
  currant_test_assert_balance (bus);
  currant_test_drain (NULL);
  currant_test_assert_numbers (recorder, delivered);
  currant_test_assert_balance (bus);
  g_assert_cmpuint (currant_test_stat (bus, "matched"), ==, 5);
}

static void
test_drop_oldest (void)
{
  assert_policy (CURRANT_OVERFLOW_DROP_OLDEST, "3 4 5", 2);
}

static void
test_drop_newest (void)
{
  assert_policy (CURRANT_OVERFLOW_DROP_NEWEST, "1 2 3", 2);
}

static void
test_latest (void)
{
  assert_policy (CURRANT_OVERFLOW_LATEST, "4 5", 3);
}

static void
test_fail (void)
{
  assert_policy (CURRANT_OVERFLOW_FAIL, "1 2 3", 2);
}

static gboolean
publish_five (gpointer bus)
{
  publish_numbers (bus, 1, 5);
  return G_SOURCE_REMOVE;
}

/* The publisher's own loop has to make the room: it must not wait for itself. */
static void
test_block_in_own_loop (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantFollower *follower = add_bounded (bus, NULL, 3, CURRANT_OVERFLOW_BLOCK, recorder);

  g_idle_add (publish_five, bus);
  currant_test_drain (NULL);
  currant_test_assert_numbers (recorder, "1 2 3");
  g_assert_cmpuint (currant_follower_get_n_dropped (follower), ==, 2);
  currant_test_assert_balance (bus);
}

/* So has it before the loop runs, when its thread is the one that will run it. */
static void
test_block_before_the_loop_runs (void)
{
  assert_policy (CURRANT_OVERFLOW_BLOCK, "1 2 3", 2);
}

/* A bound of one, which leaves no room for an error by one. */
static void
test_bound_of_one (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) oldest = currant_test_recorder_new ();
  g_autoptr (CurrantTestRecorder) newest = currant_test_recorder_new ();
  g_autoptr (CurrantTestRecorder) latest = currant_test_recorder_new ();

  add_bounded (bus, NULL, 1, CURRANT_OVERFLOW_DROP_OLDEST, oldest);
  add_bounded (bus, NULL, 1, CURRANT_OVERFLOW_DROP_NEWEST, newest);
  add_bounded (bus, NULL, 1, CURRANT_OVERFLOW_LATEST, latest);
  publish_numbers (bus, 1, 3);
  currant_test_drain (NULL);
  publish_numbers (bus, 4, 4);
  currant_test_drain (NULL);
  currant_test_assert_numbers (oldest, "3 4");
  currant_test_assert_numbers (newest, "1 4");
  currant_test_assert_numbers (latest, "3 4");
}

static void
test_unbounded (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantFollower *follower = add_bounded (bus, NULL, 0, CURRANT_OVERFLOW_DROP_OLDEST, recorder);

  publish_numbers (bus, 1, 70000);
  g_assert_cmpuint (currant_follower_get_pending (follower), ==, 70000);
  currant_test_iterate_until (NULL, currant_test_recorder_count (recorder) == 70000);
  g_assert_cmpuint (currant_follower_get_n_dropped (follower), ==, 0);
}

typedef struct
{
  CurrantBus *bus;
  int finished; /* atomic */
} Publisher;

static gpointer
publish_thousands (gpointer data)
{
  Publisher *self = data;

  publish_numbers (self->bus, 1, 3000);
  g_atomic_int_set (&self->finished, TRUE);
  return NULL;
}

/* From elsewhere the publisher waits, and nothing is lost. */
static void
test_block_from_another_thread (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestLoop) loop = currant_test_loop_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantFollower *follower = NULL;
  Publisher publisher = { .bus = bus };
  GThread *thread;

  currant_test_loop_hold (loop);
  follower =
      add_bounded (bus, currant_test_loop_get_context (loop), 5, CURRANT_OVERFLOW_BLOCK, recorder);
  thread = g_thread_new ("publisher", publish_thousands, &publisher);
  currant_test_spin_until (currant_follower_get_pending (follower) == 5);
  g_assert_false (g_atomic_int_get (&publisher.finished));
  currant_test_loop_release (loop);
  currant_test_spin_until (currant_test_recorder_count (recorder) == 3000);
  g_thread_join (thread);
  g_assert_cmpuint (currant_follower_get_n_dropped (follower), ==, 0);
  for (guint i = 0; i < 3000; i++)
    g_assert_cmpint (currant_test_recorder_number (recorder, i), ==, (int)i + 1);
}

/* Stopping the follower lets the publisher go that waits for it. */
static void
test_stop_frees_a_blocked_publisher (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestLoop) loop = currant_test_loop_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantFollower *follower = NULL;
  Publisher publisher = { .bus = bus };
  GThread *thread;

  currant_test_loop_hold (loop);
  follower =
      add_bounded (bus, currant_test_loop_get_context (loop), 5, CURRANT_OVERFLOW_BLOCK, recorder);
  thread = g_thread_new ("publisher", publish_thousands, &publisher);
  currant_test_spin_until (currant_follower_get_pending (follower) == 5);
  currant_follower_stop (follower);
  g_thread_join (thread);
  currant_test_loop_release (loop);
  currant_test_loop_sync (loop);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 0);
  currant_test_assert_balance (bus);
}

static void
test_fail_is_reported (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) full = currant_test_recorder_new ();
  g_autoptr (CurrantTestRecorder) roomy = currant_test_recorder_new ();
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:x");
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(i)", 2);
  g_autoptr (GError) error = NULL;
  guint taken = 99;

  add_bounded (bus, NULL, 1, CURRANT_OVERFLOW_FAIL, full);
  add_bounded (bus, NULL, 9, CURRANT_OVERFLOW_FAIL, roomy);
  publish_numbers (bus, 1, 1);
  g_assert_false (
      currant_bus_publish_message_checked (bus, message, CURRANT_PUBLISH_NONE, &taken, &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_FULL);
  g_assert_cmpuint (taken, ==, 1);
  g_assert_false (
      currant_bus_publish_message_checked (bus, message, CURRANT_PUBLISH_NONE, NULL, NULL));
  currant_test_drain (NULL);
  currant_test_assert_numbers (full, "1");
  currant_test_assert_numbers (roomy, "1 2 2");
}

/* One follower's bound is its own: the others get everything. */
static void
test_bounds_are_apart (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) small = currant_test_recorder_new ();
  g_autoptr (CurrantTestRecorder) large = currant_test_recorder_new ();

  add_bounded (bus, NULL, 2, CURRANT_OVERFLOW_DROP_OLDEST, small);
  add_bounded (bus, NULL, 100, CURRANT_OVERFLOW_DROP_OLDEST, large);
  publish_numbers (bus, 1, 5);
  currant_test_drain (NULL);
  currant_test_assert_numbers (small, "4 5");
  currant_test_assert_numbers (large, "1 2 3 4 5");
}

static void
wait_at_gate (CurrantMessage *message, gpointer gate)
{
  (void)message;
  while (g_atomic_int_get ((int *)gate) == 0)
    g_thread_yield ();
}

/* The bound holds for the pool too. */
static void
test_pool (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int gate = 0;
  CurrantFollower *follower =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_POOL, wait_at_gate, &gate);

  currant_follower_set_bound (follower, 10, CURRANT_OVERFLOW_DROP_NEWEST);
  currant_bus_add_follower (bus, follower);
  publish_numbers (bus, 1, 1000);
  g_assert_cmpuint (currant_follower_get_pending (follower), <=, 11);
  g_assert_cmpuint (currant_follower_get_n_dropped (follower), >=, 1000 - 11);
  g_atomic_int_set (&gate, 1);
  currant_test_spin_until (currant_test_stat (bus, "waiting") == 0);
  currant_test_spin_until (
      currant_test_stat (bus, "delivered") + currant_follower_get_n_dropped (follower) == 1000);
  currant_test_assert_balance (bus);
  currant_follower_unref (follower);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/overflow/drop-oldest", test_drop_oldest);
  currant_test_add ("/overflow/drop-newest", test_drop_newest);
  currant_test_add ("/overflow/latest", test_latest);
  currant_test_add ("/overflow/fail", test_fail);
  currant_test_add ("/overflow/block/in-own-loop", test_block_in_own_loop);
  currant_test_add ("/overflow/block/before-the-loop-runs", test_block_before_the_loop_runs);
  currant_test_add ("/overflow/block/from-another-thread", test_block_from_another_thread);
  currant_test_add ("/overflow/block/stop-frees-a-publisher", test_stop_frees_a_blocked_publisher);
  currant_test_add ("/overflow/bound-of-one", test_bound_of_one);
  currant_test_add ("/overflow/unbounded", test_unbounded);
  currant_test_add ("/overflow/fail-is-reported", test_fail_is_reported);
  currant_test_add ("/overflow/bounds-are-apart", test_bounds_are_apart);
  currant_test_add ("/overflow/pool", test_pool);
  return g_test_run ();
}
