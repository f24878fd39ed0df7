/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A thread with a main loop. Hand-overs in both directions name their edges for ThreadSanitizer. */
#include "config.h"

#include "currant-test.h"

struct _CurrantTestLoop
{
  GMainContext *context; /* immutable */
  GMainLoop *loop;       /* immutable */
  GThread *thread;       /* immutable after new */
  int held;              /* atomic: the loop's thread is inside currant_test_loop_hold() */
};

typedef struct
{
  GFunc func;
  gpointer a;
  gpointer b;
  int done; /* atomic */
} Call;

static gpointer
run_loop (gpointer data)
{
  CurrantTestLoop *self = data;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);
  currant_test_drain (self->context);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static void
do_nothing (gpointer a, gpointer b)
{
  (void)a;
  (void)b;
}

/* Returns with the loop running, so that its context is owned by its thread. */
CurrantTestLoop *
currant_test_loop_new (void)
{
  CurrantTestLoop *self = g_new0 (CurrantTestLoop, 1);

  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  CURRANT_TEST_TSAN_RELEASE (self);
  self->thread = g_thread_new ("test-loop", run_loop, self);
  currant_test_loop_call (self, do_nothing, NULL, NULL);
  return self;
}

static void
quit_loop (gpointer loop, gpointer b)
{
  (void)b;
  g_main_loop_quit (loop);
}

void
currant_test_loop_free (CurrantTestLoop *self)
{
  currant_test_loop_call (self, quit_loop, self->loop, NULL);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_free (self);
}

GMainContext *
currant_test_loop_get_context (CurrantTestLoop *self)
{
  return self->context;
}

GThread *
currant_test_loop_get_thread (CurrantTestLoop *self)
{
  return self->thread;
}

static gboolean
run_call (gpointer data)
{
  Call *call = data;

  CURRANT_TEST_TSAN_ACQUIRE (call);
  call->func (call->a, call->b);
  g_atomic_int_set (&call->done, TRUE);
  return G_SOURCE_REMOVE;
}

static void
call_at_priority (CurrantTestLoop *self, int priority, GFunc func, gpointer a, gpointer b)
{
  Call call = { .func = func, .a = a, .b = b };
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, priority);
  g_source_set_callback (source, run_call, &call, NULL);
  CURRANT_TEST_TSAN_RELEASE (&call);
  g_source_attach (source, self->context);
  while (!g_atomic_int_get (&call.done))
    g_thread_yield ();
}

/* Runs func in the loop's thread and waits for its end. */
void
currant_test_loop_call (CurrantTestLoop *self, GFunc func, gpointer a, gpointer b)
{
  call_at_priority (self, G_PRIORITY_HIGH, func, a, b);
}

/* Returns when the loop has nothing better to do: all that was posted to it before has run. */
void
currant_test_loop_sync (CurrantTestLoop *self)
{
  call_at_priority (self, G_MAXINT, do_nothing, NULL, NULL);
}

static gboolean
hold_loop (gpointer data)
{
  CurrantTestLoop *self = data;

  g_atomic_int_set (&self->held, 2);
  while (g_atomic_int_get (&self->held) != 0)
    g_thread_yield ();
  return G_SOURCE_REMOVE;
}

/* Keeps the loop's thread busy, owning its context, until currant_test_loop_release(). */
void
currant_test_loop_hold (CurrantTestLoop *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_atomic_int_set (&self->held, 1);
  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, hold_loop, self, NULL);
  g_source_attach (source, self->context);
  while (g_atomic_int_get (&self->held) != 2)
    g_thread_yield ();
}

void
currant_test_loop_release (CurrantTestLoop *self)
{
  g_atomic_int_set (&self->held, 0);
}
