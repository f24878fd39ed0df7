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

/* The content is undefined. */
gpointer currant_slab_take (CurrantSlabKind kind);
void currant_slab_give (CurrantSlabKind kind, gpointer block);
