/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hinge of the house: something that takes a message.
 *
 * Routing and delivery know only sinks; followers and queues are sinks.
 *
 * A sink's `state` counts, in one word, what may still reach it: in the high half the holds (its
 * registration, each route snapshot that names it, each delivery in progress), in the low half the
 * messages that wait for it in a mailbox. Whoever brings the word to zero calls `finish`: nothing
 * can call the sink any more, so what its user gave it may be destroyed. The word is zero once
 * only, because new holds and messages come only from where a hold already is. */
#pragma once

#include <stdatomic.h>

#include "currant-enums.h"
#include "currant-message-private.h"
#include "currant-pattern-private.h"

typedef struct _CurrantNode CurrantNode;
typedef struct _CurrantRouter CurrantRouter;
typedef struct _CurrantSink CurrantSink;
typedef struct _CurrantWalk CurrantWalk;

/* Offers a message, in the publisher's thread, without a lock. */
typedef void (*CurrantTakeFunc) (CurrantSink *sink, CurrantMessage *message, CurrantWalk *walk);

/* The user's callback. */
typedef void (*CurrantCallFunc) (CurrantMessage *message, gpointer data);

typedef struct
{
  /* Whether a slice would take @message, for choosing one of several. */
  gboolean (*accepts) (CurrantSink *sink, CurrantMessage *message);
  /* Runs the sink's user code with a message that waited for it, in the thread that the mailbox is
   * emptied in. Takes over the reference. */
  void (*deliver) (CurrantSink *sink, CurrantMessage *message);
  /* The bus is disposed. Called without a lock, under a hold. */
  void (*stop) (CurrantSink *sink);
  /* Nothing can reach the sink any more. Called once, without a lock. */
  void (*finish) (CurrantSink *sink);
} CurrantSinkClass;

#define CURRANT_SINK_HOLD (G_GUINT64_CONSTANT (1) << 32)
#define CURRANT_SINK_WAITING(state) ((guint32)(state))

struct _CurrantSink
{
  const CurrantSinkClass *klass; /* immutable, as is all up to here: */
  CurrantRouter *router;         /* owned by the endpoint */
  CurrantTakeFunc take;
  double weight;        /* of a slice; below zero for a full follower */
  gboolean one_by_one;  /* its messages wait in the mailbox until the one before is called */
  CurrantCallFunc call; /* where a walk may call the user's code itself, which is all that `take`
                           comes down to in the plainest case; else NULL */
  gpointer call_data;

  CurrantPattern *pattern;     /* a reference; guarded by the router's lock once it is registered */
  struct _CurrantRoute *route; /* NULL unless registered; guarded likewise */

  _Atomic guint64 state;
  _Atomic gboolean stopped; /* it takes no more messages, and no call begins */
  _Atomic gboolean purged;  /* what waits for it is discarded, whenever it comes */
  _Atomic guint bound;      /* how many messages may wait; 0 for no bound */
  _Atomic guint overflow;   /* CurrantOverflow */

  /* Guarded by the lock of the mailbox that the sink's messages wait in. */
  CurrantNode *first, *last; /* its nodes in the backlog, oldest first */
  GHashTable *latest;        /* of a conflating sink: (id, key) -> node */

  _Atomic guint64 n_dropped;
  _Atomic (gpointer) loss; /* what has been announced of the drops; see currant-voice.c */
};

static inline void
currant_sink_hold (CurrantSink *sink)
{
  atomic_fetch_add_explicit (&sink->state, CURRANT_SINK_HOLD, memory_order_relaxed);
}

/* For who cannot know whether the sink has been finished. */
static inline gboolean
currant_sink_try_hold (CurrantSink *sink)
{
  guint64 state = atomic_load_explicit (&sink->state, memory_order_relaxed);

  while (state != 0)
    if (atomic_compare_exchange_weak_explicit (&sink->state, &state, state + CURRANT_SINK_HOLD,
                                               memory_order_relaxed, memory_order_relaxed))
      return TRUE;
  return FALSE;
}

/* Drops @n holds. The release half makes what was done under a hold visible to the thread that
 * finishes the sink; the acquire half makes it see all of it. */
static inline void
currant_sink_release (CurrantSink *sink, guint n)
{
  guint64 holds = n * CURRANT_SINK_HOLD;

  if (atomic_fetch_sub_explicit (&sink->state, holds, memory_order_acq_rel) == holds)
    sink->klass->finish (sink);
}

static inline guint
currant_sink_waiting (CurrantSink *sink)
{
  return CURRANT_SINK_WAITING (atomic_load_explicit (&sink->state, memory_order_relaxed));
}

static inline gboolean
currant_sink_is_stopped (CurrantSink *sink)
{
  return atomic_load_explicit (&sink->stopped, memory_order_acquire);
}
