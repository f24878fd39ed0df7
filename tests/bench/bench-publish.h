/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group A: what every library's cases share, so that they do the same work. */
#pragma once

#include "bench.h"

G_BEGIN_DECLS

/* The names of cases that ratios are taken against. */
#define PUBLISH_SIGNAL "g_signal_emit, id and detail"
#define PUBLISH_SIGNAL_NAME "g_signal_emit_by_name"
#define PUBLISH_VARIANT_FLOOR "building the variant alone"
#define PUBLISH_SIGNAL_ONE_THREAD "g_signal_emit, 1 thread"
#define PUBLISH_CONNECT_10 "g_signal connect+disconnect, 10 there"
#define PUBLISH_CONNECT_10K "g_signal connect+disconnect, 10k there"
#define PUBLISH_CONNECT_EMIT "g_signal connect+emit+disconnect, 10 there"

/* The text beside the number in an "(is)" payload. */
#define PUBLISH_TEXT "a line of text"

/* What one follower has seen. Each has its own, as followers of a real program do. */
typedef struct
{
  guint64 calls;
  guint64 sum;
  gpointer kept;
} Tally;

/* What the threads of a run have seen, a cache line each. */
typedef struct
{
  guint64 calls;
  guint64 sum;
  guint64 fill[6];
} ThreadTally;

/* The comparison of cases with @n followers. */
static inline const char *
publish_comparison (gint64 n)
{
  switch (n)
    {
    case 0:
      return "direct-0";
    case 1:
      return "direct-1";
    case 10:
      return "direct-10";
    default:
      return "direct-100";
    }
}

static inline void
tally_add (Tally *tally, int value)
{
  tally->calls++;
  tally->sum += (guint64)value;
}

/* Each run publishes the numbers 0 to n - 1, and every follower must have seen them all. */
static inline void
tally_check (BenchRun *run, Tally *tallies, gsize n_tallies)
{
  const guint64 sum = (guint64)run->n * (run->n - 1) / 2;

  for (gsize i = 0; i < n_tallies; i++)
    {
      run->counted += tallies[i].calls;
      if (tallies[i].sum != sum)
        run->complaint = "a follower read other numbers than were published";
      tallies[i].calls = 0;
      tallies[i].sum = 0;
    }
}

G_END_DECLS
