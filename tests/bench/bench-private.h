/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the harness share: options, the list of comparisons, results. */
#pragma once

#include "bench.h"

G_BEGIN_DECLS

typedef struct
{
  BenchCase bench;
  gpointer state;
  gsize n;
  GArray *samples;  /* of double: one a round */
  GArray *tails;    /* of double: the 99th percentile of a round, where latencies are taken */
  GArray *extremes; /* and the 99.9th */
  char *refused;    /* why the figures do not count, or NULL */
} BenchEntry;

typedef struct
{
  const char *name;
  const char *title;
  GPtrArray *entries; /* of BenchEntry, ours first, then peers, then floors */
} BenchComparison;

typedef struct
{
  const char *program;
  gboolean quick;
  gboolean list;
  gboolean no_pin;
  int rounds;
  int round_ms;
  char *filter;
  char *json;
} BenchOptions;

typedef struct
{
  double median;
  double min;
  double max;
} BenchSpread;

extern BenchOptions bench_options;

/* bench-stats.c */
BenchSpread bench_spread (const GArray *samples);
double bench_percentile (GArray *sorted, double percent);
BenchEntry *bench_comparison_find (const BenchComparison *comparison, const char *name);
gboolean bench_ratio (const BenchComparison *comparison, const BenchEntry *entry,
                      const BenchTarget *target, gboolean tail, BenchSpread *spread);
const char *bench_verdict (const BenchTarget *target, const BenchSpread *ratio);

/* bench-report.c */
void bench_report_text (const BenchComparison *comparison);
gboolean bench_report_json (const GPtrArray *comparisons, const char *path, GError **error);

G_END_DECLS
