/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is behind a queue: a mailbox that is a sink, and those who wait for its messages.
 *
 * A standalone queue has a store of its own; all shared queues of one pattern have one together.
 *
 * Getters. A post pushes its message, then looks whether anybody sleeps; a getter says that it
 * sleeps, then looks whether there is a message: each side writes before it reads, so one sees the
 * other, and a post takes the lock only when somebody sleeps. */
#pragma once

#include <gio/gio.h>

#include "currant-hub-private.h"

typedef struct
{
  CurrantSink sink; /* first: the one is cast to the other */
  atomic_uint ref_count;
  CurrantHub *hub; /* a reference; this and the next are immutable */
  char *key;       /* under which the hub knows a shared store; NULL for a standalone one */
  CurrantMailbox mailbox;
  _Atomic guint n_sleepers; /* written under the mailbox's lock, as are the next: */
  GCond filled;
  _Atomic guint n_bells;
  GPtrArray *bells; /* GSource, with a reference each */
  guint n_open;     /* queues that are not closed; guarded by the hub's lock */
  guint n_queues;   /* queues that there are; likewise */
} CurrantStore;

/* A store with one queue more. */
CurrantStore *currant_store_open (CurrantHub *hub, CurrantPattern *pattern, gboolean shared,
                                  gboolean by_priority);
CurrantStore *currant_store_ref (CurrantStore *self);
void currant_store_unref (CurrantStore *self);

/* One queue less is open: with the last one the store takes no more messages. Wakes everybody. */
void currant_store_close (CurrantStore *self);

/* One queue less is there: with the last one, what is stored will never be got. */
void currant_store_leave (CurrantStore *self);

static inline gboolean
currant_store_is_closed (CurrantStore *self)
{
  return currant_sink_is_stopped (&self->sink);
}

/* A message that has not expired, or NULL. */
CurrantMessage *currant_store_try_get (CurrantStore *self);

/* Sleeps until there may be a message, @quit () says TRUE, or @deadline (monotonic, -1 for never)
 * has passed, which gives FALSE. */
gboolean currant_store_sleep (CurrantStore *self, gint64 deadline, gboolean (*quit) (gpointer data),
                              gpointer data);

/* Wakes all sleepers, to look at what they wait for. */
void currant_store_wake_all (CurrantStore *self);

/* @bell has its ready time set to 0 when there may be something to get. */
void currant_store_add_bell (CurrantStore *self, GSource *bell);
void currant_store_remove_bell (CurrantStore *self, GSource *bell);
