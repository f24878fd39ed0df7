/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the endpoints of one bus share: its router, its contexts, its pool, its shared queues.
 *
 * The bus owns a reference and every endpoint another, so an endpoint may outlive its bus. */
#pragma once

#include "currant-context-private.h"
#include "currant-pool-private.h"

typedef struct
{
  atomic_uint ref_count;
  CurrantRouter *router; /* references; immutable */
  CurrantContexts *contexts;
  CurrantPool *pool;
  CurrantLock lock;            /* guards the rest */
  GHashTable *queues;          /* canonical pattern -> the shared queue, which takes itself out */
  guint n_followers, n_queues; /* those not finished */
} CurrantHub;

/* The bus gives it away to the endpoints; NULL, with a critical, for what is not a bus. */
CurrantHub *currant_hub_of_bus (CurrantBus *bus);

CurrantHub *currant_hub_new (void);
CurrantHub *currant_hub_ref (CurrantHub *self);
void currant_hub_unref (CurrantHub *self);
void currant_hub_count_followers (CurrantHub *self, int change);
void currant_hub_count_queues (CurrantHub *self, int change);
