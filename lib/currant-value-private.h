/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GValue payloads: copying them without GObject's type machinery where they are plain numbers, and
 * their form as a GVariant. */
#pragma once

#include <glib-object.h>

static inline gboolean
currant_value_is_plain (const GValue *value)
{
  GType type = G_VALUE_TYPE (value);

  return type >= G_TYPE_CHAR && type <= G_TYPE_DOUBLE && type != G_TYPE_ENUM
         && type != G_TYPE_FLAGS;
}

/* @to is not initialised before. */
static inline void
currant_value_copy (const GValue *from, GValue *to)
{
  if (currant_value_is_plain (from))
    {
      *to = *from;
      return;
    }
  *to = (GValue)G_VALUE_INIT;
  g_value_init (to, G_VALUE_TYPE (from));
  g_value_copy (from, to);
}

static inline void
currant_value_clear (GValue *value)
{
  if (!currant_value_is_plain (value))
    g_value_unset (value);
}

/* Returns: (transfer floating) (nullable): the value as a one-tuple, NULL where it has no such form
 */
GVariant *currant_value_to_variant (const GValue *value);
