/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-file-settle-private.h"

struct _CurrantFileSettle
{
  GQueue order;      /* of CurrantFileHint, owned, in the order in which they were first heard of */
  GHashTable *links; /* path of a hint -> its link in `order` */
  guint n_fresh;
};

void
currant_file_hint_free (CurrantFileHint *self)
{
  g_free (self->path);
  g_free (self);
}

CurrantFileSettle *
currant_file_settle_new (void)
{
  CurrantFileSettle *self = g_new0 (CurrantFileSettle, 1);

  g_queue_init (&self->order);
  self->links = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
currant_file_settle_free (CurrantFileSettle *self)
{
  g_hash_table_unref (self->links);
  g_queue_clear_full (&self->order, (GDestroyNotify)currant_file_hint_free);
  g_free (self);
}

static void
add (CurrantFileSettle *self, CurrantFileHint *hint)
{
  g_queue_push_tail (&self->order, hint);
  g_hash_table_insert (self->links, hint->path, self->order.tail);
  self->n_fresh += hint->fresh ? 1 : 0;
}

static CurrantFileHint *
take (CurrantFileSettle *self, GList *link)
{
  CurrantFileHint *hint = link->data;

  g_hash_table_remove (self->links, hint->path);
  g_queue_delete_link (&self->order, link);
  self->n_fresh -= hint->fresh ? 1 : 0;
  return hint;
}

static void
touch (CurrantFileHint *hint, gint64 now)
{
  hint->due = MIN (now + CURRANT_FILE_QUIET, hint->first + CURRANT_FILE_LATEST);
}

/*
 * Something happened to a path. The hint that is returned is the settle's own; the caller may say
 * more in it (that it was written, that it is due at once) until the next call.
 */
CurrantFileHint *
currant_file_settle_hear (CurrantFileSettle *self, const char *path, gboolean fresh, gint64 now)
{
  GList *link = g_hash_table_lookup (self->links, path);
  CurrantFileHint *hint;

  if (link != NULL)
    hint = link->data;
  else
    {
      hint = g_new0 (CurrantFileHint, 1);
      hint->path = g_strdup (path);
      hint->first = now;
      hint->fresh = fresh;
      add (self, hint);
    }
  touch (hint, now);
  return hint;
}

/* Takes the hint: its path is to be looked at again, if nothing is heard of it, in 50 ms. */
void
currant_file_settle_put_back (CurrantFileSettle *self, CurrantFileHint *hint, gint64 now)
{
  if (g_hash_table_contains (self->links, hint->path))
    {
      currant_file_hint_free (hint);
      return;
    }
  touch (hint, now);
  add (self, hint);
}

/* Appends the hints that are due, owned by the caller then, in the order first heard of. */
void
currant_file_settle_take_due (CurrantFileSettle *self, gint64 now, GQueue *due)
{
  GList *link = self->order.head;

  while (link != NULL)
    {
      GList *next = link->next;
      CurrantFileHint *hint = link->data;

      if (hint->due <= now)
        g_queue_push_tail (due, take (self, link));
      link = next;
    }
}

/* When the next path is due; -1 if none waits. */
gint64
currant_file_settle_get_next (CurrantFileSettle *self)
{
  gint64 next = G_MAXINT64;

  for (GList *link = self->order.head; link != NULL; link = link->next)
    next = MIN (next, ((CurrantFileHint *)link->data)->due);
  return next != G_MAXINT64 ? next : -1;
}

guint
currant_file_settle_get_n_fresh (CurrantFileSettle *self)
{
  return self->n_fresh;
}

gboolean
currant_file_settle_is_empty (CurrantFileSettle *self)
{
  return g_queue_is_empty (&self->order);
}
