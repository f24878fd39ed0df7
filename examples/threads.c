/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A thread that works, and a main loop that shows how far it is, as a program with windows would:
 * the thread publishes and never waits for the loop; the follower was made in the main thread, so
 * it is called there, where touching widgets is allowed.
 */
#include <currant.h>

#define N_STEPS 100000

typedef struct
{
  GMainLoop *loop;
  GThread *main;
  guint n_steps;
  guint last;
  gboolean wrong_thread;
} Window;

static gpointer
work (gpointer data)
{
  g_autoptr (CurrantBus) bus = data;
  g_autoptr (CurrantTopic) topic = currant_bus_get_topic (bus, "work:step", NULL);

  for (guint step = 1; step <= N_STEPS; step++)
    currant_topic_publish (topic, "(u)", step);
  currant_bus_publish (bus, "work:done", NULL);
  return NULL;
}

/* Of a hundred thousand steps only what changes the picture is drawn: the newest that waits. */
static void
on_step (CurrantMessage *message, gpointer data)
{
  Window *window = data;
  guint step = 0;

  if (!currant_message_get (message, "(u)", &step) || step <= window->last)
    return;
  window->wrong_thread |= g_thread_self () != window->main;
  window->last = step;
  window->n_steps++;
}

static void
on_done (CurrantMessage *message, gpointer data)
{
  Window *window = data;

  g_main_loop_quit (window->loop);
}

int
main (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (CurrantPattern) steps = currant_pattern_new ("work:step", NULL);
  Window window = { .loop = loop, .main = g_thread_self () };
  g_autoptr (CurrantFollower) follower = currant_follower_new (steps, on_step, &window, NULL);
  GThread *thread;

  /* Queued: in this thread's loop, even while that does not run yet. */
  currant_follower_set_delivery (follower, CURRANT_DELIVERY_QUEUED);
  currant_follower_set_pace (follower, CURRANT_PACE_CONFLATE, 0);
  currant_bus_add_follower (bus, follower);
  currant_bus_follow_with_delivery (bus, "work:done", CURRANT_DELIVERY_QUEUED, on_done, &window,
                                    NULL);

  thread = g_thread_new ("work", work, g_object_ref (bus));
  g_main_loop_run (loop);
  g_thread_join (thread);

  g_print ("%u steps were published, the last one seen is %u\n", N_STEPS, window.last);
  return window.last == N_STEPS && window.n_steps <= N_STEPS && !window.wrong_thread ? 0 : 1;
}
