/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-backlog-private.h"
#include "currant-slab-private.h"

void
currant_mailbox_init (CurrantMailbox *self, CurrantMailboxFlags flags)
{
  atomic_init (&self->incoming, NULL);
  currant_lock_init (&self->lock);
  self->flags = flags;
  atomic_init (&self->n_unsettled, 0);
  self->n_blocked = 0;
  g_cond_init (&self->room);
  self->lanes = g_array_sized_new (FALSE, TRUE, sizeof (CurrantLane), 1);
  if ((flags & CURRANT_MAILBOX_BY_PRIORITY) == 0)
    g_array_set_size (self->lanes, 1);
}

void
currant_mailbox_clear (CurrantMailbox *self)
{
  g_assert (currant_mailbox_is_empty (self));

  g_array_unref (self->lanes);
  g_cond_clear (&self->room);
  currant_lock_clear (&self->lock);
}

CurrantNode *
currant_node_new (CurrantSink *sink, CurrantMessage *message)
{
  CurrantNode *node;

  G_STATIC_ASSERT (sizeof (CurrantNode) <= CURRANT_SLAB_NODE_SIZE);
  currant_message_stamp (message);
  node = currant_slab_take (CURRANT_SLAB_NODE);
  node->next = NULL;
  node->message = message;
  node->sink = sink;
  return node;
}

void
currant_node_free (CurrantNode *node)
{
  currant_slab_give (CURRANT_SLAB_NODE, node);
}

void
currant_nodes_discard (CurrantNode *node)
{
  while (node != NULL)
    {
      CurrantNode *next = node->next;

      currant_message_unref (node->message);
      currant_node_free (node);
      node = next;
    }
}

static _Thread_local guint delivering;

void
currant_node_deliver (CurrantNode *node)
{
  CurrantSink *sink = node->sink;
  CurrantMessage *message = node->message;

  currant_node_free (node);
  delivering++;
  sink->klass->deliver (sink, message);
  delivering--;
}

gboolean
currant_thread_is_delivering (void)
{
  return delivering > 0;
}

gboolean
currant_mailbox_is_empty_locked (CurrantMailbox *self)
{
  CURRANT_ASSERT_LOCKED (&self->lock);
  return currant_backlog_first_locked (self) == NULL && atomic_load (&self->incoming) == NULL;
}

gboolean
currant_mailbox_is_empty (CurrantMailbox *self)
{
  gboolean empty;

  if (atomic_load (&self->incoming) != NULL)
    return FALSE;
  currant_lock_acquire (&self->lock);
  empty = currant_mailbox_is_empty_locked (self);
  currant_lock_release (&self->lock);
  return empty;
}

gboolean
currant_mailbox_settle_locked (CurrantMailbox *self, CurrantSink *sink)
{
  guint n = atomic_load_explicit (&self->n_unsettled, memory_order_relaxed);

  CURRANT_ASSERT_LOCKED (&self->lock);
  if (n == 0)
    return FALSE;
  atomic_store_explicit (&self->n_unsettled, 0, memory_order_relaxed);
  return atomic_fetch_sub_explicit (&sink->state, n, memory_order_acq_rel) == n;
}

void
currant_mailbox_purge (CurrantMailbox *self, CurrantSink *sink)
{
  CurrantNode *out;
  guint n;

  currant_sink_hold (sink);
  currant_lock_acquire (&self->lock);
  currant_backlog_splice_locked (self);
  out = currant_backlog_remove_locked (self, sink, G_MAXUINT, &n);
  currant_mailbox_settle_locked (self, sink);
  if (self->n_blocked > 0)
    g_cond_broadcast (&self->room);
  currant_lock_release (&self->lock);
  currant_nodes_discard (out);
  currant_sink_count (sink, CURRANT_COUNT_DISCARDED, n);
  currant_sink_count (sink, CURRANT_COUNT_SETTLED, n);
  atomic_fetch_sub_explicit (&sink->state, n, memory_order_release);
  currant_sink_release (sink, 1);
}
