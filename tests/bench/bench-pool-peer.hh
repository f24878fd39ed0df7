/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group E: what the pools of the C++ peers have in common. A Pool is a class with
 *
 *   Pool (guint workers);
 *   void push_task ();            a task that calls pool_tally_hit()
 *   void push_single (BenchGoal *);   one that hits the goal
 */
#pragma once

#include "bench-pool.h"

namespace bench
{

template <class Pool> struct PoolPeer
{
  Pool pool;
  BenchGoal goal;

  PoolPeer (guint workers) : pool (workers) { bench_goal_init (&goal); }
  ~PoolPeer () { bench_goal_clear (&goal); }

  void push_and_wait (BenchRun *run)
  {
    bench_goal_set (&goal, 1);
    bench_start (run);
    pool.push_single (&goal);
    bench_goal_wait (&goal, run);
  }
};

/* A single worker begins, with its first task, on a processor of its own: see bench-pool.c. */
template <class Pool>
gpointer
set_up (const BenchCase *bench)
{
  BenchRun run = {};

  if (bench->param == 1)
    bench_pin (1);
  auto peer = new PoolPeer<Pool> (static_cast<guint> (bench->param));
  peer->push_and_wait (&run);
  bench_unpin ();
  return peer;
}

template <class Pool>
void
tear_down (gpointer state)
{
  delete static_cast<PoolPeer<Pool> *> (state);
}

template <class Pool>
void
run_tasks (BenchRun *run)
{
  auto peer = static_cast<PoolPeer<Pool> *> (run->state);

  if (run->bench->param == 1)
    bench_pin (0);
  pool_tally_start (run);
  for (gsize i = 0; i < run->n; i++)
    peer->pool.push_task ();
  pool_tally_wait (run);
}

template <class Pool>
void
run_single (BenchRun *run)
{
  auto peer = static_cast<PoolPeer<Pool> *> (run->state);
  const gint64 first = bench_now ();

  bench_pin (0);
  for (gsize i = 0; i < run->n; i++)
    {
      guint64 seen = run->counted;

      peer->push_and_wait (run);
      run->counted += seen;
      bench_latency (run, bench_now () - run->start);
    }
  run->start = first;
  bench_stop (run);
}

template <class Pool>
void
add_pool (const char *comparison, const char *name, gint64 workers, void (*run) (BenchRun *))
{
  BenchCase bench = {};

  bench.comparison = comparison;
  bench.name = name;
  bench.role = BENCH_PEER;
  bench.param = workers;
  bench.max_n = POOL_MAX;
  bench.deliveries = 1;
  bench.setup = set_up<Pool>;
  bench.run = run;
  bench.teardown = tear_down<Pool>;
  bench_add (&bench);
}

template <class Pool>
void
add_pools (const char *name)
{
  add_pool<Pool> ("pool-1", name, 1, run_tasks<Pool>);
  add_pool<Pool> ("pool-2", name, 2, run_tasks<Pool>);
  add_pool<Pool> ("pool-latency", name, 1, run_single<Pool>);
}

}
