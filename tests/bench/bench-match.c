/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group D: finding who follows an identifier. */
#include "config.h"

#include "bench-match.h"

#include <currant.h>

#define N_NEW 1024

typedef struct
{
  const MatchSet *set;
  CurrantBus *bus;
  CurrantIdentifier **hot; /* the set's identifiers, parsed */
  double heap_bytes;       /* a pattern, beside its text */
  double resident_bytes;
  double build_ns; /* a pattern */
} Ours;

static GPtrArray *fixtures;
static guint64 calls;

static void
on_message (CurrantMessage *message, gpointer user_data)
{
  guint64 *counter = user_data;

  (*counter)++;
}

static void
follow (CurrantBus *bus, const char *pattern)
{
  currant_bus_follow_with_delivery (bus, pattern, CURRANT_DELIVERY_DIRECT, on_message, &calls,
                                    NULL);
}

/* ---- fixtures: a bus with all patterns of a set --------------------------------------------- */

static double
beside_text (const MatchSet *set, gsize before, gsize after)
{
  double all = after > before ? (double)(after - before) : 0;

  return (all - (double)set->text_bytes) / (double)set->n_patterns;
}

static void
build (Ours *ours)
{
  const MatchSet *set = ours->set;
  gsize heap = match_heap_bytes ();
  gsize resident = match_resident_bytes ();
  gint64 start = bench_now ();

  ours->bus = currant_bus_new ();
  for (gsize i = 0; i < set->n_patterns; i++)
    follow (ours->bus, set->patterns[i]);
  ours->build_ns = (double)(bench_now () - start) / (double)set->n_patterns;

  /* What is built at the first publish counts too. */
  currant_bus_publish (ours->bus, set->hot[0].id, NULL);
  ours->heap_bytes = beside_text (set, heap, match_heap_bytes ());
  ours->resident_bytes = beside_text (set, resident, match_resident_bytes ());
}

static Ours *
ours_get (const MatchSet *set)
{
  Ours *ours;

  for (guint i = 0; fixtures != NULL && i < fixtures->len; i++)
    if (((Ours *)fixtures->pdata[i])->set == set)
      return fixtures->pdata[i];

  ours = g_new0 (Ours, 1);
  ours->set = set;
  build (ours);
  ours->hot = g_new0 (CurrantIdentifier *, MATCH_HOT);
  for (gsize i = 0; i < MATCH_HOT; i++)
    ours->hot[i] = currant_identifier_new (set->hot[i].id, NULL);
  if (fixtures == NULL)
    fixtures = g_ptr_array_new ();
  g_ptr_array_add (fixtures, ours);
  return ours;
}

static void
fixtures_free (void)
{
  for (guint i = 0; fixtures != NULL && i < fixtures->len; i++)
    {
      Ours *ours = g_ptr_array_index (fixtures, i);

      for (gsize j = 0; j < MATCH_HOT; j++)
        currant_identifier_unref (ours->hot[j]);
      g_object_run_dispose (G_OBJECT (ours->bus));
      g_object_unref (ours->bus);
      g_free (ours->hot);
      g_free (ours);
    }
  g_clear_pointer (&fixtures, g_ptr_array_unref);
}

static const MatchSize *
size_of (const BenchCase *bench)
{
  return &match_sizes ()[bench->param];
}

static Ours *
fixture_of (const BenchCase *bench)
{
  const MatchSize *size = size_of (bench);

  return ours_get (match_set_get ((gsize)size->n, size->globs));
}

static gpointer
set_up_hot (const BenchCase *bench)
{
  Ours *ours = fixture_of (bench);

  return match_walk_new (ours, ours->set, MATCH_WALK_HOT);
}

/* What is known of the identifiers is out of the processor's caches, but it is known: finding what
 * is not known is match-new's. */
static gpointer
set_up_cold (const BenchCase *bench)
{
  Ours *ours = fixture_of (bench);

  for (gsize i = 0; i < MATCH_COLD; i++)
    currant_bus_publish (ours->bus, ours->set->cold[i].id, NULL);
  return match_walk_new (ours, ours->set, MATCH_WALK_COLD);
}

static gpointer
set_up_fresh (const BenchCase *bench)
{
  Ours *ours = fixture_of (bench);

  return match_walk_new (ours, ours->set, MATCH_WALK_FRESH);
}

/* ---- publishing ----------------------------------------------------------------------------- */

static void
run_publish (BenchRun *run)
{
  MatchWalk *walk = run->state;
  Ours *ours = walk->fixture;

  run->expected = match_walk_expected (walk, run->n);
  calls = 0;
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    currant_bus_publish (ours->bus, match_walk_next (walk)->id, NULL);
  bench_stop (run);
  run->counted = calls;
}

static void
run_count (BenchRun *run)
{
  MatchWalk *walk = run->state;
  Ours *ours = walk->fixture;

  run->expected = match_walk_expected (walk, run->n);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    run->counted +=
        currant_bus_count_matches (ours->bus, ours->hot[match_walk_next (walk) - walk->ids]);
  bench_stop (run);
}

/* ---- changing ------------------------------------------------------------------------------- */

static char *new_texts[N_NEW];

/* Patterns that are not there; of one shape by turns. */
static void
make_new_texts (void)
{
  if (new_texts[0] != NULL)
    return;
  for (guint i = 0; i < N_NEW; i++)
    new_texts[i] = i % 16 == 15 ? g_strdup_printf ("*:new-%u", i)
                                : g_strdup_printf ("device-%u:new-%u", i * 37, i);
}

static gpointer
set_up_change (const BenchCase *bench)
{
  make_new_texts ();
  return set_up_hot (bench);
}

static void
run_change (BenchRun *run)
{
  MatchWalk *walk = run->state;
  Ours *ours = walk->fixture;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      CurrantFollower *follower = currant_bus_follow_with_delivery (
          ours->bus, new_texts[i % N_NEW], CURRANT_DELIVERY_DIRECT, on_message, &calls, NULL);

      run->counted += follower != NULL;
      currant_follower_stop (follower);
    }
  bench_stop (run);
}

/* What a change puts off until the next publish is paid here. */
static void
run_change_publish (BenchRun *run)
{
  MatchWalk *walk = run->state;
  Ours *ours = walk->fixture;

  run->expected = match_walk_expected (walk, run->n);
  calls = 0;
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      CurrantFollower *follower = currant_bus_follow_with_delivery (
          ours->bus, new_texts[i % N_NEW], CURRANT_DELIVERY_DIRECT, on_message, &calls, NULL);

      currant_bus_publish (ours->bus, match_walk_next (walk)->id, NULL);
      currant_follower_stop (follower);
    }
  bench_stop (run);
  run->counted = calls;
}

/* Figures that were taken while the fixture was built. */
static void
run_heap (BenchRun *run)
{
  MatchWalk *walk = run->state;

  run->value = ((Ours *)walk->fixture)->heap_bytes;
}

static void
run_resident (BenchRun *run)
{
  MatchWalk *walk = run->state;

  run->value = ((Ours *)walk->fixture)->resident_bytes;
}

static void
run_build (BenchRun *run)
{
  MatchWalk *walk = run->state;

  run->value = ((Ours *)walk->fixture)->build_ns;
}

/* ---- cases ---------------------------------------------------------------------------------- */

static void
add_publish (const char *comparison, gint64 place, gpointer (*set_up) (const BenchCase *),
             BenchTarget target, BenchTarget flat)
{
  bench_add (&(BenchCase){ .comparison = comparison,
                           .name = match_name ("publish by id text", &match_sizes ()[place]),
                           .param = place,
                           .targets = { target, flat },
                           .setup = set_up,
                           .run = run_publish,
                           .teardown = g_free });
}

static void
add_count (gint64 place, const char *against)
{
  bench_add (&(BenchCase){ .comparison = "match-hot",
                           .name = match_name ("count matches", &match_sizes ()[place]),
                           .param = place,
                           .targets = { { against, 0, 0 } },
                           .setup = set_up_hot,
                           .run = run_count,
                           .teardown = g_free });
}

/* The figures of a million are asked for; the others are there to see the curve. */
static void
add_size (gint64 place)
{
  const MatchSize *size = &match_sizes ()[place];
  const char *four = match_name (MATCH_FOUR, &match_sizes ()[size->globs ? place - 1 : place]);
  const char *few = place > 1 ? match_name ("publish by id text", &match_sizes ()[1]) : NULL;
  const gboolean million = size->n == MATCH_MILLION;
  const double most = !million ? 0 : size->globs ? 3 : 1.5;

  add_publish ("match-hot", place, set_up_hot, (BenchTarget){ four, 1.0, 0.35 },
               (BenchTarget){ few, most, most });
  add_publish ("match-cold", place, set_up_cold,
               (BenchTarget){ four, million ? 1.5 : 0, million ? 0.8 : 0 },
               (BenchTarget){ few, 0, 0 });
  if (size->n >= MATCH_NEW_LEAST)
    add_publish ("match-new", place, set_up_fresh, (BenchTarget){ four, 0, 0 }, (BenchTarget){ 0 });
  add_count (place, four);
}

static void
add_publishes (void)
{
  for (gint64 i = 0; match_sizes ()[i].n > 0; i++)
    add_size (i);
}

static void
add_change (const char *comparison, const char *name, const char *unit, guint deliveries,
            gint64 place, BenchTarget target, void (*run) (BenchRun *))
{
  bench_add (&(BenchCase){ .comparison = comparison,
                           .name = match_name (name, &match_sizes ()[place]),
                           .unit = unit,
                           .param = place,
                           .max_n = unit != NULL ? 1 : 0,
                           .deliveries = deliveries,
                           .targets = { target },
                           .setup = set_up_change,
                           .run = run,
                           .teardown = g_free });
}

static void
add_changes (void)
{
  const MatchSize *sizes = match_sizes ();
  const BenchTarget none = { 0 };
  gint64 most = 0;

  while (sizes[most + 1].n > 0 && !sizes[most + 1].globs)
    most++;
  for (gint64 i = 1; i <= most; i += MAX (most - 1, 1))
    {
      add_change ("match-change", "follow+stop", NULL, 1, i, (BenchTarget){ NULL, 10000, 5000 },
                  run_change);
      add_change ("match-change", "follow+publish elsewhere+stop", NULL, 0, i, none,
                  run_change_publish);
    }
  add_change ("match-memory", "heap a pattern, beside its text", "B", 0, most,
              (BenchTarget){ NULL, 250, 250 }, run_heap);
  add_change ("match-memory", "resident a pattern, beside its text", "B", 0, most, none,
              run_resident);
  add_change ("match-memory", "time to follow, each of all", "ns each", 0, most,
              (BenchTarget){ NULL, 5000, 5000 }, run_build);
}

static void
add_ours (void)
{
  add_publishes ();
  add_changes ();
}

BENCH_CASES (add_ours)

static void
add_titles (void)
{
  bench_title ("match-hot", "publish one of 512 identifiers among n patterns, at most 4 match");
  bench_title ("match-cold", "publish one of 65,536 identifiers drawn at random");
  bench_title ("match-new", "publish one of 262,144 in turn, more than a cache of routes holds");
  bench_title ("match-change", "add a pattern to n and remove it");
  bench_title ("match-memory", "what n patterns cost");
}

int
main (int argc, char **argv)
{
  int status = bench_main (argc, argv, "match", add_titles);

  fixtures_free ();
  match_sets_free ();
  for (guint i = 0; i < N_NEW; i++)
    g_free (new_texts[i]);
  return status;
}
