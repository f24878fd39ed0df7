/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pace where the follower is behind, and where it is stopped while it is being added. */
#include "config.h"

#include "currant-test.h"

static CurrantFollower *
paced_follower (CurrantPace pace, guint interval_ms, CurrantTestRecorder *recorder)
{
  CurrantFollower *follower = currant_test_follower_new ("a:x", CURRANT_DELIVERY_QUEUED,
                                                         currant_test_recorder_take, recorder);

  currant_follower_set_pace (follower, pace, interval_ms);
  return follower;
}

static void
ignore (CurrantMessage *message, gpointer data)
{
  (void)message;
  (void)data;
}

/* For ever so many messages of others, the context does not get to the first one of ours. */
static void
let_lag_behind (CurrantBus *bus)
{
  currant_bus_follow_with_delivery (bus, "noise:*", CURRANT_DELIVERY_QUEUED, ignore, NULL, NULL);
  for (int i = 0; i < 5000; i++)
    currant_bus_publish (bus, "noise:x", NULL);
}

static gboolean
note_time (gpointer is_over)
{
  *(gboolean *)is_over = TRUE;
  return G_SOURCE_REMOVE;
}

/* The throttle's timer is due at once, before what is posted gets its turn: what is held is still
 * the later one. */
static void
test_throttle_behind (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantFollower *follower = paced_follower (CURRANT_PACE_THROTTLE, 20, recorder);
  g_autoptr (GMainContext) clock = g_main_context_new ();
  g_autoptr (GSource) timer = g_timeout_source_new (50);
  gboolean is_over = FALSE;

  g_source_set_callback (timer, note_time, &is_over, NULL);
  g_source_attach (timer, clock);
  let_lag_behind (bus);
  currant_bus_add_follower (bus, follower);
  currant_follower_unref (follower);
  currant_bus_publish (bus, "a:x", "(i)", 1);
  currant_bus_publish (bus, "a:x", "(i)", 2);
  currant_test_iterate_until (clock, is_over);
  currant_test_iterate_until (NULL, currant_test_recorder_count (recorder) == 2);
  currant_test_assert_numbers (recorder, "1 2");
  currant_test_assert_balance (bus);
}

typedef struct
{
  CurrantFollower *added; /* atomic: to be stopped as soon as it is active */
  int quit;               /* atomic */
} Stopper;

static gpointer
stop_what_is_added (gpointer data)
{
  Stopper *self = data;

  while (!g_atomic_int_get (&self->quit))
    {
      CurrantFollower *follower = g_atomic_pointer_get (&self->added);

      if (follower == NULL || !currant_follower_is_active (follower))
        {
          g_thread_yield ();
          continue;
        }
      currant_follower_stop (follower);
      g_atomic_pointer_set (&self->added, NULL);
    }
  return NULL;
}

static void
add_and_stop (CurrantPace pace)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  Stopper stopper = { 0 };
  GThread *thread = g_thread_new ("stopper", stop_what_is_added, &stopper);
  guint rounds = currant_test_rounds (3000);

  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (CurrantFollower) follower = paced_follower (pace, 1, recorder);

      g_atomic_pointer_set (&stopper.added, follower);
      currant_bus_add_follower (bus, follower);
      currant_bus_publish (bus, "a:x", NULL);
      currant_test_spin_until (g_atomic_pointer_get (&stopper.added) == NULL);
      g_assert_false (currant_follower_is_active (follower));
    }
  g_atomic_int_set (&stopper.quit, TRUE);
  g_thread_join (thread);
  currant_test_drain (NULL);
  currant_test_assert_balance (bus);
  g_assert_cmpuint (currant_test_stat (bus, "waiting"), ==, 0);
}

static void
test_debounce_stopped_while_added (void)
{
  add_and_stop (CURRANT_PACE_DEBOUNCE);
}

static void
test_throttle_stopped_while_added (void)
{
  add_and_stop (CURRANT_PACE_THROTTLE);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/pace-order/throttle-behind", test_throttle_behind);
  currant_test_add ("/pace-order/debounce-stopped-while-added", test_debounce_stopped_while_added);
  currant_test_add ("/pace-order/throttle-stopped-while-added", test_throttle_stopped_while_added);
  return g_test_run ();
}
