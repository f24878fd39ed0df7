/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one thread and one router have to do with each other: the record of a publisher.
 *
 * It is found through a thread-local variable, and only its thread writes to it, so that publishing
 * writes nothing that another thread writes. Other threads read the hazards and the counters.
 *
 * Hazards. A thread that walks a snapshot has it in a hazard slot of its own, one slot a level of
 * nesting. The order of things is what keeps this safe, with the fences of currant-fence-private.h:
 *
 *     walker                                   who retires it, under the router's lock
 *     1. hazard = snapshot                     a. topic's snapshot = NULL
 *        light fence                              heavy fence
 *     2. still the topic's? else start again   b. read all hazards
 *
 * Never do 2 and b both miss the other's write. So either the snapshot is seen to be in use, or the
 * walker sees that it has gone and never looks inside. A snapshot found in use stays on the
 * router's list, and its walker is told by `must_reclaim` to look at the list when it leaves:
 *
 *     3. hazard = NULL                         c. must_reclaim = TRUE
 *        light fence                              heavy fence
 *     4. must_reclaim? then reclaim            d. read the hazards once more
 *
 * Either d sees that it has gone from the hazard, and it is freed at once; or 4 sees the flag, and
 * the walker frees it. Both stores to the hazard are releases too, so that what a walker read of a
 * snapshot comes before its end. So nothing waits for a thread that walks something else, however
 * long its callback takes: what a thread can keep from being freed is one snapshot a level. */
#pragma once

#include "currant-fence-private.h"
#include "currant-snapshot-private.h"
#include "currant-topic-cache-private.h"

/* Direct deliveries nest this deep; beyond it messages are posted. A guard that publishes can go
 * one level further. */
#define CURRANT_DEPTH_MAX 64
#define CURRANT_N_HAZARDS (CURRANT_DEPTH_MAX + 2)

typedef enum
{
  CURRANT_COUNT_PUBLISHED,
  CURRANT_COUNT_MATCHED,
  CURRANT_COUNT_DELIVERED,
  CURRANT_COUNT_DROPPED,
  CURRANT_COUNT_DISCARDED,
  CURRANT_COUNT_EXPIRED,
  CURRANT_COUNT_CONFLATED,
  CURRANT_COUNT_NESTED,
  CURRANT_COUNT_ERRORS,
  CURRANT_COUNT_UNRETAINED,
  CURRANT_COUNT_POSTED,  /* began to wait */
  CURRANT_COUNT_SETTLED, /* ceased to wait, whatever became of them */
  CURRANT_N_COUNTS
} CurrantCount;

typedef struct _CurrantThread CurrantThread;

struct _CurrantThread
{
  CurrantRouter *router; /* a reference */
  gconstpointer owner;   /* an address that is the thread's own; immutable */
  guint id;
  guint depth; /* of the walks in progress */
  guint64 sequence;
  guint64 nested; /* of the last message that was posted as it nested too deep */
  guint64 random;

  /* The mailboxes this thread posted to, as far as the order of AUTO deliveries must know: the only
   * one, or that there are several. */
  gconstpointer posted_to;
  gboolean posted_to_several;

  _Atomic guint64 counts[CURRANT_N_COUNTS];               /* written by the thread alone */
  _Atomic (CurrantSnapshot *) hazards[CURRANT_N_HAZARDS]; /* likewise */
  _Atomic guint n_hazards;                                /* likewise: those ever used */
  _Atomic gboolean must_reclaim;

  CurrantTopicCache topics;

  CurrantThread *next_own;        /* of the same thread */
  CurrantThread *previous, *next; /* of the same router; guarded by its lock */
};

CurrantThread *currant_thread_find (CurrantRouter *router);

extern _Thread_local CurrantThread *currant_thread_current
    __attribute__ ((tls_model ("initial-exec"), visibility ("hidden")));

/* The calling thread's record with @router. It lives as long as the thread. */
static inline CurrantThread *
currant_thread_get (CurrantRouter *router)
{
  CurrantThread *self = currant_thread_current;

  if (G_LIKELY (self != NULL && self->router == router))
    return self;
  return currant_thread_find (router);
}

/* Whether it is the calling thread's. */
static inline gboolean
currant_thread_is_own (const CurrantThread *self)
{
  return self->owner == &currant_thread_current;
}

/* One writer, so no read-modify-write is needed. */
static inline void
currant_thread_count (CurrantThread *self, CurrantCount count, guint64 n)
{
  guint64 now = atomic_load_explicit (&self->counts[count], memory_order_relaxed);

  atomic_store_explicit (&self->counts[count], now + n, memory_order_relaxed);
}

/* Uniform in [0, 1). */
double currant_thread_random (CurrantThread *self);
