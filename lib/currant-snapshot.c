/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-snapshot-private.h"

#include "currant-lock-private.h"

static void
link_route (CurrantLink *link, CurrantSnapshot *snapshot, CurrantRoute *route)
{
  *link = (CurrantLink){ snapshot, route, NULL, route->links };
  if (route->links != NULL)
    route->links->previous = link;
  route->links = link;
}

CurrantSnapshot *
currant_snapshot_new (GPtrArray *routes, guint64 generation, CurrantIdentifier *identifier,
                      gpointer topic)
{
  guint n = routes->len;
  gsize entries_size = n * sizeof (CurrantEntry);
  CurrantSnapshot *self = g_malloc (sizeof *self + entries_size + n * sizeof (CurrantLink));

  *self = (CurrantSnapshot){ .generation = generation, .n_entries = n, .topic = topic };
  self->identifier = currant_identifier_ref (identifier);
  self->links = (CurrantLink *)((char *)self->entries + entries_size);
  for (guint i = 0; i < n; i++)
    {
      CurrantRoute *route = routes->pdata[i];
      CurrantSink *sink = route->sink;

      currant_sink_hold (sink);
      self->entries[i] = (CurrantEntry){ sink, sink->take, sink->call, sink->call_data };
      self->n_slices += sink->weight >= 0;
      link_route (&self->links[i], self, route);
    }
  return self;
}

void
currant_snapshot_unlink (CurrantSnapshot *self)
{
  for (guint i = 0; i < self->n_entries; i++)
    {
      CurrantLink *link = &self->links[i];

      if (link->previous != NULL)
        link->previous->next = link->next;
      else
        link->route->links = link->next;
      if (link->next != NULL)
        link->next->previous = link->previous;
    }
}

void
currant_snapshot_free (CurrantSnapshot *self)
{
  CURRANT_ASSERT_UNLOCKED ();
  for (guint i = 0; i < self->n_entries; i++)
    currant_sink_release (self->entries[i].sink, 1);
  currant_identifier_unref (self->identifier);
  g_free (self);
}
