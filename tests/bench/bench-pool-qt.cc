/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group E: QThreadPool of Qt 6, a runnable for each task. */
#include "config.h"

#include "bench-pool-peer.hh"

#define QT_NO_KEYWORDS
#include <QRunnable>
#include <QThreadPool>

namespace
{

struct Task : QRunnable
{
  void run () override { pool_tally_hit (); }
};

struct Single : QRunnable
{
  BenchGoal *goal;

  Single (BenchGoal *to_hit) : goal (to_hit) {}

  void run () override { bench_goal_hit (goal); }
};

struct Pool
{
  QThreadPool pool;

  Pool (guint workers)
  {
    pool.setMaxThreadCount (static_cast<int> (workers));
    pool.setExpiryTimeout (-1);
  }

  void push_task () { pool.start (new Task ()); }

  void push_single (BenchGoal *goal) { pool.start (new Single (goal)); }
};

void
add_qt ()
{
  bench::add_pools<Pool> ("QThreadPool");
}

BENCH_CASES (add_qt)

}
