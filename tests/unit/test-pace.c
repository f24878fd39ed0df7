/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Thinning out: debounce, throttle, conflate. */
#include "config.h"

#include "currant-test.h"

/* Long beside the burst, so that only a machine that stands still could spoil the figures. */
#define INTERVAL_MS 300

static CurrantFollower *
add_paced (CurrantBus *bus, CurrantDelivery delivery, CurrantPace pace, guint interval_ms,
           CurrantTestRecorder *recorder)
{
  CurrantFollower *follower =
      currant_test_follower_new ("a:*", delivery, currant_test_recorder_take, recorder);

  currant_follower_set_pace (follower, pace, interval_ms);
  currant_bus_add_follower (bus, follower);
  currant_follower_unref (follower);
  return follower;
}

static void
publish_numbers (CurrantBus *bus, int first, int last)
{
  for (int i = first; i <= last; i++)
    g_assert_cmpuint (currant_bus_publish (bus, "a:x", "(i)", i), ==, 1);
}

static guint64
accounted (CurrantBus *bus)
{
  return currant_test_stat (bus, "delivered") + currant_test_stat (bus, "conflated");
}

/* The last one, once it has been quiet for the interval. */
static void
assert_debounce (CurrantDelivery delivery)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantMessage *message;

  add_paced (bus, delivery, CURRANT_PACE_DEBOUNCE, INTERVAL_MS, recorder);
  publish_numbers (bus, 1, 5);
  currant_test_drain (NULL);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 0);
  g_assert_cmpuint (currant_test_stat (bus, "waiting"), ==, 1);
  currant_test_iterate_until (NULL, currant_test_recorder_count (recorder) == 1);
  currant_test_assert_numbers (recorder, "5");
  message = currant_test_recorder_peek (recorder, 0);
  g_assert_cmpint (currant_test_recorder_time (recorder, 0) - currant_message_get_time (message),
                   >=, INTERVAL_MS * 1000);
  g_assert_cmpuint (currant_test_stat (bus, "conflated"), ==, 4);
  publish_numbers (bus, 6, 6);
  currant_test_iterate_until (NULL, currant_test_recorder_count (recorder) == 2);
  currant_test_assert_numbers (recorder, "5 6");
  currant_test_assert_balance (bus);
}

static void
test_debounce (void)
{
  assert_debounce (CURRANT_DELIVERY_AUTO);
}

static void
test_debounce_queued (void)
{
  assert_debounce (CURRANT_DELIVERY_QUEUED);
}

/* Each message puts the end of the quiet off again. */
static void
test_debounce_starts_over (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  gint64 end = g_get_monotonic_time () + 2 * INTERVAL_MS * 1000;
  int last = 0;

  add_paced (bus, CURRANT_DELIVERY_AUTO, CURRANT_PACE_DEBOUNCE, INTERVAL_MS, recorder);
  while (g_get_monotonic_time () < end)
    {
      publish_numbers (bus, last + 1, last + 1);
      last++;
      currant_test_iterate (NULL);
    }
  currant_test_iterate_until (NULL, accounted (bus) == (guint64)last);
  for (guint i = 0; i < currant_test_recorder_count (recorder); i++)
    {
      CurrantMessage *message = currant_test_recorder_peek (recorder, i);

      g_assert_cmpint (currant_test_recorder_time (recorder, i)
                           - currant_message_get_time (message),
                       >=, INTERVAL_MS * 1000);
    }
  g_assert_cmpint (
      currant_test_recorder_number (recorder, currant_test_recorder_count (recorder) - 1), ==,
      last);
}

static void
assert_gaps (CurrantTestRecorder *recorder)
{
  for (guint i = 1; i < currant_test_recorder_count (recorder); i++)
    {
      g_assert_cmpint (currant_test_recorder_time (recorder, i)
                           - currant_test_recorder_time (recorder, i - 1),
                       >=, INTERVAL_MS * 1000 - 2000);
      g_assert_cmpint (currant_test_recorder_number (recorder, i), >,
                       currant_test_recorder_number (recorder, i - 1));
    }
}

/* The first at once, then the last of each interval. */
static void
test_throttle (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();

  add_paced (bus, CURRANT_DELIVERY_AUTO, CURRANT_PACE_THROTTLE, INTERVAL_MS, recorder);
  publish_numbers (bus, 1, 1);
  currant_test_assert_numbers (recorder, "1");
  publish_numbers (bus, 2, 10);
  currant_test_iterate_until (NULL, accounted (bus) == 10);
  currant_test_assert_numbers (recorder, "1 10");
  publish_numbers (bus, 11, 12);
  currant_test_iterate_until (NULL, accounted (bus) == 12);
  g_assert_cmpint (
      currant_test_recorder_number (recorder, currant_test_recorder_count (recorder) - 1), ==, 12);
  assert_gaps (recorder);
  currant_test_assert_balance (bus);
}

/* After a quiet interval the next one comes at once again. */
static void
test_throttle_after_quiet (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  gint64 quiet_until;

  add_paced (bus, CURRANT_DELIVERY_AUTO, CURRANT_PACE_THROTTLE, INTERVAL_MS, recorder);
  publish_numbers (bus, 1, 1);
  quiet_until = g_get_monotonic_time () + INTERVAL_MS * 1000 + 1000;
  currant_test_iterate_until (NULL, g_get_monotonic_time () > quiet_until);
  currant_test_assert_numbers (recorder, "1");
  publish_numbers (bus, 2, 2);
  currant_test_assert_numbers (recorder, "1 2");
}

/* A message that waits is replaced, in its place, by a newer one of its identifier and key. */
static void
test_conflate (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantFollower *follower =
      add_paced (bus, CURRANT_DELIVERY_QUEUED, CURRANT_PACE_CONFLATE, 0, recorder);

  currant_bus_publish (bus, "a:x", "(i)", 1);
  currant_bus_publish (bus, "a:y", "(i)", 2);
  currant_bus_publish (bus, "a:x", "(i)", 3);
  currant_bus_publish (bus, "a:z", "(i)", 4);
  currant_bus_publish (bus, "a:x", "(i)", 5);
  g_assert_cmpuint (currant_follower_get_pending (follower), ==, 3);
  currant_test_drain (NULL);
  currant_test_assert_numbers (recorder, "5 2 4");
  g_assert_cmpuint (currant_test_stat (bus, "conflated"), ==, 2);
  currant_bus_publish (bus, "a:x", "(i)", 6);
  currant_test_drain (NULL);
  currant_test_assert_numbers (recorder, "5 2 4 6");
  currant_test_assert_balance (bus);
}

static void
publish_with_key (CurrantBus *bus, int number, guint64 key)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:x");
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(i)", number);

  currant_message_set_key (message, key);
  currant_bus_publish_message (bus, message);
}

static void
test_conflate_by_key (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();

  add_paced (bus, CURRANT_DELIVERY_QUEUED, CURRANT_PACE_CONFLATE, 0, recorder);
  publish_with_key (bus, 1, 7);
  publish_with_key (bus, 2, 8);
  publish_with_key (bus, 3, 7);
  currant_test_drain (NULL);
  currant_test_assert_numbers (recorder, "3 2");
}

/* What waits does not outlive its follower, nor is it lost to the count. */
static void
test_stopped_while_waiting (void)
{
  static const CurrantPace paces[] = { CURRANT_PACE_DEBOUNCE, CURRANT_PACE_THROTTLE,
                                       CURRANT_PACE_CONFLATE };

  for (gsize i = 0; i < G_N_ELEMENTS (paces); i++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
      CurrantFollower *follower = add_paced (bus, CURRANT_DELIVERY_QUEUED, paces[i], 1, recorder);
      gint64 later = g_get_monotonic_time () + 20000;

      publish_numbers (bus, 1, 3);
      currant_follower_stop (follower);
      currant_test_iterate_until (NULL, g_get_monotonic_time () > later);
      g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 0);
      g_assert_cmpuint (currant_test_stat (bus, "waiting"), ==, 0);
      currant_test_assert_balance (bus);
    }
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/pace/debounce", test_debounce);
  currant_test_add ("/pace/debounce/queued", test_debounce_queued);
  currant_test_add ("/pace/debounce/starts-over", test_debounce_starts_over);
  currant_test_add ("/pace/throttle", test_throttle);
  currant_test_add ("/pace/throttle/after-quiet", test_throttle_after_quiet);
  currant_test_add ("/pace/conflate", test_conflate);
  currant_test_add ("/pace/conflate/by-key", test_conflate_by_key);
  currant_test_add ("/pace/stopped-while-waiting", test_stopped_while_waiting);
  return g_test_run ();
}
