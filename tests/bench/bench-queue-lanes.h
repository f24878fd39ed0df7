/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group C: the runs of a peer, made from what its file defines before it includes this one:
 *
 *   Peer                                  a type with Crew crew and guint n_queues
 *   peer_put (peer, putter, queue, n)     the putter-th thread that puts into a queue
 *   peer_put_all (peer, n)                into all queues, by one thread
 *   peer_get (peer, getter, queue)        waits until there is something
 *   peer_try_get (peer, queue, &n)        FALSE when there is nothing
 *   peer_end (peer, putter, n_getters)    a putter is done; the getters are told when all are
 *   peer_get_all (peer, getter, queue, &tally)   until told to leave
 *
 * All calls are inlined, as they would be in a loop of the peer's own. */
#include "bench-queue.h"

/* For a peer_end() of a queue in which all that is put later is got later. */
static inline G_GNUC_UNUSED void
lanes_end_in_order (Peer *peer, guint putter, guint n_getters)
{
  if (crew_putter_done (&peer->crew))
    for (guint i = 0; i < n_getters; i++)
      peer_put (peer, putter, 0, QUEUE_END);
}

/* And for its peer_get_all(). */
static inline G_GNUC_UNUSED void
lanes_get_until_end (Peer *peer, guint getter, guint queue, GetterTally *result)
{
  GetterTally tally = { 0, 0, { 0 } };
  int number;

  while ((number = peer_get (peer, getter, queue)) != QUEUE_END)
    getter_got (&tally, number);
  *result = tally;
}

static inline G_GNUC_UNUSED void
lanes_put_into_each (Peer *peer, int number)
{
  for (guint i = 0; i < peer->n_queues; i++)
    peer_put (peer, 0, i, number);
}

static void peer_end (Peer *peer, guint putter, guint n_getters);
static void peer_put_all (Peer *peer, int number);
static void peer_get_all (Peer *peer, guint getter, guint queue, GetterTally *result);

static void
pairs_lane (BenchRun *run, guint lane)
{
  Peer *peer = (Peer *)run->state;
  const guint pairs = (guint)run->bench->param;
  const gsize each = run->n / pairs;

  if (lane % 2 != 0)
    {
      peer_get_all (peer, lane / 2, 0, &peer->crew.getters[lane / 2]);
      return;
    }
  for (gsize i = 0; i < each; i++)
    peer_put (peer, lane / 2, 0, (int)i);
  peer_end (peer, lane / 2, pairs);
}

static void
run_pairs (BenchRun *run)
{
  Peer *peer = (Peer *)run->state;
  const guint pairs = (guint)run->bench->param;

  crew_start (&peer->crew, pairs);
  bench_parallel (run, pairs * 2, pairs_lane);
  crew_check (&peer->crew, run, pairs, 1);
}

static void
ping_pong_lane (BenchRun *run, guint lane)
{
  Peer *peer = (Peer *)run->state;
  GetterTally *tally = &peer->crew.getters[0];

  for (gsize i = 0; i < run->n; i++)
    if (lane == 0)
      {
        gint64 sent = bench_now ();

        peer_put (peer, 0, 0, (int)i);
        getter_got (tally, peer_get (peer, 0, 1));
        bench_latency (run, bench_now () - sent);
      }
    else
      peer_put (peer, 0, 1, peer_get (peer, 0, 0));
}

static void
run_ping_pong (BenchRun *run)
{
  Peer *peer = (Peer *)run->state;

  crew_start (&peer->crew, 1);
  bench_parallel (run, 2, ping_pong_lane);
  crew_check (&peer->crew, run, 1, 1);
}

static G_GNUC_UNUSED void
fan_lane (BenchRun *run, guint lane)
{
  Peer *peer = (Peer *)run->state;

  if (lane < QUEUE_FAN)
    {
      lanes_get_until_end (peer, 0, lane, &peer->crew.getters[lane]);
      return;
    }
  for (gsize i = 0; i < run->n; i++)
    peer_put_all (peer, (int)i);
  peer_put_all (peer, QUEUE_END);
}

static G_GNUC_UNUSED void
run_fan (BenchRun *run)
{
  Peer *peer = (Peer *)run->state;

  crew_start (&peer->crew, 1);
  bench_parallel (run, QUEUE_FAN + 1, fan_lane);
  crew_check (&peer->crew, run, 1, QUEUE_FAN);
}

static inline void
empty_queues (Peer *peer)
{
  int number;

  for (guint i = 0; i < QUEUE_FAN; i++)
    while (peer_try_get (peer, i, &number))
      getter_got (&peer->crew.getters[i], number);
}

static G_GNUC_UNUSED void
run_fan_here (BenchRun *run)
{
  Peer *peer = (Peer *)run->state;

  crew_start (&peer->crew, 1);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      peer_put_all (peer, (int)i);
      if (i % QUEUE_BATCH == QUEUE_BATCH - 1)
        empty_queues (peer);
    }
  bench_stop (run);
  crew_check (&peer->crew, run, 1, QUEUE_FAN);
}

static void
lanes_add (BenchCase bench, BenchRole role, const char *name,
           gpointer (*set_up) (const BenchCase *), void (*run) (BenchRun *),
           void (*tear_down) (gpointer))
{
  bench.name = name;
  bench.role = role;
  bench.setup = set_up;
  bench.run = run;
  bench.teardown = tear_down;
  bench_add (&bench);
}

/* Of 1, 2 and 4 threads that put and as many that get. What never sleeps is a floor: it does less,
 * at the price of a processor. */
static void
lanes_add_pairs (BenchRole role, const char *name, gint64 pairs, gsize max_n,
                 gpointer (*set_up) (const BenchCase *), void (*tear_down) (gpointer))
{
  BenchCase bench;

  memset (&bench, 0, sizeof (bench));
  bench.comparison = queue_pairs_comparison (pairs);
  bench.param = pairs;
  bench.granularity = (gsize)pairs;
  bench.max_n = max_n;
  bench.deliveries = 1;
  lanes_add (bench, role, name, set_up, run_pairs, tear_down);
}

static void
lanes_add_ping_pong (BenchRole role, const char *name, gpointer (*set_up) (const BenchCase *),
                     void (*tear_down) (gpointer))
{
  BenchCase bench;

  memset (&bench, 0, sizeof (bench));
  bench.comparison = "queue-ping-pong";
  bench.param = 1;
  bench.deliveries = 1;
  lanes_add (bench, role, name, set_up, run_ping_pong, tear_down);
}

static G_GNUC_UNUSED void
lanes_add_fan (BenchRole role, const char *comparison, const char *name,
               gpointer (*set_up) (const BenchCase *), void (*tear_down) (gpointer))
{
  const gboolean here = g_str_equal (comparison, "fan-out-here");
  BenchCase bench;

  memset (&bench, 0, sizeof (bench));
  bench.comparison = comparison;
  bench.param = 1;
  bench.granularity = here ? QUEUE_BATCH : 1;
  bench.max_n = QUEUE_MAX / QUEUE_FAN;
  bench.deliveries = QUEUE_FAN;
  lanes_add (bench, role, name, set_up, here ? run_fan_here : run_fan, tear_down);
}
