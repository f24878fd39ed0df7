/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-mailbox-private.h"

#include "currant-hash-private.h"
#include "currant-slab-private.h"

/* Bounds below this are kept to the message; above, a batch in delivery does not count. */
#define SMALL_BOUND 64

#define SPLICE_EVERY 256

void
currant_mailbox_init (CurrantMailbox *self, gboolean by_priority)
{
  atomic_init (&self->incoming, NULL);
  currant_lock_init (&self->lock);
  self->by_priority = by_priority;
  self->n_blocked = 0;
  g_cond_init (&self->room);
  self->lanes = g_array_sized_new (FALSE, TRUE, sizeof (CurrantLane), 1);
  if (!by_priority)
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

static CurrantNode *
node_new (CurrantSink *sink, CurrantMessage *message)
{
  CurrantNode *node;

  G_STATIC_ASSERT (sizeof (CurrantNode) <= CURRANT_SLAB_NODE_SIZE);
  currant_message_stamp (message);
  node = currant_slab_take (CURRANT_SLAB_NODE);
  *node = (CurrantNode){ .message = currant_message_ref (message), .sink = sink };
  return node;
}

void
currant_node_free (CurrantNode *node)
{
  currant_slab_give (CURRANT_SLAB_NODE, node);
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

/* The backlog. */

static CurrantLane *
find_lane_locked (CurrantMailbox *self, int priority)
{
  CurrantLane *lanes = (CurrantLane *)self->lanes->data;
  guint low = 0, high = self->lanes->len;
  CurrantLane lane = { priority, NULL, NULL };

  if (!self->by_priority)
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
append_locked (CurrantMailbox *self, CurrantNode *node)
{
  CurrantLane *lane = find_lane_locked (self, node->message->priority);
  CurrantSink *sink = node->sink;

  node->next = NULL;
  node->previous = lane->last;
  if (lane->last != NULL)
    lane->last->next = node;
  else
    lane->first = node;
  lane->last = node;
  node->newer = NULL;
  node->older = sink->last;
  if (sink->last != NULL)
    sink->last->newer = node;
  else
    sink->first = node;
  sink->last = node;
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
  if (self->by_priority && lane->first == NULL)
    g_array_remove_index (self->lanes, lane - (CurrantLane *)self->lanes->data);
}

static void
chain_unlink_locked (CurrantNode *node)
{
  CurrantSink *sink = node->sink;

  if (node->older != NULL)
    node->older->newer = node->newer;
  else
    sink->first = node->newer;
  if (node->newer != NULL)
    node->newer->older = node->older;
  else
    sink->last = node->older;
  if (sink->latest != NULL && g_hash_table_lookup (sink->latest, node) == node)
    g_hash_table_remove (sink->latest, node);
}

static void
unlink_locked (CurrantMailbox *self, CurrantNode *node)
{
  lane_unlink_locked (self, node);
  chain_unlink_locked (node);
}

static CurrantNode *
first_locked (CurrantMailbox *self)
{
  return self->lanes->len > 0 ? g_array_index (self->lanes, CurrantLane, 0).first : NULL;
}

/* Moves what came in to the backlog, oldest first. */
static void
splice_locked (CurrantMailbox *self)
{
  CurrantNode *node, *oldest = NULL;

  CURRANT_ASSERT_LOCKED (&self->lock);
  /* Not relaxed: a purge sets its flag and then looks here; a post pushes and then looks at the
   * flag. */
  if (atomic_load (&self->incoming) == NULL)
    return;
  node = atomic_exchange_explicit (&self->incoming, NULL, memory_order_acq_rel);
  while (node != NULL)
    {
      CurrantNode *older = node->next;

      node->next = oldest;
      oldest = node;
      node = older;
    }
  while (oldest != NULL)
    {
      CurrantNode *newer = oldest->next;

      append_locked (self, oldest);
      oldest = newer;
    }
}

/* Whoever empties the mailbox must not find a million nodes to turn round before it gets the first.
 * So each sink's posts see to it now and then. */
static void
splice (CurrantMailbox *self)
{
  currant_lock_acquire (&self->lock);
  splice_locked (self);
  currant_lock_release (&self->lock);
}

/* Sinks' states. */

static guint
begin_waiting (CurrantSink *sink)
{
  return CURRANT_SINK_WAITING (atomic_fetch_add_explicit (&sink->state, 1, memory_order_relaxed));
}

/* TRUE when the sink has to be finished, which must wait until the lock is released. */
static gboolean
end_waiting (CurrantSink *sink)
{
  return atomic_fetch_sub_explicit (&sink->state, 1, memory_order_acq_rel) == 1;
}

static void
count (CurrantSink *sink, CurrantCount what, guint n)
{
  currant_thread_count (currant_thread_get (sink->router), what, n);
}

/* Unlinked nodes whose messages nobody gets: their messages may run user code when they go, so this
 * comes after the lock. Returns how many. The sinks' states are the caller's. */
static guint
free_nodes (CurrantNode *node)
{
  guint n = 0;

  for (; node != NULL; n++)
    {
      CurrantNode *next = node->next;

      currant_message_unref (node->message);
      currant_node_free (node);
      node = next;
    }
  return n;
}

/* Posting. */

static CurrantPost
push (CurrantMailbox *self, CurrantNode *node)
{
  CurrantNode *top = atomic_load_explicit (&self->incoming, memory_order_relaxed);

  do
    node->next = top;
  while (!atomic_compare_exchange_weak (&self->incoming, &top, node));
  return top == NULL ? CURRANT_POST_FIRST : CURRANT_POST_STORED;
}

/* A post counts as waiting before it knows whether there is room. Somebody who was woken to take
 * room at that moment may have gone back to sleep over it, so who gives the place up wakes again.
 */
static void
give_up_waiting (CurrantMailbox *self, CurrantSink *sink)
{
  end_waiting (sink);
  currant_lock_acquire (&self->lock);
  if (self->n_blocked > 0)
    g_cond_broadcast (&self->room);
  currant_lock_release (&self->lock);
}

static CurrantPost
refuse (CurrantMailbox *self, CurrantSink *sink, const char *reason)
{
  if (atomic_load (&sink->overflow) == CURRANT_OVERFLOW_BLOCK)
    give_up_waiting (self, sink);
  else
    end_waiting (sink);
  currant_sink_count_drops (sink, 1, reason);
  return CURRANT_POST_REFUSED;
}

/* Takes out the sink's oldest node, or all of its nodes. */
static CurrantNode *
make_room_locked (CurrantMailbox *self, CurrantSink *sink, gboolean all)
{
  CurrantNode *out = NULL;

  while (sink->first != NULL)
    {
      CurrantNode *node = sink->first;

      unlink_locked (self, node);
      node->next = out;
      out = node;
      if (!all)
        break;
    }
  return out;
}

/* Appends a node, past the stack. */
static CurrantPost
store_locked (CurrantMailbox *self, CurrantNode *node)
{
  gboolean was_empty = first_locked (self) == NULL;

  append_locked (self, node);
  if (node->sink->latest != NULL)
    g_hash_table_add (node->sink->latest, node);
  return was_empty ? CURRANT_POST_FIRST : CURRANT_POST_STORED;
}

/* Where the places are taken by messages that are still on their way, there is none to be dropped,
 * and no place. */
static gboolean
is_full_locked (CurrantSink *sink)
{
  guint bound = atomic_load (&sink->bound);

  return bound > 0 && currant_sink_waiting (sink) > bound;
}

static CurrantPost
post_replacing (CurrantMailbox *self, CurrantSink *sink, CurrantMessage *message, gboolean all)
{
  CurrantNode *node = node_new (sink, message), *out;
  CurrantPost post = CURRANT_POST_REFUSED;
  guint n;

  currant_lock_acquire (&self->lock);
  splice_locked (self);
  out = make_room_locked (self, sink, all);
  if (out != NULL || !is_full_locked (sink))
    post = store_locked (self, node);
  currant_lock_release (&self->lock);
  if (post == CURRANT_POST_REFUSED)
    {
      free_nodes (node);
      return refuse (self, sink, "overflow");
    }
  count (sink, CURRANT_COUNT_POSTED, 1);
  n = free_nodes (out);
  if (n > 0)
    {
      count (sink, CURRANT_COUNT_SETTLED, n);
      atomic_fetch_sub_explicit (&sink->state, n, memory_order_release);
      currant_sink_count_drops (sink, n, "overflow");
    }
  return post;
}

/* Begins to wait for a place among those the bound allows. */
static gboolean
claim_room (CurrantSink *sink)
{
  guint bound = atomic_load (&sink->bound);

  if (begin_waiting (sink) < bound || bound == 0)
    return TRUE;
  end_waiting (sink);
  return FALSE;
}

static CurrantPost post_overflowing (CurrantMailbox *self, CurrantSink *sink,
                                     CurrantMessage *message, gboolean may_block);

typedef enum
{
  WAIT_ROOM,
  WAIT_STOPPED,
  WAIT_CHANGED
} Wait;

/* The publisher sleeps until the sink has room, is stopped, or has its policy changed. */
static Wait
wait_for_room_locked (CurrantMailbox *self, CurrantSink *sink)
{
  Wait wait;

  self->n_blocked++;
  for (;;)
    {
      if (currant_sink_is_stopped (sink))
        wait = WAIT_STOPPED;
      else if (claim_room (sink))
        wait = WAIT_ROOM;
      else if (atomic_load (&sink->overflow) != CURRANT_OVERFLOW_BLOCK)
        wait = WAIT_CHANGED;
      else
        {
          currant_lock_wait (&self->lock, &self->room);
          continue;
        }
      break;
    }
  self->n_blocked--;
  return wait;
}

static CurrantPost
post_waiting (CurrantMailbox *self, CurrantSink *sink, CurrantMessage *message)
{
  CurrantNode *node = node_new (sink, message);
  CurrantPost post = CURRANT_POST_REFUSED;
  Wait wait;

  end_waiting (sink);
  currant_lock_acquire (&self->lock);
  wait = wait_for_room_locked (self, sink);
  if (wait == WAIT_ROOM)
    {
      splice_locked (self);
      post = store_locked (self, node);
    }
  currant_lock_release (&self->lock);
  if (wait != WAIT_ROOM)
    free_nodes (node);
  if (wait == WAIT_CHANGED)
    {
      begin_waiting (sink);
      return post_overflowing (self, sink, message, TRUE);
    }
  count (sink, wait == WAIT_ROOM ? CURRANT_COUNT_POSTED : CURRANT_COUNT_DISCARDED, 1);
  return post;
}

static CurrantPost
post_overflowing (CurrantMailbox *self, CurrantSink *sink, CurrantMessage *message,
                  gboolean may_block)
{
  switch ((CurrantOverflow)atomic_load (&sink->overflow))
    {
    case CURRANT_OVERFLOW_DROP_NEWEST:
      return refuse (self, sink, "overflow");
    case CURRANT_OVERFLOW_FAIL:
      return refuse (self, sink, "full");
    case CURRANT_OVERFLOW_BLOCK:
      if (may_block && !currant_thread_is_delivering () && g_main_depth () == 0)
        return post_waiting (self, sink, message);
      return refuse (self, sink, "would-block");
    case CURRANT_OVERFLOW_LATEST:
      return post_replacing (self, sink, message, TRUE);
    case CURRANT_OVERFLOW_DROP_OLDEST:
    default:
      return post_replacing (self, sink, message, FALSE);
    }
}

/* A stop that ran while the message was on its way has purged already: either it saw the node, or
 * this sees the flag, as both sides write before they read. */
static CurrantPost
settle_if_purged (CurrantMailbox *self, CurrantSink *sink, CurrantPost post)
{
  if (G_UNLIKELY (atomic_load (&sink->purged)))
    currant_mailbox_purge (self, sink);
  return post;
}

CurrantPost
currant_mailbox_post (CurrantMailbox *self, CurrantSink *sink, CurrantMessage *message,
                      gboolean may_block)
{
  guint bound = atomic_load_explicit (&sink->bound, memory_order_relaxed);
  guint waiting = begin_waiting (sink);
  CurrantPost post;

  if (G_UNLIKELY (waiting >= bound && bound > 0))
    post = post_overflowing (self, sink, message, may_block);
  else
    {
      post = push (self, node_new (sink, message));
      count (sink, CURRANT_COUNT_POSTED, 1);
      if (G_UNLIKELY (waiting % SPLICE_EVERY == SPLICE_EVERY - 1))
        splice (self);
    }
  return settle_if_purged (self, sink, post);
}

static guint
latest_hash (gconstpointer data)
{
  const CurrantNode *node = data;
  CurrantMessage *message = node->message;

  return currant_hash_string (currant_message_get_id (message)) ^ (guint)message->key
         ^ (guint)(message->key >> 32);
}

static gboolean
latest_equal (gconstpointer a, gconstpointer b)
{
  CurrantMessage *x = ((const CurrantNode *)a)->message, *y = ((const CurrantNode *)b)->message;

  return x->key == y->key && g_str_equal (currant_message_get_id (x), currant_message_get_id (y));
}

/* Puts @message in the place of the one it makes obsolete, which is returned. */
static CurrantMessage *
replace_latest_locked (CurrantSink *sink, CurrantMessage *message)
{
  CurrantNode probe = { .message = message }, *node;
  CurrantMessage *obsolete;

  if (sink->latest == NULL)
    sink->latest = g_hash_table_new (latest_hash, latest_equal);
  node = g_hash_table_lookup (sink->latest, &probe);
  if (node == NULL)
    return NULL;
  obsolete = node->message;
  node->message = currant_message_ref (message);
  return obsolete;
}

CurrantPost
currant_mailbox_post_latest (CurrantMailbox *self, CurrantSink *sink, CurrantMessage *message,
                             gboolean may_block)
{
  guint bound = atomic_load_explicit (&sink->bound, memory_order_relaxed);
  gboolean fits = begin_waiting (sink) < bound || bound == 0;
  CurrantPost post = CURRANT_POST_STORED;
  CurrantMessage *obsolete;

  /* A message takes the place of another, which is in the right lane only where there is one. */
  g_assert (!self->by_priority);
  currant_message_stamp (message);
  currant_lock_acquire (&self->lock);
  splice_locked (self);
  obsolete = replace_latest_locked (sink, message);
  if (obsolete == NULL && fits)
    post = store_locked (self, node_new (sink, message));
  currant_lock_release (&self->lock);
  if (obsolete != NULL)
    {
      give_up_waiting (self, sink);
      currant_message_unref (obsolete);
      count (sink, CURRANT_COUNT_CONFLATED, 1);
    }
  else if (fits)
    count (sink, CURRANT_COUNT_POSTED, 1);
  else
    post = post_overflowing (self, sink, message, may_block);
  return settle_if_purged (self, sink, post);
}

/* Taking out. */

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
  splice_locked (self);
  for (; most > 0 && (node = first_locked (self)) != NULL; most--)
    {
      guint bound = atomic_load_explicit (&node->sink->bound, memory_order_relaxed);

      unlink_locked (self, node);
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

static void
prepend_locked (CurrantMailbox *self, CurrantNode *node)
{
  CurrantLane *lane = find_lane_locked (self, node->message->priority);
  CurrantSink *sink = node->sink;

  node->previous = NULL;
  node->next = lane->first;
  if (lane->first != NULL)
    lane->first->previous = node;
  else
    lane->last = node;
  lane->first = node;
  node->older = NULL;
  node->newer = sink->first;
  if (sink->first != NULL)
    sink->first->older = node;
  else
    sink->last = node;
  sink->first = node;
  /* Behind it there may wait a newer one that has its place in the table. */
  if (sink->latest != NULL && !g_hash_table_contains (sink->latest, node))
    g_hash_table_add (sink->latest, node);
  atomic_fetch_sub_explicit (&sink->state, CURRANT_SINK_HOLD - 1, memory_order_relaxed);
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
        prepend_locked (self, last);
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

CurrantMessage *
currant_mailbox_take (CurrantMailbox *self)
{
  CurrantMessage *message;
  CurrantSink *sink;
  CurrantNode *node;
  gboolean finished;

  currant_lock_acquire (&self->lock);
  node = first_locked (self);
  if (node == NULL || self->by_priority)
    {
      splice_locked (self);
      node = first_locked (self);
    }
  if (node == NULL)
    {
      currant_lock_release (&self->lock);
      return NULL;
    }
  sink = node->sink;
  unlink_locked (self, node);
  finished = end_waiting (sink);
  if (self->n_blocked > 0)
    g_cond_broadcast (&self->room);
  currant_lock_release (&self->lock);
  message = node->message;
  currant_node_free (node);
  if (finished)
    sink->klass->finish (sink);
  return message;
}

gboolean
currant_mailbox_is_empty_locked (CurrantMailbox *self)
{
  CURRANT_ASSERT_LOCKED (&self->lock);
  return first_locked (self) == NULL && atomic_load (&self->incoming) == NULL;
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

void
currant_mailbox_purge (CurrantMailbox *self, CurrantSink *sink)
{
  CurrantNode *out;
  guint n;

  currant_sink_hold (sink);
  currant_lock_acquire (&self->lock);
  splice_locked (self);
  out = make_room_locked (self, sink, TRUE);
  if (self->n_blocked > 0)
    g_cond_broadcast (&self->room);
  currant_lock_release (&self->lock);
  n = free_nodes (out);
  count (sink, CURRANT_COUNT_DISCARDED, n);
  count (sink, CURRANT_COUNT_SETTLED, n);
  atomic_fetch_sub_explicit (&sink->state, n, memory_order_release);
  currant_sink_release (sink, 1);
}
