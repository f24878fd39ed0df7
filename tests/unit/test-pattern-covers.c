/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which pattern covers which: access lists will rest on it, so it may err in neither direction. */
#include "config.h"

#include "currant-test.h"

#include <string.h>

static gboolean
covers (const char *wide_text, const char *narrow_text)
{
  g_autoptr (CurrantPattern) wide = currant_test_pattern (wide_text);
  g_autoptr (CurrantPattern) narrow = currant_test_pattern (narrow_text);

  return currant_pattern_covers (wide, narrow);
}

static const struct
{
  const char *wide;
  const char *narrow;
  gboolean wanted;
} pairs[] = {
  { "*:*", "*:*", TRUE },
  { "*:*", "a:b", TRUE },
  { "*:*", "a*:{b,c}", TRUE },
  { "*:*", "a@ns:b", FALSE },
  { "*@ns", "a@ns:b", TRUE },
  { "*@ns", "a:b", FALSE },
  { "a:*", "a:b", TRUE },
  { "a:*", "a", TRUE },
  { "a:*", "a:{b,c*}", TRUE },
  { "a:*", "*:b", FALSE },
  { "a:*", "a*:b", FALSE },
  { "a:b", "a:b", TRUE },
  { "a:b", "a:*", FALSE },
  { "a:b", "A:b", FALSE },
  { "a*:x", "a:x", TRUE },
  { "a*:x", "ab*:x", TRUE },
  { "a*:x", "*a:x", FALSE },
  { "a*:x", "{a,ab}:x", TRUE },
  { "a*:x", "{a,b}:x", FALSE },
  { "*a*:x", "*a:x", TRUE },
  { "*a*:x", "a*:x", TRUE },
  { "*a*:x", "ba*ab:x", TRUE },
  { "*a*:x", "b*b:x", FALSE },
  { "a*b:x", "a*c*b:x", TRUE },
  { "a*c*b:x", "a*b:x", FALSE },
  { "a*a:x", "a:x", FALSE },
  { "a*a:x", "aa:x", TRUE },
  { "{a,b}:x", "a:x", TRUE },
  { "{a,b}:x", "{b,a}:x", TRUE },
  { "{a,b}:x", "{a,c}:x", FALSE },
  { "{a,b}:x", "*:x", FALSE },
  { "{a*,b*}:x", "{ab,bc*}:x", TRUE },
  { "{a*,*}:x", "*:x", TRUE },
  { "{a,b}:{x,y}", "a:y", TRUE },
  { "{a,b}:{x,y}", "a:z", FALSE },
  { "x{a,b}:y", "{xa,xb}:y", TRUE },
  { "{xa,xb}:y", "x{a,b}:y", TRUE },
  { "a*:x", "größe:x", FALSE },
  { "gr*e:x", "größ*e:x", TRUE },
};

static void
test_table (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    if (covers (pairs[i].wide, pairs[i].narrow) != pairs[i].wanted)
      g_error ("%s over %s: not %d", pairs[i].wide, pairs[i].narrow, pairs[i].wanted);
}

static const char *
pick (GRand *rand, const char *const *from, gsize n)
{
  return from[g_rand_int_range (rand, 0, (int)n)];
}

static char *
random_half (GRand *rand, gboolean as_pattern)
{
  static const char *const pieces[] = { "a", "b", "a", "b", "*", "{a,b}", "{ab,*a,b}", "{a,b*}" };
  GString *half = g_string_new (NULL);
  int n = g_rand_int_range (rand, 1, 4);

  for (int i = 0; i < n; i++)
    g_string_append (half, pick (rand, pieces, as_pattern ? G_N_ELEMENTS (pieces) : 4));
  if (g_rand_int_range (rand, 0, 8) == 0)
    g_string_assign (half, "*");
  return g_string_free (half, FALSE);
}

static CurrantPattern *
random_pattern (GRand *rand)
{
  for (;;)
    {
      g_autofree char *name = random_half (rand, TRUE);
      g_autofree char *action = random_half (rand, TRUE);
      g_autofree char *text = g_strdup_printf ("%s:%s", name, action);
      CurrantPattern *pattern = currant_pattern_new (text, NULL);

      if (pattern != NULL)
        return pattern;
    }
}

static CurrantIdentifier *
random_identifier (GRand *rand)
{
  g_autofree char *name = random_half (rand, FALSE);
  g_autofree char *action = random_half (rand, FALSE);
  g_autofree char *text = g_strdup_printf ("%s:%s", name, action);

  return currant_test_identifier (text);
}

/* Broadcasts included. */
static void
test_covering_implies_matching (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();
  guint covered = 0;

  for (int i = 0; i < 50000; i++)
    {
      g_autoptr (CurrantPattern) wide = random_pattern (rand);
      g_autoptr (CurrantPattern) narrow = random_pattern (rand);

      if (!currant_pattern_covers (wide, narrow))
        continue;
      covered++;
      for (int j = 0; j < 20; j++)
        {
          g_autoptr (CurrantIdentifier) id = random_identifier (rand);

          if (currant_pattern_matches (narrow, id) && !currant_pattern_matches (wide, id))
            g_error ("%s over %s, but not %s", currant_pattern_to_string (wide),
                     currant_pattern_to_string (narrow), currant_identifier_to_string (id));
        }
    }
  g_assert_cmpuint (covered, >, 100);
}

/* Writes the alternatives of a half, each `*` replaced by a text that no pattern here mentions. */
static void
add_witnesses (const char *half, GPtrArray *witnesses)
{
  const char *open = strchr (half, '{');
  const char *close = open != NULL ? strchr (open, '}') : NULL;
  g_autofree char *inside = NULL;
  g_auto (GStrv) alternatives = NULL;

  if (open == NULL)
    {
      g_auto (GStrv) parts = g_strsplit (half, "*", -1);

      g_ptr_array_add (witnesses, g_strjoinv ("zz", parts));
      return;
    }
  inside = g_strndup (open + 1, (gsize)(close - open - 1));
  alternatives = g_strsplit (inside, ",", -1);
  for (gsize i = 0; alternatives[i] != NULL; i++)
    {
      g_autofree char *tried =
          g_strdup_printf ("%.*s%s%s", (int)(open - half), half, alternatives[i], close + 1);

      add_witnesses (tried, witnesses);
    }
}

static gboolean
matches_every_witness (CurrantPattern *wide, const char *name_half, const char *action_half)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) actions = g_ptr_array_new_with_free_func (g_free);

  add_witnesses (name_half, names);
  add_witnesses (action_half, actions);
  for (guint i = 0; i < names->len; i++)
    for (guint j = 0; j < actions->len; j++)
      {
        g_autofree char *text =
            g_strdup_printf ("%s:%s", (char *)names->pdata[i], (char *)actions->pdata[j]);
        g_autoptr (CurrantIdentifier) id = currant_test_identifier (text);

        if (!currant_pattern_matches (wide, id))
          return FALSE;
      }
  return TRUE;
}

/*
 * A glob covers another exactly when it matches it with each star replaced by letters that it does
 * not mention itself: only a star can have taken those, and a star would take anything else too.
 */
static void
test_covering_is_exact (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();

  for (int i = 0; i < 50000; i++)
    {
      g_autoptr (CurrantPattern) wide = random_pattern (rand);
      g_autofree char *name = random_half (rand, TRUE);
      g_autofree char *action = random_half (rand, TRUE);
      g_autofree char *text = g_strdup_printf ("%s:%s", name, action);
      g_autoptr (CurrantPattern) narrow = currant_pattern_new (text, NULL);

      if (narrow == NULL)
        continue;
      if (currant_pattern_covers (wide, narrow) != matches_every_witness (wide, name, action))
        g_error ("%s over %s: wrongly %d", currant_pattern_to_string (wide), text,
                 currant_pattern_covers (wide, narrow));
    }
}

static void
test_covers_itself (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();

  for (int i = 0; i < 10000; i++)
    {
      g_autoptr (CurrantPattern) pattern = random_pattern (rand);

      g_assert_true (currant_pattern_covers (pattern, pattern));
    }
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/pattern/covers/table", test_table);
  currant_test_add ("/pattern/covers/implies-matching", test_covering_implies_matching);
  currant_test_add ("/pattern/covers/is-exact", test_covering_is_exact);
  currant_test_add ("/pattern/covers/itself", test_covers_itself);
  return g_test_run ();
}
