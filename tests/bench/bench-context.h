/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group B: what every library's cases share: main loops in this thread and in another. */
#pragma once

#include "bench.h"

G_BEGIN_DECLS

#define CONTEXT_IDLE "g_idle_source a message"
#define CONTEXT_UV "libuv async, list under a mutex"
#define CONTEXT_FLOOR "eventfd and lock-free stack"

/* Messages on their way at a time at most: what a run posts. More would measure the memory. */
#define CONTEXT_MAX 200000

/* How many messages are posted to the own loop before it is run. */
#define CONTEXT_BATCH 1000

/* A thread that runs a main context, and what it and the measuring thread count. */
typedef struct
{
  GMainContext *context; /* run by the thread */
  GMainContext *home;    /* run by the measuring thread */
  GThread *thread;
  int stop; /* atomic */
  BenchGoal goal;
  guint64 sum;
  guint64 home_seen;
} Loop;

Loop *loop_new (void);
void loop_stop (Loop *loop);
void loop_free (Loop *loop);

/* In the loop's thread, with the number that a message brought. */
void loop_got (Loop *loop, int number);

/* Begins and ends a run that posts the numbers 0 to n - 1. */
void loop_expect (Loop *loop, BenchRun *run);
void loop_wait (Loop *loop, BenchRun *run);

/* Runs the measuring thread's context until it has seen @wanted messages in all. */
void loop_run_home (Loop *loop, guint64 wanted, gboolean may_block);

G_END_DECLS
