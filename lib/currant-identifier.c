/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-identifier-private.h"

#include <string.h>

#include "currant-half-private.h"
#include "currant-hash-private.h"

/**
 * CurrantIdentifier:
 *
 * What a message is published under: `name[@namespace][:action]`.
 *
 * The last `:` splits the name from the action, and the last `@` before it splits off the
 * namespace. Without an action, the action is `*`. A name or action that is exactly `*` makes the
 * identifier a broadcast: it reaches every pattern whose other half matches. A name that begins
 * with
 * `_` is local to the process.
 *
 * Identifiers are immutable and may be used from any thread.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (CurrantIdentifier, currant_identifier, currant_identifier_ref,
                     currant_identifier_unref)

static char *
append (char *out, const char *text, gsize length, char end)
{
  memcpy (out, text, length);
  out[length] = end;
  return out + length + 1;
}

/* All texts in one block, in the order a message copies them: id, name, namespace; then the
 * canonical text. */
static CurrantIdentifier *
identifier_from_parts (const CurrantParts *parts)
{
  gsize name = parts->name.length, action = parts->action.length;
  gsize space = parts->namespace.length;
  gsize texts = name + action + 2 + name + 1 + (space > 0 ? space + 1 : 0);
  CurrantIdentifier *self = g_malloc (sizeof *self + texts + name + space + action + 3);
  char *out = self->texts;

  self->ref_count = 1;
  self->name_length = name;
  self->action_length = action;
  self->namespace_length = space;
  self->texts_length = texts;
  out = append (out, parts->name.text, name, ':');
  out = append (out, parts->action.text, action, '\0');
  out = append (out, parts->name.text, name, '\0');
  if (space > 0)
    out = append (out, parts->namespace.text, space, '\0');
  self->canonical = out;
  out = append (out, parts->name.text, name, space > 0 ? '@' : ':');
  if (space > 0)
    out = append (out, parts->namespace.text, space, ':');
  append (out, parts->action.text, action, '\0');
  self->hash = currant_hash_string (self->canonical);
  return self;
}

/**
 * currant_identifier_new:
 * @text: the text of an identifier; may come from anywhere
 * @error: return location for an error
 *
 * Parses an identifier.
 *
 * Each half must be 1 to %CURRANT_HALF_MAX bytes of UTF-8 without control characters. `*` stands
 * for a whole half only, and `{` and `}` nowhere. What is wrong gives
 * %CURRANT_ERROR_INVALID_IDENTIFIER with a message that says what and at which byte.
 *
 * Returns: (transfer full): the identifier, or %NULL with @error set
 *
 * Since: 1.0
 */
CurrantIdentifier *
currant_identifier_new (const char *text, GError **error)
{
  CurrantParts parts;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!currant_parts_split (text, &parts, error)
      || !currant_span_check_concrete (text, &parts.name, error)
      || !currant_span_check_concrete (text, &parts.action, error))
    return NULL;
  return identifier_from_parts (&parts);
}

/**
 * currant_identifier_ref:
 * @self: an identifier
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
CurrantIdentifier *
currant_identifier_ref (CurrantIdentifier *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  atomic_fetch_add_explicit (&self->ref_count, 1, memory_order_relaxed);
  return self;
}

/**
 * currant_identifier_unref:
 * @self: (transfer full): an identifier
 *
 * Drops a reference.
 *
 * Since: 1.0
 */
void
currant_identifier_unref (CurrantIdentifier *self)
{
  g_return_if_fail (self != NULL);

  if (atomic_fetch_sub_explicit (&self->ref_count, 1, memory_order_acq_rel) == 1)
    g_free (self);
}

/**
 * currant_identifier_get_name:
 * @self: an identifier
 *
 * The name half, `*` in a broadcast to all names.
 *
 * Returns: (transfer none): the name, owned by @self
 *
 * Since: 1.0
 */
const char *
currant_identifier_get_name (CurrantIdentifier *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->texts + self->name_length + self->action_length + 2;
}

/**
 * currant_identifier_get_action:
 * @self: an identifier
 *
 * The action half, `*` in a broadcast to all actions.
 *
 * Returns: (transfer none): the action, owned by @self
 *
 * Since: 1.0
 */
const char *
currant_identifier_get_action (CurrantIdentifier *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->texts + self->name_length + 1;
}

/**
 * currant_identifier_get_namespace:
 * @self: an identifier
 *
 * The namespace. A pattern sees only messages of its own.
 *
 * Returns: (transfer none) (nullable): the namespace, owned by @self, or %NULL for the default one
 *
 * Since: 1.0
 */
const char *
currant_identifier_get_namespace (CurrantIdentifier *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->namespace_length == 0)
    return NULL;
  return self->texts + 2 * self->name_length + self->action_length + 3;
}

/**
 * currant_identifier_get_id:
 * @self: an identifier
 *
 * `name:action`, without the namespace.
 *
 * Returns: (transfer none): the id, owned by @self
 *
 * Since: 1.0
 */
const char *
currant_identifier_get_id (CurrantIdentifier *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->texts;
}

/**
 * currant_identifier_to_string:
 * @self: an identifier
 *
 * The whole identifier in its canonical form, `name:action` or `name@namespace:action`.
 *
 * Returns: (transfer none): the text, owned by @self
 *
 * Since: 1.0
 */
const char *
currant_identifier_to_string (CurrantIdentifier *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->canonical;
}

/**
 * currant_identifier_is_broadcast:
 * @self: an identifier
 *
 * Whether the name or the action is `*`.
 *
 * Returns: %TRUE for a broadcast
 *
 * Since: 1.0
 */
gboolean
currant_identifier_is_broadcast (CurrantIdentifier *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return currant_text_is_star (currant_identifier_get_name (self))
         || currant_text_is_star (currant_identifier_get_action (self));
}

/**
 * currant_identifier_is_local:
 * @self: an identifier
 *
 * Whether messages of this identifier never leave the process: those whose name begins with `_`,
 * and those of the bus itself, `currant:…`.
 *
 * Returns: %TRUE when it is local
 *
 * Since: 1.0
 */
gboolean
currant_identifier_is_local (CurrantIdentifier *self)
{
  const char *name;

  g_return_val_if_fail (self != NULL, FALSE);

  name = currant_identifier_get_name (self);
  return name[0] == '_' || strcmp (name, "currant") == 0;
}

/**
 * currant_identifier_equal:
 * @a: an identifier
 * @b: another
 *
 * Whether both are the same identifier.
 *
 * Returns: %TRUE when they are equal
 *
 * Since: 1.0
 */
gboolean
currant_identifier_equal (CurrantIdentifier *a, CurrantIdentifier *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  return a == b || (a->hash == b->hash && strcmp (a->canonical, b->canonical) == 0);
}

/**
 * currant_identifier_hash:
 * @self: an identifier
 *
 * A hash that fits currant_identifier_equal(). It differs from process to process.
 *
 * Returns: the hash
 *
 * Since: 1.0
 */
guint
currant_identifier_hash (CurrantIdentifier *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->hash;
}
