/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group E: libuv's work queue. There is one set of threads in a process, so there are always two
 * of them, and no case of one. The requests are made before: its best case. */
#include "config.h"

#include "bench-pool.h"

#include <stdlib.h>
#include <uv.h>

typedef struct
{
  uv_loop_t loop;
  uv_work_t *requests;
  guint64 answers;
} Peer;

static void
on_task (uv_work_t *request)
{
  pool_tally_hit ();
}

static void
on_nothing (uv_work_t *request)
{
}

static void
on_answer (uv_work_t *request, int status)
{
  Peer *peer = request->data;

  peer->answers++;
}

static gpointer
set_up (const BenchCase *bench)
{
  Peer *peer = g_new0 (Peer, 1);

  if (uv_loop_init (&peer->loop) != 0)
    abort ();
  peer->requests = g_new0 (uv_work_t, bench->max_n);
  for (gsize i = 0; i < bench->max_n; i++)
    peer->requests[i].data = peer;
  return peer;
}

static void
peer_free (gpointer state)
{
  Peer *peer = state;

  uv_loop_close (&peer->loop);
  g_free (peer->requests);
  g_free (peer);
}

/* A request is the loop's until it is answered; that is not in the time. */
static void
run_tasks (BenchRun *run)
{
  Peer *peer = run->state;

  pool_tally_start (run);
  for (gsize i = 0; i < run->n; i++)
    uv_queue_work (&peer->loop, &peer->requests[i], on_task, on_answer);
  pool_tally_wait (run);
  uv_run (&peer->loop, UV_RUN_DEFAULT);
}

static void
run_answers (BenchRun *run)
{
  Peer *peer = run->state;

  peer->answers = 0;
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    uv_queue_work (&peer->loop, &peer->requests[i], on_nothing, on_answer);
  uv_run (&peer->loop, UV_RUN_DEFAULT);
  bench_stop (run);
  run->counted = peer->answers;
}

static void
add_case (const char *comparison, gsize max_n, void (*run) (BenchRun *))
{
  bench_add (&(BenchCase){ .comparison = comparison,
                           .name = "libuv work queue",
                           .role = BENCH_PEER,
                           .param = 2,
                           .max_n = max_n,
                           .deliveries = 1,
                           .setup = set_up,
                           .run = run,
                           .teardown = peer_free });
}

static void
add_uv (void)
{
  g_setenv ("UV_THREADPOOL_SIZE", "2", TRUE);
  add_case ("pool-2", POOL_MAX, run_tasks);
  add_case ("pool-answer", POOL_TASK_MAX, run_answers);
}

BENCH_CASES (add_uv)
