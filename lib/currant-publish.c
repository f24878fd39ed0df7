/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The publishing half of the bus: from the user's arguments to a walk. */
#include "config.h"

#include "currant-bus.h"
#include "currant-error.h"
#include "currant-hub-private.h"

/* The topic of a constant identifier; NULL, with a critical, where it is malformed. */
static CurrantTopic *
constant_topic (CurrantHub *hub, const char *id)
{
  GError *error = NULL;
  CurrantTopic *topic = currant_router_find_topic (hub->router, id, &error);

  if (topic == NULL)
    {
      g_critical ("not an identifier: %s", error->message);
      g_error_free (error);
    }
  return topic;
}

/**
 * currant_bus_publish: (skip)
 * @self: a bus
 * @id: what to publish, `name[@namespace][:action]`; a constant of the program
 * @format: (nullable): the `GVariant` format string of a tuple, such as `"(is)"`, or %NULL for no
 *   arguments
 * @...: the arguments, as for g_variant_new()
 *
 * Publishes a message. Arguments of simple types are kept packed, without making a `GVariant`, and
 * when nobody follows the message is not even made.
 *
 * Returns: how many followers and queues took it
 *
 * Since: 1.0
 */
guint
currant_bus_publish (CurrantBus *self, const char *id, const char *format, ...)
{
  CurrantHub *hub = currant_hub_of_bus (self);
  CurrantMessage *message;
  CurrantTopic *topic;
  CurrantWalk walk;
  va_list args;

  g_return_val_if_fail (hub != NULL && id != NULL, 0);

  topic = constant_topic (hub, id);
  if (topic == NULL || !currant_walk_begin (&walk, topic))
    return 0;
  va_start (args, format);
  message = currant_message_new_va (walk.snapshot->identifier, format, &args);
  va_end (args);
  return currant_walk_give (&walk, message);
}

/**
 * currant_bus_publish_variant: (rename-to currant_bus_publish)
 * @self: a bus
 * @id: what to publish, `name[@namespace][:action]`; a constant of the program
 * @args: (nullable): a tuple; if it is floating, it is consumed
 * @kwargs: (nullable): a `a{sv}` of named arguments; if it is floating, it is consumed
 *
 * Publishes a message.
 *
 * Returns: how many followers and queues took it
 *
 * Since: 1.0
 */
guint
currant_bus_publish_variant (CurrantBus *self, const char *id, GVariant *args, GVariant *kwargs)
{
  CurrantHub *hub = currant_hub_of_bus (self);
  CurrantTopic *topic;

  g_return_val_if_fail (hub != NULL && id != NULL, 0);

  topic = constant_topic (hub, id);
  return topic != NULL ? currant_topic_publish_variant (topic, args, kwargs) : 0;
}

/**
 * currant_bus_publish_value:
 * @self: a bus
 * @id: what to publish, `name[@namespace][:action]`; a constant of the program
 * @value: a value of any type; copied
 *
 * Publishes a message that carries a `GValue`, such as an object, without serialising it.
 *
 * Returns: how many followers and queues took it
 *
 * Since: 1.0
 */
guint
currant_bus_publish_value (CurrantBus *self, const char *id, const GValue *value)
{
  CurrantHub *hub = currant_hub_of_bus (self);
  CurrantTopic *topic;

  g_return_val_if_fail (hub != NULL && id != NULL, 0);
  g_return_val_if_fail (G_IS_VALUE (value), 0);

  topic = constant_topic (hub, id);
  return topic != NULL ? currant_topic_publish_value (topic, value) : 0;
}

/* A walk looks at its topic only while it begins, so one that is in the thread's cache needs no
 * reference. */
static gboolean
begin_with_message (CurrantWalk *walk, CurrantHub *hub, CurrantMessage *message, gboolean retain)
{
  g_autoptr (CurrantIdentifier) identifier = NULL;
  g_autoptr (CurrantTopic) topic = NULL;

  if (currant_message_get_namespace (message) == NULL)
    return currant_walk_begin_with (
        walk, currant_router_find_topic (hub->router, currant_message_get_id (message), NULL),
        message, retain);
  identifier = currant_message_dup_identifier (message);
  topic = currant_router_find_topic_for (hub->router, identifier);
  return currant_walk_begin_with (walk, topic, message, retain);
}

/* TRUE in @refused when a receiver with the policy FAIL had no room. */
static guint
publish_message (CurrantBus *self, CurrantMessage *message, CurrantPublishFlags flags,
                 gboolean *refused)
{
  CurrantHub *hub = currant_hub_of_bus (self);
  gboolean retain = (flags & CURRANT_PUBLISH_RETAIN) != 0;
  guint taken = 0;
  CurrantWalk walk;

  *refused = FALSE;
  if (begin_with_message (&walk, hub, message, retain))
    {
      currant_walk_run (&walk, message);
      *refused = walk.refused;
      taken = currant_walk_end (&walk);
    }
  return taken;
}

/**
 * currant_bus_publish_message_full:
 * @self: a bus
 * @message: a message; immutable from here on
 * @flags: flags of the publish
 *
 * Publishes a message that was made before. One that has been published before, on this bus or
 * another, keeps its number, time and flags.
 *
 * Returns: how many followers and queues took it
 *
 * Since: 1.0
 */
guint
currant_bus_publish_message_full (CurrantBus *self, CurrantMessage *message,
                                  CurrantPublishFlags flags)
{
  gboolean refused;

  g_return_val_if_fail (CURRANT_IS_BUS (self), 0);
  g_return_val_if_fail (message != NULL, 0);

  return publish_message (self, message, flags, &refused);
}

/**
 * currant_bus_publish_message:
 * @self: a bus
 * @message: a message; immutable from here on
 *
 * Publishes a message that was made before, without flags.
 *
 * Returns: how many followers and queues took it
 *
 * Since: 1.0
 */
guint
currant_bus_publish_message (CurrantBus *self, CurrantMessage *message)
{
  return currant_bus_publish_message_full (self, message, CURRANT_PUBLISH_NONE);
}

/**
 * currant_bus_publish_message_checked:
 * @self: a bus
 * @message: a message; immutable from here on
 * @flags: flags of the publish
 * @taken: (out) (optional): how many followers and queues took it
 * @error: return location for an error
 *
 * Publishes a message, and tells when a follower or queue with the policy %CURRANT_OVERFLOW_FAIL
 * had no room for it, as %CURRANT_ERROR_FULL. All others get it nonetheless.
 *
 * Returns: %FALSE with @error set when it was refused by one
 *
 * Since: 1.0
 */
gboolean
currant_bus_publish_message_checked (CurrantBus *self, CurrantMessage *message,
                                     CurrantPublishFlags flags, guint *taken, GError **error)
{
  gboolean refused;
  guint n;

  g_return_val_if_fail (CURRANT_IS_BUS (self), FALSE);
  g_return_val_if_fail (message != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  n = publish_message (self, message, flags, &refused);
  if (taken != NULL)
    *taken = n;
  if (refused)
    g_set_error (error, CURRANT_ERROR, CURRANT_ERROR_FULL,
                 "a receiver of “%s” has no room for another message",
                 currant_message_get_id (message));
  return !refused;
}

/**
 * currant_bus_publish_error:
 * @self: a bus
 * @id: what to publish, `name[@namespace][:action]`; a constant of the program
 * @error: an error
 *
 * Publishes an error: its message as the argument; its `domain` (s), `code` (i) and `message` (s)
 * as named arguments.
 *
 * Returns: how many followers and queues took it
 *
 * Since: 1.0
 */
guint
currant_bus_publish_error (CurrantBus *self, const char *id, const GError *error)
{
  g_autofree char *text = NULL;
  GVariantDict kwargs;

  g_return_val_if_fail (CURRANT_IS_BUS (self), 0);
  g_return_val_if_fail (id != NULL && error != NULL, 0);

  text = g_utf8_make_valid (error->message, -1);
  g_variant_dict_init (&kwargs, NULL);
  g_variant_dict_insert (&kwargs, "domain", "s", g_quark_to_string (error->domain));
  g_variant_dict_insert (&kwargs, "code", "i", error->code);
  g_variant_dict_insert (&kwargs, "message", "s", text);
  return currant_bus_publish_variant (self, id, g_variant_new ("(s)", text),
                                      g_variant_dict_end (&kwargs));
}

/**
 * currant_bus_get_topic:
 * @self: a bus
 * @id: what to publish, `name[@namespace][:action]`; may come from anywhere
 * @error: return location for an error
 *
 * Resolves an identifier once, to publish it often.
 *
 * Returns: (transfer full): the topic, or %NULL with @error set
 *
 * Since: 1.0
 */
CurrantTopic *
currant_bus_get_topic (CurrantBus *self, const char *id, GError **error)
{
  CurrantHub *hub = currant_hub_of_bus (self);
  CurrantTopic *topic;

  g_return_val_if_fail (hub != NULL && id != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  topic = currant_router_find_topic (hub->router, id, error);
  return topic != NULL ? currant_topic_ref (topic) : NULL;
}
