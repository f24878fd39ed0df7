/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-slab-private.h"

#include "currant-lock-private.h"

#define DEPOT_MAX 512 /* full batches of each kind */

typedef struct
{
  CurrantLock lock; /* guards the rest */
  CurrantBatch *full;
  guint n_full;
} Depot;

static const gsize sizes[CURRANT_SLAB_N_KINDS] = {
  CURRANT_SLAB_MESSAGE_SIZE,
  CURRANT_SLAB_NODE_SIZE,
};

static Depot depots[CURRANT_SLAB_N_KINDS];
_Thread_local CurrantMagazine currant_magazines[CURRANT_SLAB_N_KINDS];
static _Thread_local gboolean thread_known;

static void
batch_free (CurrantBatch *batch)
{
  if (batch == NULL)
    return;
  while (batch->n > 0)
    g_free (batch->blocks[--batch->n]);
  g_free (batch);
}

static void
thread_ends (G_GNUC_UNUSED gpointer data)
{
  for (guint kind = 0; kind < CURRANT_SLAB_N_KINDS; kind++)
    {
      batch_free (currant_magazines[kind].open);
      batch_free (currant_magazines[kind].other);
      currant_magazines[kind] = (CurrantMagazine){ NULL, NULL };
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

/* The first thing that a thread does here. */
static void
meet_thread (void)
{
  if (thread_known)
    return;
  g_private_set (&thread_end, GINT_TO_POINTER (1));
  thread_known = TRUE;
  for (guint kind = 0; kind < CURRANT_SLAB_N_KINDS; kind++)
    currant_magazines[kind] =
        (CurrantMagazine){ g_new0 (CurrantBatch, 1), g_new0 (CurrantBatch, 1) };
}

static CurrantBatch *
fetch_full (Depot *depot)
{
  CurrantBatch *batch;

  currant_lock_acquire (&depot->lock);
  batch = depot->full;
  if (batch != NULL)
    {
      depot->full = batch->next;
      depot->n_full--;
    }
  currant_lock_release (&depot->lock);
  return batch;
}

static void
store_full (Depot *depot, CurrantBatch *batch)
{
  gboolean stored = FALSE;

  currant_lock_acquire (&depot->lock);
  if (depot->n_full < DEPOT_MAX)
    {
      batch->next = depot->full;
      depot->full = batch;
      depot->n_full++;
      stored = TRUE;
    }
  currant_lock_release (&depot->lock);
  if (!stored)
    batch_free (batch);
}

static void
swap (CurrantMagazine *magazine)
{
  CurrantBatch *open = magazine->open;

  magazine->open = magazine->other;
  magazine->other = open;
}

gpointer
currant_slab_take_slowly (CurrantSlabKind kind)
{
  CurrantMagazine *magazine = &currant_magazines[kind];
  CurrantBatch *batch;

  if (always_malloc ())
    return g_malloc (sizes[kind]);
  meet_thread ();
  if (magazine->other->n == 0)
    {
      batch = fetch_full (&depots[kind]);
      if (batch == NULL)
        return g_malloc (sizes[kind]);
      batch_free (magazine->other);
      magazine->other = batch;
    }
  swap (magazine);
  return magazine->open->blocks[--magazine->open->n];
}

void
currant_slab_give_slowly (CurrantSlabKind kind, gpointer block)
{
  CurrantMagazine *magazine = &currant_magazines[kind];

  if (always_malloc ())
    {
      g_free (block);
      return;
    }
  meet_thread ();
  if (magazine->open->n == CURRANT_SLAB_BATCH)
    {
      if (magazine->other->n > 0)
        {
          store_full (&depots[kind], magazine->other);
          magazine->other = g_new0 (CurrantBatch, 1);
        }
      swap (magazine);
    }
  magazine->open->blocks[magazine->open->n++] = block;
}
