/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sink that counts: what the tests of routing and delivery put at the end of the way.
 *
 * A message for a spy is taken by on_take () in the publisher's thread, where a test has set one;
 * what comes back from a mailbox is counted as delivered and let go. A spy is freed by its test,
 * once it has been finished. */
#pragma once

#include "currant-loss-private.h"
#include "currant-test.h"
#include "currant-walk-private.h"

typedef struct _Spy Spy;

struct _Spy
{
  CurrantSink sink; /* first: the one is cast to the other */
  void (*on_take) (Spy *self, CurrantMessage *message, CurrantWalk *walk);
  void (*on_finish) (Spy *self);
  gpointer data;
  gboolean refuses; /* as a slice */
  _Atomic guint n_taken, n_delivered, n_stopped, n_finished;
};

static inline void
spy_take (CurrantSink *sink, CurrantMessage *message, CurrantWalk *walk)
{
  Spy *self = (Spy *)sink;

  if (currant_sink_is_stopped (sink))
    return;
  walk->matched++;
  walk->taken++;
  walk->delivered++;
  atomic_fetch_add (&self->n_taken, 1);
  if (self->on_take != NULL)
    self->on_take (self, message, walk);
}

static inline gboolean
spy_accepts (CurrantSink *sink, CurrantMessage *message)
{
  (void)message;
  return !((Spy *)sink)->refuses;
}

static inline void
spy_deliver (CurrantSink *sink, CurrantMessage *message)
{
  atomic_fetch_add (&((Spy *)sink)->n_delivered, 1);
  currant_message_unref (message);
}

static inline void
spy_stop (CurrantSink *sink)
{
  atomic_store (&sink->stopped, TRUE);
  atomic_fetch_add (&((Spy *)sink)->n_stopped, 1);
  currant_router_remove (sink->router, sink);
}

static inline void
spy_finish (CurrantSink *sink)
{
  Spy *self = (Spy *)sink;

  if (self->on_finish != NULL)
    self->on_finish (self);
  atomic_fetch_add (&self->n_finished, 1);
}

static const CurrantSinkClass spy_class = { spy_accepts, spy_deliver, spy_stop, spy_finish };

static inline Spy *
spy_new (CurrantRouter *router, const char *pattern)
{
  Spy *self = g_new0 (Spy, 1);

  self->sink.klass = &spy_class;
  self->sink.router = router;
  self->sink.take = spy_take;
  self->sink.weight = -1;
  self->sink.pattern = currant_test_pattern (pattern);
  atomic_init (&self->sink.overflow, CURRANT_OVERFLOW_DROP_OLDEST);
  return self;
}

static inline guint
spy_finished (Spy *self)
{
  return atomic_load (&self->n_finished);
}

static inline guint
spy_taken (Spy *self)
{
  return atomic_load (&self->n_taken);
}

static inline void
spy_free (Spy *self)
{
  g_assert_cmpuint (atomic_load (&self->sink.state), ==, 0);
  g_assert_cmpuint (spy_finished (self), <=, 1);
  g_assert_null (self->sink.route);
  g_assert_null (self->sink.first);
  g_assert_null (self->sink.last);
  g_clear_pointer (&self->sink.latest, g_hash_table_unref);
  currant_loss_unref (atomic_load (&self->sink.loss));
  currant_pattern_unref (self->sink.pattern);
  g_free (self);
}

/* Makes one and registers it. */
static inline Spy *
spy_add (CurrantRouter *router, const char *pattern)
{
  Spy *self = spy_new (router, pattern);

  g_assert_true (currant_router_add (router, &self->sink, NULL));
  return self;
}

/* Unregisters it and frees it: nothing may hold it any more. */
static inline void
spy_remove (Spy *self)
{
  currant_router_remove (self->sink.router, &self->sink);
  g_assert_cmpuint (spy_finished (self), ==, 1);
  spy_free (self);
}

static inline CurrantMessage *
spy_message (const char *id, int number)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier (id);

  return currant_message_new (identifier, "(i)", number);
}

static inline CurrantTopic *
spy_topic (CurrantRouter *router, const char *id)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier (id);

  return currant_router_find_topic_for (router, identifier);
}

/* Publishes, and returns how many took it. */
static inline guint
spy_publish (CurrantTopic *topic, int number)
{
  CurrantMessage *message;
  CurrantWalk walk;

  if (!currant_walk_begin (&walk, topic))
    return 0;
  message = currant_message_new (topic->identifier, "(i)", number);
  currant_walk_run (&walk, message);
  currant_message_unref (message);
  return currant_walk_end (&walk);
}

static inline guint64
spy_count (CurrantRouter *router, CurrantCount which)
{
  guint64 counts[CURRANT_N_COUNTS];
  guint n_topics;

  currant_router_read_counts (router, counts, &n_topics);
  return counts[which];
}

/* How many snapshots are retired and not freed yet. */
static inline guint
spy_count_retired (CurrantRouter *router)
{
  guint n = 0;

  currant_lock_acquire (&router->lock);
  for (CurrantSnapshot *snapshot = router->retired; snapshot != NULL; snapshot = snapshot->next)
    n++;
  currant_lock_release (&router->lock);
  return n;
}

/* Ends a router that has no sinks any more. */
static inline void
spy_router_end (CurrantRouter *router)
{
  g_autoptr (GPtrArray) sinks = currant_router_dispose (router);

  g_assert_cmpuint (sinks->len, ==, 0);
  g_assert_cmpuint (spy_count_retired (router), ==, 0);
  currant_router_unref (router);
}
