/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mailbox in one thread: order, bounds, priorities, conflation. Random traffic is held against
 * a plain list in test-mailbox-model.c, threads meet in test-mailbox-threads.c. */
#include "config.h"

#include "currant-mailbox-private.h"
#include "spy-sink.h"

#include <string.h>

/* A mailbox, and the router that counts what becomes of the messages. */
typedef struct
{
  CurrantRouter *router;
  CurrantMailbox mailbox;
} Post;

static GString *reasons; /* of drops, as the voice would hear them */

static void
note_drop (CurrantSink *sink, const char *reason)
{
  (void)sink;
  g_string_append_printf (reasons, "%s ", reason);
}

static void
post_begin (Post *self, gboolean by_priority)
{
  self->router = currant_router_new ();
  self->router->on_drop = note_drop;
  g_string_set_size (reasons, 0);
  currant_mailbox_init (&self->mailbox, by_priority);
}

static void
post_end (Post *self)
{
  currant_mailbox_clear (&self->mailbox);
  spy_router_end (self->router);
}

/* A sink that is held, as a snapshot would hold it. */
static Spy *
sink_new (Post *self, guint bound, CurrantOverflow overflow)
{
  Spy *spy = spy_new (self->router, "a:*");

  atomic_store (&spy->sink.bound, bound);
  atomic_store (&spy->sink.overflow, overflow);
  currant_sink_hold (&spy->sink);
  return spy;
}

static void
sink_end (Spy *self)
{
  g_assert_cmpuint (currant_sink_waiting (&self->sink), ==, 0);
  currant_sink_release (&self->sink, 1);
  g_assert_cmpuint (spy_finished (self), ==, 1);
  spy_free (self);
}

static CurrantPost
post (Post *self, Spy *spy, int number)
{
  g_autoptr (CurrantMessage) message = spy_message ("a:x", number);

  return currant_mailbox_post (&self->mailbox, &spy->sink, currant_message_ref (message), FALSE);
}

static void
post_all (Post *self, Spy *spy, int first, int last)
{
  for (int i = first; i <= last; i++)
    post (self, spy, i);
}

static CurrantPost
post_latest (Post *self, Spy *spy, const char *id, guint64 key, int number)
{
  g_autoptr (CurrantMessage) message = spy_message (id, number);

  currant_message_set_key (message, key);
  return currant_mailbox_post_latest (&self->mailbox, &spy->sink, currant_message_ref (message),
                                      FALSE);
}

static void
post_urgent (Post *self, Spy *spy, int priority, int number)
{
  g_autoptr (CurrantMessage) message = spy_message ("a:x", number);

  currant_message_set_priority (message, priority);
  currant_mailbox_post (&self->mailbox, &spy->sink, currant_message_ref (message), FALSE);
}

static void
assert_takes (Post *self, const char *numbers)
{
  g_autoptr (GString) taken = g_string_new (NULL);
  CurrantMessage *message;

  while ((message = currant_mailbox_take (&self->mailbox)) != NULL)
    {
      g_string_append_printf (taken, "%s%d", taken->len > 0 ? " " : "",
                              currant_test_message_number (message));
      currant_message_unref (message);
    }
  g_assert_cmpstr (taken->str, ==, numbers);
  g_assert_true (currant_mailbox_is_empty (&self->mailbox));
}

/* Delivers the first @n nodes, as a context would, and returns the others. */
static CurrantNode *
deliver (CurrantNode *node, guint n, GString *numbers)
{
  for (; node != NULL && n > 0; n--)
    {
      CurrantNode *next = node->next;
      CurrantSink *sink = node->sink;

      g_string_append_printf (numbers, "%d ", currant_test_message_number (node->message));
      currant_node_deliver (node);
      currant_sink_release (sink, 1);
      node = next;
    }
  return node;
}

static void
assert_detaches (Post *self, guint most, const char *numbers)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_null (deliver (currant_mailbox_detach (&self->mailbox, most), G_MAXUINT, text));
  g_assert_cmpstr (text->str, ==, numbers);
}

/* Order. */

static void
test_fifo (void)
{
  Post box;
  Spy *a, *b;

  post_begin (&box, FALSE);
  a = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  b = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  g_assert_null (currant_mailbox_take (&box.mailbox));
  g_assert_null (currant_mailbox_detach (&box.mailbox, 5));
  post (&box, a, 1);
  post (&box, b, 2);
  post (&box, a, 3);
  assert_detaches (&box, 1, "1 ");
  post (&box, b, 4);
  g_assert_false (currant_mailbox_is_empty (&box.mailbox));
  assert_takes (&box, "2 3 4");
  sink_end (a);
  sink_end (b);
  post_end (&box);
}

/* Whoever fills an empty mailbox is told to wake somebody. */
static void
test_first (void)
{
  Post box;
  Spy *spy;

  post_begin (&box, FALSE);
  spy = sink_new (&box, 2, CURRANT_OVERFLOW_LATEST);
  for (int i = 0; i < 3; i++)
    {
      g_assert_cmpint (post (&box, spy, 1), ==, CURRANT_POST_FIRST);
      g_assert_cmpint (post (&box, spy, 2), ==, CURRANT_POST_STORED);
      /* What waited has been moved on and is dropped: somebody has been woken for it. */
      g_assert_cmpint (post (&box, spy, 3), !=, CURRANT_POST_REFUSED);
      assert_takes (&box, "3");
      g_assert_cmpint (post_latest (&box, spy, "a:x", 0, 4), ==, CURRANT_POST_FIRST);
      g_assert_cmpint (post_latest (&box, spy, "a:x", 0, 5), ==, CURRANT_POST_STORED);
      assert_takes (&box, "5");
    }
  sink_end (spy);
  post_end (&box);
}

/* Bounds. */

static const struct
{
  CurrantOverflow overflow;
  const char *kept, *reasons;
  guint64 n_dropped;
} policies[] = {
  { CURRANT_OVERFLOW_DROP_OLDEST, "3 4 5", "overflow overflow ", 2 },
  { CURRANT_OVERFLOW_DROP_NEWEST, "1 2 3", "overflow overflow ", 2 },
  { CURRANT_OVERFLOW_LATEST, "4 5", "overflow ", 3 },
  { CURRANT_OVERFLOW_FAIL, "1 2 3", "full full ", 2 },
  { CURRANT_OVERFLOW_BLOCK, "1 2 3", "would-block would-block ", 2 },
};

/* What a bound of three makes of five messages; and of five more when they have been taken. */
static void
test_policies (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      Post box;
      Spy *spy;

      post_begin (&box, FALSE);
      spy = sink_new (&box, 3, policies[i].overflow);
      for (int round = 0; round < 2; round++)
        {
          g_string_set_size (reasons, 0);
          post_all (&box, spy, 1, 5);
          g_assert_cmpstr (reasons->str, ==, policies[i].reasons);
          assert_takes (&box, policies[i].kept);
        }
      g_assert_cmpuint (atomic_load (&spy->sink.n_dropped), ==, 2 * policies[i].n_dropped);
      g_assert_cmpuint (spy_count (box.router, CURRANT_COUNT_DROPPED), ==,
                        2 * policies[i].n_dropped);
      sink_end (spy);
      post_end (&box);
    }
}

/* One that is refused says so; one that makes room has been stored. */
static void
test_policies_tell (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      gboolean stores = policies[i].overflow == CURRANT_OVERFLOW_DROP_OLDEST
                        || policies[i].overflow == CURRANT_OVERFLOW_LATEST;
      Post box;
      Spy *spy;

      post_begin (&box, FALSE);
      spy = sink_new (&box, 1, policies[i].overflow);
      post (&box, spy, 1);
      g_assert_cmpint (post (&box, spy, 2) != CURRANT_POST_REFUSED, ==, stores);
      assert_takes (&box, stores ? "2" : "1");
      sink_end (spy);
      post_end (&box);
    }
}

/* A bound is one sink's: others in the mailbox lose nothing, and keep their places. */
static void
test_bound_is_of_a_sink (void)
{
  Post box;
  Spy *a, *b;

  post_begin (&box, FALSE);
  a = sink_new (&box, 2, CURRANT_OVERFLOW_DROP_OLDEST);
  b = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  for (int i = 1; i <= 9; i++)
    post (&box, i % 3 == 0 ? b : a, i);
  assert_takes (&box, "3 6 7 8 9");
  g_assert_cmpuint (atomic_load (&b->sink.n_dropped), ==, 0);
  sink_end (a);
  sink_end (b);
  post_end (&box);
}

/* What has been taken out does not wait. */
static void
test_room_after_detach (void)
{
  g_autoptr (GString) numbers = g_string_new (NULL);
  CurrantNode *nodes;
  Post box;
  Spy *spy;

  post_begin (&box, FALSE);
  spy = sink_new (&box, 100, CURRANT_OVERFLOW_FAIL);
  post_all (&box, spy, 1, 100);
  nodes = currant_mailbox_detach (&box.mailbox, 60);
  g_assert_cmpuint (currant_sink_waiting (&spy->sink), ==, 40);
  g_assert_cmpuint (atomic_load (&spy->sink.state) >> 32, ==, 61);
  post_all (&box, spy, 101, 160);
  g_assert_cmpuint (atomic_load (&spy->sink.n_dropped), ==, 0);
  g_assert_cmpint (post (&box, spy, 161), ==, CURRANT_POST_REFUSED);
  g_assert_null (deliver (nodes, G_MAXUINT, numbers));
  g_assert_cmpuint (atomic_load (&spy->n_delivered), ==, 60);
  while ((nodes = currant_mailbox_detach (&box.mailbox, 7)) != NULL)
    deliver (nodes, G_MAXUINT, numbers);
  g_assert_cmpuint (atomic_load (&spy->n_delivered), ==, 160);
  sink_end (spy);
  post_end (&box);
}

/* A batch ends at a sink with a small bound, so that what is in delivery hardly counts. */
static void
test_small_bounds_end_batches (void)
{
  Post box;
  Spy *large, *small;

  post_begin (&box, FALSE);
  large = sink_new (&box, 64, CURRANT_OVERFLOW_DROP_OLDEST);
  small = sink_new (&box, 63, CURRANT_OVERFLOW_DROP_OLDEST);
  for (int i = 1; i <= 9; i++)
    post (&box, i % 4 == 0 ? small : large, i);
  assert_detaches (&box, 64, "1 2 3 4 ");
  assert_detaches (&box, 2, "5 6 ");
  assert_detaches (&box, 64, "7 8 ");
  assert_detaches (&box, 64, "9 ");
  sink_end (large);
  sink_end (small);
  post_end (&box);
}

/* Putting back. */

static void
test_put_back (void)
{
  g_autoptr (GString) numbers = g_string_new (NULL);
  CurrantNode *nodes;
  Post box;
  Spy *a, *b;

  post_begin (&box, FALSE);
  a = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  b = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  for (int i = 1; i <= 6; i++)
    post (&box, i % 2 ? a : b, i);
  nodes = deliver (currant_mailbox_detach (&box.mailbox, 5), 2, numbers);
  post (&box, b, 7);
  currant_mailbox_put_back (&box.mailbox, nodes);
  g_assert_cmpuint (currant_sink_waiting (&a->sink), ==, 2);
  g_assert_cmpuint (currant_sink_waiting (&b->sink), ==, 3);
  assert_takes (&box, "3 4 5 6 7");
  sink_end (a);
  sink_end (b);
  post_end (&box);
}

/* What was put back is the oldest there is. */
static void
test_put_back_is_oldest (void)
{
  Post box;
  Spy *spy;

  post_begin (&box, FALSE);
  spy = sink_new (&box, 64, CURRANT_OVERFLOW_DROP_OLDEST);
  post_all (&box, spy, 1, 64);
  currant_mailbox_put_back (&box.mailbox, currant_mailbox_detach (&box.mailbox, 2));
  g_assert_cmpint (post (&box, spy, 65), !=, CURRANT_POST_REFUSED);
  assert_detaches (&box, 1, "2 ");
  atomic_store (&spy->sink.purged, TRUE);
  currant_mailbox_purge (&box.mailbox, &spy->sink);
  sink_end (spy);
  post_end (&box);
}

/* What comes back for a sink that was purged is given to it, to be counted, and does not lie. */
static void
test_put_back_purged (void)
{
  CurrantNode *nodes;
  Post box;
  Spy *a, *b;

  post_begin (&box, FALSE);
  a = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  b = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  for (int i = 1; i <= 6; i++)
    post (&box, i % 2 ? a : b, i);
  nodes = currant_mailbox_detach (&box.mailbox, 5);
  atomic_store (&a->sink.purged, TRUE);
  currant_mailbox_purge (&box.mailbox, &a->sink);
  currant_mailbox_put_back (&box.mailbox, nodes);
  g_assert_cmpuint (atomic_load (&a->n_delivered), ==, 3);
  assert_takes (&box, "2 4 6");
  sink_end (a);
  sink_end (b);
  post_end (&box);
}

/* Priorities. */

static void
test_lanes (void)
{
  Post box;
  Spy *spy;

  post_begin (&box, TRUE);
  spy = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  post_urgent (&box, spy, 10, 1);
  post_urgent (&box, spy, 5, 2);
  post_urgent (&box, spy, 10, 3);
  post_urgent (&box, spy, G_MAXINT, 4);
  post_urgent (&box, spy, G_MININT, 5);
  post_urgent (&box, spy, 5, 6);
  post_urgent (&box, spy, -5, 7);
  assert_takes (&box, "5 7 2 6 1 3 4");
  sink_end (spy);
  post_end (&box);
}

/* One more urgent that comes later still comes first. */
static void
test_urgent_overtakes (void)
{
  CurrantMessage *message;
  Post box;
  Spy *spy;

  post_begin (&box, TRUE);
  spy = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  post_urgent (&box, spy, 10, 1);
  post_urgent (&box, spy, 10, 2);
  message = currant_mailbox_take (&box.mailbox);
  g_assert_cmpint (currant_test_message_number (message), ==, 1);
  currant_message_unref (message);
  post_urgent (&box, spy, 9, 3);
  assert_takes (&box, "3 2");
  sink_end (spy);
  post_end (&box);
}

/* Priorities from outside cannot pile up. */
static void
test_dry_lanes_go (void)
{
  Post box;
  Spy *spy;

  post_begin (&box, TRUE);
  spy = sink_new (&box, 3, CURRANT_OVERFLOW_DROP_OLDEST);
  for (int i = 0; i < 10000; i++)
    post_urgent (&box, spy, i * 7919 % 10007, i);
  currant_lock_acquire (&box.mailbox.lock);
  g_assert_cmpuint (box.mailbox.lanes->len, <=, 3);
  currant_lock_release (&box.mailbox.lock);
  for (int i = 0; i < 3; i++)
    currant_message_unref (currant_mailbox_take (&box.mailbox));
  currant_lock_acquire (&box.mailbox.lock);
  g_assert_cmpuint (box.mailbox.lanes->len, ==, 0);
  currant_lock_release (&box.mailbox.lock);
  sink_end (spy);
  post_end (&box);
}

/* The one that has waited longest is dropped, however urgent. */
static void
test_oldest_of_all_lanes (void)
{
  Post box;
  Spy *spy;

  post_begin (&box, TRUE);
  spy = sink_new (&box, 2, CURRANT_OVERFLOW_DROP_OLDEST);
  post_urgent (&box, spy, 1, 1);
  post_urgent (&box, spy, 3, 2);
  post_urgent (&box, spy, 2, 3);
  assert_takes (&box, "3 2");
  sink_end (spy);
  post_end (&box);
}

static void
test_put_back_into_lanes (void)
{
  Post box;
  Spy *spy;

  post_begin (&box, TRUE);
  spy = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  for (int i = 1; i <= 6; i++)
    post_urgent (&box, spy, i % 2, i);
  currant_mailbox_put_back (&box.mailbox, currant_mailbox_detach (&box.mailbox, 5));
  assert_takes (&box, "2 4 6 1 3 5");
  sink_end (spy);
  post_end (&box);
}

/* Conflation. */

/* In its place, and only for the same identifier and key of the same sink. */
static void
test_conflation (void)
{
  Post box;
  Spy *a, *b;

  post_begin (&box, FALSE);
  a = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  b = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  post_latest (&box, a, "a:x", 1, 1);
  post_latest (&box, a, "a:x", 2, 2);
  post_latest (&box, a, "a:y", 1, 3);
  post_latest (&box, b, "a:x", 1, 4);
  post_latest (&box, a, "a:x", 1, 5);
  post_latest (&box, a, "a:x", 1, 6);
  post_latest (&box, b, "a:x", 1, 7);
  g_assert_cmpuint (currant_sink_waiting (&a->sink), ==, 3);
  g_assert_cmpuint (spy_count (box.router, CURRANT_COUNT_CONFLATED), ==, 3);
  g_assert_cmpuint (spy_count (box.router, CURRANT_COUNT_POSTED), ==, 4);
  assert_takes (&box, "6 2 3 7");
  post_latest (&box, a, "a:x", 1, 8);
  assert_takes (&box, "8");
  sink_end (a);
  sink_end (b);
  post_end (&box);
}

/* The bound is of messages that wait: one that replaces another needs no room. */
static void
test_conflation_when_full (void)
{
  Post box;
  Spy *spy;

  post_begin (&box, FALSE);
  spy = sink_new (&box, 2, CURRANT_OVERFLOW_FAIL);
  post_latest (&box, spy, "a:x", 1, 1);
  post_latest (&box, spy, "a:x", 2, 2);
  g_assert_cmpint (post_latest (&box, spy, "a:x", 1, 3), ==, CURRANT_POST_STORED);
  g_assert_cmpint (post_latest (&box, spy, "a:x", 3, 4), ==, CURRANT_POST_REFUSED);
  atomic_store (&spy->sink.overflow, CURRANT_OVERFLOW_DROP_OLDEST);
  g_assert_cmpint (post_latest (&box, spy, "a:x", 4, 5), !=, CURRANT_POST_REFUSED);
  /* The one under key 1 was dropped, so this is no longer in its place. */
  atomic_store (&spy->sink.bound, 3);
  post_latest (&box, spy, "a:x", 1, 6);
  post_latest (&box, spy, "a:x", 2, 7);
  assert_takes (&box, "7 5 6");
  sink_end (spy);
  post_end (&box);
}

/* A message that was put back waits like any other. */
static void
test_conflation_after_put_back (void)
{
  Post box;
  Spy *spy;

  post_begin (&box, FALSE);
  spy = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  post_latest (&box, spy, "a:x", 1, 1);
  post_latest (&box, spy, "a:x", 2, 2);
  currant_mailbox_put_back (&box.mailbox, currant_mailbox_detach (&box.mailbox, 2));
  post_latest (&box, spy, "a:x", 1, 3);
  post_latest (&box, spy, "a:x", 2, 4);
  assert_takes (&box, "3 4");
  sink_end (spy);
  post_end (&box);
}

/* One that came while the others were out is the newer one, and stays so. */
static void
test_conflation_around_put_back (void)
{
  CurrantNode *nodes;
  Post box;
  Spy *spy;

  post_begin (&box, FALSE);
  spy = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  post_latest (&box, spy, "a:x", 1, 1);
  nodes = currant_mailbox_detach (&box.mailbox, 1);
  post_latest (&box, spy, "a:x", 1, 2);
  currant_mailbox_put_back (&box.mailbox, nodes);
  post_latest (&box, spy, "a:x", 1, 3);
  assert_takes (&box, "1 3");
  sink_end (spy);
  post_end (&box);
}

/* Purging. */

static void
test_purge (void)
{
  Post box;
  Spy *a, *b;

  post_begin (&box, FALSE);
  a = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  b = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  for (int i = 1; i <= 4; i++)
    post (&box, i % 2 ? a : b, i);
  /* Some lie in the backlog, some are coming in. */
  assert_detaches (&box, 1, "1 ");
  for (int i = 5; i <= 8; i++)
    post (&box, i % 2 ? a : b, i);
  atomic_store (&a->sink.purged, TRUE);
  currant_mailbox_purge (&box.mailbox, &a->sink);
  g_assert_cmpuint (spy_count (box.router, CURRANT_COUNT_DISCARDED), ==, 3);
  post (&box, a, 9);
  g_assert_cmpuint (spy_count (box.router, CURRANT_COUNT_DISCARDED), ==, 4);
  post_latest (&box, a, "a:x", 1, 10);
  g_assert_cmpuint (spy_count (box.router, CURRANT_COUNT_DISCARDED), ==, 5);
  g_assert_cmpuint (currant_sink_waiting (&a->sink), ==, 0);
  assert_takes (&box, "2 4 6 8");
  sink_end (a);
  sink_end (b);
  post_end (&box);
}

/* Sleeping for room. */

static void
block_while_delivering (CurrantSink *sink, CurrantMessage *message)
{
  Post *box = ((Spy *)sink)->data;
  Spy *full = sink_new (box, 1, CURRANT_OVERFLOW_BLOCK);
  g_autoptr (CurrantMessage) another = spy_message ("a:x", 2);

  g_assert_true (currant_thread_is_delivering ());
  post (box, full, 1);
  g_assert_cmpint (
      currant_mailbox_post (&box->mailbox, &full->sink, currant_message_ref (another), TRUE), ==,
      CURRANT_POST_REFUSED);
  currant_message_unref (currant_mailbox_take (&box->mailbox));
  sink_end (full);
  spy_deliver (sink, message);
}

/* Who empties one mailbox does not wait for room in another, though it may. */
static void
test_deliverer_does_not_wait (void)
{
  CurrantSinkClass klass = spy_class;
  g_autoptr (GString) numbers = g_string_new (NULL);
  Post box;
  Spy *spy;

  post_begin (&box, FALSE);
  klass.deliver = block_while_delivering;
  spy = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  spy->sink.klass = &klass;
  spy->data = &box;
  post (&box, spy, 1);
  g_assert_false (currant_thread_is_delivering ());
  g_assert_null (deliver (currant_mailbox_detach (&box.mailbox, 1), 1, numbers));
  g_assert_false (currant_thread_is_delivering ());
  g_assert_cmpstr (reasons->str, ==, "would-block ");
  sink_end (spy);
  post_end (&box);
}

/* Messages that nobody gets. */

typedef struct
{
  Post *box;
  Spy *spy;
  guint n_gone;
} Reentry;

/* The object that a message carried ends, and its end posts to the same mailbox. */
static void
post_at_the_end (gpointer data, GObject *where)
{
  Reentry *self = data;

  (void)where;
  self->n_gone++;
  post (self->box, self->spy, 100 + (int)self->n_gone);
}

static void
post_object (Reentry *self, Spy *spy)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:x");
  g_autoptr (CurrantMessage) message = NULL;
  g_auto (GValue) value = G_VALUE_INIT;
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);

  g_object_weak_ref (object, post_at_the_end, self);
  g_value_init (&value, G_TYPE_OBJECT);
  g_value_take_object (&value, object);
  message = currant_message_new_value (identifier, &value);
  currant_mailbox_post (&self->box->mailbox, &spy->sink, currant_message_ref (message), FALSE);
}

static void
test_user_code_at_the_end (void)
{
  Post box;
  Spy *dropping, *other;
  Reentry reentry = { &box, NULL, 0 };

  post_begin (&box, FALSE);
  dropping = sink_new (&box, 2, CURRANT_OVERFLOW_LATEST);
  other = reentry.spy = sink_new (&box, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  post_object (&reentry, dropping);
  post_object (&reentry, dropping);
  post (&box, dropping, 1);
  g_assert_cmpuint (reentry.n_gone, ==, 2);
  assert_takes (&box, "1 101 102");
  post_object (&reentry, dropping);
  atomic_store (&dropping->sink.purged, TRUE);
  currant_mailbox_purge (&box.mailbox, &dropping->sink);
  assert_takes (&box, "103");
  sink_end (dropping);
  sink_end (other);
  post_end (&box);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  reasons = g_string_new (NULL);
  currant_test_add ("/mailbox/fifo", test_fifo);
  currant_test_add ("/mailbox/first", test_first);
  currant_test_add ("/mailbox/bound/policies", test_policies);
  currant_test_add ("/mailbox/bound/policies-tell", test_policies_tell);
  currant_test_add ("/mailbox/bound/is-of-a-sink", test_bound_is_of_a_sink);
  currant_test_add ("/mailbox/bound/room-after-detach", test_room_after_detach);
  currant_test_add ("/mailbox/bound/small-ones-end-batches", test_small_bounds_end_batches);
  currant_test_add ("/mailbox/put-back", test_put_back);
  currant_test_add ("/mailbox/put-back/is-oldest", test_put_back_is_oldest);
  currant_test_add ("/mailbox/put-back/purged", test_put_back_purged);
  currant_test_add ("/mailbox/put-back/into-lanes", test_put_back_into_lanes);
  currant_test_add ("/mailbox/lanes", test_lanes);
  currant_test_add ("/mailbox/lanes/urgent-overtakes", test_urgent_overtakes);
  currant_test_add ("/mailbox/lanes/dry-ones-go", test_dry_lanes_go);
  currant_test_add ("/mailbox/lanes/oldest-of-all", test_oldest_of_all_lanes);
  currant_test_add ("/mailbox/conflation", test_conflation);
  currant_test_add ("/mailbox/conflation/when-full", test_conflation_when_full);
  currant_test_add ("/mailbox/conflation/after-put-back", test_conflation_after_put_back);
  currant_test_add ("/mailbox/conflation/around-put-back", test_conflation_around_put_back);
  currant_test_add ("/mailbox/purge", test_purge);
  currant_test_add ("/mailbox/deliverer-does-not-wait", test_deliverer_does_not_wait);
  currant_test_add ("/mailbox/user-code-at-the-end", test_user_code_at_the_end);
  return g_test_run ();
}
