/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-store-private.h"

#include "currant-follower.h"
#include "currant-loss-private.h"

static const CurrantSinkClass store_class;

static CurrantStore *
store_from_sink (CurrantSink *sink)
{
  return (CurrantStore *)sink;
}

static void
count (CurrantStore *self, CurrantCount what)
{
  currant_thread_count (currant_thread_get (self->sink.router), what, 1);
}

/* Waking. */

static void
wake_sleeper (CurrantStore *self)
{
  currant_lock_acquire (&self->mailbox.lock);
  g_cond_signal (&self->filled);
  currant_lock_release (&self->mailbox.lock);
}

static void
ring_bells_locked (CurrantStore *self)
{
  for (guint i = 0; i < self->bells->len; i++)
    g_source_set_ready_time (self->bells->pdata[i], 0);
}

static void
ring_bells (CurrantStore *self)
{
  currant_lock_acquire (&self->mailbox.lock);
  ring_bells_locked (self);
  currant_lock_release (&self->mailbox.lock);
}

void
currant_store_wake_all (CurrantStore *self)
{
  currant_lock_acquire (&self->mailbox.lock);
  g_cond_broadcast (&self->filled);
  g_cond_broadcast (&self->mailbox.room);
  ring_bells_locked (self);
  currant_lock_release (&self->mailbox.lock);
}

/* The sink. */

static void
store_take (CurrantSink *sink, CurrantMessage *message, CurrantWalk *walk)
{
  CurrantStore *self = store_from_sink (sink);
  CurrantPost post;

  if (currant_sink_is_stopped (sink))
    return;
  walk->matched++;
  post = currant_mailbox_post (&self->mailbox, sink, message, TRUE);
  if (post == CURRANT_POST_REFUSED)
    {
      if (atomic_load (&sink->overflow) == CURRANT_OVERFLOW_FAIL)
        walk->refused = TRUE;
      return;
    }
  walk->taken++;
  if (atomic_load (&self->n_sleepers) > 0)
    wake_sleeper (self);
  if (post == CURRANT_POST_FIRST && atomic_load (&self->n_bells) > 0)
    ring_bells (self);
}

static gboolean
store_accepts (CurrantSink *sink, G_GNUC_UNUSED CurrantMessage *message)
{
  return !currant_sink_is_stopped (sink);
}

/* Nothing takes batches out of a queue's mailbox, so this has no caller. */
static void
store_deliver (G_GNUC_UNUSED CurrantSink *sink, G_GNUC_UNUSED CurrantMessage *message)
{
  g_assert_not_reached ();
}

static void
store_stop (CurrantSink *sink)
{
  CurrantStore *self = store_from_sink (sink);

  if (atomic_exchange (&sink->stopped, TRUE))
    return;
  currant_router_remove (self->hub->router, sink);
  currant_store_wake_all (self);
}

static void
store_finish (CurrantSink *sink)
{
  CurrantStore *self = store_from_sink (sink);

  currant_hub_count_queues (self->hub, -1);
  currant_store_unref (self);
}

static const CurrantSinkClass store_class = {
  store_accepts,
  store_deliver,
  store_stop,
  store_finish,
};

/* Its life. */

/* With a reference and a hold for its registration, and a reference for the caller. */
static CurrantStore *
store_new (CurrantHub *hub, CurrantPattern *pattern, gboolean by_priority)
{
  CurrantStore *self = g_new0 (CurrantStore, 1);

  atomic_init (&self->ref_count, 2);
  self->hub = currant_hub_ref (hub);
  self->sink.klass = &store_class;
  self->sink.router = hub->router;
  self->sink.take = store_take;
  self->sink.weight = -1;
  self->sink.pattern = currant_pattern_ref (pattern);
  atomic_init (&self->sink.bound, CURRANT_BOUND_DEFAULT);
  atomic_init (&self->sink.overflow, CURRANT_OVERFLOW_DROP_OLDEST);
  atomic_init (&self->sink.state, CURRANT_SINK_HOLD);
  currant_mailbox_init (&self->mailbox, by_priority);
  g_cond_init (&self->filled);
  self->bells = g_ptr_array_new ();
  self->n_open = self->n_queues = 1;
  return self;
}

static void
store_register (CurrantStore *self, gboolean made_here)
{
  if (!currant_router_add (self->hub->router, &self->sink, NULL))
    atomic_store (&self->sink.stopped, TRUE);
  if (made_here)
    currant_sink_release (&self->sink, 1);
}

CurrantStore *
currant_store_open (CurrantHub *hub, CurrantPattern *pattern, gboolean shared, gboolean by_priority)
{
  const char *key = pattern->key;
  CurrantStore *self = NULL, *made = NULL;

  currant_lock_acquire (&hub->lock);
  if (shared)
    self = g_hash_table_lookup (hub->queues, key);
  if (self != NULL)
    {
      self->n_open++;
      self->n_queues++;
      currant_store_ref (self);
    }
  else
    {
      self = made = store_new (hub, pattern, by_priority);
      hub->n_queues++;
      if (shared)
        {
          self->key = g_strdup (key);
          g_hash_table_insert (hub->queues, self->key, self);
        }
    }
  currant_lock_release (&hub->lock);
  /* Whoever made it: when this returns the store gets messages. */
  store_register (self, made != NULL);
  return self;
}

CurrantStore *
currant_store_ref (CurrantStore *self)
{
  atomic_fetch_add_explicit (&self->ref_count, 1, memory_order_relaxed);
  return self;
}

void
currant_store_unref (CurrantStore *self)
{
  if (atomic_fetch_sub_explicit (&self->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  g_assert (self->bells->len == 0);
  currant_mailbox_clear (&self->mailbox);
  g_ptr_array_unref (self->bells);
  g_cond_clear (&self->filled);
  currant_loss_unref (atomic_load (&self->sink.loss));
  currant_pattern_unref (self->sink.pattern);
  currant_hub_unref (self->hub);
  g_free (self->key);
  g_free (self);
}

void
currant_store_close (CurrantStore *self)
{
  gboolean last;

  currant_lock_acquire (&self->hub->lock);
  last = --self->n_open == 0;
  if (last && self->key != NULL)
    g_hash_table_remove (self->hub->queues, self->key);
  currant_lock_release (&self->hub->lock);
  if (last)
    store_stop (&self->sink);
  currant_store_wake_all (self);
}

static void
store_abandon (CurrantStore *self)
{
  atomic_store (&self->sink.purged, TRUE);
  if (!currant_sink_try_hold (&self->sink))
    return;
  currant_mailbox_purge (&self->mailbox, &self->sink);
  currant_sink_release (&self->sink, 1);
}

void
currant_store_leave (CurrantStore *self)
{
  gboolean last;

  currant_lock_acquire (&self->hub->lock);
  last = --self->n_queues == 0;
  currant_lock_release (&self->hub->lock);
  if (last)
    store_abandon (self);
  currant_store_unref (self);
}

/* Getting. */

CurrantMessage *
currant_store_try_get (CurrantStore *self)
{
  CurrantMessage *message;

  while ((message = currant_mailbox_take (&self->mailbox)) != NULL)
    {
      count (self, CURRANT_COUNT_SETTLED);
      if (!currant_message_has_expired (message))
        {
          count (self, CURRANT_COUNT_DELIVERED);
          return message;
        }
      count (self, CURRANT_COUNT_EXPIRED);
      currant_message_unref (message);
    }
  return NULL;
}

gboolean
currant_store_sleep (CurrantStore *self, gint64 deadline, gboolean (*quit) (gpointer data),
                     gpointer data)
{
  gboolean in_time = TRUE;

  currant_lock_acquire (&self->mailbox.lock);
  atomic_fetch_add (&self->n_sleepers, 1);
  while (in_time && currant_mailbox_is_empty_locked (&self->mailbox) && !quit (data))
    {
      if (deadline < 0)
        currant_lock_wait (&self->mailbox.lock, &self->filled);
      else
        in_time = currant_lock_wait_until (&self->mailbox.lock, &self->filled, deadline);
    }
  atomic_fetch_sub (&self->n_sleepers, 1);
  /* One that leaves for another reason may have had the signal for a message: it passes it on. */
  if (!currant_mailbox_is_empty_locked (&self->mailbox))
    g_cond_signal (&self->filled);
  currant_lock_release (&self->mailbox.lock);
  return in_time;
}

void
currant_store_add_bell (CurrantStore *self, GSource *bell)
{
  currant_lock_acquire (&self->mailbox.lock);
  g_ptr_array_add (self->bells, g_source_ref (bell));
  atomic_fetch_add (&self->n_bells, 1);
  if (!currant_mailbox_is_empty_locked (&self->mailbox) || currant_store_is_closed (self))
    g_source_set_ready_time (bell, 0);
  currant_lock_release (&self->mailbox.lock);
}

void
currant_store_remove_bell (CurrantStore *self, GSource *bell)
{
  currant_lock_acquire (&self->mailbox.lock);
  g_ptr_array_remove_fast (self->bells, bell);
  atomic_fetch_sub (&self->n_bells, 1);
  currant_lock_release (&self->mailbox.lock);
  g_source_unref (bell);
}
