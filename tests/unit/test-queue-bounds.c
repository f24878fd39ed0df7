/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bound of a queue: what the policies keep, and that nothing is dropped while there is room. */
#include "config.h"

#include "queue-kit.h"

static void
assert_policy (CurrantOverflow overflow, const char *stored, guint64 dropped)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);

  currant_queue_set_bound (queue, 3, overflow);
  publish_numbers (bus, 1, 5);
  g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, dropped);
  g_assert_cmpuint (currant_test_stat (bus, "dropped"), ==, dropped);
  assert_stored (queue, stored);
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

/* The fourth sweeps the three away; the fifth finds room. */
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

/* In a priority queue the oldest is not the most urgent: it is the one that waited longest. */
static void
test_drop_oldest_by_priority (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = priority_queue_new (bus);

  currant_queue_set_bound (queue, 3, CURRANT_OVERFLOW_DROP_OLDEST);
  publish_with_priority (bus, 1, 20);
  publish_with_priority (bus, 2, 5);
  publish_with_priority (bus, 3, 10);
  publish_with_priority (bus, 4, 15);
  assert_stored (queue, "2 3 4");
}

static void
test_fail_is_reported (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) full = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);
  g_autoptr (CurrantQueue) roomy = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("q:x");
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(i)", 2);
  g_autoptr (GError) error = NULL;
  guint taken = 99;

  currant_queue_set_bound (full, 1, CURRANT_OVERFLOW_FAIL);
  publish_numbers (bus, 1, 1);
  g_assert_false (
      currant_bus_publish_message_checked (bus, message, CURRANT_PUBLISH_NONE, &taken, &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_FULL);
  g_assert_cmpuint (taken, ==, 1);
  assert_stored (full, "1");
  assert_stored (roomy, "1 2");
  g_clear_error (&error);
  g_assert_true (
      currant_bus_publish_message_checked (bus, message, CURRANT_PUBLISH_NONE, &taken, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (taken, ==, 2);
}

/* Who was refused did not take it. */
static void
test_refusals_are_not_counted_as_taken (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);

  currant_queue_set_bound (queue, 1, CURRANT_OVERFLOW_DROP_NEWEST);
  g_assert_cmpuint (currant_bus_publish (bus, "q:x", "(i)", 1), ==, 1);
  g_assert_cmpuint (currant_bus_publish (bus, "q:x", "(i)", 2), ==, 0);
  currant_queue_set_bound (queue, 1, CURRANT_OVERFLOW_FAIL);
  g_assert_cmpuint (currant_bus_publish (bus, "q:x", "(i)", 3), ==, 0);
  currant_queue_set_bound (queue, 1, CURRANT_OVERFLOW_DROP_OLDEST);
  g_assert_cmpuint (currant_bus_publish (bus, "q:x", "(i)", 4), ==, 1);
  assert_stored (queue, "4");
}

static void
test_default_bound (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);
  g_autoptr (CurrantMessage) first = NULL;

  publish_numbers (bus, 1, 65536);
  g_assert_true (currant_queue_is_full (queue));
  g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, 0);
  publish_numbers (bus, 65537, 65546);
  g_assert_cmpuint (currant_queue_get_length (queue), ==, 65536);
  g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, 10);
  first = currant_queue_try_get (queue);
  g_assert_cmpint (currant_test_message_number (first), ==, 11);
}

static void
test_unbounded (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);

  currant_queue_set_bound (queue, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  publish_numbers (bus, 1, 70000);
  g_assert_false (currant_queue_is_full (queue));
  g_assert_cmpuint (currant_queue_get_length (queue), ==, 70000);
  g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, 0);
}

typedef struct
{
  CurrantBus *bus;
  int count;
} Shared;

static gpointer
publish_count (gpointer data)
{
  Shared *shared = data;

  publish_numbers (shared->bus, 1, shared->count);
  return NULL;
}

/* The publisher waits for room, so that nothing is dropped however small the room is. */
static void
test_block (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);
  Shared shared = { .bus = bus, .count = 5000 };
  GThread *thread;

  currant_queue_set_bound (queue, 3, CURRANT_OVERFLOW_BLOCK);
  thread = g_thread_new ("publisher", publish_count, &shared);
  currant_test_spin_until (currant_queue_get_length (queue) == 3);
  for (int i = 1; i <= 5000; i++)
    {
      g_autoptr (CurrantMessage) message = currant_queue_get (queue, -1, NULL, NULL);

      g_assert_cmpint (currant_test_message_number (message), ==, i);
      g_assert_cmpuint (currant_queue_get_length (queue), <=, 3);
    }
  g_thread_join (thread);
  g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, 0);
}

/* The place of a message that was taken is free at once, for exactly one. */
static void
test_room_at_once (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);

  currant_queue_set_bound (queue, 100, CURRANT_OVERFLOW_DROP_NEWEST);
  publish_numbers (bus, 1, 100);
  for (int taken = 1; taken <= 70; taken++)
    {
      currant_message_unref (currant_queue_try_get (queue));
      g_assert_cmpuint (currant_queue_get_length (queue), ==, 99);
      publish_numbers (bus, 100 + taken, 100 + taken);
      g_assert_true (currant_queue_is_full (queue));
      g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, 0);
    }
  publish_numbers (bus, 0, 0);
  g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, 1);
  for (int i = 0; i < 5; i++)
    currant_message_unref (currant_queue_try_get (queue));
  publish_numbers (bus, 171, 176);
  g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, 2);
  currant_test_assert_balance (bus);
}

/* A bound that is lowered holds from the next message on. */
static void
test_lowered_bound (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);

  publish_numbers (bus, 1, 1000);
  currant_queue_set_bound (queue, 10, CURRANT_OVERFLOW_DROP_NEWEST);
  publish_numbers (bus, 1001, 1001);
  g_assert_cmpuint (currant_queue_get_length (queue), ==, 1000);
  currant_queue_set_bound (queue, 10, CURRANT_OVERFLOW_DROP_OLDEST);
  publish_numbers (bus, 1002, 1002);
  g_assert_cmpuint (currant_queue_get_length (queue), ==, 10);
  g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, 992);
  publish_numbers (bus, 1003, 1003);
  assert_stored (queue, "993 994 995 996 997 998 999 1000 1002 1003");
  currant_test_assert_balance (bus);
}

/* A publisher that never has more on their way than the bound loses none, whatever the policy and
 * however the getter's places come back. */

typedef struct
{
  CurrantQueue *queue;
  guint n;
  int taken; /* atomic */
} Flight;

static gpointer
take_flight (gpointer data)
{
  Flight *self = data;

  for (guint i = 1; i <= self->n; i++)
    {
      g_autoptr (CurrantMessage) message = currant_queue_get (self->queue, -1, NULL, NULL);

      g_assert_cmpint (currant_test_message_number (message), ==, (int)i);
      g_clear_pointer (&message, currant_message_unref);
      g_atomic_int_set (&self->taken, (int)i);
    }
  return NULL;
}

static void
fly (CurrantOverflow overflow)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);
  Flight flight = { .queue = queue, .n = currant_test_rounds (200000) };
  GThread *thread;

  currant_queue_set_bound (queue, 64, overflow);
  thread = g_thread_new ("getter", take_flight, &flight);
  for (guint i = 1; i <= flight.n; i++)
    {
      currant_test_spin_until (i - (guint)g_atomic_int_get (&flight.taken) <= 64);
      g_assert_cmpuint (currant_bus_publish (bus, "q:x", "(i)", (int)i), ==, 1);
    }
  g_thread_join (thread);
  g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, 0);
}

static void
test_none_while_there_is_room (void)
{
  fly (CURRANT_OVERFLOW_DROP_OLDEST);
  fly (CURRANT_OVERFLOW_DROP_NEWEST);
  fly (CURRANT_OVERFLOW_LATEST);
  fly (CURRANT_OVERFLOW_FAIL);
}

/* Closing lets a publisher go that waits for room; what it brought is not stored. */
static void
test_close_frees_a_blocked_publisher (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);
  Shared shared = { .bus = bus, .count = 5 };
  GThread *thread;

  currant_queue_set_bound (queue, 2, CURRANT_OVERFLOW_BLOCK);
  thread = g_thread_new ("publisher", publish_count, &shared);
  currant_test_spin_until (currant_queue_get_length (queue) == 2);
  currant_queue_close (queue);
  g_thread_join (thread);
  assert_stored (queue, "1 2");
  currant_test_assert_balance (bus);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/queue-bounds/drop-oldest", test_drop_oldest);
  currant_test_add ("/queue-bounds/drop-oldest-by-priority", test_drop_oldest_by_priority);
  currant_test_add ("/queue-bounds/drop-newest", test_drop_newest);
  currant_test_add ("/queue-bounds/latest", test_latest);
  currant_test_add ("/queue-bounds/fail", test_fail);
  currant_test_add ("/queue-bounds/fail-is-reported", test_fail_is_reported);
  currant_test_add ("/queue-bounds/refusals-are-not-counted-as-taken",
                    test_refusals_are_not_counted_as_taken);
  currant_test_add ("/queue-bounds/block", test_block);
  currant_test_add ("/queue-bounds/close-frees-a-blocked-publisher",
                    test_close_frees_a_blocked_publisher);
  currant_test_add ("/queue-bounds/room-at-once", test_room_at_once);
  currant_test_add ("/queue-bounds/lowered-bound", test_lowered_bound);
  currant_test_add ("/queue-bounds/none-while-there-is-room", test_none_while_there_is_room);
  currant_test_add ("/queue-bounds/default-bound", test_default_bound);
  currant_test_add ("/queue-bounds/unbounded", test_unbounded);
  return g_test_run ();
}
