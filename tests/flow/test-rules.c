/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules of delivery, 5, 6, 7 and 9. Rules 1 and 2 are in test-rules-order.c, 3 in
 * test-rules-stop.c, 4 in test-rules-locks.c, 8 in test-rules-bounds.c.
 */
#include "config.h"

#include "currant-test.h"

static void
count_call (CurrantMessage *message, gpointer data)
{
  (void)message;
  g_atomic_int_inc ((int *)data);
}

/* Rule 5. */

typedef struct
{
  GThread *thread;
  int asked; /* atomic */
  gboolean answer;
} Guard;

static gboolean
ask (CurrantMessage *message, gpointer data)
{
  Guard *guard = data;

  (void)message;
  g_assert_true (g_thread_self () == g_atomic_pointer_get (&guard->thread));
  g_atomic_int_inc (&guard->asked);
  return guard->answer;
}

static void
add_guarded (CurrantBus *bus, CurrantDelivery delivery, GMainContext *context, Guard *guard,
             CurrantTestRecorder *recorder)
{
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("a:x", delivery, currant_test_recorder_take, recorder);

  currant_follower_set_context (follower, context);
  currant_follower_set_guard (follower, ask, guard, NULL);
  currant_bus_add_follower (bus, follower);
}

static gpointer
publish_thrice (gpointer data)
{
  gpointer *parts = data;
  Guard *guards = parts[1];

  for (int i = 0; i < 8; i++)
    g_atomic_pointer_set (&guards[i].thread, g_thread_self ());
  for (int i = 0; i < 3; i++)
    g_assert_cmpuint (currant_bus_publish (parts[0], "a:x", "(i)", i), ==, 4);
  return NULL;
}

/* In every mode the guard is asked in the publisher's thread, and a refusal skips its follower. */
static void
test_5_guard (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestLoop) loop = currant_test_loop_new ();
  g_autoptr (CurrantTestRecorder) taken = currant_test_recorder_new ();
  g_autoptr (CurrantTestRecorder) refused = currant_test_recorder_new ();
  Guard guards[8] = { { .asked = 0 } };
  gpointer parts[] = { bus, guards };

  for (int i = 0; i < 8; i++)
    {
      guards[i].answer = i % 2 == 0;
      add_guarded (bus, (CurrantDelivery)(i / 2), currant_test_loop_get_context (loop), &guards[i],
                   i % 2 == 0 ? taken : refused);
    }
  g_thread_join (g_thread_new ("publisher", publish_thrice, parts));
  currant_test_spin_until (currant_test_recorder_count (taken) == 12);
  g_assert_cmpuint (currant_test_recorder_count (refused), ==, 0);
  for (int i = 0; i < 8; i++)
    g_assert_cmpint (g_atomic_int_get (&guards[i].asked), ==, 3);
  g_assert_cmpuint (currant_test_stat (bus, "matched"), ==, 12);
}

/* Rule 6. */

typedef struct
{
  CurrantBus *bus;
  GString *log;
  int depth;
  int deepest;
  int calls;
  int wanted;
} Nest;

static void
log_around (CurrantMessage *message, gpointer data)
{
  Nest *nest = data;
  gboolean outer = g_str_equal (currant_message_get_name (message), "outer");

  g_string_append_printf (nest->log, "<%s", currant_message_get_name (message));
  if (outer)
    currant_bus_publish (nest->bus, "inner:x", NULL);
  g_string_append (nest->log, ">");
}

static void
log_end (CurrantMessage *message, gpointer data)
{
  (void)message;
  g_string_append (((Nest *)data)->log, "|");
}

/* Like function calls: the inner message is through before the outer one goes on. */
static void
test_6_nesting (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  Nest nest = { .bus = bus, .log = log };

  currant_bus_follow_with_delivery (bus, "*:x", CURRANT_DELIVERY_DIRECT, log_around, &nest, NULL);
  currant_bus_follow_with_delivery (bus, "*:x", CURRANT_DELIVERY_DIRECT, log_end, &nest, NULL);
  currant_bus_publish (bus, "outer:x", NULL);
  g_assert_cmpstr (log->str, ==, "<outer<inner>|>|");
}

static void
go_deeper (CurrantMessage *message, gpointer data)
{
  Nest *nest = data;

  (void)message;
  nest->calls++;
  nest->depth++;
  nest->deepest = MAX (nest->deepest, nest->depth);
  if (nest->calls < nest->wanted)
    g_assert_cmpuint (currant_bus_publish (nest->bus, "a:x", NULL), ==, 1);
  nest->depth--;
}

static void
assert_nesting (CurrantDelivery delivery, int wanted, int deepest, guint64 nested)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Nest nest = { .bus = bus, .wanted = wanted };

  currant_bus_follow_with_delivery (bus, "a:x", delivery, go_deeper, &nest, NULL);
  currant_bus_publish (bus, "a:x", NULL);
  g_assert_cmpint (nest.calls, ==, MIN (wanted, 64));
  g_assert_cmpuint (currant_test_stat (bus, "waiting"), ==, wanted > 64);
  currant_test_drain (NULL);
  g_assert_cmpint (nest.calls, ==, wanted);
  g_assert_cmpint (nest.deepest, ==, deepest);
  g_assert_cmpuint (currant_test_stat (bus, "nested"), ==, nested);
  g_assert_cmpuint (currant_test_stat (bus, "delivered"), ==, (guint64)wanted);
  currant_test_assert_balance (bus);
}

static void
test_6_depth_limit (void)
{
  assert_nesting (CURRANT_DELIVERY_DIRECT, 64, 64, 0);
  assert_nesting (CURRANT_DELIVERY_DIRECT, 65, 64, 1);
  assert_nesting (CURRANT_DELIVERY_DIRECT, 100, 64, 1);
  assert_nesting (CURRANT_DELIVERY_AUTO, 100, 64, 1);
}

/*
 * An endless recursion becomes a loop that the rest of the program lives beside. The posted call is
 * no direct one, so that 64 levels come on top of it.
 */
static void
test_6_recursion_without_end (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Nest nest = { .bus = bus, .wanted = 100000 };

  currant_bus_follow (bus, "a:x", go_deeper, &nest, NULL);
  currant_bus_publish (bus, "a:x", NULL);
  currant_test_iterate_until (NULL, nest.calls == 100000);
  g_assert_cmpint (nest.deepest, <=, 65);
}

/* Two buses that call each other: each has its levels, and the stack has its end all the same. */
static void
cross_over (CurrantMessage *message, gpointer data)
{
  Nest *nests = data;
  gboolean first = g_str_equal (currant_message_get_name (message), "one");
  Nest *nest = &nests[first ? 1 : 0];

  nests[0].calls++;
  nests[0].depth++;
  nests[0].deepest = MAX (nests[0].deepest, nests[0].depth);
  if (nests[0].calls < 1000)
    currant_bus_publish (nest->bus, first ? "two:x" : "one:x", NULL);
  nests[0].depth--;
}

static void
test_6_over_two_buses (void)
{
  g_autoptr (CurrantBus) one = currant_bus_new ();
  g_autoptr (CurrantBus) two = currant_bus_new ();
  Nest nests[2] = { { .bus = one }, { .bus = two } };

  currant_bus_follow (one, "one:x", cross_over, nests, NULL);
  currant_bus_follow (two, "two:x", cross_over, nests, NULL);
  currant_bus_publish (one, "one:x", NULL);
  currant_test_iterate_until (NULL, nests[0].calls == 1000);
  g_assert_cmpint (nests[0].deepest, <=, 130);
}

/* Rule 7. */

static gboolean
fail (CurrantMessage *message, gpointer data, GError **error)
{
  (void)message;
  (void)data;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "on purpose");
  return FALSE;
}

static gboolean
fail_without_saying_why (CurrantMessage *message, gpointer data, GError **error)
{
  (void)message;
  (void)data;
  (void)error;
  return FALSE;
}

static void
add_failing (CurrantBus *bus, CurrantTryFunc callback, CurrantDelivery delivery)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:x");
  g_autoptr (CurrantFollower) follower = currant_follower_new_try (pattern, callback, NULL, NULL);

  currant_follower_set_delivery (follower, delivery);
  currant_bus_add_follower (bus, follower);
}

/* Before, between and after the failing ones, in every mode. */
static void
test_7_failures (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls = 0;

  for (int mode = CURRANT_DELIVERY_AUTO; mode <= CURRANT_DELIVERY_POOL; mode++)
    {
      currant_bus_follow_with_delivery (bus, "a:x", (CurrantDelivery)mode, count_call, &calls,
                                        NULL);
      add_failing (bus, fail, (CurrantDelivery)mode);
      add_failing (bus, fail_without_saying_why, (CurrantDelivery)mode);
      currant_bus_follow_with_delivery (bus, "a:x", (CurrantDelivery)mode, count_call, &calls,
                                        NULL);
    }
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 16);
  currant_test_iterate_until (NULL, currant_test_stat (bus, "errors") == 8
                                        && g_atomic_int_get (&calls) == 8);
  currant_bus_publish (bus, "a:x", NULL);
  currant_test_iterate_until (NULL, currant_test_stat (bus, "errors") == 16
                                        && g_atomic_int_get (&calls) == 16);
}

/* A receiver that is full keeps the message from nobody else. */
static void
test_7_full_receivers (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) full = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);
  int calls = 0;

  currant_queue_set_bound (full, 1, CURRANT_OVERFLOW_FAIL);
  currant_bus_follow (bus, "a:x", count_call, &calls, NULL);
  currant_bus_publish (bus, "a:x", NULL);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 1);
  g_assert_cmpint (calls, ==, 2);
}

/* Rule 9. The statistics of it are in unit/test-slice.c. */
static void
test_9_slices (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);
  int slices = 0, never = 0, full = 0;

  for (int i = 0; i < 5; i++)
    {
      g_autoptr (CurrantFollower) follower = currant_test_follower_new (
          "a:x", CURRANT_DELIVERY_DIRECT, count_call, i == 4 ? &never : &slices);

      g_assert_true (currant_follower_set_slice (follower, i == 4 ? 0 : i + 1, NULL));
      currant_bus_add_follower (bus, follower);
    }
  currant_bus_follow (bus, "a:*", count_call, &full, NULL);
  currant_bus_follow (bus, "*:x", count_call, &full, NULL);
  for (int i = 1; i <= 1000; i++)
    {
      g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 4);
      g_assert_cmpint (slices, ==, i);
      g_assert_cmpint (full, ==, 2 * i);
    }
  g_assert_cmpint (never, ==, 0);
  g_assert_cmpuint (currant_queue_get_length (queue), ==, 1000);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/rules/5-guard-in-the-publishers-thread", test_5_guard);
  currant_test_add ("/rules/6-nesting/like-function-calls", test_6_nesting);
  currant_test_add ("/rules/6-nesting/depth-limit", test_6_depth_limit);
  currant_test_add ("/rules/6-nesting/recursion-without-end", test_6_recursion_without_end);
  currant_test_add ("/rules/6-nesting/over-two-buses", test_6_over_two_buses);
  currant_test_add ("/rules/7-one-failure-stops-no-other/try-callbacks", test_7_failures);
  currant_test_add ("/rules/7-one-failure-stops-no-other/full-receivers", test_7_full_receivers);
  currant_test_add ("/rules/9-slices-exactly-one", test_9_slices);
  return g_test_run ();
}
