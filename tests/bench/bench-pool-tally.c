/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench-pool.h"

#include <sched.h>

/* Threads that may ever count; pools make few, but a new one for each case. */
#define MAX_THREADS 1024

/* How many tasks a thread counts before it tells, and how many may so be untold at the end, with as
 * many threads as any case has. */
#define TOLD_AT_ONCE 32
#define UNTOLD 512

#define PATIENCE_US (20 * G_TIME_SPAN_SECOND)

typedef struct
{
  guint64 calls; /* atomic, written by one thread */
  guint64 fill[7];
} Slot;

static Slot slots[MAX_THREADS];
static int n_slots; /* atomic */
static __thread Slot *own_slot;

static BenchGoal goal;
static guint64 told; /* atomic */
static guint64 wanted;
static guint64 before;

static guint64
sum_slots (void)
{
  guint64 sum = 0;
  int n = MIN (g_atomic_int_get (&n_slots), MAX_THREADS);

  for (int i = 0; i < n; i++)
    sum += __atomic_load_n (&slots[i].calls, __ATOMIC_ACQUIRE);
  return sum;
}

static Slot *
take_slot (void)
{
  int place = g_atomic_int_add (&n_slots, 1);

  g_assert (place < MAX_THREADS);
  return &slots[place];
}

void
pool_tally_hit (void)
{
  guint64 calls;

  if (G_UNLIKELY (own_slot == NULL))
    own_slot = take_slot ();
  calls = own_slot->calls + 1;
  __atomic_store_n (&own_slot->calls, calls, __ATOMIC_RELEASE);
  if (calls % TOLD_AT_ONCE == 0)
    {
      guint64 old = __atomic_fetch_add (&told, TOLD_AT_ONCE, __ATOMIC_ACQ_REL);

      if (old < wanted && old + TOLD_AT_ONCE >= wanted)
        bench_goal_reach (&goal);
    }
}

void
pool_tally_start (BenchRun *run)
{
  bench_goal_init (&goal);
  before = sum_slots ();
  told = 0;
  wanted = run->n > UNTOLD * 2 ? run->n - UNTOLD : 0;
  bench_start (run);
}

/* Only to sleep: the time is taken by the caller. */
static void
wait_for_most (BenchRun *run)
{
  if (wanted > 0)
    bench_goal_wait (&goal, run);
}

void
pool_tally_wait (BenchRun *run)
{
  const gint64 deadline = g_get_monotonic_time () + PATIENCE_US;

  wait_for_most (run);
  while ((run->counted = sum_slots () - before) < run->n && g_get_monotonic_time () < deadline)
    sched_yield ();
  bench_stop (run);
  bench_goal_clear (&goal);
}
