/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The clock, threads that start together, and processors to pin them to. */
#include "config.h"

#include "bench-private.h"

#include <sched.h>
#include <time.h>

#define NS_A_SECOND G_GINT64_CONSTANT (1000000000)
#define GOAL_PATIENCE_US (20 * G_TIME_SPAN_SECOND)

typedef struct
{
  BenchRun *run;
  BenchLaneFunc func;
  guint n_lanes;
  int ready; /* atomic: lanes that wait */
  int go;    /* atomic: whether they may start */
} Gate;

typedef struct
{
  Gate *gate;
  guint lane;
  gint64 end;
  GThread *thread;
} Lane;

typedef struct
{
  guint lane;
  GThreadFunc func;
  gpointer data;
} Start;

gint64
bench_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * NS_A_SECOND + now.tv_nsec;
}

void
bench_start (BenchRun *run)
{
  run->start = bench_now ();
}

void
bench_stop (BenchRun *run)
{
  run->ns = bench_now () - run->start;
}

void
bench_latency (BenchRun *run, gint64 ns)
{
  g_array_append_val (run->latencies, ns);
}

#ifdef __linux__

/* The processors that the program was given, read before any thread is pinned. */
static const cpu_set_t *
all_processors (void)
{
  static gsize once = 0;
  static cpu_set_t all;

  if (g_once_init_enter (&once))
    {
      CPU_ZERO (&all);
      sched_getaffinity (0, sizeof (all), &all);
      g_once_init_leave (&once, 1);
    }
  return &all;
}

void
bench_pin (guint lane)
{
  const cpu_set_t *all = all_processors ();
  int n = CPU_COUNT (all);
  int left = n > 0 ? (int)lane % n : 0;
  cpu_set_t one;

  if (bench_options.no_pin || n < 2)
    return;
  CPU_ZERO (&one);
  for (int i = 0; i < CPU_SETSIZE; i++)
    if (CPU_ISSET (i, all) && left-- == 0)
      CPU_SET (i, &one);
  sched_setaffinity (0, sizeof (one), &one);
}

void
bench_unpin (void)
{
  if (!bench_options.no_pin)
    sched_setaffinity (0, sizeof (cpu_set_t), all_processors ());
}

#else

void
bench_pin (guint lane)
{
}

void
bench_unpin (void)
{
}

#endif

static gpointer
thread_main (gpointer data)
{
  Start start = *(Start *)data;

  g_free (data);
  bench_pin (start.lane);
  return start.func (start.data);
}

GThread *
bench_thread_new (const char *name, guint lane, GThreadFunc func, gpointer data)
{
  Start *start = g_new (Start, 1);

  *start = (Start){ .lane = lane, .func = func, .data = data };
  return g_thread_new (name, thread_main, start);
}

/* With more lanes than two, threads outnumber the processors of a small machine: there the
 * scheduler places them better than a fixed order would. */
static gpointer
lane_main (gpointer data)
{
  Lane *lane = data;
  Gate *gate = lane->gate;

  if (gate->n_lanes > 2)
    bench_unpin ();
  g_atomic_int_inc (&gate->ready);
  while (!g_atomic_int_get (&gate->go))
    sched_yield ();
  gate->func (gate->run, lane->lane);
  lane->end = bench_now ();
  return NULL;
}

void
bench_parallel (BenchRun *run, guint n_lanes, BenchLaneFunc func)
{
  Gate gate = { .run = run, .func = func, .n_lanes = n_lanes };
  g_autofree Lane *lanes = g_new0 (Lane, n_lanes);
  gint64 end = 0;

  for (guint i = 0; i < n_lanes; i++)
    {
      lanes[i].gate = &gate;
      lanes[i].lane = i;
      lanes[i].thread = bench_thread_new ("bench-lane", i, lane_main, &lanes[i]);
    }
  while ((guint)g_atomic_int_get (&gate.ready) < n_lanes)
    sched_yield ();
  bench_start (run);
  g_atomic_int_set (&gate.go, 1);
  for (guint i = 0; i < n_lanes; i++)
    {
      g_thread_join (lanes[i].thread);
      end = MAX (end, lanes[i].end);
    }
  run->ns = end - run->start;
}

/* ---- goals ---------------------------------------------------------------------------------- */

void
bench_goal_init (BenchGoal *goal)
{
  *goal = (BenchGoal){ 0 };
  g_mutex_init (&goal->lock);
  g_cond_init (&goal->cond);
}

void
bench_goal_clear (BenchGoal *goal)
{
  g_mutex_clear (&goal->lock);
  g_cond_clear (&goal->cond);
}

void
bench_goal_set (BenchGoal *goal, guint64 target)
{
  g_mutex_lock (&goal->lock);
  goal->target = target;
  goal->seen = 0;
  goal->reached = FALSE;
  g_mutex_unlock (&goal->lock);
}

void
bench_goal_reach (BenchGoal *goal)
{
  g_mutex_lock (&goal->lock);
  goal->end = bench_now ();
  goal->reached = TRUE;
  g_cond_signal (&goal->cond);
  g_mutex_unlock (&goal->lock);
}

void
bench_goal_wait (BenchGoal *goal, BenchRun *run)
{
  const gint64 deadline = g_get_monotonic_time () + GOAL_PATIENCE_US;
  gboolean waiting = TRUE;

  g_mutex_lock (&goal->lock);
  while (waiting && !goal->reached)
    waiting = g_cond_wait_until (&goal->cond, &goal->lock, deadline);
  run->ns = goal->end - run->start;
  run->counted = goal->seen;
  g_mutex_unlock (&goal->lock);
}
