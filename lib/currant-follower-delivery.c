/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a follower takes messages, and how its callback is called. */
#include "config.h"

#include "currant-follower-private.h"

static void
count (CurrantFollower *self, CurrantCount what)
{
  currant_thread_count (currant_thread_get (self->sink.router), what, 1);
}

/* Calling. Each of these says what became of the message. The sink is held by the caller. */

static void
call_trying (CurrantFollower *self, CurrantMessage *message)
{
  g_autoptr (GError) error = NULL;

  if (self->try_callback (message, self->user_data, &error))
    return;
  if (self->extra != NULL)
    atomic_fetch_add_explicit (&self->extra->n_errors, 1, memory_order_relaxed);
  count (self, CURRANT_COUNT_ERRORS);
  if (self->sink.router->on_error != NULL)
    self->sink.router->on_error (&self->sink, error);
}

static void
call_plainly (CurrantFollower *self, CurrantMessage *message)
{
  if (self->callback != NULL)
    self->callback (message, self->user_data);
  else
    call_trying (self, message);
}

static CurrantCount
call_with_owner (CurrantFollower *self, CurrantMessage *message)
{
  GObject *owner = currant_owner_link_get (self->extra->owner);

  if (owner == NULL)
    return CURRANT_COUNT_DISCARDED;
  self->callback (message, owner);
  CURRANT_TSAN_RELEASE (owner);
  g_object_unref (owner);
  return CURRANT_COUNT_DELIVERED;
}

static CurrantCount
call_with_extra (CurrantFollower *self, CurrantMessage *message)
{
  CurrantFollowerExtra *extra = self->extra;
  CurrantCount outcome = CURRANT_COUNT_DELIVERED;
  int left = 1;

  if (extra->limited)
    left = atomic_fetch_sub (&extra->remaining, 1);
  if (left <= 0)
    {
      atomic_fetch_add (&extra->remaining, 1);
      return CURRANT_COUNT_DISCARDED;
    }
  if (extra->owner != NULL)
    outcome = call_with_owner (self, message);
  else
    call_plainly (self, message);
  if (extra->limited && left == 1)
    currant_follower_stop (self);
  return outcome;
}

static CurrantCount
call (CurrantFollower *self, CurrantMessage *message)
{
  CURRANT_ASSERT_UNLOCKED ();
  if (G_UNLIKELY (currant_sink_is_stopped (&self->sink)))
    return CURRANT_COUNT_DISCARDED;
  if (currant_message_has_expired (message))
    return CURRANT_COUNT_EXPIRED;
  if (self->extra != NULL)
    return call_with_extra (self, message);
  call_plainly (self, message);
  return CURRANT_COUNT_DELIVERED;
}

/* For a delivery outside a publish. It counts as a level, so that the thread's record stays. */
static CurrantWalk
begin_own_walk (CurrantFollower *self)
{
  CurrantThread *thread = currant_thread_get (self->sink.router);

  return (CurrantWalk){ .thread = thread, .level = thread->depth++ };
}

static void
end_own_walk (CurrantWalk *walk)
{
  currant_thread_count (walk->thread, CURRANT_COUNT_DELIVERED, walk->delivered);
  walk->thread->depth--;
}

/* A message that waited, in the thread it waited for. */
void
currant_follower_deliver (CurrantSink *sink, CurrantMessage *message)
{
  CurrantFollower *self = currant_follower_from_sink (sink);

  count (self, call (self, message));
  count (self, CURRANT_COUNT_SETTLED);
  currant_message_unref (message);
}

/* Posting. */

void
currant_follower_ensure_mailbox (CurrantFollower *self)
{
  CurrantContext *none = NULL, *made;

  if (atomic_load (&self->mailbox) != NULL)
    return;
  made = currant_contexts_acquire (atomic_load (&self->hub)->contexts, self->context);
  if (!atomic_compare_exchange_strong (&self->mailbox, &none, made))
    currant_context_release (made);
}

/* Takes over the reference. */
static CurrantPost
post_to (CurrantFollower *self, CurrantMailbox *mailbox, CurrantMessage *message,
         gboolean may_block)
{
  if (self->extra != NULL && self->extra->conflate)
    return currant_mailbox_post_latest (mailbox, &self->sink, message, may_block);
  return currant_mailbox_post (mailbox, &self->sink, message, may_block);
}

static void
note_post (CurrantFollower *self, CurrantPost post, CurrantWalk *walk)
{
  if (post != CURRANT_POST_REFUSED)
    walk->taken++;
  else if (atomic_load (&self->sink.overflow) == CURRANT_OVERFLOW_FAIL)
    walk->refused = TRUE;
}

static void
note_mailbox (CurrantThread *thread, gconstpointer mailbox)
{
  if (thread->posted_to == NULL)
    thread->posted_to = mailbox;
  else if (thread->posted_to != mailbox)
    thread->posted_to_several = TRUE;
}

/* Whether it is on this thread to empty the context's mailbox, so that it must not wait for that.
 */
static gboolean
runs_context (GMainContext *context)
{
  gboolean acquired, runs = currant_main_context_enter (context, &acquired);

  if (acquired)
    g_main_context_release (context);
  return runs;
}

static void
post_to_context (CurrantFollower *self, CurrantMessage *message, CurrantWalk *walk)
{
  CurrantContext *context = atomic_load_explicit (&self->mailbox, memory_order_acquire);
  gboolean may_block;
  CurrantPost post;

  if (G_UNLIKELY (context == NULL))
    {
      currant_follower_ensure_mailbox (self);
      context = atomic_load (&self->mailbox);
    }
  may_block =
      atomic_load_explicit (&self->sink.overflow, memory_order_relaxed) == CURRANT_OVERFLOW_BLOCK
      && !runs_context (self->context);
  note_mailbox (walk->thread, context);
  post = post_to (self, currant_context_get_mailbox (context),
                  currant_walk_take_ref (walk, message), may_block);
  if (post == CURRANT_POST_FIRST)
    currant_context_ring (context);
  note_post (self, post, walk);
}

static void
post_to_pool (CurrantFollower *self, CurrantMessage *message, CurrantWalk *walk)
{
  CurrantPost post = post_to (self, currant_strand_get_mailbox (self->strand),
                              currant_walk_take_ref (walk, message), TRUE);

  if (post != CURRANT_POST_REFUSED)
    currant_strand_schedule (self->strand);
  note_post (self, post, walk);
}

/* Offering. */

static void
deliver_at_once (CurrantFollower *self, CurrantMessage *message, CurrantWalk *walk)
{
  CurrantCount outcome;

  if (G_UNLIKELY (!currant_walk_may_call (walk)))
    {
      currant_thread_count (walk->thread, CURRANT_COUNT_NESTED, 1);
      walk->thread->nested = MAX (walk->thread->nested, walk->sequence);
      post_to_context (self, message, walk);
      return;
    }
  outcome = call (self, message);
  walk->taken++;
  if (G_LIKELY (outcome == CURRANT_COUNT_DELIVERED))
    walk->delivered++;
  else
    currant_thread_count (walk->thread, outcome, 1);
}

/* Whether messages wait for the follower. Only for the thread that runs its context. */
static gboolean
has_any_on_its_way (CurrantFollower *self)
{
  CurrantContext *context = atomic_load_explicit (&self->mailbox, memory_order_acquire);

  return context != NULL
         && (currant_sink_waiting (&self->sink) > 0 || currant_context_has_batch (context));
}

static gboolean
has_posted (CurrantFollower *self, CurrantThread *thread)
{
  return thread->posted_to_several
         || (thread->posted_to != NULL
             && thread->posted_to == atomic_load_explicit (&self->mailbox, memory_order_acquire));
}

/* What nested too deep was posted, and comes before what this thread publishes after it. */
static gboolean
comes_after_nested (const CurrantWalk *walk)
{
  return walk->thread->nested != 0 && walk->sequence > walk->thread->nested;
}

static void
offer_auto (CurrantFollower *self, CurrantMessage *message, CurrantWalk *walk)
{
  gboolean acquired;

  if (!currant_main_context_enter (self->context, &acquired))
    {
      post_to_context (self, message, walk);
      return;
    }
  /* What this thread posted earlier comes first. */
  if (has_posted (self, walk->thread) && has_any_on_its_way (self))
    post_to_context (self, message, walk);
  else
    deliver_at_once (self, message, walk);
  if (acquired)
    g_main_context_release (self->context);
}

static void
offer_pool (CurrantFollower *self, CurrantMessage *message, CurrantWalk *walk)
{
  if (currant_strand_is_direct (self->strand))
    deliver_at_once (self, message, walk);
  else
    post_to_pool (self, message, walk);
}

void
currant_follower_offer (CurrantFollower *self, CurrantMessage *message, CurrantWalk *walk)
{
  switch (self->delivery)
    {
    case CURRANT_DELIVERY_DIRECT:
      if (currant_sink_waiting (&self->sink) > 0 && comes_after_nested (walk))
        post_to_context (self, message, walk);
      else
        deliver_at_once (self, message, walk);
      break;
    case CURRANT_DELIVERY_QUEUED:
      post_to_context (self, message, walk);
      break;
    case CURRANT_DELIVERY_POOL:
      offer_pool (self, message, walk);
      break;
    case CURRANT_DELIVERY_AUTO:
    default:
      offer_auto (self, message, walk);
      break;
    }
}

void
currant_follower_deliver_held (CurrantFollower *self, CurrantMessage *message)
{
  CurrantWalk walk = begin_own_walk (self);

  currant_thread_count (walk.thread, CURRANT_COUNT_SETTLED, 1);
  if (self->delivery == CURRANT_DELIVERY_POOL)
    offer_pool (self, message, &walk);
  else if (has_any_on_its_way (self))
    post_to_context (self, message, &walk);
  else
    deliver_at_once (self, message, &walk);
  end_own_walk (&walk);
  currant_message_unref (message);
}

/* Taking: what a walk calls, chosen once by what the follower needs. */

/* What waits already will use up its part of the limit. */
static gboolean
limit_allows (CurrantFollower *self)
{
  return atomic_load (&self->extra->remaining)
         > (int)MIN (currant_sink_waiting (&self->sink), G_MAXINT);
}

gboolean
currant_follower_accepts (CurrantSink *sink, CurrantMessage *message)
{
  CurrantFollower *self = currant_follower_from_sink (sink);
  CurrantFollowerExtra *extra = self->extra;

  if (currant_sink_is_stopped (sink))
    return FALSE;
  if (extra == NULL)
    return TRUE;
  if ((message->key & extra->key_mask) != extra->key_value)
    return FALSE;
  if (extra->limited && !limit_allows (self))
    return FALSE;
  CURRANT_ASSERT_UNLOCKED ();
  return extra->guard == NULL || extra->guard (message, extra->guard_data);
}

/* A walk calls the callback itself unless there is a reason not to: see currant_walk_run (). */
static void
take_direct (CurrantSink *sink, CurrantMessage *message, CurrantWalk *walk)
{
  CurrantFollower *self = currant_follower_from_sink (sink);

  if (G_UNLIKELY (currant_sink_is_stopped (sink)))
    return;
  walk->matched++;
  if (G_UNLIKELY (currant_sink_waiting (sink) > 0) && comes_after_nested (walk))
    {
      post_to_context (self, message, walk);
      return;
    }
  if (G_UNLIKELY (!currant_walk_may_call (walk) || currant_message_has_expired (message)))
    {
      deliver_at_once (self, message, walk);
      return;
    }
  CURRANT_ASSERT_UNLOCKED ();
  walk->taken++;
  walk->delivered++;
  self->callback (message, self->user_data);
}

static void
take_plain (CurrantSink *sink, CurrantMessage *message, CurrantWalk *walk)
{
  if (currant_sink_is_stopped (sink))
    return;
  walk->matched++;
  currant_follower_offer (currant_follower_from_sink (sink), message, walk);
}

static void
take_accepted (CurrantSink *sink, CurrantMessage *message, CurrantWalk *walk)
{
  CurrantFollower *self = currant_follower_from_sink (sink);
  CurrantFollowerExtra *extra = self->extra;

  walk->matched++;
  if (extra->replay != NULL && currant_replay_put_by (extra->replay, message))
    {
      currant_thread_count (walk->thread, CURRANT_COUNT_POSTED, 1);
      walk->taken++;
      return;
    }
  if (extra->pacer != NULL && !currant_pacer_offer (extra->pacer, sink, message))
    walk->taken++;
  else
    currant_follower_offer (self, message, walk);
}

static void
take_choosy (CurrantSink *sink, CurrantMessage *message, CurrantWalk *walk)
{
  if (currant_follower_accepts (sink, message))
    take_accepted (sink, message, walk);
}

CurrantTakeFunc
currant_follower_choose_take (CurrantFollower *self)
{
  if (self->sink.weight >= 0)
    return self->extra != NULL ? take_accepted : take_plain;
  if (self->extra != NULL)
    return take_choosy;
  if (self->delivery == CURRANT_DELIVERY_DIRECT && self->callback != NULL)
    return take_direct;
  return take_plain;
}

/* Adding. */

static void
replay_one (CurrantFollower *self, CurrantMessage *message, gboolean was_put_by)
{
  CurrantWalk walk = begin_own_walk (self);
  CurrantPacer *pacer = self->extra->pacer;
  gboolean wanted = was_put_by || currant_follower_accepts (&self->sink, message);

  if (was_put_by)
    currant_thread_count (walk.thread, CURRANT_COUNT_SETTLED, 1);
  else if (wanted)
    currant_thread_count (walk.thread, CURRANT_COUNT_MATCHED, 1);
  if (wanted && (pacer == NULL || currant_pacer_offer (pacer, &self->sink, message)))
    currant_follower_offer (self, message, &walk);
  end_own_walk (&walk);
}

static void
replay (CurrantFollower *self, GPtrArray *messages, gboolean were_put_by)
{
  for (guint i = 0; i < messages->len; i++)
    replay_one (self, messages->pdata[i], were_put_by);
}

static void
replay_all (CurrantFollower *self, GPtrArray *retained)
{
  GPtrArray *put_by;

  replay (self, retained, FALSE);
  while ((put_by = currant_replay_next (self->extra->replay)) != NULL)
    {
      replay (self, put_by, TRUE);
      g_ptr_array_unref (put_by);
    }
}

/* The hub is set once there is a hold, so that whoever sees it and stops the follower meanwhile
 * leaves the end of it to this. */
static void
attach (CurrantFollower *self, CurrantHub *hub)
{
  currant_follower_ref (self);
  currant_sink_hold (&self->sink);
  self->sink.router = hub->router;
  self->sink.take = currant_follower_choose_take (self);
  if (self->sink.take == take_direct)
    {
      self->sink.call = self->callback;
      self->sink.call_data = self->user_data;
    }
  self->sink.one_by_one = self->extra != NULL && self->extra->limited;
  if (self->delivery == CURRANT_DELIVERY_POOL)
    self->strand = currant_strand_new (hub->pool, &self->sink,
                                       self->extra != NULL ? self->extra->concurrency : 1);
  atomic_store (&self->hub, currant_hub_ref (hub));
  currant_hub_count_followers (hub, 1);
  if (self->delivery == CURRANT_DELIVERY_AUTO || self->delivery == CURRANT_DELIVERY_QUEUED)
    currant_follower_ensure_mailbox (self);
  if (self->extra != NULL && self->extra->pacer != NULL)
    currant_pacer_start (self->extra->pacer, self, self->context);
}

/* A stop that came too early has seen none of what was attached after it. */
static void
undo_attach (CurrantFollower *self)
{
  if (self->extra != NULL && self->extra->pacer != NULL)
    currant_pacer_stop (self->extra->pacer, &self->sink);
  if (self->extra != NULL && self->extra->owner != NULL)
    currant_owner_link_deactivate (self->extra->owner);
}

void
currant_follower_add (CurrantFollower *self, CurrantHub *hub)
{
  gboolean replays = self->extra != NULL && self->extra->replay != NULL;
  g_autoptr (GPtrArray) retained =
      replays ? g_ptr_array_new_with_free_func ((GDestroyNotify)currant_message_unref) : NULL;

  attach (self, hub);
  if (self->extra != NULL && self->extra->owner != NULL)
    currant_owner_link_activate (self->extra->owner);
  if (!currant_router_add (hub->router, &self->sink, retained))
    currant_follower_stop (self);
  else if (currant_sink_is_stopped (&self->sink))
    currant_router_remove (hub->router, &self->sink);
  if (replays)
    replay_all (self, retained);
  if (currant_sink_is_stopped (&self->sink))
    undo_attach (self);
  currant_sink_release (&self->sink, 1);
}
