/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Getting from a queue in a main loop: async calls and sources. */
#include "config.h"

#include "currant-test.h"

typedef struct
{
  CurrantBus *bus;
  CurrantQueue *queue;
  CurrantTestRecorder *recorder;
  GError *error;
  guint finished;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  (void)data;
  currant_test_watchdog (60);
  self->bus = currant_bus_new ();
  self->queue = currant_queue_new (self->bus, "q:x", CURRANT_QUEUE_STANDALONE);
  self->recorder = currant_test_recorder_new ();
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  (void)data;
  currant_test_drain (NULL);
  g_clear_error (&self->error);
  g_clear_object (&self->queue);
  currant_test_assert_balance (self->bus);
  g_clear_object (&self->bus);
  currant_test_recorder_free (self->recorder);
}

static void
publish_numbers (CurrantBus *bus, int first, int last)
{
  for (int i = first; i <= last; i++)
    currant_bus_publish (bus, "q:x", "(i)", i);
}

static void
on_got (GObject *object, GAsyncResult *result, gpointer data)
{
  Fixture *self = data;
  g_autoptr (CurrantMessage) message = NULL;

  g_clear_error (&self->error);
  message = currant_queue_get_finish (CURRANT_QUEUE (object), result, &self->error);
  g_assert_cmpint (message == NULL, ==, self->error != NULL);
  if (message != NULL)
    currant_test_recorder_take (message, self->recorder);
  self->finished++;
}

/* Never inside the call itself, even when a message is there. */
static void
test_stored (Fixture *self, gconstpointer data)
{
  (void)data;
  publish_numbers (self->bus, 1, 1);
  currant_queue_get_async (self->queue, NULL, on_got, self);
  g_assert_cmpuint (self->finished, ==, 0);
  currant_test_iterate_until (NULL, self->finished == 1);
  g_assert_no_error (self->error);
  currant_test_assert_numbers (self->recorder, "1");
}

static void
test_waiting (Fixture *self, gconstpointer data)
{
  (void)data;
  for (int i = 0; i < 3; i++)
    currant_queue_get_async (self->queue, NULL, on_got, self);
  currant_test_drain (NULL);
  g_assert_cmpuint (self->finished, ==, 0);
  publish_numbers (self->bus, 1, 4);
  currant_test_iterate_until (NULL, self->finished == 3);
  currant_test_assert_numbers (self->recorder, "1 2 3");
  g_assert_cmpuint (currant_queue_get_length (self->queue), ==, 1);
}

static gpointer
publish_one (gpointer bus)
{
  publish_numbers (bus, 1, 1);
  return NULL;
}

/* The loop sleeps without a timeout here: only the wake-up of the publish can end it. */
static void
test_wakes_the_loop (Fixture *self, gconstpointer data)
{
  GThread *thread;

  (void)data;
  currant_queue_get_async (self->queue, NULL, on_got, self);
  thread = g_thread_new ("publisher", publish_one, self->bus);
  currant_test_waiting_for ("the async get to wake the loop");
  while (self->finished == 0)
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  currant_test_assert_numbers (self->recorder, "1");
}

/* Cancelled calls end, and take nothing with them. */
static void
test_cancel (Fixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (CurrantMessage) message = NULL;

  (void)data;
  currant_queue_get_async (self->queue, cancellable, on_got, self);
  currant_test_drain (NULL);
  g_cancellable_cancel (cancellable);
  currant_test_iterate_until (NULL, self->finished == 1);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  currant_queue_get_async (self->queue, cancellable, on_got, self);
  currant_test_iterate_until (NULL, self->finished == 2);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  publish_numbers (self->bus, 1, 1);
  message = currant_queue_try_get (self->queue);
  g_assert_nonnull (message);
}

/* The one behind a cancelled call gets what comes. */
static void
test_cancel_lets_the_next_have_it (Fixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  (void)data;
  currant_queue_get_async (self->queue, cancellable, on_got, self);
  currant_queue_get_async (self->queue, NULL, on_got, self);
  g_cancellable_cancel (cancellable);
  publish_numbers (self->bus, 1, 1);
  currant_test_iterate_until (NULL, self->finished == 2);
  currant_test_assert_numbers (self->recorder, "1");
}

static gpointer
publish_then_yield (gpointer data)
{
  Fixture *self = data;

  publish_numbers (self->bus, 1, 1);
  return NULL;
}

/* Message and cancellation race: whoever wins, the message is either handed out or still there. */
static void
test_cancel_loses_no_message (Fixture *self, gconstpointer data)
{
  (void)data;
  for (guint round = 1; round <= 1000; round++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (CurrantMessage) left = NULL;
      GThread *thread;

      currant_test_recorder_clear (self->recorder);
      currant_queue_get_async (self->queue, cancellable, on_got, self);
      thread = g_thread_new ("publisher", publish_then_yield, self);
      if (round % 3 == 0)
        g_thread_yield ();
      g_cancellable_cancel (cancellable);
      currant_test_iterate_until (NULL, self->finished == round);
      g_thread_join (thread);
      left = currant_queue_try_get (self->queue);
      g_assert_cmpuint (currant_test_recorder_count (self->recorder) + (left != NULL), ==, 1);
    }
}

static void
test_close_ends_async_calls (Fixture *self, gconstpointer data)
{
  (void)data;
  currant_queue_get_async (self->queue, NULL, on_got, self);
  currant_queue_get_async (self->queue, NULL, on_got, self);
  currant_queue_close (self->queue);
  currant_test_iterate_until (NULL, self->finished == 2);
  g_assert_error (self->error, CURRANT_ERROR, CURRANT_ERROR_CLOSED);
  currant_queue_get_async (self->queue, NULL, on_got, self);
  currant_test_iterate_until (NULL, self->finished == 3);
  g_assert_error (self->error, CURRANT_ERROR, CURRANT_ERROR_CLOSED);
}

static void
get_in_loop (gpointer a, gpointer b)
{
  Fixture *self = a;

  (void)b;
  currant_queue_get_async (self->queue, NULL, on_got, self);
}

/* The callback comes in the thread-default context of the call. */
static void
test_context (Fixture *self, gconstpointer data)
{
  g_autoptr (CurrantTestLoop) loop = currant_test_loop_new ();

  (void)data;
  currant_test_loop_call (loop, get_in_loop, self, NULL);
  publish_numbers (self->bus, 1, 1);
  currant_test_spin_until (currant_test_recorder_count (self->recorder) == 1);
  currant_test_loop_sync (loop);
  g_assert_true (currant_test_recorder_thread (self->recorder, 0)
                 == currant_test_loop_get_thread (loop));
}

/* Sources. */

static gboolean
take_one (CurrantQueue *queue, gpointer data)
{
  Fixture *self = data;
  g_autoptr (CurrantMessage) message = currant_queue_try_get (queue);

  self->finished++;
  if (message != NULL)
    currant_test_recorder_take (message, self->recorder);
  return currant_queue_is_closed (queue) && message == NULL ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static GSource *
attach_source (Fixture *self, GMainContext *context)
{
  GSource *source = currant_queue_create_source (self->queue);

  g_source_set_callback (source, G_SOURCE_FUNC (take_one), self, NULL);
  g_source_attach (source, context);
  return source;
}

/* Called once for each message and not for an empty queue, which would be a busy loop. */
static void
test_source (Fixture *self, gconstpointer data)
{
  g_autoptr (GSource) source = attach_source (self, NULL);

  (void)data;
  g_assert_nonnull (g_source_get_name (source));
  currant_test_drain (NULL);
  g_assert_cmpuint (self->finished, ==, 0);
  publish_numbers (self->bus, 1, 3);
  currant_test_iterate_until (NULL, currant_queue_is_empty (self->queue));
  currant_test_drain (NULL);
  g_assert_cmpuint (self->finished, ==, 3);
  publish_numbers (self->bus, 4, 5);
  currant_test_drain (NULL);
  currant_test_assert_numbers (self->recorder, "1 2 3 4 5");
  g_assert_cmpuint (self->finished, ==, 5);
  g_source_destroy (source);
}

/* Made when the queue has messages already. */
static void
test_source_of_a_filled_queue (Fixture *self, gconstpointer data)
{
  g_autoptr (GSource) source = NULL;

  (void)data;
  publish_numbers (self->bus, 1, 2);
  source = attach_source (self, NULL);
  currant_test_drain (NULL);
  currant_test_assert_numbers (self->recorder, "1 2");
  g_source_destroy (source);
}

static void
test_source_wakes_the_loop (Fixture *self, gconstpointer data)
{
  (void)data;
  for (int round = 1; round <= 100; round++)
    {
      g_autoptr (GSource) source = attach_source (self, NULL);
      GThread *thread = g_thread_new ("publisher", publish_one, self->bus);

      currant_test_waiting_for ("the queue's source to wake the loop");
      while (currant_test_recorder_count (self->recorder) < (guint)round)
        g_main_context_iteration (NULL, TRUE);
      g_thread_join (thread);
      g_source_destroy (source);
    }
}

static void
test_source_destroyed (Fixture *self, gconstpointer data)
{
  g_autoptr (GSource) source = attach_source (self, NULL);
  GSource *never_attached = currant_queue_create_source (self->queue);

  (void)data;
  publish_numbers (self->bus, 1, 1);
  g_source_destroy (source);
  g_source_unref (never_attached);
  publish_numbers (self->bus, 2, 2);
  currant_test_drain (NULL);
  g_assert_cmpuint (self->finished, ==, 0);
  g_assert_cmpuint (currant_queue_get_length (self->queue), ==, 2);
}

static gboolean
take_none (CurrantQueue *queue, gpointer data)
{
  (void)queue;
  ((Fixture *)data)->finished++;
  return G_SOURCE_REMOVE;
}

static void
test_source_removed_by_its_callback (Fixture *self, gconstpointer data)
{
  g_autoptr (GSource) source = currant_queue_create_source (self->queue);

  (void)data;
  g_source_set_callback (source, G_SOURCE_FUNC (take_none), self, NULL);
  g_source_attach (source, NULL);
  publish_numbers (self->bus, 1, 2);
  currant_test_drain (NULL);
  g_assert_cmpuint (self->finished, ==, 1);
  g_assert_true (g_source_is_destroyed (source));
}

/* Two loops at one queue: nothing twice, nothing left. */
static void
test_two_sources (Fixture *self, gconstpointer data)
{
  g_autoptr (CurrantTestLoop) loop = currant_test_loop_new ();
  CurrantTestRecorder *recorder = currant_test_recorder_new ();
  Fixture other = { .queue = self->queue, .recorder = recorder };
  g_autoptr (GSource) source = attach_source (self, NULL);
  g_autoptr (GSource) other_source = attach_source (&other, currant_test_loop_get_context (loop));
  guint64 sum = 0;

  (void)data;
  publish_numbers (self->bus, 1, 2000);
  currant_test_iterate_until (NULL, currant_test_recorder_count (self->recorder)
                                            + currant_test_recorder_count (recorder)
                                        == 2000);
  g_source_destroy (other_source);
  currant_test_loop_sync (loop);
  g_source_destroy (source);
  for (guint i = 0; i < currant_test_recorder_count (self->recorder); i++)
    sum += (guint)currant_test_recorder_number (self->recorder, i);
  for (guint i = 0; i < currant_test_recorder_count (recorder); i++)
    sum += (guint)currant_test_recorder_number (recorder, i);
  g_assert_cmpuint (sum, ==, 2000 * 2001 / 2);
  currant_test_recorder_free (recorder);
}

/* A closed queue is ready for good, so that the callback can see it and go. */
static void
test_source_of_a_closed_queue (Fixture *self, gconstpointer data)
{
  g_autoptr (GSource) source = attach_source (self, NULL);

  (void)data;
  publish_numbers (self->bus, 1, 2);
  currant_queue_close (self->queue);
  currant_test_iterate_until (NULL, g_source_is_destroyed (source));
  currant_test_assert_numbers (self->recorder, "1 2");
}

static gpointer
close_queue (gpointer queue)
{
  currant_queue_close (queue);
  return NULL;
}

static void
test_close_wakes_the_loop (Fixture *self, gconstpointer data)
{
  g_autoptr (GSource) source = attach_source (self, NULL);
  GThread *thread = g_thread_new ("closer", close_queue, self->queue);

  (void)data;
  currant_test_waiting_for ("the closed queue's source to wake the loop");
  while (!g_source_is_destroyed (source))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
}

/* The source keeps what it needs; the queue may go in any order. */
static void
test_source_outlives_the_queue (Fixture *self, gconstpointer data)
{
  g_autoptr (GSource) source = attach_source (self, NULL);

  (void)data;
  publish_numbers (self->bus, 1, 1);
  g_clear_object (&self->queue);
  currant_test_drain (NULL);
  g_source_destroy (source);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  add ("/queue/async/stored", test_stored);
  add ("/queue/async/waiting", test_waiting);
  add ("/queue/async/wakes-the-loop", test_wakes_the_loop);
  add ("/queue/async/cancel", test_cancel);
  add ("/queue/async/cancel-lets-the-next-have-it", test_cancel_lets_the_next_have_it);
  add ("/queue/async/cancel-loses-no-message", test_cancel_loses_no_message);
  add ("/queue/async/close-ends-calls", test_close_ends_async_calls);
  add ("/queue/async/context", test_context);
  add ("/queue/source/each-message-once", test_source);
  add ("/queue/source/of-a-filled-queue", test_source_of_a_filled_queue);
  add ("/queue/source/wakes-the-loop", test_source_wakes_the_loop);
  add ("/queue/source/destroyed", test_source_destroyed);
  add ("/queue/source/removed-by-its-callback", test_source_removed_by_its_callback);
  add ("/queue/source/two-at-one-queue", test_two_sources);
  add ("/queue/source/of-a-closed-queue", test_source_of_a_closed_queue);
  add ("/queue/source/close-wakes-the-loop", test_close_wakes_the_loop);
  add ("/queue/source/outlives-the-queue", test_source_outlives_the_queue);
  return g_test_run ();
}
