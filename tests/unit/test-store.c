/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is behind queues: who shares it, how it ends, and that nobody sleeps while there is a
 * message. */
#include "config.h"

#include "currant-store-private.h"
#include "spy-sink.h"

typedef struct
{
  CurrantHub *hub;
  CurrantTopic *topic;
} House;

static House
house_new (void)
{
  House self = { currant_hub_new (), NULL };

  self.topic = spy_topic (self.hub->router, "a:x");
  return self;
}

static void
house_end (House *self)
{
  g_autoptr (GPtrArray) sinks = currant_router_dispose (self->hub->router);

  g_assert_cmpuint (sinks->len, ==, 0);
  g_assert_cmpuint (self->hub->n_queues, ==, 0);
  g_assert_cmpuint (g_hash_table_size (self->hub->queues), ==, 0);
  currant_topic_unref (self->topic);
  currant_hub_unref (self->hub);
}

static CurrantStore *
open_store (House *self, const char *text, gboolean shared)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern (text);

  return currant_store_open (self->hub, pattern, shared, FALSE);
}

/* As a queue that is closed and finalized. */
static void
end_store (CurrantStore *store)
{
  currant_store_close (store);
  currant_store_leave (store);
}

static void
assert_gets (CurrantStore *store, int number)
{
  g_autoptr (CurrantMessage) message = currant_store_try_get (store);

  if (number == 0)
    g_assert_null (message);
  else
    g_assert_cmpint (currant_test_message_number (message), ==, number);
}

/* Who shares. */

static void
test_standalone (void)
{
  House house = house_new ();
  CurrantStore *a = open_store (&house, "a:x", FALSE), *b = open_store (&house, "a:x", FALSE);

  g_assert_true (a != b);
  g_assert_cmpuint (house.hub->n_queues, ==, 2);
  g_assert_cmpuint (spy_publish (house.topic, 1), ==, 2);
  assert_gets (a, 1);
  assert_gets (a, 0);
  assert_gets (b, 1);
  end_store (a);
  end_store (b);
  house_end (&house);
}

/* One pattern, however it is spelled, is one shared store. */
static void
test_shared (void)
{
  House house = house_new ();
  CurrantStore *a = open_store (&house, "{a,b}:x", TRUE), *b = open_store (&house, "{b,a}:x", TRUE),
               *c = open_store (&house, "a:x", TRUE), *d = open_store (&house, "{a,b}:x", FALSE);

  g_assert_true (a == b && a != c && a != d);
  g_assert_cmpuint (house.hub->n_queues, ==, 3);
  g_assert_cmpuint (spy_publish (house.topic, 1), ==, 3);
  assert_gets (b, 1);
  assert_gets (a, 0);
  end_store (a);
  g_assert_cmpuint (spy_publish (house.topic, 2), ==, 3);
  assert_gets (b, 2);
  end_store (b);
  g_assert_cmpuint (spy_publish (house.topic, 3), ==, 2);
  end_store (c);
  end_store (d);
  house_end (&house);
}

/* How it ends. */

/* A closed store takes nothing more, keeps what it has, and is not shared any more. */
static void
test_close (void)
{
  House house = house_new ();
  CurrantStore *old = open_store (&house, "a:x", TRUE), *new;

  spy_publish (house.topic, 1);
  spy_publish (house.topic, 2);
  currant_store_close (old);
  g_assert_true (currant_store_is_closed (old));
  g_assert_cmpuint (spy_publish (house.topic, 3), ==, 0);
  new = open_store (&house, "a:x", TRUE);
  g_assert_true (new != old);
  spy_publish (house.topic, 4);
  assert_gets (old, 1);
  assert_gets (old, 2);
  assert_gets (old, 0);
  assert_gets (new, 4);
  currant_store_leave (old);
  end_store (new);
  house_end (&house);
}

/* What nobody got when the last has left is counted as discarded. */
static void
test_leave (void)
{
  House house = house_new ();
  CurrantStore *a = open_store (&house, "a:x", TRUE), *b = open_store (&house, "a:x", TRUE);

  spy_publish (house.topic, 1);
  spy_publish (house.topic, 2);
  end_store (a);
  g_assert_cmpuint (spy_count (house.hub->router, CURRANT_COUNT_DISCARDED), ==, 0);
  end_store (b);
  g_assert_cmpuint (spy_count (house.hub->router, CURRANT_COUNT_DISCARDED), ==, 2);
  house_end (&house);
}

/* A store of a router that is disposed is closed from the start. */
static void
test_disposed (void)
{
  House house = house_new ();
  CurrantStore *before = open_store (&house, "a:x", TRUE), *after;
  g_autoptr (GPtrArray) sinks = NULL;

  spy_publish (house.topic, 1);
  sinks = currant_router_dispose (house.hub->router);
  before->sink.klass->stop (&before->sink);
  currant_sink_release (&before->sink, 1);
  g_assert_true (currant_store_is_closed (before));
  assert_gets (before, 1);
  after = open_store (&house, "b:x", FALSE);
  g_assert_true (currant_store_is_closed (after));
  end_store (before);
  end_store (after);
  house_end (&house);
}

/* Getting. */

static void
publish_expiring (House *self, int number, gint64 expiry)
{
  g_autoptr (CurrantMessage) message = spy_message ("a:x", number);
  CurrantWalk walk;

  currant_message_set_expiry (message, expiry);
  g_assert_true (currant_walk_begin (&walk, self->topic));
  currant_walk_run (&walk, message);
  currant_walk_end (&walk);
}

static void
test_expired (void)
{
  House house = house_new ();
  CurrantStore *store = open_store (&house, "a:x", FALSE);

  publish_expiring (&house, 1, 1);
  publish_expiring (&house, 2, 1);
  publish_expiring (&house, 3, G_MAXINT64);
  publish_expiring (&house, 4, 1);
  assert_gets (store, 3);
  assert_gets (store, 0);
  g_assert_cmpuint (spy_count (house.hub->router, CURRANT_COUNT_EXPIRED), ==, 3);
  g_assert_cmpuint (spy_count (house.hub->router, CURRANT_COUNT_DELIVERED), ==, 1);
  end_store (store);
  house_end (&house);
}

static gboolean
says (gpointer answer)
{
  return *(gboolean *)answer;
}

/* Nobody sleeps where there is something to get, or a reason to go, or no time left. */
static void
test_does_not_sleep (void)
{
  House house = house_new ();
  CurrantStore *store = open_store (&house, "a:x", FALSE);
  gboolean no = FALSE, yes = TRUE;

  g_assert_true (currant_store_wait (store, -1, says, &yes));
  g_assert_false (currant_store_wait (store, 1, says, &no));
  g_assert_false (currant_store_wait (store, g_get_monotonic_time () + 1000, says, &no));
  spy_publish (house.topic, 1);
  g_assert_true (currant_store_wait (store, -1, says, &no));
  g_assert_cmpuint (atomic_load (&store->sleepers), ==, 0);
  end_store (store);
  house_end (&house);
}

/* Bells. */

static GSource *
bell_new (void)
{
  static GSourceFuncs funcs = { NULL, NULL, NULL, NULL, NULL, NULL };

  return g_source_new (&funcs, sizeof (GSource));
}

static gboolean
has_rung (GSource *bell)
{
  gboolean rung = g_source_get_ready_time (bell) == 0;

  g_source_set_ready_time (bell, -1);
  return rung;
}

/* Bells ring when there is something where nothing was, and at the end; and at once where there is
 * something to get already. */
static void
test_bells (void)
{
  House house = house_new ();
  CurrantStore *store = open_store (&house, "a:x", FALSE);
  g_autoptr (GSource) early = bell_new (), late = bell_new (), last = bell_new ();

  currant_store_add_bell (store, early);
  g_assert_false (has_rung (early));
  spy_publish (house.topic, 1);
  g_assert_true (has_rung (early));
  currant_store_add_bell (store, late);
  g_assert_true (has_rung (late));
  assert_gets (store, 1);
  spy_publish (house.topic, 2);
  g_assert_true (has_rung (early) && has_rung (late));
  currant_store_remove_bell (store, early);
  assert_gets (store, 2);
  spy_publish (house.topic, 3);
  g_assert_true (!has_rung (early) && has_rung (late));
  assert_gets (store, 3);
  currant_store_close (store);
  g_assert_true (has_rung (late));
  currant_store_add_bell (store, last);
  g_assert_true (has_rung (last));
  currant_store_remove_bell (store, late);
  currant_store_remove_bell (store, last);
  currant_store_leave (store);
  house_end (&house);
}

/* Storms. */

typedef struct
{
  House house;
  CurrantStore *store;
  _Atomic guint n_got;
  _Atomic gboolean over;
  guint n_messages;
} Storm;

static void
storm_begin (Storm *self, guint n_messages)
{
  *self = (Storm){ .house = house_new (), .n_messages = currant_test_rounds (n_messages) };
  self->store = open_store (&self->house, "a:x", FALSE);
  CURRANT_TEST_TSAN_RELEASE (self);
}

static void
storm_end (Storm *self)
{
  g_assert_cmpuint (atomic_load (&self->store->sleepers), ==, 0);
  currant_store_leave (self->store);
  house_end (&self->house);
}

static gboolean
is_closed (gpointer store)
{
  return currant_store_is_closed (store);
}

static gboolean
get_one (Storm *self)
{
  CurrantMessage *message = currant_store_try_get (self->store);

  if (message == NULL)
    return FALSE;
  currant_message_unref (message);
  atomic_fetch_add (&self->n_got, 1);
  return TRUE;
}

/* Gets until the store is closed and empty, with no limit to its sleep. */
static gpointer
get_all (gpointer data)
{
  Storm *self = data;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  for (;;)
    {
      gboolean closed = currant_store_is_closed (self->store);

      if (get_one (self))
        continue;
      if (closed)
        return NULL;
      currant_store_wait (self->store, -1, is_closed, self->store);
      currant_store_pass_on (self->store);
    }
}

/* Sleeps for moments, and gets nothing: like getters that are cancelled. */
static gpointer
get_nothing (gpointer data)
{
  Storm *self = data;
  gboolean no = FALSE;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  for (guint i = 0; !atomic_load (&self->over); i++)
    {
      currant_store_wait (self->store, g_get_monotonic_time () + i % 50, says, &no);
      currant_store_pass_on (self->store);
    }
  return NULL;
}

static gpointer
publish_all (gpointer data)
{
  Storm *self = data;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  for (guint i = 0; i < self->n_messages; i++)
    g_assert_cmpuint (spy_publish (self->house.topic, 1), ==, 1);
  return NULL;
}

/* Each message is published when the one before has been got, so all getters are about to sleep, or
 * sleep: a wake-up that is lost is never made good. */
static void
one_by_one (Storm *self)
{
  for (guint i = 0; i < self->n_messages; i++)
    {
      spy_publish (self->house.topic, 1);
      currant_test_spin_until (atomic_load (&self->n_got) == i + 1);
    }
}

static void
run_one_by_one (guint n_getters, guint n_others)
{
  GThread *getters[8], *others[8];
  Storm storm;

  storm_begin (&storm, 2000);
  for (guint i = 0; i < n_getters; i++)
    getters[i] = g_thread_new ("getter", get_all, &storm);
  for (guint i = 0; i < n_others; i++)
    others[i] = g_thread_new ("other", get_nothing, &storm);
  one_by_one (&storm);
  atomic_store (&storm.over, TRUE);
  currant_store_close (storm.store);
  for (guint i = 0; i < n_getters; i++)
    g_thread_join (getters[i]);
  for (guint i = 0; i < n_others; i++)
    g_thread_join (others[i]);
  storm_end (&storm);
}

static void
test_one_by_one (void)
{
  run_one_by_one (1, 0);
  run_one_by_one (4, 0);
}

/* One that leaves for another reason passes on the wake-up that it may have had. */
static void
test_passes_on (void)
{
  run_one_by_one (1, 3);
}

static void
run_storm (guint bound, CurrantOverflow overflow)
{
  GThread *getters[4], *publishers[3];
  Storm storm;

  storm_begin (&storm, 20000);
  atomic_store (&storm.store->sink.bound, bound);
  atomic_store (&storm.store->sink.overflow, overflow);
  for (int i = 0; i < 4; i++)
    getters[i] = g_thread_new ("getter", get_all, &storm);
  for (int i = 0; i < 3; i++)
    publishers[i] = g_thread_new ("publisher", publish_all, &storm);
  for (int i = 0; i < 3; i++)
    g_thread_join (publishers[i]);
  currant_store_close (storm.store);
  for (int i = 0; i < 4; i++)
    g_thread_join (getters[i]);
  g_assert_cmpuint (atomic_load (&storm.n_got), ==, 3 * storm.n_messages);
  storm_end (&storm);
}

/* Everybody at once: each message is got once, and what is stored when it closes is got still. */
static void
test_storm (void)
{
  run_storm (0, CURRANT_OVERFLOW_DROP_OLDEST);
}

/* With publishers that wait for room, while getters wait for messages. */
static void
test_storm_of_waiters (void)
{
  run_storm (1, CURRANT_OVERFLOW_BLOCK);
  run_storm (10, CURRANT_OVERFLOW_BLOCK);
}

/* A close wakes publishers that wait, and those that are on their way find it closed. */
static gpointer
publish_until_closed (gpointer data)
{
  Storm *self = data;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  while (!currant_store_is_closed (self->store))
    atomic_fetch_add (&self->n_got, spy_publish (self->house.topic, 1));
  return NULL;
}

static void
test_close_wakes_publishers (void)
{
  for (guint round = 0; round < currant_test_rounds (300); round++)
    {
      GThread *publishers[2];
      Storm storm;

      storm_begin (&storm, 1);
      atomic_store (&storm.store->sink.bound, 2);
      atomic_store (&storm.store->sink.overflow, CURRANT_OVERFLOW_BLOCK);
      for (int i = 0; i < 2; i++)
        publishers[i] = g_thread_new ("publisher", publish_until_closed, &storm);
      if (round % 2)
        currant_test_spin_until (atomic_load (&storm.n_got) > 0);
      currant_store_close (storm.store);
      for (int i = 0; i < 2; i++)
        g_thread_join (publishers[i]);
      g_assert_cmpuint (currant_sink_waiting (&storm.store->sink), ==, atomic_load (&storm.n_got));
      storm_end (&storm);
    }
}

/* Stores are opened, closed and left by many, under one pattern. */
static gpointer
open_and_end (gpointer data)
{
  Storm *self = data;
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("b:x");

  CURRANT_TEST_TSAN_ACQUIRE (self);
  for (guint i = 0; i < self->n_messages; i++)
    {
      CurrantStore *store = currant_store_open (self->house.hub, pattern, TRUE, FALSE);

      g_assert_false (currant_store_is_closed (store));
      currant_store_close (store);
      currant_store_leave (store);
    }
  return NULL;
}

static void
test_open_storm (void)
{
  GThread *threads[3];
  Storm storm;

  storm_begin (&storm, 1000);
  for (int i = 0; i < 3; i++)
    threads[i] = g_thread_new ("opener", open_and_end, &storm);
  for (int i = 0; i < 3; i++)
    g_thread_join (threads[i]);
  currant_store_close (storm.store);
  storm_end (&storm);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/store/standalone", test_standalone);
  currant_test_add ("/store/shared", test_shared);
  currant_test_add ("/store/close", test_close);
  currant_test_add ("/store/leave", test_leave);
  currant_test_add ("/store/disposed", test_disposed);
  currant_test_add ("/store/expired", test_expired);
  currant_test_add ("/store/does-not-sleep", test_does_not_sleep);
  currant_test_add ("/store/bells", test_bells);
  currant_test_add ("/store/storm", test_storm);
  currant_test_add ("/store/storm/one-by-one", test_one_by_one);
  currant_test_add ("/store/storm/passes-on", test_passes_on);
  currant_test_add ("/store/storm/of-waiters", test_storm_of_waiters);
  currant_test_add ("/store/storm/close-wakes-publishers", test_close_wakes_publishers);
  currant_test_add ("/store/storm/open", test_open_storm);
  return g_test_run ();
}
