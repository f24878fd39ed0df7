/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group A: two publishing threads, and coming and going followers. */
#include "config.h"

#include "bench-publish.h"

#include <currant.h>

#define ID "sensor:reading"
#define MANY 10000

typedef struct
{
  CurrantBus *bus;
  CurrantTopic *topic;
  ThreadTally lanes[2];
  gsize there;
} Ours;

static __thread ThreadTally seen_here;

/* ---- two threads ---------------------------------------------------------------------------- */

static void
on_value_here (CurrantMessage *message, gpointer user_data)
{
  seen_here.calls++;
  seen_here.sum += (guint64)g_value_get_int (currant_message_get_value (message));
}

static Ours *
ours_new (void)
{
  Ours *ours = g_new0 (Ours, 1);

  ours->bus = currant_bus_new ();
  ours->topic = currant_bus_get_topic (ours->bus, ID, NULL);
  return ours;
}

static void
ours_free (gpointer state)
{
  Ours *ours = state;

  currant_topic_unref (ours->topic);
  g_object_run_dispose (G_OBJECT (ours->bus));
  g_object_unref (ours->bus);
  g_free (ours);
}

static gpointer
set_up_threads (const BenchCase *bench)
{
  Ours *ours = ours_new ();

  currant_bus_follow_with_delivery (ours->bus, ID, CURRANT_DELIVERY_DIRECT, on_value_here, NULL,
                                    NULL);
  return ours;
}

static void
publish_lane (BenchRun *run, guint lane)
{
  Ours *ours = run->state;
  const gsize n = run->n / (gsize)run->bench->param;
  GValue value = G_VALUE_INIT;

  seen_here = (ThreadTally){ 0 };
  g_value_init (&value, G_TYPE_INT);
  for (gsize i = 0; i < n; i++)
    {
      g_value_set_int (&value, (int)i);
      currant_topic_publish_value (ours->topic, &value);
    }
  ours->lanes[lane] = seen_here;
}

static void
run_threads (BenchRun *run)
{
  Ours *ours = run->state;
  const guint n_lanes = (guint)run->bench->param;
  const guint64 each = run->n / n_lanes;

  bench_parallel (run, n_lanes, publish_lane);
  for (guint i = 0; i < n_lanes; i++)
    {
      run->counted += ours->lanes[i].calls;
      if (ours->lanes[i].sum != each * (each - 1) / 2)
        run->complaint = "a thread's follower read other numbers than it published";
    }
}

/* ---- coming and going ----------------------------------------------------------------------- */

static void
on_count (CurrantMessage *message, gpointer user_data)
{
  guint64 *calls = user_data;

  (*calls)++;
}

static guint64 calls_there;

static void
follow_many (Ours *ours, gsize n, gboolean same_topic)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *id =
          same_topic ? g_strdup (ID) : g_strdup_printf ("sensor-%" G_GSIZE_FORMAT ":reading", i);

      currant_bus_follow_with_delivery (ours->bus, id, CURRANT_DELIVERY_DIRECT, on_count,
                                        &calls_there, NULL);
    }
}

static gpointer
set_up_same (const BenchCase *bench)
{
  Ours *ours = ours_new ();

  ours->there = (gsize)bench->param;
  follow_many (ours, ours->there, TRUE);
  return ours;
}

static gpointer
set_up_elsewhere (const BenchCase *bench)
{
  Ours *ours = ours_new ();

  follow_many (ours, (gsize)bench->param, FALSE);
  return ours;
}

/* All that came must have gone: a message reaches just those that were there before. */
static void
check_gone (BenchRun *run, Ours *ours)
{
  calls_there = 0;
  currant_topic_publish (ours->topic, NULL);
  if (calls_there != ours->there)
    run->complaint = "a stopped follower is still called";
}

static void
run_churn (BenchRun *run)
{
  Ours *ours = run->state;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      CurrantFollower *follower = currant_bus_follow_with_delivery (
          ours->bus, ID, CURRANT_DELIVERY_DIRECT, on_count, &calls_there, NULL);

      run->counted += follower != NULL;
      currant_follower_stop (follower);
    }
  bench_stop (run);
  check_gone (run, ours);
}

static void
run_churn_publish (BenchRun *run)
{
  Ours *ours = run->state;

  calls_there = 0;
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      CurrantFollower *follower = currant_bus_follow_with_delivery (
          ours->bus, ID, CURRANT_DELIVERY_DIRECT, on_count, &calls_there, NULL);

      currant_topic_publish (ours->topic, NULL);
      currant_follower_stop (follower);
    }
  bench_stop (run);
  run->counted = calls_there;
  check_gone (run, ours);
}

/* ---- cases ---------------------------------------------------------------------------------- */

static void
add_threads (void)
{
  bench_add (&(BenchCase){ .comparison = "threads",
                           .name = "topic, int GValue, 1 thread",
                           .param = 1,
                           .deliveries = 1,
                           .targets = { { PUBLISH_SIGNAL_ONE_THREAD, 0, 0 } },
                           .setup = set_up_threads,
                           .run = run_threads,
                           .teardown = ours_free });
  bench_add (&(BenchCase){ .comparison = "threads",
                           .name = "topic, int GValue, 2 threads",
                           .param = 2,
                           .granularity = 2,
                           .deliveries = 1,
                           .targets = { { "topic, int GValue, 1 thread", 1.0, 0.6 } },
                           .setup = set_up_threads,
                           .run = run_threads,
                           .teardown = ours_free });
}

static void
add_churn (const char *name, gint64 n, guint deliveries, gpointer (*set_up) (const BenchCase *),
           void (*run) (BenchRun *), BenchTarget first, BenchTarget second)
{
  bench_add (&(BenchCase){ .comparison = "churn",
                           .name = name,
                           .param = n,
                           .deliveries = deliveries,
                           .targets = { first, second },
                           .setup = set_up,
                           .run = run,
                           .teardown = ours_free });
}

static void
add_more (void)
{
  const gint64 many = bench_is_quick () ? MANY / 10 : MANY;
  const BenchTarget none = { NULL, 0, 0 };

  add_threads ();
  add_churn ("follow+stop, 10 there", 10, 1, set_up_same, run_churn,
             (BenchTarget){ PUBLISH_CONNECT_10, 1.0, 0.5 }, none);
  add_churn ("follow+stop, 10k there", many, 1, set_up_same, run_churn,
             (BenchTarget){ PUBLISH_CONNECT_10K, 1.0, 0.5 },
             (BenchTarget){ "follow+stop, 10 there", 1.5, 1.2 });
  add_churn ("follow+publish+stop, 10 there", 10, 11, set_up_same, run_churn_publish,
             (BenchTarget){ PUBLISH_CONNECT_EMIT, 1.0, 0.5 }, none);
  add_churn ("follow+publish+stop, 10k elsewhere", many, 1, set_up_elsewhere, run_churn_publish,
             (BenchTarget){ "follow+publish+stop, 10 there", 0, 0 }, none);
}

BENCH_CASES (add_more)
