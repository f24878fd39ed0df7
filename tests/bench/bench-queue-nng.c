/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group C: push and pull sockets of nng, inside the process. There is no case of fan-out: its
 * pub-sub drops what a slow reader has no room for. */
#include "config.h"

#include "bench-queue.h"

#include <nng/nng.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>

#define BUFFER 8192

typedef struct
{
  nng_socket push[2];
  nng_socket pull[2];
  guint n_queues;
  Crew crew;
} Peer;

static inline void
peer_put (Peer *peer, guint putter, guint queue, int number)
{
  nng_send (peer->push[queue], &number, sizeof (number), 0);
}

static inline int
peer_get_flags (Peer *peer, guint queue, int *number, int flags)
{
  size_t size = sizeof (*number);

  return nng_recv (peer->pull[queue], number, &size, flags);
}

static inline gboolean
peer_try_get (Peer *peer, guint queue, int *number)
{
  return peer_get_flags (peer, queue, number, NNG_FLAG_NONBLOCK) == 0;
}

static inline int
peer_get (Peer *peer, guint getter, guint queue)
{
  int number = QUEUE_END;

  peer_get_flags (peer, queue, &number, 0);
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

/* Sockets may be used by many threads, so that one at each end serves all. */
static gpointer
set_up (const BenchCase *bench)
{
  static int n_made = 0;
  Peer *peer = g_new0 (Peer, 1);

  peer->n_queues = g_str_equal (bench->comparison, "queue-ping-pong") ? 2 : 1;
  for (guint i = 0; i < peer->n_queues; i++)
    {
      g_autofree char *url = g_strdup_printf ("inproc://bench-%d", n_made++);

      if (nng_pull0_open (&peer->pull[i]) != 0 || nng_push0_open (&peer->push[i]) != 0
          || nng_socket_set_int (peer->pull[i], NNG_OPT_RECVBUF, BUFFER) != 0
          || nng_listen (peer->pull[i], url, NULL, 0) != 0
          || nng_dial (peer->push[i], url, NULL, 0) != 0)
        g_error ("nng refuses to connect inside the process");
    }
  return peer;
}

static void
peer_free (gpointer state)
{
  Peer *peer = state;

  for (guint i = 0; i < peer->n_queues; i++)
    {
      nng_close (peer->push[i]);
      nng_close (peer->pull[i]);
    }
  g_free (peer);
}

static void
add_nng (void)
{
  for (gint64 pairs = 1; pairs <= 4; pairs *= 2)
    lanes_add_pairs (BENCH_PEER, "nng push-pull", pairs, QUEUE_MAX, set_up, peer_free);
  lanes_add_ping_pong (BENCH_PEER, "nng push-pull", set_up, peer_free);
}

BENCH_CASES (add_nng)
