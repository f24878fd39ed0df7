/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-walk-private.h"

/* Puts the topic's snapshot into the hazard slot: see currant-thread-private.h for the argument. */
static CurrantSnapshot *
protect (CurrantTopic *topic, CurrantThread *thread, guint level)
{
  CurrantSnapshot *snapshot = atomic_load_explicit (&topic->snapshot, memory_order_relaxed);

  if (snapshot != NULL)
    {
      atomic_store_explicit (&thread->hazards[level], snapshot, CURRANT_FENCED_STORE);
      currant_fence_light ();
      if (atomic_load_explicit (&topic->snapshot, CURRANT_FENCED_LOAD) == snapshot
          && snapshot->generation
                 == atomic_load_explicit (&topic->router->generation, memory_order_acquire))
        return snapshot;
    }
  return currant_router_refresh (topic, thread, level, NULL);
}

static void
leave (CurrantThread *thread, guint level)
{
  thread->depth--;
  atomic_store_explicit (&thread->hazards[level], NULL, CURRANT_FENCED_STORE);
  currant_fence_light ();
  if (G_UNLIKELY (atomic_load_explicit (&thread->must_reclaim, CURRANT_FENCED_LOAD)))
    {
      atomic_store (&thread->must_reclaim, FALSE);
      currant_router_reclaim (thread->router);
    }
}

static gboolean
enter (CurrantThread *thread, guint level)
{
  if (G_UNLIKELY (level >= CURRANT_N_HAZARDS))
    {
      g_critical ("a guard publishes messages that it guards: stopped at %u levels", level);
      return FALSE;
    }
  if (G_UNLIKELY (level >= atomic_load_explicit (&thread->n_hazards, memory_order_relaxed)))
    atomic_store (&thread->n_hazards, level + 1);
  thread->depth++;
  return TRUE;
}

static gboolean
begun (CurrantWalk *self)
{
  currant_thread_count (self->thread, CURRANT_COUNT_PUBLISHED, 1);
  if (self->snapshot->n_entries > 0)
    return TRUE;
  leave (self->thread, self->level);
  return FALSE;
}

gboolean
currant_walk_begin (CurrantWalk *self, CurrantTopic *topic)
{
  CurrantThread *thread = currant_thread_get (topic->router);

  *self = (CurrantWalk){ .thread = thread, .level = thread->depth };
  if (!enter (thread, self->level))
    return FALSE;
  self->sequence = ++thread->sequence;
  self->snapshot = protect (topic, thread, self->level);
  return begun (self);
}

gboolean
currant_walk_begin_with (CurrantWalk *self, CurrantTopic *topic, CurrantMessage *message,
                         gboolean retain)
{
  CurrantThread *thread = currant_thread_get (topic->router);

  *self = (CurrantWalk){ .thread = thread, .level = thread->depth };
  if (!enter (thread, self->level))
    return FALSE;
  if (!(message->flags & CURRANT_MESSAGE_PUBLISHED))
    {
      message->flags |= retain ? CURRANT_MESSAGE_RETAINED : 0;
      currant_message_seal (message, thread->id, ++thread->sequence);
      self->fresh = TRUE;
    }
  self->sequence = thread->sequence;
  /* What is retained is shared from here on, and asked for its time. */
  if (retain)
    currant_message_stamp (message);
  self->snapshot = retain ? currant_router_refresh (topic, thread, self->level, message)
                          : protect (topic, thread, self->level);
  return begun (self);
}

gboolean
currant_walk_peek (CurrantTopic *topic)
{
  CurrantThread *thread = currant_thread_get (topic->router);
  guint level = thread->depth;
  gboolean followed;

  if (!enter (thread, level))
    return FALSE;
  followed = protect (topic, thread, level)->n_entries > 0;
  leave (thread, level);
  return followed;
}

/* One of the slices that accept the message, at random by weight, in one pass: each replaces the
 * choice so far with the probability of its share. Weights of zero count only while there is no
 * other. Returns the entry's index, or n_entries. */
static guint
choose_slice (CurrantWalk *self, CurrantMessage *message)
{
  CurrantSnapshot *snapshot = self->snapshot;
  guint choice = snapshot->n_entries, n_zero = 0;
  double total = 0;

  for (guint i = 0; i < snapshot->n_entries; i++)
    {
      CurrantSink *sink = snapshot->entries[i].sink;

      if (sink->weight < 0 || !sink->klass->accepts (sink, message))
        continue;
      if (sink->weight > 0)
        {
          total += sink->weight;
          if (currant_thread_random (self->thread) * total < sink->weight)
            choice = i;
        }
      else if (total == 0 && currant_thread_random (self->thread) * ++n_zero < 1)
        choice = i;
    }
  return choice;
}

static void
run_with_slices (CurrantWalk *self, CurrantMessage *message)
{
  CurrantSnapshot *snapshot = self->snapshot;
  guint choice = choose_slice (self, message);

  for (guint i = 0; i < snapshot->n_entries; i++)
    {
      const CurrantEntry *entry = &snapshot->entries[i];

      if (entry->sink->weight < 0 || i == choice)
        entry->take (entry->sink, message, self);
    }
}

/* Whether callbacks of this walk may be called at once: it is not too deep, nothing that was posted
 * because it was too deep comes first, and the message cannot expire meanwhile. */
static gboolean
is_plain (const CurrantWalk *self, const CurrantMessage *message)
{
  return currant_walk_may_call (self) && self->thread->nested == 0 && message->extra == NULL;
}

static void
run_all (CurrantWalk *self, CurrantMessage *message)
{
  const CurrantEntry *entry = self->snapshot->entries, *end = entry + self->snapshot->n_entries;
  gboolean plain = is_plain (self, message);
  guint called = 0;

  CURRANT_ASSERT_UNLOCKED ();
  for (; entry < end; entry++)
    {
      if (!plain || entry->call == NULL)
        entry->take (entry->sink, message, self);
      else if (!currant_sink_is_stopped (entry->sink))
        {
          called++;
          entry->call (message, entry->call_data);
        }
    }
  self->matched += called;
  self->taken += called;
  self->delivered += called;
}

static void
offer (CurrantWalk *self, CurrantMessage *message)
{
  if (!(message->flags & CURRANT_MESSAGE_PUBLISHED))
    {
      currant_message_seal (message, self->thread->id, self->sequence);
      self->fresh = TRUE;
    }
  if (G_UNLIKELY (self->snapshot->n_slices > 0))
    run_with_slices (self, message);
  else
    run_all (self, message);
}

void
currant_walk_run (CurrantWalk *self, CurrantMessage *message)
{
  offer (self, message);
  if (self->n_refs > 0)
    currant_message_unref_many (message, self->n_refs);
}

guint
currant_walk_end (CurrantWalk *self)
{
  currant_thread_count (self->thread, CURRANT_COUNT_MATCHED, self->matched);
  currant_thread_count (self->thread, CURRANT_COUNT_DELIVERED, self->delivered);
  leave (self->thread, self->level);
  return self->taken;
}

/* A sole receiver is given the walk's own reference: then nobody counts at all. */
guint
currant_walk_give (CurrantWalk *self, CurrantMessage *message)
{
  guint left;

  if (message == NULL)
    return currant_walk_end (self);
  self->sole = self->snapshot->n_entries == 1;
  self->n_refs = self->sole;
  offer (self, message);
  left = self->n_refs + !self->sole;
  if (left > 0)
    currant_message_unref_many (message, left);
  return currant_walk_end (self);
}

void
currant_sink_count_drops (CurrantSink *sink, guint n, const char *reason)
{
  CurrantRouter *router = sink->router;

  CURRANT_ASSERT_UNLOCKED ();
  atomic_fetch_add_explicit (&sink->n_dropped, n, memory_order_relaxed);
  currant_thread_count (currant_thread_get (router), CURRANT_COUNT_DROPPED, n);
  if (router->on_drop != NULL)
    router->on_drop (sink, reason);
}
