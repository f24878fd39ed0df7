/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-slab-private.h"

#include "currant-lock-private.h"

#define DEPOT_MAX 512 /* batches of each kind */

typedef struct _Block Block;

struct _Block
{
  Block *next;       /* in a list */
  Block *next_batch; /* in the depot, of the first block of a batch */
};

/* Only its own thread touches it. @full is the part that is handed to the depot as it is. */
typedef struct
{
  Block *open, *full;
  guint n_open;
} Magazine;

typedef struct
{
  CurrantLock lock; /* guards the rest */
  Block *batches;
  guint n_batches;
} Depot;

static const gsize sizes[CURRANT_SLAB_N_KINDS] = {
  CURRANT_SLAB_MESSAGE_SIZE,
  CURRANT_SLAB_NODE_SIZE,
};

static Depot depots[CURRANT_SLAB_N_KINDS];
static _Thread_local Magazine magazines[CURRANT_SLAB_N_KINDS];
static _Thread_local gboolean thread_known;

static void
free_list (Block *block)
{
  while (block != NULL)
    {
      Block *next = block->next;

      g_free (block);
      block = next;
    }
}

static void
thread_ends (G_GNUC_UNUSED gpointer data)
{
  for (guint kind = 0; kind < CURRANT_SLAB_N_KINDS; kind++)
    {
      free_list (magazines[kind].open);
      free_list (magazines[kind].full);
      magazines[kind] = (Magazine){ NULL, NULL, 0 };
    }
  thread_known = FALSE;
}

static GPrivate thread_end = G_PRIVATE_INIT (thread_ends);

static gboolean
always_malloc (void)
{
#if defined(__SANITIZE_ADDRESS__)
  return TRUE;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
  return TRUE;
#endif
#endif
  static const GDebugKey keys[] = { { "malloc", 1 } };
  static gsize known; /* 1: free lists, 2: malloc */

  if (g_once_init_enter (&known))
    g_once_init_leave (&known, 1 + g_parse_debug_string (g_getenv ("CURRANT_DEBUG"), keys, 1));
  return known == 2;
}

static void
meet_thread (void)
{
  if (thread_known)
    return;
  g_private_set (&thread_end, GINT_TO_POINTER (1));
  thread_known = TRUE;
}

static Block *
fetch_batch (Depot *depot)
{
  Block *batch;

  currant_lock_acquire (&depot->lock);
  batch = depot->batches;
  if (batch != NULL)
    {
      depot->batches = batch->next_batch;
      depot->n_batches--;
    }
  currant_lock_release (&depot->lock);
  return batch;
}

static void
store_batch (Depot *depot, Block *batch)
{
  gboolean stored = FALSE;

  currant_lock_acquire (&depot->lock);
  if (depot->n_batches < DEPOT_MAX)
    {
      batch->next_batch = depot->batches;
      depot->batches = batch;
      depot->n_batches++;
      stored = TRUE;
    }
  currant_lock_release (&depot->lock);
  if (!stored)
    free_list (batch);
}

static gpointer
take_slowly (CurrantSlabKind kind)
{
  Magazine *magazine = &magazines[kind];
  Block *batch;

  if (always_malloc ())
    return g_malloc (sizes[kind]);
  meet_thread ();
  batch = g_steal_pointer (&magazine->full);
  if (batch == NULL)
    batch = fetch_batch (&depots[kind]);
  if (batch == NULL)
    return g_malloc (sizes[kind]);
  magazine->open = batch->next;
  magazine->n_open = CURRANT_SLAB_BATCH - 1;
  return batch;
}

gpointer
currant_slab_take (CurrantSlabKind kind)
{
  Magazine *magazine = &magazines[kind];
  Block *block = magazine->open;

  if (G_UNLIKELY (block == NULL))
    return take_slowly (kind);
  magazine->open = block->next;
  magazine->n_open--;
  return block;
}

static void
give_slowly (CurrantSlabKind kind, Block *block)
{
  Magazine *magazine = &magazines[kind];

  if (always_malloc ())
    {
      g_free (block);
      return;
    }
  meet_thread ();
  if (magazine->n_open == CURRANT_SLAB_BATCH)
    {
      if (magazine->full != NULL)
        store_batch (&depots[kind], magazine->full);
      magazine->full = magazine->open;
      magazine->open = NULL;
      magazine->n_open = 0;
    }
  block->next = magazine->open;
  magazine->open = block;
  magazine->n_open++;
}

void
currant_slab_give (CurrantSlabKind kind, gpointer data)
{
  Magazine *magazine = &magazines[kind];
  Block *block = data;

  /* An empty magazine is the slow path too: that is where malloc is chosen for good. */
  if (G_UNLIKELY (magazine->n_open == CURRANT_SLAB_BATCH || magazine->n_open == 0))
    {
      give_slowly (kind, block);
      return;
    }
  block->next = magazine->open;
  magazine->open = block;
  magazine->n_open++;
}
