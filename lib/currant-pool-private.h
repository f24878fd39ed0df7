/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Delivery on threads: strands, which keep their messages in order, run on a pool that they share.
 *
 * A strand with messages is scheduled once for each worker that may run it at a time (once, unless
 * its concurrency is raised). A worker that takes it empties it a batch at a time and puts it back
 * behind the others while it has more.
 *
 * `runners` counts how often the strand is scheduled or run. A post pushes its message, then looks
 * at runners; a worker that found the strand empty lowers runners, then looks for messages: each
 * side writes before it reads, so one of them sees the other, and no message is left lying. */
#pragma once

#include "currant-mailbox-private.h"

typedef struct _CurrantPool CurrantPool;
typedef struct _CurrantStrand CurrantStrand;

CurrantPool *currant_pool_new (void);
CurrantPool *currant_pool_ref (CurrantPool *self);
void currant_pool_unref (CurrantPool *self);

/* Threads above @n_threads leave when they have done what they are at; with 0, when all that waits
 * is done too. */
void currant_pool_set_size (CurrantPool *self, guint n_threads);
guint currant_pool_get_size (CurrantPool *self);
guint currant_pool_count_threads (CurrantPool *self);

CurrantStrand *currant_strand_new (CurrantPool *pool, CurrantSink *sink, guint concurrency);

/* Once nothing holds the sink any more. */
void currant_strand_free (CurrantStrand *self);

CurrantMailbox *currant_strand_get_mailbox (CurrantStrand *self);

/* After a post: sees to it that the strand is run. */
void currant_strand_schedule (CurrantStrand *self);

/* Whether nothing waits and the pool has no threads, so that a message may be delivered directly.
 */
gboolean currant_strand_is_direct (CurrantStrand *self);
