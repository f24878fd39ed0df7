/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group D: sets of patterns, and identifiers to look up in them, the same for every library. */
#pragma once

#include "bench.h"

G_BEGIN_DECLS

#define MATCH_HOT 512
#define MATCH_COLD 65536
#define MATCH_NEW 262144
#define MATCH_NEW_LEAST 100000
#define MATCH_MILLION 1000000
#define MATCH_FOUR "4 look-ups"

typedef struct
{
  const char *id;
  const char *name;
  const char *action;
  guint matches; /* how many patterns of the set match */
} MatchId;

/* Of n patterns 5 % are name:*, 4 % *:action, one is *:*, the rest exact, so that at most four
 * match an identifier. With globs, 1 % more are of other shapes; those match nothing. */
typedef struct
{
  gsize n;
  gboolean globs;
  const char **patterns;
  gsize n_patterns;
  gsize text_bytes; /* of all patterns, with their final zeros */
  gsize n_names;    /* patterns name:*, of the first names */
  gsize n_actions;  /* patterns *:action, of the first actions */
  MatchId *hot;
  MatchId *cold;
  MatchId *fresh; /* of large sets: more than any cache of routes holds */
  GStringChunk *chunk;
} MatchSet;

/* A round trip through the identifiers; what a run function works with. */
typedef struct
{
  gpointer fixture; /* of the library, for one set */
  const MatchId *ids;
  gsize n_ids;
  gsize cursor;
} MatchWalk;

typedef enum
{
  MATCH_WALK_HOT,
  MATCH_WALK_COLD,
  MATCH_WALK_FRESH
} MatchWalkKind;

typedef struct
{
  gint64 n;
  const char *label;
  gboolean globs;
} MatchSize;

/* The sizes of this run, ended by one of no patterns. */
const MatchSize *match_sizes (void);

/* Made when first asked for and kept until match_sets_free(). */
const MatchSet *match_set_get (gsize n, gboolean globs);
void match_sets_free (void);

/* The name of a case for a size. */
const char *match_name (const char *what, const MatchSize *size);

gpointer match_walk_new (gpointer fixture, const MatchSet *set, MatchWalkKind kind);
guint64 match_walk_expected (const MatchWalk *walk, gsize n);

static inline const MatchId *
match_walk_next (MatchWalk *walk)
{
  const MatchId *id = &walk->ids[walk->cursor];

  walk->cursor = walk->cursor + 1 < walk->n_ids ? walk->cursor + 1 : 0;
  return id;
}

/* Bytes that the program has in use: in the heap, and in memory at all. */
gsize match_heap_bytes (void);
gsize match_resident_bytes (void);

G_END_DECLS
