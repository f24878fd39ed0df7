/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages that are kept for followers which ask for them later. */
#include "config.h"

#include "currant-test.h"

static void
retain (CurrantBus *bus, const char *id, const char *format, int number)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier (id);
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, format, number);

  currant_bus_publish_message_full (bus, message, CURRANT_PUBLISH_RETAIN);
}

static void
add_replayed (CurrantBus *bus, const char *pattern, CurrantDelivery delivery,
              CurrantTestRecorder *recorder)
{
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new (pattern, delivery, currant_test_recorder_take, recorder);

  currant_follower_set_replay (follower, TRUE);
  currant_bus_add_follower (bus, follower);
}

/* Only the last of an identifier, and only those that match. */
static void
test_replay (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();

  retain (bus, "s:a", "(i)", 1);
  retain (bus, "s:a", "(i)", 2);
  retain (bus, "t:a", "(i)", 3);
  retain (bus, "s@ns:a", "(i)", 4);
  currant_bus_publish (bus, "s:a", "(i)", 5);
  add_replayed (bus, "s:*", CURRANT_DELIVERY_AUTO, recorder);
  currant_test_drain (NULL);
  currant_test_assert_numbers (recorder, "2");
  g_assert_true (currant_message_is_retained (currant_test_recorder_peek (recorder, 0)));
  currant_bus_publish (bus, "s:a", "(i)", 6);
  currant_test_assert_numbers (recorder, "2 6");
  g_assert_false (currant_message_is_retained (currant_test_recorder_peek (recorder, 1)));
  currant_test_assert_balance (bus);
}

static void
test_replay_of_several (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  guint sum = 0;

  for (int i = 0; i < 100; i++)
    {
      g_autofree char *id = g_strdup_printf ("s:%d", i);

      retain (bus, id, "(i)", i);
    }
  add_replayed (bus, "s:*", CURRANT_DELIVERY_QUEUED, recorder);
  currant_test_drain (NULL);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 100);
  for (guint i = 0; i < 100; i++)
    sum += (guint)currant_test_recorder_number (recorder, i);
  g_assert_cmpuint (sum, ==, 99 * 100 / 2);
}

/* Followers that do not ask get nothing, and those that are there get it once, when published. */
static void
test_only_when_asked (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) early = currant_test_recorder_new ();
  g_autoptr (CurrantTestRecorder) late = currant_test_recorder_new ();

  add_replayed (bus, "s:a", CURRANT_DELIVERY_AUTO, early);
  retain (bus, "s:a", "(i)", 1);
  currant_bus_follow (bus, "s:a", currant_test_recorder_take, late, NULL);
  currant_test_drain (NULL);
  currant_test_assert_numbers (early, "1");
  currant_test_assert_numbers (late, "");
}

static void
test_cleared (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("s:a");
  g_autoptr (CurrantMessage) empty = currant_message_new (identifier, NULL);

  retain (bus, "s:a", "(i)", 1);
  retain (bus, "s:b", "(i)", 2);
  currant_bus_publish_message_full (bus, empty, CURRANT_PUBLISH_RETAIN);
  add_replayed (bus, "s:*", CURRANT_DELIVERY_AUTO, recorder);
  currant_test_drain (NULL);
  currant_test_assert_numbers (recorder, "2");
}

static void
test_expired (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("s:a");
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(i)", 1);

  currant_message_set_expiry (message, g_get_monotonic_time () + 10000);
  currant_bus_publish_message_full (bus, message, CURRANT_PUBLISH_RETAIN);
  currant_test_spin_until (currant_message_is_expired (message));
  add_replayed (bus, "s:*", CURRANT_DELIVERY_AUTO, recorder);
  currant_test_drain (NULL);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 0);
  currant_test_assert_balance (bus);
}

/* Kept by the bus and given up with it: the payload is not leaked. */
static void
test_released_with_the_bus (void)
{
  CurrantBus *bus = currant_bus_new ();
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("s:a");
  GValue value = G_VALUE_INIT;
  CurrantMessage *message;

  g_object_add_weak_pointer (object, (gpointer *)&object);
  g_value_take_object (g_value_init (&value, G_TYPE_OBJECT), object);
  message = currant_message_new_value (identifier, &value);
  g_value_unset (&value);
  currant_bus_publish_message_full (bus, message, CURRANT_PUBLISH_RETAIN);
  currant_message_unref (message);
  g_assert_nonnull (object);
  g_object_unref (bus);
  g_assert_null (object);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/retained/replay", test_replay);
  currant_test_add ("/retained/replay-of-several", test_replay_of_several);
  currant_test_add ("/retained/only-when-asked", test_only_when_asked);
  currant_test_add ("/retained/cleared", test_cleared);
  currant_test_add ("/retained/expired", test_expired);
  currant_test_add ("/retained/released-with-the-bus", test_released_with_the_bus);
  return g_test_run ();
}
