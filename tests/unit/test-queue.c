/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A queue by itself: order, bounds, blocking, closing. Async, sources and sharing have own files.
 */
#include "config.h"

#include <pthread.h>

#include "queue-kit.h"

/* Each queue gets each message that matches and was published after it was made. */
static void
test_collects (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) first = currant_queue_new (bus, "q:*", CURRANT_QUEUE_STANDALONE);
  g_autoptr (CurrantQueue) second = NULL;

  g_assert_cmpuint (currant_bus_publish (bus, "q:x", "(i)", 1), ==, 1);
  second = currant_queue_new (bus, "q:*", CURRANT_QUEUE_STANDALONE);
  g_assert_cmpuint (currant_bus_publish (bus, "q:x", "(i)", 2), ==, 2);
  g_assert_cmpuint (currant_bus_publish (bus, "other:x", "(i)", 3), ==, 0);
  g_assert_cmpuint (currant_bus_publish (bus, "q@ns:x", "(i)", 4), ==, 0);
  assert_stored (first, "1 2");
  assert_stored (second, "2");
}

static void
test_looks (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q", CURRANT_QUEUE_STANDALONE);

  g_assert_true (currant_queue_is_empty (queue));
  g_assert_false (currant_queue_is_full (queue));
  g_assert_false (currant_queue_is_closed (queue));
  g_assert_null (currant_queue_try_get (queue));
  g_assert_cmpstr (currant_pattern_to_string (currant_queue_get_pattern (queue)), ==, "q:*");
  currant_queue_set_bound (queue, 2, CURRANT_OVERFLOW_DROP_NEWEST);
  publish_numbers (bus, 1, 1);
  g_assert_false (currant_queue_is_empty (queue));
  g_assert_false (currant_queue_is_full (queue));
  g_assert_cmpuint (currant_queue_get_length (queue), ==, 1);
  publish_numbers (bus, 2, 2);
  g_assert_true (currant_queue_is_full (queue));
  assert_stored (queue, "1 2");
  g_assert_true (currant_queue_is_empty (queue));
}

static void
test_fifo (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);

  for (int round = 0; round < 3; round++)
    {
      publish_numbers (bus, 0, 4999);
      for (int i = 0; i < 5000; i++)
        {
          g_autoptr (CurrantMessage) message = currant_queue_try_get (queue);

          g_assert_cmpint (currant_test_message_number (message), ==, i);
        }
    }
}

/* A FIFO queue takes no notice of priorities. */
static void
test_fifo_ignores_priority (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);

  publish_with_priority (bus, 1, 10);
  publish_with_priority (bus, 2, -1);
  publish_with_priority (bus, 3, 99);
  assert_stored (queue, "1 2 3");
}

/* Lower first; first in, first out within a priority. */
static void
test_priority (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = priority_queue_new (bus);

  publish_with_priority (bus, 1, 10);
  publish_with_priority (bus, 2, 5);
  publish_with_priority (bus, 3, G_MAXINT);
  publish_with_priority (bus, 4, 5);
  publish_with_priority (bus, 5, G_MININT);
  publish_with_priority (bus, 6, 10);
  publish_numbers (bus, 7, 7);
  publish_with_priority (bus, 8, 0);
  publish_with_priority (bus, 9, -1);
  assert_stored (queue, "5 9 8 2 4 1 6 7 3");
}

static void
test_priority_of_many (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = priority_queue_new (bus);
  g_autoptr (GRand) rand = currant_test_rand_new ();
  int last_priority = G_MININT, last_number = -1;

  for (int i = 0; i < 5000; i++)
    publish_with_priority (bus, i, g_rand_int_range (rand, -20, 20));
  for (int i = 0; i < 5000; i++)
    {
      g_autoptr (CurrantMessage) message = currant_queue_try_get (queue);
      int priority = currant_message_get_priority (message);
      int number = currant_test_message_number (message);

      g_assert_cmpint (priority, >=, last_priority);
      if (priority == last_priority)
        g_assert_cmpint (number, >, last_number);
      last_priority = priority;
      last_number = number;
    }
}

typedef struct
{
  CurrantQueue *queue;
  GCancellable *cancellable;
  int started; /* atomic */
} Shared;

static void
test_timeout (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);
  g_autoptr (GError) error = NULL;
  gint64 before = g_get_monotonic_time ();

  g_assert_null (currant_queue_get (queue, 30000, NULL, &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - before, >=, 30000);
  g_clear_error (&error);
  g_assert_null (currant_queue_get (queue, 0, NULL, &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_TIMED_OUT);
  g_assert_null (currant_queue_get (queue, 0, NULL, NULL));
}

/* What is stored comes at once, whatever the timeout. */
static void
test_timeout_zero_takes_what_is_stored (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);
  g_autoptr (CurrantMessage) message = NULL;

  publish_numbers (bus, 7, 7);
  message = currant_queue_get (queue, 0, NULL, NULL);
  g_assert_cmpint (currant_test_message_number (message), ==, 7);
}

static gpointer
get_for_ever (gpointer data)
{
  Shared *shared = data;
  g_autoptr (GError) error = NULL;
  CurrantMessage *message;

  g_atomic_int_inc (&shared->started);
  message = currant_queue_get (shared->queue, -1, shared->cancellable, &error);
  if (message == NULL)
    return g_steal_pointer (&error);
  currant_message_unref (message);
  return NULL;
}

/* Whether the getter waits already or not yet, the message reaches it. */
static void
test_a_waiter_is_woken (void)
{
  for (int round = 0; round < 300; round++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);
      Shared shared = { .queue = queue };
      GThread *thread = g_thread_new ("getter", get_for_ever, &shared);

      if (round % 2 == 0)
        currant_test_spin_until (g_atomic_int_get (&shared.started));
      publish_numbers (bus, 1, 1);
      g_assert_null (g_thread_join (thread));
    }
}

static void
test_cancelled_before (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (currant_queue_get (queue, -1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  publish_numbers (bus, 1, 1);
  g_assert_null (currant_queue_get (queue, -1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_stored (queue, "1");
}

static void
test_cancelled_while_waiting (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);

  for (int round = 0; round < 300; round++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Shared shared = { .queue = queue, .cancellable = cancellable };
      GThread *thread = g_thread_new ("getter", get_for_ever, &shared);
      g_autoptr (GError) error = NULL;

      currant_test_spin_until (g_atomic_int_get (&shared.started));
      g_cancellable_cancel (cancellable);
      error = g_thread_join (thread);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
  publish_numbers (bus, 1, 1);
  assert_stored (queue, "1");
}

/* Getters that are cancelled all the time, beside one that must get everything else: whoever is
 * woken for a message and leaves without it wakes another. */

typedef struct
{
  CurrantQueue *queue;
  pthread_mutex_t lock;
  GCancellable *cancellable; /* guarded by the lock */
  int over, got;             /* atomic */
} Fickle;

static GCancellable *
fickle_dup (Fickle *self)
{
  GCancellable *cancellable;

  pthread_mutex_lock (&self->lock);
  cancellable = g_object_ref (self->cancellable);
  pthread_mutex_unlock (&self->lock);
  return cancellable;
}

/* Whoever drops the last reference frees what the others have used. */
static void
fickle_drop (GCancellable *cancellable)
{
  CURRANT_TEST_TSAN_RELEASE (cancellable);
  CURRANT_TEST_TSAN_ACQUIRE (cancellable);
  g_object_unref (cancellable);
}

static gpointer
get_until_cancelled (gpointer data)
{
  Fickle *self = data;

  while (!g_atomic_int_get (&self->over))
    {
      GCancellable *cancellable = fickle_dup (self);
      CurrantMessage *message = currant_queue_get (self->queue, -1, cancellable, NULL);

      fickle_drop (cancellable);
      if (message == NULL)
        continue;
      currant_message_unref (message);
      g_atomic_int_inc (&self->got);
    }
  return NULL;
}

static gpointer
get_until_closed (gpointer data)
{
  Fickle *self = data;
  CurrantMessage *message;

  while ((message = currant_queue_get (self->queue, -1, NULL, NULL)) != NULL)
    {
      currant_message_unref (message);
      g_atomic_int_inc (&self->got);
    }
  return NULL;
}

static void
fickle_cancel (Fickle *self)
{
  GCancellable *old;

  pthread_mutex_lock (&self->lock);
  old = self->cancellable;
  self->cancellable = g_cancellable_new ();
  pthread_mutex_unlock (&self->lock);
  g_cancellable_cancel (old);
  fickle_drop (old);
}

static void
cancel_and_publish (guint spin_us)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);
  Fickle fickle = { .queue = queue, .cancellable = g_cancellable_new () };
  GThread *threads[4];

  pthread_mutex_init (&fickle.lock, NULL);
  currant_queue_set_spin (queue, spin_us);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("getter", i == 0 ? get_until_closed : get_until_cancelled, &fickle);
  for (int i = 1; i <= 1000; i++)
    {
      publish_numbers (bus, i, i);
      fickle_cancel (&fickle);
      currant_test_spin_until (g_atomic_int_get (&fickle.got) == i);
    }
  g_atomic_int_set (&fickle.over, TRUE);
  fickle_cancel (&fickle);
  currant_queue_close (queue);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  pthread_mutex_destroy (&fickle.lock);
  g_object_unref (fickle.cancellable);
}

static void
test_cancelled_passes_on (void)
{
  cancel_and_publish (0);
  cancel_and_publish (10);
}

static void
assert_closed (CurrantQueue *queue)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (currant_queue_get (queue, -1, NULL, &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (currant_queue_get (queue, 0, NULL, &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_CLOSED);
  g_assert_null (currant_queue_try_get (queue));
}

/* What is stored comes first, then the error; nothing new is stored. */
static void
test_close_drains_first (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);
  g_autoptr (CurrantMessage) first = NULL;
  g_autoptr (CurrantMessage) second = NULL;

  publish_numbers (bus, 1, 2);
  currant_queue_close (queue);
  currant_queue_close (queue);
  g_assert_true (currant_queue_is_closed (queue));
  g_assert_cmpuint (currant_bus_publish (bus, "q:x", "(i)", 3), ==, 0);
  first = currant_queue_get (queue, -1, NULL, NULL);
  second = currant_queue_get (queue, 0, NULL, NULL);
  g_assert_cmpint (currant_test_message_number (first), ==, 1);
  g_assert_cmpint (currant_test_message_number (second), ==, 2);
  assert_closed (queue);
  g_assert_cmpuint (currant_test_stat_now (bus, "queues"), ==, 0);
}

static void
test_close_wakes_every_waiter (void)
{
  for (int round = 0; round < 50; round++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);
      Shared shared = { .queue = queue };
      GThread *threads[4];

      for (int i = 0; i < 4; i++)
        threads[i] = g_thread_new ("getter", get_for_ever, &shared);
      currant_test_spin_until (g_atomic_int_get (&shared.started) == 4);
      currant_queue_close (queue);
      for (int i = 0; i < 4; i++)
        {
          g_autoptr (GError) error = g_thread_join (threads[i]);

          g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_CLOSED);
        }
    }
}

/* A queue that nobody holds stops collecting, and gives back what it stored. */
static void
test_dispose (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  CurrantQueue *queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);

  publish_numbers (bus, 1, 3);
  g_assert_cmpuint (currant_test_stat_now (bus, "queues"), ==, 1);
  g_assert_cmpuint (currant_test_stat (bus, "waiting"), ==, 3);
  g_object_add_weak_pointer (G_OBJECT (queue), (gpointer *)&queue);
  g_object_unref (queue);
  g_assert_null (queue);
  g_assert_cmpuint (currant_bus_publish (bus, "q:x", "(i)", 4), ==, 0);
  g_assert_cmpuint (currant_test_stat_now (bus, "queues"), ==, 0);
  g_assert_cmpuint (currant_test_stat (bus, "waiting"), ==, 0);
  g_assert_cmpuint (currant_test_stat (bus, "discarded"), ==, 3);
  currant_test_assert_balance (bus);
}

/* An expired message is not handed out, but counted. */
static void
test_expired (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "q:x", CURRANT_QUEUE_STANDALONE);
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("q:x");
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(i)", 1);
  g_autoptr (GError) error = NULL;

  currant_message_set_expiry (message, g_get_monotonic_time () + 20000);
  currant_bus_publish_message (bus, message);
  currant_test_spin_until (currant_message_is_expired (message));
  g_assert_null (currant_queue_get (queue, 0, NULL, &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_TIMED_OUT);
  g_assert_cmpuint (currant_test_stat (bus, "expired"), ==, 1);
  publish_numbers (bus, 2, 2);
  assert_stored (queue, "2");
  currant_test_assert_balance (bus);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/queue/collects", test_collects);
  currant_test_add ("/queue/looks", test_looks);
  currant_test_add ("/queue/fifo", test_fifo);
  currant_test_add ("/queue/fifo-ignores-priority", test_fifo_ignores_priority);
  currant_test_add ("/queue/priority", test_priority);
  currant_test_add ("/queue/priority-of-many", test_priority_of_many);
  currant_test_add ("/queue/timeout", test_timeout);
  currant_test_add ("/queue/timeout-zero-takes-what-is-stored",
                    test_timeout_zero_takes_what_is_stored);
  currant_test_add ("/queue/a-waiter-is-woken", test_a_waiter_is_woken);
  currant_test_add ("/queue/cancelled-before", test_cancelled_before);
  currant_test_add ("/queue/cancelled-while-waiting", test_cancelled_while_waiting);
  currant_test_add ("/queue/cancelled-passes-on", test_cancelled_passes_on);
  currant_test_add ("/queue/close-drains-first", test_close_drains_first);
  currant_test_add ("/queue/close-wakes-every-waiter", test_close_wakes_every_waiter);
  currant_test_add ("/queue/dispose", test_dispose);
  currant_test_add ("/queue/expired", test_expired);
  return g_test_run ();
}
