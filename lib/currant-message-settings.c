/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may be set on a message until it is published. */
#include "config.h"

#include "currant-message-private.h"

#define return_if_published(self)                                                                  \
  g_return_if_fail ((self) != NULL && !((self)->flags & CURRANT_MESSAGE_PUBLISHED))

static CurrantMessageExtra *
message_extra (CurrantMessage *self)
{
  if (self->extra == NULL)
    self->extra = g_new0 (CurrantMessageExtra, 1);
  return self->extra;
}

/**
 * currant_message_get_priority:
 * @self: a message
 *
 * How urgent it is for queues with %CURRANT_ORDERING_PRIORITY: lower numbers come first.
 *
 * Returns: the priority, %CURRANT_PRIORITY_DEFAULT unless it was set
 *
 * Since: 1.0
 */
int
currant_message_get_priority (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, CURRANT_PRIORITY_DEFAULT);

  return self->priority;
}

/**
 * currant_message_set_priority:
 * @self: a message that is not published yet
 * @priority: the priority; lower numbers are more urgent
 *
 * Sets the priority.
 *
 * Since: 1.0
 */
void
currant_message_set_priority (CurrantMessage *self, int priority)
{
  return_if_published (self);

  self->priority = priority;
}

/**
 * currant_message_get_key:
 * @self: a message
 *
 * The number by which followers share the work of one identifier.
 *
 * Returns: the key, 0 unless it was set
 *
 * Since: 1.0
 */
guint64
currant_message_get_key (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->key;
}

/**
 * currant_message_set_key:
 * @self: a message that is not published yet
 * @key: a number; see currant_follower_set_key()
 *
 * Sets the key.
 *
 * Since: 1.0
 */
void
currant_message_set_key (CurrantMessage *self, guint64 key)
{
  return_if_published (self);

  self->key = key;
}

/**
 * currant_message_set_kwargs:
 * @self: a message that is not published yet
 * @kwargs: (nullable): a `a{sv}`, or %NULL for none; if it is floating, it is consumed
 *
 * Sets the named arguments.
 *
 * Since: 1.0
 */
void
currant_message_set_kwargs (CurrantMessage *self, GVariant *kwargs)
{
  GVariant *old;

  return_if_published (self);
  g_return_if_fail (kwargs == NULL || g_variant_is_of_type (kwargs, G_VARIANT_TYPE_VARDICT));

  old = message_extra (self)->kwargs;
  self->extra->kwargs = kwargs != NULL ? g_variant_ref_sink (kwargs) : NULL;
  /* Flat from the start, so that strings handed out of it stay where they are. */
  if (kwargs != NULL)
    g_variant_get_data (kwargs);
  if (kwargs != NULL && g_variant_n_children (kwargs) == 0)
    g_clear_pointer (&self->extra->kwargs, g_variant_unref);
  if (old != NULL)
    g_variant_unref (old);
}

/**
 * currant_message_get_correlation:
 * @self: a message
 *
 * What ties it to another message, such as a request.
 *
 * Returns: (transfer none) (nullable): the text, owned by @self, or %NULL
 *
 * Since: 1.0
 */
const char *
currant_message_get_correlation (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->extra != NULL ? self->extra->correlation : NULL;
}

/**
 * currant_message_set_correlation:
 * @self: a message that is not published yet
 * @correlation: (nullable): any text
 *
 * Sets what ties it to another message.
 *
 * Since: 1.0
 */
void
currant_message_set_correlation (CurrantMessage *self, const char *correlation)
{
  return_if_published (self);

  g_free (message_extra (self)->correlation);
  self->extra->correlation = g_strdup (correlation);
}

/**
 * currant_message_get_expiry:
 * @self: a message
 *
 * When it stops being worth delivering, in microseconds of the monotonic clock.
 *
 * Returns: the time, or 0 for never
 *
 * Since: 1.0
 */
gint64
currant_message_get_expiry (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->extra != NULL ? self->extra->expiry : 0;
}

/**
 * currant_message_set_expiry:
 * @self: a message that is not published yet
 * @expiry: a time in microseconds of the monotonic clock (g_get_monotonic_time()), or 0 for never
 *
 * Sets when it stops being worth delivering. From then on it is dropped where it waits, and counted
 * as expired.
 *
 * Since: 1.0
 */
void
currant_message_set_expiry (CurrantMessage *self, gint64 expiry)
{
  return_if_published (self);
  g_return_if_fail (expiry >= 0);

  message_extra (self)->expiry = expiry;
}

/**
 * currant_message_is_expired:
 * @self: a message
 *
 * Whether its expiry has passed.
 *
 * Returns: %TRUE when it is too late for it
 *
 * Since: 1.0
 */
gboolean
currant_message_is_expired (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->extra != NULL && self->extra->expiry != 0
         && g_get_monotonic_time () >= self->extra->expiry;
}

/**
 * currant_message_get_source:
 * @self: a message
 *
 * The node that it was first published on.
 *
 * Returns: (transfer none) (nullable): the name of the node, owned by @self, or %NULL for this one
 *
 * Since: 1.0
 */
const char *
currant_message_get_source (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->extra != NULL ? self->extra->source : NULL;
}

/**
 * currant_message_set_source:
 * @self: a message that is not published yet
 * @source: (nullable): the name of a node, or %NULL for this one
 *
 * Sets the node that it was first published on. This is for bridges.
 *
 * Since: 1.0
 */
void
currant_message_set_source (CurrantMessage *self, const char *source)
{
  return_if_published (self);

  g_free (message_extra (self)->source);
  self->extra->source = g_strdup (source);
}

/**
 * currant_message_get_hops:
 * @self: a message
 *
 * How many links between nodes it has crossed.
 *
 * Returns: the number of links
 *
 * Since: 1.0
 */
guint
currant_message_get_hops (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->extra != NULL ? self->extra->hops : 0;
}

/**
 * currant_message_set_hops:
 * @self: a message that is not published yet
 * @hops: a number of links
 *
 * Sets how many links between nodes it has crossed. This is for bridges.
 *
 * Since: 1.0
 */
void
currant_message_set_hops (CurrantMessage *self, guint hops)
{
  return_if_published (self);

  message_extra (self)->hops = hops;
}
