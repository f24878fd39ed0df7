/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Curves: single publishes while followers come and go, and very many followers. */
#include "config.h"

#include "bench-curves.h"

#include "bench-match.h"

#include <currant.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define ID "sensor:reading"
#define ELSEWHERE "other:reading"
#define N_FOLLOWERS 10

/* Of the one who comes and goes: a pair of calls for each tick. */
#define TICK_NS 100000
#define TICKS_A_SECOND 10000

/* ---- coming and going ----------------------------------------------------------------------- */

typedef struct
{
  CurrantBus *bus;
  CurrantTopic *topic;
  const char *pattern; /* what comes and goes, or NULL */
  GThread *thread;
  int stop;      /* atomic */
  int pairs;     /* atomic */
  guint64 calls; /* of the followers that stay */
  guint64 others;
} Churn;

static void
on_call (CurrantMessage *message, gpointer user_data)
{
  guint64 *calls = user_data;

  (*calls)++;
}

static gpointer
churn_main (gpointer data)
{
  const struct itimerspec every = { { 0, TICK_NS }, { 0, TICK_NS } };
  Churn *churn = data;
  int timer = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC);
  guint64 ticks;

  g_assert (timer >= 0 && timerfd_settime (timer, 0, &every, NULL) == 0);
  while (!g_atomic_int_get (&churn->stop)
         && read (timer, &ticks, sizeof (ticks)) == (gssize)sizeof (ticks))
    for (guint64 i = 0; i < ticks; i++)
      {
        currant_follower_stop (currant_bus_follow_with_delivery (
            churn->bus, churn->pattern, CURRANT_DELIVERY_DIRECT, on_call, &churn->others, NULL));
        g_atomic_int_inc (&churn->pairs);
      }
  close (timer);
  return NULL;
}

static Churn *
churn_new (const char *pattern)
{
  Churn *churn = g_new0 (Churn, 1);

  churn->bus = currant_bus_new ();
  churn->topic = currant_bus_get_topic (churn->bus, ID, NULL);
  churn->pattern = pattern;
  for (guint i = 0; i < N_FOLLOWERS; i++)
    currant_bus_follow_with_delivery (churn->bus, ID, CURRANT_DELIVERY_DIRECT, on_call,
                                      &churn->calls, NULL);
  return churn;
}

static gpointer
set_up_quiet (const BenchCase *bench)
{
  return churn_new (NULL);
}

static gpointer
set_up_elsewhere (const BenchCase *bench)
{
  return churn_new (ELSEWHERE);
}

static gpointer
set_up_here (const BenchCase *bench)
{
  return churn_new (ID);
}

static void
churn_free (gpointer state)
{
  Churn *churn = state;

  currant_topic_unref (churn->topic);
  g_object_run_dispose (G_OBJECT (churn->bus));
  g_object_unref (churn->bus);
  g_free (churn);
}

static void
churn_start (Churn *churn)
{
  churn->stop = 0;
  churn->pairs = 0;
  churn->calls = 0;
  if (churn->pattern != NULL)
    churn->thread = bench_thread_new ("bench-churn", 1, churn_main, churn);
}

static void
churn_stop (Churn *churn)
{
  g_atomic_int_set (&churn->stop, 1);
  g_clear_pointer (&churn->thread, g_thread_join);
}

static void
publish_each (BenchRun *run, Churn *churn)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  for (gsize i = 0; i < run->n; i++)
    {
      gint64 before = bench_now ();

      g_value_set_int (&value, (int)i);
      currant_topic_publish_value (churn->topic, &value);
      bench_latency (run, bench_now () - before);
    }
}

static void
run_each (BenchRun *run)
{
  Churn *churn = run->state;

  churn_start (churn);
  bench_pin (0);
  bench_start (run);
  publish_each (run, churn);
  bench_stop (run);
  churn_stop (churn);
  run->counted = churn->calls;
}

/* Whether the other thread comes as far as it should. */
static void
run_reached (BenchRun *run)
{
  run_each (run);
  run->value = (double)g_atomic_int_get (&((Churn *)run->state)->pairs) * 1e9 / (double)run->ns;
  g_array_set_size (run->latencies, 0);
}

static void
run_clock (BenchRun *run)
{
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      gint64 before = bench_now ();

      bench_latency (run, bench_now () - before);
    }
  bench_stop (run);
}

static void
add_churn_case (const char *name, BenchRole role, const char *unit, guint deliveries,
                gpointer (*set_up) (const BenchCase *), void (*run) (BenchRun *))
{
  bench_add (&(BenchCase){ .comparison = "curve-churn",
                           .name = name,
                           .role = role,
                           .unit = unit,
                           .deliveries = deliveries,
                           .setup = set_up,
                           .run = run,
                           .teardown = set_up != NULL ? churn_free : NULL });
}

static void
add_churn (void)
{
  add_churn_case ("nobody comes or goes", BENCH_OURS, NULL, N_FOLLOWERS, set_up_quiet, run_each);
  add_churn_case ("10,000 a second come and go elsewhere", BENCH_OURS, NULL, N_FOLLOWERS,
                  set_up_elsewhere, run_each);
  add_churn_case ("10,000 a second come and go on the topic", BENCH_OURS, NULL, N_FOLLOWERS,
                  set_up_here, run_each);
  add_churn_case ("so many did come and go on the topic", BENCH_OURS, "a second", N_FOLLOWERS,
                  set_up_here, run_reached);
  add_churn_case ("reading the clock alone", BENCH_FLOOR, NULL, 0, NULL, run_clock);
}

BENCH_CASES (add_churn)

/* ---- very many ------------------------------------------------------------------------------ */

typedef enum
{
  MANY_HEAP,
  MANY_ADD,
  MANY_REMOVE,
  MANY_FIGURES
} ManyFigure;

typedef struct
{
  gint64 n;
  gboolean apart; /* each on a topic of its own */
  double figures[MANY_FIGURES];
} Many;

static const gint64 many_sizes[] = { 1000, 10000, 100000, 1000000, 0 };
static GArray *measured; /* of Many: each is built once */

static void
measure_many (Many *many)
{
  CurrantBus *bus = currant_bus_new ();
  g_autofree CurrantFollower **followers = g_new0 (CurrantFollower *, many->n);
  gsize text_bytes = 0;
  gsize heap = match_heap_bytes ();
  guint64 calls = 0;
  gint64 start = bench_now ();

  for (gint64 i = 0; i < many->n; i++)
    {
      char id[64] = ID;

      if (many->apart)
        g_snprintf (id, sizeof (id), "sensor-%" G_GINT64_FORMAT ":reading", i);
      text_bytes += many->apart ? strlen (id) + 1 : 0;
      followers[i] = currant_bus_follow_with_delivery (bus, id, CURRANT_DELIVERY_DIRECT, on_call,
                                                       &calls, NULL);
    }
  many->figures[MANY_ADD] = (double)(bench_now () - start) / (double)many->n;

  /* What is built at the first publish counts too. */
  currant_bus_publish (bus, many->apart ? "sensor-0:reading" : ID, NULL);
  g_assert (calls == (many->apart ? 1 : (guint64)many->n));
  many->figures[MANY_HEAP] =
      ((double)match_heap_bytes () - (double)heap - (double)text_bytes) / (double)many->n;

  start = bench_now ();
  for (gint64 i = 0; i < many->n; i++)
    currant_follower_stop (followers[i]);
  many->figures[MANY_REMOVE] = (double)(bench_now () - start) / (double)many->n;

  calls = 0;
  currant_bus_publish (bus, many->apart ? "sensor-0:reading" : ID, NULL);
  g_assert (calls == 0);
  g_object_run_dispose (G_OBJECT (bus));
  g_object_unref (bus);
}

/* All at once and the small ones first: what a bus leaves behind for a while, to be freed when
 * nobody can be reading it, is little beside the next one. */
static void
measure_all (void)
{
  measured = g_array_new (FALSE, FALSE, sizeof (Many));
  for (guint i = 0; many_sizes[i] != 0; i++)
    for (guint apart = 0; apart < 2; apart++)
      {
        Many many = { .n = many_sizes[i], .apart = apart != 0 };

        if (bench_is_quick () && i > 0)
          return;
        measure_many (&many);
        g_array_append_val (measured, many);
      }
}

static const Many *
many_get (const BenchCase *bench)
{
  const gboolean apart = strstr (bench->name, "apart") != NULL;
  const Many *many;
  guint i = 0;

  if (measured == NULL)
    measure_all ();
  do
    many = &g_array_index (measured, Many, i++);
  while (many->n != bench->param || many->apart != apart);
  return many;
}

static void
run_heap (BenchRun *run)
{
  run->value = many_get (run->bench)->figures[MANY_HEAP];
}

static void
run_add (BenchRun *run)
{
  run->value = many_get (run->bench)->figures[MANY_ADD];
}

static void
run_remove (BenchRun *run)
{
  run->value = many_get (run->bench)->figures[MANY_REMOVE];
}

static void
add_many_case (const char *series, const char *unit, void (*run) (BenchRun *))
{
  BenchCase bench = { .comparison = "curve-million", .unit = unit, .max_n = 1, .run = run };

  curve_add (bench, series, many_sizes);
}

static void
add_many (void)
{
  add_many_case ("heap a follower, all on one topic", "B", run_heap);
  add_many_case ("heap a follower beside its text, topics apart", "B", run_heap);
  add_many_case ("add one, all on one topic", "ns each", run_add);
  add_many_case ("add one, topics apart", "ns each", run_add);
  add_many_case ("stop one, all on one topic", "ns each", run_remove);
  add_many_case ("stop one, topics apart", "ns each", run_remove);
}

BENCH_CASES (add_many)
