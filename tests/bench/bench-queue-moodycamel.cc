/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group C: moodycamel's queues: the one that blocks, which spins a little before it sleeps, with
 * and without tokens, and the one that never sleeps. */
#include "config.h"

#include "bench-queue.h"

#ifdef HAVE_CONCURRENTQUEUE_BLOCKINGCONCURRENTQUEUE_H
#include <concurrentqueue/blockingconcurrentqueue.h>
#else
#include <concurrentqueue/moodycamel/blockingconcurrentqueue.h>
#endif
#include <memory>
#include <sched.h>
#include <vector>

namespace
{

typedef moodycamel::BlockingConcurrentQueue<int> Blocking;
typedef moodycamel::ConcurrentQueue<int> Polled;

enum class Kind
{
  BLOCKING,
  TOKENS,
  POLLED
};

struct Peer
{
  Kind kind;
  guint n_queues;
  guint n_threads; /* that put, or get, at one queue */
  std::vector<std::unique_ptr<Blocking> > blocking;
  std::vector<std::unique_ptr<Polled> > polled;
  std::vector<moodycamel::ProducerToken> producers; /* by queue and putter */
  std::vector<moodycamel::ConsumerToken> consumers; /* by queue and getter */
  Crew crew;
};

inline void
peer_put (Peer *peer, guint putter, guint queue, int number)
{
  if (peer->kind == Kind::TOKENS)
    peer->blocking[queue]->enqueue (peer->producers[queue * peer->n_threads + putter], number);
  else if (peer->kind == Kind::BLOCKING)
    peer->blocking[queue]->enqueue (number);
  else
    peer->polled[queue]->enqueue (number);
}

inline gboolean
peer_try_get (Peer *peer, guint queue, int *number)
{
  return peer->kind == Kind::POLLED ? peer->polled[queue]->try_dequeue (*number)
                                    : peer->blocking[queue]->try_dequeue (*number);
}

inline int
peer_get (Peer *peer, guint getter, guint queue)
{
  int number = QUEUE_END;

  if (peer->kind == Kind::TOKENS)
    peer->blocking[queue]->wait_dequeue (peer->consumers[queue * peer->n_threads + getter], number);
  else if (peer->kind == Kind::BLOCKING)
    peer->blocking[queue]->wait_dequeue (number);
  else
    while (!peer->polled[queue]->try_dequeue (number))
      sched_yield ();
  return number;
}

#include "bench-queue-lanes.h"

void
peer_end (Peer *peer, guint putter, guint n_getters)
{
  lanes_end_in_order (peer, putter, n_getters);
}

void
peer_put_all (Peer *peer, int number)
{
  lanes_put_into_each (peer, number);
}

/* What several put has no order among them: the end may be got before the rest, but by then all
 * has been put. What others are to be told is handed on. */
void
peer_get_all (Peer *peer, guint getter, guint queue, GetterTally *result)
{
  GetterTally tally;
  guint n_others = 0;
  int number;

  lanes_get_until_end (peer, getter, queue, &tally);
  while (peer_try_get (peer, queue, &number))
    if (number == QUEUE_END)
      n_others++;
    else
      getter_got (&tally, number);
  for (guint i = 0; i < n_others; i++)
    peer_put (peer, getter, queue, QUEUE_END);
  *result = tally;
}

Peer *
peer_new (Kind kind, guint n_queues, guint n_threads)
{
  auto peer = new Peer ();

  peer->kind = kind;
  peer->n_queues = n_queues;
  peer->n_threads = n_threads;
  for (guint i = 0; i < n_queues; i++)
    if (kind == Kind::POLLED)
      peer->polled.push_back (std::make_unique<Polled> ());
    else
      peer->blocking.push_back (std::make_unique<Blocking> ());
  for (guint i = 0; kind == Kind::TOKENS && i < n_queues; i++)
    for (guint j = 0; j < n_threads; j++)
      {
        peer->producers.emplace_back (*peer->blocking[i]);
        peer->consumers.emplace_back (*peer->blocking[i]);
      }
  return peer;
}

template <Kind kind>
gpointer
set_up (const BenchCase *bench)
{
  if (g_str_equal (bench->comparison, "queue-ping-pong"))
    return peer_new (kind, 2, 1);
  if (g_str_has_prefix (bench->comparison, "fan-out"))
    return peer_new (kind, QUEUE_FAN, 1);
  return peer_new (kind, 1, static_cast<guint> (bench->param));
}

void
peer_free (gpointer state)
{
  delete static_cast<Peer *> (state);
}

void
add_moodycamel ()
{
  for (gint64 pairs = 1; pairs <= 4; pairs *= 2)
    {
      lanes_add_pairs (BENCH_PEER, "moodycamel Blocking", pairs, QUEUE_MAX, set_up<Kind::BLOCKING>,
                       peer_free);
      lanes_add_pairs (BENCH_PEER, "moodycamel Blocking with tokens", pairs, QUEUE_MAX,
                       set_up<Kind::TOKENS>, peer_free);
      lanes_add_pairs (BENCH_FLOOR, "moodycamel, polled", pairs, QUEUE_MAX, set_up<Kind::POLLED>,
                       peer_free);
    }
  lanes_add_ping_pong (BENCH_PEER, "moodycamel Blocking", set_up<Kind::BLOCKING>, peer_free);
  lanes_add_ping_pong (BENCH_PEER, "moodycamel Blocking with tokens", set_up<Kind::TOKENS>,
                       peer_free);
  lanes_add_fan (BENCH_PEER, "fan-out", "8 moodycamel Blocking", set_up<Kind::BLOCKING>, peer_free);
  lanes_add_fan (BENCH_PEER, "fan-out", "8 moodycamel Blocking with tokens", set_up<Kind::TOKENS>,
                 peer_free);
  lanes_add_fan (BENCH_PEER, "fan-out-here", "8 moodycamel, polled", set_up<Kind::POLLED>,
                 peer_free);
  lanes_add_fan (BENCH_PEER, "fan-out-here", "8 moodycamel Blocking", set_up<Kind::BLOCKING>,
                 peer_free);
}

BENCH_CASES (add_moodycamel)

}
