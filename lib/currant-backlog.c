/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-backlog-private.h"

/* With one sink, and one lane, its nodes are in their order already. */
static gboolean
has_chains (CurrantMailbox *self)
{
  return self->flags != CURRANT_MAILBOX_ONE_SINK;
}

static gboolean
is_by_priority (CurrantMailbox *self)
{
  return (self->flags & CURRANT_MAILBOX_BY_PRIORITY) != 0;
}

static CurrantLane *
find_lane_locked (CurrantMailbox *self, int priority)
{
  CurrantLane *lanes = (CurrantLane *)self->lanes->data;
  guint low = 0, high = self->lanes->len;
  CurrantLane lane = { priority, NULL, NULL };

  if (!is_by_priority (self))
    return lanes;
  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (lanes[middle].priority == priority)
        return &lanes[middle];
      if (lanes[middle].priority < priority)
        low = middle + 1;
      else
        high = middle;
    }
  g_array_insert_val (self->lanes, low, lane);
  return &g_array_index (self->lanes, CurrantLane, low);
}

static void
lane_append_locked (CurrantLane *lane, CurrantNode *node)
{
  node->next = NULL;
  node->previous = lane->last;
  if (lane->last != NULL)
    lane->last->next = node;
  else
    lane->first = node;
  lane->last = node;
}

static void
lane_prepend_locked (CurrantLane *lane, CurrantNode *node)
{
  node->previous = NULL;
  node->next = lane->first;
  if (lane->first != NULL)
    lane->first->previous = node;
  else
    lane->last = node;
  lane->first = node;
}

/* A lane that has run dry is dropped, so that priorities from outside cannot pile up. */
static void
lane_unlink_locked (CurrantMailbox *self, CurrantNode *node)
{
  CurrantLane *lane = find_lane_locked (self, node->message->priority);

  if (node->previous != NULL)
    node->previous->next = node->next;
  else
    lane->first = node->next;
  if (node->next != NULL)
    node->next->previous = node->previous;
  else
    lane->last = node->previous;
  if (is_by_priority (self) && lane->first == NULL)
    g_array_remove_index (self->lanes, lane - (CurrantLane *)self->lanes->data);
}

static void
chain_append_locked (CurrantSink *sink, CurrantNode *node)
{
  node->newer = NULL;
  node->older = sink->last;
  if (sink->last != NULL)
    sink->last->newer = node;
  else
    sink->first = node;
  sink->last = node;
}

static void
chain_prepend_locked (CurrantSink *sink, CurrantNode *node)
{
  node->older = NULL;
  node->newer = sink->first;
  if (sink->first != NULL)
    sink->first->older = node;
  else
    sink->last = node;
  sink->first = node;
}

static void
chain_unlink_locked (CurrantSink *sink, CurrantNode *node)
{
  if (node->older != NULL)
    node->older->newer = node->newer;
  else
    sink->first = node->newer;
  if (node->newer != NULL)
    node->newer->older = node->older;
  else
    sink->last = node->older;
}

void
currant_backlog_append_locked (CurrantMailbox *self, CurrantNode *node)
{
  lane_append_locked (find_lane_locked (self, node->message->priority), node);
  if (has_chains (self))
    chain_append_locked (node->sink, node);
}

void
currant_backlog_prepend_locked (CurrantMailbox *self, CurrantNode *node)
{
  CurrantSink *sink = node->sink;

  lane_prepend_locked (find_lane_locked (self, node->message->priority), node);
  if (has_chains (self))
    chain_prepend_locked (sink, node);
  /* Behind it there may wait a newer one that has its place in the table. */
  if (sink->latest != NULL && !g_hash_table_contains (sink->latest, node))
    g_hash_table_add (sink->latest, node);
}

void
currant_backlog_unlink_locked (CurrantMailbox *self, CurrantNode *node)
{
  CurrantSink *sink = node->sink;

  lane_unlink_locked (self, node);
  if (has_chains (self))
    chain_unlink_locked (sink, node);
  if (sink->latest != NULL && g_hash_table_lookup (sink->latest, node) == node)
    g_hash_table_remove (sink->latest, node);
}

CurrantNode *
currant_backlog_first_locked (CurrantMailbox *self)
{
  return self->lanes->len > 0 ? g_array_index (self->lanes, CurrantLane, 0).first : NULL;
}

static CurrantNode *
oldest_locked (CurrantMailbox *self, CurrantSink *sink)
{
  return has_chains (self) ? sink->first : currant_backlog_first_locked (self);
}

CurrantNode *
currant_backlog_remove_locked (CurrantMailbox *self, CurrantSink *sink, guint most, guint *n)
{
  CurrantNode *out = NULL, *node;

  for (*n = 0; *n < most && (node = oldest_locked (self, sink)) != NULL; ++*n)
    {
      currant_backlog_unlink_locked (self, node);
      node->next = out;
      out = node;
    }
  return out;
}

static CurrantNode *
reversed (CurrantNode *node)
{
  CurrantNode *oldest = NULL;

  while (node != NULL)
    {
      CurrantNode *older = node->next;

      node->next = oldest;
      oldest = node;
      node = older;
    }
  return oldest;
}

void
currant_backlog_splice_locked (CurrantMailbox *self)
{
  CurrantNode *node;

  CURRANT_ASSERT_LOCKED (&self->lock);
  /* Not relaxed: a purge sets its flag and then looks here; a post pushes and then looks at the
   * flag. */
  if (atomic_load (&self->incoming) == NULL)
    return;
  node = reversed (atomic_exchange_explicit (&self->incoming, NULL, memory_order_acq_rel));
  while (node != NULL)
    {
      CurrantNode *newer = node->next;

      currant_backlog_append_locked (self, node);
      node = newer;
    }
}
