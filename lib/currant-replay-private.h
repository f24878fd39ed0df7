/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is retained reaches a new follower before anything newer does.
 *
 * While the adding thread hands the retained messages over, messages that other threads publish in
 * the meantime are put by, and handed over after them by the adding thread. */
#pragma once

#include "currant-walk-private.h"

typedef struct _CurrantReplay CurrantReplay;

CurrantReplay *currant_replay_new (void);
void currant_replay_free (CurrantReplay *self);

/* TRUE when @message has been put by. */
gboolean currant_replay_put_by (CurrantReplay *self, CurrantMessage *message);

/* In the adding thread: what was put by so far; NULL, and no more is put by, when that is nothing.
 */
GPtrArray *currant_replay_next (CurrantReplay *self);
