/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group C: GAsyncQueue, with numbers in place of pointers (its best case: no message is made) and
 * with a small block allocated for each. */
#include "config.h"

#include "bench-queue.h"

#define BLOCK_BYTES 64

typedef struct
{
  GAsyncQueue *queues[QUEUE_MAX_GETTERS];
  guint n_queues;
  gboolean blocks;
  Crew crew;
} Peer;

static Peer *
peer_new (guint n_queues)
{
  Peer *peer = g_new0 (Peer, 1);

  peer->n_queues = n_queues;
  for (guint i = 0; i < n_queues; i++)
    peer->queues[i] = g_async_queue_new ();
  return peer;
}

static gpointer
set_up_one (const BenchCase *bench)
{
  return peer_new (1);
}

static gpointer
set_up_blocks (const BenchCase *bench)
{
  Peer *peer = peer_new (1);

  peer->blocks = TRUE;
  return peer;
}

static gpointer
set_up_two (const BenchCase *bench)
{
  return peer_new (2);
}

static gpointer
set_up_fan (const BenchCase *bench)
{
  return peer_new (QUEUE_FAN);
}

static void
peer_free (gpointer state)
{
  Peer *peer = state;

  for (guint i = 0; i < peer->n_queues; i++)
    g_async_queue_unref (peer->queues[i]);
  g_free (peer);
}

/* ---- putting and getting -------------------------------------------------------------------- */

/* A queue cannot hold NULL, so what it holds begins at 1. */
static gpointer
pack (Peer *peer, int number)
{
  int *block;

  if (!peer->blocks)
    return GSIZE_TO_POINTER ((gsize)number + 1);
  block = g_malloc (BLOCK_BYTES);
  *block = number;
  return block;
}

static int
unpack (Peer *peer, gpointer item)
{
  int number;

  if (!peer->blocks)
    return (int)(GPOINTER_TO_SIZE (item) - 1);
  number = *(int *)item;
  g_free (item);
  return number;
}

static void
get_all (Peer *peer, GAsyncQueue *queue, GetterTally *result)
{
  GetterTally tally = { 0 };
  int number;

  while ((number = unpack (peer, g_async_queue_pop (queue))) != QUEUE_END)
    getter_got (&tally, number);
  *result = tally;
}

static void
put_lane (Peer *peer, gsize n, guint n_ends)
{
  for (gsize i = 0; i < n; i++)
    for (guint j = 0; j < peer->n_queues; j++)
      g_async_queue_push (peer->queues[j], pack (peer, (int)i));
  if (!crew_putter_done (&peer->crew))
    return;
  for (guint i = 0; i < n_ends; i++)
    for (guint j = 0; j < peer->n_queues; j++)
      g_async_queue_push (peer->queues[j], pack (peer, QUEUE_END));
}

/* ---- runs ----------------------------------------------------------------------------------- */

static void
pairs_lane (BenchRun *run, guint lane)
{
  Peer *peer = run->state;
  const guint pairs = (guint)run->bench->param;

  if (lane % 2 == 0)
    put_lane (peer, run->n / pairs, pairs);
  else
    get_all (peer, peer->queues[0], &peer->crew.getters[lane / 2]);
}

static void
run_pairs (BenchRun *run)
{
  Peer *peer = run->state;
  const guint pairs = (guint)run->bench->param;

  crew_start (&peer->crew, pairs);
  bench_parallel (run, pairs * 2, pairs_lane);
  crew_check (&peer->crew, run, pairs, 1);
}

static void
fan_lane (BenchRun *run, guint lane)
{
  Peer *peer = run->state;

  if (lane == QUEUE_FAN)
    put_lane (peer, run->n, 1);
  else
    get_all (peer, peer->queues[lane], &peer->crew.getters[lane]);
}

static void
run_fan (BenchRun *run)
{
  Peer *peer = run->state;

  crew_start (&peer->crew, 1);
  bench_parallel (run, QUEUE_FAN + 1, fan_lane);
  crew_check (&peer->crew, run, 1, QUEUE_FAN);
}

static void
empty_queues (Peer *peer)
{
  gpointer item;

  for (guint i = 0; i < peer->n_queues; i++)
    while ((item = g_async_queue_try_pop (peer->queues[i])) != NULL)
      getter_got (&peer->crew.getters[i], unpack (peer, item));
}

static void
run_fan_here (BenchRun *run)
{
  Peer *peer = run->state;

  crew_start (&peer->crew, 1);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      for (guint j = 0; j < peer->n_queues; j++)
        g_async_queue_push (peer->queues[j], pack (peer, (int)i));
      if (i % QUEUE_BATCH == QUEUE_BATCH - 1)
        empty_queues (peer);
    }
  bench_stop (run);
  crew_check (&peer->crew, run, 1, QUEUE_FAN);
}

static void
ping_pong_lane (BenchRun *run, guint lane)
{
  Peer *peer = run->state;
  GetterTally *tally = &peer->crew.getters[0];

  for (gsize i = 0; i < run->n; i++)
    if (lane == 0)
      {
        gint64 sent = bench_now ();

        g_async_queue_push (peer->queues[0], pack (peer, (int)i));
        getter_got (tally, unpack (peer, g_async_queue_pop (peer->queues[1])));
        bench_latency (run, bench_now () - sent);
      }
    else
      g_async_queue_push (peer->queues[1], g_async_queue_pop (peer->queues[0]));
}

static void
run_ping_pong (BenchRun *run)
{
  Peer *peer = run->state;

  crew_start (&peer->crew, 1);
  bench_parallel (run, 2, ping_pong_lane);
  crew_check (&peer->crew, run, 1, 1);
}

/* ---- cases ---------------------------------------------------------------------------------- */

static void
add_pairs (gint64 pairs)
{
  BenchCase bench = { .comparison = queue_pairs_comparison (pairs),
                      .name = QUEUE_ASYNC,
                      .role = BENCH_PEER,
                      .param = pairs,
                      .granularity = (gsize)pairs,
                      .max_n = QUEUE_MAX,
                      .deliveries = 1,
                      .setup = set_up_one,
                      .run = run_pairs,
                      .teardown = peer_free };

  bench_add (&bench);
  bench.name = "GAsyncQueue, a block a message";
  bench.setup = set_up_blocks;
  bench_add (&bench);
}

static void
add_fan (const char *comparison, gsize granularity, void (*run) (BenchRun *))
{
  bench_add (&(BenchCase){ .comparison = comparison,
                           .name = QUEUE_ASYNC_8,
                           .role = BENCH_PEER,
                           .granularity = granularity,
                           .max_n = QUEUE_MAX / QUEUE_FAN,
                           .deliveries = QUEUE_FAN,
                           .setup = set_up_fan,
                           .run = run,
                           .teardown = peer_free });
}

static void
add_glib (void)
{
  for (gint64 pairs = 1; pairs <= 4; pairs *= 2)
    add_pairs (pairs);
  bench_add (&(BenchCase){ .comparison = "queue-ping-pong",
                           .name = QUEUE_ASYNC,
                           .role = BENCH_PEER,
                           .deliveries = 1,
                           .setup = set_up_two,
                           .run = run_ping_pong,
                           .teardown = peer_free });
  add_fan ("fan-out", 1, run_fan);
  add_fan ("fan-out-here", QUEUE_BATCH, run_fan_here);
}

BENCH_CASES (add_glib)
