/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group E: threads that take tasks from moodycamel's blocking queue, which spins before it sleeps:
 * about the least that a pool can be. */
#include "config.h"

#include "bench-pool-peer.hh"

#ifdef HAVE_CONCURRENTQUEUE_BLOCKINGCONCURRENTQUEUE_H
#include <concurrentqueue/blockingconcurrentqueue.h>
#else
#include <concurrentqueue/moodycamel/blockingconcurrentqueue.h>
#endif
#include <vector>

namespace
{

struct Task
{
  void (*func) (gpointer data);
  gpointer data;
};

void
on_task (gpointer)
{
  pool_tally_hit ();
}

void
on_single (gpointer data)
{
  bench_goal_hit (static_cast<BenchGoal *> (data));
}

struct Pool
{
  moodycamel::BlockingConcurrentQueue<Task> queue;
  std::vector<GThread *> threads;

  Pool (guint workers)
  {
    for (guint i = 0; i < workers; i++)
      threads.push_back (g_thread_new ("bench-moodycamel", work, this));
  }

  ~Pool ()
  {
    for (gsize i = 0; i < threads.size (); i++)
      queue.enqueue (Task{ nullptr, nullptr });
    for (auto thread : threads)
      g_thread_join (thread);
  }

  static gpointer work (gpointer data)
  {
    auto self = static_cast<Pool *> (data);
    Task task;

    for (;;)
      {
        self->queue.wait_dequeue (task);
        if (task.func == nullptr)
          return nullptr;
        task.func (task.data);
      }
  }

  void push_task () { queue.enqueue (Task{ on_task, nullptr }); }

  void push_single (BenchGoal *goal) { queue.enqueue (Task{ on_single, goal }); }
};

void
add_moodycamel ()
{
  bench::add_pools<Pool> ("moodycamel and workers");
}

BENCH_CASES (add_moodycamel)

}
