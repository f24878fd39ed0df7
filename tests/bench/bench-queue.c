/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group C: queues that are read by threads. */
#include "config.h"

#include "bench-queue.h"

#include <currant.h>

typedef struct
{
  CurrantBus *bus;
  CurrantTopic *topic;
  CurrantTopic *back;
  CurrantQueue *queues[QUEUE_MAX_GETTERS];
  guint n_queues;
  Crew crew;
} Ours;

/* ---- set-up --------------------------------------------------------------------------------- */

static Ours *
ours_new (void)
{
  Ours *ours = g_new0 (Ours, 1);

  ours->bus = currant_bus_new ();
  ours->topic = currant_bus_get_topic (ours->bus, "task:put", NULL);
  ours->back = currant_bus_get_topic (ours->bus, "task:back", NULL);
  return ours;
}

/* Without a bound, as the peers are. */
static void
add_queue (Ours *ours, const char *pattern, CurrantQueueKind kind, guint bound)
{
  CurrantQueue *queue = currant_queue_new (ours->bus, pattern, kind);

  currant_queue_set_bound (queue, bound, CURRANT_OVERFLOW_BLOCK);
  ours->queues[ours->n_queues++] = queue;
}

static void
ours_free (gpointer state)
{
  Ours *ours = state;

  for (guint i = 0; i < ours->n_queues; i++)
    g_object_unref (ours->queues[i]);
  currant_topic_unref (ours->topic);
  currant_topic_unref (ours->back);
  g_object_run_dispose (G_OBJECT (ours->bus));
  g_object_unref (ours->bus);
  g_free (ours);
}

static gpointer
set_up_shared (const BenchCase *bench)
{
  Ours *ours = ours_new ();

  for (gint64 i = 0; i < bench->param; i++)
    add_queue (ours, "task:put", CURRANT_QUEUE_SHARED, 0);
  return ours;
}

static gpointer
set_up_bounded (const BenchCase *bench)
{
  Ours *ours = ours_new ();

  for (gint64 i = 0; i < bench->param; i++)
    add_queue (ours, "task:put", CURRANT_QUEUE_SHARED, CURRANT_BOUND_DEFAULT);
  return ours;
}

static gpointer
set_up_fan (const BenchCase *bench)
{
  Ours *ours = ours_new ();

  for (int i = 0; i < QUEUE_FAN; i++)
    add_queue (ours, "task:put", CURRANT_QUEUE_STANDALONE, 0);
  return ours;
}

static gpointer
set_up_ping_pong (const BenchCase *bench)
{
  Ours *ours = ours_new ();

  add_queue (ours, "task:put", CURRANT_QUEUE_SHARED, 0);
  add_queue (ours, "task:back", CURRANT_QUEUE_SHARED, 0);
  return ours;
}

/* ---- putting and getting -------------------------------------------------------------------- */

static void
put (CurrantTopic *topic, int number)
{
  currant_topic_publish (topic, "(i)", number);
}

static int
take (CurrantMessage *message)
{
  int number = QUEUE_END;

  if (message == NULL)
    return QUEUE_END;
  currant_message_get (message, "(i)", &number);
  currant_message_unref (message);
  return number;
}

static int
get (CurrantQueue *queue)
{
  return take (currant_queue_get (queue, -1, NULL, NULL));
}

static void
get_all (CurrantQueue *queue, GetterTally *result)
{
  GetterTally tally = { 0 };
  int number;

  while ((number = get (queue)) != QUEUE_END)
    getter_got (&tally, number);
  *result = tally;
}

static void
put_lane (Ours *ours, gsize n, guint n_ends)
{
  for (gsize i = 0; i < n; i++)
    put (ours->topic, (int)i);
  if (crew_putter_done (&ours->crew))
    for (guint i = 0; i < n_ends; i++)
      put (ours->topic, QUEUE_END);
}

/* ---- runs ----------------------------------------------------------------------------------- */

static void
pairs_lane (BenchRun *run, guint lane)
{
  Ours *ours = run->state;
  const guint pairs = (guint)run->bench->param;

  if (lane % 2 == 0)
    put_lane (ours, run->n / pairs, pairs);
  else
    get_all (ours->queues[lane / 2], &ours->crew.getters[lane / 2]);
}

static void
run_pairs (BenchRun *run)
{
  Ours *ours = run->state;
  const guint pairs = (guint)run->bench->param;

  crew_start (&ours->crew, pairs);
  bench_parallel (run, pairs * 2, pairs_lane);
  crew_check (&ours->crew, run, pairs, 1);
}

static void
fan_lane (BenchRun *run, guint lane)
{
  Ours *ours = run->state;

  if (lane == QUEUE_FAN)
    put_lane (ours, run->n, 1);
  else
    get_all (ours->queues[lane], &ours->crew.getters[lane]);
}

static void
run_fan (BenchRun *run)
{
  Ours *ours = run->state;

  crew_start (&ours->crew, 1);
  bench_parallel (run, QUEUE_FAN + 1, fan_lane);
  crew_check (&ours->crew, run, 1, QUEUE_FAN);
}

static void
empty_queues (Ours *ours)
{
  for (guint i = 0; i < ours->n_queues; i++)
    for (;;)
      {
        CurrantMessage *message = currant_queue_try_get (ours->queues[i]);

        if (message == NULL)
          break;
        getter_got (&ours->crew.getters[i], take (message));
      }
}

static void
run_fan_here (BenchRun *run)
{
  Ours *ours = run->state;

  crew_start (&ours->crew, 1);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      put (ours->topic, (int)i);
      if (i % QUEUE_BATCH == QUEUE_BATCH - 1)
        empty_queues (ours);
    }
  bench_stop (run);
  crew_check (&ours->crew, run, 1, QUEUE_FAN);
}

static void
ping_pong_lane (BenchRun *run, guint lane)
{
  Ours *ours = run->state;
  GetterTally *tally = &ours->crew.getters[0];

  for (gsize i = 0; i < run->n; i++)
    if (lane == 0)
      {
        gint64 sent = bench_now ();

        put (ours->topic, (int)i);
        getter_got (tally, get (ours->queues[1]));
        bench_latency (run, bench_now () - sent);
      }
    else
      put (ours->back, get (ours->queues[0]));
}

static void
run_ping_pong (BenchRun *run)
{
  Ours *ours = run->state;

  crew_start (&ours->crew, 1);
  bench_parallel (run, 2, ping_pong_lane);
  crew_check (&ours->crew, run, 1, 1);
}

/* ---- cases ---------------------------------------------------------------------------------- */

static void
add_pairs (gint64 pairs, double good, double ambitious)
{
  BenchCase bench = { .comparison = queue_pairs_comparison (pairs),
                      .name = "shared queue",
                      .param = pairs,
                      .granularity = (gsize)pairs,
                      .max_n = QUEUE_MAX,
                      .deliveries = 1,
                      .targets = { { QUEUE_ASYNC, good, ambitious } },
                      .setup = set_up_shared,
                      .run = run_pairs,
                      .teardown = ours_free };

  bench_add (&bench);
  bench.name = "shared queue, bounded, publisher waits";
  bench.setup = set_up_bounded;
  bench_add (&bench);
}

static void
add_fan (const char *comparison, const char *name, gsize granularity, double good, double ambitious,
         void (*run) (BenchRun *))
{
  bench_add (&(BenchCase){ .comparison = comparison,
                           .name = name,
                           .granularity = granularity,
                           .max_n = QUEUE_MAX / QUEUE_FAN,
                           .deliveries = QUEUE_FAN,
                           .targets = { { QUEUE_ASYNC_8, good, ambitious } },
                           .setup = set_up_fan,
                           .run = run,
                           .teardown = ours_free });
}

static void
add_ours (void)
{
  add_pairs (1, 0.8, 0.5);
  add_pairs (2, 0, 0);
  add_pairs (4, 0.5, 0.3);
  bench_add (&(BenchCase){ .comparison = "queue-ping-pong",
                           .name = "shared queue each way",
                           .deliveries = 1,
                           .targets = { { QUEUE_ASYNC, 1.05, 0.12 } },
                           .setup = set_up_ping_pong,
                           .run = run_ping_pong,
                           .teardown = ours_free });
  add_fan ("fan-out", "8 standalone queues", 1, 0.35, 0.10, run_fan);
  add_fan ("fan-out-here", "8 standalone queues", QUEUE_BATCH, 0.7, 0.5, run_fan_here);
}

BENCH_CASES (add_ours)

static void
add_titles (void)
{
  bench_title ("queue-1p1c", "1 thread puts, 1 thread gets and sleeps when there is nothing");
  bench_title ("queue-2p2c", "2 threads put, 2 threads get and sleep when there is nothing");
  bench_title ("queue-4p4c", "4 threads put, 4 threads get and sleep when there is nothing");
  bench_title ("queue-ping-pong", "to another thread's queue and back");
  bench_title ("fan-out", "one message to 8 queues, read by 8 threads");
  bench_title ("fan-out-here", "one message to 8 queues, all in one thread");
}

int
main (int argc, char **argv)
{
  return bench_main (argc, argv, "queue", add_titles);
}
