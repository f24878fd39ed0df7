/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a message says of its publication, and what may be set before. */
#include "config.h"

#include "currant-test.h"

static CurrantMessage *
message_new (int number)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:b");

  return currant_message_new (identifier, "(i)", number);
}

static void
test_defaults (void)
{
  g_autoptr (CurrantMessage) message = message_new (1);

  g_assert_cmpint (currant_message_get_priority (message), ==, 10);
  g_assert_cmpuint (currant_message_get_key (message), ==, 0);
  g_assert_null (currant_message_get_correlation (message));
  g_assert_null (currant_message_get_source (message));
  g_assert_cmpint (currant_message_get_expiry (message), ==, 0);
  g_assert_cmpuint (currant_message_get_hops (message), ==, 0);
  g_assert_cmpint (currant_message_get_time (message), ==, 0);
  g_assert_cmpint (currant_message_get_real_time (message), ==, 0);
  g_assert_cmpuint (currant_message_get_sequence (message), ==, 0);
  g_assert_cmpuint (currant_message_get_publisher (message), ==, 0);
  g_assert_false (currant_message_is_retained (message));
  g_assert_false (currant_message_is_expired (message));
}

static void
set_all (CurrantMessage *message)
{
  currant_message_set_priority (message, -3);
  currant_message_set_key (message, G_MAXUINT64);
  currant_message_set_correlation (message, "c-1");
  currant_message_set_source (message, "node-1");
  currant_message_set_expiry (message, G_MAXINT64);
  currant_message_set_hops (message, 8);
}

static void
assert_all_set (CurrantMessage *message)
{
  g_assert_cmpint (currant_message_get_priority (message), ==, -3);
  g_assert_cmpuint (currant_message_get_key (message), ==, G_MAXUINT64);
  g_assert_cmpstr (currant_message_get_correlation (message), ==, "c-1");
  g_assert_cmpstr (currant_message_get_source (message), ==, "node-1");
  g_assert_cmpint (currant_message_get_expiry (message), ==, G_MAXINT64);
  g_assert_cmpuint (currant_message_get_hops (message), ==, 8);
  g_assert_cmpint (currant_test_message_number (message), ==, 1);
}

static void
test_set (void)
{
  g_autoptr (CurrantMessage) message = message_new (1);

  set_all (message);
  assert_all_set (message);
  set_all (message);
  assert_all_set (message);
  currant_message_set_correlation (message, NULL);
  currant_message_set_source (message, NULL);
  g_assert_null (currant_message_get_correlation (message));
  g_assert_null (currant_message_get_source (message));
}

static void
test_set_each_alone (void)
{
  g_autoptr (CurrantMessage) keyed = message_new (1);
  g_autoptr (CurrantMessage) hopped = message_new (1);
  g_autoptr (CurrantMessage) urgent = message_new (1);

  currant_message_set_key (keyed, 5);
  currant_message_set_hops (hopped, 2);
  currant_message_set_priority (urgent, 1);
  g_assert_cmpuint (currant_message_get_key (keyed), ==, 5);
  g_assert_cmpint (currant_message_get_priority (keyed), ==, 10);
  g_assert_cmpuint (currant_message_get_hops (hopped), ==, 2);
  g_assert_cmpuint (currant_message_get_key (hopped), ==, 0);
  g_assert_cmpint (currant_message_get_priority (urgent), ==, 1);
  g_assert_null (currant_message_get_source (urgent));
}

static void
test_expiry (void)
{
  g_autoptr (CurrantMessage) message = message_new (1);

  currant_message_set_expiry (message, g_get_monotonic_time () - 1);
  g_assert_true (currant_message_is_expired (message));
  currant_message_set_expiry (message, g_get_monotonic_time () + 60 * G_USEC_PER_SEC);
  g_assert_false (currant_message_is_expired (message));
  currant_message_set_expiry (message, 0);
  g_assert_false (currant_message_is_expired (message));
}

static void
test_sequence (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  guint publisher;

  currant_bus_follow (bus, "*:*", currant_test_recorder_take, recorder, NULL);
  currant_bus_publish (bus, "a:b", "(i)", 1);
  currant_bus_publish (bus, "c:d", NULL);
  currant_bus_publish_variant (bus, "e:f", NULL, NULL);
  publisher = currant_message_get_publisher (currant_test_recorder_peek (recorder, 0));
  g_assert_cmpuint (publisher, >=, 1);
  for (guint i = 0; i < 3; i++)
    {
      CurrantMessage *message = currant_test_recorder_peek (recorder, i);

      g_assert_cmpuint (currant_message_get_sequence (message), ==, i + 1);
      g_assert_cmpuint (currant_message_get_publisher (message), ==, publisher);
    }
}

/* A sequence is of a publisher and a bus: messages that nobody takes count too. */
static void
test_sequence_of_each_bus (void)
{
  g_autoptr (CurrantBus) one = currant_bus_new ();
  g_autoptr (CurrantBus) other = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();

  currant_bus_follow (one, "*:*", currant_test_recorder_take, recorder, NULL);
  currant_bus_follow (other, "c:*", currant_test_recorder_take, recorder, NULL);
  currant_bus_publish (one, "a:b", NULL);
  currant_bus_publish (other, "unmatched:b", NULL);
  currant_bus_publish (other, "c:d", NULL);
  currant_bus_publish (one, "a:b", NULL);
  g_assert_cmpuint (currant_message_get_sequence (currant_test_recorder_peek (recorder, 0)), ==, 1);
  g_assert_cmpuint (currant_message_get_sequence (currant_test_recorder_peek (recorder, 1)), ==, 2);
  g_assert_cmpuint (currant_message_get_sequence (currant_test_recorder_peek (recorder, 2)), ==, 2);
}

static gpointer
publish_hundred (gpointer bus)
{
  for (int i = 0; i < 100; i++)
    currant_bus_publish (bus, "a:b", "(i)", i);
  return NULL;
}

/* (publisher, sequence) names a message of the bus. */
static void
test_publishers_differ (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GThread *threads[4];

  currant_bus_follow_with_delivery (bus, "a:b", CURRANT_DELIVERY_DIRECT, currant_test_recorder_take,
                                    recorder, NULL);
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("publisher", publish_hundred, bus);
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < 400; i++)
    {
      CurrantMessage *message = currant_test_recorder_peek (recorder, i);

      g_assert_true (g_hash_table_add (
          seen, g_strdup_printf ("%u %" G_GUINT64_FORMAT, currant_message_get_publisher (message),
                                 currant_message_get_sequence (message))));
    }
}

static void
test_times (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantMessage) message = message_new (1);
  gint64 before = g_get_monotonic_time ();
  gint64 real_before = g_get_real_time ();
  gint64 time;

  currant_bus_publish_message (bus, message);
  time = currant_message_get_time (message);
  g_assert_cmpint (time, >=, before);
  g_assert_cmpint (time, <=, g_get_monotonic_time ());
  g_assert_cmpint (ABS (currant_message_get_real_time (message) - real_before), <,
                   60 * G_USEC_PER_SEC);
}

/* Forwarding: the message stays what it was. */
static void
test_published_again (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  g_autoptr (CurrantMessage) message = message_new (1);
  guint64 sequence;
  gint64 time;

  currant_bus_follow (bus, "a:b", currant_test_recorder_take, recorder, NULL);
  currant_bus_publish (bus, "a:b", "(i)", 0);
  g_assert_cmpuint (currant_bus_publish_message (bus, message), ==, 1);
  sequence = currant_message_get_sequence (message);
  time = currant_message_get_time (message);
  currant_bus_publish (bus, "a:b", "(i)", 2);
  g_assert_cmpuint (currant_bus_publish_message (bus, message), ==, 1);
  g_assert_cmpuint (currant_message_get_sequence (message), ==, sequence);
  g_assert_cmpint (currant_message_get_time (message), ==, time);
  currant_test_assert_numbers (recorder, "0 1 2 1");
}

static void
test_settings_reach_the_follower (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  g_autoptr (CurrantMessage) message = message_new (1);

  currant_bus_follow (bus, "a:b", currant_test_recorder_take, recorder, NULL);
  set_all (message);
  currant_bus_publish_message (bus, message);
  assert_all_set (currant_test_recorder_peek (recorder, 0));
}

static CurrantMessage *
published (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  CurrantMessage *message = message_new (1);

  currant_bus_publish_message (bus, message);
  return message;
}

static void
misuse_priority (void)
{
  g_autoptr (CurrantMessage) message = published ();

  currant_message_set_priority (message, 1);
  g_assert_cmpint (currant_message_get_priority (message), ==, 10);
}

static void
misuse_key (void)
{
  g_autoptr (CurrantMessage) message = published ();

  currant_message_set_key (message, 1);
  g_assert_cmpuint (currant_message_get_key (message), ==, 0);
}

static void
misuse_kwargs (void)
{
  g_autoptr (CurrantMessage) message = published ();

  currant_message_set_kwargs (message, g_variant_new_parsed ("{'n': <4>}"));
  g_assert_null (currant_message_get_kwargs (message));
}

static void
misuse_correlation (void)
{
  g_autoptr (CurrantMessage) message = published ();

  currant_message_set_correlation (message, "x");
  g_assert_null (currant_message_get_correlation (message));
}

static void
misuse_expiry (void)
{
  g_autoptr (CurrantMessage) message = published ();

  currant_message_set_expiry (message, 1);
  g_assert_cmpint (currant_message_get_expiry (message), ==, 0);
}

static void
misuse_source (void)
{
  g_autoptr (CurrantMessage) message = published ();

  currant_message_set_source (message, "x");
  g_assert_null (currant_message_get_source (message));
}

static void
misuse_hops (void)
{
  g_autoptr (CurrantMessage) message = published ();

  currant_message_set_hops (message, 1);
  g_assert_cmpuint (currant_message_get_hops (message), ==, 0);
}

static const CurrantTestMisuse misuses[] = {
  { "/message/set-after-publishing/priority", misuse_priority, "currant_message_set_priority" },
  { "/message/set-after-publishing/key", misuse_key, "currant_message_set_key" },
  { "/message/set-after-publishing/kwargs", misuse_kwargs, "currant_message_set_kwargs" },
  { "/message/set-after-publishing/correlation", misuse_correlation,
    "currant_message_set_correlation" },
  { "/message/set-after-publishing/expiry", misuse_expiry, "currant_message_set_expiry" },
  { "/message/set-after-publishing/source", misuse_source, "currant_message_set_source" },
  { "/message/set-after-publishing/hops", misuse_hops, "currant_message_set_hops" },
};

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/message/defaults", test_defaults);
  currant_test_add ("/message/set", test_set);
  currant_test_add ("/message/set-each-alone", test_set_each_alone);
  currant_test_add ("/message/expiry", test_expiry);
  currant_test_add ("/message/sequence", test_sequence);
  currant_test_add ("/message/sequence-of-each-bus", test_sequence_of_each_bus);
  currant_test_add ("/message/publishers-differ", test_publishers_differ);
  currant_test_add ("/message/times", test_times);
  currant_test_add ("/message/published-again", test_published_again);
  currant_test_add ("/message/settings-reach-the-follower", test_settings_reach_the_follower);
  for (gsize i = 0; i < G_N_ELEMENTS (misuses); i++)
    currant_test_add_misuse (&misuses[i]);
  return g_test_run ();
}
