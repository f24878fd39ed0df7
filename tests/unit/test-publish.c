/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ways to publish: what each returns, and what becomes of what it is given. */
#include "config.h"

#include "currant-test.h"

#include <string.h>

static void
count_call (CurrantMessage *message, gpointer count)
{
  (void)message;
  (*(guint *)count)++;
}

static void
add (CurrantBus *bus, CurrantFollower *follower)
{
  currant_bus_add_follower (bus, follower);
  currant_follower_unref (follower);
}

static gboolean
refuse (CurrantMessage *message, gpointer data)
{
  (void)message;
  (void)data;
  return FALSE;
}

/* How many took it. */

static void
test_nobody (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();

  g_assert_cmpuint (currant_bus_publish (bus, "a:x", "(is)", 1, "a"), ==, 0);
  g_assert_cmpuint (currant_bus_publish (bus, "a", NULL), ==, 0);
  g_assert_cmpuint (currant_test_stat (bus, "published"), ==, 2);
  g_assert_cmpuint (currant_test_stat (bus, "matched"), ==, 0);
}

/* In every mode each follower is one, whether it has been called yet or not; all queues that share
 * are one, as are all slices. */
static void
test_modes (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) alone = NULL, shared = NULL, again = NULL;
  guint calls = 0, expected = 0;

  for (CurrantDelivery mode = CURRANT_DELIVERY_AUTO; mode <= CURRANT_DELIVERY_QUEUED; mode++)
    {
      add (bus, currant_test_follower_new ("a:*", mode, count_call, &calls));
      g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, ++expected);
    }
  alone = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, ++expected);
  shared = currant_queue_new (bus, "a:x", CURRANT_QUEUE_SHARED);
  again = currant_queue_new (bus, "a:x", CURRANT_QUEUE_SHARED);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, ++expected);
  for (int i = 0; i < 3; i++)
    {
      CurrantFollower *slice =
          currant_test_follower_new ("a:x", CURRANT_DELIVERY_DIRECT, count_call, &calls);

      g_assert_true (currant_follower_set_slice (slice, i, NULL));
      add (bus, slice);
    }
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, ++expected);
  currant_test_drain (NULL);
  currant_test_assert_balance (bus);
}

static void
count_atomically (CurrantMessage *message, gpointer count)
{
  (void)message;
  g_atomic_int_inc ((int *)count);
}

static void
test_pool (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls = 0;

  add (bus, currant_test_follower_new ("a:x", CURRANT_DELIVERY_POOL, count_atomically, &calls));
  for (int i = 0; i < 100; i++)
    g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 1);
  currant_test_spin_until (g_atomic_int_get (&calls) == 100);
  currant_bus_set_multiplicity (bus, 0);
  currant_test_spin_until (currant_bus_get_n_threads (bus) == 0);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&calls), ==, 101);
}

/* Those who do not want it are not counted. */
static void
test_unwanted (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  guint calls = 0;
  CurrantFollower *guarded =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_DIRECT, count_call, &calls);
  CurrantFollower *keyed =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_DIRECT, count_call, &calls);
  CurrantFollower *stopped =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_DIRECT, count_call, &calls);

  currant_follower_set_guard (guarded, refuse, NULL, NULL);
  g_assert_true (currant_follower_set_key (keyed, 1, 1, NULL));
  add (bus, guarded);
  add (bus, keyed);
  currant_bus_add_follower (bus, stopped);
  currant_follower_stop (stopped);
  currant_follower_unref (stopped);
  add (bus, currant_test_follower_new ("a:y", CURRANT_DELIVERY_DIRECT, count_call, &calls));
  add (bus, currant_test_follower_new ("a@n:x", CURRANT_DELIVERY_DIRECT, count_call, &calls));
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 0);
  g_assert_cmpuint (calls, ==, 0);
  g_assert_cmpuint (currant_bus_publish (bus, "*:*", NULL), ==, 1);
  g_assert_cmpuint (currant_bus_publish (bus, "a@n:x", NULL), ==, 1);
  currant_test_assert_balance (bus);
}

static CurrantQueue *
full_queue (CurrantBus *bus, CurrantOverflow overflow)
{
  CurrantQueue *queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);

  currant_queue_set_bound (queue, 1, overflow);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 1);
  return queue;
}

/* One that makes room took the message; one that has none did not. */
static void
test_full (void)
{
  static const struct
  {
    CurrantOverflow overflow;
    guint taken;
  } rows[] = {
    { CURRANT_OVERFLOW_DROP_OLDEST, 1 },
    { CURRANT_OVERFLOW_LATEST, 1 },
    { CURRANT_OVERFLOW_DROP_NEWEST, 0 },
    { CURRANT_OVERFLOW_FAIL, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      g_autoptr (CurrantQueue) queue = full_queue (bus, rows[i].overflow);

      g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, rows[i].taken);
      g_assert_cmpuint (currant_queue_get_n_dropped (queue), ==, 1);
      currant_test_assert_balance (bus);
    }
}

/* A refusal is told, and the others get the message all the same. */
static void
test_checked (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = full_queue (bus, CURRANT_OVERFLOW_FAIL);
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:x");
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, NULL);
  g_autoptr (CurrantMessage) second = currant_message_new (identifier, NULL);
  g_autoptr (GError) error = NULL;
  guint calls = 0, taken = 99;

  add (bus, currant_test_follower_new ("a:x", CURRANT_DELIVERY_DIRECT, count_call, &calls));
  g_assert_false (
      currant_bus_publish_message_checked (bus, message, CURRANT_PUBLISH_NONE, &taken, &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_FULL);
  g_assert_nonnull (strstr (error->message, "a:x"));
  g_assert_cmpuint (taken, ==, 1);
  g_assert_cmpuint (calls, ==, 1);
  g_assert_false (
      currant_bus_publish_message_checked (bus, message, CURRANT_PUBLISH_NONE, NULL, NULL));
  currant_message_unref (currant_queue_try_get (queue));
  g_assert_true (
      currant_bus_publish_message_checked (bus, second, CURRANT_PUBLISH_NONE, &taken, NULL));
  g_assert_cmpuint (taken, ==, 2);
}

static void
publish_more (CurrantMessage *message, gpointer bus)
{
  if (strcmp (currant_message_get_action (message), "x") == 0)
    g_assert_cmpuint (currant_bus_publish (bus, "a:y", NULL), ==, 2);
}

/* What is published in a callback has a count of its own. */
static void
test_nested (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  guint calls = 0;

  add (bus, currant_test_follower_new ("a:{x,y}", CURRANT_DELIVERY_DIRECT, publish_more, bus));
  add (bus, currant_test_follower_new ("a:y", CURRANT_DELIVERY_DIRECT, count_call, &calls));
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 1);
  g_assert_cmpuint (calls, ==, 1);
}

static void
test_disposed (void)
{
  CurrantBus *bus = currant_bus_new ();
  g_autoptr (CurrantTopic) topic = currant_bus_get_topic (bus, "a:x", NULL);
  g_autoptr (CurrantMessage) message =
      currant_message_new (currant_topic_get_identifier (topic), NULL);
  guint calls = 0;

  add (bus, currant_test_follower_new ("a:x", CURRANT_DELIVERY_DIRECT, count_call, &calls));
  g_assert_cmpuint (currant_topic_publish (topic, NULL), ==, 1);
  g_object_run_dispose (G_OBJECT (bus));
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 0);
  g_assert_cmpuint (currant_bus_publish (bus, "never:seen", NULL), ==, 0);
  g_assert_cmpuint (currant_bus_publish_message_full (bus, message, CURRANT_PUBLISH_RETAIN), ==, 0);
  g_object_unref (bus);
  g_assert_cmpuint (currant_topic_publish (topic, "(i)", 1), ==, 0);
  g_assert_false (currant_topic_has_followers (topic));
  g_assert_cmpuint (calls, ==, 1);
}

/* What is given. */

static GVariant *
watched_variant (gboolean *gone)
{
  g_autoptr (GBytes) bytes =
      g_bytes_new_with_free_func ("a", 2, (GDestroyNotify)g_atomic_int_inc, gone);

  return g_variant_new ("(@*)", g_variant_new_from_bytes (G_VARIANT_TYPE_STRING, bytes, TRUE));
}

/* Floating variants are consumed, followed or not; others are left to the caller. */
static void
test_variants_are_consumed (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  guint calls = 0;

  for (int followed = 0; followed < 2; followed++)
    {
      gboolean args_gone = FALSE, kwargs_gone = FALSE;
      g_autoptr (GVariant) kept = g_variant_ref_sink (g_variant_new ("(i)", 1));
      GVariantDict kwargs;

      if (followed)
        add (bus, currant_test_follower_new ("a:x", CURRANT_DELIVERY_DIRECT, count_call, &calls));
      g_variant_dict_init (&kwargs, NULL);
      g_variant_dict_insert_value (&kwargs, "key", watched_variant (&kwargs_gone));
      currant_bus_publish_variant (bus, "a:x", watched_variant (&args_gone),
                                   g_variant_dict_end (&kwargs));
      g_assert_cmpint (args_gone, ==, 1);
      g_assert_cmpint (kwargs_gone, ==, 1);
      currant_bus_publish_variant (bus, "a:x", kept, NULL);
      g_assert_false (g_variant_is_floating (kept));
      g_assert_cmpint (g_variant_n_children (kept), ==, 1);
    }
  g_assert_cmpuint (calls, ==, 2);
}

/* A value is copied for those who follow, and not touched where nobody does. */
static void
test_value (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = NULL;
  g_auto (GValue) value = G_VALUE_INIT;
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  CurrantMessage *message;

  g_value_init (&value, G_TYPE_OBJECT);
  g_value_take_object (&value, object);
  g_assert_cmpuint (currant_bus_publish_value (bus, "a:x", &value), ==, 0);
  g_assert_cmpuint (object->ref_count, ==, 1);
  queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);
  g_assert_cmpuint (currant_bus_publish_value (bus, "a:x", &value), ==, 1);
  g_assert_cmpuint (object->ref_count, ==, 2);
  message = currant_queue_try_get (queue);
  g_assert_true (g_value_get_object (currant_message_get_value (message)) == object);
  currant_message_unref (message);
  g_assert_cmpuint (object->ref_count, ==, 1);
}

static void
test_error (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "no\xff way");
  g_autoptr (CurrantMessage) message = NULL;
  const char *text = NULL, *domain = NULL, *again = NULL;
  int code = -1;

  g_assert_cmpuint (currant_bus_publish_error (bus, "a:x", error), ==, 1);
  message = currant_queue_try_get (queue);
  g_assert_true (currant_message_get (message, "(&s)", &text));
  g_assert_true (currant_message_lookup (message, "message", "&s", &again));
  g_assert_true (currant_message_lookup (message, "domain", "&s", &domain));
  g_assert_true (currant_message_lookup (message, "code", "i", &code));
  g_assert_cmpstr (text, ==, "no\xef\xbf\xbd way");
  g_assert_cmpstr (again, ==, text);
  g_assert_cmpstr (domain, ==, "g-io-error-quark");
  g_assert_cmpint (code, ==, G_IO_ERROR_BUSY);
}

/* A message is published under its own identifier, in its own namespace. */
static void
test_message_identifier (void)
{
  static const char *const ids[] = { "a:x",     "a:b:x", "a@n:x", "a@b@n:x",
                                     "a:b@n:x", "a:x@y", "a",     "*" };

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      g_autoptr (CurrantIdentifier) identifier = currant_test_identifier (ids[i]);
      g_autoptr (CurrantMessage) message = currant_message_new (identifier, NULL);
      g_autoptr (CurrantTopic) topic = currant_bus_get_topic (bus, ids[i], NULL);
      guint calls = 0;

      add (bus, currant_test_follower_new (ids[i], CURRANT_DELIVERY_DIRECT, count_call, &calls));
      g_assert_cmpuint (currant_bus_publish_message (bus, message), ==, 1);
      g_assert_cmpuint (currant_topic_publish (topic, NULL), ==, 1);
      g_assert_true (currant_identifier_equal (currant_topic_get_identifier (topic), identifier));
      /* Both ways found the one topic. */
      g_assert_cmpuint (currant_test_stat_now (bus, "topics"), ==, 1);
    }
}

static void
test_get_topic (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTopic) a = currant_bus_get_topic (bus, "a", NULL);
  g_autoptr (CurrantTopic) b = currant_bus_get_topic (bus, "a:*", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (a != NULL && a == b);
  g_assert_null (currant_bus_get_topic (bus, "a:", &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER);
}

/* Misuse costs the message, not the bus: what is published next arrives. */

static void
assert_still_works (CurrantBus *bus, guint *calls)
{
  g_assert_cmpuint (*calls, ==, 0);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 1);
  g_assert_cmpuint (*calls, ==, 1);
  currant_test_assert_balance (bus);
}

static void
null_text (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  guint calls = 0;

  add (bus, currant_test_follower_new ("a:x", CURRANT_DELIVERY_DIRECT, count_call, &calls));
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", "(is)", 1, NULL), ==, 0);
  assert_still_works (bus, &calls);
}

static void
malformed (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  guint calls = 0;

  add (bus, currant_test_follower_new ("a:x", CURRANT_DELIVERY_DIRECT, count_call, &calls));
  g_assert_cmpuint (currant_bus_publish (bus, "a:*x", NULL), ==, 0);
  g_assert_cmpuint (currant_bus_publish_variant (bus, "a:*x", NULL, NULL), ==, 0);
  assert_still_works (bus, &calls);
}

static const CurrantTestMisuse misuses[] = {
  { "/publish/misuse/null-text", null_text, "string argument is NULL" },
  { "/publish/misuse/malformed", malformed, "a:?x*at byte 2" },
};

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/publish/taken/nobody", test_nobody);
  currant_test_add ("/publish/taken/modes", test_modes);
  currant_test_add ("/publish/taken/pool", test_pool);
  currant_test_add ("/publish/taken/unwanted", test_unwanted);
  currant_test_add ("/publish/taken/full", test_full);
  currant_test_add ("/publish/taken/checked", test_checked);
  currant_test_add ("/publish/taken/nested", test_nested);
  currant_test_add ("/publish/taken/disposed", test_disposed);
  currant_test_add ("/publish/given/variants-are-consumed", test_variants_are_consumed);
  currant_test_add ("/publish/given/value", test_value);
  currant_test_add ("/publish/given/error", test_error);
  currant_test_add ("/publish/given/message-identifier", test_message_identifier);
  currant_test_add ("/publish/given/topic", test_get_topic);
  for (gsize i = 0; i < G_N_ELEMENTS (misuses); i++)
    currant_test_add_misuse (&misuses[i]);
  return g_test_run ();
}
