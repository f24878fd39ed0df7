/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The last retained message of each identifier. The router's lock guards it. */
#pragma once

#include "currant-message-private.h"
#include "currant-pattern.h"

#define CURRANT_RETAINED_MAX 10000

typedef struct _CurrantRetained CurrantRetained;

CurrantRetained *currant_retained_new (void);
void currant_retained_free (CurrantRetained *self);

/* Keeps @message, or clears with an empty one. The message it replaces comes back in @replaced, for
 * the caller to unref without a lock. FALSE when there is no room for another identifier. */
gboolean currant_retained_put (CurrantRetained *self, CurrantIdentifier *identifier,
                               CurrantMessage *message, CurrantMessage **replaced);

/* Appends what matches, with a reference each. */
void currant_retained_collect (CurrantRetained *self, CurrantPattern *pattern, GPtrArray *messages);

/* Empties it into @messages. */
void currant_retained_steal (CurrantRetained *self, GPtrArray *messages);
