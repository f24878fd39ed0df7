/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-message-private.h"

#include <string.h>

#include "currant-args-private.h"
#include "currant-lock-private.h"
#include "currant-slab-private.h"
#include "currant-value-private.h"

/**
 * CurrantMessage:
 *
 * What is published: an identifier, arguments, and what is known of the publication.
 *
 * The arguments are those of a format string, a `GVariant` tuple, or one `GValue`; besides there
 * may be named arguments (kwargs). Until it is published a message belongs to the thread that made
 * it; from then on it is immutable, shared by all receivers, and may be used from any thread.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (CurrantMessage, currant_message, currant_message_ref, currant_message_unref)

#define ALIGN(size) (((size) + 7) & ~(gsize)7)

static CurrantMessage *
message_alloc (CurrantIdentifier *identifier, CurrantPayload payload, gsize payload_size)
{
  gsize offset = ALIGN (G_STRUCT_OFFSET (CurrantMessage, texts) + identifier->texts_length);
  gsize size = offset + payload_size;
  gboolean in_slab = size <= CURRANT_SLAB_MESSAGE_SIZE;
  CurrantMessage *self = in_slab ? currant_slab_take (CURRANT_SLAB_MESSAGE) : g_malloc (size);

  *self = (CurrantMessage){ .ref_count = 1,
                            .payload = payload,
                            .flags = in_slab ? CURRANT_MESSAGE_IN_SLAB : 0,
                            .payload_offset = offset,
                            .name_length = identifier->name_length,
                            .action_length = identifier->action_length,
                            .namespace_length = identifier->namespace_length,
                            .priority = CURRANT_PRIORITY_DEFAULT };
  memcpy (self->texts, identifier->texts, identifier->texts_length);
  return self;
}

static void
message_sink_variant (CurrantMessage *self, GVariant *args)
{
  atomic_store_explicit (&self->args, g_variant_ref_sink (args), memory_order_relaxed);
}

static gboolean
measure_texts (const char *format, va_list *args, gsize *size)
{
  gboolean legal;
  va_list twice;

  va_copy (twice, *args);
  legal = currant_args_measure_texts (format, &twice, size);
  va_end (twice);
  return legal;
}

static CurrantMessage *
message_new_by_variant (CurrantIdentifier *identifier, const char *format, va_list *args)
{
  CurrantMessage *self;
  GVariant *made;

  if (format[0] != '(')
    {
      g_critical ("the format “%s” is not that of a tuple", format);
      return NULL;
    }
  made = g_variant_new_va (format, NULL, args);
  if (made == NULL)
    return NULL;
  self = message_alloc (identifier, CURRANT_PAYLOAD_VARIANT, 0);
  message_sink_variant (self, made);
  return self;
}

CurrantMessage *
currant_message_new_va (CurrantIdentifier *identifier, const char *format, va_list *args)
{
  gsize size, text_size = 0;
  CurrantMessage *self;
  gboolean has_text;
  guint n_args;

  if (format == NULL)
    return message_alloc (identifier, CURRANT_PAYLOAD_NONE, 0);
  if (G_UNLIKELY (!currant_args_can_pack (format, &n_args, &size, &has_text)))
    return message_new_by_variant (identifier, format, args);
  if (has_text && !measure_texts (format, args, &text_size))
    return NULL;
  self = message_alloc (identifier, CURRANT_PAYLOAD_PACKED, size + text_size);
  self->n_args = n_args;
  currant_args_pack (currant_message_payload (self), n_args, format, args);
  return self;
}

/**
 * currant_message_new: (skip)
 * @identifier: what to publish it under
 * @format: (nullable): the `GVariant` format string of a tuple, such as `"(is)"`, or %NULL for no
 *   arguments
 * @...: the arguments, as for g_variant_new()
 *
 * Makes a message.
 *
 * Arguments of simple types are kept packed, without making a `GVariant`. Strings are copied and
 * must be UTF-8.
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
 */
CurrantMessage *
currant_message_new (CurrantIdentifier *identifier, const char *format, ...)
{
  CurrantMessage *self;
  va_list args;

  g_return_val_if_fail (identifier != NULL, NULL);

  va_start (args, format);
  self = currant_message_new_va (identifier, format, &args);
  va_end (args);
  return self;
}

/**
 * currant_message_new_variant:
 * @identifier: what to publish it under
 * @args: (nullable): a tuple; if it is floating, it is consumed
 * @kwargs: (nullable): a `a{sv}`; if it is floating, it is consumed
 *
 * Makes a message whose arguments are a `GVariant`.
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
 */
CurrantMessage *
currant_message_new_variant (CurrantIdentifier *identifier, GVariant *args, GVariant *kwargs)
{
  CurrantMessage *self;

  g_return_val_if_fail (identifier != NULL, NULL);
  g_return_val_if_fail (args == NULL || g_variant_is_of_type (args, G_VARIANT_TYPE_TUPLE), NULL);
  g_return_val_if_fail (kwargs == NULL || g_variant_is_of_type (kwargs, G_VARIANT_TYPE_VARDICT),
                        NULL);

  self =
      message_alloc (identifier, args != NULL ? CURRANT_PAYLOAD_VARIANT : CURRANT_PAYLOAD_NONE, 0);
  if (args != NULL)
    message_sink_variant (self, args);
  if (kwargs != NULL)
    currant_message_set_kwargs (self, kwargs);
  return self;
}

CurrantMessage *
currant_message_new_copying (CurrantIdentifier *identifier, const GValue *value)
{
  CurrantMessage *self = message_alloc (identifier, CURRANT_PAYLOAD_VALUE, sizeof (GValue));

  currant_value_copy (value, currant_message_payload (self));
  return self;
}

/**
 * currant_message_new_value:
 * @identifier: what to publish it under
 * @value: a value of any type; copied
 *
 * Makes a message that carries a `GValue` between threads of this process, without serialising it.
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
 */
CurrantMessage *
currant_message_new_value (CurrantIdentifier *identifier, const GValue *value)
{
  g_return_val_if_fail (identifier != NULL, NULL);
  g_return_val_if_fail (G_IS_VALUE (value), NULL);

  return currant_message_new_copying (identifier, value);
}

/**
 * currant_message_ref:
 * @self: a message
 *
 * Takes a reference, to keep the message beyond a callback.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
CurrantMessage *
currant_message_ref (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  atomic_fetch_add_explicit (&self->ref_count, 1, memory_order_relaxed);
  return self;
}

static void
extra_free (CurrantMessageExtra *extra)
{
  g_clear_pointer (&extra->kwargs, g_variant_unref);
  g_free (extra->correlation);
  g_free (extra->source);
  g_free (extra);
}

static void
message_free (CurrantMessage *self)
{
  GVariant *args = atomic_load_explicit (&self->args, memory_order_relaxed);

  CURRANT_ASSERT_UNLOCKED ();
  if (self->payload == CURRANT_PAYLOAD_VALUE)
    currant_value_clear (currant_message_payload (self));
  if (args != NULL)
    g_variant_unref (args);
  if (self->extra != NULL)
    extra_free (self->extra);
  if (self->flags & CURRANT_MESSAGE_IN_SLAB)
    currant_slab_give (CURRANT_SLAB_MESSAGE, self);
  else
    g_free (self);
}

void
currant_message_unref_many (CurrantMessage *self, guint n)
{
  /* Who sees the count at what it owns owns all references, so nobody can change it any more: the
   * acquire pairs with the release of every other drop, and the usual case of a message that was
   * delivered directly costs no atomic write. */
  if (atomic_load_explicit (&self->ref_count, memory_order_acquire) == n
      || atomic_fetch_sub_explicit (&self->ref_count, n, memory_order_acq_rel) == n)
    message_free (self);
}

/**
 * currant_message_unref:
 * @self: (transfer full): a message
 *
 * Drops a reference. The last one frees the message and what it carries, in the calling thread.
 *
 * Since: 1.0
 */
void
currant_message_unref (CurrantMessage *self)
{
  g_return_if_fail (self != NULL);

  currant_message_unref_many (self, 1);
}

/**
 * currant_message_get_id:
 * @self: a message
 *
 * What it is published under, as `name:action`, without the namespace.
 *
 * Returns: (transfer none): the id, owned by @self
 *
 * Since: 1.0
 */
const char *
currant_message_get_id (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->texts;
}

/**
 * currant_message_get_name:
 * @self: a message
 *
 * The name, `*` in a broadcast to all names.
 *
 * Returns: (transfer none): the name, owned by @self
 *
 * Since: 1.0
 */
const char *
currant_message_get_name (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->texts + self->name_length + self->action_length + 2;
}

/**
 * currant_message_get_action:
 * @self: a message
 *
 * The action, `*` in a broadcast to all actions.
 *
 * Returns: (transfer none): the action, owned by @self
 *
 * Since: 1.0
 */
const char *
currant_message_get_action (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->texts + self->name_length + 1;
}

/**
 * currant_message_get_namespace:
 * @self: a message
 *
 * The namespace.
 *
 * Returns: (transfer none) (nullable): the namespace, owned by @self, or %NULL for the default one
 *
 * Since: 1.0
 */
const char *
currant_message_get_namespace (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->namespace_length == 0)
    return NULL;
  return self->texts + 2 * self->name_length + self->action_length + 3;
}

/**
 * currant_message_dup_identifier:
 * @self: a message
 *
 * The identifier, to publish a message of one's own under it.
 *
 * Returns: (transfer full): the identifier
 *
 * Since: 1.0
 */
CurrantIdentifier *
currant_message_dup_identifier (CurrantMessage *self)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  text = g_strconcat (currant_message_get_name (self), self->namespace_length > 0 ? "@" : "",
                      self->namespace_length > 0 ? currant_message_get_namespace (self) : "", ":",
                      currant_message_get_action (self), NULL);
  return currant_identifier_new (text, NULL);
}

gint64
currant_message_stamp (CurrantMessage *self)
{
  gint64 unset = 0, now;

  now = atomic_load_explicit (&self->time, memory_order_relaxed);
  if (now != 0)
    return now;
  now = currant_clock_now ();
  if (!atomic_compare_exchange_strong_explicit (&self->time, &unset, now, memory_order_relaxed,
                                                memory_order_relaxed))
    return unset;
  return now;
}

/**
 * currant_message_get_time:
 * @self: a message
 *
 * When it was published, in microseconds of the monotonic clock. For a message that is delivered in
 * its publisher's own thread the clock is read when this is first called. A thread that publishes
 * in quick succession does not read it for each message, so the time may be a microsecond early.
 *
 * Returns: the time, or 0 before it is published
 *
 * Since: 1.0
 */
gint64
currant_message_get_time (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, 0);

  if (!(self->flags & CURRANT_MESSAGE_PUBLISHED))
    return 0;
  return currant_message_stamp (self);
}

/**
 * currant_message_get_real_time:
 * @self: a message
 *
 * When it was published, in microseconds of the wall clock since the epoch, as that clock stands
 * now.
 *
 * Returns: the time, or 0 before it is published
 *
 * Since: 1.0
 */
gint64
currant_message_get_real_time (CurrantMessage *self)
{
  gint64 published = currant_message_get_time (self);

  if (published == 0)
    return 0;
  return g_get_real_time () - (g_get_monotonic_time () - published);
}

/**
 * currant_message_get_sequence:
 * @self: a message
 *
 * Its number among the messages that its publishing thread published on the bus, from 1 on.
 * Together with the publisher it is unique on the bus.
 *
 * Returns: the number, or 0 before it is published
 *
 * Since: 1.0
 */
guint64
currant_message_get_sequence (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->sequence;
}

/**
 * currant_message_get_publisher:
 * @self: a message
 *
 * The number that the bus gave the publishing thread, from 1 on.
 *
 * Returns: the number, or 0 before it is published
 *
 * Since: 1.0
 */
guint
currant_message_get_publisher (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->publisher;
}

/**
 * currant_message_is_retained:
 * @self: a message
 *
 * Whether it was published with %CURRANT_PUBLISH_RETAIN.
 *
 * Returns: %TRUE for a retained message
 *
 * Since: 1.0
 */
gboolean
currant_message_is_retained (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return (self->flags & CURRANT_MESSAGE_RETAINED) != 0;
}
