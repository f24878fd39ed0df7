/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group C: rings of Concurrency Kit, which never sleep: who finds one empty yields and looks again.
 * They are larger than a run, so that none is ever full. */
#include "config.h"

#include "bench-queue.h"

#include <ck_ring.h>
#include <sched.h>

#define RING_SIZE (1u << 18)

/* In a ring for many, one who is preempted between reserving a place and filling it keeps all the
 * others waiting for a whole slice of time. Longer runs would only see more of it. */
#define SHARED_MAX 10000

G_STATIC_ASSERT (RING_SIZE > QUEUE_MAX + QUEUE_MAX_GETTERS);

typedef struct
{
  ck_ring_t rings[QUEUE_FAN];
  ck_ring_buffer_t *buffers[QUEUE_FAN];
  guint n_queues;
  gboolean shared; /* by several threads at an end */
  Crew crew;
} Peer;

static inline gpointer
pack (int number)
{
  return GSIZE_TO_POINTER ((gsize)number + 1);
}

static inline gboolean
try_put (Peer *peer, guint queue, int number)
{
  if (peer->shared)
    return ck_ring_enqueue_mpmc (&peer->rings[queue], peer->buffers[queue], pack (number));
  return ck_ring_enqueue_spsc (&peer->rings[queue], peer->buffers[queue], pack (number));
}

static inline void
peer_put (Peer *peer, guint putter, guint queue, int number)
{
  while (!try_put (peer, queue, number))
    sched_yield ();
}

static inline gboolean
peer_try_get (Peer *peer, guint queue, int *number)
{
  gpointer item = NULL;

  if (!(peer->shared ? ck_ring_dequeue_mpmc (&peer->rings[queue], peer->buffers[queue], &item)
                     : ck_ring_dequeue_spsc (&peer->rings[queue], peer->buffers[queue], &item)))
    return FALSE;
  *number = (int)(GPOINTER_TO_SIZE (item) - 1);
  return TRUE;
}

static inline int
peer_get (Peer *peer, guint getter, guint queue)
{
  int number = QUEUE_END;

  while (!peer_try_get (peer, queue, &number))
    sched_yield ();
  return number;
}

#include "bench-queue-lanes.h"

static void
peer_end (Peer *peer, guint putter, guint n_getters)
{
  lanes_end_in_order (peer, putter, n_getters);
}

static void
peer_put_all (Peer *peer, int number)
{
  lanes_put_into_each (peer, number);
}

static void
peer_get_all (Peer *peer, guint getter, guint queue, GetterTally *result)
{
  lanes_get_until_end (peer, getter, queue, result);
}

static Peer *
peer_new (guint n_queues, gboolean shared)
{
  Peer *peer = g_new0 (Peer, 1);

  peer->n_queues = n_queues;
  peer->shared = shared;
  for (guint i = 0; i < n_queues; i++)
    {
      peer->buffers[i] = g_new0 (ck_ring_buffer_t, RING_SIZE);
      ck_ring_init (&peer->rings[i], RING_SIZE);
    }
  return peer;
}

static gpointer
set_up_own (const BenchCase *bench)
{
  const char *comparison = bench->comparison;

  if (g_str_equal (comparison, "queue-ping-pong"))
    return peer_new (2, FALSE);
  return peer_new (g_str_equal (comparison, "fan-out-here") ? QUEUE_FAN : 1, FALSE);
}

static gpointer
set_up_shared (const BenchCase *bench)
{
  return peer_new (1, TRUE);
}

static void
peer_free (gpointer state)
{
  Peer *peer = state;

  for (guint i = 0; i < peer->n_queues; i++)
    g_free (peer->buffers[i]);
  g_free (peer);
}

static void
add_ck (void)
{
  lanes_add_pairs (BENCH_FLOOR, "ck ring for one and one, polled", 1, QUEUE_MAX, set_up_own,
                   peer_free);
  for (gint64 pairs = 1; pairs <= 4; pairs *= 2)
    lanes_add_pairs (BENCH_FLOOR, "ck ring for many, polled", pairs, SHARED_MAX, set_up_shared,
                     peer_free);
  lanes_add_ping_pong (BENCH_FLOOR, "ck ring for one and one, polled", set_up_own, peer_free);
  lanes_add_fan (BENCH_FLOOR, "fan-out-here", "8 ck rings for one and one", set_up_own, peer_free);
}

BENCH_CASES (add_ck)
