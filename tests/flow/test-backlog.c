/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ten million messages for a follower whose loop stands still: memory stays under the bound of its
 * mailbox, and every drop is counted and announced.
 *
 * CURRANT_TEST_ROUNDS sets another number of messages, for the sanitizers.
 */
#include "config.h"

#include "currant-test.h"

/* The bound, with 512 bytes a message, and what the process takes for itself meanwhile. */
#define MEMORY_LIMIT ((gsize)CURRANT_BOUND_DEFAULT * 512 + 8 * 1024 * 1024)

typedef struct
{
  guint64 since; /* the sum of what was announced */
  guint64 total; /* the last total */
  guint count;
} Announced;

static void
hear (CurrantMessage *message, gpointer data)
{
  Announced *announced = data;
  const char *source;
  guint since;
  guint64 total;

  g_assert_true (currant_message_get (message, "(&sut)", &source, &since, &total));
  g_assert_cmpstr (source, ==, "sensor:*");
  announced->since += since;
  announced->total = total;
  announced->count++;
}

typedef struct
{
  int next;
  guint count;
} Sequence;

/* What was kept is what came last, without a gap. */
static void
take_next (CurrantMessage *message, gpointer data)
{
  Sequence *sequence = data;
  int number = currant_test_message_number (message);

  if (sequence->count++ > 0)
    g_assert_cmpint (number, ==, sequence->next);
  sequence->next = number + 1;
}

static gsize
publish_backlog (CurrantBus *bus, guint rounds)
{
  gsize before = currant_test_resident_bytes ();
  gsize most = before;

  for (guint i = 0; i < rounds; i++)
    {
      currant_bus_publish (bus, "sensor:reading", "(i)", (int)i);
      if (i % 65536 == 0)
        {
          most = MAX (most, currant_test_resident_bytes ());
          currant_test_watchdog (60);
        }
    }
  most = MAX (most, currant_test_resident_bytes ());
  return most - before;
}

static void
assert_memory (gsize grown)
{
  g_test_message ("memory grew by %" G_GSIZE_FORMAT " KiB", grown / 1024);
  if (currant_test_is_instrumented ())
    g_test_message ("which is not judged in an instrumented program");
  else
    g_assert_cmpuint (grown, <=, MEMORY_LIMIT);
}

static void
test_stopped_loop (void)
{
  guint rounds = MAX (currant_test_rounds (10000000), CURRANT_BOUND_DEFAULT + 1);
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GMainContext) stopped = g_main_context_new ();
  Announced announced = { 0 };
  Sequence sequence = { 0 };
  guint64 dropped = rounds - CURRANT_BOUND_DEFAULT;
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("sensor:*", CURRANT_DELIVERY_QUEUED, take_next, &sequence);

  currant_follower_set_context (follower, stopped);
  currant_bus_add_follower (bus, follower);
  currant_bus_follow (bus, "currant:dropped", hear, &announced, NULL);
  assert_memory (publish_backlog (bus, rounds));
  g_assert_cmpuint (currant_follower_get_pending (follower), ==, CURRANT_BOUND_DEFAULT);
  g_assert_cmpuint (currant_follower_get_n_dropped (follower), ==, dropped);
  g_assert_cmpuint (currant_test_stat (bus, "dropped"), ==, dropped);
  currant_test_iterate_until (NULL, announced.since == dropped);
  g_assert_cmpuint (announced.total, ==, dropped);
  g_test_message ("%u announcements", announced.count);
  currant_test_drain (stopped);
  g_assert_cmpuint (sequence.count, ==, CURRANT_BOUND_DEFAULT);
  g_assert_cmpint (sequence.next, ==, (int)rounds);
  currant_test_assert_balance (bus);
}

/* The same for a queue that nobody gets from. */
static void
test_queue (void)
{
  guint rounds = MAX (currant_test_rounds (10000000) / 10, CURRANT_BOUND_DEFAULT + 1);
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "sensor:*", CURRANT_QUEUE_STANDALONE);
  Announced announced = { 0 };
  guint64 dropped = rounds - CURRANT_BOUND_DEFAULT;

  currant_bus_follow (bus, "currant:dropped", hear, &announced, NULL);
  assert_memory (publish_backlog (bus, rounds));
  g_assert_cmpuint (currant_queue_get_length (queue), ==, CURRANT_BOUND_DEFAULT);
  g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, dropped);
  currant_test_iterate_until (NULL, announced.since == dropped);
  currant_test_assert_balance (bus);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/backlog/stopped-loop", test_stopped_loop);
  currant_test_add ("/backlog/queue", test_queue);
  return g_test_run ();
}
