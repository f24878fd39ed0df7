/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Delivery in a main context: one named source, a budget for each dispatch, loops inside loops. */
#include "config.h"

#include "currant-test.h"

static void
publish_numbers (CurrantBus *bus, int first, int last)
{
  for (int i = first; i <= last; i++)
    currant_bus_publish (bus, "a:x", "(i)", i);
}

static void
follow_queued (CurrantBus *bus, CurrantFollowerFunc callback, gpointer data)
{
  currant_bus_follow_with_delivery (bus, "a:x", CURRANT_DELIVERY_QUEUED, callback, data, NULL);
}

static void
count_call (CurrantMessage *message, gpointer data)
{
  (void)message;
  (*(int *)data)++;
}

/* A dispatch delivers 1,024 messages at most, and 4 ms' worth of them. */
static void
test_budget_of_messages (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls = 0;

  follow_queued (bus, count_call, &calls);
  publish_numbers (bus, 1, 5000);
  while (calls < 5000)
    {
      int before = calls;

      g_assert_true (g_main_context_iteration (NULL, FALSE));
      g_assert_cmpint (calls - before, <=, 1024);
    }
}

static void
work_a_millisecond (CurrantMessage *message, gpointer data)
{
  gint64 end = g_get_monotonic_time () + 1000;

  while (g_get_monotonic_time () < end)
    ;
  count_call (message, data);
}

static void
test_budget_of_time (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls = 0;

  follow_queued (bus, work_a_millisecond, &calls);
  publish_numbers (bus, 1, 50);
  while (calls < 50)
    {
      int before = calls;

      g_assert_true (g_main_context_iteration (NULL, FALSE));
      g_assert_cmpint (calls - before, <=, 5);
    }
}

/* Something that wants to paint, once: at the priority of GTK's redraws. */

typedef struct
{
  int calls;   /* of the callback */
  int painted; /* how often */
  int due;     /* the calls when painting was asked for, or -1 */
  int longest; /* the most calls that it ever had to wait for */
} Painter;

static gboolean
paint (gpointer data)
{
  Painter *painter = data;

  painter->longest = MAX (painter->longest, painter->calls - painter->due);
  painter->due = -1;
  painter->painted++;
  return G_SOURCE_REMOVE;
}

static void
ask_for_paint (CurrantMessage *message, gpointer data)
{
  Painter *painter = data;

  (void)message;
  if (++painter->calls % 500 != 0 || painter->due >= 0)
    return;
  painter->due = painter->calls;
  g_idle_add_full (G_PRIORITY_HIGH_IDLE + 20, paint, painter, NULL);
}

/* Whatever paints has its turn after the dispatch in which it was asked for. */
static void
test_painting_has_its_turn (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Painter painter = { .due = -1 };

  follow_queued (bus, ask_for_paint, &painter);
  publish_numbers (bus, 1, 20000);
  currant_test_drain (NULL);
  g_assert_cmpint (painter.calls, ==, 20000);
  g_assert_cmpint (painter.painted, >=, 10);
  g_assert_cmpint (painter.longest, <=, 1024);
}

static gboolean
be_busy (gpointer data)
{
  (*(int *)data)++;
  return G_SOURCE_CONTINUE;
}

/* After a burst the source is as prompt as before: ahead of what paints. */
static void
test_prompt_again_after_a_burst (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls = 0, turns = 0;
  guint id;

  follow_queued (bus, count_call, &calls);
  publish_numbers (bus, 1, 5000);
  currant_test_drain (NULL);
  g_assert_cmpint (calls, ==, 5000);
  id = g_idle_add_full (G_PRIORITY_HIGH_IDLE + 20, be_busy, &turns, NULL);
  publish_numbers (bus, 1, 1);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (calls, ==, 5001);
  g_assert_cmpint (turns, ==, 0);
  g_source_remove (id);
}

/* A burst steps back to let the loop paint, but it comes back, however busy its neighbours are. */
static void
test_not_starved_by_busy_neighbours (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls = 0, turns = 0;
  guint id = g_idle_add_full (G_PRIORITY_DEFAULT, be_busy, &turns, NULL);

  follow_queued (bus, count_call, &calls);
  publish_numbers (bus, 1, 5000);
  currant_test_waiting_for ("a burst beside a busy source of default priority");
  while (calls < 5000)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (turns, >, 0);
  g_source_remove (id);
}

static void
look_at_source (CurrantMessage *message, gpointer data)
{
  GSource *source = g_main_current_source ();

  (void)message;
  g_assert_nonnull (source);
  g_assert_nonnull (g_source_get_name (source));
  g_assert_true (g_str_has_prefix (g_source_get_name (source), "currant"));
  g_assert_true (*(GSource **)data == NULL || *(GSource **)data == source);
  *(GSource **)data = source;
}

/* One source serves all followers of a context, and it has a name. */
static void
test_one_named_source (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  GSource *seen = NULL;

  for (int i = 0; i < 10; i++)
    follow_queued (bus, look_at_source, &seen);
  publish_numbers (bus, 1, 3);
  currant_test_drain (NULL);
  g_assert_nonnull (seen);
}

typedef struct
{
  CurrantTestRecorder *recorder;
  guint wanted;
  int depth;
} Dialog;

/* Like a modal dialog: runs the loop until the other messages have come. */
static void
run_loop_inside (CurrantMessage *message, gpointer data)
{
  Dialog *dialog = data;

  currant_test_recorder_take (message, dialog->recorder);
  if (dialog->depth++ > 0)
    return;
  currant_test_iterate_until (NULL,
                              currant_test_recorder_count (dialog->recorder) == dialog->wanted);
}

/* A loop inside a callback goes on with what was posted, in order, each message once. */
static void
test_loop_inside_a_callback (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  Dialog dialog = { .recorder = recorder, .wanted = 5 };

  follow_queued (bus, run_loop_inside, &dialog);
  publish_numbers (bus, 1, 5);
  currant_test_drain (NULL);
  currant_test_assert_numbers (recorder, "1 2 3 4 5");
  publish_numbers (bus, 6, 7);
  currant_test_drain (NULL);
  currant_test_assert_numbers (recorder, "1 2 3 4 5 6 7");
  currant_test_assert_balance (bus);
}

/* The same with far more than a batch or a budget. */
static void
test_loop_inside_with_many (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  Dialog dialog = { .recorder = recorder, .wanted = 5000 };

  follow_queued (bus, run_loop_inside, &dialog);
  publish_numbers (bus, 0, 4999);
  currant_test_drain (NULL);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 5000);
  for (guint i = 0; i < 5000; i++)
    g_assert_cmpint (currant_test_recorder_number (recorder, i), ==, (int)i);
  currant_test_assert_balance (bus);
}

/* Followers of two buses in one context do not get in each other's way. */
static void
test_two_buses_in_one_context (void)
{
  g_autoptr (CurrantBus) one = currant_bus_new ();
  CurrantBus *two = currant_bus_new ();
  int calls = 0;

  follow_queued (one, count_call, &calls);
  follow_queued (two, count_call, &calls);
  publish_numbers (one, 1, 10);
  publish_numbers (two, 1, 10);
  currant_test_drain (NULL);
  g_assert_cmpint (calls, ==, 20);
  publish_numbers (two, 1, 10);
  publish_numbers (one, 1, 10);
  g_object_unref (two);
  currant_test_drain (NULL);
  g_assert_cmpint (calls, ==, 30);
}

static void
publish_more (CurrantMessage *message, gpointer data)
{
  Painter *painter = data;

  ask_for_paint (message, painter);
  if (painter->calls < 50000)
    currant_bus_publish (currant_bus_get_default (), "context:more", NULL);
}

/* A callback that always posts the next message does not hold the loop. */
static void
test_ping_pong_lets_the_loop_paint (void)
{
  Painter painter = { .due = -1 };
  CurrantFollower *follower =
      currant_bus_follow_with_delivery (currant_bus_get_default (), "context:more",
                                        CURRANT_DELIVERY_QUEUED, publish_more, &painter, NULL);

  currant_bus_publish (currant_bus_get_default (), "context:more", NULL);
  currant_test_drain (NULL);
  g_assert_cmpint (painter.calls, ==, 50000);
  g_assert_cmpint (painter.longest, <=, 1024);
  g_assert_cmpint (painter.painted, >=, 40);
  currant_follower_stop (follower);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/context/budget-of-messages", test_budget_of_messages);
  currant_test_add ("/context/budget-of-time", test_budget_of_time);
  currant_test_add ("/context/painting-has-its-turn", test_painting_has_its_turn);
  currant_test_add ("/context/prompt-again-after-a-burst", test_prompt_again_after_a_burst);
  currant_test_add ("/context/not-starved-by-busy-neighbours", test_not_starved_by_busy_neighbours);
  currant_test_add ("/context/one-named-source", test_one_named_source);
  currant_test_add ("/context/loop-inside-a-callback", test_loop_inside_a_callback);
  currant_test_add ("/context/loop-inside-a-callback/with-many", test_loop_inside_with_many);
  currant_test_add ("/context/two-buses-in-one-context", test_two_buses_in_one_context);
  currant_test_add ("/context/ping-pong-lets-the-loop-paint", test_ping_pong_lets_the_loop_paint);
  return g_test_run ();
}
