/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-bus.h"

#include "currant-error.h"
#include "currant-follower-private.h"
#include "currant-stats-private.h"
#include "currant-voice-private.h"

/**
 * CurrantBus:
 *
 * Where messages are published, and from where followers and queues get them.
 *
 * All functions may be called from any thread, also from callbacks. No lock is held while a
 * callback runs. Functions that take an identifier or pattern as text expect a constant of the
 * program: malformed text is a programming error there. Text from outside goes through
 * [ctor@Currant.Identifier.new] and [ctor@Currant.Pattern.new], which say what is wrong with it.
 *
 * Since: 1.0
 */

struct _CurrantBus
{
  GObject parent_instance;
  CurrantHub *hub; /* a reference; immutable */
};

G_DEFINE_FINAL_TYPE (CurrantBus, currant_bus, G_TYPE_OBJECT)

static void
currant_bus_dispose (GObject *object)
{
  CurrantBus *self = CURRANT_BUS (object);
  g_autoptr (GPtrArray) sinks = currant_router_dispose (self->hub->router);

  for (guint i = 0; i < sinks->len; i++)
    {
      CurrantSink *sink = sinks->pdata[i];

      sink->klass->stop (sink);
      currant_sink_release (sink, 1);
    }
  currant_voice_detach (self->hub);
  currant_pool_set_size (self->hub->pool, 0);
  G_OBJECT_CLASS (currant_bus_parent_class)->dispose (object);
}

static void
currant_bus_finalize (GObject *object)
{
  currant_hub_unref (CURRANT_BUS (object)->hub);
  G_OBJECT_CLASS (currant_bus_parent_class)->finalize (object);
}

static void
currant_bus_class_init (CurrantBusClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = currant_bus_dispose;
  object_class->finalize = currant_bus_finalize;
}

static void
currant_bus_init (CurrantBus *self)
{
  self->hub = currant_hub_new ();
  currant_voice_attach (self->hub);
}

CurrantHub *
currant_hub_of_bus (CurrantBus *bus)
{
  g_return_val_if_fail (CURRANT_IS_BUS (bus), NULL);

  return bus->hub;
}

/**
 * currant_bus_new:
 *
 * Makes a bus. What it has to say of itself later it says from the thread-default main context of
 * the calling thread.
 *
 * Returns: (transfer full): a new bus
 *
 * Since: 1.0
 */
CurrantBus *
currant_bus_new (void)
{
  return g_object_new (CURRANT_TYPE_BUS, NULL);
}

/**
 * currant_bus_get_default:
 *
 * The bus of the process, made when it is first asked for. It is never disposed.
 *
 * Returns: (transfer none): the default bus
 *
 * Since: 1.0
 */
CurrantBus *
currant_bus_get_default (void)
{
  static CurrantBus *bus;

  if (g_once_init_enter (&bus))
    g_once_init_leave (&bus, currant_bus_new ());
  return bus;
}

/* Following. */

/* Adds and gives away. NULL when it has ended already, as with a bus that is disposed. */
static CurrantFollower *
add_new (CurrantBus *self, CurrantFollower *follower)
{
  gboolean active;

  currant_follower_add (follower, self->hub);
  active = currant_follower_is_active (follower);
  currant_follower_unref (follower);
  return active ? follower : NULL;
}

/**
 * currant_bus_follow_with_delivery:
 * @self: a bus
 * @pattern: what to follow
 * @delivery: where and when the callback runs
 * @callback: (scope notified) (closure user_data) (destroy destroy): called with each message
 * @user_data: given to @callback
 * @destroy: (nullable): called with @user_data after the last call
 *
 * Follows a pattern. The main context of the follower is the thread-default one of the calling
 * thread.
 *
 * Returns: (transfer none) (nullable): the follower, kept by the bus until it is stopped or the bus
 * is disposed; %NULL when the bus is disposed already
 *
 * Since: 1.0
 */
CurrantFollower *
currant_bus_follow_with_delivery (CurrantBus *self, const char *pattern, CurrantDelivery delivery,
                                  CurrantFollowerFunc callback, gpointer user_data,
                                  GDestroyNotify destroy)
{
  g_autoptr (CurrantPattern) parsed = NULL;
  CurrantFollower *follower;

  g_return_val_if_fail (CURRANT_IS_BUS (self), NULL);
  g_return_val_if_fail (pattern != NULL && callback != NULL, NULL);
  g_return_val_if_fail (delivery <= CURRANT_DELIVERY_POOL, NULL);

  parsed = currant_pattern_parse_constant (pattern);
  if (parsed == NULL)
    return NULL;
  follower = currant_follower_new (parsed, callback, user_data, destroy);
  currant_follower_set_delivery (follower, delivery);
  return add_new (self, follower);
}

/**
 * currant_bus_follow:
 * @self: a bus
 * @pattern: what to follow
 * @callback: (scope notified) (closure user_data) (destroy destroy): called with each message
 * @user_data: given to @callback
 * @destroy: (nullable): called with @user_data after the last call
 *
 * Follows a pattern. The callback runs in the thread-default main context of the calling thread: at
 * once for messages that are published where it could run at once, later for others.
 *
 * Returns: (transfer none) (nullable): the follower, kept by the bus until it is stopped or the bus
 * is disposed; %NULL when the bus is disposed already
 *
 * Since: 1.0
 */
CurrantFollower *
currant_bus_follow (CurrantBus *self, const char *pattern, CurrantFollowerFunc callback,
                    gpointer user_data, GDestroyNotify destroy)
{
  return currant_bus_follow_with_delivery (self, pattern, CURRANT_DELIVERY_AUTO, callback,
                                           user_data, destroy);
}

/**
 * currant_bus_follow_object: (skip)
 * @self: a bus
 * @pattern: what to follow
 * @callback: called with each message, and @owner as its user data
 * @owner: the object whose disposal ends it
 *
 * Follows a pattern until @owner is disposed, in whatever thread. The callback is only ever called
 * under a strong reference to @owner; it does not keep @owner alive in between.
 *
 * Returns: (transfer none) (nullable): the follower, kept by the bus until it is stopped, @owner or
 * the bus is disposed; %NULL when the bus is disposed already
 *
 * Since: 1.0
 */
CurrantFollower *
currant_bus_follow_object (CurrantBus *self, const char *pattern, CurrantFollowerFunc callback,
                           GObject *owner)
{
  g_autoptr (CurrantPattern) parsed = NULL;

  g_return_val_if_fail (CURRANT_IS_BUS (self), NULL);
  g_return_val_if_fail (pattern != NULL && callback != NULL, NULL);
  g_return_val_if_fail (G_IS_OBJECT (owner), NULL);

  parsed = currant_pattern_parse_constant (pattern);
  if (parsed == NULL)
    return NULL;
  return add_new (self, currant_follower_new_object (parsed, callback, owner));
}

/**
 * currant_bus_add_follower:
 * @self: a bus
 * @follower: a follower that has not been added to a bus before
 *
 * Adds a follower. The bus keeps it until it ends.
 *
 * Since: 1.0
 */
void
currant_bus_add_follower (CurrantBus *self, CurrantFollower *follower)
{
  g_return_if_fail (CURRANT_IS_BUS (self));
  g_return_if_fail (follower != NULL);
  g_return_if_fail (atomic_load (&follower->hub) == NULL);

  currant_follower_add (follower, self->hub);
}

/* The thread pool. */

/**
 * currant_bus_set_multiplicity:
 * @self: a bus
 * @n_threads: how many threads the pool may have; 0 for none
 *
 * Sets the size of the pool that %CURRANT_DELIVERY_POOL uses. It is the number of processors
 * otherwise. Threads are started when they are needed.
 *
 * This returns at once. Threads in excess end after what they are at. With 0, they first do all
 * that waits; from then on such followers are called in the publisher's thread.
 *
 * Since: 1.0
 */
void
currant_bus_set_multiplicity (CurrantBus *self, guint n_threads)
{
  g_return_if_fail (CURRANT_IS_BUS (self));
  g_return_if_fail (n_threads <= G_MAXINT);

  currant_pool_set_size (self->hub->pool, n_threads);
}

/**
 * currant_bus_get_multiplicity:
 * @self: a bus
 *
 * How many threads the pool may have.
 *
 * Returns: the number of threads
 *
 * Since: 1.0
 */
guint
currant_bus_get_multiplicity (CurrantBus *self)
{
  g_return_val_if_fail (CURRANT_IS_BUS (self), 0);

  return currant_pool_get_size (self->hub->pool);
}

/**
 * currant_bus_get_n_threads:
 * @self: a bus
 *
 * How many threads the pool has right now.
 *
 * Returns: the number of threads
 *
 * Since: 1.0
 */
guint
currant_bus_get_n_threads (CurrantBus *self)
{
  g_return_val_if_fail (CURRANT_IS_BUS (self), 0);

  return currant_pool_count_threads (self->hub->pool);
}

/* Seeing inside. */

/**
 * currant_bus_count_matches:
 * @self: a bus
 * @identifier: an identifier
 *
 * How many followers and queues have a pattern that matches @identifier.
 *
 * Returns: the number of followers and queues
 *
 * Since: 1.0
 */
guint
currant_bus_count_matches (CurrantBus *self, CurrantIdentifier *identifier)
{
  g_return_val_if_fail (CURRANT_IS_BUS (self), 0);
  g_return_val_if_fail (identifier != NULL, 0);

  return currant_router_count_matches (self->hub->router, identifier);
}

/**
 * currant_bus_get_stats:
 * @self: a bus
 *
 * What has happened so far, as a `a{sv}`.
 *
 * Counted, each a `t`: `published` messages; `matched`, the pairs of a message and a follower or
 * queue that was to get it; and what became of these: `delivered`, `dropped` by a bound,
 * `discarded` because the receiver ended, `expired`, `conflated`, `waiting` still. The sum of these
 * six is `matched`, as far as that can be said while others work. Besides `nested`, direct calls
 * that were posted as they nested too deep; `errors` of callbacks; `unretained`, for which there
 * was no room. As they are now, each a `u`: `followers`, `queues`, `topics`, `threads`.
 *
 * Returns: (transfer full): the figures
 *
 * Since: 1.0
 */
GVariant *
currant_bus_get_stats (CurrantBus *self)
{
  g_return_val_if_fail (CURRANT_IS_BUS (self), NULL);

  return g_variant_ref_sink (currant_stats_read (self->hub));
}
