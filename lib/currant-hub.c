/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-hub-private.h"

#include "currant-hash-private.h"

CurrantHub *
currant_hub_new (void)
{
  CurrantHub *self = g_new0 (CurrantHub, 1);

  atomic_init (&self->ref_count, 1);
  self->router = currant_router_new ();
  self->contexts = currant_contexts_new ();
  self->pool = currant_pool_new ();
  currant_lock_init (&self->lock);
  self->queues = g_hash_table_new (currant_hash_string, g_str_equal);
  return self;
}

CurrantHub *
currant_hub_ref (CurrantHub *self)
{
  atomic_fetch_add_explicit (&self->ref_count, 1, memory_order_relaxed);
  return self;
}

void
currant_hub_unref (CurrantHub *self)
{
  if (atomic_fetch_sub_explicit (&self->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  currant_router_unref (self->router);
  currant_contexts_unref (self->contexts);
  currant_pool_unref (self->pool);
  g_hash_table_unref (self->queues);
  currant_lock_clear (&self->lock);
  g_free (self);
}

void
currant_hub_count_followers (CurrantHub *self, int change)
{
  currant_lock_acquire (&self->lock);
  self->n_followers += change;
  currant_lock_release (&self->lock);
}

void
currant_hub_count_queues (CurrantHub *self, int change)
{
  currant_lock_acquire (&self->lock);
  self->n_queues += change;
  currant_lock_release (&self->lock);
}
