/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Delivery into main contexts: one mailbox for each context that followers of a bus live in,
 * emptied by one GSource (and its twin of low priority).
 *
 * The source is rung by its ready time, and only when the mailbox was empty. It delivers until the
 * budget is used, then leaves the rest for later at a priority below that of painting, until it has
 * caught up. It may recurse, so that a callback that runs a loop of its own (a modal dialog) does
 * not hold up everybody else. */
#pragma once

#include "currant-mailbox-private.h"

typedef struct _CurrantContext CurrantContext;
typedef struct _CurrantContexts CurrantContexts;

CurrantContexts *currant_contexts_new (void);
CurrantContexts *currant_contexts_ref (CurrantContexts *self);
void currant_contexts_unref (CurrantContexts *self);

/* The mailbox of @context, for the caller to release. It goes with its last user. */
CurrantContext *currant_contexts_acquire (CurrantContexts *self, GMainContext *context);
void currant_context_release (CurrantContext *self);

CurrantMailbox *currant_context_get_mailbox (CurrantContext *self);

/* In the thread that runs the context: whether messages are taken out and not yet delivered. */
gboolean currant_context_has_batch (CurrantContext *self);

/* After a post that was the first. */
void currant_context_ring (CurrantContext *self);

/* Enters @context as g_main_context_invoke () would: FALSE when another thread runs it. */
gboolean currant_main_context_enter (GMainContext *context, gboolean *acquired);
