/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A queue that g_object_new () made has no bus: each method says so, and none crashes. */
#include "config.h"

#include "currant-test.h"

static CurrantQueue *
bare_queue (void)
{
  return g_object_new (CURRANT_TYPE_QUEUE, NULL);
}

static void
use_set_bound (void)
{
  g_autoptr (CurrantQueue) queue = bare_queue ();

  currant_queue_set_bound (queue, 1, CURRANT_OVERFLOW_BLOCK);
}

static void
use_get (void)
{
  g_autoptr (CurrantQueue) queue = bare_queue ();

  g_assert_null (currant_queue_get (queue, 0, NULL, NULL));
}

static void
use_try_get (void)
{
  g_autoptr (CurrantQueue) queue = bare_queue ();

  g_assert_null (currant_queue_try_get (queue));
}

static void
use_get_async (void)
{
  g_autoptr (CurrantQueue) queue = bare_queue ();

  currant_queue_get_async (queue, NULL, NULL, NULL);
}

static void
use_create_source (void)
{
  g_autoptr (CurrantQueue) queue = bare_queue ();

  g_assert_null (currant_queue_create_source (queue));
}

static void
use_is_closed (void)
{
  g_autoptr (CurrantQueue) queue = bare_queue ();

  g_assert_true (currant_queue_is_closed (queue));
}

static void
use_is_empty (void)
{
  g_autoptr (CurrantQueue) queue = bare_queue ();

  g_assert_true (currant_queue_is_empty (queue));
}

static void
use_is_full (void)
{
  g_autoptr (CurrantQueue) queue = bare_queue ();

  g_assert_false (currant_queue_is_full (queue));
}

static void
use_get_length (void)
{
  g_autoptr (CurrantQueue) queue = bare_queue ();

  g_assert_cmpuint (currant_queue_get_length (queue), ==, 0);
}

static void
use_get_n_dropped (void)
{
  g_autoptr (CurrantQueue) queue = bare_queue ();

  g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, 0);
}

static void
use_get_pattern (void)
{
  g_autoptr (CurrantQueue) queue = bare_queue ();

  g_assert_null (currant_queue_get_pattern (queue));
}

static const CurrantTestMisuse misuses[] = {
  { "/queue-source/bare/set-bound", use_set_bound, "currant_queue_set_bound" },
  { "/queue-source/bare/get", use_get, "currant_queue_get" },
  { "/queue-source/bare/try-get", use_try_get, "currant_queue_try_get" },
  { "/queue-source/bare/get-async", use_get_async, "currant_queue_get_async" },
  { "/queue-source/bare/create-source", use_create_source, "currant_queue_create_source" },
  { "/queue-source/bare/is-closed", use_is_closed, "currant_queue_is_closed" },
  { "/queue-source/bare/is-empty", use_is_empty, "currant_queue_is_empty" },
  { "/queue-source/bare/is-full", use_is_full, "currant_queue_is_full" },
  { "/queue-source/bare/get-length", use_get_length, "currant_queue_get_length" },
  { "/queue-source/bare/get-n-dropped", use_get_n_dropped, "currant_queue_get_n_dropped" },
  { "/queue-source/bare/get-pattern", use_get_pattern, "currant_queue_get_pattern" },
};

/* Letting go of one is no misuse, nor is closing it first: that is what letting go does. */
static void
test_bare_goes (void)
{
  CurrantQueue *queue = bare_queue ();

  g_object_add_weak_pointer (G_OBJECT (queue), (gpointer *)&queue);
  currant_queue_close (queue);
  g_object_unref (queue);
  g_assert_null (queue);
}

static gboolean
note_ready (CurrantQueue *queue, gpointer n_ready)
{
  g_autoptr (CurrantMessage) message = currant_queue_try_get (queue);

  g_assert_true (message != NULL || currant_queue_is_closed (queue));
  ++*(guint *)n_ready;
  return message != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* The source calls once for each message, and once more when the queue is closed. */
static void
test_ready (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);
  g_autoptr (GSource) source = currant_queue_create_source (queue);
  guint n_ready = 0;

  g_source_set_callback (source, G_SOURCE_FUNC (note_ready), &n_ready, NULL);
  g_source_attach (source, NULL);
  currant_test_drain (NULL);
  g_assert_cmpuint (n_ready, ==, 0);
  currant_bus_publish (bus, "a:x", NULL);
  currant_bus_publish (bus, "a:x", NULL);
  currant_test_iterate_until (NULL, n_ready == 2);
  currant_queue_close (queue);
  currant_test_iterate_until (NULL, n_ready == 3);
  g_assert_true (g_source_is_destroyed (source));
}

/* A source and a getter in another thread at one queue: however their takes fall together, what is
 * stored in the end makes the source ready. */

typedef struct
{
  CurrantQueue *queue;
  int begun, done; /* rounds; atomic */
  guint n_rounds, n_takes;
} Beside;

static gboolean
take_one (CurrantQueue *queue, G_GNUC_UNUSED gpointer data)
{
  g_autoptr (CurrantMessage) message = currant_queue_try_get (queue);

  (void)message;
  return G_SOURCE_CONTINUE;
}

static gpointer
take_some (gpointer data)
{
  Beside *self = data;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  for (guint round = 1; round <= self->n_rounds; round++)
    {
      currant_test_spin_until (g_atomic_int_get (&self->begun) == (int)round);
      for (guint i = 0; i < self->n_takes; i++)
        {
          g_autoptr (CurrantMessage) message = currant_queue_try_get (self->queue);

          (void)message;
        }
      g_atomic_int_set (&self->done, (int)round);
    }
  return NULL;
}

static void
test_beside_a_getter (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);
  g_autoptr (GSource) source = currant_queue_create_source (queue);
  Beside beside = { .queue = queue, .n_rounds = currant_test_rounds (4000), .n_takes = 31 };
  GThread *thread;

  g_source_set_callback (source, G_SOURCE_FUNC (take_one), NULL, NULL);
  g_source_attach (source, NULL);
  CURRANT_TEST_TSAN_RELEASE (&beside);
  thread = g_thread_new ("getter", take_some, &beside);
  for (guint round = 1; round <= beside.n_rounds; round++)
    {
      for (int i = 0; i < 60; i++)
        currant_bus_publish (bus, "a:x", NULL);
      g_atomic_int_set (&beside.begun, (int)round);
      while (g_atomic_int_get (&beside.done) < (int)round)
        g_main_context_iteration (NULL, FALSE);
      currant_test_iterate_until (NULL, currant_queue_is_empty (queue));
    }
  g_thread_join (thread);
  g_source_destroy (source);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (misuses); i++)
    currant_test_add_misuse (&misuses[i]);
  currant_test_add ("/queue-source/bare/goes", test_bare_goes);
  currant_test_add ("/queue-source/ready", test_ready);
  currant_test_add ("/queue-source/beside-a-getter", test_beside_a_getter);
  return g_test_run ();
}
