/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What has been announced of a sink's drops: at most one announcement a second, and none forgotten.
 *
 * The record is counted by reference, as the announcement of the last drops may come after the
 * sink. */
#pragma once

#include "currant-sink-private.h"

#define CURRANT_LOSS_INTERVAL_US G_USEC_PER_SEC

typedef struct _CurrantLoss CurrantLoss;

typedef enum
{
  CURRANT_LOSS_COVERED, /* an announcement to come will include the drops */
  CURRANT_LOSS_DUE,     /* announce now */
  CURRANT_LOSS_LATER    /* let a timer announce them after the interval */
} CurrantLossStep;

typedef struct
{
  guint n;       /* since the last announcement */
  guint64 total; /* of the sink */
  const char *source;
  const char *reason;
} CurrantLossReport;

/* The record of @sink, made when it is first asked for; owned by the sink. @source is its pattern.
 */
CurrantLoss *currant_loss_of_sink (CurrantSink *sink, char *(*describe) (CurrantSink *sink));
CurrantLoss *currant_loss_ref (CurrantLoss *self);
void currant_loss_unref (CurrantLoss *self);

/* Notes that there are @total drops by now. Where it is not @possible to announce now, it is never
 * due. */
CurrantLossStep currant_loss_note (CurrantLoss *self, guint64 total, const char *reason,
                                   gboolean possible, CurrantLossReport *report);

/* The timer has run out: what it has to announce, if it is @heard; FALSE for nothing. What nobody
 * hears now is left for the next announcement. */
gboolean currant_loss_flush (CurrantLoss *self, gboolean heard, CurrantLossReport *report);
