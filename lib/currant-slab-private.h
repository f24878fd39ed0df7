/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stores of the two blocks that every delivery needs: messages and mailbox nodes.
 *
 * Each thread keeps a magazine of its own and takes and gives without a lock. Messages are usually
 * taken in one thread and given back in another, so a magazine that is full hands half of itself to
 * a depot, and an empty one fetches such a half: one lock for CURRANT_SLAB_BATCH blocks. The depot
 * is bounded; what does not fit goes back to malloc.
 *
 * With CURRANT_DEBUG=malloc in the environment, and in builds with AddressSanitizer, every block
 * comes from malloc, so that memory checkers see each one. */
#pragma once

#include <glib.h>

#define CURRANT_CACHE_LINE 64

#define CURRANT_SLAB_MESSAGE_SIZE 192
#define CURRANT_SLAB_NODE_SIZE 48
#define CURRANT_SLAB_BATCH 64

typedef enum
{
  CURRANT_SLAB_MESSAGE,
  CURRANT_SLAB_NODE,
  CURRANT_SLAB_N_KINDS
} CurrantSlabKind;

/* Pointers to blocks, and not a list through them: a block that another thread gave back is not in
 * this processor's cache, and a list would have to wait for each before it knew the next. */
typedef struct _CurrantBatch CurrantBatch;

struct _CurrantBatch
{
  CurrantBatch *next; /* in the depot */
  guint n;
  gpointer blocks[CURRANT_SLAB_BATCH];
};

/* Only its own thread touches it. Of the two batches one is open; the other is full or empty, so
 * that a thread at the edge between them does not go to the depot again and again. */
typedef struct
{
  CurrantBatch *open, *other;
} CurrantMagazine;

extern _Thread_local CurrantMagazine currant_magazines[CURRANT_SLAB_N_KINDS]
    __attribute__ ((tls_model ("initial-exec"), visibility ("hidden")));

gpointer currant_slab_take_slowly (CurrantSlabKind kind);
void currant_slab_give_slowly (CurrantSlabKind kind, gpointer block);

/* The content is undefined. */
static inline gpointer
currant_slab_take (CurrantSlabKind kind)
{
  CurrantBatch *batch = currant_magazines[kind].open;
  guint n;

  if (G_UNLIKELY (batch == NULL || batch->n == 0))
    return currant_slab_take_slowly (kind);
  n = --batch->n;
  /* The next ones are fetched from where they were given back while this one is filled. */
  if (n >= 2)
    {
      __builtin_prefetch (batch->blocks[n - 2], 1);
      if (kind == CURRANT_SLAB_MESSAGE)
        __builtin_prefetch ((char *)batch->blocks[n - 2] + CURRANT_CACHE_LINE, 1);
    }
  return batch->blocks[n];
}

static inline void
currant_slab_give (CurrantSlabKind kind, gpointer block)
{
  CurrantBatch *batch = currant_magazines[kind].open;

  if (G_UNLIKELY (batch == NULL || batch->n == CURRANT_SLAB_BATCH))
    currant_slab_give_slowly (kind, block);
  else
    batch->blocks[batch->n++] = block;
}
