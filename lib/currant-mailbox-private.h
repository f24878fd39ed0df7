/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A mailbox holds messages until the thread they are meant for takes them out, first in, first out
 * (or by priority). Contexts, strands and queues each have one.
 *
 * Posting pushes a node on `incoming`, a lock-free stack, and says whether the stack was empty, so
 * that one wake-up serves a whole batch. Whoever empties the mailbox takes the lock, moves all of
 * `incoming` over to the `backlog` in its right order, and works from there.
 *
 * Memory order: a push releases the node's content with the exchange that publishes it, and the
 * exchange that empties the stack acquires it. There is no ABA: nodes are taken only by emptying
 * the whole stack.
 *
 * Bounds are per sink: the low half of the sink's state says how many of its messages wait here. A
 * post that finds the bound reached takes the lock too, and drops, replaces or waits as the sink's
 * policy says. The sink's nodes in the backlog form a chain of their own, so the oldest is at hand.
 */
#pragma once

#include "currant-slab-private.h"
#include "currant-walk-private.h"

struct _CurrantNode
{
  CurrantNode *next, *previous; /* in the stack, the backlog, or a batch */
  CurrantNode *newer, *older;   /* of the same sink, in the backlog */
  CurrantMessage *message;
  CurrantSink *sink;
};

typedef struct
{
  int priority;
  CurrantNode *first, *last;
} CurrantLane;

typedef enum
{
  CURRANT_MAILBOX_DEFAULT = 0,
  CURRANT_MAILBOX_BY_PRIORITY = 1 << 0,
  CURRANT_MAILBOX_ONE_SINK = 1 << 1
} CurrantMailboxFlags;

typedef struct
{
  _Atomic (CurrantNode *) incoming; /* newest first */
  CurrantMailboxFlags flags;        /* immutable */
  char apart[CURRANT_CACHE_LINE];   /* publishers write above, whoever takes out below */
  CurrantLock lock;                 /* guards the rest, and the sinks' chains */
  _Atomic guint n_unsettled;        /* of one sink: taken, but not off the sink's state yet */
  guint n_blocked;
  GCond room;    /* for publishers that wait until there is some */
  GArray *lanes; /* of CurrantLane, most urgent first; with one priority, a single one */
} CurrantMailbox;

typedef enum
{
  CURRANT_POST_REFUSED, /* dropped, and counted */
  CURRANT_POST_STORED,
  CURRANT_POST_FIRST /* stored, and the mailbox was empty: somebody must be woken */
} CurrantPost;

void currant_mailbox_init (CurrantMailbox *self, CurrantMailboxFlags flags);
void currant_mailbox_clear (CurrantMailbox *self);

/* Stores @message, whose reference it takes over, for @sink under the sink's bound. @may_block
 * tells whether a publisher with the policy BLOCK can wait here without waiting for itself. The
 * sink must be held. */
CurrantPost currant_mailbox_post (CurrantMailbox *self, CurrantSink *sink, CurrantMessage *message,
                                  gboolean may_block);

/* Stores it in the place of one with the same identifier and key that still waits for @sink. */
CurrantPost currant_mailbox_post_latest (CurrantMailbox *self, CurrantSink *sink,
                                         CurrantMessage *message, gboolean may_block);

/* Takes out up to @most nodes, linked by `next`. Each waiting message becomes a hold on its sink,
 * for the caller to release after the delivery. Batches end early at sinks with a small bound, so
 * that such a bound is exact. */
CurrantNode *currant_mailbox_detach (CurrantMailbox *self, guint most);

/* Puts nodes that were detached, and not delivered, back in front. */
void currant_mailbox_put_back (CurrantMailbox *self, CurrantNode *nodes);

/* Takes out one message, or NULL. */
CurrantMessage *currant_mailbox_take (CurrantMailbox *self);

gboolean currant_mailbox_is_empty (CurrantMailbox *self);

/* Watches an empty mailbox for a microsecond or two; TRUE when something has come. */
gboolean currant_mailbox_linger (CurrantMailbox *self);
gboolean currant_mailbox_is_empty_locked (CurrantMailbox *self);

/* Discards what waits for a sink whose `purged` has been set, and wakes its blocked publishers. */
void currant_mailbox_purge (CurrantMailbox *self, CurrantSink *sink);

/* Takes the message's sink's word for how many of its messages were taken; TRUE when that was the
 * last of it, and the sink has to be finished once the lock is released. */
gboolean currant_mailbox_settle_locked (CurrantMailbox *self, CurrantSink *sink);

/* Takes over the reference to @message, which gets its time. */
CurrantNode *currant_node_new (CurrantSink *sink, CurrantMessage *message);
void currant_node_free (CurrantNode *node);

/* Frees nodes, linked by `next`, whose messages nobody gets. Not under a lock, for a message may
 * run user code when it goes. The sinks' states are the caller's. */
void currant_nodes_discard (CurrantNode *node);

/* Has the sink's user code called with @node's message, and frees the node. While it runs, the
 * thread does not sleep for room in any mailbox: who empties one must not wait for who empties
 * another, or a ring of them would wait for ever (and a main loop would miss its frames). */
void currant_node_deliver (CurrantNode *node);
gboolean currant_thread_is_delivering (void);
