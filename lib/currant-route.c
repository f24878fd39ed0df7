/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-route-private.h"

CurrantRoute *
currant_route_new (CurrantSink *sink, guint64 serial)
{
  CurrantRoute *self = g_new0 (CurrantRoute, 1);

  self->sink = sink;
  self->serial = serial;
  return self;
}

void
currant_route_free (CurrantRoute *self)
{
  g_assert (self->links == NULL);
  g_assert (self->slots == NULL);

  g_free (self);
}
