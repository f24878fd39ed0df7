/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-follower-private.h"

#include "currant-loss-private.h"

/**
 * CurrantFollower:
 *
 * A callback that gets the messages which match a pattern.
 *
 * Most are made by [method@Currant.Bus.follow]. For more settings, make one with
 * [ctor@Currant.Follower.new], set what is to be set, and give it to
 * [method@Currant.Bus.add_follower].
 *
 * A follower that has been added is kept by its bus until it is stopped, the object it is bound to
 * is disposed, its limit is reached, or the bus is disposed. Then, after the last call, what was
 * given with its callback is destroyed in its main context.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (CurrantFollower, currant_follower, currant_follower_ref,
                     currant_follower_unref)

static CurrantFollower *
follower_new (CurrantPattern *pattern, gpointer user_data, GDestroyNotify destroy)
{
  CurrantFollower *self = g_new0 (CurrantFollower, 1);

  atomic_init (&self->ref_count, 1);
  self->sink.klass = &currant_follower_class;
  self->sink.pattern = currant_pattern_ref (pattern);
  self->sink.weight = -1;
  atomic_init (&self->sink.bound, CURRANT_BOUND_DEFAULT);
  atomic_init (&self->sink.overflow, CURRANT_OVERFLOW_DROP_OLDEST);
  self->user_data = user_data;
  self->destroy = destroy;
  self->context = g_main_context_ref_thread_default ();
  return self;
}

/**
 * currant_follower_new:
 * @pattern: what to follow
 * @callback: (scope notified) (closure user_data) (destroy destroy): called with each message
 * @user_data: given to @callback
 * @destroy: (nullable): called with @user_data after the last call
 *
 * Makes a follower, to be set up and added to a bus. Its main context is the thread-default one of
 * the calling thread.
 *
 * Returns: (transfer full): a new follower
 *
 * Since: 1.0
 */
CurrantFollower *
currant_follower_new (CurrantPattern *pattern, CurrantFollowerFunc callback, gpointer user_data,
                      GDestroyNotify destroy)
{
  CurrantFollower *self;

  g_return_val_if_fail (pattern != NULL && callback != NULL, NULL);

  self = follower_new (pattern, user_data, destroy);
  self->callback = callback;
  return self;
}

/* What is rarely needed. It also takes the follower off the shortest path. */
static CurrantFollowerExtra *
follower_extra (CurrantFollower *self)
{
  if (self->extra == NULL)
    self->extra = g_new0 (CurrantFollowerExtra, 1);
  return self->extra;
}

/**
 * currant_follower_new_try:
 * @pattern: what to follow
 * @callback: (scope notified) (closure user_data) (destroy destroy): called with each message
 * @user_data: given to @callback
 * @destroy: (nullable): called with @user_data after the last call
 *
 * Makes a follower whose callback can fail. Failures are counted, and announced as
 * `currant:follower-error`.
 *
 * Returns: (transfer full): a new follower
 *
 * Since: 1.0
 */
CurrantFollower *
currant_follower_new_try (CurrantPattern *pattern, CurrantTryFunc callback, gpointer user_data,
                          GDestroyNotify destroy)
{
  CurrantFollower *self;

  g_return_val_if_fail (pattern != NULL && callback != NULL, NULL);

  self = follower_new (pattern, user_data, destroy);
  self->try_callback = callback;
  follower_extra (self);
  return self;
}

/**
 * currant_follower_new_object: (skip)
 * @pattern: what to follow
 * @callback: called with each message, and @owner as its user data
 * @owner: the object it is bound to
 *
 * Makes a follower that ends when @owner is disposed, in whatever thread. Its callback is only ever
 * called under a strong reference to @owner; it does not keep @owner alive in between.
 *
 * Returns: (transfer full): a new follower
 *
 * Since: 1.0
 */
CurrantFollower *
currant_follower_new_object (CurrantPattern *pattern, CurrantFollowerFunc callback, GObject *owner)
{
  CurrantFollower *self;

  g_return_val_if_fail (pattern != NULL && callback != NULL, NULL);
  g_return_val_if_fail (G_IS_OBJECT (owner), NULL);

  self = follower_new (pattern, NULL, NULL);
  self->callback = callback;
  follower_extra (self)->owner = currant_owner_link_new (owner, self);
  return self;
}

/**
 * currant_follower_ref:
 * @self: a follower
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
CurrantFollower *
currant_follower_ref (CurrantFollower *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  atomic_fetch_add_explicit (&self->ref_count, 1, memory_order_relaxed);
  return self;
}

static void
extra_free (CurrantFollowerExtra *extra)
{
  g_clear_pointer (&extra->owner, currant_owner_link_free);
  g_clear_pointer (&extra->pacer, currant_pacer_free);
  g_clear_pointer (&extra->replay, currant_replay_free);
  g_free (extra);
}

/* One that was added has given this away by now. */
static void
never_added (CurrantFollower *self)
{
  CURRANT_ASSERT_UNLOCKED ();
  if (self->destroy != NULL)
    self->destroy (self->user_data);
  if (self->extra != NULL && self->extra->guard_destroy != NULL)
    self->extra->guard_destroy (self->extra->guard_data);
}

/**
 * currant_follower_unref:
 * @self: (transfer full): a follower
 *
 * Drops a reference. This does not stop a follower that has been added to a bus.
 *
 * Since: 1.0
 */
void
currant_follower_unref (CurrantFollower *self)
{
  CurrantHub *hub;

  g_return_if_fail (self != NULL);

  if (atomic_fetch_sub_explicit (&self->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  never_added (self);
  hub = atomic_load (&self->hub);
  g_clear_pointer (&self->strand, currant_strand_free);
  g_clear_pointer (&self->sink.latest, g_hash_table_unref);
  g_clear_pointer (&self->extra, extra_free);
  currant_loss_unref (atomic_load (&self->sink.loss));
  currant_pattern_unref (self->sink.pattern);
  g_main_context_unref (self->context);
  if (hub != NULL)
    currant_hub_unref (hub);
  g_free (self);
}

/* Finishing: no thread can call it any more. */

static gboolean
do_nothing (G_GNUC_UNUSED gpointer data)
{
  return G_SOURCE_REMOVE;
}

/* What is left to do in the follower's context. It holds neither the follower nor the context: one
 * that never runs again must be free to go, and does this then. */
typedef struct
{
  GDestroyNotify destroy, guard_destroy;
  gpointer user_data, guard_data;
} Ending;

static void
end_in_context (gpointer data)
{
  Ending *self = data;

  CURRANT_TSAN_ACQUIRE (self);
  CURRANT_ASSERT_UNLOCKED ();
  if (self->destroy != NULL)
    self->destroy (self->user_data);
  if (self->guard_destroy != NULL)
    self->guard_destroy (self->guard_data);
  g_free (self);
}

static Ending *
take_ending (CurrantFollower *self)
{
  CurrantFollowerExtra *extra = self->extra;
  Ending ending = { .destroy = g_steal_pointer (&self->destroy), .user_data = self->user_data };

  if (extra != NULL)
    {
      ending.guard_destroy = g_steal_pointer (&extra->guard_destroy);
      ending.guard_data = extra->guard_data;
    }
  if (ending.destroy == NULL && ending.guard_destroy == NULL)
    return NULL;
  return g_memdup2 (&ending, sizeof ending);
}

/* As g_main_context_invoke () would, but with the work in the destroy notify of the source: so it
 * is done even where the context never runs again, when the context itself goes. */
static void
invoke_ending (GMainContext *context, Ending *ending)
{
  g_autoptr (GSource) source = NULL;
  gboolean acquired;

  if (currant_main_context_enter (context, &acquired))
    {
      end_in_context (ending);
      if (acquired)
        g_main_context_release (context);
      return;
    }
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "currant ending");
  g_source_set_callback (source, do_nothing, ending, end_in_context);
  CURRANT_TSAN_RELEASE (ending);
  g_source_attach (source, context);
}

static void
follower_finish (CurrantSink *sink)
{
  CurrantFollower *self = currant_follower_from_sink (sink);
  CurrantContext *mailbox = atomic_exchange (&self->mailbox, NULL);
  g_autoptr (GMainContext) context = g_main_context_ref (self->context);
  Ending *ending = take_ending (self);

  CURRANT_ASSERT_UNLOCKED ();
  if (mailbox != NULL)
    currant_context_release (mailbox);
  currant_hub_count_followers (atomic_load (&self->hub), -1);
  currant_follower_unref (self);
  if (ending != NULL)
    invoke_ending (context, ending);
}

static void
follower_stop_sink (CurrantSink *sink)
{
  currant_follower_stop (currant_follower_from_sink (sink));
}

const CurrantSinkClass currant_follower_class = {
  currant_follower_accepts,
  currant_follower_deliver,
  follower_stop_sink,
  follower_finish,
};

static void
purge (CurrantFollower *self)
{
  CurrantContext *mailbox = atomic_load (&self->mailbox);

  if (mailbox != NULL)
    currant_mailbox_purge (currant_context_get_mailbox (mailbox), &self->sink);
  if (self->strand != NULL)
    currant_mailbox_purge (currant_strand_get_mailbox (self->strand), &self->sink);
  if (self->extra != NULL && self->extra->pacer != NULL)
    currant_pacer_stop (self->extra->pacer, &self->sink);
}

/**
 * currant_follower_stop:
 * @self: a follower
 *
 * Ends it. This may be called from any thread, also from the follower's own callback, and more than
 * once.
 *
 * Called in the follower's main context, or from the callback itself, it is not called again for
 * any message, published before or after. Called from another thread, a call may be in progress;
 * none begins afterwards. What waited for it is discarded. The destroy notify of its user data runs
 * once, in its main context, after the last call.
 *
 * Since: 1.0
 */
void
currant_follower_stop (CurrantFollower *self)
{
  CurrantHub *hub;

  g_return_if_fail (self != NULL);

  if (atomic_exchange (&self->sink.stopped, TRUE))
    return;
  hub = atomic_load (&self->hub);
  if (hub == NULL || !currant_sink_try_hold (&self->sink))
    return;
  /* It keeps the memory through the last of this function, which may finish it. */
  currant_follower_ref (self);
  if (self->extra != NULL && self->extra->owner != NULL)
    currant_owner_link_deactivate (self->extra->owner);
  atomic_store (&self->sink.purged, TRUE);
  purge (self);
  currant_router_remove (hub->router, &self->sink);
  currant_sink_release (&self->sink, 1);
  currant_follower_unref (self);
}
