/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who waits for room: never a main loop, and nobody once the policy is another one. */
#include "config.h"

#include "currant-test.h"

typedef struct
{
  CurrantBus *bus;
  const char *id;
  guint n;
  int begun; /* atomic: the loops that are in their callback */
  int done;  /* atomic */
} Shared;

typedef struct
{
  Shared *shared;
  const char *other;
} Side;

static void
ignore (CurrantMessage *message, gpointer data)
{
  (void)message;
  (void)data;
}

static CurrantFollower *
add_blocking (CurrantBus *bus, const char *pattern, GMainContext *context)
{
  CurrantFollower *follower =
      currant_test_follower_new (pattern, CURRANT_DELIVERY_QUEUED, ignore, NULL);

  currant_follower_set_context (follower, context);
  currant_follower_set_bound (follower, 1, CURRANT_OVERFLOW_BLOCK);
  currant_bus_add_follower (bus, follower);
  currant_follower_unref (follower);
  return follower;
}

/* Both loops are in here at a time, so that neither can make the room the other needs. */
static gboolean
publish_to_other (gpointer data)
{
  Side *self = data;
  Shared *shared = self->shared;

  g_atomic_int_inc (&shared->begun);
  while (g_atomic_int_get (&shared->begun) < 2)
    g_thread_yield ();
  for (int i = 0; i < 3; i++)
    currant_bus_publish (shared->bus, self->other, NULL);
  g_atomic_int_inc (&shared->done);
  while (g_atomic_int_get (&shared->done) < 2)
    g_thread_yield ();
  return G_SOURCE_REMOVE;
}

static void
start_timer (CurrantTestLoop *loop, Side *side)
{
  g_autoptr (GSource) timer = g_timeout_source_new (0);

  g_source_set_callback (timer, publish_to_other, side, NULL);
  g_source_attach (timer, currant_test_loop_get_context (loop));
}

/* In a callback of a main loop, what finds no room is dropped and counted. */
static void
test_two_loops (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestLoop) left = currant_test_loop_new ();
  g_autoptr (CurrantTestLoop) right = currant_test_loop_new ();
  Shared shared = { .bus = bus };
  Side of_left = { &shared, "right:x" }, of_right = { &shared, "left:x" };

  add_blocking (bus, "left:x", currant_test_loop_get_context (left));
  add_blocking (bus, "right:x", currant_test_loop_get_context (right));
  start_timer (left, &of_left);
  start_timer (right, &of_right);
  currant_test_spin_until (g_atomic_int_get (&shared.done) == 2);
  currant_test_loop_sync (left);
  currant_test_loop_sync (right);
  g_assert_cmpuint (currant_test_stat (bus, "dropped"), ==, 4);
  g_assert_cmpuint (currant_test_stat (bus, "matched"), ==, 6);
}

static gpointer
publish_some (gpointer data)
{
  Shared *self = data;

  for (guint i = 0; i < self->n; i++)
    {
      g_atomic_int_set (&self->begun, (int)i + 1);
      currant_bus_publish (self->bus, self->id, "(i)", (int)i);
    }
  g_atomic_int_set (&self->done, TRUE);
  return NULL;
}

/* A publisher that waits for room goes on under the policy that there is now. */
static void
leave_with (guint bound, CurrantOverflow overflow, guint64 dropped)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);
  Shared shared = { .bus = bus, .id = "a:x", .n = 2 };
  GThread *thread;

  currant_queue_set_bound (queue, 1, CURRANT_OVERFLOW_BLOCK);
  thread = g_thread_new ("publisher", publish_some, &shared);
  currant_test_spin_until (g_atomic_int_get (&shared.begun) == 2);
  /* Gives it time to get to where it waits; too little of it changes what is tested only. */
  for (int i = 0; i < 1000; i++)
    g_thread_yield ();
  g_assert_false (g_atomic_int_get (&shared.done));
  currant_queue_set_bound (queue, bound, overflow);
  currant_test_spin_until (g_atomic_int_get (&shared.done));
  g_thread_join (thread);
  g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, dropped);
  g_assert_cmpuint (currant_queue_get_length (queue), ==, 2 - dropped);
  currant_test_assert_balance (bus);
}

static void
test_policy_changes (void)
{
  leave_with (1, CURRANT_OVERFLOW_DROP_OLDEST, 1);
  leave_with (1, CURRANT_OVERFLOW_DROP_NEWEST, 1);
  leave_with (1, CURRANT_OVERFLOW_LATEST, 1);
  leave_with (1, CURRANT_OVERFLOW_FAIL, 1);
}

static void
test_bound_grows (void)
{
  leave_with (0, CURRANT_OVERFLOW_BLOCK, 0);
  leave_with (2, CURRANT_OVERFLOW_BLOCK, 0);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/mailbox-block/two-loops", test_two_loops);
  currant_test_add ("/mailbox-block/policy-changes", test_policy_changes);
  currant_test_add ("/mailbox-block/bound-grows", test_bound_grows);
  return g_test_run ();
}
