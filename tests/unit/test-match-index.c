/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The index, against currant_pattern_matches () on every route. */
#include "config.h"

#include "currant-match-index-private.h"
#include "spy-sink.h"

#include <string.h>

/* The index, and a plain list of its routes in their order. */
typedef struct
{
  CurrantMatchIndex *index;
  GPtrArray *routes;
  guint64 last_serial;
} World;

static World
world_new (void)
{
  return (World){ currant_match_index_new (), g_ptr_array_new (), 0 };
}

static CurrantRoute *
add (World *self, const char *pattern)
{
  Spy *spy = spy_new (NULL, pattern);
  CurrantRoute *route = currant_route_new (&spy->sink, ++self->last_serial);

  currant_match_index_add (self->index, route);
  g_ptr_array_add (self->routes, route);
  return route;
}

static void
drop (World *self, CurrantRoute *route)
{
  Spy *spy = (Spy *)route->sink;

  currant_match_index_remove (self->index, route);
  currant_route_free (route);
  spy_free (spy);
  g_ptr_array_remove (self->routes, route);
}

/* As the router does it: the route keeps its serial number. */
static void
change (World *self, CurrantRoute *route, const char *pattern)
{
  currant_match_index_remove (self->index, route);
  currant_pattern_unref (route->sink->pattern);
  route->sink->pattern = currant_test_pattern (pattern);
  currant_match_index_add (self->index, route);
}

static void
world_end (World *self)
{
  while (self->routes->len > 0)
    drop (self, self->routes->pdata[0]);
  g_assert_null (currant_match_index_first (self->index));
  currant_match_index_free (self->index);
  g_ptr_array_unref (self->routes);
}

static char *
print_patterns (GPtrArray *routes)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < routes->len; i++)
    {
      CurrantRoute *route = routes->pdata[i];

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                              currant_pattern_to_string (route->sink->pattern));
    }
  return g_string_free (text, FALSE);
}

/* All that match, in order, each once, and nothing of what was in the array before. */
static void
assert_agrees (World *self, const char *id)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier (id);
  g_autoptr (GPtrArray) found = g_ptr_array_new (), wanted = g_ptr_array_new ();

  for (guint i = 0; i < self->routes->len; i++)
    {
      CurrantRoute *route = self->routes->pdata[i];

      if (currant_pattern_matches (route->sink->pattern, identifier))
        g_ptr_array_add (wanted, route);
    }
  g_ptr_array_add (found, NULL);
  currant_match_index_collect (self->index, identifier, found);
  if (found->len != wanted->len
      || (found->len > 0 && memcmp (found->pdata, wanted->pdata, found->len * sizeof (gpointer))))
    {
      g_autofree char *got = print_patterns (found), *needed = print_patterns (wanted);

      g_error ("“%s” reaches “%s”, not “%s”", id, got, needed);
    }
}

static void
assert_reaches (World *self, const char *id, const char *patterns)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier (id);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  g_autofree char *text = NULL;

  currant_match_index_collect (self->index, identifier, found);
  text = print_patterns (found);
  g_assert_cmpstr (text, ==, patterns);
}

static void
test_forms (void)
{
  World world = world_new ();

  for (const char *const *pattern =
           (const char *[]){ "a:x", "a:*", "*:x", "*:*", "a*:x", "b:x", "a@n:x", NULL };
       *pattern != NULL; pattern++)
    add (&world, *pattern);
  assert_reaches (&world, "a:x", "a:x a:* *:x *:* a*:x");
  assert_reaches (&world, "a:y", "a:* *:*");
  assert_reaches (&world, "c:x", "*:x *:*");
  assert_reaches (&world, "c:y", "*:*");
  assert_reaches (&world, "*:x", "a:x a:* *:x *:* a*:x b:x");
  assert_reaches (&world, "b:*", "*:x *:* b:x");
  assert_reaches (&world, "a@n:x", "a@n:x");
  assert_reaches (&world, "a@m:x", "");
  assert_reaches (&world, "*@n:*", "a@n:x");
  world_end (&world);
}

/* Several choices of one pattern may match at once: it is there once. */
static void
test_each_once (void)
{
  World world = world_new ();

  add (&world, "{a,a*,*a}:{x,x*}");
  add (&world, "a:x");
  assert_reaches (&world, "a:x", "{*a,a,a*}:{x,x*} a:x");
  assert_reaches (&world, "*:*", "{*a,a,a*}:{x,x*} a:x");
  world_end (&world);
}

/* Equal patterns share a leaf; what goes from its start, middle or end leaves the others. */
static void
test_equal_patterns (void)
{
  World world = world_new ();
  CurrantRoute *routes[5];

  for (int i = 0; i < 5; i++)
    routes[i] = add (&world, "{a,b}:x");
  drop (&world, routes[2]);
  assert_agrees (&world, "a:x");
  drop (&world, routes[0]);
  assert_agrees (&world, "b:x");
  drop (&world, routes[4]);
  assert_agrees (&world, "a:x");
  add (&world, "{a,b}:x");
  assert_agrees (&world, "b:x");
  world_end (&world);
}

/* A changed pattern stands at the end of its leaf, but not at the end of the answer. */
static void
test_change_keeps_order (void)
{
  World world = world_new ();
  CurrantRoute *first = add (&world, "a:x");

  add (&world, "b:x");
  add (&world, "b:x");
  change (&world, first, "b:x");
  assert_agrees (&world, "b:x");
  assert_agrees (&world, "*:x");
  assert_agrees (&world, "a:x");
  world_end (&world);
}

/* The list of all routes has those of every namespace. */
static void
test_first (void)
{
  World world = world_new ();
  guint n = 0;

  add (&world, "a:x");
  add (&world, "a@n:x");
  add (&world, "a@m:x");
  drop (&world, world.routes->pdata[1]);
  for (CurrantRoute *route = currant_match_index_first (world.index); route != NULL;
       route = route->next_of_all, n++)
    g_assert_true (g_ptr_array_find (world.routes, route, NULL));
  g_assert_cmpuint (n, ==, 2);
  world_end (&world);
}

/* Random patterns come, change and go; random identifiers ask for them. */

static const char *
pick (GRand *rand, const char *const *from, gsize n)
{
  return from[g_rand_int_range (rand, 0, (int)n)];
}

#define PICK(rand, array) pick (rand, array, G_N_ELEMENTS (array))

static char *
random_pattern (GRand *rand)
{
  static const char *const halves[] = { "*",       "a",   "b",   "ab",    "abc",   "a*",
                                        "*b",      "*b*", "a*c", "ab*",   "{a,b}", "{a*,*c}",
                                        "{*b,a}c", "é*",  "c",   "{a,ab}" };
  static const char *const spaces[] = { "", "", "@n", "@m" };

  return g_strconcat (PICK (rand, halves), PICK (rand, spaces), ":", PICK (rand, halves), NULL);
}

static char *
random_id (GRand *rand)
{
  static const char *const halves[] = { "a", "b", "c", "ab", "abc", "bc", "éa", "abbc", "ac", "*" };
  static const char *const spaces[] = { "", "", "@n", "@o" };

  return g_strconcat (PICK (rand, halves), PICK (rand, spaces), ":", PICK (rand, halves), NULL);
}

static void
random_step (World *world, GRand *rand, gboolean grows)
{
  g_autofree char *pattern = random_pattern (rand);
  CurrantRoute *some = NULL;

  if (world->routes->len > 0)
    some = world->routes->pdata[g_rand_int_range (rand, 0, (int)world->routes->len)];
  if (some == NULL || g_rand_int_range (rand, 0, 10) < (grows ? 5 : 2))
    add (world, pattern);
  else if (g_rand_int_range (rand, 0, 3) == 0)
    change (world, some, pattern);
  else
    drop (world, some);
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();
  World world = world_new ();

  for (guint i = 0; i < currant_test_rounds (10000); i++)
    {
      random_step (&world, rand, (i / 200) % 2 == 0);
      for (int j = 0; j < 4; j++)
        {
          g_autofree char *id = random_id (rand);

          assert_agrees (&world, id);
        }
    }
  world_end (&world);
}

/* What a look-up costs does not grow with the number of exact patterns, nor with that of globs
 * whose literals are others: with 50,000 of each, looking at all would outlast the watchdog. */
static void
test_many (void)
{
  World world = world_new ();
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("n77:x");
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  gint64 start;

  for (int i = 0; i < 50000; i++)
    {
      g_autofree char *exact = g_strdup_printf ("n%d:x", i);
      g_autofree char *glob = g_strdup_printf ("m%d.*:x", i);

      add (&world, exact);
      add (&world, glob);
    }
  start = g_get_monotonic_time ();
  for (int i = 0; i < 1000; i++)
    currant_match_index_collect (world.index, identifier, found);
  g_assert_cmpuint (found->len, ==, 1);
  /* One pass over 100,000 globs takes more than a millisecond, so a thousand take seconds. */
  if (!currant_test_is_instrumented ())
    g_assert_cmpint (g_get_monotonic_time () - start, <, 200000);
  while (world.routes->len > 0)
    drop (&world, world.routes->pdata[world.routes->len - 1]);
  world_end (&world);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/match-index/forms", test_forms);
  currant_test_add ("/match-index/each-once", test_each_once);
  currant_test_add ("/match-index/equal-patterns", test_equal_patterns);
  currant_test_add ("/match-index/change-keeps-order", test_change_keeps_order);
  currant_test_add ("/match-index/first", test_first);
  currant_test_add ("/match-index/against-every-pattern", test_random);
  currant_test_add ("/match-index/many", test_many);
  return g_test_run ();
}
