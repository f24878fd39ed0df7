/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Routes, snapshots and their reclaiming. Threads meet in test-router-threads.c, topics are in
 * test-router-topics.c. */
#include "config.h"

#include "spy-sink.h"

/* Registering. */

static guint
count_holds (Spy *spy)
{
  return (guint)(atomic_load (&spy->sink.state) >> 32);
}

static void
test_add_and_remove (void)
{
  CurrantRouter *router = currant_router_new ();
  Spy *spy = spy_new (router, "a:x");

  g_assert_true (currant_router_add (router, &spy->sink, NULL));
  g_assert_true (currant_router_add (router, &spy->sink, NULL));
  g_assert_cmpuint (count_holds (spy), ==, 1);
  currant_sink_hold (&spy->sink);
  currant_router_remove (router, &spy->sink);
  g_assert_cmpuint (spy_finished (spy), ==, 0);
  currant_router_remove (router, &spy->sink);
  g_assert_cmpuint (count_holds (spy), ==, 1);
  currant_sink_release (&spy->sink, 1);
  g_assert_cmpuint (spy_finished (spy), ==, 1);
  spy_free (spy);
  spy_router_end (router);
}

static void
note_order (Spy *self, CurrantMessage *message, CurrantWalk *walk)
{
  GString *order = self->data;

  (void)walk;
  g_string_append_printf (order, "%s%d", currant_pattern_to_string (self->sink.pattern),
                          currant_test_message_number (message));
  g_string_append_c (order, ' ');
}

/* In the order they were added, whatever their patterns, and after a pattern changed. */
static void
test_order (void)
{
  static const char *const patterns[] = { "*:x", "a:x", "*:*", "a*:x", "b:x" };
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *topic = spy_topic (router, "a:x");
  g_autoptr (GString) order = g_string_new (NULL);
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:{x,y}");
  Spy *spies[5];

  for (int i = 0; i < 5; i++)
    {
      spies[i] = spy_add (router, patterns[i]);
      spies[i]->on_take = note_order;
      spies[i]->data = order;
    }
  g_assert_cmpuint (spy_publish (topic, 1), ==, 4);
  currant_router_change (router, &spies[1]->sink, pattern);
  g_assert_cmpuint (spy_publish (topic, 2), ==, 4);
  g_assert_cmpstr (order->str, ==, "*:x1 a:x1 *:*1 a*:x1 *:x2 a:{x,y}2 *:*2 a*:x2 ");
  for (int i = 0; i < 5; i++)
    spy_remove (spies[i]);
  currant_topic_unref (topic);
  spy_router_end (router);
}

static void
test_dup_pattern (void)
{
  CurrantRouter *router = currant_router_new ();
  Spy *spy = spy_add (router, "a:x");
  g_autoptr (CurrantPattern) changed = currant_test_pattern ("b:*");
  g_autoptr (CurrantPattern) before = currant_router_dup_pattern (router, &spy->sink);
  g_autoptr (CurrantPattern) after = NULL;

  currant_router_change (router, &spy->sink, changed);
  after = currant_router_dup_pattern (router, &spy->sink);
  g_assert_cmpstr (currant_pattern_to_string (before), ==, "a:x");
  g_assert_true (after == changed);
  spy_remove (spy);
  spy_router_end (router);
}

/* One that was never registered, or is no more, may have its pattern changed. */
static void
test_change_unregistered (void)
{
  CurrantRouter *router = currant_router_new ();
  Spy *spy = spy_new (router, "a:x");
  CurrantTopic *topic = spy_topic (router, "b:x");
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("b:x");

  currant_router_change (router, &spy->sink, pattern);
  g_assert_cmpuint (spy_publish (topic, 1), ==, 0);
  g_assert_true (currant_router_add (router, &spy->sink, NULL));
  g_assert_cmpuint (spy_publish (topic, 2), ==, 1);
  spy_remove (spy);
  currant_topic_unref (topic);
  spy_router_end (router);
}

static void
test_dispose (void)
{
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *topic = spy_topic (router, "a:x");
  Spy *spies[3] = { spy_add (router, "a:x"), spy_add (router, "a@n:x"), spy_add (router, "*") };
  Spy *late = spy_new (router, "a:x");
  g_autoptr (GPtrArray) sinks = NULL;

  g_assert_cmpuint (spy_publish (topic, 1), ==, 2);
  sinks = currant_router_dispose (router);
  g_assert_cmpuint (sinks->len, ==, 3);
  for (int i = 0; i < 3; i++)
    {
      g_assert_true (g_ptr_array_find (sinks, spies[i], NULL));
      g_assert_cmpuint (count_holds (spies[i]), >=, 2);
      spy_stop (&spies[i]->sink);
      g_assert_cmpuint (spy_finished (spies[i]), ==, 0);
      currant_sink_release (&spies[i]->sink, 1);
      g_assert_cmpuint (spy_finished (spies[i]), ==, 1);
      spy_free (spies[i]);
    }
  g_assert_false (currant_router_add (router, &late->sink, NULL));
  spy_free (late);
  g_assert_cmpuint (spy_publish (topic, 2), ==, 0);
  currant_topic_unref (topic);
  currant_router_unref (router);
}

/* Snapshots. */

static CurrantSnapshot *
snapshot_of (CurrantTopic *topic)
{
  return atomic_load (&topic->snapshot);
}

static gboolean
is_current (CurrantTopic *topic, CurrantSnapshot *snapshot)
{
  return snapshot != NULL && snapshot_of (topic) == snapshot
         && snapshot->generation == atomic_load (&topic->router->generation);
}

/* Nothing is built anew while nothing changes. */
static void
test_snapshot_is_kept (void)
{
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *topic = spy_topic (router, "a:x");
  Spy *spy = spy_add (router, "a:*");
  CurrantSnapshot *snapshot;

  g_assert_null (snapshot_of (topic));
  spy_publish (topic, 1);
  snapshot = snapshot_of (topic);
  g_assert_cmpuint (snapshot->n_entries, ==, 1);
  spy_publish (topic, 2);
  g_assert_true (currant_walk_peek (topic));
  g_assert_true (is_current (topic, snapshot));
  spy_remove (spy);
  g_assert_null (snapshot_of (topic));
  currant_topic_unref (topic);
  spy_router_end (router);
}

/* A follower of an exact pattern that comes leaves every snapshot but one as it is. */
static void
test_exact_concerns_one_topic (void)
{
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *a = spy_topic (router, "a:x"), *b = spy_topic (router, "b:x"),
               *c = spy_topic (router, "a@n:x");
  Spy *any = spy_add (router, "*"), *exact;
  CurrantSnapshot *of_b, *of_c;

  spy_publish (a, 1);
  spy_publish (b, 1);
  spy_publish (c, 1);
  of_b = snapshot_of (b);
  of_c = snapshot_of (c);
  exact = spy_add (router, "{a}:x");
  g_assert_false (is_current (a, snapshot_of (a)));
  g_assert_true (is_current (b, of_b));
  g_assert_true (is_current (c, of_c));
  g_assert_cmpuint (spy_publish (a, 2), ==, 2);
  spy_remove (exact);
  g_assert_null (snapshot_of (a));
  g_assert_true (is_current (b, of_b));
  g_assert_cmpuint (spy_publish (a, 3), ==, 1);
  spy_remove (any);
  currant_topic_unref (a);
  currant_topic_unref (b);
  currant_topic_unref (c);
  spy_router_end (router);
}

/* The same for a pattern that becomes exact. */
static void
test_change_to_exact (void)
{
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *a = spy_topic (router, "a:x"), *b = spy_topic (router, "b:x"),
               *c = spy_topic (router, "c:x");
  Spy *any = spy_add (router, "*"), *spy = spy_add (router, "a:x");
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("b:x");
  CurrantSnapshot *of_c;

  spy_publish (a, 1);
  spy_publish (b, 1);
  spy_publish (c, 1);
  of_c = snapshot_of (c);
  currant_router_change (router, &spy->sink, pattern);
  g_assert_true (is_current (c, of_c));
  g_assert_cmpuint (spy_publish (a, 2), ==, 1);
  g_assert_cmpuint (spy_publish (b, 2), ==, 2);
  spy_remove (spy);
  spy_remove (any);
  currant_topic_unref (a);
  currant_topic_unref (b);
  currant_topic_unref (c);
  spy_router_end (router);
}

/* What a glob may add to is not looked for: every snapshot is old. */
static void
test_glob_concerns_all (void)
{
  static const char *const globs[] = { "a*:x", "a:*", "*:*", "{a,b}:x" };
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *topic = spy_topic (router, "a:x");
  Spy *spies[G_N_ELEMENTS (globs)];

  for (guint i = 0; i < G_N_ELEMENTS (globs); i++)
    {
      g_assert_cmpuint (spy_publish (topic, 1), ==, i);
      spies[i] = spy_add (router, globs[i]);
      g_assert_false (is_current (topic, snapshot_of (topic)));
    }
  g_assert_cmpuint (spy_publish (topic, 1), ==, G_N_ELEMENTS (globs));
  for (guint i = 0; i < G_N_ELEMENTS (globs); i++)
    spy_remove (spies[i]);
  currant_topic_unref (topic);
  spy_router_end (router);
}

/* A broadcast topic may gain from exact patterns too. */
static void
test_broadcast_topics (void)
{
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *all = spy_topic (router, "*:x"), *name = spy_topic (router, "a:*"),
               *other = spy_topic (router, "*@n:x");
  Spy *spy;

  g_assert_cmpuint (spy_publish (all, 1) + spy_publish (name, 1) + spy_publish (other, 1), ==, 0);
  spy = spy_add (router, "a:x");
  g_assert_cmpuint (spy_publish (all, 2), ==, 1);
  g_assert_cmpuint (spy_publish (name, 2), ==, 1);
  g_assert_cmpuint (spy_publish (other, 2), ==, 0);
  spy_remove (spy);
  spy = spy_add (router, "a@n:x");
  g_assert_cmpuint (spy_publish (all, 3), ==, 0);
  g_assert_cmpuint (spy_publish (other, 3), ==, 1);
  spy_remove (spy);
  currant_topic_unref (all);
  currant_topic_unref (name);
  currant_topic_unref (other);
  spy_router_end (router);
}

/* A sink that goes takes with it the snapshots that name it, and no others. */
static void
test_remove_concerns_its_own (void)
{
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *topics[20];
  CurrantSnapshot *snapshots[20];
  Spy *all = spy_add (router, "*:x"), *odd = spy_add (router, "odd*:x");

  for (int i = 0; i < 20; i++)
    {
      g_autofree char *id = g_strdup_printf ("%s%d:x", i % 2 ? "odd" : "even", i);

      topics[i] = spy_topic (router, id);
      g_assert_cmpuint (spy_publish (topics[i], i), ==, 1 + i % 2);
      snapshots[i] = snapshot_of (topics[i]);
    }
  g_assert_cmpuint (count_holds (odd), ==, 11);
  spy_remove (odd);
  for (int i = 0; i < 20; i++)
    {
      g_assert_true (snapshot_of (topics[i]) == (i % 2 ? NULL : snapshots[i]));
      g_assert_cmpuint (spy_publish (topics[i], i), ==, 1);
    }
  spy_remove (all);
  for (int i = 0; i < 20; i++)
    currant_topic_unref (topics[i]);
  spy_router_end (router);
}

/* A topic that nobody has any more gives up its snapshot, and so its holds. */
static void
test_topic_goes (void)
{
  CurrantRouter *router = currant_router_new ();
  Spy *spy = spy_add (router, "a:x");
  CurrantTopic *topic = spy_topic (router, "a:x");
  g_autoptr (GPtrArray) sinks = NULL;

  spy_publish (topic, 1);
  currant_topic_unref (topic);
  g_assert_cmpuint (count_holds (spy), ==, 2);
  /* Which takes the topic from the table. */
  sinks = currant_router_dispose (router);
  g_assert_cmpuint (count_holds (spy), ==, 2);
  currant_sink_release (&spy->sink, 1);
  spy_remove (spy);
  currant_router_unref (router);
}

/* Reclaiming. */

static void
remove_itself (Spy *self, CurrantMessage *message, CurrantWalk *walk)
{
  (void)message;
  (void)walk;
  currant_router_remove (self->sink.router, &self->sink);
  g_assert_cmpuint (spy_finished (self), ==, 0);
  g_assert_cmpuint (spy_count_retired (self->sink.router), ==, 1);
}

/* A sink that goes during its own walk is finished when the walk ends, not before. */
static void
test_finish_after_walk (void)
{
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *topic = spy_topic (router, "a:x");
  Spy *first = spy_add (router, "a:x"), *second = spy_add (router, "a:x");

  first->on_take = remove_itself;
  g_assert_cmpuint (spy_publish (topic, 1), ==, 2);
  g_assert_cmpuint (spy_finished (first), ==, 1);
  g_assert_cmpuint (spy_taken (second), ==, 1);
  g_assert_cmpuint (spy_count_retired (router), ==, 0);
  spy_free (first);
  spy_remove (second);
  currant_topic_unref (topic);
  spy_router_end (router);
}

static void
publish_once_more (Spy *self, CurrantMessage *message, CurrantWalk *walk)
{
  (void)message;
  if (walk->level == 0)
    {
      spy_publish (self->data, 2);
      /* The inner walk removed it, but this one still walks. */
      g_assert_null (self->sink.route);
      g_assert_cmpuint (spy_finished (self), ==, 0);
    }
  else
    remove_itself (self, message, walk);
}

static void
test_finish_after_outer_walk (void)
{
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *topic = spy_topic (router, "a:x");
  Spy *spy = spy_add (router, "a:x");

  spy->on_take = publish_once_more;
  spy->data = topic;
  g_assert_cmpuint (spy_publish (topic, 1), ==, 1);
  g_assert_cmpuint (spy_taken (spy), ==, 2);
  g_assert_cmpuint (spy_finished (spy), ==, 1);
  spy_free (spy);
  currant_topic_unref (topic);
  spy_router_end (router);
}

/* What is finished may be anybody's data, whose end publishes, adds and removes. */
static void
work_at_the_end (Spy *self)
{
  CurrantRouter *router = self->sink.router;
  CurrantTopic *topic = self->data;
  Spy *spy = spy_add (router, "a:*");

  CURRANT_ASSERT_UNLOCKED ();
  g_assert_cmpuint (spy_publish (topic, 9), >=, 1);
  spy_remove (spy);
}

static void
test_finish_runs_user_code (void)
{
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *topic = spy_topic (router, "a:x");
  Spy *within = spy_add (router, "a:x"), *without = spy_add (router, "a:x");

  within->on_take = remove_itself;
  within->on_finish = without->on_finish = work_at_the_end;
  within->data = without->data = topic;
  g_assert_cmpuint (spy_publish (topic, 1), ==, 2);
  g_assert_cmpuint (spy_finished (within), ==, 1);
  currant_router_remove (router, &without->sink);
  g_assert_cmpuint (spy_finished (without), ==, 1);
  spy_free (within);
  spy_free (without);
  currant_topic_unref (topic);
  spy_router_end (router);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/router/add-and-remove", test_add_and_remove);
  currant_test_add ("/router/order", test_order);
  currant_test_add ("/router/dup-pattern", test_dup_pattern);
  currant_test_add ("/router/change-unregistered", test_change_unregistered);
  currant_test_add ("/router/dispose", test_dispose);
  currant_test_add ("/router/snapshot/is-kept", test_snapshot_is_kept);
  currant_test_add ("/router/snapshot/exact-concerns-one-topic", test_exact_concerns_one_topic);
  currant_test_add ("/router/snapshot/change-to-exact", test_change_to_exact);
  currant_test_add ("/router/snapshot/glob-concerns-all", test_glob_concerns_all);
  currant_test_add ("/router/snapshot/broadcast-topics", test_broadcast_topics);
  currant_test_add ("/router/snapshot/remove-concerns-its-own", test_remove_concerns_its_own);
  currant_test_add ("/router/snapshot/topic-goes", test_topic_goes);
  currant_test_add ("/router/finish/after-walk", test_finish_after_walk);
  currant_test_add ("/router/finish/after-outer-walk", test_finish_after_outer_walk);
  currant_test_add ("/router/finish/runs-user-code", test_finish_runs_user_code);
  return g_test_run ();
}
