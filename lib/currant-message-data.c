/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading what a message carries. */
#include "config.h"

#include "currant-message-private.h"

#include <string.h>

#include "currant-args-private.h"
#include "currant-value-private.h"

static GVariant *
make_args (CurrantMessage *self)
{
  switch ((CurrantPayload)self->payload)
    {
    case CURRANT_PAYLOAD_PACKED:
      return currant_args_to_variant (currant_message_payload (self), self->n_args);
    case CURRANT_PAYLOAD_VALUE:
      return currant_value_to_variant (currant_message_payload (self));
    case CURRANT_PAYLOAD_NONE:
    case CURRANT_PAYLOAD_VARIANT:
    default:
      return g_variant_new_tuple (NULL, 0);
    }
}

/**
 * currant_message_get_args:
 * @self: a message
 *
 * The arguments as a tuple. It is made when this is first called, unless the message was published
 * with one.
 *
 * Returns: (transfer none) (nullable): the tuple, owned by @self; empty when there are no
 * arguments; %NULL when the message carries a `GValue` that no `GVariant` can express
 *
 * Since: 1.0
 */
GVariant *
currant_message_get_args (CurrantMessage *self)
{
  GVariant *args, *made;

  g_return_val_if_fail (self != NULL, NULL);

  args = atomic_load_explicit (&self->args, memory_order_acquire);
  if (args != NULL)
    return args;
  made = make_args (self);
  if (made == NULL)
    return NULL;
  g_variant_take_ref (made);
  /* Several receivers may ask at once: one of the equal tuples is kept. */
  if (atomic_compare_exchange_strong_explicit (&self->args, &args, made, memory_order_acq_rel,
                                               memory_order_acquire))
    return made;
  g_variant_unref (made);
  return args;
}

/* A GVariant that is still a tree lets go of its children when somebody serialises it, and with
 * them of the strings that "&s" has handed out. So it is serialised before anything is handed out.
 */
static gboolean
variant_get_va (GVariant *value, const char *format, va_list *args)
{
  if (!g_variant_check_format_string (value, format, FALSE))
    return FALSE;
  g_variant_get_data (value);
  g_variant_get_va (value, format, NULL, args);
  return TRUE;
}

static gboolean
args_get (CurrantMessage *self, const char *format, va_list *args)
{
  GVariant *value = currant_message_get_args (self);

  return value != NULL && variant_get_va (value, format, args);
}

/* Formats that are not of plain types are answered as a GVariant answers them. */
static gboolean
packed_get (CurrantMessage *self, const char *format, va_list *args)
{
  gconstpointer block = currant_message_payload (self);
  gboolean has_text;
  guint n_args;
  gsize size;

  if (G_LIKELY (currant_args_fit (block, self->n_args, format)))
    {
      currant_args_unpack (block, self->n_args, format, args);
      return TRUE;
    }
  return !currant_args_can_pack (format, &n_args, &size, &has_text)
         && args_get (self, format, args);
}

/**
 * currant_message_get: (skip)
 * @self: a message
 * @format: the `GVariant` format string of a tuple, such as `"(is)"`
 * @...: return locations, as for g_variant_get()
 *
 * Reads the arguments, when they are of the types that @format says. `s` gives a new string, `&s`
 * one that is valid as long as the message.
 *
 * Returns: %FALSE, with nothing written, when the types differ
 *
 * Since: 1.0
 */
gboolean
currant_message_get (CurrantMessage *self, const char *format, ...)
{
  gboolean fits;
  va_list args;

  g_return_val_if_fail (self != NULL && format != NULL, FALSE);

  va_start (args, format);
  fits = self->payload == CURRANT_PAYLOAD_PACKED ? packed_get (self, format, &args)
                                                 : args_get (self, format, &args);
  va_end (args);
  return fits;
}

/**
 * currant_message_lookup: (skip)
 * @self: a message
 * @key: the name of an argument
 * @format: a `GVariant` format string
 * @...: return locations, as for g_variant_get()
 *
 * Reads one of the named arguments, when there is one of the type that @format says. `s` gives a
 * new string, `&s` one that is valid as long as the message.
 *
 * Returns: %FALSE, with nothing written, when there is none or it is of another type
 *
 * Since: 1.0
 */
gboolean
currant_message_lookup (CurrantMessage *self, const char *key, const char *format, ...)
{
  g_autoptr (GVariant) value = NULL;
  gboolean fits;
  va_list args;

  g_return_val_if_fail (self != NULL && key != NULL && format != NULL, FALSE);

  if (self->extra == NULL || self->extra->kwargs == NULL)
    return FALSE;
  value = g_variant_lookup_value (self->extra->kwargs, key, NULL);
  if (value == NULL)
    return FALSE;
  va_start (args, format);
  fits = variant_get_va (value, format, &args);
  va_end (args);
  return fits;
}

/**
 * currant_message_get_kwargs:
 * @self: a message
 *
 * The named arguments.
 *
 * Returns: (transfer none) (nullable): a `a{sv}`, owned by @self, or %NULL when there are none
 *
 * Since: 1.0
 */
GVariant *
currant_message_get_kwargs (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->extra != NULL ? self->extra->kwargs : NULL;
}

/**
 * currant_message_get_value:
 * @self: a message
 *
 * The value it was published with.
 *
 * Returns: (transfer none) (nullable): the value, owned by @self, or %NULL when it was published
 *   with other arguments
 *
 * Since: 1.0
 */
const GValue *
currant_message_get_value (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->payload != CURRANT_PAYLOAD_VALUE)
    return NULL;
  return currant_message_payload (self);
}

/**
 * currant_message_is_empty:
 * @self: a message
 *
 * Whether it carries no arguments, no value and no named arguments.
 *
 * Returns: %TRUE when it is empty
 *
 * Since: 1.0
 */
gboolean
currant_message_is_empty (CurrantMessage *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (currant_message_get_kwargs (self) != NULL)
    return FALSE;
  if (self->payload == CURRANT_PAYLOAD_VARIANT)
    return g_variant_n_children (currant_message_get_args (self)) == 0;
  return self->payload == CURRANT_PAYLOAD_NONE
         || (self->payload == CURRANT_PAYLOAD_PACKED && self->n_args == 0);
}

/**
 * currant_message_print:
 * @self: a message
 *
 * A line for people: the identifier, the arguments in `GVariant` text format, the named arguments.
 *
 * Returns: (transfer full): the line
 *
 * Since: 1.0
 */
char *
currant_message_print (CurrantMessage *self)
{
  g_autoptr (CurrantIdentifier) identifier = NULL;
  GString *line;
  GVariant *args;

  g_return_val_if_fail (self != NULL, NULL);

  identifier = currant_message_dup_identifier (self);
  line = g_string_new (currant_identifier_to_string (identifier));
  args = currant_message_get_args (self);
  if (args == NULL)
    {
      g_autofree char *content = g_strdup_value_contents (currant_message_get_value (self));

      g_string_append_printf (line, " %s", content);
    }
  else if (g_variant_n_children (args) > 0)
    {
      g_string_append_c (line, ' ');
      g_variant_print_string (args, line, FALSE);
    }
  if (currant_message_get_kwargs (self) != NULL)
    {
      g_string_append_c (line, ' ');
      g_variant_print_string (currant_message_get_kwargs (self), line, FALSE);
    }
  return g_string_free (line, FALSE);
}
