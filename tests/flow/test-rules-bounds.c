/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules of delivery, 8: nothing is unbounded unless asked to be, every drop is counted, and
 * announced as currant:dropped at most once a second a source.
 */
#include "config.h"

#include "currant-test.h"

static void
do_nothing (CurrantMessage *message, gpointer data)
{
  (void)message;
  (void)data;
}

static void
publish (CurrantBus *bus, const char *id, int n)
{
  for (int i = 0; i < n; i++)
    currant_bus_publish (bus, id, "(i)", i);
}

/* Not one more and not one less than 65,536. */
static void
test_8_default_bound (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  CurrantFollower *follower = currant_bus_follow_with_delivery (bus, "a:x", CURRANT_DELIVERY_QUEUED,
                                                                do_nothing, NULL, NULL);
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_SHARED);

  g_assert_cmpint (CURRANT_BOUND_DEFAULT, ==, 65536);
  publish (bus, "a:x", 65536);
  g_assert_cmpuint (currant_test_stat (bus, "dropped"), ==, 0);
  publish (bus, "a:x", 100);
  g_assert_cmpuint (currant_follower_get_pending (follower), ==, 65536);
  g_assert_cmpuint (currant_follower_get_n_dropped (follower), ==, 100);
  g_assert_cmpuint (currant_queue_get_length (queue), ==, 65536);
  g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, 100);
  g_assert_cmpuint (currant_test_stat (bus, "dropped"), ==, 200);
  currant_test_assert_balance (bus);
}

/* What a listener to currant:dropped is told. */

typedef struct
{
  char *source;
  char *reason;
  guint64 since;
  guint64 total;
  gint64 time;
} Announcement;

static void
clear_announcement (gpointer data)
{
  Announcement *announcement = data;

  g_free (announcement->source);
  g_free (announcement->reason);
}

static void
hear (CurrantMessage *message, gpointer data)
{
  Announcement heard = { .time = g_get_monotonic_time () };
  guint since;

  g_assert_true (currant_message_get (message, "(sut)", &heard.source, &since, &heard.total));
  g_assert_true (currant_message_lookup (message, "reason", "s", &heard.reason));
  g_assert_cmpstr (currant_message_get_id (message), ==, "currant:dropped");
  heard.since = since;
  g_array_append_val ((GArray *)data, heard);
}

static GArray *
listen_to (CurrantBus *bus)
{
  GArray *heard = g_array_new (FALSE, FALSE, sizeof (Announcement));

  g_array_set_clear_func (heard, clear_announcement);
  currant_bus_follow (bus, "currant:dropped", hear, heard, NULL);
  return heard;
}

static guint64
announced (GArray *heard, const char *source)
{
  guint64 sum = 0;

  for (guint i = 0; i < heard->len; i++)
    if (g_str_equal (g_array_index (heard, Announcement, i).source, source))
      sum += g_array_index (heard, Announcement, i).since;
  return sum;
}

/* No two of one source within a second, and the totals add up. */
static void
assert_rate_and_totals (GArray *heard, const char *source)
{
  gint64 last = 0;
  guint64 sum = 0;

  for (guint i = 0; i < heard->len; i++)
    {
      Announcement *one = &g_array_index (heard, Announcement, i);

      if (!g_str_equal (one->source, source))
        continue;
      sum += one->since;
      g_assert_cmpuint (one->since, >, 0);
      g_assert_cmpuint (one->total, ==, sum);
      if (last != 0)
        g_assert_cmpint (one->time - last, >=, G_USEC_PER_SEC - 5000);
      last = one->time;
    }
}

static CurrantFollower *
add_small (CurrantBus *bus, const char *pattern, CurrantOverflow overflow)
{
  CurrantFollower *follower =
      currant_test_follower_new (pattern, CURRANT_DELIVERY_QUEUED, do_nothing, NULL);

  currant_follower_set_bound (follower, 1, overflow);
  currant_bus_add_follower (bus, follower);
  currant_follower_unref (follower);
  return follower;
}

/* All drops are told, the rest of a second by a timer, though nothing is published any more. */
static void
test_8_announced (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GArray) heard = listen_to (bus);

  add_small (bus, "a:*", CURRANT_OVERFLOW_DROP_OLDEST);
  publish (bus, "a:x", 101);
  currant_test_iterate_until (NULL, announced (heard, "a:*") == 100);
  g_assert_cmpuint (heard->len, <=, 2);
  g_assert_cmpstr (g_array_index (heard, Announcement, 0).reason, ==, "overflow");
  publish (bus, "a:x", 11);
  currant_test_iterate_until (NULL, announced (heard, "a:*") >= 110);
  assert_rate_and_totals (heard, "a:*");
}

/* The first drop after a quiet second is told at once, not a second late. */
static void
test_8_announced_at_once (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GArray) heard = listen_to (bus);
  gint64 before;

  add_small (bus, "a:*", CURRANT_OVERFLOW_DROP_OLDEST);
  publish (bus, "a:x", 1);
  before = g_get_monotonic_time ();
  publish (bus, "a:x", 1);
  currant_test_iterate_until (NULL, heard->len == 1);
  g_assert_cmpint (g_get_monotonic_time () - before, <, G_USEC_PER_SEC);
}

static gboolean
publish_in_loop (gpointer bus)
{
  publish (bus, "b:x", 3);
  return G_SOURCE_REMOVE;
}

/* Each source for itself: followers, queues, and the reasons. */
static void
test_8_announced_for_each_source (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GArray) heard = listen_to (bus);
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "c:*", CURRANT_QUEUE_STANDALONE);

  add_small (bus, "a:*", CURRANT_OVERFLOW_FAIL);
  add_small (bus, "b:*", CURRANT_OVERFLOW_BLOCK);
  currant_queue_set_bound (queue, 1, CURRANT_OVERFLOW_DROP_NEWEST);
  publish (bus, "a:x", 4);
  g_idle_add (publish_in_loop, bus);
  publish (bus, "c:x", 2);
  currant_test_iterate_until (NULL, announced (heard, "a:*") == 3 && announced (heard, "b:*") == 2
                                        && announced (heard, "c:*") == 1);
  for (guint i = 0; i < heard->len; i++)
    {
      Announcement *one = &g_array_index (heard, Announcement, i);

      g_assert_cmpstr (one->reason, ==,
                       one->source[0] == 'a'   ? "full"
                       : one->source[0] == 'b' ? "would-block"
                                               : "overflow");
    }
  assert_rate_and_totals (heard, "a:*");
  assert_rate_and_totals (heard, "b:*");
  assert_rate_and_totals (heard, "c:*");
}

/* Nobody listens: nothing is published, and a listener that comes later hears of what follows. */
static void
test_8_only_while_followed (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GArray) heard = NULL;

  add_small (bus, "a:*", CURRANT_OVERFLOW_DROP_OLDEST);
  publish (bus, "a:x", 50);
  g_assert_cmpuint (currant_test_stat (bus, "published"), ==, 50);
  heard = listen_to (bus);
  currant_test_drain (NULL);
  publish (bus, "a:x", 5);
  currant_test_iterate_until (NULL, announced (heard, "a:*") >= 5);
}

/* The listener goes while the rest of a second is due; one that comes later hears of new drops. */
static void
test_8_listener_comes_back (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GArray) before = g_array_new (FALSE, FALSE, sizeof (Announcement));
  g_autoptr (GArray) heard = NULL;
  gint64 quiet_until;
  CurrantFollower *listener;

  g_array_set_clear_func (before, clear_announcement);
  listener = currant_bus_follow (bus, "currant:dropped", hear, before, NULL);
  add_small (bus, "a:*", CURRANT_OVERFLOW_DROP_OLDEST);
  publish (bus, "a:x", 10);
  currant_follower_stop (listener);
  quiet_until = g_get_monotonic_time () + 2200 * 1000;
  currant_test_iterate_until (NULL, g_get_monotonic_time () > quiet_until);
  heard = listen_to (bus);
  publish (bus, "a:x", 5);
  currant_test_iterate_until (NULL, announced (heard, "a:*") >= 5);
}

/* A drop that a listener causes while it hears of another one is told as well. */

typedef struct
{
  CurrantBus *bus;
  GArray *heard;
} Clumsy;

static void
hear_and_drop (CurrantMessage *message, gpointer data)
{
  Clumsy *clumsy = data;

  hear (message, clumsy->heard);
  if (clumsy->heard->len == 1)
    publish (clumsy->bus, "b:x", 3);
}

static void
test_8_drops_while_announcing (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GArray) heard = g_array_new (FALSE, FALSE, sizeof (Announcement));
  Clumsy clumsy = { .bus = bus, .heard = heard };

  g_array_set_clear_func (heard, clear_announcement);
  currant_bus_follow (bus, "currant:dropped", hear_and_drop, &clumsy, NULL);
  add_small (bus, "a:*", CURRANT_OVERFLOW_DROP_OLDEST);
  add_small (bus, "b:*", CURRANT_OVERFLOW_DROP_OLDEST);
  publish (bus, "a:x", 2);
  currant_test_iterate_until (NULL, announced (heard, "b:*") == 2);
}

/* A listener that drops announcements itself starts no avalanche. */
static void
test_8_never_re_entering (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GMainContext) stopped = g_main_context_new ();
  g_autoptr (CurrantFollower) listener =
      currant_test_follower_new ("currant:*", CURRANT_DELIVERY_QUEUED, do_nothing, NULL);
  guint64 published;

  currant_follower_set_context (listener, stopped);
  currant_follower_set_bound (listener, 1, CURRANT_OVERFLOW_DROP_NEWEST);
  currant_bus_add_follower (bus, listener);
  for (int i = 0; i < 10; i++)
    {
      g_autofree char *pattern = g_strdup_printf ("a:{x,y%d}", i);

      add_small (bus, pattern, CURRANT_OVERFLOW_DROP_OLDEST);
    }
  publish (bus, "a:x", 10);
  currant_test_drain (NULL);
  published = currant_test_stat (bus, "published");
  g_assert_cmpuint (published, >=, 20);
  g_assert_cmpuint (published, <=, 40);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/rules/8-bounds/default-bound", test_8_default_bound);
  currant_test_add ("/rules/8-bounds/announced", test_8_announced);
  currant_test_add ("/rules/8-bounds/announced-at-once", test_8_announced_at_once);
  currant_test_add ("/rules/8-bounds/announced-for-each-source", test_8_announced_for_each_source);
  currant_test_add ("/rules/8-bounds/only-while-followed", test_8_only_while_followed);
  currant_test_add ("/rules/8-bounds/listener-comes-back", test_8_listener_comes_back);
  currant_test_add ("/rules/8-bounds/drops-while-announcing", test_8_drops_while_announcing);
  currant_test_add ("/rules/8-bounds/never-re-entering", test_8_never_re_entering);
  return g_test_run ();
}
