/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SipHash-1-3 with a seed that differs in each process: the hash of every table that is keyed by
 * text from outside, so that nobody can choose texts that collide. */
#pragma once

#include <glib.h>
#include <string.h>

guint64 currant_hash_bytes (const char *bytes, gsize length);

/* For g_hash_table_new (): a keyed g_str_hash (). */
guint currant_hash_string (gconstpointer text);

/* For a table that others can make slow, but no more than that. Not for one that is searched where
 * texts collide. */
static inline guint64
currant_hash_quickly (const char *bytes, gsize length)
{
  guint64 hash = length * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15), word;

  for (; length >= 8; length -= 8, bytes += 8)
    {
      memcpy (&word, bytes, 8);
      hash = (hash ^ word) * G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
      hash ^= hash >> 32;
    }
  word = 0;
  memcpy (&word, bytes, length);
  hash = (hash ^ word) * G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
  return hash ^ hash >> 32;
}

/* Mixes two words that nobody outside can choose (pointers, serial numbers). */
static inline guint
currant_hash_pair (guint64 a, guint64 b)
{
  guint64 x =
      (a ^ (b * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15))) * G_GUINT64_CONSTANT (0xff51afd7ed558ccd);

  return (guint)(x >> 32) ^ (guint)x;
}
