/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The records of threads: numbered by bus, gone with the bus or the thread, their counts kept. */
#include "config.h"

#include "currant-router-private.h"
#include "currant-test.h"

static void
test_one_record_a_router (void)
{
  CurrantRouter *first = currant_router_new (), *second = currant_router_new ();
  CurrantThread *record = currant_thread_get (first);

  g_assert_true (currant_thread_get (second) != record);
  g_assert_true (currant_thread_get (first) == record);
  g_assert_true (first->threads == record);
  g_assert_cmpuint (record->id, ==, 1);
  g_assert_null (record->next);
  g_ptr_array_unref (currant_router_dispose (first));
  g_ptr_array_unref (currant_router_dispose (second));
  currant_router_unref (first);
  currant_router_unref (second);
}

/* A new record takes the place of those of dead routers. */
static void
test_records_of_dead_go (void)
{
  CurrantRouter *dead[100], *alive = currant_router_new (), *next = currant_router_new ();
  CurrantThread *record = currant_thread_get (alive);

  for (guint i = 0; i < G_N_ELEMENTS (dead); i++)
    {
      dead[i] = currant_router_new ();
      g_assert_nonnull (currant_router_find_topic (dead[i], "a:x", NULL));
    }
  for (guint i = 0; i < G_N_ELEMENTS (dead); i++)
    g_ptr_array_unref (currant_router_dispose (dead[i]));
  currant_thread_get (next);
  for (guint i = 0; i < G_N_ELEMENTS (dead); i++)
    {
      g_assert_null (dead[i]->threads);
      g_assert_cmpuint (atomic_load (&dead[i]->ref_count), ==, 1);
      currant_router_unref (dead[i]);
    }
  g_assert_true (currant_thread_get (alive) == record);
  g_ptr_array_unref (currant_router_dispose (alive));
  g_ptr_array_unref (currant_router_dispose (next));
  currant_router_unref (alive);
  currant_router_unref (next);
}

/* In the middle of a walk the record is in use, though its router is disposed. */
static void
test_record_in_use_stays (void)
{
  CurrantRouter *busy = currant_router_new (), *next = currant_router_new ();
  CurrantThread *record = currant_thread_get (busy);

  record->depth++;
  g_ptr_array_unref (currant_router_dispose (busy));
  currant_thread_get (next);
  g_assert_true (currant_thread_get (busy) == record);
  record->depth--;
  g_ptr_array_unref (currant_router_dispose (next));
  currant_router_unref (busy);
  currant_router_unref (next);
}

static void
publish_on_another (gpointer data)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();

  currant_bus_publish (bus, "c:x", NULL);
  ++*(guint *)data;
}

static void
ignore (CurrantMessage *message, gpointer data)
{
  (void)message;
  (void)data;
}

/* What goes with a bus may be user data, the end of which publishes on yet another bus. */
static void
test_many_short_lived_buses (void)
{
  guint rounds = currant_test_rounds (2000), n_ended = 0;

  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();

      currant_bus_follow_with_delivery (bus, "a:x", CURRANT_DELIVERY_DIRECT, ignore, &n_ended,
                                        publish_on_another);
      g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 1);
    }
  currant_test_drain (NULL);
  g_assert_cmpuint (n_ended, ==, rounds);
}

typedef struct
{
  CurrantBus *bus;
  guint n;
} Work;

static gpointer
publish_some (gpointer data)
{
  Work *work = data;

  CURRANT_TEST_TSAN_ACQUIRE (work);
  for (guint i = 0; i < work->n; i++)
    currant_bus_publish (work->bus, "a:x", "(i)", (int)i);
  CURRANT_TEST_TSAN_RELEASE (work);
  return NULL;
}

static void
publish_in_thread (Work *work)
{
  CURRANT_TEST_TSAN_RELEASE (work);
  g_thread_join (g_thread_new ("publisher", publish_some, work));
  CURRANT_TEST_TSAN_ACQUIRE (work);
}

static void
assert_stamp (CurrantTestRecorder *recorder, guint index, guint publisher, guint64 sequence)
{
  CurrantMessage *message = currant_test_recorder_peek (recorder, index);

  g_assert_cmpuint (currant_message_get_publisher (message), ==, publisher);
  g_assert_cmpuint (currant_message_get_sequence (message), ==, sequence);
}

/* Each thread counts from one, and no number is given twice, not even when a thread has ended. */
static void
test_publisher_numbers (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  Work work = { bus, 2 };

  currant_bus_follow_with_delivery (bus, "a:x", CURRANT_DELIVERY_DIRECT, currant_test_recorder_take,
                                    recorder, NULL);
  currant_bus_publish (bus, "a:x", NULL);
  publish_in_thread (&work);
  publish_in_thread (&work);
  currant_bus_publish (bus, "a:x", NULL);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 6);
  g_assert_cmpuint (currant_message_get_publisher (currant_test_recorder_peek (recorder, 0)), >=,
                    1);
  assert_stamp (recorder, 5,
                currant_message_get_publisher (currant_test_recorder_peek (recorder, 0)), 2);
  for (guint i = 1; i < 5; i++)
    {
      guint before = currant_message_get_publisher (currant_test_recorder_peek (recorder, i - 1));

      assert_stamp (recorder, i, i % 2 == 1 ? before + 1 : before, i % 2 == 1 ? 1 : 2);
    }
}

static void
test_counts_outlive_the_thread (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);
  Work work = { bus, 25 };

  for (int i = 0; i < 4; i++)
    publish_in_thread (&work);
  g_assert_cmpuint (currant_test_stat (bus, "published"), ==, 100);
  g_assert_cmpuint (currant_test_stat (bus, "matched"), ==, 100);
  g_assert_cmpuint (currant_test_stat (bus, "waiting"), ==, 100);
  currant_test_assert_balance (bus);
  currant_message_unref (currant_queue_try_get (queue));
  g_assert_cmpuint (currant_test_stat (bus, "waiting"), ==, 99);
  g_assert_cmpuint (currant_test_stat (bus, "delivered"), ==, 1);
  currant_test_assert_balance (bus);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/thread/one-record-a-router", test_one_record_a_router);
  currant_test_add ("/thread/records-of-dead-go", test_records_of_dead_go);
  currant_test_add ("/thread/record-in-use-stays", test_record_in_use_stays);
  currant_test_add ("/thread/many-short-lived-buses", test_many_short_lived_buses);
  currant_test_add ("/thread/publisher-numbers", test_publisher_numbers);
  currant_test_add ("/thread/counts-outlive-the-thread", test_counts_outlive_the_thread);
  return g_test_run ();
}
