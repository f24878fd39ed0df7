/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What no function can do without, and no range can hold: for each exported function, NULL where
 * there has to be something and numbers beyond an enum. Each call gives a critical of the library,
 * and none of GLib, which would come of what was let through; and it returns something harmless.
 *
 * The last test reads lib/currant.symbols: a function that is not trapped here has to be named
 * among the exceptions, with its reason.
 */
#include "config.h"

#include "currant-test.h"

#include <string.h>

/* The calls are made in this process: under a sanitizer or valgrind they are seen through, too. */

static GString *complaints;
static GHashTable *trapped; /* a set of names */
static GLogLevelFlags fatal;
static GLogFunc handler;

static void
take_complaint (const char *domain, GLogLevelFlags level, const char *text, gpointer data)
{
  (void)data;
  if (g_strcmp0 (domain, "Currant") != 0 || (level & G_LOG_LEVEL_CRITICAL) == 0)
    g_error ("not a critical of the library: %s: %s", domain, text);
  g_string_append_printf (complaints, "%s\n", text);
}

static void
trap_begin (void)
{
  g_string_truncate (complaints, 0);
  fatal = g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
  handler = g_log_set_default_handler (take_complaint, NULL);
}

/* A function that is another one with a setting lets that one complain. */
static void
trap_end (const char *function, const char *complainer)
{
  g_autofree char *head = g_strconcat (complainer, ": assertion", NULL);

  g_log_set_default_handler (handler, NULL);
  g_log_set_always_fatal (fatal);
  if (strstr (complaints->str, head) == NULL)
    g_error ("%s: no complaint of %s, but “%s”", function, complainer, complaints->str);
  g_hash_table_add (trapped, g_strdup (function));
}

#define TRAP_AS(complainer, result, function, ...)                                                 \
  G_STMT_START                                                                                     \
  {                                                                                                \
    trap_begin ();                                                                                 \
    g_assert_true (function (__VA_ARGS__) == (result));                                            \
    trap_end (#function, #complainer);                                                             \
  }                                                                                                \
  G_STMT_END

#define TRAP(result, function, ...) TRAP_AS (function, result, function, __VA_ARGS__)

#define TRAP_VOID(function, ...)                                                                   \
  G_STMT_START                                                                                     \
  {                                                                                                \
    trap_begin ();                                                                                 \
    function (__VA_ARGS__);                                                                        \
    trap_end (#function, #function);                                                               \
  }                                                                                                \
  G_STMT_END

static void
do_nothing (CurrantMessage *message, gpointer data)
{
  (void)message;
  (void)data;
}

static gboolean
try_nothing (CurrantMessage *message, gpointer data, GError **error)
{
  (void)message;
  (void)data;
  (void)error;
  return TRUE;
}

/* The bus is none the worse for it. */
static void
assert_works (CurrantBus *bus)
{
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();

  currant_bus_follow (bus, "works:x", currant_test_recorder_take, recorder, NULL);
  g_assert_cmpuint (currant_bus_publish (bus, "works:x", "(i)", 1), ==, 1);
  currant_test_assert_numbers (recorder, "1");
  currant_test_assert_balance (bus);
}

static void
trap_identifier (void)
{
  g_autoptr (CurrantIdentifier) some = currant_test_identifier ("a:b");
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, 0, "set already");
  GError *set = error;

  TRAP (NULL, currant_identifier_new, NULL, NULL);
  TRAP (NULL, currant_identifier_new, "a:b", &set);
  TRAP (NULL, currant_identifier_ref, NULL);
  TRAP_VOID (currant_identifier_unref, NULL);
  TRAP (NULL, currant_identifier_get_name, NULL);
  TRAP (NULL, currant_identifier_get_action, NULL);
  TRAP (NULL, currant_identifier_get_namespace, NULL);
  TRAP (NULL, currant_identifier_get_id, NULL);
  TRAP (NULL, currant_identifier_to_string, NULL);
  TRAP (FALSE, currant_identifier_is_broadcast, NULL);
  TRAP (FALSE, currant_identifier_is_local, NULL);
  TRAP (FALSE, currant_identifier_equal, NULL, some);
  TRAP (FALSE, currant_identifier_equal, some, NULL);
  TRAP (0, currant_identifier_hash, NULL);
}

static void
trap_pattern (void)
{
  g_autoptr (CurrantPattern) some = currant_test_pattern ("a:b");
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:b");
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, 0, "set already");
  GError *set = error;

  TRAP (NULL, currant_pattern_new, NULL, NULL);
  TRAP (NULL, currant_pattern_new, "a:b", &set);
  TRAP (NULL, currant_pattern_ref, NULL);
  TRAP_VOID (currant_pattern_unref, NULL);
  TRAP (NULL, currant_pattern_to_string, NULL);
  TRAP (NULL, currant_pattern_get_namespace, NULL);
  TRAP (FALSE, currant_pattern_is_exact, NULL);
  TRAP (FALSE, currant_pattern_matches, NULL, identifier);
  TRAP (FALSE, currant_pattern_matches, some, NULL);
  TRAP (FALSE, currant_pattern_covers, NULL, some);
  TRAP (FALSE, currant_pattern_covers, some, NULL);
  TRAP (FALSE, currant_pattern_equal, NULL, some);
  TRAP (FALSE, currant_pattern_equal, some, NULL);
  TRAP (0, currant_pattern_hash, NULL);
}

static void
trap_message (void)
{
  g_autoptr (CurrantIdentifier) some = currant_test_identifier ("a:b");
  g_autoptr (CurrantMessage) message = currant_message_new (some, NULL);
  g_auto (GValue) value = G_VALUE_INIT, unset = G_VALUE_INIT;
  int number;

  g_value_init (&value, G_TYPE_INT);
  TRAP (NULL, currant_message_new, NULL, "(i)", 1);
  TRAP (NULL, currant_message_new_variant, NULL, NULL, NULL);
  TRAP (NULL, currant_message_new_value, NULL, &value);
  TRAP (NULL, currant_message_new_value, some, NULL);
  TRAP (NULL, currant_message_new_value, some, &unset);
  TRAP (NULL, currant_message_ref, NULL);
  TRAP_VOID (currant_message_unref, NULL);
  TRAP (FALSE, currant_message_get, NULL, "(i)", &number);
  TRAP (FALSE, currant_message_get, message, NULL);
  TRAP (FALSE, currant_message_lookup, NULL, "key", "i", &number);
  TRAP (FALSE, currant_message_lookup, message, NULL, "i", &number);
  TRAP (FALSE, currant_message_lookup, message, "key", NULL);
  TRAP (NULL, currant_message_get_args, NULL);
  TRAP (NULL, currant_message_get_kwargs, NULL);
  TRAP (NULL, currant_message_get_value, NULL);
  TRAP (FALSE, currant_message_is_empty, NULL);
  TRAP (NULL, currant_message_print, NULL);
}

static void
trap_message_getters (void)
{
  TRAP (NULL, currant_message_dup_identifier, NULL);
  TRAP (NULL, currant_message_get_id, NULL);
  TRAP (NULL, currant_message_get_name, NULL);
  TRAP (NULL, currant_message_get_action, NULL);
  TRAP (NULL, currant_message_get_namespace, NULL);
  TRAP (0, currant_message_get_time, NULL);
  TRAP_AS (currant_message_get_time, 0, currant_message_get_real_time, NULL);
  TRAP (0, currant_message_get_sequence, NULL);
  TRAP (0, currant_message_get_publisher, NULL);
  TRAP (FALSE, currant_message_is_retained, NULL);
  TRAP (CURRANT_PRIORITY_DEFAULT, currant_message_get_priority, NULL);
  TRAP (0, currant_message_get_key, NULL);
  TRAP (NULL, currant_message_get_correlation, NULL);
  TRAP (0, currant_message_get_expiry, NULL);
  TRAP (FALSE, currant_message_is_expired, NULL);
  TRAP (NULL, currant_message_get_source, NULL);
  TRAP (0, currant_message_get_hops, NULL);
}

static void
trap_message_setters (void)
{
  g_autoptr (CurrantIdentifier) some = currant_test_identifier ("a:b");
  g_autoptr (CurrantMessage) message = currant_message_new (some, NULL);
  g_autoptr (GVariant) number = g_variant_ref_sink (g_variant_new_int32 (1));

  TRAP_VOID (currant_message_set_priority, NULL, 1);
  TRAP_VOID (currant_message_set_key, NULL, 1);
  TRAP_VOID (currant_message_set_kwargs, NULL, NULL);
  TRAP_VOID (currant_message_set_kwargs, message, number);
  TRAP_VOID (currant_message_set_correlation, NULL, "x");
  TRAP_VOID (currant_message_set_expiry, NULL, 1);
  TRAP_VOID (currant_message_set_expiry, message, -1);
  TRAP_VOID (currant_message_set_source, NULL, "x");
  TRAP_VOID (currant_message_set_hops, NULL, 1);
  g_assert_true (currant_message_is_empty (message));
}

static void
trap_bus (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantIdentifier) some = currant_test_identifier ("a:b");
  g_autoptr (GObject) owner = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("a:b", CURRANT_DELIVERY_AUTO, do_nothing, NULL);

  TRAP_AS (currant_bus_follow_with_delivery, NULL, currant_bus_follow, NULL, "a:b", do_nothing,
           NULL, NULL);
  TRAP (NULL, currant_bus_follow_with_delivery, NULL, "a:b", CURRANT_DELIVERY_AUTO, do_nothing,
        NULL, NULL);
  TRAP (NULL, currant_bus_follow_with_delivery, bus, NULL, CURRANT_DELIVERY_AUTO, do_nothing, NULL,
        NULL);
  TRAP (NULL, currant_bus_follow_with_delivery, bus, "a:b", CURRANT_DELIVERY_AUTO, NULL, NULL,
        NULL);
  TRAP (NULL, currant_bus_follow_with_delivery, bus, "a:b", CURRANT_DELIVERY_POOL + 1, do_nothing,
        NULL, NULL);
  TRAP (NULL, currant_bus_follow_object, NULL, "a:b", do_nothing, owner);
  TRAP (NULL, currant_bus_follow_object, bus, NULL, do_nothing, owner);
  TRAP (NULL, currant_bus_follow_object, bus, "a:b", NULL, owner);
  TRAP (NULL, currant_bus_follow_object, bus, "a:b", do_nothing, NULL);
  TRAP_VOID (currant_bus_add_follower, NULL, follower);
  TRAP_VOID (currant_bus_add_follower, bus, NULL);
  TRAP_VOID (currant_bus_set_multiplicity, NULL, 1);
  TRAP_VOID (currant_bus_set_multiplicity, bus, G_MAXUINT);
  TRAP (0, currant_bus_get_multiplicity, NULL);
  TRAP (0, currant_bus_get_n_threads, NULL);
  TRAP (0, currant_bus_count_matches, NULL, some);
  TRAP (0, currant_bus_count_matches, bus, NULL);
  TRAP (NULL, currant_bus_get_stats, NULL);
  g_assert_cmpuint (currant_bus_count_matches (bus, some), ==, 0);
  assert_works (bus);
}

static void
trap_publish (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantIdentifier) some = currant_test_identifier ("a:b");
  g_autoptr (CurrantMessage) message = currant_message_new (some, NULL);
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, 0, "set already");
  GError *set = error;
  g_auto (GValue) value = G_VALUE_INIT, unset = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  currant_bus_follow (bus, "a:b", do_nothing, NULL, NULL);
  TRAP (0, currant_bus_publish, NULL, "a:b", "(i)", 1);
  TRAP (0, currant_bus_publish, bus, NULL, "(i)", 1);
  TRAP (0, currant_bus_publish_variant, NULL, "a:b", NULL, NULL);
  TRAP (0, currant_bus_publish_variant, bus, NULL, NULL, NULL);
  TRAP (0, currant_bus_publish_value, NULL, "a:b", &value);
  TRAP (0, currant_bus_publish_value, bus, NULL, &value);
  TRAP (0, currant_bus_publish_value, bus, "a:b", NULL);
  TRAP (0, currant_bus_publish_value, bus, "a:b", &unset);
  TRAP_AS (currant_bus_publish_message_full, 0, currant_bus_publish_message, NULL, message);
  TRAP (0, currant_bus_publish_message_full, NULL, message, CURRANT_PUBLISH_NONE);
  TRAP (0, currant_bus_publish_message_full, bus, NULL, CURRANT_PUBLISH_NONE);
  TRAP (FALSE, currant_bus_publish_message_checked, NULL, message, CURRANT_PUBLISH_NONE, NULL,
        NULL);
  TRAP (FALSE, currant_bus_publish_message_checked, bus, NULL, CURRANT_PUBLISH_NONE, NULL, NULL);
  TRAP (FALSE, currant_bus_publish_message_checked, bus, message, CURRANT_PUBLISH_NONE, NULL, &set);
  TRAP (0, currant_bus_publish_error, NULL, "a:b", error);
  TRAP (0, currant_bus_publish_error, bus, NULL, error);
  TRAP (0, currant_bus_publish_error, bus, "a:b", NULL);
  assert_works (bus);
}

static void
trap_topic (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTopic) topic = currant_bus_get_topic (bus, "a:b", NULL);
  g_autoptr (GVariant) number = g_variant_ref_sink (g_variant_new_int32 (1));
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, 0, "set already");
  GError *set = error;
  g_auto (GValue) value = G_VALUE_INIT, unset = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  currant_bus_follow (bus, "a:b", do_nothing, NULL, NULL);
  TRAP (NULL, currant_bus_get_topic, NULL, "a:b", NULL);
  TRAP (NULL, currant_bus_get_topic, bus, NULL, NULL);
  TRAP (NULL, currant_bus_get_topic, bus, "a:b", &set);
  TRAP (NULL, currant_topic_ref, NULL);
  TRAP_VOID (currant_topic_unref, NULL);
  TRAP (NULL, currant_topic_get_identifier, NULL);
  TRAP (FALSE, currant_topic_has_followers, NULL);
  TRAP (0, currant_topic_publish, NULL, "(i)", 1);
  TRAP (0, currant_topic_publish_variant, NULL, NULL, NULL);
  TRAP (0, currant_topic_publish_variant, topic, number, NULL);
  TRAP (0, currant_topic_publish_variant, topic, NULL, number);
  TRAP (0, currant_topic_publish_value, NULL, &value);
  TRAP (0, currant_topic_publish_value, topic, NULL);
  TRAP (0, currant_topic_publish_value, topic, &unset);
  assert_works (bus);
}

static void
trap_follower (void)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:b");
  g_autoptr (GObject) owner = g_object_new (G_TYPE_OBJECT, NULL);

  TRAP (NULL, currant_follower_new, NULL, do_nothing, NULL, NULL);
  TRAP (NULL, currant_follower_new, pattern, NULL, NULL, NULL);
  TRAP (NULL, currant_follower_new_try, NULL, try_nothing, NULL, NULL);
  TRAP (NULL, currant_follower_new_try, pattern, NULL, NULL, NULL);
  TRAP (NULL, currant_follower_new_object, NULL, do_nothing, owner);
  TRAP (NULL, currant_follower_new_object, pattern, NULL, owner);
  TRAP (NULL, currant_follower_new_object, pattern, do_nothing, NULL);
  TRAP (NULL, currant_follower_ref, NULL);
  TRAP_VOID (currant_follower_unref, NULL);
  TRAP_VOID (currant_follower_stop, NULL);
  TRAP (NULL, currant_follower_dup_pattern, NULL);
  TRAP (FALSE, currant_follower_is_active, NULL);
  TRAP (0, currant_follower_get_pending, NULL);
  TRAP (0, currant_follower_get_n_dropped, NULL);
  TRAP (0, currant_follower_get_n_errors, NULL);
}

static void
trap_follower_settings (void)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:b");
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("a:b", CURRANT_DELIVERY_AUTO, do_nothing, NULL);
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, 0, "set already");
  GError *set = error;

  TRAP_VOID (currant_follower_set_delivery, NULL, CURRANT_DELIVERY_POOL);
  TRAP_VOID (currant_follower_set_delivery, follower, CURRANT_DELIVERY_POOL + 1);
  TRAP_VOID (currant_follower_set_context, NULL, NULL);
  TRAP_VOID (currant_follower_set_guard, NULL, NULL, NULL, NULL);
  TRAP_VOID (currant_follower_set_guard, follower, NULL, NULL, NULL);
  TRAP_VOID (currant_follower_set_limit, NULL, 1);
  TRAP_VOID (currant_follower_set_limit, follower, G_MAXUINT);
  TRAP (FALSE, currant_follower_set_key, NULL, 1, 1, NULL);
  TRAP (FALSE, currant_follower_set_key, follower, 1, 1, &set);
  TRAP (FALSE, currant_follower_set_slice, NULL, 1, NULL);
  TRAP (FALSE, currant_follower_set_slice, follower, 1, &set);
  TRAP_VOID (currant_follower_set_bound, NULL, 1, CURRANT_OVERFLOW_FAIL);
  TRAP_VOID (currant_follower_set_bound, follower, 1, CURRANT_OVERFLOW_FAIL + 1);
  TRAP_VOID (currant_follower_set_concurrency, NULL, 1);
  TRAP_VOID (currant_follower_set_concurrency, follower, 0);
  TRAP_VOID (currant_follower_set_replay, NULL, TRUE);
  TRAP_VOID (currant_follower_set_pace, NULL, CURRANT_PACE_ALL, 0);
  TRAP_VOID (currant_follower_set_pace, follower, CURRANT_PACE_CONFLATE + 1, 0);
  TRAP_VOID (currant_follower_set_pattern, NULL, pattern);
  TRAP_VOID (currant_follower_set_pattern, follower, NULL);
}

static void
trap_queue (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:b");

  TRAP_AS (currant_queue_new_for_pattern, NULL, currant_queue_new, NULL, "a:b",
           CURRANT_QUEUE_SHARED);
  TRAP (NULL, currant_queue_new, bus, NULL, CURRANT_QUEUE_SHARED);
  TRAP (NULL, currant_queue_new_for_pattern, NULL, pattern, CURRANT_QUEUE_SHARED,
        CURRANT_ORDERING_FIFO);
  TRAP (NULL, currant_queue_new_for_pattern, bus, NULL, CURRANT_QUEUE_SHARED,
        CURRANT_ORDERING_FIFO);
  TRAP (NULL, currant_queue_new_for_pattern, bus, pattern, CURRANT_QUEUE_SHARED + 1,
        CURRANT_ORDERING_FIFO);
  TRAP (NULL, currant_queue_new_for_pattern, bus, pattern, CURRANT_QUEUE_SHARED,
        CURRANT_ORDERING_PRIORITY + 1);
  TRAP (NULL, currant_queue_get_finish, NULL, NULL, NULL);
  TRAP_VOID (currant_queue_close, NULL);
  assert_works (bus);
}

/* One that was not made by the constructor has no bus to collect from: as good as none. */
static void
trap_queue_methods (CurrantQueue *queue)
{
  TRAP_VOID (currant_queue_set_bound, queue, 1, CURRANT_OVERFLOW_FAIL);
  TRAP_VOID (currant_queue_set_spin, queue, 1);
  TRAP (NULL, currant_queue_get, queue, 0, NULL, NULL);
  TRAP (NULL, currant_queue_try_get, queue);
  TRAP_VOID (currant_queue_get_async, queue, NULL, NULL, NULL);
  TRAP (NULL, currant_queue_create_source, queue);
  TRAP (TRUE, currant_queue_is_closed, queue);
  TRAP (TRUE, currant_queue_is_empty, queue);
  TRAP (FALSE, currant_queue_is_full, queue);
  TRAP (0, currant_queue_get_length, queue);
  TRAP (0, currant_queue_get_n_dropped, queue);
  TRAP (NULL, currant_queue_get_pattern, queue);
}

static void
trap_queue_null (void)
{
  g_autoptr (CurrantQueue) unmade = g_object_new (CURRANT_TYPE_QUEUE, NULL);

  trap_queue_methods (NULL);
  trap_queue_methods (unmade);
}

static void
trap_queue_args (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:b", CURRANT_QUEUE_STANDALONE);
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, 0, "set already");
  GError *set = error;

  TRAP_VOID (currant_queue_set_bound, queue, 1, CURRANT_OVERFLOW_FAIL + 1);
  TRAP (NULL, currant_queue_get, queue, -2, NULL, NULL);
  TRAP (NULL, currant_queue_get, queue, 0, (GCancellable *)bus, NULL);
  TRAP (NULL, currant_queue_get, queue, 0, NULL, &set);
  TRAP_VOID (currant_queue_get_async, queue, (GCancellable *)bus, NULL, NULL);
  TRAP (NULL, currant_queue_get_finish, queue, NULL, NULL);
  currant_bus_publish (bus, "a:b", NULL);
  g_assert_cmpuint (currant_queue_get_length (queue), ==, 1);
}

static void
trap_object (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  GObjectClass *klass = G_OBJECT_GET_CLASS (object);

  TRAP_VOID (currant_object_class_follow, NULL, "a:b", do_nothing);
  TRAP_VOID (currant_object_class_follow, klass, NULL, do_nothing);
  TRAP_VOID (currant_object_class_follow, klass, "a:b", NULL);
  TRAP_VOID (currant_object_class_follow_offset, NULL, "a:b", sizeof (GObjectClass));
  TRAP_VOID (currant_object_class_follow_offset, klass, NULL, sizeof (GObjectClass));
  TRAP_VOID (currant_object_class_follow_offset, klass, "a:b", 0);
  TRAP_VOID (currant_object_class_follow_offset, klass, "a:b", sizeof (GObjectClass));
  TRAP_VOID (currant_object_init_follows, NULL, bus);
  TRAP_VOID (currant_object_init_follows, object, NULL);
  currant_object_init_follows (object, bus);
  g_assert_cmpuint (currant_bus_publish (bus, "a:b", NULL), ==, 0);
}

static const struct
{
  const char *path;
  GTestFunc func;
} groups[] = {
  { "/misuse/args/identifier", trap_identifier },
  { "/misuse/args/pattern", trap_pattern },
  { "/misuse/args/message", trap_message },
  { "/misuse/args/message-getters", trap_message_getters },
  { "/misuse/args/message-setters", trap_message_setters },
  { "/misuse/args/bus", trap_bus },
  { "/misuse/args/publish", trap_publish },
  { "/misuse/args/topic", trap_topic },
  { "/misuse/args/follower", trap_follower },
  { "/misuse/args/follower-settings", trap_follower_settings },
  { "/misuse/args/queue", trap_queue },
  { "/misuse/args/queue-null", trap_queue_null },
  { "/misuse/args/queue-args", trap_queue_args },
  { "/misuse/args/object", trap_object },
};

static const struct
{
  const char *glob;
  const char *reason;
} exceptions[] = {
  { "*_get_type", "takes nothing" },
  { "currant_bus_get_default", "takes nothing" },
  { "currant_bus_new", "takes nothing" },
  { "currant_error_quark", "takes nothing" },
};

static gboolean
is_exception (const char *function)
{
  for (gsize i = 0; i < G_N_ELEMENTS (exceptions); i++)
    if (g_pattern_match_simple (exceptions[i].glob, function))
      return TRUE;
  return FALSE;
}

/* A function is trapped or it is an exception; what is both has no need to be excepted. */
static void
test_every_function (void)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "..", "lib", "currant.symbols", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  if (g_getenv ("G_TEST_SRCDIR") == NULL)
    {
      g_test_skip ("make check says where the list of functions is");
      return;
    }
  g_file_get_contents (file, &text, NULL, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    groups[i].func ();
  lines = g_strsplit (text, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    {
      if (lines[i][0] == '\0' || lines[i][0] == '#')
        continue;
      n++;
      if (g_hash_table_contains (trapped, lines[i]) == is_exception (lines[i]))
        {
          g_test_message ("%s is neither trapped nor an exception, or both", lines[i]);
          g_test_fail ();
        }
    }
  g_assert_cmpuint (n, >, 100);
}

int
main (int argc, char **argv)
{
  int status;

  currant_test_init (&argc, &argv);
  complaints = g_string_new (NULL);
  trapped = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    currant_test_add (groups[i].path, groups[i].func);
  currant_test_add ("/misuse/args/every-function", test_every_function);
  status = g_test_run ();
  g_hash_table_unref (trapped);
  g_string_free (complaints, TRUE);
  return status;
}
