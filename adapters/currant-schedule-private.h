/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * When a timer is due: arithmetic only, on times that the caller names, so that it can be tested
 * without waiting. Ticks are numbered from 0; each has its moment, computed from the first one and
 * never from the one before, so nothing adds up to a drift.
 *
 * Times are in microseconds: monotonic ones for an interval, since the epoch for a calendar. Not
 * thread-safe; a schedule belongs to one source.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 first;    /* the moment of tick 0 */
  gint64 period;   /* 0: there is only tick 0 */
  GDateTime *date; /* the first moment, where the period is whole days of its time zone; or NULL */
} CurrantSchedule;

void currant_schedule_init_interval (CurrantSchedule *self, gint64 start, gint64 interval,
                                     gboolean once);
void currant_schedule_init_calendar (CurrantSchedule *self, GDateTime *first, GTimeSpan period);
void currant_schedule_clear (CurrantSchedule *self);

gboolean currant_schedule_is_once (const CurrantSchedule *self);
gint64 currant_schedule_get_tick (const CurrantSchedule *self, guint64 number);
guint64 currant_schedule_count_until (const CurrantSchedule *self, gint64 now);

G_END_DECLS
