/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The radix tree, against a plain list of keys. */
#include "config.h"

#include "currant-radix-private.h"
#include "currant-test.h"

#include <string.h>

#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
#include <malloc.h>
#define HAVE_MALLINFO 1
#endif

/* A key in the list; its address is the value in the tree. */
typedef struct
{
  gsize length;
  char text[24];
} Key;

static int
compare_pointers (gconstpointer a, gconstpointer b)
{
  const char *x = *(const char *const *)a, *y = *(const char *const *)b;

  return (x > y) - (x < y);
}

static GPtrArray *
find_plainly (GPtrArray *keys, const char *text, gsize length)
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < keys->len; i++)
    {
      Key *key = keys->pdata[i];

      if (key->length <= length && memcmp (key->text, text, key->length) == 0)
        g_ptr_array_add (found, key);
    }
  return found;
}

static void
assert_agrees (CurrantRadix *tree, GPtrArray *keys, const char *text, gsize length)
{
  g_autoptr (GPtrArray) wanted = find_plainly (keys, text, length);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  currant_radix_collect (tree, text, length, found);
  g_ptr_array_sort (wanted, compare_pointers);
  g_ptr_array_sort (found, compare_pointers);
  if (found->len != wanted->len
      || (found->len > 0 && memcmp (found->pdata, wanted->pdata, found->len * sizeof (gpointer))))
    g_error ("“%.*s” begins with %u of %u keys, not %u", (int)length, text, wanted->len, keys->len,
             found->len);
}

static void
add (CurrantRadix *tree, GPtrArray *keys, const char *text, gsize length)
{
  Key *key = g_new0 (Key, 1);

  memcpy (key->text, text, length);
  key->length = length;
  currant_radix_add (tree, key->text, length, key);
  g_ptr_array_add (keys, key);
}

static void
drop (CurrantRadix *tree, GPtrArray *keys, guint index)
{
  Key *key = g_ptr_array_steal_index_fast (keys, index);

  currant_radix_remove (tree, key->text, key->length, key);
  g_free (key);
}

/* By hand: the cases that a tree has to tell apart. */
static void
test_cases (void)
{
  static const char *const texts[] = { "", "a", "ab", "abc", "abd", "b", "abcdef", "abcxef", "ba" };
  CurrantRadix *tree = currant_radix_new ();
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      add (tree, keys, texts[i], strlen (texts[i]));
      for (gsize j = 0; j < G_N_ELEMENTS (texts); j++)
        assert_agrees (tree, keys, texts[j], strlen (texts[j]));
    }
  while (keys->len > 0)
    {
      drop (tree, keys, 0);
      for (gsize j = 0; j < G_N_ELEMENTS (texts); j++)
        assert_agrees (tree, keys, texts[j], strlen (texts[j]));
    }
  currant_radix_free (tree);
}

/* The answer is appended to what is in the array, and one value is given once. */
static void
test_appends (void)
{
  CurrantRadix *tree = currant_radix_new ();
  g_autoptr (GPtrArray) values = g_ptr_array_new ();
  int one, two, before;

  currant_radix_add (tree, "a", 1, &one);
  currant_radix_add (tree, "a", 1, &two);
  g_ptr_array_add (values, &before);
  currant_radix_collect (tree, "ab", 2, values);
  g_assert_cmpuint (values->len, ==, 3);
  g_assert_true (values->pdata[0] == &before);
  currant_radix_remove (tree, "a", 1, &one);
  g_ptr_array_set_size (values, 0);
  currant_radix_collect (tree, "ab", 2, values);
  g_assert_cmpuint (values->len, ==, 1);
  g_assert_true (values->pdata[0] == &two);
  currant_radix_free (tree);
}

/* Any byte may stand in a key, also the one that ends a string. */
static void
test_any_byte (void)
{
  CurrantRadix *tree = currant_radix_new ();
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; i < 256; i++)
    {
      /* In an order of no order. */
      char text[2] = { (char)(i * 157), 0 };

      add (tree, keys, text, 1);
      add (tree, keys, text, 2);
    }
  for (int i = 0; i < 256; i++)
    {
      char text[3] = { (char)i, 0, 1 };

      assert_agrees (tree, keys, text, 3);
      assert_agrees (tree, keys, text, 1);
    }
  currant_radix_free (tree);
}

static gsize
random_text (GRand *rand, const char *alphabet, char text[24])
{
  gsize length = (gsize)g_rand_int_range (rand, 0, 12);

  for (gsize i = 0; i < length; i++)
    text[i] = alphabet[g_rand_int_range (rand, 0, (int)strlen (alphabet))];
  return length;
}

/* Keys come and go, many at a time and few at a time; repeated keys have several values. */
static void
random_steps (GRand *rand, CurrantRadix *tree, GPtrArray *keys, guint steps, const char *alphabet)
{
  for (guint i = 0; i < steps; i++)
    {
      char text[24];
      gboolean grows = g_rand_int_range (rand, 0, 10) < ((i / 500) % 2 ? 3 : 7);
      gsize length = random_text (rand, alphabet, text);

      if (grows)
        add (tree, keys, text, length);
      else if (keys->len > 0)
        drop (tree, keys, (guint)g_rand_int_range (rand, 0, (int)keys->len));
      length = random_text (rand, alphabet, text);
      assert_agrees (tree, keys, text, length);
    }
}

static void
test_random (void)
{
  static const char *const alphabets[] = { "a", "ab", "abc\xc3\xa4", "abcdefghijklmnop" };
  g_autoptr (GRand) rand = currant_test_rand_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (alphabets); i++)
    {
      CurrantRadix *tree = currant_radix_new ();
      g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);

      random_steps (rand, tree, keys, currant_test_rounds (5000), alphabets[i]);
      currant_radix_free (tree);
    }
}

#ifdef HAVE_MALLINFO
static void
fill_and_drain (GRand *rand, CurrantRadix *tree)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; i < 5000; i++)
    {
      char text[24];
      gsize length = random_text (rand, "abcd", text);

      add (tree, keys, text, length);
    }
  while (keys->len > 0)
    drop (tree, keys, (guint)g_rand_int_range (rand, 0, (int)keys->len));
}

/* With the keys goes what the tree needed for them: splits are merged, and empty ends dropped. The
 * keys differ from time to time, so what was left would add up. */
static void
test_shrinks (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();
  CurrantRadix *tree;
  gsize before = 0;

  if (currant_test_is_instrumented ())
    {
      g_test_skip ("malloc is not the C library's");
      return;
    }
  tree = currant_radix_new ();
  for (int i = 0; i < 8; i++)
    {
      /* After some rounds the allocators have in their caches what they will have. */
      if (i == 3)
        before = mallinfo2 ().uordblks;
      fill_and_drain (rand, tree);
    }
  g_assert_cmpuint (mallinfo2 ().uordblks, <, before + 65536);
  currant_radix_free (tree);
}
#endif

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/radix/cases", test_cases);
  currant_test_add ("/radix/appends", test_appends);
  currant_test_add ("/radix/any-byte", test_any_byte);
  currant_test_add ("/radix/against-a-plain-list", test_random);
#ifdef HAVE_MALLINFO
  currant_test_add ("/radix/shrinks", test_shrinks);
#endif
  return g_test_run ();
}
