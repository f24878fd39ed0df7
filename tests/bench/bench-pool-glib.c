/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group E: GThreadPool and GTask. */
#include "config.h"

#include "bench-pool.h"

#include <gio/gio.h>

typedef struct
{
  GThreadPool *pool;
  BenchGoal goal;
} Peer;

static void
on_task (gpointer task, gpointer user_data)
{
  pool_tally_hit ();
}

static void
on_single_task (gpointer task, gpointer user_data)
{
  Peer *peer = user_data;

  bench_goal_hit (&peer->goal);
}

static Peer *
peer_new (GFunc func, gint64 workers)
{
  Peer *peer = g_new0 (Peer, 1);

  bench_goal_init (&peer->goal);
  peer->pool = g_thread_pool_new (func, peer, (int)workers, TRUE, NULL);
  return peer;
}

static gpointer
set_up_pool (const BenchCase *bench)
{
  return peer_new (on_task, bench->param);
}

/* An exclusive pool starts its threads at once: see bench-pool.c for why they are placed. */
static Peer *
peer_new_beside (GFunc func)
{
  Peer *peer;

  bench_pin (1);
  peer = peer_new (func, 1);
  bench_unpin ();
  return peer;
}

static gpointer
set_up_pool_beside (const BenchCase *bench)
{
  return peer_new_beside (on_task);
}

static gpointer
set_up_single_beside (const BenchCase *bench)
{
  return peer_new_beside (on_single_task);
}

static void
peer_free (gpointer state)
{
  Peer *peer = state;

  g_thread_pool_free (peer->pool, FALSE, TRUE);
  bench_goal_clear (&peer->goal);
  g_free (peer);
}

static void
run_tasks (BenchRun *run)
{
  Peer *peer = run->state;

  if (run->bench->param == 1)
    bench_pin (0);
  pool_tally_start (run);
  for (gsize i = 0; i < run->n; i++)
    g_thread_pool_push (peer->pool, GSIZE_TO_POINTER (i + 1), NULL);
  pool_tally_wait (run);
}

static void
run_single (BenchRun *run)
{
  Peer *peer = run->state;
  const gint64 first = bench_now ();

  bench_pin (0);
  for (gsize i = 0; i < run->n; i++)
    {
      guint64 seen = run->counted;

      bench_goal_set (&peer->goal, 1);
      bench_start (run);
      g_thread_pool_push (peer->pool, GSIZE_TO_POINTER (i + 1), NULL);
      bench_goal_wait (&peer->goal, run);
      run->counted += seen;
      bench_latency (run, bench_now () - run->start);
    }
  run->start = first;
  bench_stop (run);
}

/* ---- GTask ---------------------------------------------------------------------------------- */

static guint64 answers;

static void
in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  answers += (guint64)g_task_propagate_boolean (G_TASK (result), NULL);
}

static void
push_task (void)
{
  GTask *task = g_task_new (NULL, NULL, on_answer, NULL);

  g_task_run_in_thread (task, in_thread);
  g_object_unref (task);
}

static void
run_gtask (BenchRun *run)
{
  GMainContext *context = run->state;

  answers = 0;
  g_main_context_push_thread_default (context);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    push_task ();
  while (answers < run->n)
    g_main_context_iteration (context, TRUE);
  bench_stop (run);
  g_main_context_pop_thread_default (context);
  run->counted = answers;
}

static gpointer
set_up_context (const BenchCase *bench)
{
  return g_main_context_new ();
}

static void
context_free (gpointer state)
{
  g_main_context_unref (state);
}

/* ---- cases ---------------------------------------------------------------------------------- */

static void
add_pool (const char *comparison, gint64 workers, gpointer (*set_up) (const BenchCase *),
          void (*run) (BenchRun *))
{
  bench_add (&(BenchCase){ .comparison = comparison,
                           .name = POOL_EXCLUSIVE,
                           .role = BENCH_PEER,
                           .param = workers,
                           .max_n = POOL_MAX,
                           .deliveries = 1,
                           .setup = set_up,
                           .run = run,
                           .teardown = peer_free });
}

static void
add_glib (void)
{
  add_pool ("pool-1", 1, set_up_pool_beside, run_tasks);
  add_pool ("pool-2", 2, set_up_pool, run_tasks);
  add_pool ("pool-latency", 1, set_up_single_beside, run_single);
  bench_add (&(BenchCase){ .comparison = "pool-answer",
                           .name = POOL_TASK,
                           .role = BENCH_PEER,
                           .max_n = POOL_TASK_MAX,
                           .deliveries = 1,
                           .setup = set_up_context,
                           .run = run_gtask,
                           .teardown = context_free });
}

BENCH_CASES (add_glib)
