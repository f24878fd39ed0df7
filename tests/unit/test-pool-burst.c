/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads for all that is queued: one idle thread is no reason to start none. */
#include "config.h"

#include "currant-test.h"

typedef struct
{
  int inside;   /* atomic */
  int finished; /* atomic */
  int wanted;   /* calls that wait for each other; 0 not to wait */
} Meeting;

static void
meet (CurrantMessage *message, gpointer data)
{
  Meeting *self = data;

  (void)message;
  g_atomic_int_inc (&self->inside);
  while (g_atomic_int_get (&self->inside) < self->wanted)
    g_thread_yield ();
  g_atomic_int_inc (&self->finished);
}

static void
follow_thrice (CurrantBus *bus, Meeting *meeting)
{
  for (int i = 0; i < meeting->wanted; i++)
    currant_bus_follow_with_delivery (bus, "a:x", CURRANT_DELIVERY_POOL, meet, meeting, NULL);
}

/* One thread, which has nothing to do: it may be idle already or about to be. */
static void
warm_up (CurrantBus *bus)
{
  Meeting warm = { 0 };
  CurrantFollower *follower =
      currant_bus_follow_with_delivery (bus, "warm:x", CURRANT_DELIVERY_POOL, meet, &warm, NULL);

  currant_follower_ref (follower);
  currant_bus_publish (bus, "warm:x", NULL);
  currant_test_spin_until (g_atomic_int_get (&warm.finished) == 1);
  currant_test_spin_until (currant_test_stat (bus, "waiting") == 0);
  currant_follower_stop (follower);
  currant_follower_unref (follower);
  g_assert_cmpuint (currant_bus_get_n_threads (bus), ==, 1);
}

/* The burst comes while there is one thread only; each needs the others to run beside it. */
static void
test_burst_on_one_idle_thread (void)
{
  for (int round = 0; round < 50; round++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      Meeting meeting = { .wanted = 3 };

      currant_bus_set_multiplicity (bus, 8);
      warm_up (bus);
      follow_thrice (bus, &meeting);
      currant_bus_publish (bus, "a:x", NULL);
      currant_test_spin_until (g_atomic_int_get (&meeting.finished) == 3);
      g_assert_cmpuint (currant_bus_get_n_threads (bus), >=, 3);
      g_assert_cmpuint (currant_bus_get_n_threads (bus), <=, 8);
    }
}

/* One follower that may run three at a time asks for as many threads as three followers do. */
static void
test_burst_of_one_follower (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  CurrantFollower *follower;
  Meeting meeting = { .wanted = 3 };

  currant_bus_set_multiplicity (bus, 8);
  warm_up (bus);
  follower = currant_test_follower_new ("a:x", CURRANT_DELIVERY_POOL, meet, &meeting);
  currant_follower_set_concurrency (follower, 3);
  currant_bus_add_follower (bus, follower);
  currant_follower_unref (follower);
  for (int i = 0; i < 3; i++)
    currant_bus_publish (bus, "a:x", NULL);
  currant_test_spin_until (g_atomic_int_get (&meeting.finished) == 3);
}

/* What is queued behind the only thread is served as soon as there may be more of them. */
static void
test_growth_serves_what_is_queued (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Meeting meeting = { .wanted = 3 };

  currant_bus_set_multiplicity (bus, 1);
  follow_thrice (bus, &meeting);
  currant_bus_publish (bus, "a:x", NULL);
  currant_test_spin_until (g_atomic_int_get (&meeting.inside) == 1);
  g_assert_cmpuint (currant_bus_get_n_threads (bus), ==, 1);
  currant_bus_set_multiplicity (bus, 4);
  currant_test_spin_until (g_atomic_int_get (&meeting.finished) == 3);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/pool-burst/one-idle-thread", test_burst_on_one_idle_thread);
  currant_test_add ("/pool-burst/one-follower", test_burst_of_one_follower);
  currant_test_add ("/pool-burst/growth-serves-what-is-queued", test_growth_serves_what_is_queued);
  return g_test_run ();
}
