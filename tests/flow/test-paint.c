/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A loop that paints: with a million messages posted in a burst, a 16 ms timer in the follower's
 * loop is never later than 16 ms more.
 *
 * A busy machine makes timers late too. Lateness on the clock is excused only when an idle loop
 * beside ours was late as well, and the loop's own thread had no more than a frame's worth of
 * processor time between two ticks, which nobody else can have spent. Three runs, one has to be
 * good.
 */
#include "config.h"

#include "currant-test.h"

#include <time.h>

#define FRAME_US 16000
#define N_RUNS 3

typedef struct
{
  gint64 last_tick; /* of the clock */
  gint64 last_cpu;  /* of this thread */
  gint64 latest;    /* the worst lateness beyond the frame, by the clock */
  gint64 busiest;   /* the most processor time from tick to tick */
  guint ticks;
} Frames;

static gint64
get_cpu_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static void
start_frames (Frames *frames)
{
  *frames = (Frames){ .last_tick = g_get_monotonic_time (), .last_cpu = get_cpu_time () };
}

static gboolean
on_frame (gpointer data)
{
  Frames *frames = data;
  gint64 now = g_get_monotonic_time ();
  gint64 cpu = get_cpu_time ();

  frames->latest = MAX (frames->latest, now - frames->last_tick - FRAME_US);
  frames->busiest = MAX (frames->busiest, cpu - frames->last_cpu);
  frames->last_tick = now;
  frames->last_cpu = cpu;
  frames->ticks++;
  return G_SOURCE_CONTINUE;
}

static GSource *
attach_timer (GMainContext *context, int priority, Frames *frames)
{
  GSource *timer = g_timeout_source_new (FRAME_US / 1000);

  start_frames (frames);
  g_source_set_priority (timer, priority);
  g_source_set_callback (timer, on_frame, frames, NULL);
  g_source_attach (timer, context);
  return timer;
}

static void
attach_reference (gpointer frames, gpointer timer)
{
  *(GSource **)timer =
      attach_timer (g_main_context_get_thread_default (), G_PRIORITY_DEFAULT, frames);
}

static void
count_call (CurrantMessage *message, gpointer data)
{
  (void)message;
  (*(guint *)data)++;
}

typedef struct
{
  CurrantBus *bus;
  guint n_messages;
} Burst;

static gpointer
post_burst (gpointer data)
{
  Burst *burst = data;

  for (guint i = 0; i < burst->n_messages; i++)
    currant_bus_publish (burst->bus, "burst:x", "(i)", (int)i);
  return NULL;
}

static void
follow_unbounded (CurrantBus *bus, guint *calls)
{
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("burst:x", CURRANT_DELIVERY_QUEUED, count_call, calls);

  currant_follower_set_bound (follower, 0, CURRANT_OVERFLOW_DROP_OLDEST);
  currant_bus_add_follower (bus, follower);
}

/* The burst is posted whole before the loop runs, or by another thread while it runs. */
static Frames
measure (int priority, gboolean meanwhile, guint n_messages)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GSource) timer = NULL;
  Burst burst = { .bus = bus, .n_messages = n_messages };
  GThread *thread = NULL;
  guint calls = 0;
  Frames frames;

  follow_unbounded (bus, &calls);
  if (meanwhile)
    thread = g_thread_new ("burst", post_burst, &burst);
  else
    post_burst (&burst);
  timer = attach_timer (NULL, priority, &frames);
  currant_test_waiting_for ("the burst to be delivered");
  while (calls < n_messages)
    g_main_context_iteration (NULL, TRUE);
  on_frame (&frames);
  g_source_destroy (timer);
  if (thread != NULL)
    g_thread_join (thread);
  return frames;
}

static gboolean
run_once (int priority, gboolean meanwhile, guint n_messages)
{
  g_autoptr (CurrantTestLoop) idle = currant_test_loop_new ();
  g_autoptr (GSource) timer = NULL;
  Frames reference, frames;

  currant_test_loop_call (idle, attach_reference, &reference, &timer);
  frames = measure (priority, meanwhile, n_messages);
  g_source_destroy (timer);
  currant_test_loop_sync (idle);
  g_test_message ("%u frames; at most %.1f ms late, %.1f ms of work a frame; an idle loop was %.1f "
                  "ms late",
                  frames.ticks, (double)frames.latest / 1000, (double)frames.busiest / 1000,
                  (double)reference.latest / 1000);
  if (frames.latest <= FRAME_US)
    return TRUE;
  return frames.busiest <= FRAME_US + FRAME_US / 4 && reference.latest > FRAME_US / 4;
}

static void
assert_paints (int priority, gboolean meanwhile)
{
  guint n_messages = currant_test_rounds (1000000);
  gboolean good = FALSE;

  for (int run = 0; run < N_RUNS && !good; run++)
    good = run_once (priority, meanwhile, n_messages);
  if (!good && currant_test_is_instrumented ())
    g_test_skip ("an instrumented program says nothing about time");
  else
    g_assert_true (good);
}

static void
test_burst_before (void)
{
  assert_paints (G_PRIORITY_DEFAULT, FALSE);
}

static void
test_burst_meanwhile (void)
{
  assert_paints (G_PRIORITY_DEFAULT, TRUE);
}

/* Toolkits paint at a lower priority than that of ordinary sources (GTK: 120). */
static void
test_burst_before_painting_late (void)
{
  assert_paints (G_PRIORITY_HIGH_IDLE + 20, FALSE);
}

static void
test_burst_meanwhile_painting_late (void)
{
  assert_paints (G_PRIORITY_HIGH_IDLE + 20, TRUE);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/paint/timer/burst-before", test_burst_before);
  currant_test_add ("/paint/timer/burst-meanwhile", test_burst_meanwhile);
  currant_test_add ("/paint/redraw-priority/burst-before", test_burst_before_painting_late);
  currant_test_add ("/paint/redraw-priority/burst-meanwhile", test_burst_meanwhile_painting_late);
  return g_test_run ();
}
