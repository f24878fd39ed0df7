/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group C: wfcqueue of liburcu, which never sleeps: who finds it empty yields and looks again. Its
 * nodes are the caller's; they are made before, which is its best case. */
#include "config.h"

#include "bench-queue.h"

#include <sched.h>

#define _LGPL_SOURCE
#include <urcu/wfcqueue.h>

typedef struct
{
  struct cds_wfcq_node link;
  int number;
} Node;

typedef struct
{
  struct cds_wfcq_head head;
  struct cds_wfcq_tail tail;
} Queue;

typedef struct
{
  Queue queues[QUEUE_FAN];
  guint n_queues;
  guint n_putters;
  gboolean shared; /* by several getters */
  gsize n_nodes;   /* of each putter of each queue */
  Node *nodes;
  Node ends[QUEUE_MAX_GETTERS];
  guint n_ends; /* ever used; only the last putter of a run asks for them */
  Crew crew;
} Peer;

static inline Node *
node_for (Peer *peer, guint putter, guint queue, int number)
{
  if (G_UNLIKELY (number == QUEUE_END))
    return &peer->ends[peer->n_ends++ % QUEUE_MAX_GETTERS];
  return &peer->nodes[(queue * peer->n_putters + putter) * peer->n_nodes
                      + (gsize)number % peer->n_nodes];
}

static inline void
peer_put (Peer *peer, guint putter, guint queue, int number)
{
  Node *node = node_for (peer, putter, queue, number);
  Queue *to = &peer->queues[queue];

  node->number = number;
  cds_wfcq_node_init (&node->link);
  cds_wfcq_enqueue (&to->head, &to->tail, &node->link);
}

static inline gboolean
peer_try_get (Peer *peer, guint queue, int *number)
{
  Queue *from = &peer->queues[queue];
  struct cds_wfcq_node *link = peer->shared
                                   ? cds_wfcq_dequeue_blocking (&from->head, &from->tail)
                                   : __cds_wfcq_dequeue_blocking (&from->head, &from->tail);

  if (link == NULL)
    return FALSE;
  *number = caa_container_of (link, Node, link)->number;
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
peer_new (guint n_queues, guint n_putters, gsize n_nodes)
{
  Peer *peer = g_new0 (Peer, 1);

  peer->n_queues = n_queues;
  peer->n_putters = n_putters;
  peer->shared = n_putters > 1;
  peer->n_nodes = n_nodes;
  peer->nodes = g_new0 (Node, n_queues * n_putters * n_nodes);
  for (guint i = 0; i < n_queues; i++)
    cds_wfcq_init (&peer->queues[i].head, &peer->queues[i].tail);
  return peer;
}

static gpointer
set_up_pairs (const BenchCase *bench)
{
  return peer_new (1, (guint)bench->param, QUEUE_MAX / (gsize)bench->param);
}

static gpointer
set_up_ping_pong (const BenchCase *bench)
{
  return peer_new (2, 1, 2);
}

static gpointer
set_up_fan_here (const BenchCase *bench)
{
  return peer_new (QUEUE_FAN, 1, QUEUE_BATCH);
}

static void
peer_free (gpointer state)
{
  Peer *peer = state;

  for (guint i = 0; i < peer->n_queues; i++)
    cds_wfcq_destroy (&peer->queues[i].head, &peer->queues[i].tail);
  g_free (peer->nodes);
  g_free (peer);
}

static void
add_urcu (void)
{
  for (gint64 pairs = 1; pairs <= 4; pairs *= 2)
    lanes_add_pairs (BENCH_FLOOR, "liburcu wfcqueue, polled", pairs, QUEUE_MAX, set_up_pairs,
                     peer_free);
  lanes_add_ping_pong (BENCH_FLOOR, "liburcu wfcqueue, polled", set_up_ping_pong, peer_free);
  lanes_add_fan (BENCH_FLOOR, "fan-out-here", "8 liburcu wfcqueues", set_up_fan_here, peer_free);
}

BENCH_CASES (add_urcu)
