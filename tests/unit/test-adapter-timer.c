/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The interval timer on real clocks. Nothing here depends on being woken in time: what comes late
 * is merged and counted, and that is what is checked.
 */
#include "config.h"

#include "currant-test.h"

#include <currant-adapters.h>

#define INTERVAL (2 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  CurrantBus *bus;
  CurrantTestRecorder *recorder; /* of timer:tick, called while it is published */
} Fixture;

static void
set_up (Fixture *fixture)
{
  fixture->bus = currant_bus_new ();
  fixture->recorder = currant_test_recorder_new ();
  currant_bus_follow_with_delivery (fixture->bus, "timer:tick", CURRANT_DELIVERY_DIRECT,
                                    currant_test_recorder_take, fixture->recorder, NULL);
}

static void
tear_down (Fixture *fixture)
{
  g_object_unref (fixture->bus);
  currant_test_recorder_free (fixture->recorder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, tear_down)

static CurrantAdapter *
make_timer (Fixture *fixture)
{
  return CURRANT_ADAPTER (currant_interval_timer_new (fixture->bus, "timer", INTERVAL));
}

static guint
count_ticks (Fixture *fixture)
{
  return currant_test_recorder_count (fixture->recorder);
}

static guint64
get_kwarg (Fixture *fixture, guint index, const char *key)
{
  CurrantMessage *message = currant_test_recorder_peek (fixture->recorder, index);
  guint64 value = G_MAXUINT64;

  g_assert_true (currant_message_lookup (message, key, "t", &value));
  return value;
}

/* From tick `first` of the recorder on: each number is the one before, and the missed ones, and 1.
 */
static void
assert_counts (Fixture *fixture, guint first)
{
  guint64 last = 0;

  for (guint i = first; i < count_ticks (fixture); i++)
    {
      guint64 count = get_kwarg (fixture, i, "count");
      g_assert_cmpuint (count, ==, last + get_kwarg (fixture, i, "missed") + 1);
      last = count;
    }
}

/* Runs the main context while the clock of another timer ticks five times. */
static void
let_time_pass (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) ticks = currant_test_recorder_new ();
  g_autoptr (CurrantIntervalTimer) clock = currant_interval_timer_new (bus, "clock", INTERVAL);
  CurrantFollower *follower =
      currant_bus_follow (bus, "clock:tick", currant_test_recorder_take, ticks, NULL);

  g_assert_true (currant_adapter_start (CURRANT_ADAPTER (clock), NULL));
  currant_test_iterate_until (NULL, currant_test_recorder_count (ticks) >= 5);
  currant_follower_stop (follower);
}

/* Numbered from one, none too early, and all on the grid of the start. */
static void
test_ticks (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CurrantAdapter) timer = NULL;
  gint64 start;

  set_up (&fixture);
  timer = make_timer (&fixture);
  start = g_get_monotonic_time ();
  g_assert_true (currant_adapter_start (timer, NULL));
  currant_test_iterate_until (NULL, count_ticks (&fixture) >= 20);
  currant_adapter_stop (timer);
  assert_counts (&fixture, 0);
  for (guint i = 0; i < count_ticks (&fixture); i++)
    {
      gint64 due = start + (gint64)get_kwarg (&fixture, i, "count") * INTERVAL;
      g_assert_cmpint (currant_test_recorder_time (fixture.recorder, i), >=, due);
    }
}

/* A loop that is busy for ten intervals gets one tick for them, and is told how many it stands for.
 */
static void
test_missed (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CurrantAdapter) timer = NULL;
  gint64 end;
  guint before;

  set_up (&fixture);
  timer = make_timer (&fixture);
  g_assert_true (currant_adapter_start (timer, NULL));
  currant_test_iterate_until (NULL, count_ticks (&fixture) >= 1);
  before = count_ticks (&fixture);
  end = g_get_monotonic_time () + 10 * INTERVAL;
  currant_test_spin_until (g_get_monotonic_time () >= end);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (count_ticks (&fixture), ==, before + 1);
  g_assert_cmpuint (get_kwarg (&fixture, before, "missed"), >=, 9);
  currant_test_iterate_until (NULL, count_ticks (&fixture) >= before + 3);
  assert_counts (&fixture, 0);
}

static void
test_stop (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CurrantAdapter) timer = NULL;
  guint n;

  set_up (&fixture);
  timer = make_timer (&fixture);
  g_assert_true (currant_adapter_start (timer, NULL));
  currant_test_iterate_until (NULL, count_ticks (&fixture) >= 3);
  currant_adapter_stop (timer);
  n = count_ticks (&fixture);
  let_time_pass ();
  g_assert_cmpuint (count_ticks (&fixture), ==, n);
}

/* Started again it begins anew; nothing of the old run ticks along. */
static void
test_no_doubling (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CurrantAdapter) timer = NULL;

  set_up (&fixture);
  timer = make_timer (&fixture);
  for (guint round = 0; round < 3; round++)
    {
      guint n = count_ticks (&fixture);
      g_assert_true (currant_adapter_start (timer, NULL));
      g_assert_true (currant_adapter_start (timer, NULL));
      currant_test_iterate_until (NULL, count_ticks (&fixture) >= n + 10);
      assert_counts (&fixture, n);
      currant_adapter_stop (timer);
    }
}

static void
stop_at_third (CurrantMessage *message, gpointer timer)
{
  guint64 count = 0;

  g_assert_true (currant_message_lookup (message, "count", "t", &count));
  if (count >= 3)
    currant_adapter_stop (timer);
}

static void
test_stop_in_callback (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CurrantAdapter) timer = NULL;
  guint n;

  set_up (&fixture);
  timer = make_timer (&fixture);
  currant_bus_follow (fixture.bus, "timer:tick", stop_at_third, timer, NULL);
  g_assert_true (currant_adapter_start (timer, NULL));
  currant_test_iterate_until (NULL, !currant_adapter_is_running (timer));
  n = count_ticks (&fixture);
  g_assert_cmpuint (get_kwarg (&fixture, n - 1, "count"), >=, 3);
  let_time_pass ();
  g_assert_cmpuint (count_ticks (&fixture), ==, n);
}

static void
restart (CurrantMessage *message, gpointer timer)
{
  currant_adapter_stop (timer);
  g_assert_true (currant_adapter_start (timer, NULL));
}

/* A follower that stops and starts gets the first tick again and again. */
static void
test_restart_in_callback (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CurrantAdapter) timer = NULL;

  set_up (&fixture);
  timer = make_timer (&fixture);
  currant_bus_follow (fixture.bus, "timer:tick", restart, timer, NULL);
  g_assert_true (currant_adapter_start (timer, NULL));
  currant_test_iterate_until (NULL, count_ticks (&fixture) >= 5);
  for (guint i = 0; i < count_ticks (&fixture); i++)
    g_assert_cmpuint (get_kwarg (&fixture, i, "count"), ==, get_kwarg (&fixture, i, "missed") + 1);
}

static void
test_dispose_while_running (void)
{
  g_auto (Fixture) fixture = { 0 };
  CurrantAdapter *timer;
  guint n;

  set_up (&fixture);
  timer = make_timer (&fixture);
  g_assert_true (currant_adapter_start (timer, NULL));
  currant_test_iterate_until (NULL, count_ticks (&fixture) >= 1);
  g_assert_finalize_object (timer);
  n = count_ticks (&fixture);
  let_time_pass ();
  g_assert_cmpuint (count_ticks (&fixture), ==, n);
}

static void
drop_timer (CurrantMessage *message, gpointer place)
{
  g_clear_object ((CurrantAdapter **)place);
}

static void
test_dispose_in_callback (void)
{
  g_auto (Fixture) fixture = { 0 };
  CurrantAdapter *timer;

  set_up (&fixture);
  timer = make_timer (&fixture);
  currant_bus_follow (fixture.bus, "timer:tick", drop_timer, &timer, NULL);
  g_assert_true (currant_adapter_start (timer, NULL));
  currant_test_iterate_until (NULL, timer == NULL);
  let_time_pass ();
  g_assert_cmpuint (count_ticks (&fixture), ==, 1);
}

static void
test_once (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CurrantAdapter) timer = NULL;

  set_up (&fixture);
  timer = CURRANT_ADAPTER (currant_interval_timer_new_once (fixture.bus, "timer", INTERVAL));
  for (guint round = 1; round <= 2; round++)
    {
      gint64 start = g_get_monotonic_time ();
      g_assert_true (currant_adapter_start (timer, NULL));
      currant_test_iterate_until (NULL, !currant_adapter_is_running (timer));
      let_time_pass ();
      g_assert_cmpuint (count_ticks (&fixture), ==, round);
      g_assert_cmpuint (get_kwarg (&fixture, round - 1, "count"), ==, 1);
      g_assert_cmpuint (get_kwarg (&fixture, round - 1, "missed"), ==, 0);
      g_assert_cmpint (currant_test_recorder_time (fixture.recorder, round - 1), >=,
                       start + INTERVAL);
    }
}

/* A follower that starts the single shot again gets a second one, from the run that it started. */
static void
test_once_again_in_callback (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CurrantAdapter) timer = NULL;
  CurrantFollower *follower;

  set_up (&fixture);
  timer = CURRANT_ADAPTER (currant_interval_timer_new_once (fixture.bus, "timer", INTERVAL));
  follower = currant_bus_follow (fixture.bus, "timer:tick", restart, timer, NULL);
  g_assert_true (currant_adapter_start (timer, NULL));
  currant_test_iterate_until (NULL, count_ticks (&fixture) == 1);
  g_assert_true (currant_adapter_is_running (timer));
  currant_follower_stop (follower);
  currant_test_iterate_until (NULL, !currant_adapter_is_running (timer));
  g_assert_cmpuint (count_ticks (&fixture), ==, 2);
}

static CurrantAdapter *
make_calendar (Fixture *fixture, GTimeSpan from_now, GTimeSpan period)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) first = g_date_time_add (now, from_now);

  return CURRANT_ADAPTER (currant_interval_timer_new_at (fixture->bus, "timer", first, period));
}

static gint64
to_moment (GDateTime *date)
{
  return g_date_time_to_unix (date) * G_USEC_PER_SEC + g_date_time_get_microsecond (date);
}

static void
test_calendar (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CurrantAdapter) timer = NULL;
  gint64 first;

  set_up (&fixture);
  timer = make_calendar (&fixture, 5 * INTERVAL, INTERVAL);
  first = to_moment (currant_interval_timer_get_first (CURRANT_INTERVAL_TIMER (timer)));
  g_assert_true (currant_adapter_start (timer, NULL));
  currant_test_iterate_until (NULL, count_ticks (&fixture) >= 10);
  assert_counts (&fixture, 0);
  for (guint i = 0; i < count_ticks (&fixture); i++)
    {
      CurrantMessage *message = currant_test_recorder_peek (fixture.recorder, i);
      gint64 due = first + (gint64)(get_kwarg (&fixture, i, "count") - 1) * INTERVAL;
      g_assert_cmpint (currant_message_get_real_time (message), >=, due);
    }
}

/* What is past when it starts is left out, and not counted. */
static void
test_calendar_from_past (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CurrantAdapter) timer = NULL;

  set_up (&fixture);
  timer = make_calendar (&fixture, -1000 * INTERVAL, INTERVAL);
  g_assert_true (currant_adapter_start (timer, NULL));
  currant_test_iterate_until (NULL, count_ticks (&fixture) >= 3);
  assert_counts (&fixture, 0);
}

/* A single moment that is past comes at once: it is never lost in silence. */
static void
test_calendar_once (void)
{
  static const GTimeSpan spans[] = { -G_TIME_SPAN_DAY, 0, 2 * INTERVAL };

  for (gsize i = 0; i < G_N_ELEMENTS (spans); i++)
    {
      g_auto (Fixture) fixture = { 0 };
      g_autoptr (CurrantAdapter) timer = NULL;

      set_up (&fixture);
      timer = make_calendar (&fixture, spans[i], 0);
      g_assert_true (currant_adapter_start (timer, NULL));
      currant_test_iterate_until (NULL, !currant_adapter_is_running (timer));
      g_assert_cmpuint (count_ticks (&fixture), ==, 1);
      g_assert_cmpuint (get_kwarg (&fixture, 0, "count"), ==, 1);
    }
}

static void
start_timer (gpointer timer, gpointer b)
{
  g_assert_true (currant_adapter_start (timer, NULL));
}

/* In the thread that it was started in; stopped from another one it ends as well. */
static void
test_context (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CurrantAdapter) timer = NULL;
  g_autoptr (CurrantTestLoop) loop = currant_test_loop_new ();
  guint n;

  set_up (&fixture);
  timer = make_timer (&fixture);
  currant_test_loop_call (loop, start_timer, timer, NULL);
  currant_test_spin_until (count_ticks (&fixture) >= 5);
  currant_adapter_stop (timer);
  currant_test_loop_sync (loop);
  n = count_ticks (&fixture);
  let_time_pass ();
  g_assert_cmpuint (count_ticks (&fixture), ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_true (currant_test_recorder_thread (fixture.recorder, i)
                   == currant_test_loop_get_thread (loop));
}

static void
test_properties (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CurrantAdapter) timer = NULL;
  g_autoptr (CurrantAdapter) once = NULL;
  g_autoptr (CurrantAdapter) calendar = NULL;
  g_autoptr (CurrantAdapter) nothing = NULL;
  g_autoptr (GDateTime) first = NULL;
  g_autoptr (GError) error = NULL;
  gint64 interval = 0;
  gboolean is_once = FALSE;

  set_up (&fixture);
  timer = make_timer (&fixture);
  once = CURRANT_ADAPTER (currant_interval_timer_new_once (fixture.bus, "timer", 7));
  calendar = make_calendar (&fixture, 0, 9);
  nothing = g_object_new (CURRANT_TYPE_INTERVAL_TIMER, "bus", fixture.bus, "name", "timer", NULL);

  g_object_get (once, "interval", &interval, "once", &is_once, "first", &first, NULL);
  g_assert_cmpint (interval, ==, 7);
  g_assert_true (is_once);
  g_assert_null (first);
  g_assert_cmpint (currant_interval_timer_get_interval (CURRANT_INTERVAL_TIMER (timer)), ==,
                   INTERVAL);
  g_assert_false (currant_interval_timer_get_once (CURRANT_INTERVAL_TIMER (timer)));
  g_assert_nonnull (currant_interval_timer_get_first (CURRANT_INTERVAL_TIMER (calendar)));
  g_assert_cmpint (currant_interval_timer_get_interval (CURRANT_INTERVAL_TIMER (calendar)), ==, 9);

  g_assert_false (currant_adapter_start (nothing, &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_SETTING);
}

/* Descriptors of calendar timers do not pile up. */
static void
test_descriptors (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CurrantAdapter) timer = NULL;
  guint before;

  set_up (&fixture);
  timer = make_calendar (&fixture, G_TIME_SPAN_DAY, G_TIME_SPAN_DAY);
  currant_test_drain (NULL);
  before = currant_test_count_fds ();
  for (guint i = 0; i < 100; i++)
    {
      g_assert_true (currant_adapter_start (timer, NULL));
      currant_test_drain (NULL);
      currant_adapter_stop (timer);
    }
  g_assert_cmpuint (currant_test_count_fds (), ==, before);
  g_assert_cmpuint (count_ticks (&fixture), ==, 0);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/adapter/timer/ticks", test_ticks);
  currant_test_add ("/adapter/timer/missed-ticks-are-merged", test_missed);
  currant_test_add ("/adapter/timer/stop", test_stop);
  currant_test_add ("/adapter/timer/no-doubling", test_no_doubling);
  currant_test_add ("/adapter/timer/stop-in-callback", test_stop_in_callback);
  currant_test_add ("/adapter/timer/restart-in-callback", test_restart_in_callback);
  currant_test_add ("/adapter/timer/dispose-while-running", test_dispose_while_running);
  currant_test_add ("/adapter/timer/dispose-in-callback", test_dispose_in_callback);
  currant_test_add ("/adapter/timer/once", test_once);
  currant_test_add ("/adapter/timer/once-again-in-callback", test_once_again_in_callback);
  currant_test_add ("/adapter/timer/calendar", test_calendar);
  currant_test_add ("/adapter/timer/calendar-from-past", test_calendar_from_past);
  currant_test_add ("/adapter/timer/calendar-once", test_calendar_once);
  currant_test_add ("/adapter/timer/context", test_context);
  currant_test_add ("/adapter/timer/properties", test_properties);
  currant_test_add ("/adapter/timer/descriptors", test_descriptors);
  return g_test_run ();
}
