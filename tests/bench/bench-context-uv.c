/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group B: libuv. It can wake a loop from another thread; the queue is the user's, here a list
 * under a mutex that the loop takes whole. */
#include "config.h"

#include "bench-context.h"

#include <stdlib.h>
#include <uv.h>

#define STOP (-1)

typedef struct _Node Node;
typedef struct _Peer Peer;

struct _Node
{
  Node *next;
  int number;
};

typedef struct
{
  uv_loop_t loop;
  uv_async_t bell;
  uv_mutex_t lock; /* guards the list */
  Node *first;
  Node **last;
  Peer *peer;
  void (*got) (Peer *peer, int number);
} Box;

struct _Peer
{
  Box there;
  Box home;
  GThread *thread;
  gboolean echo;
  BenchGoal goal;
  guint64 sum;
  guint64 home_seen;
};

static void
box_post (Box *box, int number)
{
  Node *node = malloc (sizeof (Node));

  if (node == NULL)
    abort ();
  *node = (Node){ NULL, number };
  uv_mutex_lock (&box->lock);
  *box->last = node;
  box->last = &node->next;
  uv_mutex_unlock (&box->lock);
  uv_async_send (&box->bell);
}

static void
on_bell (uv_async_t *bell)
{
  Box *box = bell->data;
  Node *node;

  uv_mutex_lock (&box->lock);
  node = box->first;
  box->first = NULL;
  box->last = &box->first;
  uv_mutex_unlock (&box->lock);
  while (node != NULL)
    {
      Node *next = node->next;

      box->got (box->peer, node->number);
      free (node);
      node = next;
    }
}

static void
box_init (Box *box, Peer *peer, void (*got) (Peer *peer, int number))
{
  box->peer = peer;
  box->got = got;
  box->last = &box->first;
  if (uv_loop_init (&box->loop) != 0 || uv_mutex_init (&box->lock) != 0
      || uv_async_init (&box->loop, &box->bell, on_bell) != 0)
    abort ();
  box->bell.data = box;
}

static void
box_clear (Box *box)
{
  if (!uv_is_closing ((uv_handle_t *)&box->bell))
    uv_close ((uv_handle_t *)&box->bell, NULL);
  uv_run (&box->loop, UV_RUN_DEFAULT);
  uv_loop_close (&box->loop);
  uv_mutex_destroy (&box->lock);
}

/* ---- the thread ----------------------------------------------------------------------------- */

static void
on_there (Peer *peer, int number)
{
  if (number == STOP)
    uv_close ((uv_handle_t *)&peer->there.bell, NULL);
  else if (peer->echo)
    box_post (&peer->home, number);
  else
    {
      peer->sum += (guint64)number;
      bench_goal_hit (&peer->goal);
    }
}

static void
on_home (Peer *peer, int number)
{
  peer->home_seen++;
}

static gpointer
loop_main (gpointer data)
{
  Peer *peer = data;

  uv_run (&peer->there.loop, UV_RUN_DEFAULT);
  return NULL;
}

static gpointer
set_up (const BenchCase *bench)
{
  Peer *peer = g_new0 (Peer, 1);

  peer->echo = g_str_equal (bench->comparison, "loop-ping-pong");
  bench_goal_init (&peer->goal);
  box_init (&peer->there, peer, on_there);
  box_init (&peer->home, peer, on_home);
  peer->thread = bench_thread_new ("bench-uv", 1, loop_main, peer);
  return peer;
}

static void
peer_free (gpointer state)
{
  Peer *peer = state;

  box_post (&peer->there, STOP);
  g_thread_join (peer->thread);
  box_clear (&peer->there);
  box_clear (&peer->home);
  bench_goal_clear (&peer->goal);
  g_free (peer);
}

/* ---- runs ----------------------------------------------------------------------------------- */

static void
run_post (BenchRun *run)
{
  Peer *peer = run->state;

  peer->sum = 0;
  bench_goal_set (&peer->goal, run->n);
  bench_pin (0);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    box_post (&peer->there, (int)i);
  bench_goal_wait (&peer->goal, run);
  if (peer->sum != (guint64)run->n * (run->n - 1) / 2)
    run->complaint = "the loop read other numbers than were posted";
}

static void
run_self (BenchRun *run)
{
  Peer *peer = run->state;

  peer->home_seen = 0;
  bench_start (run);
  for (gsize done = 0; done < run->n; done += CONTEXT_BATCH)
    {
      for (int i = 0; i < CONTEXT_BATCH; i++)
        box_post (&peer->home, i);
      while (peer->home_seen < done + CONTEXT_BATCH)
        uv_run (&peer->home.loop, UV_RUN_NOWAIT);
    }
  bench_stop (run);
  run->counted = peer->home_seen;
}

static void
run_ping_pong (BenchRun *run)
{
  Peer *peer = run->state;

  peer->home_seen = 0;
  bench_pin (0);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      gint64 sent = bench_now ();

      box_post (&peer->there, (int)i);
      while (peer->home_seen < i + 1)
        uv_run (&peer->home.loop, UV_RUN_ONCE);
      bench_latency (run, bench_now () - sent);
    }
  bench_stop (run);
  run->counted = peer->home_seen;
}

static void
add_case (const char *comparison, gsize granularity, void (*run) (BenchRun *))
{
  bench_add (&(BenchCase){ .comparison = comparison,
                           .name = CONTEXT_UV,
                           .role = BENCH_PEER,
                           .granularity = granularity,
                           .max_n = CONTEXT_MAX,
                           .deliveries = 1,
                           .setup = set_up,
                           .run = run,
                           .teardown = peer_free });
}

static void
add_uv (void)
{
  add_case ("loop-post", 1, run_post);
  add_case ("loop-self", CONTEXT_BATCH, run_self);
  add_case ("loop-ping-pong", 1, run_ping_pong);
}

BENCH_CASES (add_uv)
