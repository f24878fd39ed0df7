/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The statistics: their keys and types, and that each pair matched is accounted for once. */
#include "config.h"

#include "currant-test.h"

static const char *const totals[] = { "published", "matched",   "delivered", "dropped", "discarded",
                                      "expired",   "conflated", "nested",    "errors",  "waiting" };
static const char *const numbers_now[] = { "followers", "queues", "topics", "threads" };

static void
assert_keys (GVariant *stats, const char *const *keys, guint n_keys, const GVariantType *type)
{
  for (guint i = 0; i < n_keys; i++)
    {
      g_autoptr (GVariant) value = g_variant_lookup_value (stats, keys[i], NULL);

      if (value == NULL || !g_variant_is_of_type (value, type))
        g_error ("\"%s\" is missing or of another type", keys[i]);
    }
}

static void
test_keys (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GVariant) stats = currant_bus_get_stats (bus);

  assert_keys (stats, totals, G_N_ELEMENTS (totals), G_VARIANT_TYPE_UINT64);
  assert_keys (stats, numbers_now, G_N_ELEMENTS (numbers_now), G_VARIANT_TYPE_UINT32);
}

static void
test_new_bus (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();

  for (guint i = 0; i < G_N_ELEMENTS (totals); i++)
    g_assert_cmpuint (currant_test_stat (bus, totals[i]), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (numbers_now); i++)
    g_assert_cmpuint (currant_test_stat_now (bus, numbers_now[i]), ==, 0);
}

static void
ignore (CurrantMessage *message, gpointer data)
{
  (void)message;
  (void)data;
}

static CurrantFollower *
add (CurrantBus *bus, const char *pattern, CurrantDelivery delivery, CurrantPace pace, guint bound)
{
  CurrantFollower *follower = currant_test_follower_new (pattern, delivery, ignore, NULL);

  currant_follower_set_pace (follower, pace, 0);
  currant_follower_set_bound (follower, bound, CURRANT_OVERFLOW_DROP_NEWEST);
  currant_bus_add_follower (bus, follower);
  currant_follower_unref (follower);
  return follower;
}

static void
publish (CurrantBus *bus, const char *id, guint n)
{
  for (guint i = 0; i < n; i++)
    currant_bus_publish (bus, id, NULL);
}

static void
publish_expired (CurrantBus *bus, const char *id)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier (id);
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, NULL);

  currant_message_set_expiry (message, 1);
  currant_bus_publish_message (bus, message);
}

static gboolean
fail (CurrantMessage *message, gpointer data, GError **error)
{
  (void)message;
  (void)data;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "as it should");
  return FALSE;
}

static void
add_failing (CurrantBus *bus, const char *text)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern (text);
  g_autoptr (CurrantFollower) follower = currant_follower_new_try (pattern, fail, NULL, NULL);

  currant_bus_add_follower (bus, follower);
}

typedef struct
{
  CurrantBus *bus;
  guint left;
} Nest;

static void
nest (CurrantMessage *message, gpointer data)
{
  Nest *self = data;

  (void)message;
  if (self->left > 0)
    {
      self->left--;
      currant_bus_publish (self->bus, "deep:x", NULL);
    }
}

static void
assert_stat (CurrantBus *bus, const char *key, guint64 value)
{
  if (currant_test_stat (bus, key) != value)
    g_error ("%s is %" G_GUINT64_FORMAT ", not %" G_GUINT64_FORMAT, key,
             currant_test_stat (bus, key), value);
  currant_test_assert_balance (bus);
}

/* One outcome after another on the same bus: the balance holds at each step. */
static void
test_outcomes (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  CurrantFollower *stopped;

  add (bus, "direct:x", CURRANT_DELIVERY_DIRECT, CURRANT_PACE_ALL, 0);
  publish (bus, "direct:x", 3);
  assert_stat (bus, "delivered", 3);
  add (bus, "small:x", CURRANT_DELIVERY_QUEUED, CURRANT_PACE_ALL, 2);
  publish (bus, "small:x", 5);
  assert_stat (bus, "dropped", 3);
  assert_stat (bus, "waiting", 2);
  add (bus, "state:x", CURRANT_DELIVERY_QUEUED, CURRANT_PACE_CONFLATE, 0);
  publish (bus, "state:x", 4);
  assert_stat (bus, "conflated", 3);
  stopped = add (bus, "stop:x", CURRANT_DELIVERY_QUEUED, CURRANT_PACE_ALL, 0);
  publish (bus, "stop:x", 2);
  currant_follower_stop (stopped);
  currant_test_drain (NULL);
  assert_stat (bus, "discarded", 2);
  publish_expired (bus, "direct:x");
  assert_stat (bus, "expired", 1);
  add_failing (bus, "fail:x");
  publish (bus, "fail:x", 1);
  assert_stat (bus, "errors", 1);
  assert_stat (bus, "waiting", 0);
  assert_stat (bus, "published", 3 + 5 + 4 + 2 + 1 + 1);
  publish (bus, "nobody:x", 1);
  assert_stat (bus, "matched", 3 + 5 + 4 + 2 + 1 + 1);
}

static void
test_nested (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Nest deep = { bus, 70 };

  currant_bus_follow_with_delivery (bus, "deep:x", CURRANT_DELIVERY_DIRECT, nest, &deep, NULL);
  publish (bus, "deep:x", 1);
  g_assert_cmpuint (currant_test_stat (bus, "nested"), >, 0);
  currant_test_assert_balance (bus);
  currant_test_drain (NULL);
  assert_stat (bus, "delivered", 71);
  assert_stat (bus, "waiting", 0);
}

/* What waits in a queue is waiting until it is got, and discarded when the bus and the queue go. */
static void
test_queue (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  CurrantQueue *queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);

  publish (bus, "a:x", 3);
  assert_stat (bus, "waiting", 3);
  currant_message_unref (currant_queue_try_get (queue));
  assert_stat (bus, "delivered", 1);
  g_object_unref (queue);
  assert_stat (bus, "discarded", 2);
  assert_stat (bus, "waiting", 0);
}

static void
test_numbers_now (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  CurrantQueue *queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);
  CurrantFollower *follower = add (bus, "a:x", CURRANT_DELIVERY_DIRECT, CURRANT_PACE_ALL, 0);

  publish (bus, "a:x", 1);
  g_assert_cmpuint (currant_test_stat_now (bus, "followers"), ==, 1);
  g_assert_cmpuint (currant_test_stat_now (bus, "queues"), ==, 1);
  g_assert_cmpuint (currant_test_stat_now (bus, "topics"), ==, 1);
  currant_follower_stop (follower);
  g_object_unref (queue);
  currant_test_drain (NULL);
  g_assert_cmpuint (currant_test_stat_now (bus, "followers"), ==, 0);
  g_assert_cmpuint (currant_test_stat_now (bus, "queues"), ==, 0);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/stats/keys", test_keys);
  currant_test_add ("/stats/new-bus", test_new_bus);
  currant_test_add ("/stats/outcomes", test_outcomes);
  currant_test_add ("/stats/nested", test_nested);
  currant_test_add ("/stats/queue", test_queue);
  currant_test_add ("/stats/numbers-now", test_numbers_now);
  return g_test_run ();
}
