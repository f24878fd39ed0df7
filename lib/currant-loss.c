/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-loss-private.h"

#include "currant-lock-private.h"

struct _CurrantLoss
{
  atomic_uint ref_count;
  char *source;     /* immutable */
  CurrantLock lock; /* guards the rest */
  guint64 total, announced;
  gint64 last; /* when */
  gboolean timer_runs;
  const char *reason; /* a constant */
};

CurrantLoss *
currant_loss_of_sink (CurrantSink *sink, char *(*describe) (CurrantSink *sink))
{
  gpointer known = atomic_load_explicit (&sink->loss, memory_order_acquire);
  CurrantLoss *made;

  if (known != NULL)
    return known;
  made = g_new0 (CurrantLoss, 1);
  atomic_init (&made->ref_count, 1);
  made->source = describe (sink);
  made->last = G_MININT64 / 2;
  currant_lock_init (&made->lock);
  if (atomic_compare_exchange_strong (&sink->loss, &known, made))
    return made;
  currant_loss_unref (made);
  return known;
}

CurrantLoss *
currant_loss_ref (CurrantLoss *self)
{
  atomic_fetch_add_explicit (&self->ref_count, 1, memory_order_relaxed);
  return self;
}

void
currant_loss_unref (CurrantLoss *self)
{
  if (self == NULL || atomic_fetch_sub_explicit (&self->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  currant_lock_clear (&self->lock);
  g_free (self->source);
  g_free (self);
}

static void
report_locked (CurrantLoss *self, CurrantLossReport *report)
{
  *report = (CurrantLossReport){ (guint)(self->total - self->announced), self->total, self->source,
                                 self->reason };
  self->announced = self->total;
  self->last = g_get_monotonic_time ();
}

CurrantLossStep
currant_loss_note (CurrantLoss *self, guint64 total, const char *reason, gboolean possible,
                   CurrantLossReport *report)
{
  CurrantLossStep step = CURRANT_LOSS_COVERED;

  currant_lock_acquire (&self->lock);
  self->total = MAX (self->total, total);
  self->reason = reason;
  if (!self->timer_runs && self->total > self->announced)
    {
      if (possible && g_get_monotonic_time () - self->last >= CURRANT_LOSS_INTERVAL_US)
        {
          report_locked (self, report);
          step = CURRANT_LOSS_DUE;
        }
      else
        {
          self->timer_runs = TRUE;
          step = CURRANT_LOSS_LATER;
        }
    }
  currant_lock_release (&self->lock);
  return step;
}

gboolean
currant_loss_flush (CurrantLoss *self, gboolean heard, CurrantLossReport *report)
{
  gboolean due;

  currant_lock_acquire (&self->lock);
  self->timer_runs = FALSE;
  due = heard && self->total > self->announced;
  if (due)
    report_locked (self, report);
  currant_lock_release (&self->lock);
  return due;
}
