/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of cases, and how they are run: set up together, calibrated one by one, warmed up, then
 * measured in interleaved rounds. */
#include "config.h"

#include "bench-private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FULL_ROUNDS 9
#define FULL_ROUND_MS 30
#define QUICK_ROUNDS 1
#define QUICK_ROUND_MS 4

/* Of calibration: how much more one run does than the one before, and which part of the time that
 * is asked for is near enough. */
#define MAX_GROWTH 8
#define ENOUGH 0.75

/* A run that waits for a message that never comes ends the program. */
#define RUN_PATIENCE_S 120

BenchOptions bench_options;

static GPtrArray *announced; /* of BenchRegisterFunc */
static GPtrArray *comparisons;

void
bench_announce (BenchRegisterFunc function)
{
  if (announced == NULL)
    announced = g_ptr_array_new ();
  g_ptr_array_add (announced, (gpointer)function);
}

static void
entry_free (gpointer data)
{
  BenchEntry *entry = data;

  g_array_unref (entry->samples);
  g_array_unref (entry->tails);
  g_array_unref (entry->extremes);
  g_free (entry->refused);
  g_free (entry);
}

static void
comparison_free (gpointer data)
{
  BenchComparison *comparison = data;

  g_ptr_array_unref (comparison->entries);
  g_free (comparison);
}

static BenchComparison *
find_comparison (const char *name)
{
  for (guint i = 0; i < comparisons->len; i++)
    {
      BenchComparison *comparison = g_ptr_array_index (comparisons, i);

      if (g_str_equal (comparison->name, name))
        return comparison;
    }
  return NULL;
}

void
bench_title (const char *name, const char *title)
{
  BenchComparison *comparison = g_new0 (BenchComparison, 1);

  g_return_if_fail (find_comparison (name) == NULL);

  comparison->name = g_intern_string (name);
  comparison->title = g_intern_string (title);
  comparison->entries = g_ptr_array_new_with_free_func (entry_free);
  g_ptr_array_add (comparisons, comparison);
}

/* A filter with a slash means a whole path, or several by wildcards; one without means a part. */
static gboolean
is_wanted (const BenchCase *bench)
{
  const char *filter = bench_options.filter;
  g_autofree char *path = g_strdup_printf ("%s/%s", bench->comparison, bench->name);

  if (filter == NULL)
    return TRUE;
  return strchr (filter, '/') != NULL ? g_pattern_match_simple (filter, path)
                                      : strstr (path, filter) != NULL;
}

void
bench_add (const BenchCase *bench)
{
  BenchComparison *comparison = find_comparison (bench->comparison);
  BenchEntry *entry;
  guint place = 0;

  g_return_if_fail (comparison != NULL);
  if (!is_wanted (bench))
    return;

  entry = g_new0 (BenchEntry, 1);
  entry->bench = *bench;
  entry->bench.name = g_intern_string (bench->name);
  entry->bench.comparison = comparison->name;
  entry->bench.series = g_intern_string (bench->series);
  entry->samples = g_array_new (FALSE, FALSE, sizeof (double));
  entry->tails = g_array_new (FALSE, FALSE, sizeof (double));
  entry->extremes = g_array_new (FALSE, FALSE, sizeof (double));

  while (place < comparison->entries->len
         && ((BenchEntry *)comparison->entries->pdata[place])->bench.role <= bench->role)
    place++;
  g_ptr_array_insert (comparison->entries, (int)place, entry);
}

gboolean
bench_is_quick (void)
{
  return bench_options.quick;
}

/* ---- one run -------------------------------------------------------------------------------- */

static void
refuse (BenchEntry *entry, const BenchRun *run)
{
  g_free (entry->refused);
  if (run->complaint != NULL)
    {
      entry->refused = g_strdup (run->complaint);
      return;
    }
  entry->refused = g_strdup_printf ("%" G_GUINT64_FORMAT " deliveries instead of %" G_GUINT64_FORMAT
                                    " after %" G_GSIZE_FORMAT " operations",
                                    run->counted, run->expected, run->n);
}

static gsize
round_to_granularity (const BenchCase *bench, double n)
{
  gsize grain = MAX (bench->granularity, 1);
  gsize most = bench->max_n > 0 ? bench->max_n : G_MAXSIZE / 2;
  gsize wanted = n < (double)most ? (gsize)n : most;

  return MAX (wanted / grain, 1) * grain;
}

/* Does @n operations; what they took in all, in ns, or -1 when they were not all delivered. */
static gint64
run_once (BenchEntry *entry, gsize n, BenchRun *run)
{
  *run = (BenchRun){ .bench = &entry->bench, .state = entry->state, .n = n };
  run->expected = (guint64)n * entry->bench.deliveries;
  run->latencies = g_array_new (FALSE, FALSE, sizeof (gint64));

  alarm (RUN_PATIENCE_S);
  entry->bench.run (run);
  alarm (0);
  bench_unpin ();

  if (run->counted == run->expected && run->complaint == NULL)
    return run->ns;
  refuse (entry, run);
  return -1;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const gint64 *x = a;
  const gint64 *y = b;

  return (*x > *y) - (*x < *y);
}

static void
keep_latencies (BenchEntry *entry, GArray *latencies)
{
  double middle;
  double tail;
  double extreme;

  g_array_sort (latencies, compare_times);
  middle = bench_percentile (latencies, 50);
  tail = bench_percentile (latencies, 99);
  extreme = bench_percentile (latencies, 99.9);
  g_array_append_val (entry->samples, middle);
  g_array_append_val (entry->tails, tail);
  g_array_append_val (entry->extremes, extreme);
}

static void
keep_sample (BenchEntry *entry, const BenchRun *run)
{
  double sample = entry->bench.unit != NULL ? run->value : (double)run->ns / (double)run->n;

  if (run->latencies->len > 0)
    keep_latencies (entry, run->latencies);
  else
    g_array_append_val (entry->samples, sample);
}

static void
measure (BenchEntry *entry, gboolean keep)
{
  BenchRun run;

  if (entry->refused != NULL)
    return;
  if (run_once (entry, entry->n, &run) >= 0 && keep)
    keep_sample (entry, &run);
  g_array_unref (run.latencies);
}

/* Finds how many operations fill a round, growing from one at a time until they do twice running:
 * what is done for the first time is cold, and says little about the times to come. */
static void
calibrate (BenchEntry *entry)
{
  const double wanted = bench_options.round_ms * 1e6;
  gsize n = round_to_granularity (&entry->bench, 1);
  guint filled = 0;

  while (filled < 2)
    {
      BenchRun run;
      gint64 ns = run_once (entry, n, &run);
      double growth = CLAMP (wanted / (double)MAX (ns, 1), 1, MAX_GROWTH);
      gsize next = round_to_granularity (&entry->bench, (double)n * growth);

      g_array_unref (run.latencies);
      if (ns < 0)
        break;
      filled = (double)ns >= wanted * ENOUGH || next <= n ? filled + 1 : 0;
      if (filled == 0)
        n = next;
    }
  entry->n = n;
}

/* ---- all runs ------------------------------------------------------------------------------- */

static void
set_up (BenchComparison *comparison)
{
  for (guint i = 0; i < comparison->entries->len; i++)
    {
      BenchEntry *entry = g_ptr_array_index (comparison->entries, i);

      if (entry->bench.setup != NULL)
        entry->state = entry->bench.setup (&entry->bench);
      calibrate (entry);
    }
}

static void
tear_down (BenchComparison *comparison)
{
  for (guint i = comparison->entries->len; i > 0; i--)
    {
      BenchEntry *entry = g_ptr_array_index (comparison->entries, i - 1);

      if (entry->bench.teardown != NULL)
        entry->bench.teardown (entry->state);
    }
}

static void
run_comparison (BenchComparison *comparison)
{
  const int warm_up = bench_options.quick ? 0 : 1;

  if (comparison->entries->len == 0)
    return;
  set_up (comparison);
  for (int round = -warm_up; round < bench_options.rounds; round++)
    for (guint i = 0; i < comparison->entries->len; i++)
      measure (g_ptr_array_index (comparison->entries, i), round >= 0);
  tear_down (comparison);
  bench_report_text (comparison);
}

static void
list_comparison (const BenchComparison *comparison)
{
  static const char *const roles[] = { "", "  (peer)", "  (floor)" };

  for (guint i = 0; i < comparison->entries->len; i++)
    {
      BenchEntry *entry = g_ptr_array_index (comparison->entries, i);

      g_print ("%s/%s%s\n", comparison->name, entry->bench.name, roles[entry->bench.role]);
    }
}

static gboolean
is_refused (const BenchComparison *comparison)
{
  for (guint i = 0; i < comparison->entries->len; i++)
    if (((BenchEntry *)comparison->entries->pdata[i])->refused != NULL)
      return TRUE;
  return FALSE;
}

/* ---- the program ---------------------------------------------------------------------------- */

static gboolean
parse_options (int *argc, char ***argv, GError **error)
{
  BenchOptions *o = &bench_options;
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  const GOptionEntry entries[] = {
    { "quick", 'q', 0, G_OPTION_ARG_NONE, &o->quick, "Only prove that every case works", NULL },
    { "list", 'l', 0, G_OPTION_ARG_NONE, &o->list, "List the cases", NULL },
    { "filter", 'f', 0, G_OPTION_ARG_STRING, &o->filter,
      "Only cases whose comparison/name contains TEXT, or is TEXT where it has a slash", "TEXT" },
    { "json", 'j', 0, G_OPTION_ARG_FILENAME, &o->json, "Write the figures to FILE", "FILE" },
    { "rounds", 'r', 0, G_OPTION_ARG_INT, &o->rounds, "How many measured rounds", "N" },
    { "time", 't', 0, G_OPTION_ARG_INT, &o->round_ms, "How long one case runs in a round", "MS" },
    { "no-pin", 0, 0, G_OPTION_ARG_NONE, &o->no_pin, "Leave threads where the system puts them",
      NULL },
    G_OPTION_ENTRY_NULL
  };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (o->rounds <= 0)
    o->rounds = o->quick ? QUICK_ROUNDS : FULL_ROUNDS;
  if (o->round_ms <= 0)
    o->round_ms = o->quick ? QUICK_ROUND_MS : FULL_ROUND_MS;
  return TRUE;
}

static gpointer
nothing (gpointer data)
{
  return data;
}

/* While a process has never had a second thread, malloc() leaves out its locks. A GLib program has
 * threads almost always, so that is how all are measured, whichever comparison is asked for. */
static void
become_threaded (void)
{
  g_thread_join (g_thread_new ("bench-first", nothing, NULL));
}

static int
run_all (void)
{
  gboolean refused = FALSE;
  g_autoptr (GError) error = NULL;

  become_threaded ();
  for (guint i = 0; i < comparisons->len; i++)
    {
      run_comparison (g_ptr_array_index (comparisons, i));
      refused = refused || is_refused (g_ptr_array_index (comparisons, i));
    }
  if (bench_options.json != NULL && !bench_report_json (comparisons, bench_options.json, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }
  return refused ? EXIT_FAILURE : EXIT_SUCCESS;
}

int
bench_main (int argc, char **argv, const char *program, BenchRegisterFunc titles)
{
  g_autoptr (GError) error = NULL;
  int status = EXIT_SUCCESS;

  if (!parse_options (&argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  bench_options.program = program;
  comparisons = g_ptr_array_new_with_free_func (comparison_free);
  titles ();
  for (guint i = 0; announced != NULL && i < announced->len; i++)
    ((BenchRegisterFunc)announced->pdata[i]) ();

  if (bench_options.list)
    g_ptr_array_foreach (comparisons, (GFunc)(void (*) (void))list_comparison, NULL);
  else
    status = run_all ();
  g_clear_pointer (&comparisons, g_ptr_array_unref);
  g_clear_pointer (&announced, g_ptr_array_unref);
  return status;
}
