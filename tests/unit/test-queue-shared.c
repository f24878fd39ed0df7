/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared queues: all of one pattern on one bus are one queue. */
#include "config.h"

#include "currant-test.h"

static void
publish_numbers (CurrantBus *bus, int first, int last)
{
  for (int i = first; i <= last; i++)
    currant_bus_publish (bus, "sh:x", "(i)", i);
}

static int
take (CurrantQueue *queue)
{
  g_autoptr (CurrantMessage) message = currant_queue_try_get (queue);

  return message != NULL ? currant_test_message_number (message) : 0;
}

/* The key is the normalised pattern, not the text. */
static void
test_normalised (void)
{
  static const char *const same[][2] = {
    { "sh", "sh:*" }, { "sh:*", "sh:**" }, { "{sh,b}:x", "{b,sh}:x" }, { "s**h:x", "s*h:x" }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (same); i++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      g_autoptr (CurrantQueue) one = currant_queue_new (bus, same[i][0], CURRANT_QUEUE_SHARED);
      g_autoptr (CurrantQueue) two = currant_queue_new (bus, same[i][1], CURRANT_QUEUE_SHARED);

      g_assert_cmpuint (currant_bus_publish (bus, "sh:x", "(i)", 1), ==, 1);
      g_assert_cmpuint (currant_queue_get_length (one), ==, 1);
      g_assert_cmpuint (currant_queue_get_length (two), ==, 1);
      g_assert_cmpint (take (two), ==, 1);
      g_assert_cmpint (take (one), ==, 0);
    }
}

/* Other patterns, kinds, namespaces and buses are other queues. */
static void
test_apart (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantBus) other_bus = currant_bus_new ();
  g_autoptr (CurrantQueue) shared = currant_queue_new (bus, "sh:*", CURRANT_QUEUE_SHARED);
  g_autoptr (CurrantQueue) wider = currant_queue_new (bus, "*:*", CURRANT_QUEUE_SHARED);
  g_autoptr (CurrantQueue) alone = currant_queue_new (bus, "sh:*", CURRANT_QUEUE_STANDALONE);
  g_autoptr (CurrantQueue) elsewhere = currant_queue_new (bus, "sh@ns:*", CURRANT_QUEUE_SHARED);
  g_autoptr (CurrantQueue) abroad = currant_queue_new (other_bus, "sh:*", CURRANT_QUEUE_SHARED);

  g_assert_cmpuint (currant_bus_publish (bus, "sh:x", "(i)", 1), ==, 3);
  g_assert_cmpint (take (shared), ==, 1);
  g_assert_cmpint (take (wider), ==, 1);
  g_assert_cmpint (take (alone), ==, 1);
  g_assert_cmpint (take (elsewhere), ==, 0);
  g_assert_cmpint (take (abroad), ==, 0);
}

static void
test_fifo_over_all_handles (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) one = currant_queue_new (bus, "sh", CURRANT_QUEUE_SHARED);
  g_autoptr (CurrantQueue) two = currant_queue_new (bus, "sh", CURRANT_QUEUE_SHARED);

  publish_numbers (bus, 1, 4);
  g_assert_cmpint (take (one), ==, 1);
  g_assert_cmpint (take (two), ==, 2);
  g_assert_cmpint (take (two), ==, 3);
  g_assert_cmpint (take (one), ==, 4);
}

/* A handle made later sees what is stored already. */
static void
test_late_handle (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) one = currant_queue_new (bus, "sh", CURRANT_QUEUE_SHARED);
  g_autoptr (CurrantQueue) late = NULL;

  publish_numbers (bus, 1, 1);
  late = currant_queue_new (bus, "sh", CURRANT_QUEUE_SHARED);
  g_assert_cmpint (take (late), ==, 1);
  g_assert_true (currant_queue_is_empty (one));
}

static void
test_close_one_handle (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) one = currant_queue_new (bus, "sh", CURRANT_QUEUE_SHARED);
  g_autoptr (CurrantQueue) two = currant_queue_new (bus, "sh", CURRANT_QUEUE_SHARED);
  g_autoptr (GError) error = NULL;

  publish_numbers (bus, 1, 2);
  currant_queue_close (one);
  g_assert_true (currant_queue_is_closed (one));
  g_assert_false (currant_queue_is_closed (two));
  g_assert_null (currant_queue_get (one, -1, NULL, &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_CLOSED);
  g_assert_cmpuint (currant_bus_publish (bus, "sh:x", "(i)", 3), ==, 1);
  g_assert_cmpint (take (two), ==, 1);
  g_assert_cmpint (take (two), ==, 2);
  g_assert_cmpint (take (two), ==, 3);
}

/* What is stored can still be taken through the last handle, then it ends. */
static void
test_close_last_handle (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  CurrantQueue *one = currant_queue_new (bus, "sh", CURRANT_QUEUE_SHARED);
  CurrantQueue *two = currant_queue_new (bus, "sh", CURRANT_QUEUE_SHARED);
  g_autoptr (GError) error = NULL;

  publish_numbers (bus, 1, 3);
  g_object_unref (one);
  currant_queue_close (two);
  g_assert_cmpuint (currant_bus_publish (bus, "sh:x", "(i)", 9), ==, 0);
  g_assert_cmpint (take (two), ==, 1);
  g_assert_cmpint (take (two), ==, 2);
  g_object_unref (two);
  g_assert_cmpuint (currant_test_stat (bus, "discarded"), ==, 1);
  g_assert_cmpuint (currant_test_stat (bus, "waiting"), ==, 0);
  g_assert_cmpuint (currant_test_stat_now (bus, "queues"), ==, 0);
  currant_test_assert_balance (bus);
}

/* After the last handle has gone, a new one begins empty. */
static void
test_begins_anew (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  CurrantQueue *one = currant_queue_new (bus, "sh", CURRANT_QUEUE_SHARED);
  g_autoptr (CurrantQueue) again = NULL;

  publish_numbers (bus, 1, 3);
  currant_queue_close (one);
  again = currant_queue_new (bus, "sh", CURRANT_QUEUE_SHARED);
  g_assert_false (currant_queue_is_closed (again));
  g_assert_true (currant_queue_is_empty (again));
  g_object_unref (one);
  publish_numbers (bus, 4, 4);
  g_assert_cmpint (take (again), ==, 4);
}

typedef struct
{
  CurrantQueue *queue;
  GArray *numbers;
  int started; /* atomic */
} Getter;

static gpointer
get_until_closed (gpointer data)
{
  Getter *self = data;
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&self->started, TRUE);
  for (;;)
    {
      g_autoptr (CurrantMessage) message = currant_queue_get (self->queue, -1, NULL, &error);
      int number;

      if (message == NULL)
        break;
      number = currant_test_message_number (message);
      g_array_append_val (self->numbers, number);
    }
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_CLOSED);
  return NULL;
}

#define N_GETTERS 4
#define N_MESSAGES 20000

static void
assert_each_once (Getter *getters)
{
  g_autofree guint8 *seen = g_new0 (guint8, N_MESSAGES + 1);
  guint total = 0;

  for (int i = 0; i < N_GETTERS; i++)
    for (guint j = 0; j < getters[i].numbers->len; j++)
      {
        int number = g_array_index (getters[i].numbers, int, j);

        if (j > 0)
          g_assert_cmpint (number, >, g_array_index (getters[i].numbers, int, j - 1));
        g_assert_cmpint (seen[number]++, ==, 0);
        total++;
      }
  g_assert_cmpuint (total, ==, N_MESSAGES);
}

/* Each message to one getter, in order for each; all are waited for before the bus goes. */
static void
test_each_message_to_one_getter (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Getter getters[N_GETTERS];
  GThread *threads[N_GETTERS];

  for (int i = 0; i < N_GETTERS; i++)
    {
      getters[i] = (Getter){ .queue = currant_queue_new (bus, "sh", CURRANT_QUEUE_SHARED),
                             .numbers = g_array_new (FALSE, FALSE, sizeof (int)) };
      threads[i] = g_thread_new ("getter", get_until_closed, &getters[i]);
    }
  publish_numbers (bus, 1, N_MESSAGES);
  currant_test_spin_until (currant_queue_is_empty (getters[0].queue));
  for (int i = 0; i < N_GETTERS; i++)
    currant_queue_close (getters[i].queue);
  for (int i = 0; i < N_GETTERS; i++)
    g_thread_join (threads[i]);
  assert_each_once (getters);
  g_assert_cmpuint (currant_test_stat (bus, "delivered"), ==, N_MESSAGES);
  for (int i = 0; i < N_GETTERS; i++)
    {
      g_object_unref (getters[i].queue);
      g_array_unref (getters[i].numbers);
    }
}

/* A getter that waits on one handle is let go when that handle is closed, and only then. */
static void
test_close_wakes_own_waiter_only (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();

  for (int round = 0; round < 100; round++)
    {
      Getter one = { .queue = currant_queue_new (bus, "sh", CURRANT_QUEUE_SHARED),
                     .numbers = g_array_new (FALSE, FALSE, sizeof (int)) };
      Getter two = { .queue = currant_queue_new (bus, "sh", CURRANT_QUEUE_SHARED),
                     .numbers = g_array_new (FALSE, FALSE, sizeof (int)) };
      GThread *first = g_thread_new ("one", get_until_closed, &one);
      GThread *second = g_thread_new ("two", get_until_closed, &two);

      currant_test_spin_until (g_atomic_int_get (&one.started) && g_atomic_int_get (&two.started));
      currant_queue_close (one.queue);
      g_thread_join (first);
      publish_numbers (bus, 1, 3);
      currant_test_spin_until (currant_queue_is_empty (two.queue));
      currant_queue_close (two.queue);
      g_thread_join (second);
      g_assert_cmpuint (one.numbers->len, ==, 0);
      g_assert_cmpuint (two.numbers->len, ==, 3);
      g_array_unref (one.numbers);
      g_array_unref (two.numbers);
      g_object_unref (one.queue);
      g_object_unref (two.queue);
    }
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/queue/shared/normalised", test_normalised);
  currant_test_add ("/queue/shared/apart", test_apart);
  currant_test_add ("/queue/shared/fifo-over-all-handles", test_fifo_over_all_handles);
  currant_test_add ("/queue/shared/late-handle", test_late_handle);
  currant_test_add ("/queue/shared/close-one-handle", test_close_one_handle);
  currant_test_add ("/queue/shared/close-last-handle", test_close_last_handle);
  currant_test_add ("/queue/shared/begins-anew", test_begins_anew);
  currant_test_add ("/queue/shared/each-message-to-one-getter", test_each_message_to_one_getter);
  currant_test_add ("/queue/shared/close-wakes-own-waiter-only", test_close_wakes_own_waiter_only);
  return g_test_run ();
}
