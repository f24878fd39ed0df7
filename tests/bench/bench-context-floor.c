/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group B, the floor: messages on a lock-free stack, which is taken whole and turned round, and an
 * eventfd that is written only when the stack was empty. No main loop, no routing, no bound. */
#include "config.h"

#include "bench-context.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define STOP (-1)

typedef struct _Node Node;

struct _Node
{
  Node *next;
  int number;
};

typedef struct
{
  Node *head; /* atomic: the newest */
  int fd;
} Box;

typedef struct
{
  Box there;
  Box home;
  GThread *thread;
  gboolean echo; /* whether the thread sends back what it gets */
  Node *nodes;   /* prepared ones, or NULL to allocate each */
  BenchGoal goal;
  guint64 sum;
  guint64 home_seen;
} Floor;

/* ---- a box ---------------------------------------------------------------------------------- */

static void
box_init (Box *box)
{
  box->head = NULL;
  box->fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  g_assert (box->fd >= 0);
}

static void
box_push (Box *box, Node *node)
{
  const guint64 one = 1;
  Node *old = __atomic_load_n (&box->head, __ATOMIC_RELAXED);

  do
    node->next = old;
  while (!__atomic_compare_exchange_n (&box->head, &old, node, TRUE, __ATOMIC_RELEASE,
                                       __ATOMIC_RELAXED));
  if (old == NULL && write (box->fd, &one, sizeof (one)) < 0)
    abort ();
}

/* All that are there, the oldest first. Sleeps until there is one. */
static Node *
box_take (Box *box)
{
  struct pollfd poller = { .fd = box->fd, .events = POLLIN };
  guint64 count;
  Node *oldest = NULL;
  Node *node;

  while (read (box->fd, &count, sizeof (count)) < 0)
    poll (&poller, 1, -1);
  node = __atomic_exchange_n (&box->head, NULL, __ATOMIC_ACQUIRE);
  while (node != NULL)
    {
      Node *next = node->next;

      node->next = oldest;
      oldest = node;
      node = next;
    }
  return oldest;
}

static void
post (Floor *floor, Box *box, gsize place, int number)
{
  Node *node = floor->nodes != NULL ? &floor->nodes[place] : malloc (sizeof (Node));

  if (node == NULL)
    abort ();
  node->number = number;
  box_push (box, node);
}

static void
release (Floor *floor, Node *node)
{
  if (floor->nodes == NULL)
    free (node);
}

/* ---- the thread ----------------------------------------------------------------------------- */

static gboolean
handle (Floor *floor, Node *node)
{
  if (node->number == STOP)
    {
      release (floor, node);
      return FALSE;
    }
  if (floor->echo)
    {
      box_push (&floor->home, node);
      return TRUE;
    }
  floor->sum += (guint64)node->number;
  release (floor, node);
  bench_goal_hit (&floor->goal);
  return TRUE;
}

static gpointer
floor_main (gpointer data)
{
  Floor *floor = data;
  gboolean running = TRUE;

  while (running)
    for (Node *node = box_take (&floor->there), *next; node != NULL; node = next)
      {
        next = node->next;
        running = handle (floor, node);
      }
  return NULL;
}

static Floor *
floor_new (gboolean echo, gboolean prepared)
{
  Floor *floor = g_new0 (Floor, 1);

  bench_goal_init (&floor->goal);
  box_init (&floor->there);
  box_init (&floor->home);
  floor->echo = echo;
  if (prepared)
    floor->nodes = g_new0 (Node, CONTEXT_MAX + 1);
  floor->thread = bench_thread_new ("bench-floor", 1, floor_main, floor);
  return floor;
}

static gpointer
set_up_post (const BenchCase *bench)
{
  return floor_new (FALSE, bench->param != 0);
}

static gpointer
set_up_echo (const BenchCase *bench)
{
  return floor_new (TRUE, FALSE);
}

static void
floor_free (gpointer state)
{
  Floor *floor = state;

  post (floor, &floor->there, CONTEXT_MAX, STOP);
  g_thread_join (floor->thread);
  close (floor->there.fd);
  close (floor->home.fd);
  bench_goal_clear (&floor->goal);
  g_free (floor->nodes);
  g_free (floor);
}

/* ---- runs ----------------------------------------------------------------------------------- */

static void
run_post (BenchRun *run)
{
  Floor *floor = run->state;

  floor->sum = 0;
  bench_goal_set (&floor->goal, run->n);
  bench_pin (0);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    post (floor, &floor->there, i, (int)i);
  bench_goal_wait (&floor->goal, run);
  if (floor->sum != (guint64)run->n * (run->n - 1) / 2)
    run->complaint = "the floor read other numbers than were posted";
}

static void
take_home (Floor *floor)
{
  for (Node *node = box_take (&floor->home), *next; node != NULL; node = next)
    {
      next = node->next;
      floor->home_seen++;
      release (floor, node);
    }
}

static void
run_self (BenchRun *run)
{
  Floor *floor = run->state;

  floor->home_seen = 0;
  bench_start (run);
  for (gsize done = 0; done < run->n; done += CONTEXT_BATCH)
    {
      for (int i = 0; i < CONTEXT_BATCH; i++)
        post (floor, &floor->home, (gsize)i, i);
      take_home (floor);
    }
  bench_stop (run);
  run->counted = floor->home_seen;
}

static void
run_ping_pong (BenchRun *run)
{
  Floor *floor = run->state;

  floor->home_seen = 0;
  bench_pin (0);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      gint64 sent = bench_now ();

      post (floor, &floor->there, 0, (int)i);
      take_home (floor);
      bench_latency (run, bench_now () - sent);
    }
  bench_stop (run);
  run->counted = floor->home_seen;
}

static void
add_case (const char *comparison, const char *name, gboolean prepared,
          gpointer (*set_up) (const BenchCase *), void (*run) (BenchRun *))
{
  bench_add (&(BenchCase){ .comparison = comparison,
                           .name = name,
                           .role = BENCH_FLOOR,
                           .param = prepared,
                           .granularity = run == run_self ? CONTEXT_BATCH : 1,
                           .max_n = CONTEXT_MAX,
                           .deliveries = 1,
                           .setup = set_up,
                           .run = run,
                           .teardown = floor_free });
}

static void
add_floor (void)
{
  add_case ("loop-post", CONTEXT_FLOOR, FALSE, set_up_post, run_post);
  add_case ("loop-post", "the same, messages made before", TRUE, set_up_post, run_post);
  add_case ("loop-self", CONTEXT_FLOOR, FALSE, set_up_post, run_self);
  add_case ("loop-ping-pong", CONTEXT_FLOOR, FALSE, set_up_echo, run_ping_pong);
}

BENCH_CASES (add_floor)
