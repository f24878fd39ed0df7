/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-hash-private.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "currant-lock-private.h"

static guint64 seed[2];

static gpointer
make_seed (G_GNUC_UNUSED gpointer data)
{
  gsize have = 0;

  while (have < sizeof seed)
    {
      gssize n = getrandom ((char *)seed + have, sizeof seed - have, 0);

      if (n > 0)
        have += n;
      else if (errno != EINTR)
        break;
    }
  /* Kernels without getrandom () are older than anything GLib 2.74 runs on, but sandboxes may
   * refuse it; g_random_int () reads /dev/urandom or, failing that, the clock. */
  for (; have < sizeof seed; have++)
    ((char *)seed)[have] = (char)g_random_int ();
  CURRANT_TSAN_RELEASE (seed);
  return seed;
}

static inline guint64
rotate (guint64 x, int by)
{
  return (x << by) | (x >> (64 - by));
}

static inline void
sip_round (guint64 v[4])
{
  v[0] += v[1];
  v[1] = rotate (v[1], 13) ^ v[0];
  v[0] = rotate (v[0], 32);
  v[2] += v[3];
  v[3] = rotate (v[3], 16) ^ v[2];
  v[0] += v[3];
  v[3] = rotate (v[3], 21) ^ v[0];
  v[2] += v[1];
  v[1] = rotate (v[1], 17) ^ v[2];
  v[2] = rotate (v[2], 32);
}

static inline guint64
last_word (const char *bytes, gsize n, gsize length)
{
  guint64 word = (guint64)length << 56;

  for (gsize i = 0; i < n; i++)
    word |= (guint64)(guchar)bytes[i] << (8 * i);
  return word;
}

guint64
currant_hash_bytes (const char *bytes, gsize length)
{
  static GOnce once = G_ONCE_INIT;
  guint64 v[4], word;
  gsize left = length;

  g_once (&once, make_seed, NULL);
  CURRANT_TSAN_ACQUIRE (seed);
  v[0] = seed[0] ^ G_GUINT64_CONSTANT (0x736f6d6570736575);
  v[1] = seed[1] ^ G_GUINT64_CONSTANT (0x646f72616e646f6d);
  v[2] = seed[0] ^ G_GUINT64_CONSTANT (0x6c7967656e657261);
  v[3] = seed[1] ^ G_GUINT64_CONSTANT (0x7465646279746573);
  for (; left >= 8; left -= 8, bytes += 8)
    {
      memcpy (&word, bytes, 8);
      word = GUINT64_FROM_LE (word);
      v[3] ^= word;
      sip_round (v);
      v[0] ^= word;
    }
  word = last_word (bytes, left, length);
  v[3] ^= word;
  sip_round (v);
  v[0] ^= word;
  v[2] ^= 0xff;
  for (int i = 0; i < 3; i++)
    sip_round (v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

guint
currant_hash_string (gconstpointer text)
{
  return (guint)currant_hash_bytes (text, strlen (text));
}
