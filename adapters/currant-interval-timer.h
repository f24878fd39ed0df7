/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(CURRANT_ADAPTERS_INSIDE) && !defined(CURRANT_ADAPTERS_COMPILATION)
#error "Only <currant-adapters.h> can be included directly."
#endif

#include "currant-adapter.h"

G_BEGIN_DECLS

#define CURRANT_TYPE_INTERVAL_TIMER (currant_interval_timer_get_type ())

CURRANT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (CurrantIntervalTimer, currant_interval_timer, CURRANT, INTERVAL_TIMER,
                      CurrantAdapter)

CURRANT_AVAILABLE_IN_1_0
CurrantIntervalTimer *currant_interval_timer_new (CurrantBus *bus, const char *name,
                                                  gint64 interval);

CURRANT_AVAILABLE_IN_1_0
CurrantIntervalTimer *currant_interval_timer_new_once (CurrantBus *bus, const char *name,
                                                       gint64 delay);

CURRANT_AVAILABLE_IN_1_0
CurrantIntervalTimer *currant_interval_timer_new_at (CurrantBus *bus, const char *name,
                                                     GDateTime *first, GTimeSpan period);

CURRANT_AVAILABLE_IN_1_0
gint64 currant_interval_timer_get_interval (CurrantIntervalTimer *self);

CURRANT_AVAILABLE_IN_1_0
GDateTime *currant_interval_timer_get_first (CurrantIntervalTimer *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_interval_timer_get_once (CurrantIntervalTimer *self);

G_END_DECLS
