/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules of delivery, 4: no user code ever runs under a lock of the bus. Each test runs a piece
 * of user code that uses the bus from its own thread, and then lets another thread use it and waits
 * for that one: a lock that is held, a recursive one too, shows as a hang that the watchdog ends.
 */
#include "config.h"

#include "currant-test.h"

typedef struct
{
  CurrantBus *bus;
  CurrantFollower *follower;
  CurrantQueue *queue;
  int runs; /* atomic: how often the user code ran */
  int busy; /* atomic: so that the uses of the bus do not set each other off for ever */
} Scene;

static void
do_nothing (CurrantMessage *message, gpointer data)
{
  (void)message;
  (void)data;
}

/* A little of everything. */
static gpointer
use_bus (gpointer data)
{
  Scene *scene = data;
  CurrantBus *bus = scene->bus;
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("use:*");
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("use:x");
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("use:x", CURRANT_DELIVERY_QUEUED, do_nothing, NULL);
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "use:x", CURRANT_QUEUE_SHARED);
  g_autoptr (CurrantTopic) topic = currant_bus_get_topic (bus, "use:x", NULL);
  g_autoptr (CurrantMessage) message = NULL;

  currant_bus_add_follower (bus, follower);
  currant_bus_publish (bus, "use:x", "(i)", 1);
  currant_topic_publish (topic, "(i)", 2);
  currant_follower_set_pattern (follower, pattern);
  message = currant_queue_try_get (queue);
  currant_bus_count_matches (bus, identifier);
  g_variant_unref (g_variant_take_ref (currant_bus_get_stats (bus)));
  currant_queue_close (queue);
  currant_follower_stop (follower);
  if (scene->queue != NULL)
    currant_queue_get_length (scene->queue);
  if (scene->follower != NULL)
    currant_follower_get_pending (scene->follower);
  return NULL;
}

/* The piece of user code that all the tests run. */
static void
user_code (Scene *scene)
{
  if (g_atomic_int_get (&scene->busy))
    return;
  g_atomic_int_set (&scene->busy, TRUE);
  use_bus (scene);
  g_thread_join (g_thread_new ("uses-the-bus", use_bus, scene));
  g_atomic_int_set (&scene->busy, FALSE);
  g_atomic_int_inc (&scene->runs);
}

static void
in_callback (CurrantMessage *message, gpointer data)
{
  (void)message;
  user_code (data);
}

static gboolean
in_guard (CurrantMessage *message, gpointer data)
{
  (void)message;
  user_code (data);
  return TRUE;
}

static gboolean
in_try (CurrantMessage *message, gpointer data, GError **error)
{
  (void)message;
  user_code (data);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "on purpose");
  return FALSE;
}

static void
in_destroy (gpointer data)
{
  user_code (data);
}

static void
assert_callback_free (CurrantDelivery delivery)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Scene scene = { .bus = bus };

  currant_bus_set_multiplicity (bus, 2);
  scene.follower =
      currant_bus_follow_with_delivery (bus, "a:x", delivery, in_callback, &scene, NULL);
  for (int i = 1; i <= 3; i++)
    {
      currant_bus_publish (bus, "a:x", NULL);
      currant_test_iterate_until (NULL, g_atomic_int_get (&scene.runs) == i);
    }
}

static void
test_4_callback (void)
{
  assert_callback_free (CURRANT_DELIVERY_AUTO);
  assert_callback_free (CURRANT_DELIVERY_DIRECT);
  assert_callback_free (CURRANT_DELIVERY_QUEUED);
  assert_callback_free (CURRANT_DELIVERY_POOL);
}

static void
test_4_guard (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Scene scene = { .bus = bus };
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_QUEUED, do_nothing, NULL);

  currant_follower_set_guard (follower, in_guard, &scene, in_destroy);
  currant_bus_add_follower (bus, follower);
  currant_bus_publish (bus, "a:x", NULL);
  g_assert_cmpint (scene.runs, ==, 1);
  currant_follower_stop (follower);
  currant_test_iterate_until (NULL, scene.runs == 2);
}

static void
test_4_try_callback (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:x");
  Scene scene = { .bus = bus };
  g_autoptr (CurrantFollower) follower =
      currant_follower_new_try (pattern, in_try, &scene, in_destroy);

  currant_bus_add_follower (bus, follower);
  currant_bus_publish (bus, "a:x", NULL);
  g_assert_cmpint (scene.runs, ==, 1);
  currant_follower_stop (follower);
  g_assert_cmpint (scene.runs, ==, 2);
}

static void
test_4_destroy_notify (void)
{
  static const CurrantDelivery modes[] = { CURRANT_DELIVERY_AUTO, CURRANT_DELIVERY_DIRECT,
                                           CURRANT_DELIVERY_QUEUED, CURRANT_DELIVERY_POOL };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      Scene scene = { .bus = bus };
      CurrantFollower *follower =
          currant_bus_follow_with_delivery (bus, "a:x", modes[i], do_nothing, &scene, in_destroy);

      currant_bus_publish (bus, "a:x", NULL);
      currant_follower_stop (follower);
      currant_test_iterate_until (NULL, g_atomic_int_get (&scene.runs) == 1);
    }
}

/* An object that runs user code when it goes, as the payload of a message. */

typedef struct
{
  GObject parent;
  Scene *scene;
} TestBomb;

typedef struct
{
  GObjectClass parent;
} TestBombClass;

GType test_bomb_get_type (void);

G_DEFINE_TYPE (TestBomb, test_bomb, G_TYPE_OBJECT)

static void
test_bomb_finalize (GObject *object)
{
  user_code (((TestBomb *)object)->scene);
  G_OBJECT_CLASS (test_bomb_parent_class)->finalize (object);
}

static void
test_bomb_class_init (TestBombClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_bomb_finalize;
}

static void
test_bomb_init (TestBomb *self)
{
  (void)self;
}

static void
publish_bomb (Scene *scene, const char *id, CurrantPublishFlags flags)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier (id);
  g_autoptr (CurrantMessage) message = NULL;
  TestBomb *bomb = g_object_new (test_bomb_get_type (), NULL);
  g_auto (GValue) value = G_VALUE_INIT;

  bomb->scene = scene;
  g_value_take_object (g_value_init (&value, G_TYPE_OBJECT), bomb);
  message = currant_message_new_value (identifier, &value);
  currant_bus_publish_message_full (scene->bus, message, flags);
}

/* The last reference to what is dropped for want of room. */
static void
test_4_last_unref_of_dropped_messages (void)
{
  static const CurrantOverflow policies[] = { CURRANT_OVERFLOW_DROP_OLDEST,
                                              CURRANT_OVERFLOW_DROP_NEWEST, CURRANT_OVERFLOW_LATEST,
                                              CURRANT_OVERFLOW_FAIL };

  for (gsize i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_SHARED);
      Scene scene = { .bus = bus, .queue = queue };
      g_autoptr (CurrantFollower) follower =
          currant_test_follower_new ("b:x", CURRANT_DELIVERY_QUEUED, do_nothing, NULL);

      scene.follower = follower;
      currant_queue_set_bound (queue, 2, policies[i]);
      currant_follower_set_bound (follower, 2, policies[i]);
      currant_bus_add_follower (bus, follower);
      for (int n = 0; n < 3; n++)
        publish_bomb (&scene, "a:x", CURRANT_PUBLISH_NONE);
      for (int n = 0; n < 3; n++)
        publish_bomb (&scene, "b:x", CURRANT_PUBLISH_NONE);
      g_assert_cmpint (g_atomic_int_get (&scene.runs), >=, 2);
      currant_test_drain (NULL);
      currant_queue_close (queue);
      scene.queue = NULL;
      g_clear_object (&queue);
      g_assert_cmpint (g_atomic_int_get (&scene.runs), ==, 6);
    }
}

/* And to what is delivered, replaced, discarded, cleared. */
static void
test_4_last_unref_elsewhere (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Scene scene = { .bus = bus };
  g_autoptr (CurrantFollower) posted =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_QUEUED, do_nothing, NULL);
  g_autoptr (CurrantFollower) conflated =
      currant_test_follower_new ("b:x", CURRANT_DELIVERY_QUEUED, do_nothing, NULL);

  currant_follower_set_pace (conflated, CURRANT_PACE_CONFLATE, 0);
  currant_bus_add_follower (bus, posted);
  currant_bus_add_follower (bus, conflated);
  publish_bomb (&scene, "unmatched:x", CURRANT_PUBLISH_NONE);
  g_assert_cmpint (scene.runs, ==, 1);
  publish_bomb (&scene, "a:x", CURRANT_PUBLISH_NONE);
  currant_test_drain (NULL);
  g_assert_cmpint (scene.runs, ==, 2);
  publish_bomb (&scene, "b:x", CURRANT_PUBLISH_NONE);
  publish_bomb (&scene, "b:x", CURRANT_PUBLISH_NONE);
  g_assert_cmpint (scene.runs, ==, 3);
  publish_bomb (&scene, "c:x", CURRANT_PUBLISH_RETAIN);
  publish_bomb (&scene, "c:x", CURRANT_PUBLISH_RETAIN);
  g_assert_cmpint (scene.runs, ==, 4);
  publish_bomb (&scene, "a:x", CURRANT_PUBLISH_NONE);
  currant_follower_stop (posted);
  currant_follower_stop (conflated);
  currant_test_drain (NULL);
  g_assert_cmpint (scene.runs, ==, 6);
  g_object_run_dispose (G_OBJECT (bus));
  g_assert_cmpint (scene.runs, ==, 7);
}

/* Disposing the bus from inside. */

static void
dispose_bus (CurrantMessage *message, gpointer data)
{
  Scene *scene = data;

  (void)message;
  g_object_run_dispose (G_OBJECT (scene->bus));
  user_code (scene);
}

static void
test_4_dispose_the_bus (void)
{
  static const CurrantDelivery modes[] = { CURRANT_DELIVERY_AUTO, CURRANT_DELIVERY_DIRECT,
                                           CURRANT_DELIVERY_QUEUED, CURRANT_DELIVERY_POOL };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
      Scene scene = { .bus = bus };

      currant_bus_follow_with_delivery (bus, "a:x", modes[i], dispose_bus, &scene, NULL);
      currant_bus_follow (bus, "a:x", currant_test_recorder_take, recorder, NULL);
      currant_bus_publish (bus, "a:x", NULL);
      currant_test_iterate_until (NULL, g_atomic_int_get (&scene.runs) == 1);
      g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 0);
      g_assert_cmpuint (currant_test_recorder_count (recorder), <=, 1);
    }
}

static void
drop_bus (CurrantMessage *message, gpointer data)
{
  Scene *scene = data;

  (void)message;
  g_clear_object (&scene->bus);
  scene->runs++;
}

/* The last reference goes inside a delivery that comes from the loop, so nobody else holds one. */
static void
test_4_drop_the_bus (void)
{
  Scene scene = { .bus = currant_bus_new () };

  currant_bus_follow_with_delivery (scene.bus, "a:x", CURRANT_DELIVERY_QUEUED, drop_bus, &scene,
                                    NULL);
  currant_bus_follow_with_delivery (scene.bus, "a:x", CURRANT_DELIVERY_QUEUED, drop_bus, &scene,
                                    NULL);
  currant_bus_publish (scene.bus, "a:x", NULL);
  currant_bus_publish (scene.bus, "a:x", NULL);
  currant_test_drain (NULL);
  g_assert_cmpint (scene.runs, ==, 1);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/rules/4-no-user-code-under-a-lock/callback", test_4_callback);
  currant_test_add ("/rules/4-no-user-code-under-a-lock/guard", test_4_guard);
  currant_test_add ("/rules/4-no-user-code-under-a-lock/try-callback", test_4_try_callback);
  currant_test_add ("/rules/4-no-user-code-under-a-lock/destroy-notify", test_4_destroy_notify);
  currant_test_add ("/rules/4-no-user-code-under-a-lock/last-unref-of-dropped-messages",
                    test_4_last_unref_of_dropped_messages);
  currant_test_add ("/rules/4-no-user-code-under-a-lock/last-unref-elsewhere",
                    test_4_last_unref_elsewhere);
  currant_test_add ("/rules/4-no-user-code-under-a-lock/dispose-the-bus", test_4_dispose_the_bus);
  currant_test_add ("/rules/4-no-user-code-under-a-lock/drop-the-bus", test_4_drop_the_bus);
  return g_test_run ();
}
