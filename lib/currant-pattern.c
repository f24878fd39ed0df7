/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-pattern-private.h"

#include <string.h>

#include "currant-hash-private.h"
#include "currant-identifier.h"

/**
 * CurrantPattern:
 *
 * What a follower or queue asks for: `name[@namespace][:action]`, each half with globs and choices.
 *
 * A half that is exactly `*` matches every half. A `*` elsewhere matches any run of characters, and
 * `{a,b}` is a choice, so `app.*:resized`, `*.log:rotat*` and `file:{created,removed}` are
 * patterns. Without an action, every action matches. A pattern sees only messages of its own
 * namespace.
 *
 * Patterns are immutable and may be used from any thread.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (CurrantPattern, currant_pattern, currant_pattern_ref, currant_pattern_unref)

static gboolean
parse_halves (CurrantPattern *self, const char *text, const CurrantParts *parts, GError **error)
{
  return currant_half_parse (&self->name, text, &parts->name, CURRANT_PATTERN_MAX_CHOICES, error)
         && currant_half_parse (&self->action, text, &parts->action,
                                CURRANT_PATTERN_MAX_CHOICES / self->name.n_choices, error);
}

/* No text holds a line break, so it may separate choices. */
static char *
print_key (const CurrantPattern *self)
{
  g_autofree char *names = NULL, *actions = NULL;

  if (self->name.n_choices == 1 && self->action.n_choices == 1)
    return self->text;
  names = g_strjoinv ("\n", self->name.choices);
  actions = g_strjoinv ("\n", self->action.choices);
  return currant_parts_print (names, self->namespace, actions);
}

/**
 * currant_pattern_new:
 * @text: the text of a pattern; may come from anywhere
 * @error: return location for an error
 *
 * Parses a pattern.
 *
 * Each half must be 1 to %CURRANT_HALF_MAX bytes of UTF-8 without control characters, and the
 * choices of both halves may multiply to %CURRANT_PATTERN_MAX_CHOICES at most. What is wrong gives
 * %CURRANT_ERROR_INVALID_IDENTIFIER with a message that says what and at which byte.
 *
 * Returns: (transfer full): the pattern, or %NULL with @error set
 *
 * Since: 1.0
 */
CurrantPattern *
currant_pattern_new (const char *text, GError **error)
{
  g_autoptr (CurrantPattern) self = NULL;
  CurrantParts parts;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!currant_parts_split (text, &parts, error))
    return NULL;
  self = g_new0 (CurrantPattern, 1);
  self->ref_count = 1;
  if (!parse_halves (self, text, &parts, error))
    return NULL;
  if (parts.namespace.text != NULL)
    self->namespace = g_strndup (parts.namespace.text, parts.namespace.length);
  self->text = currant_parts_print (self->name.text, self->namespace, self->action.text);
  self->key = print_key (self);
  return g_steal_pointer (&self);
}

/* What a thread parsed last of the program's constants: followers come and go by the same few. */

#define N_KNOWN 16

static _Thread_local CurrantPattern *known[N_KNOWN];

static void
forget_known (G_GNUC_UNUSED gpointer data)
{
  for (guint i = 0; i < N_KNOWN; i++)
    g_clear_pointer (&known[i], currant_pattern_unref);
}

static GPrivate thread_end = G_PRIVATE_INIT (forget_known);

static void
remember (CurrantPattern **place, CurrantPattern *pattern)
{
  if (*place == NULL)
    g_private_set (&thread_end, GINT_TO_POINTER (1));
  else
    currant_pattern_unref (*place);
  *place = currant_pattern_ref (pattern);
}

CurrantPattern *
currant_pattern_parse_constant (const char *text)
{
  g_autoptr (GError) error = NULL;
  CurrantPattern **place = &known[currant_hash_quickly (text, strlen (text)) % N_KNOWN], *self;

  if (*place != NULL && strcmp ((*place)->text, text) == 0)
    return currant_pattern_ref (*place);
  self = currant_pattern_new (text, &error);
  if (self == NULL)
    g_critical ("not a pattern: %s", error->message);
  else if (strcmp (self->text, text) == 0)
    remember (place, self);
  return self;
}

/**
 * currant_pattern_ref:
 * @self: a pattern
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
CurrantPattern *
currant_pattern_ref (CurrantPattern *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  atomic_fetch_add_explicit (&self->ref_count, 1, memory_order_relaxed);
  return self;
}

/**
 * currant_pattern_unref:
 * @self: (transfer full): a pattern
 *
 * Drops a reference.
 *
 * Since: 1.0
 */
void
currant_pattern_unref (CurrantPattern *self)
{
  g_return_if_fail (self != NULL);

  if (atomic_fetch_sub_explicit (&self->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  currant_half_clear (&self->name);
  currant_half_clear (&self->action);
  g_free (self->namespace);
  if (self->key != self->text)
    g_free (self->key);
  g_free (self->text);
  g_free (self);
}

/**
 * currant_pattern_to_string:
 * @self: a pattern
 *
 * The canonical text: the action written out, stars that stand side by side folded into one, and
 * each choice sorted, without repeats. It can be parsed again.
 *
 * Returns: (transfer none): the text, owned by @self
 *
 * Since: 1.0
 */
const char *
currant_pattern_to_string (CurrantPattern *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->text;
}

/**
 * currant_pattern_get_namespace:
 * @self: a pattern
 *
 * The only namespace whose messages it matches.
 *
 * Returns: (transfer none) (nullable): the namespace, owned by @self, or %NULL for the default one
 *
 * Since: 1.0
 */
const char *
currant_pattern_get_namespace (CurrantPattern *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->namespace;
}

static gboolean
half_is_exact (const CurrantHalf *half)
{
  return half->n_choices == 1 && currant_glob_kind (half->choices[0]) == CURRANT_HALF_EXACT;
}

/**
 * currant_pattern_is_exact:
 * @self: a pattern
 *
 * Whether it has no stars and no choices, and so matches one identifier (and broadcasts).
 *
 * Returns: %TRUE when it is exact
 *
 * Since: 1.0
 */
gboolean
currant_pattern_is_exact (CurrantPattern *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return half_is_exact (&self->name) && half_is_exact (&self->action);
}

/**
 * currant_pattern_matches:
 * @self: a pattern
 * @identifier: an identifier
 *
 * Whether a message published under @identifier reaches a follower of @self.
 *
 * This tries half by half and choice by choice. The bus itself finds its followers through an index
 * that gives the same answer.
 *
 * Returns: %TRUE when it matches
 *
 * Since: 1.0
 */
gboolean
currant_pattern_matches (CurrantPattern *self, CurrantIdentifier *identifier)
{
  g_return_val_if_fail (self != NULL && identifier != NULL, FALSE);

  return g_strcmp0 (self->namespace, currant_identifier_get_namespace (identifier)) == 0
         && currant_half_matches (&self->name, currant_identifier_get_name (identifier))
         && currant_half_matches (&self->action, currant_identifier_get_action (identifier));
}

/**
 * currant_pattern_covers:
 * @wide: a pattern
 * @narrow: another
 *
 * Whether @wide matches everything that @narrow matches. This is what access lists ask.
 *
 * Returns: %TRUE when @wide covers @narrow
 *
 * Since: 1.0
 */
gboolean
currant_pattern_covers (CurrantPattern *wide, CurrantPattern *narrow)
{
  g_return_val_if_fail (wide != NULL && narrow != NULL, FALSE);

  return g_strcmp0 (wide->namespace, narrow->namespace) == 0
         && currant_half_covers (&wide->name, &narrow->name)
         && currant_half_covers (&wide->action, &narrow->action);
}

/**
 * currant_pattern_equal:
 * @a: a pattern
 * @b: another
 *
 * Whether both multiply out to the same choices, as `{ab,ac}:x` and `a{b,c}:x` do.
 *
 * Returns: %TRUE when they are equal
 *
 * Since: 1.0
 */
gboolean
currant_pattern_equal (CurrantPattern *a, CurrantPattern *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  return strcmp (a->key, b->key) == 0;
}

/**
 * currant_pattern_hash:
 * @self: a pattern
 *
 * A hash that fits currant_pattern_equal(). It differs from process to process.
 *
 * Returns: the hash
 *
 * Since: 1.0
 */
guint
currant_pattern_hash (CurrantPattern *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return currant_hash_string (self->key);
}
