/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-router-private.h"

#include <string.h>

#include "currant-hash-private.h"

CurrantRouter *
currant_router_new (void)
{
  CurrantRouter *self = g_new0 (CurrantRouter, 1);

  currant_clock_init ();
  currant_fence_init ();
  atomic_init (&self->ref_count, 1);
  atomic_init (&self->generation, 1);
  currant_lock_init (&self->lock);
  self->index = currant_match_index_new ();
  self->topics = g_hash_table_new (currant_hash_string, g_str_equal);
  self->retained = currant_retained_new ();
  self->home = g_main_context_ref_thread_default ();
  self->scratch = g_ptr_array_new ();
  self->timers = g_ptr_array_new_with_free_func ((GDestroyNotify)g_source_unref);
  return self;
}

CurrantRouter *
currant_router_ref (CurrantRouter *self)
{
  atomic_fetch_add_explicit (&self->ref_count, 1, memory_order_relaxed);
  return self;
}

void
currant_router_unref (CurrantRouter *self)
{
  if (atomic_fetch_sub_explicit (&self->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  g_assert (self->retired == NULL);
  currant_match_index_free (self->index);
  g_hash_table_unref (self->topics);
  currant_retained_free (self->retained);
  g_ptr_array_unref (self->scratch);
  g_ptr_array_unref (self->timers);
  g_main_context_unref (self->home);
  currant_lock_clear (&self->lock);
  g_free (self);
}

/* Retiring and reclaiming: see currant-thread-private.h for why the order is right. */

static void
retire_locked (CurrantRouter *self, CurrantSnapshot *snapshot)
{
  CurrantTopic *topic = snapshot->topic;

  CURRANT_ASSERT_LOCKED (&self->lock);
  atomic_store (&topic->snapshot, NULL);
  currant_snapshot_unlink (snapshot);
  snapshot->topic = NULL;
  snapshot->next = self->retired;
  self->retired = snapshot;
}

static gboolean
thread_walks_locked (CurrantThread *thread, CurrantSnapshot *snapshot)
{
  guint n = atomic_load (&thread->n_hazards);

  for (guint i = 0; i < n; i++)
    if (atomic_load (&thread->hazards[i]) == snapshot)
      return TRUE;
  return FALSE;
}

/* Tells whoever walks it that it has something to reclaim. */
static gboolean
is_walked_locked (CurrantRouter *self, CurrantSnapshot *snapshot)
{
  gboolean walked = FALSE;

  for (CurrantThread *thread = self->threads; thread != NULL; thread = thread->next)
    if (thread_walks_locked (thread, snapshot))
      {
        atomic_store (&thread->must_reclaim, TRUE);
        walked = TRUE;
      }
  return walked;
}

/* Moves the retired snapshots that nobody walks to a list, which is returned. */
static CurrantSnapshot *
sift_locked (CurrantRouter *self, CurrantSnapshot *unwalked)
{
  CurrantSnapshot **place = &self->retired;

  while (*place != NULL)
    {
      CurrantSnapshot *snapshot = *place;

      if (is_walked_locked (self, snapshot))
        {
          place = &snapshot->next;
          continue;
        }
      *place = snapshot->next;
      snapshot->next = unwalked;
      unwalked = snapshot;
    }
  return unwalked;
}

/* A thread sees its own writes in order: where nobody else has published there is nothing to wait
 * for. Who publishes for the first time takes the lock first. */
static gboolean
fence_others_locked (CurrantRouter *self)
{
  CurrantThread *only = self->threads;

  if (only == NULL || (only->next == NULL && currant_thread_is_own (only)))
    return TRUE;
  return currant_fence_heavy ();
}

/* The retired snapshots that nobody walks, for free_snapshots () once the lock is released. */
static CurrantSnapshot *
take_unwalked_locked (CurrantRouter *self)
{
  CurrantSnapshot *unwalked;

  CURRANT_ASSERT_LOCKED (&self->lock);
  if (self->retired == NULL || !fence_others_locked (self))
    return NULL;
  unwalked = sift_locked (self, NULL);
  if (self->retired != NULL && fence_others_locked (self))
    unwalked = sift_locked (self, unwalked);
  return unwalked;
}

static void
free_snapshots (CurrantSnapshot *snapshot)
{
  currant_fence_complain ();
  while (snapshot != NULL)
    {
      CurrantSnapshot *next = snapshot->next;

      currant_snapshot_free (snapshot);
      snapshot = next;
    }
}

void
currant_router_reclaim (CurrantRouter *self)
{
  CurrantSnapshot *unwalked;

  currant_lock_acquire (&self->lock);
  unwalked = take_unwalked_locked (self);
  currant_lock_release (&self->lock);
  free_snapshots (unwalked);
}

/* Routes. */

/* Topics that may gain from a new route find that their snapshot is old. One with an exact pattern
 * concerns a single topic, so that followers of other topics come and go without any effect here.
 */
static void
invalidate_locked (CurrantRouter *self, CurrantPattern *pattern)
{
  CurrantTopic *topic;
  CurrantSnapshot *snapshot;

  if (!currant_pattern_is_exact (pattern) || self->n_broadcast_topics > 0)
    {
      atomic_fetch_add (&self->generation, 1);
      return;
    }
  topic = g_hash_table_lookup (self->topics, pattern->text);
  snapshot = topic != NULL ? atomic_load (&topic->snapshot) : NULL;
  if (snapshot != NULL)
    retire_locked (self, snapshot);
}

gboolean
currant_router_add (CurrantRouter *self, CurrantSink *sink, GPtrArray *replay)
{
  CurrantSnapshot *unwalked = NULL;
  gboolean alive;

  currant_lock_acquire (&self->lock);
  alive = !atomic_load (&self->disposed);
  if (alive && sink->route == NULL)
    {
      currant_sink_hold (sink);
      sink->route = currant_route_new (sink, ++self->last_serial);
      currant_match_index_add (self->index, sink->route);
      invalidate_locked (self, sink->pattern);
      if (replay != NULL)
        currant_retained_collect (self->retained, sink->pattern, replay);
      unwalked = take_unwalked_locked (self);
    }
  currant_lock_release (&self->lock);
  free_snapshots (unwalked);
  return alive;
}

static void
retire_links_locked (CurrantRouter *self, CurrantRoute *route)
{
  while (route->links != NULL)
    retire_locked (self, route->links->snapshot);
}

void
currant_router_remove (CurrantRouter *self, CurrantSink *sink)
{
  CurrantSnapshot *unwalked = NULL;
  CurrantRoute *route;

  currant_lock_acquire (&self->lock);
  route = g_steal_pointer (&sink->route);
  if (route != NULL)
    {
      retire_links_locked (self, route);
      currant_match_index_remove (self->index, route);
      currant_route_free (route);
      unwalked = take_unwalked_locked (self);
    }
  currant_lock_release (&self->lock);
  free_snapshots (unwalked);
  if (route != NULL)
    currant_sink_release (sink, 1);
}

void
currant_router_change (CurrantRouter *self, CurrantSink *sink, CurrantPattern *pattern)
{
  CurrantPattern *old;
  CurrantSnapshot *unwalked = NULL;

  currant_lock_acquire (&self->lock);
  if (sink->route != NULL)
    {
      retire_links_locked (self, sink->route);
      currant_match_index_remove (self->index, sink->route);
    }
  old = sink->pattern;
  sink->pattern = currant_pattern_ref (pattern);
  if (sink->route != NULL)
    {
      currant_match_index_add (self->index, sink->route);
      invalidate_locked (self, pattern);
      unwalked = take_unwalked_locked (self);
    }
  currant_lock_release (&self->lock);
  free_snapshots (unwalked);
  currant_pattern_unref (old);
}

CurrantPattern *
currant_router_dup_pattern (CurrantRouter *self, CurrantSink *sink)
{
  CurrantPattern *pattern;

  currant_lock_acquire (&self->lock);
  pattern = currant_pattern_ref (sink->pattern);
  currant_lock_release (&self->lock);
  return pattern;
}

guint
currant_router_count_matches (CurrantRouter *self, CurrantIdentifier *identifier)
{
  guint n;

  currant_lock_acquire (&self->lock);
  currant_match_index_collect (self->index, identifier, self->scratch);
  n = self->scratch->len;
  currant_lock_release (&self->lock);
  return n;
}

void
currant_router_read_counts (CurrantRouter *self, guint64 counts[CURRANT_N_COUNTS], guint *n_topics)
{
  currant_lock_acquire (&self->lock);
  memcpy (counts, self->past_counts, sizeof self->past_counts);
  for (CurrantThread *thread = self->threads; thread != NULL; thread = thread->next)
    for (guint i = 0; i < CURRANT_N_COUNTS; i++)
      counts[i] += atomic_load_explicit (&thread->counts[i], memory_order_relaxed);
  *n_topics = g_hash_table_size (self->topics);
  currant_lock_release (&self->lock);
}

CurrantSnapshot *
currant_router_refresh (CurrantTopic *topic, CurrantThread *thread, guint level,
                        CurrantMessage *retain)
{
  CurrantRouter *self = topic->router;
  CurrantSnapshot *snapshot, *unwalked;
  CurrantMessage *replaced = NULL;
  gboolean kept = TRUE;

  currant_lock_acquire (&self->lock);
  if (retain != NULL && !atomic_load (&self->disposed))
    kept = currant_retained_put (self->retained, topic->identifier, retain, &replaced);
  snapshot = atomic_load (&topic->snapshot);
  if (snapshot == NULL || snapshot->generation != atomic_load (&self->generation))
    {
      if (snapshot != NULL)
        retire_locked (self, snapshot);
      currant_match_index_collect (self->index, topic->identifier, self->scratch);
      snapshot = currant_snapshot_new (self->scratch, atomic_load (&self->generation),
                                       topic->identifier, topic);
      atomic_store (&topic->snapshot, snapshot);
    }
  /* Nobody can retire it before the lock is released, so it needs no second look. */
  atomic_store_explicit (&thread->hazards[level], snapshot, CURRANT_FENCED_STORE);
  unwalked = take_unwalked_locked (self);
  currant_lock_release (&self->lock);
  free_snapshots (unwalked);
  if (!kept)
    currant_thread_count (thread, CURRANT_COUNT_UNRETAINED, 1);
  if (replaced != NULL)
    currant_message_unref (replaced);
  return snapshot;
}

void
currant_router_drop_topic (CurrantRouter *self, CurrantTopic *topic)
{
  CurrantSnapshot *snapshot, *unwalked;

  if (atomic_load (&topic->snapshot) == NULL)
    return;
  currant_lock_acquire (&self->lock);
  snapshot = atomic_load (&topic->snapshot);
  if (snapshot != NULL)
    retire_locked (self, snapshot);
  unwalked = take_unwalked_locked (self);
  currant_lock_release (&self->lock);
  free_snapshots (unwalked);
}

/* Disposing. */

static void
collect_sinks_locked (CurrantRouter *self, GPtrArray *sinks)
{
  for (CurrantRoute *route = currant_match_index_first (self->index); route != NULL;
       route = route->next_of_all)
    {
      currant_sink_hold (route->sink);
      g_ptr_array_add (sinks, route->sink);
    }
}

GPtrArray *
currant_router_dispose (CurrantRouter *self)
{
  GPtrArray *sinks = g_ptr_array_new ();
  g_autoptr (GPtrArray) messages =
      g_ptr_array_new_with_free_func ((GDestroyNotify)currant_message_unref);
  g_autoptr (GPtrArray) topics =
      g_ptr_array_new_with_free_func ((GDestroyNotify)currant_topic_unref);

  currant_lock_acquire (&self->lock);
  atomic_store (&self->disposed, TRUE);
  collect_sinks_locked (self, sinks);
  currant_retained_steal (self->retained, messages);
  for (CurrantTopic *topic = self->first_topic; topic != NULL; topic = topic->next)
    g_ptr_array_add (topics, topic);
  g_hash_table_remove_all (self->topics);
  self->first_topic = self->last_topic = NULL;
  currant_lock_release (&self->lock);
  return sinks;
}
