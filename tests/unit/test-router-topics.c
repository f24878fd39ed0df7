/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The router's topics, and its records of threads. Routes and snapshots are in test-router.c. */
#include "config.h"

#include "spy-sink.h"

static guint
count_topics (CurrantRouter *router)
{
  guint64 counts[CURRANT_N_COUNTS];
  guint n_topics;

  currant_router_read_counts (router, counts, &n_topics);
  return n_topics;
}

/* One identifier is one topic, by whatever way it is asked for. */
static void
test_unique (void)
{
  CurrantRouter *router = currant_router_new ();
  g_autoptr (CurrantTopic) topic = spy_topic (router, "a:*");

  g_assert_true (currant_router_find_topic (router, "a:*", NULL) == topic);
  g_assert_true (currant_router_find_topic (router, "a", NULL) == topic);
  g_assert_true (currant_router_find_topic (router, "a", NULL) == topic);
  g_assert_true (currant_router_find_topic (router, "a@n:*", NULL) != topic);
  g_assert_cmpuint (count_topics (router), ==, 2);
  g_clear_pointer (&topic, currant_topic_unref);
  spy_router_end (router);
}

static void
test_malformed (void)
{
  CurrantRouter *router = currant_router_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (currant_router_find_topic (router, "a*:x", &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER);
  g_assert_null (currant_router_find_topic (router, "a*:x", NULL));
  g_assert_cmpuint (count_topics (router), ==, 0);
  spy_router_end (router);
}

static gpointer
find_topic (gpointer router)
{
  return currant_topic_ref (currant_router_find_topic (router, "a:x", NULL));
}

/* The caches of threads lead to the same topic, and lose it with the thread. */
static void
test_caches (void)
{
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *topic = currant_topic_ref (currant_router_find_topic (router, "a:x", NULL));
  CurrantTopic *other = g_thread_join (g_thread_new ("finder", find_topic, router));

  g_assert_true (other == topic);
  currant_topic_unref (other);
  /* The table's, this thread's cache's, and ours. */
  g_assert_cmpuint (atomic_load (&topic->ref_count), ==, 3);
  currant_topic_unref (topic);
  spy_router_end (router);
}

/* A cache is bounded, and what it leaves out is found all the same. */
static void
test_cache_is_bounded (void)
{
  CurrantRouter *router = currant_router_new ();
  g_autoptr (GPtrArray) topics = g_ptr_array_new ();
  guint cached = 0;

  for (int round = 0; round < 2; round++)
    for (int i = 0; i < 20000; i++)
      {
        g_autofree char *id = g_strdup_printf ("n%d:x", i);
        CurrantTopic *topic = currant_router_find_topic (router, id, NULL);

        g_assert_cmpstr (currant_identifier_to_string (topic->identifier), ==, id);
        if (round == 0)
          g_ptr_array_add (topics, topic);
        else
          g_assert_true (topics->pdata[i] == topic);
      }
  for (int i = 0; i < 20000; i++)
    cached += atomic_load (&((CurrantTopic *)topics->pdata[i])->ref_count) > 1;
  g_assert_cmpuint (cached, <=, CURRANT_TOPIC_CACHE_MAX);
  spy_router_end (router);
}

/* More than may be. */

#define N_PINNED 150

typedef struct
{
  CurrantRouter *router;
  CurrantTopic *pinned[N_PINNED];
  Spy *spies[N_PINNED];
} Crowd;

static char *
pinned_id (int i)
{
  return g_strdup_printf ("pinned%d:x", i);
}

static void
make_others (CurrantRouter *router, int first, int n)
{
  for (int i = first; i < first + n; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%d:x", i);

      currant_topic_unref (spy_topic (router, id));
    }
}

/* Topics that somebody keeps, a hundred in one place and the others among many. */
static void
crowd_begin (Crowd *self)
{
  self->router = currant_router_new ();
  for (int i = 0; i < N_PINNED; i++)
    {
      g_autofree char *id = pinned_id (i);

      if (i >= 100)
        make_others (self->router, i * 1000, 1000);
      self->pinned[i] = spy_topic (self->router, id);
      self->spies[i] = spy_add (self->router, id);
      g_assert_cmpuint (spy_publish (self->pinned[i], 1), ==, 1);
    }
  make_others (self->router, 1000000, 2 * CURRANT_TOPICS_MAX);
}

static void
crowd_end (Crowd *self)
{
  for (int i = 0; i < N_PINNED; i++)
    {
      currant_topic_unref (self->pinned[i]);
      spy_remove (self->spies[i]);
    }
  spy_router_end (self->router);
}

/* Topics that nobody keeps make room; those that somebody keeps stay the only ones of their name,
 * so that what changes their routes finds them. */
static void
test_eviction (void)
{
  Crowd crowd;

  crowd_begin (&crowd);
  g_assert_cmpuint (count_topics (crowd.router), >=, CURRANT_TOPICS_MAX);
  g_assert_cmpuint (count_topics (crowd.router), <=, CURRANT_TOPICS_MAX + N_PINNED);
  for (int i = 0; i < N_PINNED; i++)
    {
      g_autofree char *id = pinned_id (i);
      g_autoptr (CurrantTopic) again = spy_topic (crowd.router, id);
      Spy *late = spy_add (crowd.router, id);

      g_assert_true (again == crowd.pinned[i]);
      g_assert_cmpuint (spy_publish (crowd.pinned[i], 2), ==, 2);
      spy_remove (late);
      g_assert_cmpuint (spy_publish (crowd.pinned[i], 3), ==, 1);
    }
  crowd_end (&crowd);
}

/* An evicted topic is made again when it is asked for. */
static void
test_evicted_is_made_again (void)
{
  CurrantRouter *router = currant_router_new ();
  Spy *spy = spy_add (router, "first:x");
  CurrantTopic *topic = spy_topic (router, "first:x");

  g_assert_cmpuint (spy_publish (topic, 1), ==, 1);
  currant_topic_unref (topic);
  make_others (router, 0, CURRANT_TOPICS_MAX + 100);
  /* Its snapshot went with it, and the hold that was in it. */
  g_assert_cmpuint (atomic_load (&spy->sink.state) >> 32, ==, 1);
  topic = spy_topic (router, "first:x");
  g_assert_cmpuint (spy_publish (topic, 2), ==, 1);
  currant_topic_unref (topic);
  spy_remove (spy);
  spy_router_end (router);
}

/* Broadcast topics make exact patterns dearer only as long as they are there. */
static void
test_broadcast_is_evicted (void)
{
  CurrantRouter *router = currant_router_new ();
  CurrantTopic *topic;
  guint64 generation;
  Spy *spy;

  currant_topic_unref (spy_topic (router, "*:x"));
  topic = spy_topic (router, "last:x");
  make_others (router, 0, CURRANT_TOPICS_MAX + 100);
  generation = atomic_load (&router->generation);
  spy = spy_add (router, "a:x");
  g_assert_cmpuint (atomic_load (&router->generation), ==, generation);
  currant_topic_unref (spy_topic (router, "*:x"));
  spy_remove (spy);
  spy = spy_add (router, "a:x");
  g_assert_cmpuint (atomic_load (&router->generation), >, generation);
  spy_remove (spy);
  currant_topic_unref (topic);
  spy_router_end (router);
}

typedef struct
{
  CurrantRouter *router;
  int first;
} Maker;

/* Finds topics by text, in an order that fills and empties its cache, among those of others. */
static gpointer
find_many (gpointer data)
{
  Maker *self = data;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  for (int i = 0; i < 50000; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%d:x", (self->first + i) % 90000);
      CurrantTopic *topic = currant_router_find_topic (self->router, id, NULL);

      g_assert_cmpstr (currant_identifier_to_string (topic->identifier), ==, id);
      g_assert_cmpuint (spy_publish (topic, i), ==, 0);
    }
  return NULL;
}

/* Threads that together find more topics than there may be. */
static void
test_eviction_storm (void)
{
  CurrantRouter *router = currant_router_new ();
  Maker makers[4];
  GThread *threads[4];

  for (int i = 0; i < 4; i++)
    {
      makers[i] = (Maker){ router, i * 25000 };
      CURRANT_TEST_TSAN_RELEASE (&makers[i]);
      threads[i] = g_thread_new ("maker", find_many, &makers[i]);
    }
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (count_topics (router), <=, CURRANT_TOPICS_MAX + 4 * CURRANT_TOPIC_CACHE_MAX);
  g_assert_cmpuint (spy_count (router, CURRANT_COUNT_PUBLISHED), ==, 4 * 50000);
  spy_router_end (router);
}

/* On a router that is disposed a topic leads nowhere, and is nobody's but its owner's. */
static void
test_disposed (void)
{
  CurrantRouter *router = currant_router_new ();
  g_autoptr (GPtrArray) sinks = currant_router_dispose (router);
  CurrantTopic *topic = spy_topic (router, "a:x");

  g_assert_cmpuint (spy_publish (topic, 1), ==, 0);
  g_assert_cmpuint (atomic_load (&topic->ref_count), ==, 1);
  g_assert_cmpuint (count_topics (router), ==, 0);
  currant_topic_unref (topic);
  currant_router_unref (router);
}

/* Threads. */

static gpointer
publish_some (gpointer router)
{
  CurrantTopic *topic = spy_topic (router, "a:x");

  for (int i = 0; i < 100; i++)
    spy_publish (topic, i);
  currant_topic_unref (topic);
  return NULL;
}

/* What a thread counted stays when it has ended, and its record does not. */
static void
test_threads_end (void)
{
  CurrantRouter *router = currant_router_new ();
  Spy *spy = spy_add (router, "a:x");

  for (int i = 0; i < 10; i++)
    g_thread_join (g_thread_new ("publisher", publish_some, router));
  g_assert_cmpuint (spy_count (router, CURRANT_COUNT_PUBLISHED), ==, 1000);
  g_assert_cmpuint (spy_count (router, CURRANT_COUNT_DELIVERED), ==, 1000);
  g_assert_null (router->threads);
  g_assert_cmpuint (router->last_thread, ==, 10);
  spy_remove (spy);
  spy_router_end (router);
}

/* A thread that makes many short-lived routers keeps the record of the last few only. */
static void
test_disposed_are_forgotten (void)
{
  CurrantRouter *first = currant_router_ref (currant_router_new ());

  publish_some (first);
  /* Besides ours: the maker's, the record's, and those of the topic that stays in the table. */
  g_assert_cmpuint (atomic_load (&first->ref_count), >, 2);
  spy_router_end (first);
  for (int i = 0; i < 3; i++)
    {
      CurrantRouter *router = currant_router_new ();

      publish_some (router);
      spy_router_end (router);
    }
  g_assert_cmpuint (atomic_load (&first->ref_count), ==, 1);
  currant_router_unref (first);
}

/* Records of several routers of one thread are told apart. */
static void
test_several_routers (void)
{
  CurrantRouter *routers[3];
  CurrantThread *threads[3];

  for (int i = 0; i < 3; i++)
    {
      routers[i] = currant_router_new ();
      threads[i] = currant_thread_get (routers[i]);
    }
  for (int i = 0; i < 3; i++)
    {
      g_assert_true (currant_thread_get (routers[i]) == threads[i]);
      g_assert_true (threads[i]->router == routers[i]);
    }
  for (int i = 0; i < 3; i++)
    spy_router_end (routers[i]);
}

static gpointer
tell_id (gpointer router)
{
  return GUINT_TO_POINTER (currant_thread_get (router)->id);
}

/* No two threads ever have the same number. */
static void
test_numbers (void)
{
  CurrantRouter *router = currant_router_new ();

  for (guint i = 1; i <= 20; i++)
    g_assert_cmpuint (GPOINTER_TO_UINT (g_thread_join (g_thread_new ("id", tell_id, router))), ==,
                      i);
  spy_router_end (router);
}

/* The random numbers that slices are chosen by: even, over the whole range. */
static void
test_random (void)
{
  CurrantRouter *router = currant_router_new ();
  CurrantThread *thread = currant_thread_get (router);
  guint tenths[10] = { 0 };

  for (int i = 0; i < 100000; i++)
    {
      double x = currant_thread_random (thread);

      g_assert_true (x >= 0 && x < 1);
      tenths[(int)(x * 10)]++;
    }
  /* The deviation to be expected is 95: this is ten of it. */
  for (int i = 0; i < 10; i++)
    g_assert_cmpint (ABS ((int)tenths[i] - 10000), <, 950);
  spy_router_end (router);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/router/topics/unique", test_unique);
  currant_test_add ("/router/topics/malformed", test_malformed);
  currant_test_add ("/router/topics/caches", test_caches);
  currant_test_add ("/router/topics/cache-is-bounded", test_cache_is_bounded);
  currant_test_add ("/router/topics/eviction", test_eviction);
  currant_test_add ("/router/topics/evicted-is-made-again", test_evicted_is_made_again);
  currant_test_add ("/router/topics/broadcast-is-evicted", test_broadcast_is_evicted);
  currant_test_add ("/router/topics/eviction-storm", test_eviction_storm);
  currant_test_add ("/router/topics/disposed", test_disposed);
  currant_test_add ("/router/threads/end", test_threads_end);
  currant_test_add ("/router/threads/disposed-are-forgotten", test_disposed_are_forgotten);
  currant_test_add ("/router/threads/several-routers", test_several_routers);
  currant_test_add ("/router/threads/numbers", test_numbers);
  currant_test_add ("/router/threads/random", test_random);
  return g_test_run ();
}
