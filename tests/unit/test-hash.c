/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keyed hash, against the published algorithm. The program stands in for getrandom(), so that
 * the key is known; a child that asks the system shows that the key is not always the same. */
#include "config.h"

#include "currant-hash-private.h"
#include "currant-test.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

static gboolean real_seed; /* set before the first hash */
static guint n_asked;

/* Hands out the bytes 0, 1, 2 … three at a time, after an interruption. */
ssize_t
getrandom (void *buffer, size_t length, unsigned flags)
{
  static guchar next;
  guchar *bytes = buffer;
  size_t n = MIN (length, 3);

  if (real_seed)
    return syscall (SYS_getrandom, buffer, length, flags);
  if (n_asked++ == 0)
    {
      errno = EINTR;
      return -1;
    }
  for (size_t i = 0; i < n; i++)
    bytes[i] = next++;
  return (ssize_t)n;
}

/* SipHash-1-3 of the bytes 0, 1, 2 … under the key 0, 1, … 15: computed apart, with a program that
 * gives SipHash-2-4's published values. */
static const struct
{
  gsize length;
  guint64 hash;
} vectors[] = {
  { 0, G_GUINT64_CONSTANT (0xabac0158050fc4dc) },
  { 1, G_GUINT64_CONSTANT (0xc9f49bf37d57ca93) },
  { 3, G_GUINT64_CONSTANT (0x8bf80ab8e7ddf7fb) },
  { 7, G_GUINT64_CONSTANT (0xd3927d989bb11140) },
  { 8, G_GUINT64_CONSTANT (0x369095118d299a8e) },
  { 9, G_GUINT64_CONSTANT (0x25a48eb36c063de4) },
  { 15, G_GUINT64_CONSTANT (0xd320d86d2a519956) },
  { 16, G_GUINT64_CONSTANT (0xcc4fdd1a7d908b66) },
  { 17, G_GUINT64_CONSTANT (0x9cf2689063dbd80c) },
  { 63, G_GUINT64_CONSTANT (0x9d199062b7bbb3a8) },
  { 255, G_GUINT64_CONSTANT (0xf76214e3153c4a15) },
  { 256, G_GUINT64_CONSTANT (0x75b3e64e167de370) },
  { 300, G_GUINT64_CONSTANT (0x4016a23bda5a2224) },
};

/* At any alignment. */
static void
test_vectors (void)
{
  char bytes[320];

  for (gsize shift = 0; shift < 8; shift++)
    for (gsize i = 0; i < G_N_ELEMENTS (vectors); i++)
      {
        for (gsize j = 0; j < vectors[i].length; j++)
          bytes[shift + j] = (char)j;
        g_assert_cmphex (currant_hash_bytes (bytes + shift, vectors[i].length), ==,
                         vectors[i].hash);
      }
}

/* All sixteen bytes were asked for, once, and an interruption was not the end of it. */
static void
test_seed_is_asked_for_once (void)
{
  currant_hash_bytes ("", 0);
  g_assert_cmpuint (n_asked, ==, 1 + 6);
}

static void
test_string (void)
{
  g_assert_cmphex (currant_hash_string ("größe:x"), ==,
                   (guint)currant_hash_bytes ("größe:x", strlen ("größe:x")));
  g_assert_cmphex (currant_hash_string (""), ==, (guint)vectors[0].hash);
}

/* Which is how a child tells its hash. */
static void
test_tell (void)
{
  real_seed = TRUE;
  g_printerr ("hash %08x;", currant_hash_string ("a:b"));
}

/* A process that asks the system has another key than the one above. */
static void
test_differs_by_process (void)
{
  g_autofree char *ours = g_strdup_printf ("*hash %08x;*", currant_hash_string ("a:b"));

  g_test_trap_subprocess ("/hash/subprocess/tell", 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*hash ????????;*");
  g_test_trap_assert_stderr_unmatched (ours);
}

/* Pointers and serial numbers vary in few bits; the buckets must be filled evenly all the same. */
static void
assert_even (const guint *buckets, guint n_buckets, guint n, const char *what)
{
  guint mean = n / n_buckets;

  for (guint i = 0; i < n_buckets; i++)
    if (buckets[i] < mean / 2 || buckets[i] > 2 * mean)
      g_error ("%s: %u in bucket %u, and %u in the mean", what, buckets[i], i, mean);
}

static void
test_pairs_are_even (void)
{
  guint buckets[256] = { 0 }, words[256] = { 0 };

  for (guint64 a = 0; a < 256; a++)
    for (guint64 b = 0; b < 256; b++)
      {
        buckets[currant_hash_pair (0x55550000 + a * 48, 0x7fff0000 + b * 32) % 256]++;
        words[currant_hash_pair (a, b) % 256]++;
      }
  assert_even (buckets, 256, 65536, "pairs of pointers");
  assert_even (words, 256, 65536, "pairs of small numbers");
}

static void
test_pair_has_an_order (void)
{
  guint same = 0;

  for (guint64 a = 0; a < 100; a++)
    for (guint64 b = a + 1; b < 100; b++)
      same += currant_hash_pair (a * 16, b * 16) == currant_hash_pair (b * 16, a * 16);
  g_assert_cmpuint (same, <=, 1);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/hash/subprocess/tell", test_tell);
  currant_test_add ("/hash/vectors", test_vectors);
  currant_test_add ("/hash/seed-is-asked-for-once", test_seed_is_asked_for_once);
  currant_test_add ("/hash/string", test_string);
  currant_test_add ("/hash/differs-by-process", test_differs_by_process);
  currant_test_add ("/hash/pairs-are-even", test_pairs_are_even);
  currant_test_add ("/hash/pair-has-an-order", test_pair_has_an_order);
  return g_test_run ();
}
