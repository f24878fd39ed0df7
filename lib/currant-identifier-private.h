/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The inside of an identifier, for messages, which copy its texts in one go. */
#pragma once

#include "currant-identifier.h"

#include <stdatomic.h>

struct _CurrantIdentifier
{
  atomic_uint ref_count;
  guint hash; /* of the canonical text; all below is immutable too */
  guint16 name_length;
  guint16 action_length;
  guint16 namespace_length;
  guint16 texts_length;
  const char *canonical;
  char texts[]; /* "name:action\0name\0[namespace\0]", then the canonical text */
};

static inline gboolean
currant_text_is_star (const char *text)
{
  return text[0] == '*' && text[1] == '\0';
}
