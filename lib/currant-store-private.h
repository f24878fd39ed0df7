/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is behind a queue: a mailbox that is a sink, and those who wait for its messages.
 *
 * A standalone queue has a store of its own; all shared queues of one pattern have one together.
 *
 * Getters. One that finds nothing looks again for about as long as falling asleep and being woken
 * would take, and sleeps only then: a wake-up costs the publisher more than anything else it does
 * for a message. How long it looks halves each time that was in vain, and comes back when a sleep
 * turns out to have been short.
 *
 * A post pushes its message, then looks whether anybody sleeps; a getter says that it sleeps, then
 * looks whether there is a message: each side writes before it reads, so one sees the other, and a
 * post takes the lock only when somebody sleeps. Besides, one sleeper is woken at a time: while it
 * is on its way posts wake nobody, and if there are more messages than the one it takes, it wakes
 * the next. It withdraws its `waking` before it looks, so that a post which saw that still set has
 * pushed what it will find. */
#pragma once

#include <gio/gio.h>

#include "currant-hub-private.h"

#define CURRANT_STORE_WAKING (1u << 31) /* one that was woken has not come to itself yet */

/* About what a wake-up costs. */
#define CURRANT_STORE_SPIN_US 10

typedef struct
{
  CurrantSink sink; /* first: the one is cast to the other */
  atomic_uint ref_count;
  CurrantHub *hub; /* a reference; this and the next are immutable */
  char *key;       /* under which the hub knows a shared store; NULL for a standalone one */
  CurrantMailbox mailbox;
  _Atomic guint spin_us;  /* how long a getter looks before it sleeps, at most; 0 for not at all */
  _Atomic guint patience; /* how long it does at present */
  _Atomic guint sleepers; /* how many, and CURRANT_STORE_WAKING; written under the mailbox's lock,
                             as are the next: */
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

/* For how long a getter looks before it sleeps, at most. */
void currant_store_set_spin (CurrantStore *self, guint spin_us);

/* How many messages there are. */
guint currant_store_get_length (CurrantStore *self);

/* Waits until there may be a message, @quit () says TRUE, or @deadline (monotonic, -1 for never)
 * has passed, which gives FALSE. */
gboolean currant_store_wait (CurrantStore *self, gint64 deadline, gboolean (*quit) (gpointer data),
                             gpointer data);

/* For a getter that waited: lets another sleeper have the next message, if there is one. */
void currant_store_pass_on (CurrantStore *self);

/* Wakes all sleepers, to look at what they wait for. */
void currant_store_wake_all (CurrantStore *self);

/* @bell has its ready time set to 0 when there may be something to get. */
void currant_store_add_bell (CurrantStore *self, GSource *bell);
void currant_store_remove_bell (CurrantStore *self, GSource *bell);
