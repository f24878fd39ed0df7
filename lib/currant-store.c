/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-store-private.h"

#include "currant-follower.h"
#include "currant-loss-private.h"

/* How often a getter looks while it waits awake: a few hundred nanoseconds. */
#define LOOK_EVERY 16

/* A sleep shorter than this many times the wait awake should have been one. */
#define SHORT_SLEEPS 4

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

/* Whether somebody sleeps, and nobody is being woken. */
static gboolean
needs_wake (CurrantStore *self)
{
  guint sleepers = atomic_load (&self->sleepers);

  return sleepers > 0 && (sleepers & CURRANT_STORE_WAKING) == 0;
}

/* The sink, and so the store, is held by the caller: it is still there after the lock. */
static void
wake_sleeper (CurrantStore *self)
{
  gboolean wakes;

  currant_lock_acquire (&self->mailbox.lock);
  wakes = needs_wake (self);
  if (wakes)
    atomic_fetch_or (&self->sleepers, CURRANT_STORE_WAKING);
  currant_lock_release (&self->mailbox.lock);
  if (wakes)
    g_cond_signal (&self->filled);
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
  post = currant_mailbox_post (&self->mailbox, sink, currant_walk_take_ref (walk, message), TRUE);
  if (post == CURRANT_POST_REFUSED)
    {
      if (atomic_load (&sink->overflow) == CURRANT_OVERFLOW_FAIL)
        walk->refused = TRUE;
      return;
    }
  walk->taken++;
  if (needs_wake (self))
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

/* With one processor nobody publishes while a getter looks. Asked once, as the answer is read from
 * a file. */
static guint
default_spin_us (void)
{
  static gsize known; /* plus one */

  if (g_once_init_enter (&known))
    g_once_init_leave (&known, 1 + (g_get_num_processors () > 1 ? CURRANT_STORE_SPIN_US : 0));
  return known - 1;
}

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
  currant_mailbox_init (&self->mailbox,
                        CURRANT_MAILBOX_ONE_SINK | (by_priority ? CURRANT_MAILBOX_BY_PRIORITY : 0));
  atomic_init (&self->spin_us, default_spin_us ());
  atomic_init (&self->patience, default_spin_us ());
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

/* What was taken is settled under the lock. */
guint
currant_store_get_length (CurrantStore *self)
{
  guint length;

  currant_lock_acquire (&self->mailbox.lock);
  length = currant_sink_waiting (&self->sink)
           - atomic_load_explicit (&self->mailbox.n_unsettled, memory_order_relaxed);
  currant_lock_release (&self->mailbox.lock);
  return length;
}

/* Waiting. */

typedef gboolean (*QuitFunc) (gpointer data);

/* Without the lock, and so possibly wrong for a moment. */
static gboolean
seems_filled (CurrantStore *self)
{
  return currant_sink_waiting (&self->sink)
         != atomic_load_explicit (&self->mailbox.n_unsettled, memory_order_relaxed);
}

/* Looks for a message for a short while; TRUE when it is worth trying. It looks rarely enough for
 * a busy publisher to get a few messages in between, rather than fight over each. */
static gboolean
look_out (CurrantStore *self, gint64 until, QuitFunc quit, gpointer data)
{
  do
    {
      for (guint i = 0; i < LOOK_EVERY; i++)
        currant_relax ();
      if (seems_filled (self))
        return TRUE;
    }
  while (!quit (data) && g_get_monotonic_time () < until);
  return FALSE;
}

static gboolean
spin (CurrantStore *self, gint64 deadline, QuitFunc quit, gpointer data)
{
  guint spin_us = atomic_load_explicit (&self->spin_us, memory_order_relaxed);
  guint patience = MIN (atomic_load_explicit (&self->patience, memory_order_relaxed), spin_us);
  gint64 until;
  gboolean found;

  if (patience == 0)
    return FALSE;
  until = g_get_monotonic_time () + patience;
  found = look_out (self, deadline < 0 ? until : MIN (until, deadline), quit, data);
  if (!found)
    atomic_store_explicit (&self->patience, patience / 2, memory_order_relaxed);
  return found;
}

/* One that leaves without being able to take a message hands on the wake-up for it. */
static gboolean
sleep_locked (CurrantStore *self, gint64 deadline, QuitFunc quit, gpointer data)
{
  gboolean in_time = TRUE;

  atomic_fetch_add (&self->sleepers, 1);
  while (in_time && currant_mailbox_is_empty_locked (&self->mailbox) && !quit (data))
    {
      if (deadline < 0)
        currant_lock_wait (&self->mailbox.lock, &self->filled);
      else
        in_time = currant_lock_wait_until (&self->mailbox.lock, &self->filled, deadline);
      atomic_fetch_and (&self->sleepers, ~CURRANT_STORE_WAKING);
    }
  atomic_fetch_sub (&self->sleepers, 1);
  if (quit (data) && !currant_mailbox_is_empty_locked (&self->mailbox))
    g_cond_signal (&self->filled);
  return in_time;
}

gboolean
currant_store_wait (CurrantStore *self, gint64 deadline, QuitFunc quit, gpointer data)
{
  guint spin_us = atomic_load_explicit (&self->spin_us, memory_order_relaxed);
  gboolean in_time;
  gint64 start;

  if (spin (self, deadline, quit, data))
    return TRUE;
  start = g_get_monotonic_time ();
  currant_lock_acquire (&self->mailbox.lock);
  in_time = sleep_locked (self, deadline, quit, data);
  currant_lock_release (&self->mailbox.lock);
  if (g_get_monotonic_time () - start < SHORT_SLEEPS * (gint64)spin_us)
    atomic_store_explicit (&self->patience, spin_us, memory_order_relaxed);
  return in_time;
}

void
currant_store_set_spin (CurrantStore *self, guint spin_us)
{
  atomic_store_explicit (&self->spin_us, spin_us, memory_order_relaxed);
  atomic_store_explicit (&self->patience, spin_us, memory_order_relaxed);
}

void
currant_store_pass_on (CurrantStore *self)
{
  if (needs_wake (self) && !currant_mailbox_is_empty (&self->mailbox))
    wake_sleeper (self);
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
