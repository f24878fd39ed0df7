/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long one dispatch may go on: 4 ms or 1,024 messages.
 *
 * Reading the clock costs as much as a quick callback, so while callbacks are quick it is read
 * after each eighth only. */
#pragma once

#include <glib.h>

#define CURRANT_BUDGET_US 4000
#define CURRANT_BUDGET_MESSAGES 1024

typedef struct
{
  gint64 started;
  guint n, next_look;
} CurrantBudget;

static inline void
currant_budget_begin (CurrantBudget *self)
{
  *self = (CurrantBudget){ g_get_monotonic_time (), 0, 1 };
}

/* After each message: whether another one may follow. */
static inline gboolean
currant_budget_lasts (CurrantBudget *self)
{
  gint64 used;

  if (++self->n >= CURRANT_BUDGET_MESSAGES)
    return FALSE;
  if (self->n < self->next_look)
    return TRUE;
  used = g_get_monotonic_time () - self->started;
  self->next_look = self->n + (used < 4 * (gint64)self->n ? 8 : 1);
  return used < CURRANT_BUDGET_US;
}
