/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random traffic through a mailbox, held against a plain list of what must lie in it. */
#include "config.h"

#include "currant-mailbox-private.h"
#include "spy-sink.h"

#include <string.h>

#define N_SINKS 4

/* What waits, as the list has it. */
typedef struct
{
  guint sink;
  int priority;
  guint64 key;
  int number;
} Item;

typedef struct
{
  GRand *rand;
  CurrantRouter *router;
  CurrantMailbox mailbox;
  Spy *spies[N_SINKS];
  gboolean conflates[N_SINKS];
  guint64 n_dropped[N_SINKS], n_delivered[N_SINKS];
  guint64 n_conflated;
  GPtrArray *items; /* in the order in which they wait, whatever their priority */
  int last_number;
} Model;

static guint
below (Model *self, guint n)
{
  return (guint)g_rand_int_range (self->rand, 0, (int)n);
}

static void
model_begin (Model *self, GRand *rand, gboolean by_priority)
{
  static const guint bounds[] = { 0, 1, 5, 100 };

  *self = (Model){ .rand = rand, .router = currant_router_new () };
  currant_mailbox_init (&self->mailbox, by_priority);
  self->items = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < N_SINKS; i++)
    {
      self->spies[i] = spy_new (self->router, "a:*");
      /* Replaced messages keep their lane, so those that are replaced all have one priority. */
      self->conflates[i] = !by_priority && i % 2 == 1;
      atomic_store (&self->spies[i]->sink.bound, bounds[(i + below (self, 4)) % 4]);
      atomic_store (&self->spies[i]->sink.overflow, below (self, CURRANT_OVERFLOW_FAIL + 1));
      currant_sink_hold (&self->spies[i]->sink);
    }
}

static Item *
item_at (Model *self, guint index)
{
  return self->items->pdata[index];
}

static guint
count_items (Model *self, guint sink)
{
  guint n = 0;

  for (guint i = 0; i < self->items->len; i++)
    n += item_at (self, i)->sink == sink;
  return n;
}

/* What a post does to the list. */

static Item *
find_same (Model *self, const Item *item)
{
  for (guint i = 0; self->conflates[item->sink] && i < self->items->len; i++)
    if (item_at (self, i)->sink == item->sink && item_at (self, i)->key == item->key)
      return item_at (self, i);
  return NULL;
}

/* Returns how many of the sink's, oldest first, went. */
static guint
drop_oldest (Model *self, guint sink, guint most)
{
  guint n = 0;

  for (guint i = 0; i < self->items->len && n < most;)
    if (item_at (self, i)->sink == sink)
      {
        g_ptr_array_remove_index (self->items, i);
        n++;
      }
    else
      i++;
  return n;
}

/* Whether the item is to be stored. */
static gboolean
make_room (Model *self, guint sink)
{
  CurrantSink *real = &self->spies[sink]->sink;
  guint bound = atomic_load (&real->bound);

  if (bound == 0 || count_items (self, sink) < bound)
    return TRUE;
  switch ((CurrantOverflow)atomic_load (&real->overflow))
    {
    case CURRANT_OVERFLOW_DROP_OLDEST:
      self->n_dropped[sink] += drop_oldest (self, sink, 1);
      return TRUE;
    case CURRANT_OVERFLOW_LATEST:
      self->n_dropped[sink] += drop_oldest (self, sink, G_MAXUINT);
      return TRUE;
    default:
      self->n_dropped[sink]++;
      return FALSE;
    }
}

static gboolean
expect_post (Model *self, const Item *item)
{
  Item *same = find_same (self, item);

  if (same != NULL)
    {
      same->number = item->number;
      self->n_conflated++;
      return TRUE;
    }
  if (!make_room (self, item->sink))
    return FALSE;
  g_ptr_array_add (self->items, g_memdup2 (item, sizeof *item));
  return TRUE;
}

static void
step_post (Model *self)
{
  static const int priorities[] = { 10, 10, 10, 0, -7, 99 };
  Item item = { below (self, N_SINKS), priorities[below (self, 6)], below (self, 4),
                ++self->last_number };
  CurrantSink *sink = &self->spies[item.sink]->sink;
  g_autoptr (CurrantMessage) message = spy_message ("a:x", item.number);
  gboolean was_empty = self->items->len == 0;
  CurrantPost post;

  currant_message_set_priority (message, item.priority);
  currant_message_set_key (message, item.key);
  post =
      self->conflates[item.sink]
          ? currant_mailbox_post_latest (&self->mailbox, sink, currant_message_ref (message), FALSE)
          : currant_mailbox_post (&self->mailbox, sink, currant_message_ref (message), FALSE);
  g_assert_cmpint (post != CURRANT_POST_REFUSED, ==, expect_post (self, &item));
  if (was_empty)
    g_assert_cmpint (post, ==, CURRANT_POST_FIRST);
}

/* Taking out. */

/* The place of the next item: with priorities, of the most urgent one. */
static guint
next_place (Model *self)
{
  guint place = 0;

  for (guint i = 1;
       (self->mailbox.flags & CURRANT_MAILBOX_BY_PRIORITY) != 0 && i < self->items->len; i++)
    if (item_at (self, i)->priority < item_at (self, place)->priority)
      place = i;
  return place;
}

static void
step_take (Model *self)
{
  CurrantMessage *message = currant_mailbox_take (&self->mailbox);
  guint place = next_place (self);

  if (self->items->len == 0)
    {
      g_assert_null (message);
      return;
    }
  g_assert_cmpint (currant_test_message_number (message), ==, item_at (self, place)->number);
  g_ptr_array_remove_index (self->items, place);
  currant_message_unref (message);
}

/* Checks a batch against the front of the list, and returns how many there are. */
static guint
check_batch (Model *self, CurrantNode *node, guint most)
{
  guint n = 0;
  gboolean ended = FALSE;

  for (; node != NULL; node = node->next, n++)
    {
      guint bound = atomic_load (&node->sink->bound);

      g_assert_false (ended);
      g_assert_cmpint (currant_test_message_number (node->message), ==, item_at (self, n)->number);
      ended = bound > 0 && bound < 64;
    }
  g_assert_true (ended || n == MIN (most, self->items->len));
  return n;
}

/* Some of a batch are delivered, and the others put back. Whoever detaches takes by no priority. */
static void
step_detach (Model *self)
{
  guint most = 1 + below (self, 20), n;
  CurrantNode *node = currant_mailbox_detach (&self->mailbox, most);

  n = check_batch (self, node, most);
  for (guint keep = below (self, n + 1); n > keep; n--)
    {
      CurrantNode *next = node->next;
      CurrantSink *sink = node->sink;

      self->n_delivered[item_at (self, 0)->sink]++;
      g_ptr_array_remove_index (self->items, 0);
      currant_node_deliver (node);
      currant_sink_release (sink, 1);
      node = next;
    }
  currant_mailbox_put_back (&self->mailbox, node);
}

static void
step_purge (Model *self)
{
  guint sink = below (self, N_SINKS);
  CurrantSink *real = &self->spies[sink]->sink;

  atomic_store (&real->purged, TRUE);
  currant_mailbox_purge (&self->mailbox, real);
  atomic_store (&real->purged, FALSE);
  drop_oldest (self, sink, G_MAXUINT);
}

static void
check (Model *self)
{
  guint64 dropped = 0;

  for (guint i = 0; i < N_SINKS; i++)
    {
      Spy *spy = self->spies[i];

      g_assert_cmpuint (currant_sink_waiting (&spy->sink), ==, count_items (self, i));
      g_assert_cmpuint (atomic_load (&spy->sink.state) >> 32, ==, 1);
      g_assert_cmpuint (atomic_load (&spy->sink.n_dropped), ==, self->n_dropped[i]);
      g_assert_cmpuint (atomic_load (&spy->n_delivered), ==, self->n_delivered[i]);
      dropped += self->n_dropped[i];
    }
  g_assert_cmpint (currant_mailbox_is_empty (&self->mailbox), ==, self->items->len == 0);
  g_assert_cmpuint (spy_count (self->router, CURRANT_COUNT_DROPPED), ==, dropped);
  g_assert_cmpuint (spy_count (self->router, CURRANT_COUNT_CONFLATED), ==, self->n_conflated);
}

static void
model_end (Model *self)
{
  while (self->items->len > 0)
    step_take (self);
  for (guint i = 0; i < N_SINKS; i++)
    {
      currant_sink_release (&self->spies[i]->sink, 1);
      g_assert_cmpuint (spy_finished (self->spies[i]), ==, 1);
      spy_free (self->spies[i]);
    }
  g_ptr_array_unref (self->items);
  currant_mailbox_clear (&self->mailbox);
  spy_router_end (self->router);
}

static void
run_model (gboolean by_priority)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();
  Model model;

  for (guint round = 0; round < currant_test_rounds (300); round++)
    {
      model_begin (&model, rand, by_priority);
      for (int i = 0; i < 300; i++)
        {
          guint dice = below (&model, 100);

          if (dice < 65)
            step_post (&model);
          else if (dice < 80 || by_priority)
            step_take (&model);
          else if (dice < 98)
            step_detach (&model);
          else
            step_purge (&model);
          check (&model);
        }
      model_end (&model);
    }
}

static void
test_fifo (void)
{
  run_model (FALSE);
}

static void
test_priority (void)
{
  run_model (TRUE);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/mailbox/model/fifo", test_fifo);
  currant_test_add ("/mailbox/model/priority", test_priority);
  return g_test_run ();
}
