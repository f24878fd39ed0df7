/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group B: a GSource per message. */
#include "config.h"

#include "bench-context.h"

static gpointer
set_up_loop (const BenchCase *bench)
{
  return loop_new ();
}

static void
tear_down_loop (gpointer state)
{
  loop_stop (state);
  loop_free (state);
}

/* An int needs no payload beside the pointer, but the callback must know the loop too; it is the
 * same one in a whole run. */
static Loop *current;

static void
post_idle (GMainContext *context, GSourceFunc func, int number)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, GINT_TO_POINTER (number), NULL);
  g_source_attach (source, context);
  g_source_unref (source);
}

static void
post_invoke (GMainContext *context, GSourceFunc func, int number)
{
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, func, GINT_TO_POINTER (number), NULL);
}

typedef void (*PostFunc) (GMainContext *context, GSourceFunc func, int number);

static gboolean
on_got (gpointer data)
{
  loop_got (current, GPOINTER_TO_INT (data));
  return G_SOURCE_REMOVE;
}

static gboolean
on_home (gpointer data)
{
  current->home_seen++;
  return G_SOURCE_REMOVE;
}

static gboolean
on_ping_idle (gpointer data)
{
  post_idle (current->home, on_home, GPOINTER_TO_INT (data));
  return G_SOURCE_REMOVE;
}

static gboolean
on_ping_invoke (gpointer data)
{
  post_invoke (current->home, on_home, GPOINTER_TO_INT (data));
  return G_SOURCE_REMOVE;
}

static void
run_post (BenchRun *run, PostFunc post)
{
  current = run->state;
  loop_expect (current, run);
  for (gsize i = 0; i < run->n; i++)
    post (current->context, on_got, (int)i);
  loop_wait (current, run);
}

static void
run_idle (BenchRun *run)
{
  run_post (run, post_idle);
}

static void
run_invoke (BenchRun *run)
{
  run_post (run, post_invoke);
}

static void
run_self (BenchRun *run)
{
  current = run->state;
  current->home_seen = 0;
  bench_start (run);
  for (gsize done = 0; done < run->n; done += CONTEXT_BATCH)
    {
      for (int i = 0; i < CONTEXT_BATCH; i++)
        post_idle (current->home, on_home, i);
      loop_run_home (current, done + CONTEXT_BATCH, FALSE);
    }
  bench_stop (run);
  run->counted = current->home_seen;
}

static void
run_ping_pong (BenchRun *run, PostFunc post, GSourceFunc on_ping)
{
  current = run->state;
  current->home_seen = 0;
  bench_pin (0);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      gint64 sent = bench_now ();

      post (current->context, on_ping, (int)i);
      loop_run_home (current, i + 1, TRUE);
      bench_latency (run, bench_now () - sent);
    }
  bench_stop (run);
  run->counted = current->home_seen;
}

static void
run_ping_pong_idle (BenchRun *run)
{
  run_ping_pong (run, post_idle, on_ping_idle);
}

static void
run_ping_pong_invoke (BenchRun *run)
{
  run_ping_pong (run, post_invoke, on_ping_invoke);
}

static void
add_peer (const char *comparison, const char *name, void (*run) (BenchRun *))
{
  bench_add (&(BenchCase){ .comparison = comparison,
                           .name = name,
                           .role = BENCH_PEER,
                           .granularity = run == run_self ? CONTEXT_BATCH : 1,
                           .max_n = CONTEXT_MAX,
                           .deliveries = 1,
                           .setup = set_up_loop,
                           .run = run,
                           .teardown = tear_down_loop });
}

static void
add_glib (void)
{
  add_peer ("loop-post", CONTEXT_IDLE, run_idle);
  add_peer ("loop-post", "g_main_context_invoke_full", run_invoke);
  add_peer ("loop-self", CONTEXT_IDLE, run_self);
  add_peer ("loop-ping-pong", CONTEXT_IDLE, run_ping_pong_idle);
  add_peer ("loop-ping-pong", "g_main_context_invoke_full", run_ping_pong_invoke);
}

BENCH_CASES (add_glib)
