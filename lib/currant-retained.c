/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-retained-private.h"

/* Messages are never freed here, as that may run user code: they go back to the caller. */
struct _CurrantRetained
{
  GHashTable *table; /* identifier -> message */
};

static guint
identifier_hash (gconstpointer identifier)
{
  return currant_identifier_hash ((CurrantIdentifier *)identifier);
}

static gboolean
identifier_equal (gconstpointer a, gconstpointer b)
{
  return currant_identifier_equal ((CurrantIdentifier *)a, (CurrantIdentifier *)b);
}

CurrantRetained *
currant_retained_new (void)
{
  CurrantRetained *self = g_new (CurrantRetained, 1);

  self->table = g_hash_table_new_full (identifier_hash, identifier_equal,
                                       (GDestroyNotify)currant_identifier_unref, NULL);
  return self;
}

void
currant_retained_free (CurrantRetained *self)
{
  g_assert (g_hash_table_size (self->table) == 0);

  g_hash_table_unref (self->table);
  g_free (self);
}

gboolean
currant_retained_put (CurrantRetained *self, CurrantIdentifier *identifier, CurrantMessage *message,
                      CurrantMessage **replaced)
{
  *replaced = g_hash_table_lookup (self->table, identifier);
  if (currant_message_is_empty (message))
    {
      g_hash_table_remove (self->table, identifier);
      return TRUE;
    }
  if (*replaced == NULL && g_hash_table_size (self->table) >= CURRANT_RETAINED_MAX)
    return FALSE;
  g_hash_table_replace (self->table, currant_identifier_ref (identifier),
                        currant_message_ref (message));
  return TRUE;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  CurrantMessage *x = *(CurrantMessage *const *)a, *y = *(CurrantMessage *const *)b;
  gint64 x_time = currant_message_get_time (x), y_time = currant_message_get_time (y);

  if (x_time != y_time)
    return x_time < y_time ? -1 : 1;
  return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

void
currant_retained_collect (CurrantRetained *self, CurrantPattern *pattern, GPtrArray *messages)
{
  GHashTableIter iter;
  gpointer identifier, message;

  g_hash_table_iter_init (&iter, self->table);
  while (g_hash_table_iter_next (&iter, &identifier, &message))
    if (currant_pattern_matches (pattern, identifier))
      g_ptr_array_add (messages, currant_message_ref (message));
  g_ptr_array_sort (messages, compare_times);
}

void
currant_retained_steal (CurrantRetained *self, GPtrArray *messages)
{
  GHashTableIter iter;
  gpointer message;

  g_hash_table_iter_init (&iter, self->table);
  while (g_hash_table_iter_next (&iter, NULL, &message))
    g_ptr_array_add (messages, message);
  g_hash_table_remove_all (self->table);
}
