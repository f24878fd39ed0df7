/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Topics: identifiers resolved once. */
#include "config.h"

#include "currant-test.h"

static CurrantTopic *
topic_new (CurrantBus *bus, const char *id)
{
  g_autoptr (GError) error = NULL;
  CurrantTopic *topic = currant_bus_get_topic (bus, id, &error);

  g_assert_no_error (error);
  g_assert_nonnull (topic);
  return topic;
}

static void
test_malformed (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  static const char *const texts[] = { "", "a:", ":b", "a*:b", "a:{b}", "a\n:b", "a:\xff" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (currant_bus_get_topic (bus, texts[i], &error));
      g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER);
      g_assert_null (currant_bus_get_topic (bus, texts[i], NULL));
    }
}

static void
test_identifier (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTopic) topic = topic_new (bus, "s@ns:r");
  g_autoptr (CurrantIdentifier) wanted = currant_test_identifier ("s@ns:r");

  g_assert_true (currant_identifier_equal (currant_topic_get_identifier (topic), wanted));
}

static void
test_publish (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTopic) topic = topic_new (bus, "s:r");
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  g_auto (GValue) value = G_VALUE_INIT;

  g_assert_cmpuint (currant_topic_publish (topic, "(i)", 0), ==, 0);
  currant_bus_follow (bus, "s:*", currant_test_recorder_take, recorder, NULL);
  currant_bus_follow (bus, "*:r", currant_test_recorder_take, recorder, NULL);
  g_assert_cmpuint (currant_topic_publish (topic, "(i)", 1), ==, 2);
  g_assert_cmpuint (currant_topic_publish_variant (topic, g_variant_new ("(i)", 2), NULL), ==, 2);
  g_value_set_int (g_value_init (&value, G_TYPE_INT), 3);
  g_assert_cmpuint (currant_topic_publish_value (topic, &value), ==, 2);
  g_assert_cmpuint (currant_bus_publish (bus, "s:r", "(i)", 4), ==, 2);
  currant_test_assert_numbers (recorder, "1 1 2 2 3 3 4 4");
  g_assert_cmpstr (currant_message_get_id (currant_test_recorder_peek (recorder, 0)), ==, "s:r");
}

static void
do_nothing (CurrantMessage *message, gpointer user_data)
{
  (void)message;
  (void)user_data;
}

static void
test_has_followers (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTopic) topic = topic_new (bus, "s:r");
  g_autoptr (CurrantPattern) fitting = currant_test_pattern ("{s,t}:*");
  CurrantFollower *follower;
  CurrantQueue *queue;

  g_assert_false (currant_topic_has_followers (topic));
  follower = currant_bus_follow (bus, "other:r", do_nothing, NULL, NULL);
  g_assert_false (currant_topic_has_followers (topic));
  currant_follower_set_pattern (follower, fitting);
  g_assert_true (currant_topic_has_followers (topic));
  currant_follower_stop (follower);
  g_assert_false (currant_topic_has_followers (topic));
  queue = currant_queue_new (bus, "s:r", CURRANT_QUEUE_STANDALONE);
  g_assert_true (currant_topic_has_followers (topic));
  g_object_unref (queue);
  g_assert_false (currant_topic_has_followers (topic));
}

static void
test_broadcast (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTopic) topic = topic_new (bus, "*:r");
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();

  currant_bus_follow (bus, "a:r", currant_test_recorder_take, recorder, NULL);
  currant_bus_follow (bus, "b*:{r,s}", currant_test_recorder_take, recorder, NULL);
  currant_bus_follow (bus, "a:s", currant_test_recorder_take, recorder, NULL);
  g_assert_cmpuint (currant_topic_publish (topic, NULL), ==, 2);
  currant_test_assert_ids (recorder, "*:r *:r");
}

/* Messages of a topic and of its identifier are one stream. */
static void
test_one_stream (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTopic) topic = topic_new (bus, "s:r");
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();

  currant_bus_follow_with_delivery (bus, "s:r", CURRANT_DELIVERY_QUEUED, currant_test_recorder_take,
                                    recorder, NULL);
  for (int i = 0; i < 10; i++)
    if (i % 2 == 0)
      currant_topic_publish (topic, "(i)", i);
    else
      currant_bus_publish (bus, "s:r", "(i)", i);
  currant_test_drain (NULL);
  currant_test_assert_numbers (recorder, "0 1 2 3 4 5 6 7 8 9");
  for (guint i = 0; i < 10; i++)
    g_assert_cmpuint (currant_message_get_sequence (currant_test_recorder_peek (recorder, i)), ==,
                      i + 1);
}

/* A topic is harmless after its bus. */
static void
test_outlives_its_bus (void)
{
  CurrantBus *bus = currant_bus_new ();
  g_autoptr (CurrantTopic) topic = topic_new (bus, "s:r");

  currant_bus_follow (bus, "s:r", do_nothing, NULL, NULL);
  g_assert_true (currant_topic_has_followers (topic));
  g_object_run_dispose (G_OBJECT (bus));
  g_assert_cmpuint (currant_topic_publish (topic, "(i)", 1), ==, 0);
  g_object_unref (bus);
  g_assert_false (currant_topic_has_followers (topic));
  g_assert_cmpuint (currant_topic_publish (topic, "(i)", 1), ==, 0);
}

static void
test_many_topics (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  CurrantTopic *topics[1000];
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();

  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *id = g_strdup_printf ("s%d:r", i);

      topics[i] = topic_new (bus, id);
    }
  currant_bus_follow (bus, "s*:r", currant_test_recorder_take, recorder, NULL);
  for (int i = 0; i < 1000; i++)
    g_assert_cmpuint (currant_topic_publish (topics[i], "(i)", i), ==, 1);
  for (int i = 0; i < 1000; i++)
    {
      g_assert_cmpint (currant_test_recorder_number (recorder, (guint)i), ==, i);
      g_assert_true (currant_topic_ref (topics[i]) == topics[i]);
      currant_topic_unref (topics[i]);
      currant_topic_unref (topics[i]);
    }
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/topic/malformed", test_malformed);
  currant_test_add ("/topic/identifier", test_identifier);
  currant_test_add ("/topic/publish", test_publish);
  currant_test_add ("/topic/has-followers", test_has_followers);
  currant_test_add ("/topic/broadcast", test_broadcast);
  currant_test_add ("/topic/one-stream", test_one_stream);
  currant_test_add ("/topic/outlives-its-bus", test_outlives_its_bus);
  currant_test_add ("/topic/many-topics", test_many_topics);
  return g_test_run ();
}
