/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table that is read and the JSON file that the driver reads. */
#include "config.h"

#include "bench-private.h"

#include <sys/utsname.h>

static const char *const role_names[] = { "ours", "peer", "floor" };

/* ---- text ----------------------------------------------------------------------------------- */

static char *
print_value (const BenchEntry *entry, double value)
{
  if (entry->bench.unit != NULL)
    return g_strdup_printf ("%.0f %s", value, entry->bench.unit);
  if (value >= 1e6)
    return g_strdup_printf ("%.2f ms", value / 1e6);
  if (value >= 1e4)
    return g_strdup_printf ("%.1f us", value / 1e3);
  return g_strdup_printf ("%.1f ns", value);
}

static char *
print_bound (const BenchEntry *entry, const BenchTarget *target, double value)
{
  return target->against == NULL ? print_value (entry, value) : g_strdup_printf ("%.2f", value);
}

static void
report_target (const BenchComparison *comparison, const BenchEntry *entry,
               const BenchTarget *target, gboolean tail)
{
  BenchSpread ratio;
  g_autofree char *median = NULL;
  g_autofree char *min = NULL;
  g_autofree char *max = NULL;
  g_autofree char *goal = NULL;
  g_autofree char *good = NULL;

  if (!bench_ratio (comparison, entry, target, tail, &ratio))
    return;
  median = print_bound (entry, target, ratio.median);
  min = print_bound (entry, target, ratio.min);
  max = print_bound (entry, target, ratio.max);
  goal = print_bound (entry, target, target->ambitious);
  good = print_bound (entry, target, target->good);
  if (target->against == NULL)
    g_print ("      %s", median);
  else
    g_print ("      %s%s of %s (%s to %s)", tail ? "p99 " : "", median, target->against, min, max);
  if (target->good > 0 && !bench_options.quick)
    g_print ("; target %s, good %s: %s", goal, good, bench_verdict (target, &ratio));
  g_print ("\n");
}

static void
report_tail (const BenchEntry *entry)
{
  BenchSpread spread = bench_spread (entry->tails);
  BenchSpread extreme = bench_spread (entry->extremes);
  g_autofree char *median = print_value (entry, spread.median);
  g_autofree char *max = print_value (entry, spread.max);
  g_autofree char *far = print_value (entry, extreme.median);

  g_print ("      99th percentile %s, worst round %s; 99.9th %s\n", median, max, far);
}

static void
report_entry (const BenchComparison *comparison, const BenchEntry *entry)
{
  BenchSpread spread = bench_spread (entry->samples);
  g_autofree char *median = print_value (entry, spread.median);
  g_autofree char *min = print_value (entry, spread.min);
  g_autofree char *max = print_value (entry, spread.max);

  if (entry->refused != NULL)
    {
      g_print ("  %-5s %-44s refused: %s\n", role_names[entry->bench.role], entry->bench.name,
               entry->refused);
      return;
    }
  g_print ("  %-5s %-44s %10s  (%s to %s)\n", role_names[entry->bench.role], entry->bench.name,
           median, min, max);
  if (entry->tails->len > 0)
    report_tail (entry);
  for (guint i = 0; i < BENCH_MAX_TARGETS; i++)
    {
      report_target (comparison, entry, &entry->bench.targets[i], FALSE);
      report_target (comparison, entry, &entry->bench.targets[i], TRUE);
    }
}

void
bench_report_text (const BenchComparison *comparison)
{
  g_print ("%s: %s\n", comparison->name, comparison->title);
  for (guint i = 0; i < comparison->entries->len; i++)
    report_entry (comparison, g_ptr_array_index (comparison->entries, i));
  g_print ("\n");
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void
append_text (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (const char *c = text; *c != '\0'; c++)
    if (*c == '"' || *c == '\\')
      g_string_append_printf (json, "\\%c", *c);
    else if ((guchar)*c < ' ')
      g_string_append_printf (json, "\\u%04x", (guint)*c);
    else
      g_string_append_c (json, *c);
  g_string_append_c (json, '"');
}

static void
append_member (GString *json, const char *name, const char *text)
{
  g_string_append_printf (json, "\"%s\": ", name);
  append_text (json, text);
  g_string_append (json, ", ");
}

static void
append_spread (GString *json, const BenchSpread *spread)
{
  g_string_append_printf (json, "\"median\": %.6g, \"min\": %.6g, \"max\": %.6g", spread->median,
                          spread->min, spread->max);
}

static void
append_samples (GString *json, const char *name, const GArray *samples)
{
  g_string_append_printf (json, ", \"%s\": [", name);
  for (guint i = 0; i < samples->len; i++)
    g_string_append_printf (json, "%s%.6g", i > 0 ? ", " : "", g_array_index (samples, double, i));
  g_string_append_c (json, ']');
}

static void
append_targets (GString *json, const BenchComparison *comparison, const BenchEntry *entry,
                gboolean tail)
{
  const char *separator = "";

  g_string_append_printf (json, ", \"%s\": [", tail ? "ratios_p99" : "ratios");
  for (guint i = 0; i < BENCH_MAX_TARGETS; i++)
    {
      const BenchTarget *target = &entry->bench.targets[i];
      BenchSpread ratio;

      if (!bench_ratio (comparison, entry, target, tail, &ratio))
        continue;
      g_string_append_printf (json, "%s{", separator);
      append_member (json, "against", target->against != NULL ? target->against : "");
      append_member (json, "verdict", bench_verdict (target, &ratio));
      append_spread (json, &ratio);
      g_string_append_printf (json, ", \"good\": %.6g, \"ambitious\": %.6g}", target->good,
                              target->ambitious);
      separator = ", ";
    }
  g_string_append_c (json, ']');
}

static void
append_entry (GString *json, const BenchComparison *comparison, const BenchEntry *entry)
{
  BenchSpread spread = bench_spread (entry->samples);

  g_string_append (json, "        {");
  append_member (json, "name", entry->bench.name);
  append_member (json, "role", role_names[entry->bench.role]);
  append_member (json, "unit", entry->bench.unit != NULL ? entry->bench.unit : "ns");
  append_member (json, "refused", entry->refused != NULL ? entry->refused : "");
  append_member (json, "series", entry->bench.series != NULL ? entry->bench.series : "");
  g_string_append_printf (json, "\"param\": %" G_GINT64_FORMAT ", ", entry->bench.param);
  g_string_append_printf (json, "\"deliveries\": %u, ", entry->bench.deliveries);
  g_string_append_printf (json, "\"operations\": %" G_GSIZE_FORMAT ", ", entry->n);
  append_spread (json, &spread);
  append_samples (json, "samples", entry->samples);
  append_samples (json, "p99", entry->tails);
  append_samples (json, "p999", entry->extremes);
  append_targets (json, comparison, entry, FALSE);
  append_targets (json, comparison, entry, TRUE);
  g_string_append_c (json, '}');
}

static void
append_comparison (GString *json, const BenchComparison *comparison)
{
  g_string_append (json, "    {");
  append_member (json, "name", comparison->name);
  append_member (json, "title", comparison->title);
  g_string_append (json, "\"cases\": [\n");
  for (guint i = 0; i < comparison->entries->len; i++)
    {
      append_entry (json, comparison, g_ptr_array_index (comparison->entries, i));
      g_string_append (json, i + 1 < comparison->entries->len ? ",\n" : "\n");
    }
  g_string_append (json, "    ]}");
}

static void
append_machine (GString *json)
{
  g_autofree char *glib =
      g_strdup_printf ("%u.%u.%u", glib_major_version, glib_minor_version, glib_micro_version);
  struct utsname host;

  if (uname (&host) == 0)
    {
      append_member (json, "system", host.sysname);
      append_member (json, "release", host.release);
      append_member (json, "machine", host.machine);
    }
  append_member (json, "compiler", __VERSION__);
  append_member (json, "glib", glib);
#ifdef __OPTIMIZE__
  append_member (json, "optimised", "yes");
#else
  append_member (json, "optimised", "no");
#endif
  g_string_append_printf (json, "\"processors\": %u", g_get_num_processors ());
}

gboolean
bench_report_json (const GPtrArray *comparisons, const char *path, GError **error)
{
  g_autoptr (GString) json = g_string_new ("{");
  const char *separator = "";

  append_member (json, "program", bench_options.program);
  g_string_append_printf (json, "\"quick\": %s, \"rounds\": %d, \"round_ms\": %d, ",
                          bench_options.quick ? "true" : "false", bench_options.rounds,
                          bench_options.round_ms);
  g_string_append (json, "\n  \"machine\": {");
  append_machine (json);
  g_string_append (json, "},\n  \"comparisons\": [\n");
  for (guint i = 0; i < comparisons->len; i++)
    {
      const BenchComparison *comparison = g_ptr_array_index (comparisons, i);

      if (comparison->entries->len == 0)
        continue;
      g_string_append (json, separator);
      append_comparison (json, comparison);
      separator = ",\n";
    }
  g_string_append (json, "\n  ]\n}\n");
  return g_file_set_contents (path, json->str, (gssize)json->len, error);
}
