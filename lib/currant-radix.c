/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-radix-private.h"

#include <string.h>

/* The root has an empty label. Every other node has values, or at least two children. */
struct _CurrantRadix
{
  char *label;
  gsize length;
  GPtrArray *children; /* by the first byte of their label; NULL for none */
  GPtrArray *values;   /* NULL for none */
};

static CurrantRadix *
node_new (const char *label, gsize length)
{
  CurrantRadix *self = g_new0 (CurrantRadix, 1);

  self->label = g_memdup2 (label, length);
  self->length = length;
  return self;
}

CurrantRadix *
currant_radix_new (void)
{
  return node_new (NULL, 0);
}

void
currant_radix_free (CurrantRadix *self)
{
  for (guint i = 0; self->children != NULL && i < self->children->len; i++)
    currant_radix_free (self->children->pdata[i]);
  g_clear_pointer (&self->children, g_ptr_array_unref);
  g_clear_pointer (&self->values, g_ptr_array_unref);
  g_free (self->label);
  g_free (self);
}

/* The place of the child whose label begins with @first, or where it would stand. */
static guint
find_place (const CurrantRadix *self, char first, gboolean *found)
{
  guint low = 0, high = self->children != NULL ? self->children->len : 0;

  *found = FALSE;
  while (low < high)
    {
      guint middle = (low + high) / 2;
      const CurrantRadix *child = self->children->pdata[middle];

      if (child->label[0] == first)
        {
          *found = TRUE;
          return middle;
        }
      if ((guchar)child->label[0] < (guchar)first)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
add_child (CurrantRadix *self, guint place, CurrantRadix *child)
{
  if (self->children == NULL)
    self->children = g_ptr_array_new ();
  g_ptr_array_insert (self->children, place, child);
}

static gsize
common_length (const CurrantRadix *node, const char *key, gsize length)
{
  gsize n = 0;

  while (n < node->length && n < length && node->label[n] == key[n])
    n++;
  return n;
}

/* Cuts @child after @at bytes: a new node takes the start of its label and has it as only child. */
static CurrantRadix *
split_child (CurrantRadix *self, guint place, gsize at)
{
  CurrantRadix *child = self->children->pdata[place];
  CurrantRadix *start = node_new (child->label, at);
  char *rest = g_memdup2 (child->label + at, child->length - at);

  g_free (child->label);
  child->label = rest;
  child->length -= at;
  add_child (start, 0, child);
  self->children->pdata[place] = start;
  return start;
}

void
currant_radix_add (CurrantRadix *self, const char *key, gsize length, gpointer value)
{
  while (length > 0)
    {
      gboolean found;
      guint place = find_place (self, key[0], &found);
      CurrantRadix *child;
      gsize common;

      if (!found)
        add_child (self, place, node_new (key, length));
      child = self->children->pdata[place];
      common = common_length (child, key, length);
      if (common < child->length)
        child = split_child (self, place, common);
      self = child;
      key += common;
      length -= common;
    }
  if (self->values == NULL)
    self->values = g_ptr_array_new ();
  g_ptr_array_add (self->values, value);
}

static void
merge_only_child (CurrantRadix *self)
{
  CurrantRadix *child = self->children->pdata[0];

  self->label = g_realloc (self->label, self->length + child->length);
  memcpy (self->label + self->length, child->label, child->length);
  self->length += child->length;
  g_ptr_array_unref (self->children);
  self->children = g_steal_pointer (&child->children);
  self->values = g_steal_pointer (&child->values);
  currant_radix_free (child);
}

/* After something went from the child at @place: drops it or merges it so that the tree stays as
 * small as its keys need. */
static void
tidy_child (CurrantRadix *self, guint place)
{
  CurrantRadix *child = self->children->pdata[place];
  guint n_children = child->children != NULL ? child->children->len : 0;

  if (child->values != NULL || n_children > 1)
    return;
  if (n_children == 1)
    {
      merge_only_child (child);
      return;
    }
  currant_radix_free (child);
  g_ptr_array_remove_index (self->children, place);
  if (self->children->len == 0)
    g_clear_pointer (&self->children, g_ptr_array_unref);
}

void
currant_radix_remove (CurrantRadix *self, const char *key, gsize length, gpointer value)
{
  gboolean found;
  guint place;
  CurrantRadix *child;

  if (length == 0)
    {
      g_ptr_array_remove_fast (self->values, value);
      if (self->values->len == 0)
        g_clear_pointer (&self->values, g_ptr_array_unref);
      return;
    }
  place = find_place (self, key[0], &found);
  g_assert (found);
  child = self->children->pdata[place];
  currant_radix_remove (child, key + child->length, length - child->length, value);
  tidy_child (self, place);
}

void
currant_radix_collect (CurrantRadix *self, const char *text, gsize length, GPtrArray *values)
{
  for (;;)
    {
      gboolean found;
      guint place;

      if (self->values != NULL)
        g_ptr_array_extend (values, self->values, NULL, NULL);
      if (length == 0)
        return;
      place = find_place (self, text[0], &found);
      if (!found)
        return;
      self = self->children->pdata[place];
      if (self->length > length || memcmp (self->label, text, self->length) != 0)
        return;
      text += self->length;
      length -= self->length;
    }
}
