/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group C: what every library's cases share: who puts how much, and what the getters saw. */
#pragma once

#include "bench.h"

#include <string.h>

G_BEGIN_DECLS

#define QUEUE_ASYNC "GAsyncQueue"
#define QUEUE_ASYNC_8 "8 GAsyncQueues"

/* Messages on their way at a time at most: what a run puts. */
#define QUEUE_MAX 200000

#define QUEUE_FAN 8
#define QUEUE_MAX_GETTERS 8

/* In one thread: how many messages are put before the queues are emptied. */
#define QUEUE_BATCH 64

/* The number that tells a getter to leave. */
#define QUEUE_END G_MAXINT

static inline const char *
queue_pairs_comparison (gint64 pairs)
{
  return pairs == 1 ? "queue-1p1c" : pairs == 2 ? "queue-2p2c" : "queue-4p4c";
}

/* A cache line a getter. */
typedef struct
{
  guint64 count;
  guint64 sum;
  guint64 fill[6];
} GetterTally;

typedef struct
{
  int putters_left; /* atomic */
  GetterTally getters[QUEUE_MAX_GETTERS];
} Crew;

static inline void
crew_start (Crew *crew, guint n_putters)
{
  memset (crew, 0, sizeof (Crew));
  crew->putters_left = (int)n_putters;
}

/* Whether the putter that asks is the last one, who tells the getters to leave. */
static inline gboolean
crew_putter_done (Crew *crew)
{
  return g_atomic_int_dec_and_test (&crew->putters_left);
}

static inline void
getter_got (GetterTally *tally, int number)
{
  tally->count++;
  tally->sum += (guint64)number;
}

/* Putters put 0, 1, 2... each; @copies is how many getters get each number. */
static inline void
crew_check (Crew *crew, BenchRun *run, guint n_putters, guint copies)
{
  const guint64 each = run->n / n_putters;
  guint64 sum = 0;

  for (guint i = 0; i < QUEUE_MAX_GETTERS; i++)
    {
      run->counted += crew->getters[i].count;
      sum += crew->getters[i].sum;
    }
  if (sum != each * (each - 1) / 2 * n_putters * copies)
    run->complaint = "the getters got other numbers than were put";
}

G_END_DECLS
