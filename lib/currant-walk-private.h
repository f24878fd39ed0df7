/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A walk is one publish: begin it, and if anybody follows, make the message and run it; then end
 * it.
 *
 * Between begin and end the topic's snapshot is in a hazard slot of the thread. No lock is held, so
 * the sinks may run user code, which may publish (a walk one level deeper), follow, stop, or
 * dispose the bus. The topic itself is looked at only while the walk begins. */
#pragma once

#include "currant-router-private.h"

struct _CurrantWalk
{
  CurrantThread *thread;
  CurrantSnapshot *snapshot;
  guint level;      /* walks of this thread around this one */
  guint64 sequence; /* for the message, unless it has its own */
  guint matched;    /* offered and wanted */
  guint taken;      /* of these, not dropped */
  guint delivered;  /* of these, called already */
  guint n_refs;     /* to the message, in hand for those that store it; taken all at once */
  gboolean sole;    /* the one receiver there is may have the walk's own reference */
  gboolean fresh;   /* this is the message's first publish */
  gboolean refused;
};

/* FALSE when nobody follows: there is nothing to run or end. */
gboolean currant_walk_begin (CurrantWalk *self, CurrantTopic *topic);

/* The same with a message that is there already, which is numbered now, and retained on demand. */
gboolean currant_walk_begin_with (CurrantWalk *self, CurrantTopic *topic, CurrantMessage *message,
                                  gboolean retain);

/* Whether anybody follows, without a publish. */
gboolean currant_walk_peek (CurrantTopic *topic);

/* Numbers @message and offers it to all. */
void currant_walk_run (CurrantWalk *self, CurrantMessage *message);

/* How many took it. */
guint currant_walk_end (CurrantWalk *self);

/* Both, with a message that is given away; NULL for one that could not be made. */
guint currant_walk_give (CurrantWalk *self, CurrantMessage *message);

/* Counts @n messages for @sink as lost, and has it announced. Without a lock. */
void currant_sink_count_drops (CurrantSink *sink, guint n, const char *reason);

/* A reference to @message, which is the walk's, for one who stores it. The taker looks at the
 * message no more: it may have been the last. */
static inline CurrantMessage *
currant_walk_take_ref (CurrantWalk *self, CurrantMessage *message)
{
  currant_message_stamp_early (message, self->fresh);
  if (self->n_refs == 0)
    {
      g_assert (!self->sole);
      self->n_refs = self->snapshot != NULL ? self->snapshot->n_entries : 1;
      currant_message_ref_many (message, self->n_refs, self->fresh);
    }
  self->n_refs--;
  return message;
}

/* Counts for the calling thread. */
static inline void
currant_sink_count (CurrantSink *sink, CurrantCount what, guint n)
{
  currant_thread_count (currant_thread_get (sink->router), what, n);
}

/* Whether callbacks may still nest at this level. */
static inline gboolean
currant_walk_may_call (const CurrantWalk *self)
{
  return self->level < CURRANT_DEPTH_MAX;
}
