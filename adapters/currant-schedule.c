/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-schedule-private.h"

/* first + number * period, at most G_MAXINT64. */
static gint64
add_periods (gint64 first, guint64 number, gint64 period)
{
  gint64 moment;

  if (__builtin_mul_overflow (number, period, &moment)
      || __builtin_add_overflow (first, moment, &moment))
    return G_MAXINT64;
  return moment;
}

void
currant_schedule_init_interval (CurrantSchedule *self, gint64 start, gint64 interval, gboolean once)
{
  self->first = add_periods (start, 1, interval);
  self->period = once ? 0 : interval;
  self->date = NULL;
}

static gint64
date_to_moment (GDateTime *date)
{
  return g_date_time_to_unix (date) * G_USEC_PER_SEC + g_date_time_get_microsecond (date);
}

/*
 * A period of whole days counts days of the calendar, so that what is due at three in the morning
 * stays so when the clocks are changed for summer. Any other period counts microseconds.
 */
void
currant_schedule_init_calendar (CurrantSchedule *self, GDateTime *first, GTimeSpan period)
{
  gboolean days = period > 0 && period % G_TIME_SPAN_DAY == 0;

  self->first = date_to_moment (first);
  self->period = period;
  self->date = days ? g_date_time_ref (first) : NULL;
}

void
currant_schedule_clear (CurrantSchedule *self)
{
  g_clear_pointer (&self->date, g_date_time_unref);
}

gboolean
currant_schedule_is_once (const CurrantSchedule *self)
{
  return self->period == 0;
}

static gint64
get_day (const CurrantSchedule *self, guint64 number)
{
  g_autoptr (GDateTime) date = NULL;
  int days;

  if (!__builtin_mul_overflow (number, self->period / G_TIME_SPAN_DAY, &days))
    date = g_date_time_add_days (self->date, days);
  return date != NULL ? date_to_moment (date) : G_MAXINT64;
}

/* The moment of a tick; G_MAXINT64 for one that never comes. */
gint64
currant_schedule_get_tick (const CurrantSchedule *self, guint64 number)
{
  if (number == 0)
    return self->first;
  if (currant_schedule_is_once (self))
    return G_MAXINT64;
  return self->date != NULL ? get_day (self, number)
                            : add_periods (self->first, number, self->period);
}

/* How many ticks are due by now: those with the numbers below what is returned. */
guint64
currant_schedule_count_until (const CurrantSchedule *self, gint64 now)
{
  guint64 count;

  if (now < self->first)
    return 0;
  if (currant_schedule_is_once (self))
    return 1;
  count = ((guint64)now - (guint64)self->first) / (guint64)self->period + 1;
  /* Only days, which are not all of one length, can be off, and only by one. */
  while (count > 1 && currant_schedule_get_tick (self, count - 1) > now)
    count--;
  while (currant_schedule_get_tick (self, count) <= now)
    count++;
  return count;
}
