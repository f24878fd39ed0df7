/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debouncing and throttling: a place for one message, and a timer in the follower's context. */
#pragma once

#include "currant-enums.h"
#include "currant-mailbox-private.h"

typedef struct _CurrantPacer CurrantPacer;

CurrantPacer *currant_pacer_new (CurrantPace pace, guint interval_ms);
void currant_pacer_free (CurrantPacer *self);

/* The timer lives in the follower's context from here to the stop. */
void currant_pacer_start (CurrantPacer *self, CurrantFollower *follower, GMainContext *context);

/* Discards what is held. May be called again. */
void currant_pacer_stop (CurrantPacer *self, CurrantSink *sink);

/* TRUE when @message is to be delivered now; else it is held, and the one that was held is
 * conflated. */
gboolean currant_pacer_offer (CurrantPacer *self, CurrantSink *sink, CurrantMessage *message);
