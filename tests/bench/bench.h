/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The benchmark harness.
 *
 * A comparison is a set of cases that do the same work: ours, the peers', and floors below which
 * the design cannot go. All cases of a comparison are set up together and run in turn, A B C A B C,
 * so that what disturbs the machine disturbs them alike; a ratio is the median of the ratios of
 * neighbouring runs. Targets are ratios, for absolute figures change with the machine.
 *
 * A run says how many deliveries it saw. One that saw too few or too many is refused: its figure is
 * not printed and the program fails.
 *
 * Each file adds its cases by BENCH_CASES(), so a peer is a file of its own which the Makefile
 * links where the peer is installed; nothing else has to know.
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define BENCH_MAX_TARGETS 3

typedef enum
{
  BENCH_OURS,
  BENCH_PEER,
  BENCH_FLOOR
} BenchRole;

typedef struct _BenchCase BenchCase;
typedef struct _BenchRun BenchRun;

/* A ratio that is asked for. Without @against the bounds are absolute, in the unit of the case;
 * with bounds of 0 the ratio is only shown. */
typedef struct
{
  const char *against; /* the name of a case in the same comparison */
  double good;
  double ambitious;
} BenchTarget;

struct _BenchCase
{
  const char *comparison;
  const char *name;
  BenchRole role;
  const char *unit;  /* what a sample counts, NULL for nanoseconds per operation */
  gint64 param;      /* for the functions below: a number of followers, patterns, threads */
  gsize granularity; /* operations come in multiples of this */
  gsize max_n;       /* no more operations than this in one run; 0 for any number */
  guint deliveries;  /* how many deliveries one operation must make */
  BenchTarget targets[BENCH_MAX_TARGETS];
  gpointer (*setup) (const BenchCase *bench);
  void (*run) (BenchRun *run);
  void (*teardown) (gpointer state);
  const char *series; /* of a curve: the cases of a series differ in @param alone */
};

struct _BenchRun
{
  const BenchCase *bench;
  gpointer state;        /* what setup returned */
  gsize n;               /* how many operations to do */
  gint64 start;          /* ns */
  gint64 ns;             /* what they took */
  double value;          /* instead of ns, for another unit */
  guint64 counted;       /* deliveries seen */
  guint64 expected;      /* deliveries to be seen: n * deliveries unless the run changes it */
  const char *complaint; /* why the run does not count, whatever was counted */
  GArray *latencies;     /* of gint64: each operation's own time, where the case takes it */
};

typedef void (*BenchRegisterFunc) (void);
typedef void (*BenchLaneFunc) (BenchRun *run, guint lane);

/* Adds a function that adds cases to those which bench_main() calls. */
#define BENCH_CASES(function)                                                                      \
  static void __attribute__ ((constructor)) function##_announce (void)                             \
  {                                                                                                \
    bench_announce (function);                                                                     \
  }

void bench_announce (BenchRegisterFunc function);

/* Comparisons appear in the order in which they are titled; bench_main() calls @titles before the
 * announced functions. */
int bench_main (int argc, char **argv, const char *program, BenchRegisterFunc titles);
void bench_title (const char *comparison, const char *title);
void bench_add (const BenchCase *bench);

/* Whether this is a short run that only proves that the cases work. */
gboolean bench_is_quick (void);

/* For run functions. */
gint64 bench_now (void);
void bench_start (BenchRun *run);
void bench_stop (BenchRun *run);
void bench_latency (BenchRun *run, gint64 ns);

/* Runs @func in @n_lanes threads at a time and takes the time from the moment when all may go until
 * the last has returned. Each lane is pinned to a processor of its own while there are enough. */
void bench_parallel (BenchRun *run, guint n_lanes, BenchLaneFunc func);

/* A thread that may serve several runs; the new thread is pinned to the @lane-th processor. */
GThread *bench_thread_new (const char *name, guint lane, GThreadFunc func, gpointer data);
void bench_pin (guint lane);
void bench_unpin (void);

/* Something that one thread brings about and another waits for: @target hits. */
typedef struct
{
  GMutex lock;
  GCond cond;
  guint64 target;
  guint64 seen; /* of the hitting thread until it is reached */
  gint64 end;
  gboolean reached;
} BenchGoal;

void bench_goal_init (BenchGoal *goal);
void bench_goal_clear (BenchGoal *goal);
void bench_goal_set (BenchGoal *goal, guint64 target);
void bench_goal_reach (BenchGoal *goal);

/* Ends @run at the moment of the last hit. Gives up when hits are lost; the count then tells. */
void bench_goal_wait (BenchGoal *goal, BenchRun *run);

static inline void
bench_goal_hit (BenchGoal *goal)
{
  if (++goal->seen == goal->target)
    bench_goal_reach (goal);
}

/* Keeps the compiler from leaving out what produces @pointer or what it points to. */
static inline void
bench_use (const void *pointer)
{
  __asm__ volatile("" : : "r"(pointer) : "memory");
}

G_END_DECLS
