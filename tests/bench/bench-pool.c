/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group E: tasks on a pool of threads. */
#include "config.h"

#include "bench-pool.h"

#include <currant.h>

#define N_STRANDS 16

typedef struct
{
  CurrantBus *bus;
  CurrantTopic *topics[N_STRANDS];
  gsize n_topics;
  CurrantTopic *done;
  GMainContext *context;
  guint64 done_seen;
  BenchGoal goal;
} Ours;

static void
on_task (CurrantMessage *message, gpointer user_data)
{
  pool_tally_hit ();
}

static void
on_single_task (CurrantMessage *message, gpointer user_data)
{
  Ours *ours = user_data;

  bench_goal_hit (&ours->goal);
}

static void
on_task_with_answer (CurrantMessage *message, gpointer user_data)
{
  Ours *ours = user_data;

  currant_topic_publish (ours->done, NULL);
}

static void
on_answer (CurrantMessage *message, gpointer user_data)
{
  Ours *ours = user_data;

  ours->done_seen++;
}

/* ---- set-up --------------------------------------------------------------------------------- */

static void
follow (Ours *ours, const char *pattern, CurrantDelivery delivery, guint concurrency,
        CurrantFollowerFunc callback)
{
  g_autoptr (CurrantPattern) parsed = currant_pattern_new (pattern, NULL);
  g_autoptr (CurrantFollower) follower = currant_follower_new (parsed, callback, ours, NULL);

  currant_follower_set_delivery (follower, delivery);
  currant_follower_set_context (follower, ours->context);
  currant_follower_set_concurrency (follower, concurrency);
  currant_follower_set_bound (follower, 0, CURRANT_OVERFLOW_BLOCK);
  currant_bus_add_follower (ours->bus, follower);
}

/* So many followers, each with a topic of its own: as many strands. */
static Ours *
ours_new (guint workers, gsize n_strands, guint concurrency, CurrantFollowerFunc callback)
{
  Ours *ours = g_new0 (Ours, 1);

  bench_goal_init (&ours->goal);
  ours->context = g_main_context_new ();
  ours->bus = currant_bus_new ();
  ours->n_topics = n_strands;
  ours->done = currant_bus_get_topic (ours->bus, "task:done", NULL);
  currant_bus_set_multiplicity (ours->bus, workers);
  for (gsize i = 0; i < n_strands; i++)
    {
      g_autofree char *id = g_strdup_printf ("task-%" G_GSIZE_FORMAT ":do", i);

      ours->topics[i] = currant_bus_get_topic (ours->bus, id, NULL);
      follow (ours, id, CURRANT_DELIVERY_POOL, concurrency, callback);
    }
  return ours;
}

static void
ours_free (gpointer state)
{
  Ours *ours = state;

  for (gsize i = 0; i < ours->n_topics; i++)
    currant_topic_unref (ours->topics[i]);
  currant_topic_unref (ours->done);
  g_object_run_dispose (G_OBJECT (ours->bus));
  g_object_unref (ours->bus);
  g_main_context_unref (ours->context);
  bench_goal_clear (&ours->goal);
  g_free (ours);
}

/* One task for each strand, so that the threads are there. */
static void
start_threads (Ours *ours)
{
  BenchRun run = { .n = ours->n_topics };

  pool_tally_start (&run);
  for (gsize i = 0; i < ours->n_topics; i++)
    currant_topic_publish (ours->topics[i], NULL);
  pool_tally_wait (&run);
}

/* A thread begins on the processors of the one that starts it: the only way to place threads that a
 * library makes. Where there is one worker it gets a processor, and the pusher the other: left to
 * the system they share one or not as it happens, which decides the figures. */
static gpointer
strands_new_beside (guint n_strands)
{
  Ours *ours;

  bench_pin (1);
  ours = ours_new (1, n_strands, 1, on_task);
  start_threads (ours);
  bench_unpin ();
  return ours;
}

static gpointer
set_up_strand_beside (const BenchCase *bench)
{
  return strands_new_beside (1);
}

static gpointer
set_up_strands_beside (const BenchCase *bench)
{
  return strands_new_beside (N_STRANDS);
}

static gpointer
set_up_concurrent (const BenchCase *bench)
{
  return ours_new ((guint)bench->param, 1, (guint)bench->param, on_task);
}

static gpointer
set_up_strands (const BenchCase *bench)
{
  return ours_new ((guint)bench->param, N_STRANDS, 1, on_task);
}

static gpointer
set_up_single_beside (const BenchCase *bench)
{
  BenchRun run = { .n = 1 };
  Ours *ours;

  bench_pin (1);
  ours = ours_new (1, 1, 1, on_single_task);
  bench_goal_set (&ours->goal, 1);
  currant_topic_publish (ours->topics[0], NULL);
  bench_goal_wait (&ours->goal, &run);
  bench_unpin ();
  return ours;
}

static gpointer
set_up_answer (const BenchCase *bench)
{
  Ours *ours = ours_new ((guint)bench->param, 1, 1, on_task_with_answer);

  follow (ours, "task:done", CURRANT_DELIVERY_QUEUED, 1, on_answer);
  return ours;
}

/* ---- runs ----------------------------------------------------------------------------------- */

static void
run_tasks (BenchRun *run)
{
  Ours *ours = run->state;

  if (run->bench->param == 1)
    bench_pin (0);
  pool_tally_start (run);
  for (gsize i = 0; i < run->n; i++)
    currant_topic_publish (ours->topics[i % ours->n_topics], NULL);
  pool_tally_wait (run);
}

static void
run_single (BenchRun *run)
{
  Ours *ours = run->state;
  const gint64 first = bench_now ();

  bench_pin (0);
  for (gsize i = 0; i < run->n; i++)
    {
      guint64 seen = run->counted;

      bench_goal_set (&ours->goal, 1);
      bench_start (run);
      currant_topic_publish (ours->topics[0], NULL);
      bench_goal_wait (&ours->goal, run);
      run->counted += seen;
      bench_latency (run, bench_now () - run->start);
    }
  run->start = first;
  bench_stop (run);
}

static void
run_answers (BenchRun *run)
{
  Ours *ours = run->state;

  ours->done_seen = 0;
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    currant_topic_publish (ours->topics[0], NULL);
  while (ours->done_seen < run->n)
    g_main_context_iteration (ours->context, TRUE);
  bench_stop (run);
  run->counted = ours->done_seen;
}

/* ---- cases ---------------------------------------------------------------------------------- */

static void
add_case (const char *comparison, const char *name, gint64 workers, gsize max_n, BenchTarget target,
          gpointer (*set_up) (const BenchCase *), void (*run) (BenchRun *))
{
  bench_add (&(BenchCase){ .comparison = comparison,
                           .name = name,
                           .param = workers,
                           .max_n = max_n,
                           .deliveries = 1,
                           .targets = { target },
                           .setup = set_up,
                           .run = run,
                           .teardown = ours_free });
}

static void
add_ours (void)
{
  const BenchTarget one = { POOL_EXCLUSIVE, 0.8, 0.5 };
  const BenchTarget two = { POOL_EXCLUSIVE, 0.6, 0.35 };

  add_case ("pool-1", "1 strand", 1, POOL_MAX, one, set_up_strand_beside, run_tasks);
  add_case ("pool-1", "16 strands", 1, POOL_MAX, one, set_up_strands_beside, run_tasks);
  add_case ("pool-2", "1 follower, concurrency 2", 2, POOL_MAX, two, set_up_concurrent, run_tasks);
  add_case ("pool-2", "16 strands", 2, POOL_MAX, two, set_up_strands, run_tasks);
  add_case ("pool-answer", "pool follower, answer to the loop", 2, POOL_TASK_MAX,
            (BenchTarget){ POOL_TASK, 0.25, 0.1 }, set_up_answer, run_answers);
  add_case ("pool-latency", "1 strand", 1, 0, (BenchTarget){ POOL_EXCLUSIVE, 1.0, 0.55 },
            set_up_single_beside, run_single);
}

BENCH_CASES (add_ours)

static void
add_titles (void)
{
  bench_title ("pool-1", "push an empty task to 1 worker, until all have run");
  bench_title ("pool-2", "push an empty task to 2 workers, until all have run");
  bench_title ("pool-answer", "a task in a thread, and its answer in the main loop");
  bench_title ("pool-latency", "push one task and sleep until it has run");
}

int
main (int argc, char **argv)
{
  return bench_main (argc, argv, "pool", add_titles);
}
