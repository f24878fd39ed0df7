/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules of delivery, 3: a follower added during a delivery does not see that message; one that
 * is stopped is not called again; its data goes once, in its context, after the last call.
 */
#include "config.h"

#include "currant-test.h"

typedef struct
{
  CurrantBus *bus;
  CurrantTestRecorder *recorder;
  CurrantFollower *other;
  CurrantDelivery delivery;
  int calls;
} Actor;

static void
add_another (CurrantMessage *message, gpointer data)
{
  Actor *actor = data;

  (void)message;
  if (actor->calls++ == 0)
    actor->other = currant_bus_follow_with_delivery (
        actor->bus, "a:x", actor->delivery, currant_test_recorder_take, actor->recorder, NULL);
}

/* Not for this message, and not for those that were published before it was there. */
static void
assert_added_sees_only_later (CurrantDelivery delivery)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  Actor actor = { .bus = bus, .recorder = recorder, .delivery = delivery };

  currant_bus_follow_with_delivery (bus, "a:x", delivery, add_another, &actor, NULL);
  currant_bus_publish (bus, "a:x", "(i)", 1);
  if (delivery == CURRANT_DELIVERY_QUEUED)
    currant_bus_publish (bus, "a:x", "(i)", 2);
  currant_test_drain (NULL);
  g_assert_nonnull (actor.other);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 0);
  currant_bus_publish (bus, "a:x", "(i)", 3);
  currant_test_drain (NULL);
  currant_test_assert_numbers (recorder, "3");
}

static void
test_3_added_during_a_delivery (void)
{
  assert_added_sees_only_later (CURRANT_DELIVERY_DIRECT);
  assert_added_sees_only_later (CURRANT_DELIVERY_AUTO);
  assert_added_sees_only_later (CURRANT_DELIVERY_QUEUED);
}

/* A follower that adds a matching follower each time does not go on for ever. */
static void
add_itself_again (CurrantMessage *message, gpointer data)
{
  Actor *actor = data;

  (void)message;
  actor->calls++;
  currant_bus_follow (actor->bus, "a:x", add_itself_again, actor, NULL);
}

static void
test_3_adding_ends (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Actor actor = { .bus = bus };

  currant_bus_follow (bus, "a:x", add_itself_again, &actor, NULL);
  for (guint i = 0; i < 6; i++)
    g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 1u << i);
  g_assert_cmpint (actor.calls, ==, 63);
}

static void
stop_the_other (CurrantMessage *message, gpointer data)
{
  Actor *actor = data;

  (void)message;
  actor->calls++;
  currant_follower_stop (actor->other);
}

/* The one behind in the same delivery is not called any more. */
static void
test_3_stopped_during_a_delivery (void)
{
  static const CurrantDelivery modes[] = { CURRANT_DELIVERY_DIRECT, CURRANT_DELIVERY_AUTO,
                                           CURRANT_DELIVERY_QUEUED };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
      Actor actor = { .bus = bus };

      currant_bus_follow_with_delivery (bus, "a:x", modes[i], stop_the_other, &actor, NULL);
      actor.other = currant_follower_ref (currant_bus_follow_with_delivery (
          bus, "a:x", modes[i], currant_test_recorder_take, recorder, NULL));
      currant_bus_publish (bus, "a:x", NULL);
      currant_bus_publish (bus, "a:x", NULL);
      currant_test_drain (NULL);
      g_assert_cmpint (actor.calls, ==, 2);
      g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 0);
      currant_test_assert_balance (bus);
      currant_follower_unref (actor.other);
    }
}

/* Its own callback stops it: none of the messages that wait reaches it. */
static void
test_3_stopped_in_its_own_callback (void)
{
  static const CurrantDelivery modes[] = { CURRANT_DELIVERY_DIRECT, CURRANT_DELIVERY_AUTO,
                                           CURRANT_DELIVERY_QUEUED };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      Actor actor = { .bus = bus };

      actor.other =
          currant_bus_follow_with_delivery (bus, "a:x", modes[i], stop_the_other, &actor, NULL);
      currant_follower_ref (actor.other);
      for (int n = 0; n < 5; n++)
        currant_bus_publish (bus, "a:x", NULL);
      currant_test_drain (NULL);
      g_assert_cmpint (actor.calls, ==, 1);
      g_assert_cmpuint (currant_test_stat (bus, "waiting"), ==, 0);
      currant_test_assert_balance (bus);
      currant_follower_unref (actor.other);
    }
}

/* Stopped in its context with messages posted: not one call. */
static void
test_3_stopped_with_messages_posted (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantFollower *follower = currant_bus_follow_with_delivery (
      bus, "a:x", CURRANT_DELIVERY_QUEUED, currant_test_recorder_take, recorder, NULL);

  for (int i = 0; i < 3; i++)
    currant_bus_publish (bus, "a:x", NULL);
  currant_follower_stop (follower);
  currant_test_drain (NULL);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 0);
  g_assert_cmpuint (currant_test_stat (bus, "discarded"), ==, 3);
  currant_test_assert_balance (bus);
}

/* From another thread, in every mode, and the end of the data. */

typedef struct
{
  int stopped;        /* atomic: stop () has returned */
  int late;           /* atomic: calls that began after that */
  int inside;         /* atomic */
  int calls;          /* atomic */
  int destroyed;      /* atomic */
  GThread *destroyer; /* written before destroyed */
} Life;

static void
live (CurrantMessage *message, gpointer data)
{
  Life *life = data;

  (void)message;
  if (g_atomic_int_get (&life->stopped))
    g_atomic_int_inc (&life->late);
  g_assert_cmpint (g_atomic_int_get (&life->destroyed), ==, 0);
  g_atomic_int_inc (&life->inside);
  g_atomic_int_inc (&life->calls);
  g_atomic_int_add (&life->inside, -1);
  g_assert_cmpint (g_atomic_int_get (&life->destroyed), ==, 0);
}

static void
end_life (gpointer data)
{
  Life *life = data;

  g_assert_cmpint (g_atomic_int_get (&life->inside), ==, 0);
  life->destroyer = g_thread_self ();
  g_atomic_int_inc (&life->destroyed);
}

typedef struct
{
  CurrantBus *bus;
  int stop; /* atomic */
} Storm;

static gpointer
blow (gpointer data)
{
  Storm *storm = data;

  while (!g_atomic_int_get (&storm->stop))
    currant_bus_publish (storm->bus, "a:x", "(i)", 1);
  return NULL;
}

static void
live_and_stop (Storm *storm, CurrantDelivery delivery, CurrantTestLoop *loop, gboolean idle)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:x");
  Life life = { .stopped = 0 };
  g_autoptr (CurrantFollower) follower = currant_follower_new (pattern, live, &life, end_life);

  currant_follower_set_delivery (follower, delivery);
  currant_follower_set_context (follower, currant_test_loop_get_context (loop));
  currant_bus_add_follower (storm->bus, follower);
  if (!idle)
    currant_test_spin_until (g_atomic_int_get (&life.calls) > 0);
  currant_follower_stop (follower);
  g_atomic_int_set (&life.stopped, TRUE);
  currant_test_spin_until (g_atomic_int_get (&life.destroyed));
  g_assert_cmpint (g_atomic_int_get (&life.late), <=, 1);
  g_assert_true (life.destroyer == currant_test_loop_get_thread (loop));
  currant_test_loop_sync (loop);
  g_assert_cmpint (g_atomic_int_get (&life.destroyed), ==, 1);
}

static void
assert_stopped_from_another_thread (CurrantDelivery delivery)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestLoop) loop = currant_test_loop_new ();
  Storm storm = { .bus = bus };
  GThread *thread = g_thread_new ("storm", blow, &storm);

  currant_bus_set_multiplicity (bus, 2);
  for (int round = 0; round < 300; round++)
    live_and_stop (&storm, delivery, loop, round % 3 == 0);
  g_atomic_int_set (&storm.stop, TRUE);
  g_thread_join (thread);
  currant_test_spin_until (currant_test_stat (bus, "waiting") == 0);
  currant_test_assert_balance (bus);
}

static void
test_3_from_another_thread_auto (void)
{
  assert_stopped_from_another_thread (CURRANT_DELIVERY_AUTO);
}

static void
test_3_from_another_thread_direct (void)
{
  assert_stopped_from_another_thread (CURRANT_DELIVERY_DIRECT);
}

static void
test_3_from_another_thread_queued (void)
{
  assert_stopped_from_another_thread (CURRANT_DELIVERY_QUEUED);
}

static void
test_3_from_another_thread_pool (void)
{
  assert_stopped_from_another_thread (CURRANT_DELIVERY_POOL);
}

static void
stop_in_loop (gpointer follower, gpointer b)
{
  (void)b;
  currant_follower_stop (follower);
}

/* Stopped in its own context, the data goes at once, not some time later. */
static void
test_3_data_goes_at_once_in_own_context (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestLoop) loop = currant_test_loop_new ();
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:x");
  Life here = { .stopped = 0 }, there = { .stopped = 0 };
  g_autoptr (CurrantFollower) follower = currant_follower_new (pattern, live, &there, end_life);

  currant_follower_stop (currant_bus_follow (bus, "a:x", live, &here, end_life));
  g_assert_cmpint (here.destroyed, ==, 1);
  currant_follower_set_context (follower, currant_test_loop_get_context (loop));
  currant_bus_add_follower (bus, follower);
  currant_test_loop_call (loop, stop_in_loop, follower, NULL);
  g_assert_cmpint (g_atomic_int_get (&there.destroyed), ==, 1);
  g_assert_true (there.destroyer == currant_test_loop_get_thread (loop));
}

/* Stopped by its own callback, the data outlives the call. */
static void
stop_self_and_go_on (CurrantMessage *message, gpointer data)
{
  Actor *actor = data;

  (void)message;
  currant_follower_stop (actor->other);
  g_assert_cmpint (actor->calls, ==, 0);
}

static void
end_actor (gpointer data)
{
  ((Actor *)data)->calls++;
}

static void
test_3_data_outlives_the_call (void)
{
  static const CurrantDelivery modes[] = { CURRANT_DELIVERY_DIRECT, CURRANT_DELIVERY_AUTO,
                                           CURRANT_DELIVERY_QUEUED };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      Actor actor = { .bus = bus };

      actor.other = currant_bus_follow_with_delivery (bus, "a:x", modes[i], stop_self_and_go_on,
                                                      &actor, end_actor);
      currant_bus_publish (bus, "a:x", NULL);
      currant_test_drain (NULL);
      g_assert_cmpint (actor.calls, ==, 1);
    }
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/rules/3-added-and-stopped/added-during-a-delivery",
                    test_3_added_during_a_delivery);
  currant_test_add ("/rules/3-added-and-stopped/adding-ends", test_3_adding_ends);
  currant_test_add ("/rules/3-added-and-stopped/stopped-during-a-delivery",
                    test_3_stopped_during_a_delivery);
  currant_test_add ("/rules/3-added-and-stopped/stopped-in-its-own-callback",
                    test_3_stopped_in_its_own_callback);
  currant_test_add ("/rules/3-added-and-stopped/stopped-with-messages-posted",
                    test_3_stopped_with_messages_posted);
  currant_test_add ("/rules/3-added-and-stopped/from-another-thread/auto",
                    test_3_from_another_thread_auto);
  currant_test_add ("/rules/3-added-and-stopped/from-another-thread/direct",
                    test_3_from_another_thread_direct);
  currant_test_add ("/rules/3-added-and-stopped/from-another-thread/queued",
                    test_3_from_another_thread_queued);
  currant_test_add ("/rules/3-added-and-stopped/from-another-thread/pool",
                    test_3_from_another_thread_pool);
  currant_test_add ("/rules/3-added-and-stopped/data-goes-at-once-in-own-context",
                    test_3_data_goes_at_once_in_own_context);
  currant_test_add ("/rules/3-added-and-stopped/data-outlives-the-call",
                    test_3_data_outlives_the_call);
  return g_test_run ();
}
