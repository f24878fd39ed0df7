/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Routes that change while other threads walk: what is kept, what is freed, and what is called. */
#include "config.h"

#include "spy-sink.h"

/* A callback that goes on for ever, in another thread. */
typedef struct
{
  GMutex mutex;
  GCond cond;
  _Atomic gboolean entered, open;
  CurrantTopic *topic;
} Gate;

static void
wait_at_gate (Spy *self, CurrantMessage *message, CurrantWalk *walk)
{
  Gate *gate = self->data;

  (void)message;
  (void)walk;
  g_mutex_lock (&gate->mutex);
  atomic_store (&gate->entered, TRUE);
  while (!atomic_load (&gate->open))
    g_cond_wait (&gate->cond, &gate->mutex);
  g_mutex_unlock (&gate->mutex);
}

static gpointer
publish_at_gate (gpointer data)
{
  Gate *gate = data;

  CURRANT_TEST_TSAN_ACQUIRE (gate);
  spy_publish (gate->topic, 0);
  return NULL;
}

static GThread *
gate_enter (Gate *self, Spy *spy, CurrantTopic *topic)
{
  GThread *thread;

  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->topic = topic;
  spy->on_take = wait_at_gate;
  spy->data = self;
  CURRANT_TEST_TSAN_RELEASE (self);
  thread = g_thread_new ("blocked", publish_at_gate, self);
  currant_test_spin_until (atomic_load (&self->entered));
  return thread;
}

static void
gate_leave (Gate *self, GThread *thread)
{
  g_mutex_lock (&self->mutex);
  atomic_store (&self->open, TRUE);
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
  g_thread_join (thread);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
}

/* However long one thread stays in a callback: what it keeps from being freed is the snapshot it
 * walks, whatever the others do; and with it that goes. */
static void
test_blocked_walker (void)
{
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *topic = spy_topic (router, "a:x");
  Spy *blocked = spy_add (router, "a:x");
  Gate gate = { .entered = FALSE };
  GThread *thread = gate_enter (&gate, blocked, topic);

  currant_router_remove (router, &blocked->sink);
  for (guint i = 0; i < 100000; i++)
    {
      Spy *spy = spy_add (router, i % 2 ? "a:x" : "a:*");

      g_assert_cmpuint (spy_publish (topic, 1), ==, 1);
      spy_remove (spy);
      if (i % 1000 == 0)
        g_assert_cmpuint (spy_count_retired (router), ==, 1);
    }
  g_assert_cmpuint (spy_finished (blocked), ==, 0);
  gate_leave (&gate, thread);
  g_assert_cmpuint (spy_finished (blocked), ==, 1);
  g_assert_cmpuint (spy_count_retired (router), ==, 0);
  spy_free (blocked);
  currant_topic_unref (topic);
  spy_router_end (router);
}

/* A sink that no blocked thread could call is finished at once, blocked thread or not. */
static void
test_blocked_walker_concerns_its_own (void)
{
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *topic = spy_topic (router, "a:x"), *other = spy_topic (router, "b:x");
  Spy *blocked = spy_add (router, "a:x"), *spy = spy_add (router, "b:x");
  Gate gate = { .entered = FALSE };
  GThread *thread;

  spy_publish (other, 1);
  thread = gate_enter (&gate, blocked, topic);
  spy_remove (spy);
  gate_leave (&gate, thread);
  spy_remove (blocked);
  currant_topic_unref (topic);
  currant_topic_unref (other);
  spy_router_end (router);
}

/* Storms. */

typedef struct
{
  CurrantRouter *router;
  CurrantTopic *topics[4];
  _Atomic gboolean over;
  _Atomic guint seed;
  guint rounds;
} Storm;

static void
storm_begin (Storm *self, guint rounds)
{
  static const char *const ids[] = { "a:x", "b:x", "a:y", "*:x" };
  g_autoptr (GRand) rand = currant_test_rand_new ();

  *self = (Storm){ .router = currant_router_new (),
                   .rounds = currant_test_rounds (rounds),
                   .seed = g_rand_int (rand) };
  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    self->topics[i] = spy_topic (self->router, ids[i]);
}

static void
storm_end (Storm *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (self->topics); i++)
    currant_topic_unref (self->topics[i]);
  spy_router_end (self->router);
}

static gpointer
publish_all (gpointer data)
{
  Storm *self = data;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  for (guint i = 0; !atomic_load (&self->over); i++)
    spy_publish (self->topics[i % G_N_ELEMENTS (self->topics)], 1);
  return NULL;
}

static void
assert_unfinished (Spy *self, CurrantMessage *message, CurrantWalk *walk)
{
  (void)message;
  (void)walk;
  g_assert_cmpuint (spy_finished (self), ==, 0);
}

/* One sink's life: from when it is added its own thread's messages reach it; once it is finished,
 * nobody's do. */
static void
live_once (Storm *self, GRand *rand)
{
  static const char *const patterns[] = { "a:x", "a:*", "*", "{a,c}:x", "a*:x" };
  Spy *spy = spy_new (self->router, patterns[g_rand_int_range (rand, 0, 5)]);
  g_autoptr (CurrantPattern) changed =
      currant_test_pattern (patterns[g_rand_int_range (rand, 0, 5)]);
  guint before;

  spy->on_take = assert_unfinished;
  g_assert_true (currant_router_add (self->router, &spy->sink, NULL));
  g_assert_cmpuint (spy_publish (self->topics[0], 1), >=, 1);
  if (g_rand_boolean (rand))
    currant_router_change (self->router, &spy->sink, changed);
  before = spy_taken (spy);
  g_assert_cmpuint (spy_publish (self->topics[0], 1), >=, 1);
  g_assert_cmpuint (spy_taken (spy), >, before);
  currant_router_remove (self->router, &spy->sink);
  currant_test_spin_until (spy_finished (spy) == 1);
  spy_free (spy);
}

static gpointer
live (gpointer data)
{
  Storm *self = data;
  g_autoptr (GRand) rand = NULL;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  rand = g_rand_new_with_seed (atomic_fetch_add (&self->seed, 1));
  for (guint i = 0; i < self->rounds; i++)
    live_once (self, rand);
  return NULL;
}

static void
test_storm (void)
{
  GThread *publishers[2], *livers[2];
  Storm storm;

  storm_begin (&storm, 1500);
  CURRANT_TEST_TSAN_RELEASE (&storm);
  for (int i = 0; i < 2; i++)
    {
      publishers[i] = g_thread_new ("publisher", publish_all, &storm);
      livers[i] = g_thread_new ("liver", live, &storm);
    }
  for (int i = 0; i < 2; i++)
    g_thread_join (livers[i]);
  atomic_store (&storm.over, TRUE);
  for (int i = 0; i < 2; i++)
    g_thread_join (publishers[i]);
  g_assert_cmpuint (spy_count_retired (storm.router), ==, 0);
  storm_end (&storm);
}

static gpointer
publish_to_one (gpointer data)
{
  Storm *self = data;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  while (!atomic_load (&self->over))
    g_assert_cmpuint (spy_publish (self->topics[0], 1), ==, 1);
  return NULL;
}

/* No message is matched by neither or by both of the old and the new pattern. */
static void
test_change_is_atomic (void)
{
  static const char *const texts[] = { "a:x", "a:*", "{a,b}:{x,y}", "*" };
  CurrantPattern *patterns[G_N_ELEMENTS (texts)];
  GThread *thread;
  Storm storm;
  Spy *spy;

  storm_begin (&storm, 50000);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    patterns[i] = currant_test_pattern (texts[i]);
  spy = spy_add (storm.router, "a:x");
  CURRANT_TEST_TSAN_RELEASE (&storm);
  thread = g_thread_new ("publisher", publish_to_one, &storm);
  for (guint i = 0; i < storm.rounds; i++)
    currant_router_change (storm.router, &spy->sink, patterns[i % G_N_ELEMENTS (texts)]);
  atomic_store (&storm.over, TRUE);
  g_thread_join (thread);
  spy_remove (spy);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    currant_pattern_unref (patterns[i]);
  storm_end (&storm);
}

/* What is retained. */

static guint
retain (CurrantTopic *topic, int number)
{
  CurrantMessage *message = currant_message_new (topic->identifier, "(i)", number);
  CurrantWalk walk;
  guint taken = 0;

  if (currant_walk_begin_with (&walk, topic, message, TRUE))
    {
      currant_walk_run (&walk, message);
      taken = currant_walk_end (&walk);
    }
  currant_message_unref (message);
  return taken;
}

static gpointer
retain_numbers (gpointer data)
{
  Storm *self = data;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  for (int i = 1; !atomic_load (&self->over); i++)
    retain (self->topics[0], i);
  return NULL;
}

static void
note_first_number (Spy *self, CurrantMessage *message, CurrantWalk *walk)
{
  int number = currant_test_message_number (message), none = 0;

  (void)walk;
  atomic_compare_exchange_strong ((_Atomic int *)self->data, &none, number);
}

/* What a new sink is given as retained, and what it is then called with, join without a gap and
 * without an overlap. */
static void
test_replay_joins (void)
{
  GThread *thread;
  Storm storm;

  storm_begin (&storm, 1000);
  CURRANT_TEST_TSAN_RELEASE (&storm);
  thread = g_thread_new ("publisher", retain_numbers, &storm);
  for (guint i = 0; i < storm.rounds; i++)
    {
      g_autoptr (GPtrArray) replay =
          g_ptr_array_new_with_free_func ((GDestroyNotify)currant_message_unref);
      _Atomic int first = 0;
      Spy *spy = spy_new (storm.router, i % 2 ? "a:x" : "a:*");
      int retained;

      spy->on_take = note_first_number;
      spy->data = &first;
      currant_router_add (storm.router, &spy->sink, replay);
      currant_test_spin_until (atomic_load (&first) != 0);
      retained = replay->len > 0 ? currant_test_message_number (replay->pdata[0]) : 0;
      g_assert_cmpint (atomic_load (&first), ==, retained + 1);
      currant_router_remove (storm.router, &spy->sink);
      currant_test_spin_until (spy_finished (spy) == 1);
      spy_free (spy);
    }
  atomic_store (&storm.over, TRUE);
  g_thread_join (thread);
  storm_end (&storm);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/router/blocked-walker", test_blocked_walker);
  currant_test_add ("/router/blocked-walker/concerns-its-own",
                    test_blocked_walker_concerns_its_own);
  currant_test_add ("/router/storm", test_storm);
  currant_test_add ("/router/storm/change-is-atomic", test_change_is_atomic);
  currant_test_add ("/router/storm/replay-joins", test_replay_joins);
  return g_test_run ();
}
