/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group A, a reference: what a publish by text can be where readers cost next to nothing. A table
 * from texts to arrays of function pointers, read under liburcu; nothing is ever changed in it, no
 * message is made and nothing is counted. */
#include "config.h"

#include "bench-publish.h"

#define _LGPL_SOURCE
#include <urcu/urcu-memb.h>

#define ID "sensor:reading"

typedef void (*Slot) (int value, gpointer data);

typedef struct
{
  Slot slot;
  gpointer data;
} Entry;

typedef struct
{
  gsize n;
  Entry entries[];
} Route;

typedef struct
{
  GHashTable *table; /* read under RCU */
  Tally *tallies;
  gsize n;
  ThreadTally lanes[2];
} Reference;

static __thread ThreadTally seen_here;

static void __attribute__ ((noinline)) on_value (int value, gpointer data)
{
  tally_add (data, value);
}

static void __attribute__ ((noinline)) on_value_here (int value, gpointer data)
{
  seen_here.calls++;
  seen_here.sum += (guint64)value;
}

static Reference *
reference_new (gsize n, Slot slot)
{
  Reference *reference = g_new0 (Reference, 1);
  Route *route = g_malloc0 (sizeof (Route) + n * sizeof (Entry));

  reference->tallies = g_new0 (Tally, MAX (n, 1));
  reference->n = n;
  route->n = n;
  for (gsize i = 0; i < n; i++)
    route->entries[i] = (Entry){ slot, &reference->tallies[i] };
  reference->table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (reference->table, g_strdup (ID), route);
  return reference;
}

static gpointer
set_up (const BenchCase *bench)
{
  return reference_new ((gsize)bench->param, on_value);
}

static gpointer
set_up_threads (const BenchCase *bench)
{
  return reference_new (1, on_value_here);
}

static void
reference_free (gpointer state)
{
  Reference *reference = state;

  g_hash_table_unref (reference->table);
  g_free (reference->tallies);
  g_free (reference);
}

static inline void
publish (Reference *reference, const char *id, int value)
{
  const Route *route;

  urcu_memb_read_lock ();
  route = g_hash_table_lookup (rcu_dereference (reference->table), id);
  for (gsize i = 0; route != NULL && i < route->n; i++)
    route->entries[i].slot (value, route->entries[i].data);
  urcu_memb_read_unlock ();
}

static void
run_publish (BenchRun *run)
{
  Reference *reference = run->state;

  urcu_memb_register_thread ();
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    publish (reference, ID, (int)i);
  bench_stop (run);
  urcu_memb_unregister_thread ();
  tally_check (run, reference->tallies, reference->n);
}

static void
publish_lane (BenchRun *run, guint lane)
{
  Reference *reference = run->state;
  const gsize n = run->n / (gsize)run->bench->param;

  urcu_memb_register_thread ();
  seen_here = (ThreadTally){ 0 };
  for (gsize i = 0; i < n; i++)
    publish (reference, ID, (int)i);
  reference->lanes[lane] = seen_here;
  urcu_memb_unregister_thread ();
}

static void
run_threads (BenchRun *run)
{
  Reference *reference = run->state;
  const guint n_lanes = (guint)run->bench->param;

  bench_parallel (run, n_lanes, publish_lane);
  for (guint i = 0; i < n_lanes; i++)
    run->counted += reference->lanes[i].calls;
}

static void
add_reference (const char *comparison, const char *name, gint64 param, guint deliveries,
               gpointer (*set_up_func) (const BenchCase *), void (*run) (BenchRun *))
{
  bench_add (&(BenchCase){ .comparison = comparison,
                           .name = name,
                           .role = BENCH_FLOOR,
                           .param = param,
                           .granularity = run == run_threads ? (gsize)param : 1,
                           .deliveries = deliveries,
                           .setup = set_up_func,
                           .run = run,
                           .teardown = reference_free });
}

static void
add_urcu (void)
{
  static const gint64 sizes[] = { 0, 1, 10, 100 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    add_reference (publish_comparison (sizes[i]), "table of texts under liburcu", sizes[i],
                   (guint)sizes[i], set_up, run_publish);
  add_reference ("threads", "table of texts under liburcu, 1 thread", 1, 1, set_up_threads,
                 run_threads);
  add_reference ("threads", "table of texts under liburcu, 2 threads", 2, 1, set_up_threads,
                 run_threads);
}

BENCH_CASES (add_urcu)
