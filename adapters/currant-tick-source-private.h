/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The GSource under an interval timer. It follows a schedule on the monotonic or on the wall clock
 * and calls back with the number of the tick that is due and how many before it went unseen,
 * because the loop was busy or the clock was set forward: those are merged into one call.
 *
 * On the monotonic clock it is a source with a ready time. On the wall clock it waits on a timer
 * descriptor of the kernel that is also woken when the clock is set or the machine wakes up; where
 * there is none it looks at the clock once a second.
 */
#pragma once

#include "currant-schedule-private.h"

G_BEGIN_DECLS

typedef gboolean (*CurrantTickFunc) (guint64 count, guint64 missed, gpointer user_data);

GSource *currant_tick_source_new_interval (gint64 interval, gboolean once);
GSource *currant_tick_source_new_calendar (GDateTime *first, GTimeSpan period);
void currant_tick_source_set_callback (GSource *source, CurrantTickFunc func, gpointer user_data,
                                       GDestroyNotify destroy);

G_END_DECLS
