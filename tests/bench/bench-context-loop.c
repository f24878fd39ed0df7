/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench-context.h"

/* So many turns of a loop without a message mean that one is lost. */
#define IDLE_TURNS 100000

static gpointer
loop_main (gpointer data)
{
  Loop *loop = data;

  g_main_context_push_thread_default (loop->context);
  while (!g_atomic_int_get (&loop->stop))
    g_main_context_iteration (loop->context, TRUE);
  g_main_context_pop_thread_default (loop->context);
  return NULL;
}

Loop *
loop_new (void)
{
  Loop *loop = g_new0 (Loop, 1);

  bench_goal_init (&loop->goal);
  loop->context = g_main_context_new ();
  loop->home = g_main_context_new ();
  loop->thread = bench_thread_new ("bench-loop", 1, loop_main, loop);
  return loop;
}

void
loop_stop (Loop *loop)
{
  g_atomic_int_set (&loop->stop, 1);
  g_main_context_wakeup (loop->context);
  g_thread_join (loop->thread);
}

void
loop_free (Loop *loop)
{
  g_main_context_unref (loop->context);
  g_main_context_unref (loop->home);
  bench_goal_clear (&loop->goal);
  g_free (loop);
}

void
loop_got (Loop *loop, int number)
{
  loop->sum += (guint64)number;
  bench_goal_hit (&loop->goal);
}

void
loop_expect (Loop *loop, BenchRun *run)
{
  loop->sum = 0;
  bench_goal_set (&loop->goal, run->n);
  bench_pin (0);
  bench_start (run);
}

void
loop_wait (Loop *loop, BenchRun *run)
{
  bench_goal_wait (&loop->goal, run);
  if (loop->sum != (guint64)run->n * (run->n - 1) / 2)
    run->complaint = "the loop read other numbers than were posted";
}

void
loop_run_home (Loop *loop, guint64 wanted, gboolean may_block)
{
  guint turns = 0;

  while (loop->home_seen < wanted && turns++ < IDLE_TURNS)
    if (g_main_context_iteration (loop->home, may_block))
      turns = 0;
}
