/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Medians, percentiles and ratios. */
#include "config.h"

#include "bench-private.h"

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double *x = a;
  const double *y = b;

  return (*x > *y) - (*x < *y);
}

BenchSpread
bench_spread (const GArray *samples)
{
  BenchSpread spread = { 0 };
  g_autoptr (GArray) sorted = g_array_copy ((GArray *)samples);
  const double *values;
  guint middle = sorted->len / 2;

  if (sorted->len == 0)
    return spread;
  g_array_sort (sorted, compare_doubles);
  values = (const double *)(gpointer)sorted->data;
  spread.min = values[0];
  spread.max = values[sorted->len - 1];
  spread.median = sorted->len % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return spread;
}

/* The percentile of sorted gint64 values. */
double
bench_percentile (GArray *sorted, double percent)
{
  guint place = (guint)((double)sorted->len * percent / 100);

  return (double)g_array_index (sorted, gint64, MIN (place, sorted->len - 1));
}

BenchEntry *
bench_comparison_find (const BenchComparison *comparison, const char *name)
{
  for (guint i = 0; i < comparison->entries->len; i++)
    {
      BenchEntry *entry = g_ptr_array_index (comparison->entries, i);

      if (g_str_equal (entry->bench.name, name))
        return entry;
    }
  return NULL;
}

static const GArray *
samples_of (const BenchEntry *entry, gboolean tail)
{
  return tail ? entry->tails : entry->samples;
}

/* The ratios of runs of the same round, of their medians or of their @tail. %FALSE when there is
 * nothing to compare with: the peer was not built in, filtered out, or refused. */
gboolean
bench_ratio (const BenchComparison *comparison, const BenchEntry *entry, const BenchTarget *target,
             gboolean tail, BenchSpread *spread)
{
  const GArray *above = samples_of (entry, tail);
  g_autoptr (GArray) ratios = NULL;
  const BenchEntry *peer;
  const GArray *below;

  if (entry->refused != NULL || above->len == 0)
    return FALSE;
  if (target->against == NULL)
    {
      *spread = bench_spread (above);
      return target->good > 0 || target->ambitious > 0;
    }
  peer = bench_comparison_find (comparison, target->against);
  if (peer == NULL || peer->refused != NULL)
    return FALSE;

  below = samples_of (peer, tail);
  ratios = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint i = 0; i < MIN (above->len, below->len); i++)
    {
      double base = g_array_index (below, double, i);
      double ratio = base > 0 ? g_array_index (above, double, i) / base : 0;

      g_array_append_val (ratios, ratio);
    }
  *spread = bench_spread (ratios);
  return ratios->len > 0;
}

/* A quick run is too short to judge by. */
const char *
bench_verdict (const BenchTarget *target, const BenchSpread *ratio)
{
  if (bench_options.quick)
    return "";
  if (target->ambitious > 0 && ratio->median <= target->ambitious)
    return "met";
  if (target->good > 0 && ratio->median <= target->good)
    return "good";
  return target->good > 0 || target->ambitious > 0 ? "missed" : "";
}
