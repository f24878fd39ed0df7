/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may be set on a follower before it is added, and asked of it at any time. */
#include "config.h"

#include <math.h>

#include "currant-error.h"
#include "currant-follower-private.h"

#define return_if_added(self)                                                                      \
  g_return_if_fail ((self) != NULL && atomic_load (&(self)->hub) == NULL)
#define return_val_if_added(self, value)                                                           \
  g_return_val_if_fail ((self) != NULL && atomic_load (&(self)->hub) == NULL, value)

static CurrantFollowerExtra *
follower_extra (CurrantFollower *self)
{
  if (self->extra == NULL)
    self->extra = g_new0 (CurrantFollowerExtra, 1);
  return self->extra;
}

/**
 * currant_follower_set_delivery:
 * @self: a follower that has not been added yet
 * @delivery: where and when its callback runs
 *
 * Sets the delivery. It is %CURRANT_DELIVERY_AUTO otherwise.
 *
 * Since: 1.0
 */
void
currant_follower_set_delivery (CurrantFollower *self, CurrantDelivery delivery)
{
  return_if_added (self);
  g_return_if_fail (delivery <= CURRANT_DELIVERY_POOL);

  self->delivery = delivery;
}

/**
 * currant_follower_set_context:
 * @self: a follower that has not been added yet
 * @context: (nullable): its main context, or %NULL for the global default one
 *
 * Sets the main context. It is the thread-default one of the thread that made the follower
 * otherwise.
 *
 * Since: 1.0
 */
void
currant_follower_set_context (CurrantFollower *self, GMainContext *context)
{
  GMainContext *old;

  return_if_added (self);

  old = self->context;
  self->context = g_main_context_ref (context != NULL ? context : g_main_context_default ());
  g_main_context_unref (old);
}

/**
 * currant_follower_set_guard:
 * @self: a follower that has not been added yet
 * @guard: (scope notified) (closure user_data) (destroy destroy): decides about each message that
 *   matches
 * @user_data: given to @guard
 * @destroy: (nullable): called with @user_data when the follower ends, in its main context
 *
 * Sets a function that picks messages, in the publisher's thread.
 *
 * Since: 1.0
 */
void
currant_follower_set_guard (CurrantFollower *self, CurrantGuardFunc guard, gpointer user_data,
                            GDestroyNotify destroy)
{
  CurrantFollowerExtra *extra;

  return_if_added (self);
  g_return_if_fail (guard != NULL);

  extra = follower_extra (self);
  if (extra->guard_destroy != NULL)
    extra->guard_destroy (extra->guard_data);
  extra->guard = guard;
  extra->guard_data = user_data;
  extra->guard_destroy = destroy;
}

/**
 * currant_follower_set_limit:
 * @self: a follower that has not been added yet
 * @limit: how many calls there may be, 1 for once; 0 for no limit
 *
 * Lets it stop by itself after so many calls.
 *
 * Since: 1.0
 */
void
currant_follower_set_limit (CurrantFollower *self, guint limit)
{
  return_if_added (self);
  g_return_if_fail (limit <= G_MAXINT);

  follower_extra (self)->limited = limit > 0;
  atomic_store (&self->extra->remaining, (int)limit);
}

/**
 * currant_follower_set_key:
 * @self: a follower that has not been added yet
 * @mask: which bits of a message's key count
 * @value: what they have to be
 * @error: return location for an error
 *
 * Lets it take only messages whose key, masked, is @value. A @value with bits outside @mask would
 * never be met, and gives %CURRANT_ERROR_INVALID_SETTING.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
currant_follower_set_key (CurrantFollower *self, guint64 mask, guint64 value, GError **error)
{
  return_val_if_added (self, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (value & ~mask)
    {
      g_set_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_SETTING,
                   "the key value 0x%" G_GINT64_MODIFIER "x has bits outside the mask "
                   "0x%" G_GINT64_MODIFIER "x",
                   value, mask);
      return FALSE;
    }
  follower_extra (self)->key_mask = mask;
  self->extra->key_value = value;
  return TRUE;
}

/**
 * currant_follower_set_slice:
 * @self: a follower that has not been added yet
 * @weight: its share
 * @error: return location for an error
 *
 * Makes it a slice: of all slices that match and accept a message, exactly one gets it, at random
 * by weight. One of weight 0 gets none, unless the others have 0 too. A weight that is negative or
 * not a finite number gives %CURRANT_ERROR_INVALID_SETTING.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
currant_follower_set_slice (CurrantFollower *self, double weight, GError **error)
{
  return_val_if_added (self, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!isfinite (weight) || weight < 0)
    {
      g_set_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_SETTING,
                   "the weight %g of a slice is not a finite number of 0 or more", weight);
      return FALSE;
    }
  self->sink.weight = weight;
  return TRUE;
}

/**
 * currant_follower_set_bound:
 * @self: a follower that has not been added yet
 * @bound: how many messages may wait for it; 0 for any number
 * @overflow: what happens to one more
 *
 * Sets how many messages may wait. It is %CURRANT_BOUND_DEFAULT with %CURRANT_OVERFLOW_DROP_OLDEST
 * otherwise. Beside a bound of 64 or more, the few messages that are being delivered do not count
 * as waiting.
 *
 * Since: 1.0
 */
void
currant_follower_set_bound (CurrantFollower *self, guint bound, CurrantOverflow overflow)
{
  return_if_added (self);
  g_return_if_fail (overflow <= CURRANT_OVERFLOW_FAIL);

  atomic_store (&self->sink.bound, bound);
  atomic_store (&self->sink.overflow, overflow);
}

/**
 * currant_follower_set_concurrency:
 * @self: a follower that has not been added yet
 * @concurrency: how many threads of the pool may call it at a time, at least 1
 *
 * Lets several threads call it, where its delivery is %CURRANT_DELIVERY_POOL. Beyond 1 its messages
 * may be called in another order than they were published.
 *
 * Since: 1.0
 */
void
currant_follower_set_concurrency (CurrantFollower *self, guint concurrency)
{
  return_if_added (self);
  g_return_if_fail (concurrency >= 1);

  follower_extra (self)->concurrency = concurrency;
}

/**
 * currant_follower_set_replay:
 * @self: a follower that has not been added yet
 * @replay: whether it is interested in the past
 *
 * Lets it have, when it is added, the retained messages that match, the oldest first, before any
 * newer one.
 *
 * Since: 1.0
 */
void
currant_follower_set_replay (CurrantFollower *self, gboolean replay)
{
  return_if_added (self);

  g_clear_pointer (&follower_extra (self)->replay, currant_replay_free);
  if (replay)
    self->extra->replay = currant_replay_new ();
}

/**
 * currant_follower_set_pace:
 * @self: a follower that has not been added yet
 * @pace: how to thin out
 * @interval_ms: the interval of %CURRANT_PACE_DEBOUNCE and %CURRANT_PACE_THROTTLE, in milliseconds
 *
 * Sets how a dense stream of messages is thinned out. The timer runs in the follower's main
 * context. Conflation concerns messages that wait, so it has no effect with
 * %CURRANT_DELIVERY_DIRECT.
 *
 * Since: 1.0
 */
void
currant_follower_set_pace (CurrantFollower *self, CurrantPace pace, guint interval_ms)
{
  CurrantFollowerExtra *extra;

  return_if_added (self);
  g_return_if_fail (pace <= CURRANT_PACE_CONFLATE);

  extra = follower_extra (self);
  g_clear_pointer (&extra->pacer, currant_pacer_free);
  extra->conflate = pace == CURRANT_PACE_CONFLATE;
  if (pace == CURRANT_PACE_DEBOUNCE || pace == CURRANT_PACE_THROTTLE)
    extra->pacer = currant_pacer_new (pace, interval_ms);
}

/**
 * currant_follower_set_pattern:
 * @self: a follower
 * @pattern: what to follow from now on
 *
 * Changes the pattern, in one step and also while messages are published. The follower keeps its
 * place in the order of calls. What already waits for it is still delivered.
 *
 * Since: 1.0
 */
void
currant_follower_set_pattern (CurrantFollower *self, CurrantPattern *pattern)
{
  CurrantHub *hub;

  g_return_if_fail (self != NULL && pattern != NULL);

  hub = atomic_load (&self->hub);
  if (hub != NULL)
    {
      currant_router_change (hub->router, &self->sink, pattern);
      return;
    }
  currant_pattern_ref (pattern);
  currant_pattern_unref (self->sink.pattern);
  self->sink.pattern = pattern;
}

/**
 * currant_follower_dup_pattern:
 * @self: a follower
 *
 * What it follows now.
 *
 * Returns: (transfer full): the pattern
 *
 * Since: 1.0
 */
CurrantPattern *
currant_follower_dup_pattern (CurrantFollower *self)
{
  CurrantHub *hub;

  g_return_val_if_fail (self != NULL, NULL);

  hub = atomic_load (&self->hub);
  if (hub != NULL)
    return currant_router_dup_pattern (hub->router, &self->sink);
  return currant_pattern_ref (self->sink.pattern);
}

/**
 * currant_follower_is_active:
 * @self: a follower
 *
 * Whether it has been added to a bus and not been stopped.
 *
 * Returns: %TRUE while it may be called
 *
 * Since: 1.0
 */
gboolean
currant_follower_is_active (CurrantFollower *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return atomic_load (&self->hub) != NULL && !currant_sink_is_stopped (&self->sink);
}

/**
 * currant_follower_get_pending:
 * @self: a follower
 *
 * How many messages wait for it, as far as that can be said while others work.
 *
 * Returns: the number of messages
 *
 * Since: 1.0
 */
guint
currant_follower_get_pending (CurrantFollower *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return currant_sink_waiting (&self->sink);
}

/**
 * currant_follower_get_n_dropped:
 * @self: a follower
 *
 * How many messages its bound has cost it.
 *
 * Returns: the number of messages
 *
 * Since: 1.0
 */
guint64
currant_follower_get_n_dropped (CurrantFollower *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return atomic_load_explicit (&self->sink.n_dropped, memory_order_relaxed);
}

/**
 * currant_follower_get_n_errors:
 * @self: a follower
 *
 * How many of its calls failed; see [ctor@Currant.Follower.new_try].
 *
 * Returns: the number of failures
 *
 * Since: 1.0
 */
guint64
currant_follower_get_n_errors (CurrantFollower *self)
{
  g_return_val_if_fail (self != NULL, 0);

  if (self->extra == NULL)
    return 0;
  return atomic_load_explicit (&self->extra->n_errors, memory_order_relaxed);
}
