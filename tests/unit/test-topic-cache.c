/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A thread's cache of topics by itself: what it finds is right, what it lost is gone for good. */
#include "config.h"

#include "currant-hash-private.h"
#include "currant-topic-cache-private.h"
#include "spy-sink.h"

static guint64
hash_of (const char *text)
{
  return currant_hash_quickly (text, strlen (text));
}

static void
put (CurrantTopicCache *cache, CurrantTopic *topic, const char *text, guint64 hash)
{
  CurrantCached turned_out;

  while (!currant_topic_cache_make_room (cache, hash, &turned_out))
    currant_cached_clear (&turned_out);
  currant_topic_cache_put (cache, text, hash, currant_topic_ref (topic));
}

static guint
references_to (CurrantTopic *topic)
{
  return atomic_load (&topic->ref_count);
}

/* The text as it was asked for, and not another with the same hash. */
static void
test_texts (void)
{
  CurrantRouter *router = currant_router_new ();
  g_autoptr (CurrantTopic) topic = spy_topic (router, "a:*");
  CurrantTopicCache cache = { 0 };

  g_assert_null (currant_topic_cache_find (&cache, "a", hash_of ("a")));
  put (&cache, topic, "a", hash_of ("a"));
  g_assert_true (currant_topic_cache_find (&cache, "a", hash_of ("a")) == topic);
  g_assert_null (currant_topic_cache_find (&cache, "a:*", hash_of ("a:*")));
  put (&cache, topic, "a:*", hash_of ("a:*"));
  g_assert_true (currant_topic_cache_find (&cache, "a:*", hash_of ("a:*")) == topic);
  g_assert_true (currant_topic_cache_find (&cache, "a", hash_of ("a")) == topic);
  g_assert_null (currant_topic_cache_find (&cache, "b", hash_of ("a")));
  g_assert_null (currant_topic_cache_find (&cache, "a", hash_of ("a") + 1));
  currant_topic_cache_clear (&cache);
  g_assert_null (currant_topic_cache_find (&cache, "a", hash_of ("a")));
  g_assert_cmpuint (references_to (topic), ==, 2);
  g_clear_pointer (&topic, currant_topic_unref);
  spy_router_end (router);
}

/* Of texts that all collide the last two are known, and the cache stays within its bound. */
static void
test_collisions (void)
{
  CurrantRouter *router = currant_router_new ();
  g_autoptr (GPtrArray) topics =
      g_ptr_array_new_with_free_func ((GDestroyNotify)currant_topic_unref);
  CurrantTopicCache cache = { 0 };

  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *text = g_strdup_printf ("n%u:x", i);

      g_ptr_array_add (topics, spy_topic (router, text));
      put (&cache, topics->pdata[i], text, 42);
      g_assert_true (currant_topic_cache_find (&cache, text, 42) == topics->pdata[i]);
    }
  g_assert_cmpuint (cache.n_places, ==, CURRANT_TOPIC_CACHE_MAX);
  for (guint i = 0; i < topics->len; i++)
    g_assert_cmpuint (references_to (topics->pdata[i]), ==, i + 2 < topics->len ? 2 : 3);
  currant_topic_cache_clear (&cache);
  g_clear_pointer (&topics, g_ptr_array_unref);
  spy_router_end (router);
}

/* It grows to hold what is used, and forgets none of it while it grows. */
static void
test_grows (void)
{
  CurrantRouter *router = currant_router_new ();
  g_autoptr (GPtrArray) topics =
      g_ptr_array_new_with_free_func ((GDestroyNotify)currant_topic_unref);
  CurrantTopicCache cache = { 0 };
  guint missed = 0;

  for (guint round = 0; round < 20; round++)
    for (guint i = 0; i < 500; i++)
      {
        g_autofree char *text = g_strdup_printf ("n%u:x", i);
        CurrantTopic *found = currant_topic_cache_find (&cache, text, hash_of (text));

        if (round == 0)
          g_ptr_array_add (topics, spy_topic (router, text));
        g_assert_true (found == NULL || found == topics->pdata[i]);
        missed += round == 19 && found == NULL;
        if (found == NULL)
          put (&cache, topics->pdata[i], text, hash_of (text));
      }
  g_test_message ("%u places, %u missed", cache.n_places, missed);
  g_assert_cmpuint (cache.n_places, >=, 512);
  g_assert_cmpuint (missed, <, 50);
  currant_topic_cache_clear (&cache);
  g_clear_pointer (&topics, g_ptr_array_unref);
  spy_router_end (router);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/topic-cache/texts", test_texts);
  currant_test_add ("/topic-cache/collisions", test_collisions);
  currant_test_add ("/topic-cache/grows", test_grows);
  return g_test_run ();
}
