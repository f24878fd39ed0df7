/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench-match.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#define SEED 20240229

/* Shapes of globs, none of which matches: no identifier has a q. */
#define N_SHAPES 4

static const MatchSize full_sizes[] = { { 10, "10", FALSE },
                                        { 1000, "1k", FALSE },
                                        { 100000, "100k", FALSE },
                                        { MATCH_MILLION, "1M", FALSE },
                                        { MATCH_MILLION, "1M+globs", TRUE },
                                        { 0 } };
static const MatchSize quick_sizes[] = {
  { 10, "10", FALSE }, { 1000, "1k", FALSE }, { 1000, "1k+globs", TRUE }, { 0 }
};

static GPtrArray *sets;

const MatchSize *
match_sizes (void)
{
  return bench_is_quick () ? quick_sizes : full_sizes;
}

const char *
match_name (const char *what, const MatchSize *size)
{
  g_autofree char *name = g_strdup_printf ("%s, %s", what, size->label);

  return g_intern_string (name);
}

/* ---- a set ---------------------------------------------------------------------------------- */

/* Exact pattern number e is of name e % names and action e % actions: all are different, for the
 * two have no common divisor. */
typedef struct
{
  gsize names;
  gsize actions;
  gsize exact;
} Plan;

static gsize
common_divisor (gsize a, gsize b)
{
  while (b != 0)
    {
      gsize rest = a % b;

      a = b;
      b = rest;
    }
  return a;
}

static Plan
make_plan (MatchSet *set)
{
  Plan plan = { .names = MAX (set->n / 10, 4), .actions = MAX (set->n * 8 / 100, 5) };

  while (common_divisor (plan.names, plan.actions) != 1)
    plan.actions++;
  set->n_names = MAX (set->n * 5 / 100, 1);
  set->n_actions = MAX (set->n * 4 / 100, 1);
  plan.exact = set->n - set->n_names - set->n_actions - 1;
  return plan;
}

static void
add_pattern (MatchSet *set, char *text)
{
  set->text_bytes += strlen (text) + 1;
  set->patterns[set->n_patterns++] = g_string_chunk_insert (set->chunk, text);
  g_free (text);
}

static char *
make_glob (gsize number)
{
  switch (number % N_SHAPES)
    {
    case 0:
      return g_strdup_printf ("device-%" G_GSIZE_FORMAT "*q:*", number);
    case 1:
      return g_strdup_printf ("*q%" G_GSIZE_FORMAT ":event-*", number);
    case 2:
      return g_strdup_printf ("dev*q%" G_GSIZE_FORMAT "*:event-1", number);
    default:
      return g_strdup_printf ("*:event-%" G_GSIZE_FORMAT "*q", number);
    }
}

/* In an order that says nothing, as it would be in a program. */
static void
shuffle (MatchSet *set, GRand *random)
{
  for (gsize i = set->n_patterns - 1; i > 0; i--)
    {
      gsize j = (gsize)g_rand_int_range (random, 0, (gint32)i + 1);
      const char *kept = set->patterns[i];

      set->patterns[i] = set->patterns[j];
      set->patterns[j] = kept;
    }
}

static void
add_patterns (MatchSet *set, const Plan *plan)
{
  const gsize n_globs = set->globs ? set->n / 100 : 0;

  set->patterns = g_new0 (const char *, set->n + n_globs);
  for (gsize i = 0; i < plan->exact; i++)
    add_pattern (set, g_strdup_printf ("device-%" G_GSIZE_FORMAT ":event-%" G_GSIZE_FORMAT,
                                       i % plan->names, i % plan->actions));
  for (gsize i = 0; i < set->n_names; i++)
    add_pattern (set, g_strdup_printf ("device-%" G_GSIZE_FORMAT ":*", i));
  for (gsize i = 0; i < set->n_actions; i++)
    add_pattern (set, g_strdup_printf ("*:event-%" G_GSIZE_FORMAT, i));
  add_pattern (set, g_strdup ("*:*"));
  for (gsize i = 0; i < n_globs; i++)
    add_pattern (set, make_glob (i));
}

static MatchId *
draw_ids (MatchSet *set, const Plan *plan, gsize n, GRand *random)
{
  MatchId *ids = g_new0 (MatchId, n);

  for (gsize i = 0; i < n; i++)
    {
      gsize drawn = (gsize)g_rand_int_range (random, 0, (gint32)plan->exact);
      gsize name = drawn % plan->names;
      gsize action = drawn % plan->actions;
      g_autofree char *name_text = g_strdup_printf ("device-%" G_GSIZE_FORMAT, name);
      g_autofree char *action_text = g_strdup_printf ("event-%" G_GSIZE_FORMAT, action);
      g_autofree char *id = g_strconcat (name_text, ":", action_text, NULL);

      ids[i].name = g_string_chunk_insert (set->chunk, name_text);
      ids[i].action = g_string_chunk_insert (set->chunk, action_text);
      ids[i].id = g_string_chunk_insert (set->chunk, id);
      ids[i].matches = 2 + (name < set->n_names) + (action < set->n_actions);
    }
  return ids;
}

static MatchSet *
make_set (gsize n, gboolean globs)
{
  MatchSet *set = g_new0 (MatchSet, 1);
  GRand *random = g_rand_new_with_seed (SEED);
  Plan plan;

  set->n = n;
  set->globs = globs;
  set->chunk = g_string_chunk_new (65536);
  plan = make_plan (set);
  add_patterns (set, &plan);
  shuffle (set, random);
  set->hot = draw_ids (set, &plan, MATCH_HOT, random);
  set->cold = draw_ids (set, &plan, MATCH_COLD, random);
  if (n >= MATCH_NEW_LEAST)
    set->fresh = draw_ids (set, &plan, MATCH_NEW, random);
  g_rand_free (random);
  return set;
}

static void
free_set (gpointer data)
{
  MatchSet *set = data;

  g_string_chunk_free (set->chunk);
  g_free (set->patterns);
  g_free (set->hot);
  g_free (set->cold);
  g_free (set->fresh);
  g_free (set);
}

const MatchSet *
match_set_get (gsize n, gboolean globs)
{
  if (sets == NULL)
    sets = g_ptr_array_new_with_free_func (free_set);
  for (guint i = 0; i < sets->len; i++)
    {
      MatchSet *set = g_ptr_array_index (sets, i);

      if (set->n == n && set->globs == globs)
        return set;
    }
  g_ptr_array_add (sets, make_set (n, globs));
  return g_ptr_array_index (sets, sets->len - 1);
}

void
match_sets_free (void)
{
  g_clear_pointer (&sets, g_ptr_array_unref);
}

/* ---- walking through identifiers ------------------------------------------------------------ */

gpointer
match_walk_new (gpointer fixture, const MatchSet *set, MatchWalkKind kind)
{
  MatchWalk *walk = g_new0 (MatchWalk, 1);

  walk->fixture = fixture;
  switch (kind)
    {
    case MATCH_WALK_HOT:
      walk->ids = set->hot;
      walk->n_ids = MATCH_HOT;
      break;
    case MATCH_WALK_COLD:
      walk->ids = set->cold;
      walk->n_ids = MATCH_COLD;
      break;
    case MATCH_WALK_FRESH:
    default:
      walk->ids = set->fresh;
      walk->n_ids = MATCH_NEW;
      break;
    }
  return walk;
}

guint64
match_walk_expected (const MatchWalk *walk, gsize n)
{
  MatchWalk copy = *walk;
  guint64 matches = 0;

  for (gsize i = 0; i < n; i++)
    matches += match_walk_next (&copy)->matches;
  return matches;
}

/* ---- memory --------------------------------------------------------------------------------- */

gsize
match_heap_bytes (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

gsize
match_resident_bytes (void)
{
  gsize resident = 0;
  FILE *file = fopen ("/proc/self/statm", "re");

  if (file == NULL)
    return 0;
  if (fscanf (file, "%*s %" G_GSIZE_FORMAT, &resident) != 1)
    resident = 0;
  fclose (file);
  return resident * (gsize)sysconf (_SC_PAGESIZE);
}
