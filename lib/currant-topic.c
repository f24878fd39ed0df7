/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-walk-private.h"

#include <string.h>

#include "currant-hash-private.h"
#include "currant-value-private.h"

/**
 * CurrantTopic:
 *
 * An identifier on a bus, resolved once: the quickest way to publish the same thing often.
 *
 * A topic does not keep its bus alive. It may be used from any thread.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (CurrantTopic, currant_topic, currant_topic_ref, currant_topic_unref)

static CurrantTopic *
topic_new (CurrantRouter *router, CurrantIdentifier *identifier)
{
  CurrantTopic *self = g_new0 (CurrantTopic, 1);

  atomic_init (&self->ref_count, 1);
  self->router = currant_router_ref (router);
  self->identifier = currant_identifier_ref (identifier);
  return self;
}

/**
 * currant_topic_ref:
 * @self: a topic
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
CurrantTopic *
currant_topic_ref (CurrantTopic *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  atomic_fetch_add_explicit (&self->ref_count, 1, memory_order_relaxed);
  return self;
}

/**
 * currant_topic_unref:
 * @self: (transfer full): a topic
 *
 * Drops a reference.
 *
 * Since: 1.0
 */
void
currant_topic_unref (CurrantTopic *self)
{
  g_return_if_fail (self != NULL);

  if (atomic_fetch_sub_explicit (&self->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  currant_router_drop_topic (self->router, self);
  currant_identifier_unref (self->identifier);
  currant_router_unref (self->router);
  g_free (self);
}

/* The router's list has the topics in the order in which they were last found to be in use. */

static void
list_append_locked (CurrantRouter *router, CurrantTopic *topic)
{
  topic->previous = router->last_topic;
  topic->next = NULL;
  if (router->last_topic != NULL)
    router->last_topic->next = topic;
  else
    router->first_topic = topic;
  router->last_topic = topic;
}

static void
list_remove_locked (CurrantRouter *router, CurrantTopic *topic)
{
  if (topic->previous != NULL)
    topic->previous->next = topic->next;
  else
    router->first_topic = topic->next;
  if (topic->next != NULL)
    topic->next->previous = topic->previous;
  else
    router->last_topic = topic->previous;
}

static void
forget_locked (CurrantRouter *router, CurrantTopic *topic)
{
  g_hash_table_remove (router->topics, currant_identifier_to_string (topic->identifier));
  list_remove_locked (router, topic);
  router->n_broadcast_topics -= currant_identifier_is_broadcast (topic->identifier);
}

/* Where there are too many topics: takes out one that only the router knows, for the caller to
 * unref without the lock. Looks at a few only, so that no look-up is much dearer than another.
 * References are first taken under the lock, so one that is at 1 here stays there. */
static CurrantTopic *
evict_locked (CurrantRouter *router)
{
  if (g_hash_table_size (router->topics) <= CURRANT_TOPICS_MAX)
    return NULL;
  for (guint i = 0; i < 8; i++)
    {
      CurrantTopic *oldest = router->first_topic;

      if (atomic_load_explicit (&oldest->ref_count, memory_order_acquire) == 1)
        {
          forget_locked (router, oldest);
          return oldest;
        }
      list_remove_locked (router, oldest);
      list_append_locked (router, oldest);
    }
  return NULL;
}

static CurrantTopic *
lookup (CurrantRouter *router, const char *text)
{
  CurrantTopic *topic;

  currant_lock_acquire (&router->lock);
  topic = g_hash_table_lookup (router->topics, text);
  if (topic != NULL)
    currant_topic_ref (topic);
  currant_lock_release (&router->lock);
  return topic;
}

static CurrantTopic *
lookup_or_add (CurrantRouter *router, CurrantIdentifier *identifier)
{
  const char *text = currant_identifier_to_string (identifier);
  CurrantTopic *made = topic_new (router, identifier), *topic, *evicted = NULL;

  currant_lock_acquire (&router->lock);
  topic = g_hash_table_lookup (router->topics, text);
  if (topic == NULL && !atomic_load (&router->disposed))
    {
      topic = made;
      g_hash_table_insert (router->topics, (char *)text, topic);
      list_append_locked (router, topic);
      router->n_broadcast_topics += currant_identifier_is_broadcast (identifier);
      currant_topic_ref (made);
      evicted = evict_locked (router);
    }
  if (topic != NULL)
    currant_topic_ref (topic);
  currant_lock_release (&router->lock);
  if (evicted != NULL)
    currant_topic_unref (evicted);
  if (topic == NULL)
    return made;
  currant_topic_unref (made);
  return topic;
}

CurrantTopic *
currant_router_find_topic_for (CurrantRouter *self, CurrantIdentifier *identifier)
{
  CurrantTopic *topic = lookup (self, currant_identifier_to_string (identifier));

  return topic != NULL ? topic : lookup_or_add (self, identifier);
}

static CurrantTopic *
find_slowly (CurrantRouter *self, const char *text, GError **error)
{
  g_autoptr (CurrantIdentifier) identifier = NULL;
  CurrantTopic *topic = lookup (self, text);

  if (topic != NULL)
    return topic;
  identifier = currant_identifier_new (text, error);
  return identifier != NULL ? currant_router_find_topic_for (self, identifier) : NULL;
}

/* Letting go of a topic may let go of a sink, and run user code that publishes and so fills the
 * place again. */
static void
remember (CurrantRouter *self, guint64 hash, const char *text, CurrantTopic *topic)
{
  CurrantCached turned_out;

  while (!currant_topic_cache_make_room (&currant_thread_get (self)->topics, hash, &turned_out))
    currant_cached_clear (&turned_out);
  currant_topic_cache_put (&currant_thread_get (self)->topics, text, hash, topic);
}

CurrantTopic *
currant_router_find_topic (CurrantRouter *self, const char *text, GError **error)
{
  guint64 hash = currant_hash_quickly (text, strlen (text));
  CurrantTopic *topic = currant_topic_cache_find (&currant_thread_get (self)->topics, text, hash);

  if (G_LIKELY (topic != NULL))
    return topic;
  topic = find_slowly (self, text, error);
  if (topic != NULL)
    remember (self, hash, text, topic);
  return topic;
}

/**
 * currant_topic_get_identifier:
 * @self: a topic
 *
 * What is published on it.
 *
 * Returns: (transfer none): the identifier, owned by @self
 *
 * Since: 1.0
 */
CurrantIdentifier *
currant_topic_get_identifier (CurrantTopic *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->identifier;
}

/**
 * currant_topic_has_followers:
 * @self: a topic
 *
 * Whether anybody would be offered a message that is published now: for skipping the work of making
 * one.
 *
 * Returns: %TRUE when a follower or queue matches
 *
 * Since: 1.0
 */
gboolean
currant_topic_has_followers (CurrantTopic *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return currant_walk_peek (self);
}

static guint
topic_publish_va (CurrantTopic *self, const char *format, va_list *args)
{
  CurrantWalk walk;

  if (!currant_walk_begin (&walk, self))
    return 0;
  return currant_walk_give (&walk,
                            currant_message_new_va (walk.snapshot->identifier, format, args));
}

/**
 * currant_topic_publish: (skip)
 * @self: a topic
 * @format: (nullable): the `GVariant` format string of a tuple, or %NULL for no arguments
 * @...: the arguments, as for g_variant_new()
 *
 * Publishes a message. It is not even made when nobody follows.
 *
 * Returns: how many followers and queues took it
 *
 * Since: 1.0
 */
guint
currant_topic_publish (CurrantTopic *self, const char *format, ...)
{
  va_list args;
  guint taken;

  g_return_val_if_fail (self != NULL, 0);

  va_start (args, format);
  taken = topic_publish_va (self, format, &args);
  va_end (args);
  return taken;
}

static void
drop_floating (GVariant *variant)
{
  if (variant != NULL)
    g_variant_unref (g_variant_ref_sink (variant));
}

/**
 * currant_topic_publish_variant:
 * @self: a topic
 * @args: (nullable): a tuple; if it is floating, it is consumed
 * @kwargs: (nullable): a `a{sv}`; if it is floating, it is consumed
 *
 * Publishes a message.
 *
 * Returns: how many followers and queues took it
 *
 * Since: 1.0
 */
guint
currant_topic_publish_variant (CurrantTopic *self, GVariant *args, GVariant *kwargs)
{
  CurrantWalk walk;

  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (args == NULL || g_variant_is_of_type (args, G_VARIANT_TYPE_TUPLE), 0);
  g_return_val_if_fail (kwargs == NULL || g_variant_is_of_type (kwargs, G_VARIANT_TYPE_VARDICT), 0);

  if (currant_walk_begin (&walk, self))
    return currant_walk_give (
        &walk, currant_message_new_variant (walk.snapshot->identifier, args, kwargs));
  drop_floating (args);
  drop_floating (kwargs);
  return 0;
}

/**
 * currant_topic_publish_value:
 * @self: a topic
 * @value: a value of any type; copied
 *
 * Publishes a message that carries a `GValue`, without serialising it.
 *
 * Returns: how many followers and queues took it
 *
 * Since: 1.0
 */
guint
currant_topic_publish_value (CurrantTopic *self, const GValue *value)
{
  CurrantWalk walk;

  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (value != NULL && (currant_value_is_plain (value) || G_IS_VALUE (value)), 0);

  if (!currant_walk_begin (&walk, self))
    return 0;
  return currant_walk_give (&walk, currant_message_new_copying (walk.snapshot->identifier, value));
}
