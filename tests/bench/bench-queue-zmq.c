/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group C: sockets of ZeroMQ, inside the process: push and pull, and for fan-out publish and
 * subscribe. A socket is for one thread at a time, so every thread has its own. */
#include "config.h"

#include "bench-queue.h"

#include <zmq.h>

#define MAX_PAIRS 4

typedef struct
{
  void *context;
  void *push[2][MAX_PAIRS]; /* by queue and putter */
  void *pull[2][MAX_PAIRS]; /* by queue and getter */
  void *publisher;
  void *subscribers[QUEUE_FAN];
  guint n_queues;
  guint n_pairs;
  Crew crew;
} Peer;

static inline void
peer_put (Peer *peer, guint putter, guint queue, int number)
{
  zmq_send (peer->push[queue][putter], &number, sizeof (number), 0);
}

static inline void *
reader (Peer *peer, guint getter, guint queue)
{
  return peer->publisher != NULL ? peer->subscribers[queue] : peer->pull[queue][getter];
}

static inline gboolean
peer_try_get (Peer *peer, guint queue, int *number)
{
  return zmq_recv (reader (peer, 0, queue), number, sizeof (*number), ZMQ_DONTWAIT) > 0;
}

static inline int
peer_get (Peer *peer, guint getter, guint queue)
{
  int number = QUEUE_END;

  zmq_recv (reader (peer, getter, queue), &number, sizeof (number), 0);
  return number;
}

#include "bench-queue-lanes.h"

static void
peer_put_all (Peer *peer, int number)
{
  zmq_send (peer->publisher, &number, sizeof (number), 0);
}

/* A putter's messages go to the getters in turn, so each of them gets an end from each putter, and
 * leaves with the last. */
static void
peer_end (Peer *peer, guint putter, guint n_getters)
{
  for (guint i = 0; i < n_getters; i++)
    peer_put (peer, putter, 0, QUEUE_END);
}

static void
peer_get_all (Peer *peer, guint getter, guint queue, GetterTally *result)
{
  GetterTally tally = { 0 };
  guint left = peer->n_pairs;

  while (left > 0)
    {
      int number = peer_get (peer, getter, queue);

      if (number == QUEUE_END)
        left--;
      else
        getter_got (&tally, number);
    }
  *result = tally;
}

/* ---- sockets -------------------------------------------------------------------------------- */

static void *
socket_new (Peer *peer, int type)
{
  const int zero = 0;
  void *socket = zmq_socket (peer->context, type);

  if (socket == NULL || zmq_setsockopt (socket, ZMQ_SNDHWM, &zero, sizeof (zero)) != 0
      || zmq_setsockopt (socket, ZMQ_RCVHWM, &zero, sizeof (zero)) != 0
      || zmq_setsockopt (socket, ZMQ_LINGER, &zero, sizeof (zero)) != 0)
    g_error ("ZeroMQ refuses a socket: %s", zmq_strerror (zmq_errno ()));
  return socket;
}

static void
check (int status)
{
  if (status != 0)
    g_error ("ZeroMQ refuses to connect inside the process: %s", zmq_strerror (zmq_errno ()));
}

static void
connect_queue (Peer *peer, guint queue)
{
  for (guint i = 0; i < peer->n_pairs; i++)
    {
      peer->push[queue][i] = socket_new (peer, ZMQ_PUSH);
      peer->pull[queue][i] = socket_new (peer, ZMQ_PULL);
    }
  for (guint i = 0; i < peer->n_pairs; i++)
    {
      g_autofree char *url = g_strdup_printf ("inproc://bench-%u-%u", queue, i);

      check (zmq_bind (peer->pull[queue][i], url));
      for (guint j = 0; j < peer->n_pairs; j++)
        check (zmq_connect (peer->push[queue][j], url));
    }
}

static Peer *
peer_new (guint n_queues, guint n_pairs)
{
  Peer *peer = g_new0 (Peer, 1);

  peer->context = zmq_ctx_new ();
  peer->n_queues = n_queues;
  peer->n_pairs = n_pairs;
  for (guint i = 0; i < n_queues && n_pairs > 0; i++)
    connect_queue (peer, i);
  return peer;
}

static gpointer
set_up_pairs (const BenchCase *bench)
{
  return peer_new (1, (guint)bench->param);
}

static gpointer
set_up_ping_pong (const BenchCase *bench)
{
  return peer_new (2, 1);
}

static gpointer
set_up_fan (const BenchCase *bench)
{
  const int every = 1;
  Peer *peer = peer_new (QUEUE_FAN, 0);

  /* It tells of every subscription, so that none is still on its way when the run begins. */
  peer->publisher = socket_new (peer, ZMQ_XPUB);
  check (zmq_setsockopt (peer->publisher, ZMQ_XPUB_VERBOSE, &every, sizeof (every)));
  check (zmq_bind (peer->publisher, "inproc://bench-fan"));
  for (guint i = 0; i < QUEUE_FAN; i++)
    {
      char subscription[8];

      peer->subscribers[i] = socket_new (peer, ZMQ_SUB);
      check (zmq_connect (peer->subscribers[i], "inproc://bench-fan"));
      check (zmq_setsockopt (peer->subscribers[i], ZMQ_SUBSCRIBE, "", 0));
      if (zmq_recv (peer->publisher, subscription, sizeof (subscription), 0) < 0)
        g_error ("ZeroMQ knows of no subscription: %s", zmq_strerror (zmq_errno ()));
    }
  return peer;
}

static void
close_if_there (void *socket)
{
  if (socket != NULL)
    zmq_close (socket);
}

static void
peer_free (gpointer state)
{
  Peer *peer = state;

  for (guint i = 0; i < 2; i++)
    for (guint j = 0; j < MAX_PAIRS; j++)
      {
        close_if_there (peer->push[i][j]);
        close_if_there (peer->pull[i][j]);
      }
  for (guint i = 0; i < QUEUE_FAN; i++)
    close_if_there (peer->subscribers[i]);
  close_if_there (peer->publisher);
  zmq_ctx_term (peer->context);
  g_free (peer);
}

static void
add_zmq (void)
{
  for (gint64 pairs = 1; pairs <= MAX_PAIRS; pairs *= 2)
    lanes_add_pairs (BENCH_PEER, "ZeroMQ push-pull", pairs, QUEUE_MAX, set_up_pairs, peer_free);
  lanes_add_ping_pong (BENCH_PEER, "ZeroMQ push-pull", set_up_ping_pong, peer_free);
  lanes_add_fan (BENCH_PEER, "fan-out", "ZeroMQ publish-subscribe", set_up_fan, peer_free);
  lanes_add_fan (BENCH_PEER, "fan-out-here", "ZeroMQ publish-subscribe", set_up_fan, peer_free);
}

BENCH_CASES (add_zmq)
