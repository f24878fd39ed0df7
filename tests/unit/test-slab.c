/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The free lists. The suite may run with CURRANT_DEBUG=malloc, under which there are none, so the
 * program takes that back before the first block is asked for. */
#include "config.h"

#include "currant-slab-private.h"
#include "currant-test.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
#include <malloc.h>
#define HAVE_MALLINFO 1
#endif

static const gsize sizes[] = { CURRANT_SLAB_MESSAGE_SIZE, CURRANT_SLAB_NODE_SIZE };

/* Under AddressSanitizer every block is malloc's. */
static gboolean
has_lists (void)
{
#ifdef CURRANT_TEST_ASAN
  g_test_skip ("there are no free lists under AddressSanitizer");
  return FALSE;
#else
  return TRUE;
#endif
}

/* Blocks in use, each filled with a number of its own. */
typedef struct
{
  CurrantSlabKind kind;
  GPtrArray *blocks;
} Holding;

static Holding
holding_new (CurrantSlabKind kind)
{
  return (Holding){ kind, g_ptr_array_new () };
}

static guint64
mark_of (gconstpointer block)
{
  return (guint64)(uintptr_t)block * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
}

static void
take (Holding *self)
{
  guint64 *words = currant_slab_take (self->kind);

  g_assert_cmpuint ((uintptr_t)words % sizeof (guint64), ==, 0);
  for (gsize i = 0; i < sizes[self->kind] / sizeof *words; i++)
    words[i] = mark_of (words);
  g_ptr_array_add (self->blocks, words);
}

/* Nobody else may have written to it meanwhile, so it was given to one only. */
static void
assert_untouched (gconstpointer block, CurrantSlabKind kind)
{
  const guint64 *words = block;

  for (gsize i = 0; i < sizes[kind] / sizeof *words; i++)
    g_assert_cmphex (words[i], ==, mark_of (block));
}

static void
give (Holding *self, guint index)
{
  gpointer block = g_ptr_array_remove_index_fast (self->blocks, index);

  assert_untouched (block, self->kind);
  currant_slab_give (self->kind, block);
}

static void
holding_end (Holding *self)
{
  while (self->blocks->len > 0)
    give (self, self->blocks->len - 1);
  g_ptr_array_unref (self->blocks);
}

/* The last given is the first taken, while it is warm. */
static void
test_reuses (void)
{
  if (!has_lists ())
    return;
  for (CurrantSlabKind kind = 0; kind < CURRANT_SLAB_N_KINDS; kind++)
    {
      gpointer a = currant_slab_take (kind), b = currant_slab_take (kind);

      g_assert_true (a != b);
      currant_slab_give (kind, a);
      currant_slab_give (kind, b);
      g_assert_true (currant_slab_take (kind) == b);
      g_assert_true (currant_slab_take (kind) == a);
      currant_slab_give (kind, a);
      currant_slab_give (kind, b);
    }
}

/* A block of one kind never comes back as one of the other, which is larger. */
static void
test_kinds_are_apart (void)
{
  Holding nodes = holding_new (CURRANT_SLAB_NODE), messages = holding_new (CURRANT_SLAB_MESSAGE);

  for (int round = 0; round < 3; round++)
    {
      for (int i = 0; i < 300; i++)
        take (round % 2 ? &nodes : &messages);
      for (int i = 0; i < 300; i++)
        take (round % 2 ? &messages : &nodes);
      while (nodes.blocks->len > 0)
        give (&nodes, 0);
      while (messages.blocks->len > 0)
        give (&messages, 0);
    }
  holding_end (&nodes);
  holding_end (&messages);
}

static void
random_traffic (GRand *rand, guint rounds, guint most)
{
  Holding holdings[CURRANT_SLAB_N_KINDS];

  for (CurrantSlabKind kind = 0; kind < CURRANT_SLAB_N_KINDS; kind++)
    holdings[kind] = holding_new (kind);
  for (guint i = 0; i < rounds; i++)
    {
      Holding *holding = &holdings[g_rand_int_range (rand, 0, CURRANT_SLAB_N_KINDS)];
      /* The wish to hold swings, so that lists fill and drain. */
      guint wish = (guint)g_rand_int_range (rand, 0, 2) == (i / 4096) % 2 ? most : 0;

      if (holding->blocks->len < wish)
        take (holding);
      else if (holding->blocks->len > 0)
        give (holding, (guint)g_rand_int_range (rand, 0, (int)holding->blocks->len));
    }
  for (CurrantSlabKind kind = 0; kind < CURRANT_SLAB_N_KINDS; kind++)
    holding_end (&holdings[kind]);
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();

  random_traffic (rand, currant_test_rounds (500000), 1000);
}

static gpointer
random_thread (gpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (GPOINTER_TO_UINT (data));

  random_traffic (rand, currant_test_rounds (100000), 500);
  return NULL;
}

static void
test_random_threads (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();
  GThread *threads[4];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("slab", random_thread, GUINT_TO_POINTER (g_rand_int (rand)));
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* One thread takes, another gives back: the way of every message. */

#define RING 1024

typedef struct
{
  guint rounds;
  _Atomic (gpointer) ring[RING];
} Conveyor;

static gpointer
give_from_ring (gpointer data)
{
  Conveyor *self = data;

  for (guint i = 0; i < self->rounds; i++)
    {
      gpointer block;

      while ((block = atomic_exchange (&self->ring[i % RING], NULL)) == NULL)
        g_thread_yield ();
      assert_untouched (block, CURRANT_SLAB_MESSAGE);
      currant_slab_give (CURRANT_SLAB_MESSAGE, block);
    }
  return NULL;
}

static void
take_into_ring (Conveyor *self)
{
  Holding holding = holding_new (CURRANT_SLAB_MESSAGE);

  for (guint i = 0; i < self->rounds; i++)
    {
      take (&holding);
      while (atomic_load (&self->ring[i % RING]) != NULL)
        g_thread_yield ();
      atomic_store (&self->ring[i % RING], g_ptr_array_steal_index_fast (holding.blocks, 0));
    }
  holding_end (&holding);
}

/* What the other thread gives comes back to the taker by way of the depot: the addresses repeat. */
static void
test_conveyor (void)
{
  Conveyor conveyor = { .rounds = currant_test_rounds (200000) };
  GThread *giver = g_thread_new ("giver", give_from_ring, &conveyor);

  take_into_ring (&conveyor);
  g_thread_join (giver);
}

static gpointer
give_all (gpointer data)
{
  GPtrArray *blocks = data;

  for (guint i = 0; i < blocks->len; i++)
    currant_slab_give (CURRANT_SLAB_NODE, blocks->pdata[i]);
  return NULL;
}

static void
test_batches_come_back (void)
{
  g_autoptr (GPtrArray) blocks = g_ptr_array_new ();
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  Holding holding;
  guint again = 0;

  if (!has_lists ())
    return;
  holding = holding_new (CURRANT_SLAB_NODE);
  for (int i = 0; i < 20 * CURRANT_SLAB_BATCH; i++)
    {
      g_ptr_array_add (blocks, currant_slab_take (CURRANT_SLAB_NODE));
      g_hash_table_add (known, blocks->pdata[i]);
    }
  g_thread_join (g_thread_new ("giver", give_all, blocks));
  for (int i = 0; i < 20 * CURRANT_SLAB_BATCH; i++)
    {
      take (&holding);
      again += g_hash_table_contains (known, holding.blocks->pdata[i]);
    }
  /* Two batches stayed with the giver and went with it. */
  g_assert_cmpuint (again, >=, 18 * CURRANT_SLAB_BATCH);
  holding_end (&holding);
}

#ifdef HAVE_MALLINFO
static gsize
bytes_in_use (void)
{
  return mallinfo2 ().uordblks;
}

/* However many blocks are given back, what is kept of them is bounded; and something is kept. */
static void
test_depot_is_bounded (void)
{
  enum
  {
    N = 100000
  };
  g_autofree gpointer *blocks = g_new (gpointer, N);
  gsize before, after;

  if (currant_test_is_instrumented ())
    {
      g_test_skip ("malloc is not the C library's");
      return;
    }
  before = bytes_in_use ();
  for (int i = 0; i < N; i++)
    blocks[i] = currant_slab_take (CURRANT_SLAB_MESSAGE);
  g_assert_cmpuint (bytes_in_use () - before, >, N / 2 * CURRANT_SLAB_MESSAGE_SIZE);
  for (int i = 0; i < N; i++)
    currant_slab_give (CURRANT_SLAB_MESSAGE, blocks[i]);
  after = bytes_in_use ();
  g_assert_cmpuint (after - before, >, 1000000);
  g_assert_cmpuint (after - before, <, 8000000);
}

static gpointer
fill_lists (gpointer data)
{
  GPtrArray *blocks = data;

  for (int i = 0; i < 2 * CURRANT_SLAB_BATCH; i++)
    g_ptr_array_add (blocks, currant_slab_take (CURRANT_SLAB_MESSAGE));
  for (guint i = 0; i < blocks->len; i++)
    currant_slab_give (CURRANT_SLAB_MESSAGE, blocks->pdata[i]);
  g_ptr_array_set_size (blocks, 0);
  return NULL;
}

/* Threads that come and go leave nothing behind. The first ones empty the depot, which may be full
 * of what other tests gave back. */
static void
test_threads_leave_nothing (void)
{
  g_autoptr (GPtrArray) blocks = g_ptr_array_new ();
  gsize before = 0;

  if (currant_test_is_instrumented ())
    {
      g_test_skip ("malloc is not the C library's");
      return;
    }
  for (int i = 0; i < 500; i++)
    {
      if (i == 300)
        before = bytes_in_use ();
      g_thread_join (g_thread_new ("filler", fill_lists, blocks));
    }
  g_assert_cmpuint (bytes_in_use (), <, before + 50 * CURRANT_SLAB_MESSAGE_SIZE);
}
#endif

int
main (int argc, char **argv)
{
  g_unsetenv ("CURRANT_DEBUG");
  currant_test_init (&argc, &argv);
  currant_test_add ("/slab/reuses", test_reuses);
  currant_test_add ("/slab/kinds-are-apart", test_kinds_are_apart);
  currant_test_add ("/slab/random", test_random);
  currant_test_add ("/slab/random-in-threads", test_random_threads);
  currant_test_add ("/slab/conveyor", test_conveyor);
  currant_test_add ("/slab/batches-come-back", test_batches_come_back);
#ifdef HAVE_MALLINFO
  currant_test_add ("/slab/depot-is-bounded", test_depot_is_bounded);
  currant_test_add ("/slab/threads-leave-nothing", test_threads_leave_nothing);
#endif
  return g_test_run ();
}
