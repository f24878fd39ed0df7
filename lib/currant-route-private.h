/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A route is a sink's place in the match index, from registration to stop. Its pattern is the
 * sink's.
 *
 * Routes are made, changed and freed under the router's lock. */
#pragma once

#include "currant-sink-private.h"

typedef struct _CurrantLeaf CurrantLeaf;
typedef struct _CurrantLink CurrantLink;
typedef struct _CurrantRoute CurrantRoute;
typedef struct _CurrantSlotRef CurrantSlotRef;

/* A route's place at one leaf of the match index: one for each pair of choices. */
struct _CurrantSlotRef
{
  CurrantRoute *route;
  CurrantLeaf *leaf;
  CurrantSlotRef *previous, *next;
};

struct _CurrantRoute
{
  CurrantSink *sink;
  guint64 serial; /* in the order they were made; kept when the pattern changes */

  /* The match index's: */
  CurrantRoute *previous, *next; /* all of one namespace */
  CurrantRoute *previous_of_all, *next_of_all;
  guint n_slots;
  CurrantSlotRef *slots; /* the one below, or an array of its own */
  CurrantSlotRef slot;

  CurrantLink *links; /* the snapshots that name the route */
};

CurrantRoute *currant_route_new (CurrantSink *sink, guint64 serial);
void currant_route_free (CurrantRoute *self);
