/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hottest paths, one a workload, for counting the instructions that an operation takes. Unlike
 * a time, a count is the same on a busy machine: a loss of a few per cent is seen at once.
 *
 * Callgrind counts between count_begin() and count_end() only, in each thread for itself, in the
 * second of two runs: what is done for the first time has been done by then. */
#include "config.h"

#include <currant.h>
#include <gnu/libc-version.h>
#include <string.h>
#include <sys/utsname.h>

#ifdef HAVE_VALGRIND_CALLGRIND_H
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT (void)0
#endif

#define ID "sensor:reading"
#define N 1000
#define N_PATTERNS 10000

typedef struct
{
  CurrantBus *bus;
  CurrantTopic *topic;
  CurrantIdentifier *identifier;
  GMainContext *context;
  guint64 calls;
} Fixture;

typedef struct
{
  const char *name;
  void (*run) (Fixture *fixture, guint n);
  void (*prepare) (Fixture *fixture);
  gboolean counts_itself;
} Workload;

static gboolean counting; /* in the second run */

static inline void
count_begin (void)
{
  if (counting)
    CALLGRIND_TOGGLE_COLLECT;
}

static inline void
count_end (void)
{
  if (counting)
    CALLGRIND_TOGGLE_COLLECT;
}

/* ---- followers ------------------------------------------------------------------------------ */

static void
on_value (CurrantMessage *message, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->calls += (guint64)g_value_get_int (currant_message_get_value (message)) | 1;
}

static void
on_call (CurrantMessage *message, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->calls++;
}

static void
follow_direct (Fixture *fixture, guint n, CurrantFollowerFunc callback)
{
  for (guint i = 0; i < n; i++)
    currant_bus_follow_with_delivery (fixture->bus, ID, CURRANT_DELIVERY_DIRECT, callback, fixture,
                                      NULL);
}

static void
one_value_follower (Fixture *fixture)
{
  follow_direct (fixture, 1, on_value);
}

static void
ten_value_followers (Fixture *fixture)
{
  follow_direct (fixture, 10, on_value);
}

static void
one_follower (Fixture *fixture)
{
  follow_direct (fixture, 1, on_call);
}

/* ---- publishing ----------------------------------------------------------------------------- */

static void
publish_topic_value (Fixture *fixture, guint n)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  for (guint i = 0; i < n; i++)
    {
      g_value_set_int (&value, (int)i);
      currant_topic_publish_value (fixture->topic, &value);
    }
}

static void
publish_topic_packed (Fixture *fixture, guint n)
{
  for (guint i = 0; i < n; i++)
    currant_topic_publish (fixture->topic, "(i)", (int)i);
}

static void
publish_text (Fixture *fixture, guint n)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  for (guint i = 0; i < n; i++)
    {
      g_value_set_int (&value, (int)i);
      currant_bus_publish_value (fixture->bus, ID, &value);
    }
}

static void
publish_message (Fixture *fixture, guint n)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  for (guint i = 0; i < n; i++)
    {
      CurrantMessage *message;

      g_value_set_int (&value, (int)i);
      message = currant_message_new_value (fixture->identifier, &value);
      currant_bus_publish_message (fixture->bus, message);
      currant_message_unref (message);
    }
}

static void
message_get (Fixture *fixture, guint n)
{
  g_autoptr (CurrantMessage) message = currant_message_new (fixture->identifier, "(i)", 1);
  int number = 0;

  for (guint i = 0; i < n; i++)
    {
      currant_message_get (message, "(i)", &number);
      fixture->calls += (guint64)number;
    }
}

/* ---- matching and following ----------------------------------------------------------------- */

static void
many_patterns (Fixture *fixture)
{
  for (guint i = 0; i < N_PATTERNS; i++)
    {
      g_autofree char *pattern = i % 20 == 0 ? g_strdup_printf ("name-%u:*", i)
                                             : g_strdup_printf ("name-%u:action-%u", i, i % 7);

      currant_bus_follow_with_delivery (fixture->bus, pattern, CURRANT_DELIVERY_DIRECT, on_call,
                                        fixture, NULL);
    }
}

/* Each identifier is new to the bus, so that nothing is known of its route. */
static void
match_cold (Fixture *fixture, guint n)
{
  static guint first = 0;
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = first; i < first + n; i++)
    g_ptr_array_add (ids, g_strdup_printf ("name-%u:action-%u", i % N_PATTERNS, i % 7));
  first += n;

  count_begin ();
  for (guint i = 0; i < n; i++)
    currant_bus_publish (fixture->bus, g_ptr_array_index (ids, i), NULL);
  count_end ();
}

static void
follow_stop (Fixture *fixture, guint n)
{
  for (guint i = 0; i < n; i++)
    currant_follower_stop (currant_bus_follow_with_delivery (
        fixture->bus, ID, CURRANT_DELIVERY_DIRECT, on_call, fixture, NULL));
}

/* ---- handing over --------------------------------------------------------------------------- */

static void
add_follower (Fixture *fixture, CurrantDelivery delivery, CurrantFollowerFunc callback)
{
  g_autoptr (CurrantPattern) pattern = currant_pattern_new (ID, NULL);
  g_autoptr (CurrantFollower) follower = currant_follower_new (pattern, callback, fixture, NULL);

  currant_follower_set_delivery (follower, delivery);
  currant_follower_set_context (follower, fixture->context);
  currant_bus_add_follower (fixture->bus, follower);
}

static void
queued_follower (Fixture *fixture)
{
  add_follower (fixture, CURRANT_DELIVERY_QUEUED, on_value);
}

static void
context_post (Fixture *fixture, guint n)
{
  publish_topic_value (fixture, n);
  while (g_main_context_iteration (fixture->context, FALSE))
    ;
}

static CurrantQueue *queue;

static void
one_queue (Fixture *fixture)
{
  queue = currant_queue_new (fixture->bus, ID, CURRANT_QUEUE_SHARED);
}

static void
queue_put_get (Fixture *fixture, guint n)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  for (guint i = 0; i < n; i++)
    {
      CurrantMessage *message;

      g_value_set_int (&value, (int)i);
      currant_topic_publish_value (fixture->topic, &value);
      message = currant_queue_try_get (queue);
      fixture->calls += message != NULL;
      currant_message_unref (message);
    }
}

/* The worker is held in its first task until all others are posted, so that each thread has its
 * work in one piece, however the threads take turns. */
static struct
{
  GMutex lock;
  GCond cond;
  guint left; /* tasks until all have run */
  gboolean held, open;
} gate;

static void
on_task (CurrantMessage *message, gpointer user_data)
{
  gboolean first;
  gboolean last;

  g_mutex_lock (&gate.lock);
  first = !gate.held;
  gate.held = TRUE;
  g_cond_signal (&gate.cond);
  while (!gate.open)
    g_cond_wait (&gate.cond, &gate.lock);
  g_mutex_unlock (&gate.lock);
  if (first)
    {
      count_begin ();
      return;
    }

  last = --gate.left == 0;
  if (!last)
    return;
  count_end ();
  g_mutex_lock (&gate.lock);
  gate.held = gate.open = FALSE;
  g_cond_signal (&gate.cond);
  g_mutex_unlock (&gate.lock);
}

static void
pool_follower (Fixture *fixture)
{
  currant_bus_set_multiplicity (fixture->bus, 1);
  add_follower (fixture, CURRANT_DELIVERY_POOL, on_task);
}

static void
pool_post (Fixture *fixture, guint n)
{
  gate.left = n;
  publish_topic_value (fixture, 1);
  g_mutex_lock (&gate.lock);
  while (!gate.held)
    g_cond_wait (&gate.cond, &gate.lock);
  g_mutex_unlock (&gate.lock);

  count_begin ();
  publish_topic_value (fixture, n);
  count_end ();

  g_mutex_lock (&gate.lock);
  gate.open = TRUE;
  g_cond_signal (&gate.cond);
  while (gate.held)
    g_cond_wait (&gate.cond, &gate.lock);
  g_mutex_unlock (&gate.lock);
  fixture->calls += n;
}

/* ---- the program ---------------------------------------------------------------------------- */

static const Workload workloads[] = {
  { "publish-topic-value", publish_topic_value, one_value_follower },
  { "publish-topic-packed", publish_topic_packed, one_follower },
  { "publish-text", publish_text, one_value_follower },
  { "publish-10-followers", publish_topic_value, ten_value_followers },
  { "publish-message", publish_message, one_value_follower },
  { "context-post", context_post, queued_follower },
  { "queue-put-get", queue_put_get, one_queue },
  { "pool-post", pool_post, pool_follower, TRUE },
  { "match-cold", match_cold, many_patterns, TRUE },
  { "follow-stop", follow_stop, one_follower },
  { "message-get", message_get, NULL },
};

static int
run_workload (const Workload *workload)
{
  Fixture fixture = { 0 };

  fixture.bus = currant_bus_new ();
  fixture.topic = currant_bus_get_topic (fixture.bus, ID, NULL);
  fixture.identifier = currant_identifier_new (ID, NULL);
  fixture.context = g_main_context_new ();
  if (workload->prepare != NULL)
    workload->prepare (&fixture);

  workload->run (&fixture, N);
  counting = TRUE;
  if (!workload->counts_itself)
    count_begin ();
  workload->run (&fixture, N);
  if (!workload->counts_itself)
    count_end ();
  g_print ("%s: %d operations counted\n", workload->name, N);

  g_clear_object (&queue);
  currant_topic_unref (fixture.topic);
  currant_identifier_unref (fixture.identifier);
  g_object_run_dispose (G_OBJECT (fixture.bus));
  g_object_unref (fixture.bus);
  g_main_context_unref (fixture.context);
  return fixture.calls > 0 || workload->run == follow_stop ? 0 : 1;
}

/* What a count depends on beside the sources. */
static int
print_surroundings (void)
{
  struct utsname host;

#ifndef HAVE_VALGRIND_CALLGRIND_H
  g_printerr ("built without valgrind/callgrind.h\n");
  return 1;
#endif
  if (uname (&host) != 0)
    return 1;
#ifdef __clang__
  g_print ("compiler clang %s\n", __VERSION__);
#else
  g_print ("compiler gcc %s\n", __VERSION__);
#endif
  g_print ("cflags %s\n", COUNTS_CFLAGS);
  g_print ("glib %u.%u.%u\n", glib_major_version, glib_minor_version, glib_micro_version);
  g_print ("libc %s\n", gnu_get_libc_version ());
  g_print ("machine %s\n", host.machine);
  return 0;
}

int
main (int argc, char **argv)
{
  if (argc == 2 && g_str_equal (argv[1], "--surroundings"))
    return print_surroundings ();
  for (guint i = 0; argc == 1 && i < G_N_ELEMENTS (workloads); i++)
    g_print ("%s\n", workloads[i].name);
  for (guint i = 0; argc == 2 && i < G_N_ELEMENTS (workloads); i++)
    if (g_str_equal (argv[1], workloads[i].name))
      return run_workload (&workloads[i]);
  return argc == 1 ? 0 : 1;
}
