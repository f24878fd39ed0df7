/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Posting: what a publisher's thread does with a mailbox. */
#include "config.h"

#include "currant-backlog-private.h"
#include "currant-hash-private.h"

#define SPLICE_EVERY 256

/* Whoever empties the mailbox must not find a million nodes to turn round before it gets the first.
 * So each sink's posts see to it now and then, unless somebody is at it. */
static void
splice (CurrantMailbox *self)
{
  if (!currant_lock_try_acquire (&self->lock))
    return;
  currant_backlog_splice_locked (self);
  currant_lock_release (&self->lock);
}

/* Begins to wait in one of the places that the bound allows. So there are never more waiting than
 * that, not even for a moment: who has no place has not been counted. @index is how many waited. */
static gboolean
claim_place (CurrantSink *sink, guint *index)
{
  guint bound = atomic_load_explicit (&sink->bound, memory_order_relaxed);
  guint64 state = atomic_load_explicit (&sink->state, memory_order_relaxed);

  do
    {
      *index = CURRANT_SINK_WAITING (state);
      if (G_UNLIKELY (*index >= bound && bound > 0))
        return FALSE;
    }
  while (!atomic_compare_exchange_weak_explicit (&sink->state, &state, state + 1,
                                                 memory_order_relaxed, memory_order_relaxed));
  return TRUE;
}

static CurrantPost
push (CurrantMailbox *self, CurrantNode *node)
{
  CurrantNode *top = atomic_load_explicit (&self->incoming, memory_order_relaxed);

  do
    node->next = top;
  while (!atomic_compare_exchange_weak (&self->incoming, &top, node));
  return top == NULL ? CURRANT_POST_FIRST : CURRANT_POST_STORED;
}

/* Takes over @message, as do all that follow. */
static CurrantPost
refuse (CurrantSink *sink, CurrantMessage *message, const char *reason)
{
  currant_message_unref (message);
  currant_sink_count_drops (sink, 1, reason);
  return CURRANT_POST_REFUSED;
}

/* Appends a node, past the stack. */
static CurrantPost
store_locked (CurrantMailbox *self, CurrantNode *node)
{
  gboolean was_empty = currant_backlog_first_locked (self) == NULL;

  currant_backlog_append_locked (self, node);
  if (node->sink->latest != NULL)
    g_hash_table_add (node->sink->latest, node);
  return was_empty ? CURRANT_POST_FIRST : CURRANT_POST_STORED;
}

/* Takes out the sink's oldest messages: all, or as many as are too many for one more. One of their
 * places is the caller's now, the others are free. */
static CurrantNode *
make_room_locked (CurrantMailbox *self, CurrantSink *sink, gboolean all, guint *n_out)
{
  guint waiting = currant_sink_waiting (sink), bound = atomic_load (&sink->bound);
  guint most = all || waiting < bound ? waiting : waiting - bound + 1;
  CurrantNode *out = currant_backlog_remove_locked (self, sink, most, n_out);

  if (*n_out > 1)
    atomic_fetch_sub_explicit (&sink->state, *n_out - 1, memory_order_release);
  return out;
}

/* Takes the place of the sink's oldest message, or of all, unless there is room by now. Where the
 * places are taken by messages that are still on their way, or in delivery, there is none to be
 * dropped, and no place. */
static CurrantPost
post_replacing (CurrantMailbox *self, CurrantSink *sink, CurrantMessage *message, gboolean all)
{
  CurrantNode *node = currant_node_new (sink, message), *out = NULL;
  CurrantPost post = CURRANT_POST_REFUSED;
  guint n_out = 0, index;
  gboolean placed;

  currant_lock_acquire (&self->lock);
  currant_backlog_splice_locked (self);
  currant_mailbox_settle_locked (self, sink);
  placed = claim_place (sink, &index);
  if (!placed)
    out = make_room_locked (self, sink, all, &n_out);
  if (placed || out != NULL)
    post = store_locked (self, node);
  currant_lock_release (&self->lock);
  if (post == CURRANT_POST_REFUSED)
    {
      currant_node_free (node);
      return refuse (sink, message, "overflow");
    }
  currant_sink_count (sink, CURRANT_COUNT_POSTED, 1);
  if (out != NULL)
    {
      currant_nodes_discard (out);
      currant_sink_count (sink, CURRANT_COUNT_SETTLED, n_out);
      currant_sink_count_drops (sink, n_out, "overflow");
    }
  return post;
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
  guint index;
  Wait wait;

  self->n_blocked++;
  for (;;)
    {
      currant_mailbox_settle_locked (self, sink);
      if (currant_sink_is_stopped (sink))
        wait = WAIT_STOPPED;
      else if (claim_place (sink, &index))
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
  CurrantNode *node = currant_node_new (sink, message);
  CurrantPost post = CURRANT_POST_REFUSED;
  Wait wait;

  currant_lock_acquire (&self->lock);
  wait = wait_for_room_locked (self, sink);
  if (wait == WAIT_ROOM)
    {
      currant_backlog_splice_locked (self);
      post = store_locked (self, node);
    }
  currant_lock_release (&self->lock);
  if (wait == WAIT_CHANGED)
    {
      currant_node_free (node);
      return post_overflowing (self, sink, message, TRUE);
    }
  if (wait == WAIT_STOPPED)
    currant_nodes_discard (node);
  currant_sink_count (sink, wait == WAIT_ROOM ? CURRANT_COUNT_POSTED : CURRANT_COUNT_DISCARDED, 1);
  return post;
}

static CurrantPost
post_overflowing (CurrantMailbox *self, CurrantSink *sink, CurrantMessage *message,
                  gboolean may_block)
{
  switch ((CurrantOverflow)atomic_load (&sink->overflow))
    {
    case CURRANT_OVERFLOW_DROP_NEWEST:
      return refuse (sink, message, "overflow");
    case CURRANT_OVERFLOW_FAIL:
      return refuse (sink, message, "full");
    case CURRANT_OVERFLOW_BLOCK:
      if (may_block && !currant_thread_is_delivering () && g_main_depth () == 0)
        return post_waiting (self, sink, message);
      return refuse (sink, message, "would-block");
    case CURRANT_OVERFLOW_LATEST:
      return post_replacing (self, sink, message, TRUE);
    case CURRANT_OVERFLOW_DROP_OLDEST:
    default:
      return post_replacing (self, sink, message, FALSE);
    }
}

/* Who takes messages out of a mailbox for one sink says so in the sink's state only now and then:
 * before a message is refused for want of a place, it is looked whether there is none. */
static gboolean
claim_settled_place (CurrantMailbox *self, CurrantSink *sink, guint *index)
{
  if ((self->flags & CURRANT_MAILBOX_ONE_SINK) == 0)
    return FALSE;
  currant_lock_acquire (&self->lock);
  currant_mailbox_settle_locked (self, sink);
  currant_lock_release (&self->lock);
  return claim_place (sink, index);
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
  CurrantPost post;
  guint index;

  if (G_LIKELY (claim_place (sink, &index)) || claim_settled_place (self, sink, &index))
    {
      post = push (self, currant_node_new (sink, message));
      currant_sink_count (sink, CURRANT_COUNT_POSTED, 1);
      if (G_UNLIKELY (index % SPLICE_EVERY == SPLICE_EVERY - 1))
        splice (self);
    }
  else
    post = post_overflowing (self, sink, message, may_block);
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
  node->message = message;
  return obsolete;
}

CurrantPost
currant_mailbox_post_latest (CurrantMailbox *self, CurrantSink *sink, CurrantMessage *message,
                             gboolean may_block)
{
  CurrantPost post = CURRANT_POST_STORED;
  CurrantMessage *obsolete;
  gboolean fits;
  guint index;

  /* A message takes the place of another, which is in the right lane only where there is one. */
  g_assert ((self->flags & CURRANT_MAILBOX_BY_PRIORITY) == 0);
  currant_message_stamp (message);
  currant_lock_acquire (&self->lock);
  currant_backlog_splice_locked (self);
  obsolete = replace_latest_locked (sink, message);
  fits = obsolete == NULL && claim_place (sink, &index);
  if (fits)
    post = store_locked (self, currant_node_new (sink, message));
  currant_lock_release (&self->lock);
  if (obsolete != NULL)
    {
      currant_message_unref (obsolete);
      currant_sink_count (sink, CURRANT_COUNT_CONFLATED, 1);
    }
  else if (fits)
    currant_sink_count (sink, CURRANT_COUNT_POSTED, 1);
  else
    post = post_overflowing (self, sink, message, may_block);
  return settle_if_purged (self, sink, post);
}
