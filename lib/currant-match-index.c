/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-match-index-private.h"

#include "currant-hash-private.h"
#include "currant-identifier-private.h"
#include "currant-symbols-private.h"

/* All routes of one pair of symbols. */
struct _CurrantLeaf
{
  CurrantSymbol *name;
  CurrantSymbol *action;
  CurrantSlotRef *first, *last;
};

/* One namespace. */
typedef struct
{
  CurrantSymbols *names;
  CurrantSymbols *actions;
  GHashTable *leaves; /* a set of CurrantLeaf */
  CurrantRoute *first, *last;
} World;

struct _CurrantMatchIndex
{
  World *plain;               /* the default namespace */
  GHashTable *named;          /* namespace -> World */
  CurrantRoute *first;        /* of all routes */
  GPtrArray *names, *actions; /* scratch */
};

static guint
leaf_hash (gconstpointer data)
{
  const CurrantLeaf *leaf = data;

  return currant_hash_pair (GPOINTER_TO_SIZE (leaf->name), GPOINTER_TO_SIZE (leaf->action));
}

static gboolean
leaf_equal (gconstpointer a, gconstpointer b)
{
  const CurrantLeaf *x = a, *y = b;

  return x->name == y->name && x->action == y->action;
}

static World *
world_new (void)
{
  World *self = g_new0 (World, 1);

  self->names = currant_symbols_new ();
  self->actions = currant_symbols_new ();
  self->leaves = g_hash_table_new (leaf_hash, leaf_equal);
  return self;
}

static void
world_free (gpointer data)
{
  World *self = data;

  g_assert (self->first == NULL);

  g_hash_table_unref (self->leaves);
  currant_symbols_free (self->names);
  currant_symbols_free (self->actions);
  g_free (self);
}

CurrantMatchIndex *
currant_match_index_new (void)
{
  CurrantMatchIndex *self = g_new0 (CurrantMatchIndex, 1);

  self->plain = world_new ();
  self->named = g_hash_table_new_full (currant_hash_string, g_str_equal, g_free, world_free);
  self->names = g_ptr_array_new ();
  self->actions = g_ptr_array_new ();
  return self;
}

void
currant_match_index_free (CurrantMatchIndex *self)
{
  world_free (self->plain);
  g_hash_table_unref (self->named);
  g_ptr_array_unref (self->names);
  g_ptr_array_unref (self->actions);
  g_free (self);
}

static World *
find_world (CurrantMatchIndex *self, const char *namespace, gboolean make)
{
  World *world;

  if (namespace == NULL)
    return self->plain;
  world = g_hash_table_lookup (self->named, namespace);
  if (world == NULL && make)
    {
      world = world_new ();
      g_hash_table_insert (self->named, g_strdup (namespace), world);
    }
  return world;
}

static CurrantLeaf *
leaf_acquire (World *world, const char *name, const char *action)
{
  CurrantLeaf key = { currant_symbols_acquire (world->names, name),
                      currant_symbols_acquire (world->actions, action), NULL, NULL };
  CurrantLeaf *leaf = g_hash_table_lookup (world->leaves, &key);

  if (leaf == NULL)
    {
      leaf = g_memdup2 (&key, sizeof key);
      g_hash_table_add (world->leaves, leaf);
    }
  return leaf;
}

/* Each route at a leaf owns a use of both its symbols. */
static void
leaf_release (World *world, CurrantLeaf *leaf)
{
  CurrantSymbol *name = leaf->name, *action = leaf->action;

  if (leaf->first == NULL)
    {
      g_hash_table_remove (world->leaves, leaf);
      g_free (leaf);
    }
  currant_symbols_release (world->names, name);
  currant_symbols_release (world->actions, action);
}

static void
slot_add (World *world, CurrantSlotRef *slot, CurrantRoute *route, const char *name,
          const char *action)
{
  CurrantLeaf *leaf = leaf_acquire (world, name, action);

  *slot = (CurrantSlotRef){ route, leaf, leaf->last, NULL };
  if (leaf->last != NULL)
    leaf->last->next = slot;
  else
    leaf->first = slot;
  leaf->last = slot;
}

static void
slot_remove (World *world, CurrantSlotRef *slot)
{
  CurrantLeaf *leaf = slot->leaf;

  if (slot->previous != NULL)
    slot->previous->next = slot->next;
  else
    leaf->first = slot->next;
  if (slot->next != NULL)
    slot->next->previous = slot->previous;
  else
    leaf->last = slot->previous;
  leaf_release (world, leaf);
}

static void
world_link (World *world, CurrantRoute *route)
{
  route->previous = world->last;
  route->next = NULL;
  if (world->last != NULL)
    world->last->next = route;
  else
    world->first = route;
  world->last = route;
}

static void
world_unlink (World *world, CurrantRoute *route)
{
  if (route->previous != NULL)
    route->previous->next = route->next;
  else
    world->first = route->next;
  if (route->next != NULL)
    route->next->previous = route->previous;
  else
    world->last = route->previous;
}

void
currant_match_index_add (CurrantMatchIndex *self, CurrantRoute *route)
{
  const CurrantPattern *pattern = route->sink->pattern;
  World *world = find_world (self, pattern->namespace, TRUE);
  CurrantSlotRef *slot;

  route->n_slots = pattern->name.n_choices * pattern->action.n_choices;
  route->slots = route->n_slots == 1 ? &route->slot : g_new (CurrantSlotRef, route->n_slots);
  slot = route->slots;
  for (guint i = 0; i < pattern->name.n_choices; i++)
    for (guint j = 0; j < pattern->action.n_choices; j++)
      slot_add (world, slot++, route, pattern->name.choices[i], pattern->action.choices[j]);
  world_link (world, route);
  route->previous_of_all = NULL;
  route->next_of_all = self->first;
  if (self->first != NULL)
    self->first->previous_of_all = route;
  self->first = route;
}

void
currant_match_index_remove (CurrantMatchIndex *self, CurrantRoute *route)
{
  const char *namespace = route->sink->pattern->namespace;
  World *world = find_world (self, namespace, FALSE);

  world_unlink (world, route);
  if (route->previous_of_all != NULL)
    route->previous_of_all->next_of_all = route->next_of_all;
  else
    self->first = route->next_of_all;
  if (route->next_of_all != NULL)
    route->next_of_all->previous_of_all = route->previous_of_all;
  for (guint i = 0; i < route->n_slots; i++)
    slot_remove (world, &route->slots[i]);
  if (route->slots != &route->slot)
    g_free (route->slots);
  route->slots = NULL;
  if (namespace != NULL && world->first == NULL)
    g_hash_table_remove (self->named, namespace);
}

static void
collect_broadcast (World *world, CurrantIdentifier *identifier, GPtrArray *routes)
{
  for (CurrantRoute *route = world->first; route != NULL; route = route->next)
    if (currant_pattern_matches (route->sink->pattern, identifier))
      g_ptr_array_add (routes, route);
}

static void
collect_pairs (CurrantMatchIndex *self, World *world, CurrantIdentifier *identifier,
               GPtrArray *routes)
{
  g_ptr_array_set_size (self->names, 0);
  g_ptr_array_set_size (self->actions, 0);
  currant_symbols_collect (world->names, currant_identifier_get_name (identifier), self->names);
  if (self->names->len == 0)
    return;
  currant_symbols_collect (world->actions, currant_identifier_get_action (identifier),
                           self->actions);
  for (guint i = 0; i < self->names->len; i++)
    for (guint j = 0; j < self->actions->len; j++)
      {
        CurrantLeaf key = { self->names->pdata[i], self->actions->pdata[j], NULL, NULL };
        CurrantLeaf *leaf = g_hash_table_lookup (world->leaves, &key);

        for (CurrantSlotRef *slot = leaf != NULL ? leaf->first : NULL; slot != NULL;
             slot = slot->next)
          g_ptr_array_add (routes, slot->route);
      }
}

static int
compare_serials (gconstpointer a, gconstpointer b)
{
  const CurrantRoute *x = *(CurrantRoute *const *)a, *y = *(CurrantRoute *const *)b;

  return (x->serial > y->serial) - (x->serial < y->serial);
}

/* Routes of one leaf stand in order already, unless a pattern was changed. */
static void
put_in_order (GPtrArray *routes)
{
  gboolean ordered = TRUE;
  guint n = 0;

  for (guint i = 1; i < routes->len && ordered; i++)
    ordered = compare_serials (&routes->pdata[i - 1], &routes->pdata[i]) < 0;
  if (ordered)
    return;
  g_ptr_array_sort (routes, compare_serials);
  for (guint i = 0; i < routes->len; i++)
    if (n == 0 || routes->pdata[n - 1] != routes->pdata[i])
      routes->pdata[n++] = routes->pdata[i];
  routes->len = n;
}

void
currant_match_index_collect (CurrantMatchIndex *self, CurrantIdentifier *identifier,
                             GPtrArray *routes)
{
  World *world = find_world (self, currant_identifier_get_namespace (identifier), FALSE);

  g_ptr_array_set_size (routes, 0);
  if (world == NULL)
    return;
  if (currant_identifier_is_broadcast (identifier))
    collect_broadcast (world, identifier, routes);
  else
    collect_pairs (self, world, identifier, routes);
  put_in_order (routes);
}

CurrantRoute *
currant_match_index_first (CurrantMatchIndex *self)
{
  return self->first;
}
