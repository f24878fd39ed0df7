/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One publish: its numbers, its levels, and which slice it chooses. */
#include "config.h"

#include "spy-sink.h"

typedef struct
{
  CurrantRouter *router;
  CurrantTopic *topic;
} Way;

static Way
way_new (void)
{
  Way self = { currant_router_new (), NULL };

  self.topic = spy_topic (self.router, "a:x");
  return self;
}

static void
way_end (Way *self)
{
  CurrantThread *thread = currant_thread_get (self->router);

  g_assert_cmpuint (thread->depth, ==, 0);
  for (guint i = 0; i < CURRANT_N_HAZARDS; i++)
    g_assert_null (atomic_load (&thread->hazards[i]));
  currant_topic_unref (self->topic);
  spy_router_end (self->router);
}

/* Numbers. */

static void
test_counts (void)
{
  Way way = way_new ();
  Spy *spies[2];

  g_assert_cmpuint (spy_publish (way.topic, 1), ==, 0);
  spies[0] = spy_add (way.router, "a:x");
  spies[1] = spy_add (way.router, "*");
  g_assert_cmpuint (spy_publish (way.topic, 2), ==, 2);
  atomic_store (&spies[0]->sink.stopped, TRUE);
  g_assert_cmpuint (spy_publish (way.topic, 3), ==, 1);
  g_assert_cmpuint (spy_count (way.router, CURRANT_COUNT_PUBLISHED), ==, 3);
  g_assert_cmpuint (spy_count (way.router, CURRANT_COUNT_MATCHED), ==, 3);
  g_assert_cmpuint (spy_count (way.router, CURRANT_COUNT_DELIVERED), ==, 3);
  spy_remove (spies[0]);
  spy_remove (spies[1]);
  way_end (&way);
}

static void
test_peek (void)
{
  Way way = way_new ();
  Spy *spy;

  g_assert_false (currant_walk_peek (way.topic));
  spy = spy_add (way.router, "a:*");
  g_assert_true (currant_walk_peek (way.topic));
  spy_remove (spy);
  g_assert_false (currant_walk_peek (way.topic));
  g_assert_cmpuint (spy_count (way.router, CURRANT_COUNT_PUBLISHED), ==, 0);
  way_end (&way);
}

static void
note_message (Spy *self, CurrantMessage *message, CurrantWalk *walk)
{
  (void)walk;
  g_ptr_array_add (self->data, currant_message_ref (message));
}

/* Each publish of a thread has a number, whether anybody follows or not. */
static void
test_sequence (void)
{
  Way way = way_new ();
  g_autoptr (GPtrArray) messages =
      g_ptr_array_new_with_free_func ((GDestroyNotify)currant_message_unref);
  Spy *spy;

  spy_publish (way.topic, 1);
  spy = spy_add (way.router, "a:x");
  spy->on_take = note_message;
  spy->data = messages;
  spy_publish (way.topic, 2);
  spy_publish (way.topic, 3);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpuint (currant_message_get_sequence (messages->pdata[i]), ==, i + 2);
      g_assert_cmpuint (currant_message_get_publisher (messages->pdata[i]), ==, 1);
    }
  spy_remove (spy);
  way_end (&way);
}

static guint
publish_message (CurrantTopic *topic, CurrantMessage *message, gboolean retain)
{
  CurrantWalk walk;

  if (!currant_walk_begin_with (&walk, topic, message, retain))
    return 0;
  currant_walk_run (&walk, message);
  return currant_walk_end (&walk);
}

/* A message that is published again keeps the numbers of the first time. */
static void
test_published_again (void)
{
  Way way = way_new (), other = way_new ();
  CurrantMessage *message = spy_message ("a:x", 1);
  Spy *spy = spy_add (other.router, "a:x");

  spy_publish (way.topic, 0);
  g_assert_cmpuint (publish_message (way.topic, message, FALSE), ==, 0);
  g_assert_cmpuint (publish_message (other.topic, message, TRUE), ==, 1);
  g_assert_cmpuint (currant_message_get_sequence (message), ==, 2);
  g_assert_false (currant_message_is_retained (message));
  spy_remove (spy);
  currant_message_unref (message);
  way_end (&way);
  way_end (&other);
}

static gpointer
publish_in_thread (gpointer topic)
{
  CurrantMessage *message = spy_message ("a:x", 1);

  publish_message (topic, message, FALSE);
  return message;
}

/* Publisher and sequence together are unique. */
static void
test_publishers (void)
{
  Way way = way_new ();
  CurrantMessage *messages[3];

  messages[0] = publish_in_thread (way.topic);
  for (int i = 1; i < 3; i++)
    messages[i] = g_thread_join (g_thread_new ("publisher", publish_in_thread, way.topic));
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpuint (currant_message_get_publisher (messages[i]), ==, i + 1);
      g_assert_cmpuint (currant_message_get_sequence (messages[i]), ==, 1);
      currant_message_unref (messages[i]);
    }
  way_end (&way);
}

/* Levels. */

typedef struct
{
  CurrantTopic *topic;
  guint deepest, n_callable, last_level;
  guint levels; /* to go down to */
} Descent;

static void
descend (Spy *self, CurrantMessage *message, CurrantWalk *walk)
{
  Descent *descent = self->data;

  (void)message;
  descent->deepest = MAX (descent->deepest, walk->level);
  descent->n_callable += currant_walk_may_call (walk);
  if (walk->level + 1 < descent->levels)
    g_assert_cmpuint (spy_publish (descent->topic, 1), ==, 1);
  descent->last_level = walk->level;
}

static void
test_levels (void)
{
  Way way = way_new ();
  Descent descent = { .topic = way.topic, .levels = CURRANT_N_HAZARDS };
  Spy *spy = spy_add (way.router, "a:x");

  spy->on_take = descend;
  spy->data = &descent;
  g_assert_cmpuint (spy_publish (way.topic, 1), ==, 1);
  g_assert_cmpuint (descent.deepest, ==, CURRANT_N_HAZARDS - 1);
  g_assert_cmpuint (descent.n_callable, ==, CURRANT_DEPTH_MAX);
  g_assert_cmpuint (descent.last_level, ==, 0);
  g_assert_cmpuint (spy_taken (spy), ==, CURRANT_N_HAZARDS);
  spy_remove (spy);
  way_end (&way);
}

static gboolean
publish_in_guard (CurrantMessage *message, gpointer bus)
{
  (void)message;
  currant_bus_publish (bus, "a:x", NULL);
  return TRUE;
}

static void
count_call (CurrantMessage *message, gpointer count)
{
  (void)message;
  (*(guint *)count)++;
}

/* Guards are not calls, so nothing but this stops one that publishes what it guards. Each level's
 * message is delivered all the same, as far as calls may nest, and beyond that posted. */
static void
guard_recursion (void)
{
  CurrantBus *bus = currant_bus_new ();
  guint n_calls = 0;
  CurrantFollower *follower =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_DIRECT, count_call, &n_calls);

  currant_follower_set_guard (follower, publish_in_guard, bus, NULL);
  currant_bus_add_follower (bus, follower);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 1);
  g_assert_cmpuint (n_calls, ==, CURRANT_DEPTH_MAX);
  g_assert_cmpuint (currant_test_stat (bus, "nested"), ==, CURRANT_N_HAZARDS - CURRANT_DEPTH_MAX);
  currant_test_drain (NULL);
  g_assert_cmpuint (n_calls, ==, CURRANT_N_HAZARDS);
  currant_test_assert_balance (bus);
  currant_follower_unref (follower);
  g_object_unref (bus);
}

/* Looking whether anybody follows is a walk as well. */
static void
peek_recursion (void)
{
  Way way = way_new ();
  CurrantThread *thread = currant_thread_get (way.router);
  Spy *spy = spy_add (way.router, "a:x");

  thread->depth = CURRANT_N_HAZARDS;
  g_assert_false (currant_walk_peek (way.topic));
  g_assert_cmpuint (thread->depth, ==, CURRANT_N_HAZARDS);
  thread->depth = 0;
  g_assert_true (currant_walk_peek (way.topic));
  spy_remove (spy);
  way_end (&way);
}

static const CurrantTestMisuse misuses[] = {
  { "/walk/levels/guard-recursion", guard_recursion, "guard*66 levels" },
  { "/walk/levels/peek-recursion", peek_recursion, "guard*66 levels" },
};

/* Slices. */

#define N_ROUNDS 40000

static Spy *
add_slice (Way *way, double weight)
{
  Spy *spy = spy_new (way->router, "a:x");

  spy->sink.weight = weight;
  currant_router_add (way->router, &spy->sink, NULL);
  return spy;
}

/* That a slice of probability @p got about its share of all: five deviations are one run in a
 * million. */
static void
assert_share (Spy *spy, double p)
{
  double off = spy_taken (spy) - N_ROUNDS * p;

  if (off * off > 5 * 5 * N_ROUNDS * p * (1 - p))
    g_error ("a slice got %u of %d, not a share of %g", spy_taken (spy), N_ROUNDS, p);
}

static void
test_slices (void)
{
  static const double weights[] = { 1, 0, 3, 0.5, 0, 5.5 };
  Way way = way_new ();
  Spy *spies[G_N_ELEMENTS (weights)], *first = spy_add (way.router, "a:x"), *last;

  for (gsize i = 0; i < G_N_ELEMENTS (weights); i++)
    spies[i] = add_slice (&way, weights[i]);
  last = spy_add (way.router, "a:*");
  for (int i = 0; i < N_ROUNDS; i++)
    g_assert_cmpuint (spy_publish (way.topic, i), ==, 3);
  g_assert_cmpuint (spy_taken (first), ==, N_ROUNDS);
  g_assert_cmpuint (spy_taken (last), ==, N_ROUNDS);
  for (gsize i = 0; i < G_N_ELEMENTS (weights); i++)
    {
      assert_share (spies[i], weights[i] / 10);
      spy_remove (spies[i]);
    }
  spy_remove (first);
  spy_remove (last);
  way_end (&way);
}

/* Weights of zero are equal among themselves, while there is no other. */
static void
test_zero_slices (void)
{
  Way way = way_new ();
  Spy *spies[5], *other;

  for (int i = 0; i < 5; i++)
    spies[i] = add_slice (&way, 0);
  for (int i = 0; i < N_ROUNDS; i++)
    g_assert_cmpuint (spy_publish (way.topic, i), ==, 1);
  for (int i = 0; i < 5; i++)
    assert_share (spies[i], 0.2);
  other = add_slice (&way, 1e-300);
  for (int i = 0; i < 100; i++)
    spy_publish (way.topic, i);
  g_assert_cmpuint (spy_taken (other), ==, 100);
  spy_remove (other);
  for (int i = 0; i < 5; i++)
    spy_remove (spies[i]);
  way_end (&way);
}

/* What one refuses is shared by the others by their weights; what all refuse nobody gets. */
static void
test_refusing_slices (void)
{
  Way way = way_new ();
  Spy *spies[3] = { add_slice (&way, 1), add_slice (&way, 7), add_slice (&way, 3) };

  spies[1]->refuses = TRUE;
  for (int i = 0; i < N_ROUNDS; i++)
    g_assert_cmpuint (spy_publish (way.topic, i), ==, 1);
  assert_share (spies[0], 0.25);
  assert_share (spies[1], 0);
  assert_share (spies[2], 0.75);
  spies[0]->refuses = spies[2]->refuses = TRUE;
  g_assert_cmpuint (spy_publish (way.topic, 1), ==, 0);
  for (int i = 0; i < 3; i++)
    spy_remove (spies[i]);
  way_end (&way);
}

static void
note_name (Spy *self, CurrantMessage *message, CurrantWalk *walk)
{
  (void)message;
  (void)walk;
  g_string_append_c (self->data, self->sink.weight < 0 ? 'f' : 's');
}

/* The chosen slice has its place among the full followers. */
static void
test_slices_in_order (void)
{
  Way way = way_new ();
  g_autoptr (GString) order = g_string_new (NULL);
  Spy *spies[3];

  spies[0] = spy_add (way.router, "a:x");
  spies[1] = add_slice (&way, 1);
  spies[2] = spy_add (way.router, "a:x");
  for (int i = 0; i < 3; i++)
    {
      spies[i]->on_take = note_name;
      spies[i]->data = order;
    }
  spy_publish (way.topic, 1);
  g_assert_cmpstr (order->str, ==, "fsf");
  for (int i = 0; i < 3; i++)
    spy_remove (spies[i]);
  way_end (&way);
}

/* Drops. */

static void
note_drop (CurrantSink *sink, const char *reason)
{
  CURRANT_ASSERT_UNLOCKED ();
  g_string_append_printf (((Spy *)sink)->data, "%s ", reason);
}

static void
test_count_drops (void)
{
  CurrantRouter *router = currant_router_new ();
  Spy *spy = spy_new (router, "a:x");
  g_autoptr (GString) heard = g_string_new (NULL);

  spy->data = heard;
  currant_sink_count_drops (&spy->sink, 1, "unheard");
  router->on_drop = note_drop;
  currant_sink_count_drops (&spy->sink, 3, "overflow");
  g_assert_cmpstr (heard->str, ==, "overflow ");
  g_assert_cmpuint (atomic_load (&spy->sink.n_dropped), ==, 4);
  g_assert_cmpuint (spy_count (router, CURRANT_COUNT_DROPPED), ==, 4);
  spy_free (spy);
  spy_router_end (router);
}

/* A publish of what has been published before takes no lock. */

typedef struct
{
  CurrantTopic *topic;
  atomic_bool warm, go;
} Warm;

static gpointer
publish_warm (gpointer data)
{
  Warm *self = data;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  spy_publish (self->topic, 1);
  atomic_store (&self->warm, TRUE);
  currant_test_spin_until (atomic_load (&self->go));
  for (int i = 0; i < 1000; i++)
    spy_publish (self->topic, i);
  return NULL;
}

static void
test_takes_no_lock (void)
{
  Way way = way_new ();
  Spy *spy = spy_add (way.router, "a:x");
  Warm warm = { .topic = way.topic };
  GThread *thread;

  CURRANT_TEST_TSAN_RELEASE (&warm);
  thread = g_thread_new ("publisher", publish_warm, &warm);
  currant_test_spin_until (atomic_load (&warm.warm));
  currant_lock_acquire (&way.router->lock);
  atomic_store (&warm.go, TRUE);
  currant_test_spin_until (spy_taken (spy) == 1001);
  currant_lock_release (&way.router->lock);
  g_thread_join (thread);
  spy_remove (spy);
  way_end (&way);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/walk/counts", test_counts);
  currant_test_add ("/walk/peek", test_peek);
  currant_test_add ("/walk/sequence", test_sequence);
  currant_test_add ("/walk/published-again", test_published_again);
  currant_test_add ("/walk/publishers", test_publishers);
  currant_test_add ("/walk/levels", test_levels);
  for (gsize i = 0; i < G_N_ELEMENTS (misuses); i++)
    currant_test_add_misuse (&misuses[i]);
  currant_test_add ("/walk/slices", test_slices);
  currant_test_add ("/walk/slices/of-weight-zero", test_zero_slices);
  currant_test_add ("/walk/slices/that-refuse", test_refusing_slices);
  currant_test_add ("/walk/slices/in-order", test_slices_in_order);
  currant_test_add ("/walk/count-drops", test_count_drops);
  currant_test_add ("/walk/takes-no-lock", test_takes_no_lock);
  return g_test_run ();
}
