/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of a mailbox that its lock guards: what waits, in order.
 *
 * There is one lane for each priority, or a single one; and the nodes of each sink form a chain of
 * their own, so that the oldest is at hand when the sink's bound is reached. A mailbox for one sink
 * with a single lane needs no chain. */
#pragma once

#include "currant-mailbox-private.h"

void currant_backlog_append_locked (CurrantMailbox *self, CurrantNode *node);
void currant_backlog_prepend_locked (CurrantMailbox *self, CurrantNode *node);
void currant_backlog_unlink_locked (CurrantMailbox *self, CurrantNode *node);

/* The one to be taken out next, or NULL. */
CurrantNode *currant_backlog_first_locked (CurrantMailbox *self);

/* Takes out up to @most of the sink's nodes, the oldest first, linked by `next`, and says how many.
 * The sink's state is the caller's. */
CurrantNode *currant_backlog_remove_locked (CurrantMailbox *self, CurrantSink *sink, guint most,
                                            guint *n);

/* Moves what came in to the backlog, oldest first. */
void currant_backlog_splice_locked (CurrantMailbox *self);
