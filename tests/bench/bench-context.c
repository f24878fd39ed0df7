/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group B: handing messages over to a main loop. */
#include "config.h"

#include "bench-context.h"

#include <currant.h>

typedef struct
{
  Loop *loop;
  CurrantBus *bus;
  CurrantTopic *ping; /* for the other thread */
  CurrantTopic *pong; /* for the measuring thread */
} Ours;

static void
on_value (CurrantMessage *message, gpointer user_data)
{
  Ours *ours = user_data;

  loop_got (ours->loop, g_value_get_int (currant_message_get_value (message)));
}

static void
on_number (CurrantMessage *message, gpointer user_data)
{
  Ours *ours = user_data;
  int number = -1;

  currant_message_get (message, "(i)", &number);
  loop_got (ours->loop, number);
}

static void
on_ping (CurrantMessage *message, gpointer user_data)
{
  Ours *ours = user_data;
  int number = -1;

  currant_message_get (message, "(i)", &number);
  currant_topic_publish (ours->pong, "(i)", number);
}

static void
on_home (CurrantMessage *message, gpointer user_data)
{
  Ours *ours = user_data;

  ours->loop->home_seen++;
}

/* ---- set-up --------------------------------------------------------------------------------- */

static void
follow (Ours *ours, const char *pattern, GMainContext *context, CurrantFollowerFunc callback,
        guint bound)
{
  g_autoptr (CurrantPattern) parsed = currant_pattern_new (pattern, NULL);
  g_autoptr (CurrantFollower) follower = currant_follower_new (parsed, callback, ours, NULL);

  currant_follower_set_delivery (follower, CURRANT_DELIVERY_QUEUED);
  currant_follower_set_context (follower, context);
  currant_follower_set_bound (follower, bound, CURRANT_OVERFLOW_BLOCK);
  currant_bus_add_follower (ours->bus, follower);
}

static Ours *
ours_new (void)
{
  Ours *ours = g_new0 (Ours, 1);

  ours->loop = loop_new ();
  ours->bus = currant_bus_new ();
  ours->ping = currant_bus_get_topic (ours->bus, "ping:sent", NULL);
  ours->pong = currant_bus_get_topic (ours->bus, "pong:sent", NULL);
  return ours;
}

static void
ours_free (gpointer state)
{
  Ours *ours = state;

  loop_stop (ours->loop);
  currant_topic_unref (ours->ping);
  currant_topic_unref (ours->pong);
  g_object_run_dispose (G_OBJECT (ours->bus));
  g_object_unref (ours->bus);
  loop_free (ours->loop);
  g_free (ours);
}

/* Without a bound, as the peers are. */
static gpointer
set_up_value (const BenchCase *bench)
{
  Ours *ours = ours_new ();

  follow (ours, "ping:sent", ours->loop->context, on_value, 0);
  return ours;
}

static gpointer
set_up_number (const BenchCase *bench)
{
  Ours *ours = ours_new ();

  follow (ours, "ping:sent", ours->loop->context, on_number, 0);
  return ours;
}

static gpointer
set_up_bounded (const BenchCase *bench)
{
  Ours *ours = ours_new ();

  follow (ours, "ping:sent", ours->loop->context, on_value, CURRANT_BOUND_DEFAULT);
  return ours;
}

static gpointer
set_up_home (const BenchCase *bench)
{
  Ours *ours = ours_new ();

  follow (ours, "pong:sent", ours->loop->home, on_home, 0);
  return ours;
}

static gpointer
set_up_ping_pong (const BenchCase *bench)
{
  Ours *ours = set_up_home (bench);

  follow (ours, "ping:sent", ours->loop->context, on_ping, 0);
  return ours;
}

/* ---- runs ----------------------------------------------------------------------------------- */

static void
run_value (BenchRun *run)
{
  Ours *ours = run->state;
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  loop_expect (ours->loop, run);
  for (gsize i = 0; i < run->n; i++)
    {
      g_value_set_int (&value, (int)i);
      currant_topic_publish_value (ours->ping, &value);
    }
  loop_wait (ours->loop, run);
}

static void
run_number (BenchRun *run)
{
  Ours *ours = run->state;

  loop_expect (ours->loop, run);
  for (gsize i = 0; i < run->n; i++)
    currant_topic_publish (ours->ping, "(i)", (int)i);
  loop_wait (ours->loop, run);
}

static void
run_self (BenchRun *run)
{
  Ours *ours = run->state;
  Loop *loop = ours->loop;

  loop->home_seen = 0;
  bench_start (run);
  for (gsize done = 0; done < run->n; done += CONTEXT_BATCH)
    {
      for (int i = 0; i < CONTEXT_BATCH; i++)
        currant_topic_publish (ours->pong, "(i)", i);
      loop_run_home (loop, done + CONTEXT_BATCH, FALSE);
    }
  bench_stop (run);
  run->counted = loop->home_seen;
}

static void
run_ping_pong (BenchRun *run)
{
  Ours *ours = run->state;
  Loop *loop = ours->loop;

  loop->home_seen = 0;
  bench_pin (0);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      gint64 sent = bench_now ();

      currant_topic_publish (ours->ping, "(i)", (int)i);
      loop_run_home (loop, i + 1, TRUE);
      bench_latency (run, bench_now () - sent);
    }
  bench_stop (run);
  run->counted = loop->home_seen;
}

/* ---- cases ---------------------------------------------------------------------------------- */

static void
add_ours_to (const char *comparison, const char *name, BenchTarget target, BenchTarget second,
             gpointer (*set_up) (const BenchCase *), void (*run) (BenchRun *))
{
  const gboolean self = g_str_equal (comparison, "loop-self");

  bench_add (&(BenchCase){ .comparison = comparison,
                           .name = name,
                           .granularity = self ? CONTEXT_BATCH : 1,
                           .max_n = CONTEXT_MAX,
                           .deliveries = 1,
                           .targets = { target, second },
                           .setup = set_up,
                           .run = run,
                           .teardown = ours_free });
}

static void
add_ours (void)
{
  const BenchTarget posted = { CONTEXT_IDLE, 0.15, 0.06 };
  const BenchTarget half = { CONTEXT_UV, 1.0, 0.5 };
  const BenchTarget shown = { CONTEXT_UV, 0, 0 };

  add_ours_to ("loop-post", "queued, int GValue", posted, half, set_up_value, run_value);
  add_ours_to ("loop-post", "queued, \"(i)\"", posted, half, set_up_number, run_number);
  add_ours_to ("loop-post", "queued, bounded, publisher waits", posted, half, set_up_bounded,
               run_value);
  add_ours_to ("loop-self", "queued, \"(i)\"", (BenchTarget){ CONTEXT_IDLE, 0.25, 0.12 }, shown,
               set_up_home, run_self);
  add_ours_to ("loop-ping-pong", "queued both ways", (BenchTarget){ CONTEXT_FLOOR, 1.2, 1.08 },
               shown, set_up_ping_pong, run_ping_pong);
}

BENCH_CASES (add_ours)

static void
add_titles (void)
{
  bench_title ("loop-post", "post to a main loop in another thread");
  bench_title ("loop-self", "post 1,000 to the own main loop, then run it");
  bench_title ("loop-ping-pong", "to another thread's main loop and back");
}

int
main (int argc, char **argv)
{
  return bench_main (argc, argv, "context", add_titles);
}
