/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Curves of a publish: patterns, followers, topics, namespaces, threads, sizes. */
#include "config.h"

#include "bench-curves.h"

#include "bench-match.h"

#include <currant.h>
#include <string.h>

#define ID "sensor:reading"
#define QUICK_MOST 1000

typedef struct
{
  CurrantBus *bus;
  CurrantTopic *topic;
  CurrantTopic **topics; /* of the threads */
  char **ids;            /* to publish under in turn */
  gsize n;
  GVariant *variant;
  char *text;
  gsize bytes;
  guint64 calls;
} Fixture;

void
curve_add (BenchCase bench, const char *series, const gint64 *params)
{
  bench.series = series;
  for (guint i = 0; i == 0 || params[i] != 0; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s, %" G_GINT64_FORMAT, series, params[i]);

      if (bench_is_quick () && params[i] > QUICK_MOST)
        break;
      bench.name = g_intern_string (name);
      bench.param = params[i];
      bench_add (&bench);
    }
}

/* Every call of every thread, a counter each, for one they share would be the dearest part. */
static __thread guint64 calls_here;

static void
on_call (CurrantMessage *message, gpointer user_data)
{
  calls_here++;
}

static void
follow (Fixture *fixture, const char *pattern)
{
  currant_bus_follow_with_delivery (fixture->bus, pattern, CURRANT_DELIVERY_DIRECT, on_call, NULL,
                                    NULL);
}

static Fixture *
fixture_new (gsize n_ids)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->bus = currant_bus_new ();
  fixture->topic = currant_bus_get_topic (fixture->bus, ID, NULL);
  fixture->ids = g_new0 (char *, n_ids + 1);
  fixture->n = n_ids;
  return fixture;
}

static void
fixture_free (gpointer state)
{
  Fixture *fixture = state;

  for (gsize i = 0; fixture->topics != NULL && i < fixture->n; i++)
    currant_topic_unref (fixture->topics[i]);
  g_clear_pointer (&fixture->variant, g_variant_unref);
  currant_topic_unref (fixture->topic);
  g_object_run_dispose (G_OBJECT (fixture->bus));
  g_object_unref (fixture->bus);
  g_free (fixture->topics);
  g_strfreev (fixture->ids);
  g_free (fixture->text);
  g_free (fixture);
}

/* ---- patterns, topics, namespaces: publish by text, in turn --------------------------------- */

/* In an order that jumps about, as a program's would. */
static void
shuffle (Fixture *fixture)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20240229);

  for (gsize i = fixture->n; i > 1; i--)
    {
      gsize j = (gsize)g_rand_int_range (random, 0, (gint32)i);
      char *id = fixture->ids[i - 1];

      fixture->ids[i - 1] = fixture->ids[j];
      fixture->ids[j] = id;
    }
}

static gpointer
set_up_topics (const BenchCase *bench)
{
  Fixture *fixture = fixture_new ((gsize)bench->param);

  for (gsize i = 0; i < fixture->n; i++)
    {
      fixture->ids[i] = g_strdup_printf ("sensor-%" G_GSIZE_FORMAT ":reading", i);
      follow (fixture, fixture->ids[i]);
    }
  shuffle (fixture);
  return fixture;
}

static gpointer
set_up_namespaces (const BenchCase *bench)
{
  Fixture *fixture = fixture_new ((gsize)bench->param);

  for (gsize i = 0; i < fixture->n; i++)
    {
      fixture->ids[i] = g_strdup_printf ("sensor@space-%" G_GSIZE_FORMAT ":reading", i);
      follow (fixture, fixture->ids[i]);
    }
  shuffle (fixture);
  return fixture;
}

static void
run_in_turn (BenchRun *run)
{
  Fixture *fixture = run->state;
  gsize place = 0;

  calls_here = 0;
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      currant_bus_publish (fixture->bus, fixture->ids[place], NULL);
      place = place + 1 < fixture->n ? place + 1 : 0;
    }
  bench_stop (run);
  run->counted = calls_here;
}

typedef struct
{
  Fixture *fixture;
  MatchWalk *walk;
} Patterns;

static gpointer
set_up_patterns (const BenchCase *bench)
{
  Patterns *patterns = g_new0 (Patterns, 1);
  const MatchSet *set = match_set_get ((gsize)bench->param, FALSE);

  patterns->fixture = fixture_new (0);
  for (gsize i = 0; i < set->n_patterns; i++)
    follow (patterns->fixture, set->patterns[i]);
  patterns->walk = match_walk_new (NULL, set, MATCH_WALK_HOT);
  return patterns;
}

static void
patterns_free (gpointer state)
{
  Patterns *patterns = state;

  fixture_free (patterns->fixture);
  g_free (patterns->walk);
  g_free (patterns);
}

static void
run_patterns (BenchRun *run)
{
  Patterns *patterns = run->state;
  CurrantBus *bus = patterns->fixture->bus;

  run->expected = match_walk_expected (patterns->walk, run->n);
  calls_here = 0;
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    currant_bus_publish (bus, match_walk_next (patterns->walk)->id, NULL);
  bench_stop (run);
  run->counted = calls_here;
}

/* ---- followers ------------------------------------------------------------------------------ */

static gpointer
set_up_followers (const BenchCase *bench)
{
  Fixture *fixture = fixture_new (0);

  for (gint64 i = 0; i < bench->param; i++)
    follow (fixture, ID);
  return fixture;
}

static void
run_followers (BenchRun *run)
{
  Fixture *fixture = run->state;
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  run->expected = (guint64)run->n * (guint64)run->bench->param;
  calls_here = 0;
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      g_value_set_int (&value, (int)i);
      currant_topic_publish_value (fixture->topic, &value);
    }
  bench_stop (run);
  run->counted = calls_here;
}

/* ---- threads -------------------------------------------------------------------------------- */

static gpointer
set_up_threads (const BenchCase *bench)
{
  const gboolean apart = strstr (bench->series, "each") != NULL;
  Fixture *fixture = fixture_new ((gsize)bench->param);

  fixture->topics = g_new0 (CurrantTopic *, fixture->n);
  for (gsize i = 0; i < fixture->n; i++)
    {
      fixture->ids[i] = g_strdup_printf ("sensor-%" G_GSIZE_FORMAT ":reading", apart ? i : 0);
      fixture->topics[i] = currant_bus_get_topic (fixture->bus, fixture->ids[i], NULL);
      if (apart || i == 0)
        follow (fixture, fixture->ids[i]);
    }
  return fixture;
}

static void
publish_lane (BenchRun *run, guint lane)
{
  Fixture *fixture = run->state;
  const gsize n = run->n / fixture->n;
  GValue value = G_VALUE_INIT;

  calls_here = 0;
  g_value_init (&value, G_TYPE_INT);
  for (gsize i = 0; i < n; i++)
    {
      g_value_set_int (&value, (int)i);
      currant_topic_publish_value (fixture->topics[lane], &value);
    }
  __atomic_fetch_add (&fixture->calls, calls_here, __ATOMIC_RELAXED);
}

static void
run_threads (BenchRun *run)
{
  Fixture *fixture = run->state;

  fixture->calls = 0;
  bench_parallel (run, (guint)fixture->n, publish_lane);
  run->expected = run->n / fixture->n * fixture->n;
  run->counted = fixture->calls;
}

/* ---- sizes ---------------------------------------------------------------------------------- */

static void
on_text (CurrantMessage *message, gpointer user_data)
{
  const char *text = NULL;

  currant_message_get (message, "(&s)", &text);
  bench_use (text);
  calls_here += text != NULL;
}

static void
on_variant (CurrantMessage *message, gpointer user_data)
{
  GVariant *args = currant_message_get_args (message);

  bench_use (args);
  calls_here += args != NULL;
}

static gpointer
set_up_text (const BenchCase *bench)
{
  Fixture *fixture = fixture_new (0);

  fixture->bytes = (gsize)bench->param;
  fixture->text = g_strnfill (fixture->bytes, 'x');
  fixture->variant = g_variant_ref_sink (g_variant_new ("(s)", fixture->text));
  return fixture;
}

static gpointer
set_up_packed (const BenchCase *bench)
{
  Fixture *fixture = set_up_text (bench);

  currant_bus_follow_with_delivery (fixture->bus, ID, CURRANT_DELIVERY_DIRECT, on_text, NULL, NULL);
  return fixture;
}

static gpointer
set_up_variant (const BenchCase *bench)
{
  Fixture *fixture = set_up_text (bench);

  currant_bus_follow_with_delivery (fixture->bus, ID, CURRANT_DELIVERY_DIRECT, on_variant, NULL,
                                    NULL);
  return fixture;
}

static void
run_packed (BenchRun *run)
{
  Fixture *fixture = run->state;

  calls_here = 0;
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    currant_topic_publish (fixture->topic, "(s)", fixture->text);
  bench_stop (run);
  run->counted = calls_here;
}

static void
run_variant (BenchRun *run)
{
  Fixture *fixture = run->state;

  calls_here = 0;
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    currant_topic_publish_variant (fixture->topic, fixture->variant, NULL);
  bench_stop (run);
  run->counted = calls_here;
}

/* What any message that keeps its text must do. */
static void
run_copy (BenchRun *run)
{
  Fixture *fixture = run->state;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      g_autofree char *copy = g_strdup (fixture->text);

      bench_use (copy);
      run->counted += copy != NULL;
    }
  bench_stop (run);
}

/* ---- cases ---------------------------------------------------------------------------------- */

static void
add_curve (const char *comparison, const char *series, BenchRole role, guint deliveries,
           const gint64 *params, gpointer (*set_up) (const BenchCase *), void (*run) (BenchRun *),
           void (*tear_down) (gpointer))
{
  curve_add ((BenchCase){ .comparison = comparison,
                          .role = role,
                          .deliveries = deliveries,
                          .setup = set_up,
                          .run = run,
                          .teardown = tear_down },
             series, params);
}

static void
add_curves (void)
{
  static const gint64 patterns[] = { 10, 100, 1000, 10000, 100000, 1000000, 0 };
  static const gint64 followers[] = { 0, 1, 3, 10, 30, 100, 300, 1000, 0 };
  static const gint64 topics[] = { 1, 10, 100, 1000, 10000, 100000, 0 };
  static const gint64 namespaces[] = { 1, 10, 100, 1000, 10000, 0 };
  static const gint64 threads[] = { 1, 2, 3, 4, 6, 8, 0 };
  static const gint64 sizes[] = { 0, 16, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 0 };

  add_curve ("curve-patterns", "one of 512 identifiers", BENCH_OURS, 0, patterns, set_up_patterns,
             run_patterns, patterns_free);
  add_curve ("curve-followers", "topic, int GValue", BENCH_OURS, 0, followers, set_up_followers,
             run_followers, fixture_free);
  add_curve ("curve-topics", "all in turn", BENCH_OURS, 1, topics, set_up_topics, run_in_turn,
             fixture_free);
  add_curve ("curve-namespaces", "all in turn", BENCH_OURS, 1, namespaces, set_up_namespaces,
             run_in_turn, fixture_free);
  add_curve ("curve-threads", "one topic", BENCH_OURS, 0, threads, set_up_threads, run_threads,
             fixture_free);
  add_curve ("curve-threads", "each its topic", BENCH_OURS, 0, threads, set_up_threads, run_threads,
             fixture_free);
  add_curve ("curve-size", "text in packed args", BENCH_OURS, 1, sizes, set_up_packed, run_packed,
             fixture_free);
  add_curve ("curve-size", "GVariant made before", BENCH_OURS, 1, sizes, set_up_variant,
             run_variant, fixture_free);
  add_curve ("curve-size", "copying the text alone", BENCH_FLOOR, 1, sizes, set_up_text, run_copy,
             fixture_free);
}

BENCH_CASES (add_curves)

static void
add_titles (void)
{
  bench_title ("curve-patterns", "publish by text among n patterns, at most 4 match");
  bench_title ("curve-followers", "publish on a topic to n direct followers");
  bench_title ("curve-topics", "publish by text to n topics, a follower each");
  bench_title ("curve-namespaces", "publish by text in n namespaces, a follower each");
  bench_title ("curve-threads", "n threads publish to a direct follower, time over all publishes");
  bench_title ("curve-size", "publish n bytes of text to a direct follower");
  bench_title ("curve-churn", "each publish to 10 direct followers, while others come and go");
  bench_title ("curve-million", "n followers on one bus");
}

int
main (int argc, char **argv)
{
  int status = bench_main (argc, argv, "curves", add_titles);

  match_sets_free ();
  return status;
}
