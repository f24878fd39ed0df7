/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a timer is due. The test names the time. */
#include "config.h"

#include "currant-schedule-private.h"
#include "currant-test.h"

/* Central Europe's rule, spelled out, so that it does not matter which zones are installed. */
#define CENTRAL_EUROPE "CET-1CEST,M3.5.0,M10.5.0/3"

static void
test_interval (void)
{
  CurrantSchedule schedule;

  currant_schedule_init_interval (&schedule, 1000, 10, FALSE);
  g_assert_false (currant_schedule_is_once (&schedule));
  g_assert_cmpint (currant_schedule_get_tick (&schedule, 0), ==, 1010);
  g_assert_cmpint (currant_schedule_get_tick (&schedule, 7), ==, 1080);
  g_assert_cmpuint (currant_schedule_count_until (&schedule, 0), ==, 0);
  g_assert_cmpuint (currant_schedule_count_until (&schedule, 1009), ==, 0);
  g_assert_cmpuint (currant_schedule_count_until (&schedule, 1010), ==, 1);
  g_assert_cmpuint (currant_schedule_count_until (&schedule, 1019), ==, 1);
  g_assert_cmpuint (currant_schedule_count_until (&schedule, 1080), ==, 8);
  currant_schedule_clear (&schedule);
}

static void
test_once (void)
{
  CurrantSchedule schedule;

  currant_schedule_init_interval (&schedule, 1000, 10, TRUE);
  g_assert_true (currant_schedule_is_once (&schedule));
  g_assert_cmpint (currant_schedule_get_tick (&schedule, 0), ==, 1010);
  g_assert_cmpint (currant_schedule_get_tick (&schedule, 1), ==, G_MAXINT64);
  g_assert_cmpuint (currant_schedule_count_until (&schedule, 1009), ==, 0);
  g_assert_cmpuint (currant_schedule_count_until (&schedule, 5000), ==, 1);
  currant_schedule_clear (&schedule);
}

/* Nothing overflows: what never comes, never comes. */
static void
test_for_ever (void)
{
  CurrantSchedule schedule;

  currant_schedule_init_interval (&schedule, 1000, G_MAXINT64, FALSE);
  g_assert_cmpint (currant_schedule_get_tick (&schedule, 0), ==, G_MAXINT64);
  g_assert_cmpuint (currant_schedule_count_until (&schedule, G_MAXINT64 - 1), ==, 0);
  currant_schedule_init_interval (&schedule, 1000, 1, FALSE);
  g_assert_cmpint (currant_schedule_get_tick (&schedule, G_MAXUINT64), ==, G_MAXINT64);
  g_assert_cmpuint (currant_schedule_count_until (&schedule, G_MAXINT64 / 2), ==,
                    G_MAXINT64 / 2 - 1000);
}

static gint64
to_moment (int year, int month, int day, int hour)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (CENTRAL_EUROPE);
  g_autoptr (GDateTime) date = g_date_time_new (zone, year, month, day, hour, 0, 0);

  return g_date_time_to_unix (date) * G_USEC_PER_SEC;
}

static void
init_days (CurrantSchedule *schedule, int month, int day, int n_days)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (CENTRAL_EUROPE);
  g_autoptr (GDateTime) first = g_date_time_new (zone, 2026, month, day, 8, 0, 0);

  currant_schedule_init_calendar (schedule, first, n_days * G_TIME_SPAN_DAY);
}

/* Eight in the morning stays eight in the morning, in March and in October. */
static void
test_days (void)
{
  CurrantSchedule schedule;

  init_days (&schedule, 3, 27, 1);
  for (int i = 0; i < 5; i++)
    {
      gint64 moment = to_moment (2026, 3, 27 + i, 8);
      g_assert_cmpint (currant_schedule_get_tick (&schedule, (guint64)i), ==, moment);
      g_assert_cmpuint (currant_schedule_count_until (&schedule, moment - 1), ==, i);
      g_assert_cmpuint (currant_schedule_count_until (&schedule, moment), ==, i + 1);
    }
  currant_schedule_clear (&schedule);

  init_days (&schedule, 10, 20, 7);
  g_assert_cmpint (currant_schedule_get_tick (&schedule, 1), ==, to_moment (2026, 10, 27, 8));
  for (guint64 i = 0; i < 2000; i++)
    {
      gint64 moment = currant_schedule_get_tick (&schedule, i);
      g_assert_cmpuint (currant_schedule_count_until (&schedule, moment - 1), ==, i);
      g_assert_cmpuint (currant_schedule_count_until (&schedule, moment), ==, i + 1);
    }
  currant_schedule_clear (&schedule);
}

/* Any other period is an exact time. */
static void
test_hours (void)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (CENTRAL_EUROPE);
  g_autoptr (GDateTime) first = g_date_time_new (zone, 2026, 3, 28, 8, 0, 0.5);
  gint64 moment = to_moment (2026, 3, 28, 8) + G_USEC_PER_SEC / 2;
  CurrantSchedule schedule;

  currant_schedule_init_calendar (&schedule, first, 23 * G_TIME_SPAN_HOUR);
  g_assert_cmpint (currant_schedule_get_tick (&schedule, 0), ==, moment);
  g_assert_cmpint (currant_schedule_get_tick (&schedule, 1), ==, moment + 23 * G_TIME_SPAN_HOUR);
  currant_schedule_clear (&schedule);
}

/* The calendar ends somewhere. */
static void
test_end_of_days (void)
{
  CurrantSchedule schedule;

  init_days (&schedule, 1, 1, 365);
  g_assert_cmpint (currant_schedule_get_tick (&schedule, 100000), ==, G_MAXINT64);
  g_assert_cmpint (currant_schedule_get_tick (&schedule, G_MAXUINT32), ==, G_MAXINT64);
  g_assert_cmpint (currant_schedule_get_tick (&schedule, G_MAXUINT64), ==, G_MAXINT64);
  currant_schedule_clear (&schedule);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/adapter/schedule/interval", test_interval);
  currant_test_add ("/adapter/schedule/once", test_once);
  currant_test_add ("/adapter/schedule/for-ever", test_for_ever);
  currant_test_add ("/adapter/schedule/days-of-the-calendar", test_days);
  currant_test_add ("/adapter/schedule/hours", test_hours);
  currant_test_add ("/adapter/schedule/end-of-days", test_end_of_days);
  return g_test_run ();
}
