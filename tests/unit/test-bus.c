/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bus as a whole: the default one, its end, what it counts. */
#include "config.h"

#include "currant-test.h"

static void
count_call (CurrantMessage *message, gpointer user_data)
{
  (void)message;
  g_atomic_int_inc ((int *)user_data);
}

static void
count_destroy (gpointer user_data)
{
  g_atomic_int_inc ((int *)user_data);
}

static gpointer
get_default (gpointer data)
{
  (void)data;
  return currant_bus_get_default ();
}

static void
test_default (void)
{
  CurrantBus *bus = currant_bus_get_default ();
  GThread *threads[4];

  g_assert_true (CURRANT_IS_BUS (bus));
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("default", get_default, NULL);
  for (int i = 0; i < 4; i++)
    g_assert_true (g_thread_join (threads[i]) == bus);
}

static void
test_buses_are_apart (void)
{
  g_autoptr (CurrantBus) one = currant_bus_new ();
  g_autoptr (CurrantBus) other = currant_bus_new ();
  int calls = 0;

  currant_bus_follow (one, "a:x", count_call, &calls, NULL);
  g_assert_cmpuint (currant_bus_publish (other, "a:x", NULL), ==, 0);
  g_assert_cmpint (calls, ==, 0);
}

static void
take_text (CurrantMessage *message, gpointer user_data)
{
  g_assert_true (currant_message_get (message, "(s)", user_data));
}

static void
test_publish_variant (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autofree char *text = NULL;

  currant_bus_follow (bus, "a:x", take_text, &text, NULL);
  g_assert_cmpuint (currant_bus_publish_variant (bus, "a:x", g_variant_new ("(s)", "hello"), NULL),
                    ==, 1);
  g_assert_cmpstr (text, ==, "hello");
}

/* Floating variants are taken over even when nobody follows. */
static void
test_publish_variant_unmatched (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  GVariant *args = g_variant_ref_sink (g_variant_new ("(s)", "hello"));

  g_assert_cmpuint (currant_bus_publish_variant (bus, "a:x", args, NULL), ==, 0);
  g_assert_cmpuint (
      currant_bus_publish_variant (bus, "a:x", g_variant_new ("(s)", "floating"), NULL), ==, 0);
  g_assert_cmpstr (g_variant_get_type_string (args), ==, "(s)");
  g_variant_unref (args);
}

static void
test_publish_error (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no such thing");
  CurrantMessage *message;
  const char *domain = NULL, *text = NULL;
  int code = -1;

  currant_bus_follow (bus, "a:error", currant_test_recorder_take, recorder, NULL);
  g_assert_cmpuint (currant_bus_publish_error (bus, "a:error", error), ==, 1);
  message = currant_test_recorder_peek (recorder, 0);
  g_assert_true (currant_message_lookup (message, "domain", "&s", &domain));
  g_assert_true (currant_message_lookup (message, "code", "i", &code));
  g_assert_true (currant_message_lookup (message, "message", "&s", &text));
  g_assert_cmpstr (domain, ==, g_quark_to_string (G_IO_ERROR));
  g_assert_cmpint (code, ==, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpstr (text, ==, "no such thing");
}

/* The end of the bus is the end of all that is on it. */
static void
test_last_unref (void)
{
  CurrantBus *bus = currant_bus_new ();
  int calls = 0, destroyed = 0;
  g_autoptr (CurrantFollower) follower = NULL;

  follower =
      currant_follower_ref (currant_bus_follow (bus, "a:x", count_call, &destroyed, count_destroy));
  currant_bus_follow_with_delivery (bus, "a:x", CURRANT_DELIVERY_QUEUED, count_call, &calls, NULL);
  currant_bus_publish (bus, "a:x", NULL);
  destroyed = 0;
  g_object_add_weak_pointer (G_OBJECT (bus), (gpointer *)&bus);
  g_object_unref (bus);
  g_assert_null (bus);
  g_assert_false (currant_follower_is_active (follower));
  currant_test_drain (NULL);
  g_assert_cmpint (destroyed, ==, 1);
  g_assert_cmpint (calls, ==, 0);
  currant_follower_stop (follower);
}

static void
test_dispose (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);
  g_autoptr (CurrantMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  int calls = 0;

  currant_bus_follow (bus, "a:x", count_call, &calls, NULL);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", "(i)", 1), ==, 2);
  g_object_run_dispose (G_OBJECT (bus));
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", "(i)", 2), ==, 0);
  g_assert_cmpint (calls, ==, 1);
  g_assert_true (currant_queue_is_closed (queue));
  message = currant_queue_get (queue, -1, NULL, &error);
  g_assert_cmpint (currant_test_message_number (message), ==, 1);
  g_assert_null (currant_queue_get (queue, -1, NULL, &error));
  g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_CLOSED);
  g_object_run_dispose (G_OBJECT (bus));
}

/* Too late for a bus that has ended: the follower is stopped at once and lets go of its data. */
static void
test_follow_after_dispose (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int destroyed = 0;
  CurrantFollower *follower =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_AUTO, count_call, NULL);

  g_object_run_dispose (G_OBJECT (bus));
  currant_bus_add_follower (bus, follower);
  g_assert_false (currant_follower_is_active (follower));
  currant_follower_unref (follower);
  currant_bus_follow (bus, "a:x", count_call, &destroyed, count_destroy);
  currant_test_drain (NULL);
  g_assert_cmpint (destroyed, ==, 1);
  g_assert_cmpuint (currant_test_stat_now (bus, "followers"), ==, 0);
}

/* Queues hold no circle with their bus, in either order. */
static void
test_queue_and_bus_end_in_any_order (void)
{
  for (int order = 0; order < 2; order++)
    {
      CurrantBus *bus = currant_bus_new ();
      CurrantQueue *queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_SHARED);
      GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
      g_auto (GValue) value = G_VALUE_INIT;

      g_object_add_weak_pointer (object, (gpointer *)&object);
      g_value_take_object (g_value_init (&value, G_TYPE_OBJECT), object);
      currant_bus_publish_value (bus, "a:x", &value);
      g_value_reset (&value);
      g_object_unref (order == 0 ? (gpointer)bus : (gpointer)queue);
      g_object_unref (order == 0 ? (gpointer)queue : (gpointer)bus);
      g_assert_null (object);
    }
}

static void
test_count_matches (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:*", CURRANT_QUEUE_STANDALONE);
  g_autoptr (CurrantIdentifier) matched = currant_test_identifier ("a:x");
  g_autoptr (CurrantIdentifier) elsewhere = currant_test_identifier ("a@ns:x");
  g_autoptr (CurrantIdentifier) broadcast = currant_test_identifier ("*");
  int calls = 0;

  currant_bus_follow (bus, "*:{x,y}", count_call, &calls, NULL);
  currant_bus_follow (bus, "b:x", count_call, &calls, NULL);
  g_assert_cmpuint (currant_bus_count_matches (bus, matched), ==, 2);
  g_assert_cmpuint (currant_bus_count_matches (bus, elsewhere), ==, 0);
  g_assert_cmpuint (currant_bus_count_matches (bus, broadcast), ==, 3);
  g_assert_cmpint (calls, ==, 0);
}

static void
test_stats (void)
{
  static const char *const counters[] = { "published", "matched", "delivered", "dropped",
                                          "discarded", "expired", "conflated", "nested",
                                          "errors",    "waiting" };
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);
  g_autoptr (CurrantMessage) message = NULL;
  int calls = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (counters); i++)
    g_assert_cmpuint (currant_test_stat (bus, counters[i]), ==, 0);
  currant_bus_follow (bus, "a:*", count_call, &calls, NULL);
  currant_bus_publish (bus, "a:x", NULL);
  currant_bus_publish (bus, "a:y", NULL);
  currant_bus_publish (bus, "nobody:x", NULL);
  g_assert_cmpuint (currant_test_stat (bus, "published"), ==, 3);
  g_assert_cmpuint (currant_test_stat (bus, "matched"), ==, 3);
  g_assert_cmpuint (currant_test_stat (bus, "delivered"), ==, 2);
  g_assert_cmpuint (currant_test_stat (bus, "waiting"), ==, 1);
  g_assert_cmpuint (currant_test_stat_now (bus, "followers"), ==, 1);
  g_assert_cmpuint (currant_test_stat_now (bus, "queues"), ==, 1);
  g_assert_cmpuint (currant_test_stat_now (bus, "threads"), ==, 0);
  message = currant_queue_try_get (queue);
  g_assert_cmpuint (currant_test_stat (bus, "delivered"), ==, 3);
  currant_test_assert_balance (bus);
  currant_test_stat_now (bus, "topics");
}

static gpointer
publish_thousand (gpointer bus)
{
  for (int i = 0; i < 1000; i++)
    currant_bus_publish (bus, "a:x", "(i)", i);
  return NULL;
}

/* Counts of threads that have ended are not forgotten. */
static void
test_stats_of_many_threads (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls = 0;

  currant_bus_follow_with_delivery (bus, "a:*", CURRANT_DELIVERY_DIRECT, count_call, &calls, NULL);
  for (int round = 0; round < 10; round++)
    {
      GThread *threads[4];

      for (int i = 0; i < 4; i++)
        threads[i] = g_thread_new ("publisher", publish_thousand, bus);
      for (int i = 0; i < 4; i++)
        g_thread_join (threads[i]);
    }
  g_assert_cmpint (calls, ==, 40000);
  g_assert_cmpuint (currant_test_stat (bus, "published"), ==, 40000);
  g_assert_cmpuint (currant_test_stat (bus, "delivered"), ==, 40000);
  currant_test_assert_balance (bus);
}

/* Buses and what hangs on them leave no descriptors open. */
static void
test_no_descriptors_left (void)
{
  guint before;
  int calls = 0;

  currant_test_drain (NULL);
  before = currant_test_count_fds ();
  for (int i = 0; i < 20; i++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      g_autoptr (CurrantTestLoop) loop = currant_test_loop_new ();
      g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);
      CurrantFollower *follower =
          currant_test_follower_new ("a:x", CURRANT_DELIVERY_QUEUED, count_call, &calls);

      currant_follower_set_context (follower, currant_test_loop_get_context (loop));
      currant_bus_add_follower (bus, follower);
      currant_bus_publish (bus, "a:x", NULL);
      currant_test_loop_sync (loop);
      currant_follower_stop (follower);
      currant_follower_unref (follower);
    }
  g_assert_cmpint (calls, ==, 20);
  g_assert_cmpuint (currant_test_count_fds (), ==, before);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/bus/default", test_default);
  currant_test_add ("/bus/apart", test_buses_are_apart);
  currant_test_add ("/bus/publish-variant", test_publish_variant);
  currant_test_add ("/bus/publish-variant/unmatched", test_publish_variant_unmatched);
  currant_test_add ("/bus/publish-error", test_publish_error);
  currant_test_add ("/bus/last-unref", test_last_unref);
  currant_test_add ("/bus/dispose", test_dispose);
  currant_test_add ("/bus/dispose/follow-afterwards", test_follow_after_dispose);
  currant_test_add ("/bus/dispose/queue-and-bus-in-any-order", test_queue_and_bus_end_in_any_order);
  currant_test_add ("/bus/count-matches", test_count_matches);
  currant_test_add ("/bus/stats", test_stats);
  currant_test_add ("/bus/stats/of-many-threads", test_stats_of_many_threads);
  currant_test_add ("/bus/no-descriptors-left", test_no_descriptors_left);
  return g_test_run ();
}
