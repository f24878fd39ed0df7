/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The router: from an identifier to the sinks it reaches.
 *
 * It owns the match index, the topics, the threads' records and what is retained. Its lock guards
 * all of these; publishing takes it only where a topic has no current snapshot. It is counted by
 * reference, apart from the bus, because a callback may dispose the bus under a walk's feet. */
#pragma once

#include "currant-lock-private.h"
#include "currant-match-index-private.h"
#include "currant-retained-private.h"
#include "currant-thread-private.h"

#define CURRANT_TOPICS_MAX 65536

struct _CurrantTopic
{
  atomic_uint ref_count;
  CurrantRouter *router; /* a reference, as is the next; both immutable */
  CurrantIdentifier *identifier;
  _Atomic (CurrantSnapshot *) snapshot; /* written under the router's lock */
  CurrantTopic *previous, *next;        /* in the router's list; guarded by its lock */
};

struct _CurrantRouter
{
  atomic_uint ref_count;
  _Atomic guint64 generation; /* raised under the lock when any topic may have gained a route */
  _Atomic gboolean disposed;  /* written under the lock */
  GMainContext *home;         /* the context the bus was made in; a reference, immutable */

  /* For the layer that has a voice; immutable. Called without a lock. */
  void (*on_drop) (CurrantSink *sink, const char *reason);
  void (*on_error) (CurrantSink *sink, const GError *error);

  CurrantLock lock; /* guards what follows, and what is said to be guarded by "the router's lock" */
  CurrantMatchIndex *index;
  guint64 last_serial;
  guint n_broadcast_topics;
  GHashTable *topics; /* canonical text -> topic, a reference */
  CurrantTopic *first_topic, *last_topic;
  CurrantThread *threads;
  guint last_thread;
  guint64 past_counts[CURRANT_N_COUNTS]; /* of threads that have ended */
  CurrantSnapshot *retired;
  CurrantRetained *retained;
  GPtrArray *scratch;
  GPtrArray *timers; /* of the voice, with a reference each */
};

CurrantRouter *currant_router_new (void);
CurrantRouter *currant_router_ref (CurrantRouter *self);
void currant_router_unref (CurrantRouter *self);

/* Takes all routes away: nothing can be added afterwards. Returns: (transfer full): the sinks, each
 * with a hold for the caller to release */
GPtrArray *currant_router_dispose (CurrantRouter *self);

/* Registers @sink under its pattern, unless it is; it gains a hold. FALSE when the router is
 * disposed. With @replay, what is retained for the pattern is added to that (with a reference
 * each): exactly what was retained before the sink could be reached. */
gboolean currant_router_add (CurrantRouter *self, CurrantSink *sink, GPtrArray *replay);

/* Undoes it, if it is to be undone. When it returns, no walk begins that would call the sink. */
void currant_router_remove (CurrantRouter *self, CurrantSink *sink);

/* No message is matched by neither or by both of the old and the new pattern. */
void currant_router_change (CurrantRouter *self, CurrantSink *sink, CurrantPattern *pattern);

/* Returns: (transfer full): the pattern it has now */
CurrantPattern *currant_router_dup_pattern (CurrantRouter *self, CurrantSink *sink);

guint currant_router_count_matches (CurrantRouter *self, CurrantIdentifier *identifier);
void currant_router_read_counts (CurrantRouter *self, guint64 counts[CURRANT_N_COUNTS],
                                 guint *n_topics);

/* The topic of @text, from the calling thread's cache (transfer none, until its next call) or made
 * now. */
CurrantTopic *currant_router_find_topic (CurrantRouter *self, const char *text, GError **error);
CurrantTopic *currant_router_find_topic_for (CurrantRouter *self, CurrantIdentifier *identifier);

/* For the last unref of a topic. */
void currant_router_drop_topic (CurrantRouter *self, CurrantTopic *topic);

/* Frees what is retired and no longer walked. */
void currant_router_reclaim (CurrantRouter *self);

/* A current snapshot of @topic, in the thread's hazard slot @level. With @retain, what is retained
 * for the topic changes to that in the same moment (an empty message clears it). */
CurrantSnapshot *currant_router_refresh (CurrantTopic *topic, CurrantThread *thread, guint level,
                                         CurrantMessage *retain);
