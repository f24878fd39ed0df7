/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Taking out: what is done by whoever empties a mailbox. */
#include "config.h"

#include "currant-backlog-private.h"

/* Bounds below this are kept to the message; above, a batch in delivery does not count. */
#define SMALL_BOUND 64

/* How many messages may have been taken before their sink's state says so: a word that publishers
 * fight for. */
#define SETTLE_EVERY 32

#define LINGER_LOOKS 64

gboolean
currant_mailbox_linger (CurrantMailbox *self)
{
  for (guint i = 0; i < LINGER_LOOKS; i++)
    {
      if (atomic_load_explicit (&self->incoming, memory_order_relaxed) != NULL)
        return TRUE;
      currant_relax ();
    }
  return FALSE;
}

/* Turns @n waiting messages into holds. */
static void
wait_to_hold (CurrantSink *sink, guint n)
{
  if (n > 0)
    atomic_fetch_add_explicit (&sink->state, n * (CURRANT_SINK_HOLD - 1), memory_order_relaxed);
}

CurrantNode *
currant_mailbox_detach (CurrantMailbox *self, guint most)
{
  CurrantNode *batch = NULL, **end = &batch, *node;
  CurrantSink *sink = NULL;
  guint run = 0;

  currant_lock_acquire (&self->lock);
  currant_backlog_splice_locked (self);
  for (; most > 0 && (node = currant_backlog_first_locked (self)) != NULL; most--)
    {
      guint bound = atomic_load_explicit (&node->sink->bound, memory_order_relaxed);

      currant_backlog_unlink_locked (self, node);
      node->next = NULL;
      *end = node;
      end = &node->next;
      if (node->sink != sink)
        {
          wait_to_hold (sink, run);
          sink = node->sink;
          run = 0;
        }
      run++;
      if (sink->one_by_one || (bound > 0 && bound < SMALL_BOUND))
        break;
    }
  wait_to_hold (sink, run);
  if (batch != NULL && self->n_blocked > 0)
    g_cond_broadcast (&self->room);
  currant_lock_release (&self->lock);
  return batch;
}

/* A sink that is stopped has its messages purged under the lock: what comes back for it after that
 * must not lie here. */
static CurrantNode *
prepend_all_locked (CurrantMailbox *self, CurrantNode *last)
{
  CurrantNode *stopped = NULL;

  while (last != NULL)
    {
      CurrantNode *before = last->previous;

      if (atomic_load (&last->sink->purged))
        {
          last->next = stopped;
          stopped = last;
        }
      else
        {
          currant_backlog_prepend_locked (self, last);
          atomic_fetch_sub_explicit (&last->sink->state, CURRANT_SINK_HOLD - 1,
                                     memory_order_relaxed);
        }
      last = before;
    }
  return stopped;
}

void
currant_mailbox_put_back (CurrantMailbox *self, CurrantNode *nodes)
{
  CurrantNode *last = NULL;

  for (CurrantNode *node = nodes; node != NULL; node = node->next)
    {
      node->previous = last;
      last = node;
    }
  currant_lock_acquire (&self->lock);
  nodes = prepend_all_locked (self, last);
  currant_lock_release (&self->lock);
  while (nodes != NULL)
    {
      CurrantNode *next = nodes->next;
      CurrantSink *sink = nodes->sink;

      currant_node_deliver (nodes);
      currant_sink_release (sink, 1);
      nodes = next;
    }
}

/* TRUE when the sink has to be finished, which must wait until the lock is released. */
static gboolean
settle_one_locked (CurrantMailbox *self, CurrantSink *sink)
{
  guint n = atomic_load_explicit (&self->n_unsettled, memory_order_relaxed) + 1;

  if ((self->flags & CURRANT_MAILBOX_ONE_SINK) == 0)
    return atomic_fetch_sub_explicit (&sink->state, 1, memory_order_acq_rel) == 1;
  atomic_store_explicit (&self->n_unsettled, n, memory_order_relaxed);
  if (n < SETTLE_EVERY && self->n_blocked == 0 && currant_backlog_first_locked (self) != NULL)
    return FALSE;
  return currant_mailbox_settle_locked (self, sink);
}

static CurrantNode *
take_node_locked (CurrantMailbox *self)
{
  CurrantNode *node = currant_backlog_first_locked (self);

  if (node == NULL || (self->flags & CURRANT_MAILBOX_BY_PRIORITY) != 0)
    {
      currant_backlog_splice_locked (self);
      node = currant_backlog_first_locked (self);
    }
  if (node != NULL)
    currant_backlog_unlink_locked (self, node);
  return node;
}

CurrantMessage *
currant_mailbox_take (CurrantMailbox *self)
{
  gboolean finished = FALSE;
  CurrantMessage *message;
  CurrantSink *sink;
  CurrantNode *node;

  currant_lock_acquire (&self->lock);
  node = take_node_locked (self);
  if (node != NULL)
    {
      finished = settle_one_locked (self, node->sink);
      if (self->n_blocked > 0)
        g_cond_broadcast (&self->room);
    }
  currant_lock_release (&self->lock);
  if (node == NULL)
    return NULL;
  sink = node->sink;
  message = node->message;
  currant_node_free (node);
  if (finished)
    sink->klass->finish (sink);
  return message;
}
