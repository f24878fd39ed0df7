/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group D, the floors: one look-up in a complete cache of routes, and the four look-ups that find
 * name:action, name:*, *:action and *:*, in hash tables of texts; what is found is called, as
 * followers are. And the peer that is linear: GPatternSpec. */
#include "config.h"

#include "bench-match.h"

#include <string.h>

#define MOST_SPECS 100000

typedef void (*Slot) (guint64 *counter);

typedef struct
{
  guint n;
  Slot slots[4];
} Route;

typedef struct
{
  const MatchSet *set;
  GHashTable *exact; /* "name:action" to slot */
  GHashTable *names;
  GHashTable *actions;
  GHashTable *all;   /* "*" */
  GHashTable *cache; /* "name:action" to Route */
  GPtrArray *specs;
} Floor;

static GPtrArray *floors;
static guint64 calls;

static void __attribute__ ((noinline)) on_message (guint64 *counter) { (*counter)++; }

/* ---- fixtures ------------------------------------------------------------------------------- */

static void
insert (GHashTable *table, const char *key, gssize length)
{
  g_hash_table_insert (table, length < 0 ? g_strdup (key) : g_strndup (key, (gsize)length),
                       (gpointer)on_message);
}

static void
add_pattern (Floor *floor, const char *pattern)
{
  const char *colon = strchr (pattern, ':');
  gboolean any_name = pattern[0] == '*';
  gboolean any_action = g_str_equal (colon, ":*");

  if (any_name && any_action)
    insert (floor->all, "*", -1);
  else if (any_name)
    insert (floor->actions, colon + 1, -1);
  else if (any_action)
    insert (floor->names, pattern, colon - pattern);
  else
    insert (floor->exact, pattern, -1);
}

static void
cache_ids (Floor *floor, const MatchId *ids, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      Route *route = g_new0 (Route, 1);

      route->n = ids[i].matches;
      for (guint j = 0; j < route->n; j++)
        route->slots[j] = on_message;
      g_hash_table_insert (floor->cache, g_strdup (ids[i].id), route);
    }
}

static GHashTable *
table_new (GDestroyNotify free_value)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_value);
}

static Floor *
floor_new (const MatchSet *set)
{
  Floor *floor = g_new0 (Floor, 1);

  floor->set = set;
  floor->exact = table_new (NULL);
  floor->names = table_new (NULL);
  floor->actions = table_new (NULL);
  floor->all = table_new (NULL);
  floor->cache = table_new (g_free);
  for (gsize i = 0; i < set->n_patterns; i++)
    add_pattern (floor, set->patterns[i]);
  cache_ids (floor, set->hot, MATCH_HOT);
  cache_ids (floor, set->cold, MATCH_COLD);
  return floor;
}

static void
floor_free (gpointer data)
{
  Floor *floor = data;

  g_hash_table_unref (floor->exact);
  g_hash_table_unref (floor->names);
  g_hash_table_unref (floor->actions);
  g_hash_table_unref (floor->all);
  g_hash_table_unref (floor->cache);
  g_clear_pointer (&floor->specs, g_ptr_array_unref);
  g_free (floor);
}

static Floor *
floor_get (const BenchCase *bench)
{
  const MatchSize *size = &match_sizes ()[bench->param];
  const MatchSet *set = match_set_get ((gsize)size->n, size->globs);

  for (guint i = 0; floors != NULL && i < floors->len; i++)
    if (((Floor *)floors->pdata[i])->set == set)
      return floors->pdata[i];
  if (floors == NULL)
    floors = g_ptr_array_new_with_free_func (floor_free);
  g_ptr_array_add (floors, floor_new (set));
  return g_ptr_array_index (floors, floors->len - 1);
}

static gpointer
set_up_hot (const BenchCase *bench)
{
  Floor *floor = floor_get (bench);

  return match_walk_new (floor, floor->set, MATCH_WALK_HOT);
}

static gpointer
set_up_cold (const BenchCase *bench)
{
  Floor *floor = floor_get (bench);

  return match_walk_new (floor, floor->set, MATCH_WALK_COLD);
}

static gpointer
set_up_fresh (const BenchCase *bench)
{
  Floor *floor = floor_get (bench);

  return match_walk_new (floor, floor->set, MATCH_WALK_FRESH);
}

static gpointer
set_up_specs (const BenchCase *bench)
{
  Floor *floor = floor_get (bench);

  if (floor->specs == NULL)
    {
      floor->specs = g_ptr_array_new_with_free_func ((GDestroyNotify)g_pattern_spec_free);
      for (gsize i = 0; i < floor->set->n_patterns; i++)
        g_ptr_array_add (floor->specs, g_pattern_spec_new (floor->set->patterns[i]));
    }
  return match_walk_new (floor, floor->set, MATCH_WALK_HOT);
}

/* ---- runs ----------------------------------------------------------------------------------- */

static void
run_cache (BenchRun *run)
{
  MatchWalk *walk = run->state;
  Floor *floor = walk->fixture;

  run->expected = match_walk_expected (walk, run->n);
  calls = 0;
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      const Route *route = g_hash_table_lookup (floor->cache, match_walk_next (walk)->id);

      for (guint j = 0; j < route->n; j++)
        route->slots[j](&calls);
    }
  bench_stop (run);
  run->counted = calls;
}

static inline void
call_found (GHashTable *table, const char *key)
{
  Slot slot = (Slot)g_hash_table_lookup (table, key);

  if (slot != NULL)
    slot (&calls);
}

static void
run_four (BenchRun *run)
{
  MatchWalk *walk = run->state;
  Floor *floor = walk->fixture;

  run->expected = match_walk_expected (walk, run->n);
  calls = 0;
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      const MatchId *id = match_walk_next (walk);

      call_found (floor->exact, id->id);
      call_found (floor->names, id->name);
      call_found (floor->actions, id->action);
      call_found (floor->all, "*");
    }
  bench_stop (run);
  run->counted = calls;
}

static void
run_specs (BenchRun *run)
{
  MatchWalk *walk = run->state;
  Floor *floor = walk->fixture;

  run->expected = match_walk_expected (walk, run->n);
  calls = 0;
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      const MatchId *id = match_walk_next (walk);

      for (guint j = 0; j < floor->specs->len; j++)
        if (g_pattern_spec_match_string (g_ptr_array_index (floor->specs, j), id->id))
          on_message (&calls);
    }
  bench_stop (run);
  run->counted = calls;
}

static void
run_change (BenchRun *run)
{
  MatchWalk *walk = run->state;
  Floor *floor = walk->fixture;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      insert (floor->exact, "device-of-no-name:event", -1);
      run->counted += g_hash_table_remove (floor->exact, "device-of-no-name:event");
    }
  bench_stop (run);
}

/* ---- cases ---------------------------------------------------------------------------------- */

static void
add_case (const char *comparison, const char *name, gint64 place, BenchRole role,
          gpointer (*set_up) (const BenchCase *), void (*run) (BenchRun *))
{
  bench_add (&(BenchCase){ .comparison = comparison,
                           .name = match_name (name, &match_sizes ()[place]),
                           .role = role,
                           .param = place,
                           .deliveries = 1,
                           .setup = set_up,
                           .run = run,
                           .teardown = g_free });
}

static void
add_floor (void)
{
  const MatchSize *sizes = match_sizes ();

  for (gint64 i = 0; sizes[i].n > 0 && !sizes[i].globs; i++)
    {
      if (sizes[i].n <= MOST_SPECS)
        add_case ("match-hot", "GPatternSpec, one by one", i, BENCH_PEER, set_up_specs, run_specs);
      add_case ("match-hot", MATCH_FOUR, i, BENCH_FLOOR, set_up_hot, run_four);
      add_case ("match-hot", "1 look-up in a route cache", i, BENCH_FLOOR, set_up_hot, run_cache);
      add_case ("match-cold", MATCH_FOUR, i, BENCH_FLOOR, set_up_cold, run_four);
      if (sizes[i].n >= MATCH_NEW_LEAST)
        add_case ("match-new", MATCH_FOUR, i, BENCH_FLOOR, set_up_fresh, run_four);
      add_case ("match-cold", "1 look-up in a route cache", i, BENCH_FLOOR, set_up_cold, run_cache);
      add_case ("match-change", "insert in a hash table and remove", i, BENCH_FLOOR, set_up_hot,
                run_change);
    }
}

BENCH_CASES (add_floor)

static void __attribute__ ((destructor)) free_floors (void)
{
  g_clear_pointer (&floors, g_ptr_array_unref);
}
