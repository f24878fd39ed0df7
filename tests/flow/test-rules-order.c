/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules of delivery, 1 and 2: messages of one publishing thread reach one follower in the order
 * published, in every mode, and followers of one message are called in the order they were added.
 */
#include "config.h"

#include "currant-test.h"

#define N_PUBLISHERS 3
#define N_MESSAGES 10000

/* Rule 1. Each message is (publisher, number): a follower keeps the last number of each publisher.
 */

typedef struct
{
  int last[N_PUBLISHERS]; /* atomic only because DIRECT calls come from several threads */
  int total;              /* atomic */
} Watch;

static void
watch_order (CurrantMessage *message, gpointer data)
{
  Watch *watch = data;
  int publisher, number;

  g_assert_true (currant_message_get (message, "(ii)", &publisher, &number));
  g_assert_cmpint (number, ==, g_atomic_int_get (&watch->last[publisher]) + 1);
  g_atomic_int_set (&watch->last[publisher], number);
  g_atomic_int_inc (&watch->total);
}

typedef struct
{
  CurrantBus *bus;
  int publisher;
} Publisher;

static gpointer
publish_in_order (gpointer data)
{
  Publisher *self = data;

  for (int i = 1; i <= N_MESSAGES; i++)
    currant_bus_publish (self->bus, "order:x", "(ii)", self->publisher, i);
  return NULL;
}

static void
start_publishers (CurrantBus *bus, Publisher *publishers, GThread **threads)
{
  for (int i = 0; i < N_PUBLISHERS; i++)
    {
      publishers[i] = (Publisher){ .bus = bus, .publisher = i };
      threads[i] = g_thread_new ("publisher", publish_in_order, &publishers[i]);
    }
}

static void
join_all (GThread **threads)
{
  for (int i = 0; i < N_PUBLISHERS; i++)
    g_thread_join (threads[i]);
}

static CurrantFollower *
follow_unbounded (CurrantBus *bus, CurrantDelivery delivery, GMainContext *context,
                  CurrantFollowerFunc callback, gpointer user_data)
{
  CurrantFollower *follower = currant_test_follower_new ("order:x", delivery, callback, user_data);

  currant_follower_set_bound (follower, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  if (context != NULL)
    currant_follower_set_context (follower, context);
  currant_bus_add_follower (bus, follower);
  currant_follower_unref (follower);
  return follower;
}

static void
assert_order_kept (CurrantDelivery delivery)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestLoop) loop = currant_test_loop_new ();
  Publisher publishers[N_PUBLISHERS];
  GThread *threads[N_PUBLISHERS];
  Watch watch = { .total = 0 };

  currant_bus_set_multiplicity (bus, 4);
  follow_unbounded (bus, delivery, currant_test_loop_get_context (loop), watch_order, &watch);
  start_publishers (bus, publishers, threads);
  join_all (threads);
  currant_test_spin_until (g_atomic_int_get (&watch.total) == N_PUBLISHERS * N_MESSAGES);
  currant_test_assert_balance (bus);
}

static void
test_1_auto (void)
{
  assert_order_kept (CURRANT_DELIVERY_AUTO);
}

static void
test_1_direct (void)
{
  assert_order_kept (CURRANT_DELIVERY_DIRECT);
}

static void
test_1_queued (void)
{
  assert_order_kept (CURRANT_DELIVERY_QUEUED);
}

static void
test_1_pool (void)
{
  assert_order_kept (CURRANT_DELIVERY_POOL);
}

/* The same while the pool comes and goes under the messages. */
static void
test_1_pool_resized (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Publisher publishers[N_PUBLISHERS];
  GThread *threads[N_PUBLISHERS];
  Watch watch = { .total = 0 };
  guint n = 0;

  follow_unbounded (bus, CURRANT_DELIVERY_POOL, NULL, watch_order, &watch);
  start_publishers (bus, publishers, threads);
  currant_test_waiting_for ("all messages while the pool is resized");
  while (g_atomic_int_get (&watch.total) < N_PUBLISHERS * N_MESSAGES)
    {
      currant_bus_set_multiplicity (bus, n++ % 3);
      g_thread_yield ();
    }
  join_all (threads);
  currant_test_assert_balance (bus);
}

/* The same for a queue. */
static void
test_1_queue (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "order:x", CURRANT_QUEUE_STANDALONE);
  Publisher publishers[N_PUBLISHERS];
  GThread *threads[N_PUBLISHERS];
  Watch watch = { .total = 0 };

  currant_queue_set_bound (queue, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  start_publishers (bus, publishers, threads);
  while (watch.total < N_PUBLISHERS * N_MESSAGES)
    {
      g_autoptr (CurrantMessage) message = currant_queue_get (queue, -1, NULL, NULL);

      watch_order (message, &watch);
    }
  join_all (threads);
}

/* The same while the follower changes its pattern, both of which match. */
static void
test_1_pattern_changed (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantPattern) exact = currant_test_pattern ("order:x");
  g_autoptr (CurrantPattern) wide = currant_test_pattern ("*:{x,y}");
  Publisher publishers[N_PUBLISHERS];
  GThread *threads[N_PUBLISHERS];
  Watch watch = { .total = 0 };
  CurrantFollower *follower =
      follow_unbounded (bus, CURRANT_DELIVERY_POOL, NULL, watch_order, &watch);

  start_publishers (bus, publishers, threads);
  currant_test_waiting_for ("all messages while the pattern changes");
  for (guint i = 0; g_atomic_int_get (&watch.total) < N_PUBLISHERS * N_MESSAGES; i++)
    {
      currant_follower_set_pattern (follower, i % 2 == 0 ? wide : exact);
      g_thread_yield ();
    }
  join_all (threads);
}

typedef struct
{
  GMainContext *context;
  int step; /* atomic */
} Keeper;

static void
wait_for_step (Keeper *keeper, int step)
{
  currant_test_spin_until (g_atomic_int_get (&keeper->step) >= step);
}

static gpointer
keep_context (gpointer data)
{
  Keeper *keeper = data;

  g_assert_true (g_main_context_acquire (keeper->context));
  g_atomic_int_set (&keeper->step, 1);
  wait_for_step (keeper, 2);
  g_main_context_release (keeper->context);
  g_atomic_int_set (&keeper->step, 3);
  return NULL;
}

/*
 * AUTO posts the first message because another thread has the context, and could run the second at
 * once because that thread has let go of it: the first has to come first all the same.
 */
static void
test_1_auto_between_posting_and_at_once (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  Keeper keeper = { .context = context };
  GThread *thread;

  g_main_context_push_thread_default (context);
  follow_unbounded (bus, CURRANT_DELIVERY_AUTO, NULL, currant_test_recorder_take, recorder);
  g_main_context_pop_thread_default (context);
  thread = g_thread_new ("keeper", keep_context, &keeper);
  wait_for_step (&keeper, 1);
  currant_bus_publish (bus, "order:x", "(i)", 1);
  g_atomic_int_set (&keeper.step, 2);
  wait_for_step (&keeper, 3);
  g_main_context_push_thread_default (context);
  currant_bus_publish (bus, "order:x", "(i)", 2);
  currant_test_drain (context);
  currant_bus_publish (bus, "order:x", "(i)", 3);
  g_main_context_pop_thread_default (context);
  currant_test_drain (context);
  g_thread_join (thread);
  currant_test_assert_numbers (recorder, "1 2 3");
}

/* A callback that publishes to its own follower again does not overtake what waits. */

typedef struct
{
  CurrantBus *bus;
  CurrantTestRecorder *recorder;
} Echo;

static void
echo_first (CurrantMessage *message, gpointer data)
{
  Echo *echo = data;

  currant_test_recorder_take (message, echo->recorder);
  if (currant_test_message_number (message) == 1)
    currant_bus_publish (echo->bus, "order:x", "(i)", 4);
}

static void
test_1_queued_from_the_callback (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  Echo echo = { .bus = bus, .recorder = recorder };

  follow_unbounded (bus, CURRANT_DELIVERY_QUEUED, NULL, echo_first, &echo);
  for (int i = 1; i <= 3; i++)
    currant_bus_publish (bus, "order:x", "(i)", i);
  currant_test_drain (NULL);
  currant_test_assert_numbers (recorder, "1 2 3 4");
}

/* Rule 2. */

typedef struct
{
  GString *log;
  char letter;
} Caller;

static void
log_call (CurrantMessage *message, gpointer data)
{
  Caller *caller = data;

  (void)message;
  g_string_append_c (caller->log, caller->letter);
}

#define N_CALLERS 8

/* Every way that a pattern can be found in the index, so that the groups would show. */
static const char *const fitting[N_CALLERS] = { "*:x", "a:x", "a*:x",    "{a,b}:x",
                                                "a:*", "*:*", "a:{x,y}", "a:x" };

static void
follow_in_order (CurrantBus *bus, CurrantDelivery delivery, GString *log, Caller *callers,
                 guint first)
{
  for (guint i = 0; i < N_CALLERS; i++)
    {
      callers[i] = (Caller){ .log = log, .letter = (char)('A' + (int)i) };
      currant_bus_follow_with_delivery (bus, fitting[(first + i) % N_CALLERS], delivery, log_call,
                                        &callers[i], NULL);
    }
}

static void
assert_called_in_order (CurrantDelivery delivery, guint first)
{
  static const char *const ids[] = { "a:x", "*:x", "a:*", "*:*" };
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  Caller callers[N_CALLERS];

  follow_in_order (bus, delivery, log, callers, first);
  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_string_truncate (log, 0);
      g_assert_cmpuint (currant_bus_publish (bus, ids[i], NULL), ==, N_CALLERS);
      currant_test_drain (NULL);
      g_assert_cmpstr (log->str, ==, "ABCDEFGH");
    }
}

static void
test_2_direct (void)
{
  for (guint first = 0; first < N_CALLERS; first++)
    assert_called_in_order (CURRANT_DELIVERY_DIRECT, first);
}

static void
test_2_auto (void)
{
  for (guint first = 0; first < N_CALLERS; first++)
    assert_called_in_order (CURRANT_DELIVERY_AUTO, first);
}

static void
test_2_queued (void)
{
  for (guint first = 0; first < N_CALLERS; first++)
    assert_called_in_order (CURRANT_DELIVERY_QUEUED, first);
}

/* Posted to one context, each message is through before the next one begins. */
static void
test_2_queued_message_by_message (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  Caller callers[N_CALLERS];

  follow_in_order (bus, CURRANT_DELIVERY_QUEUED, log, callers, 0);
  for (int i = 0; i < 3; i++)
    currant_bus_publish (bus, "a:x", NULL);
  currant_test_drain (NULL);
  g_assert_cmpstr (log->str, ==, "ABCDEFGHABCDEFGHABCDEFGH");
}

static void
test_2_topic (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (CurrantTopic) topic = currant_bus_get_topic (bus, "a:x", NULL);
  Caller callers[N_CALLERS];

  follow_in_order (bus, CURRANT_DELIVERY_DIRECT, log, callers, 3);
  currant_topic_publish (topic, NULL);
  g_assert_cmpstr (log->str, ==, "ABCDEFGH");
}

/* A follower keeps its place when its pattern changes, and the others close up when one stops. */
static void
test_2_after_changes (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (CurrantPattern) elsewhere = currant_test_pattern ("b:y");
  g_autoptr (CurrantPattern) back = currant_test_pattern ("*a*:x");
  CurrantFollower *followers[4];
  Caller callers[4];

  for (int i = 0; i < 4; i++)
    {
      callers[i] = (Caller){ .log = log, .letter = (char)('A' + i) };
      followers[i] = currant_bus_follow (bus, "a:x", log_call, &callers[i], NULL);
    }
  currant_follower_set_pattern (followers[1], elsewhere);
  currant_bus_publish (bus, "a:x", NULL);
  currant_follower_set_pattern (followers[1], back);
  currant_bus_publish (bus, "a:x", NULL);
  currant_follower_stop (followers[0]);
  currant_bus_publish (bus, "a:x", NULL);
  g_assert_cmpstr (log->str, ==, "ACDABCDBCD");
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/rules/1-order-per-publisher/auto", test_1_auto);
  currant_test_add ("/rules/1-order-per-publisher/direct", test_1_direct);
  currant_test_add ("/rules/1-order-per-publisher/queued", test_1_queued);
  currant_test_add ("/rules/1-order-per-publisher/pool", test_1_pool);
  currant_test_add ("/rules/1-order-per-publisher/pool-resized", test_1_pool_resized);
  currant_test_add ("/rules/1-order-per-publisher/queue", test_1_queue);
  currant_test_add ("/rules/1-order-per-publisher/pattern-changed", test_1_pattern_changed);
  currant_test_add ("/rules/1-order-per-publisher/auto-between-posting-and-at-once",
                    test_1_auto_between_posting_and_at_once);
  currant_test_add ("/rules/1-order-per-publisher/queued-from-the-callback",
                    test_1_queued_from_the_callback);
  currant_test_add ("/rules/2-followers-in-order-added/direct", test_2_direct);
  currant_test_add ("/rules/2-followers-in-order-added/auto", test_2_auto);
  currant_test_add ("/rules/2-followers-in-order-added/queued", test_2_queued);
  currant_test_add ("/rules/2-followers-in-order-added/queued-message-by-message",
                    test_2_queued_message_by_message);
  currant_test_add ("/rules/2-followers-in-order-added/topic", test_2_topic);
  currant_test_add ("/rules/2-followers-in-order-added/after-changes", test_2_after_changes);
  return g_test_run ();
}
