/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A snapshot is what a publish walks: the sinks that one topic reaches, in order, as an immutable
 * array.
 *
 * A topic points to its current snapshot. When a route that it names goes, the snapshot is retired:
 * the topic lets go of it, and it is freed once no thread walks it (currant-thread-private.h). Each
 * entry holds its sink, so a sink that was stopped finishes as soon as the last walk that could
 * call it ends. Each entry is also linked to its route, so that stopping a follower finds the
 * snapshots that name it without looking at others: what a stop costs was paid for by the publishes
 * that built them. */
#pragma once

#include "currant-route-private.h"

typedef struct _CurrantSnapshot CurrantSnapshot;

/* The sink's, here to spare looks at the sink's memory. */
typedef struct
{
  CurrantSink *sink;
  CurrantTakeFunc take;
  CurrantCallFunc call;
  gpointer call_data;
} CurrantEntry;

struct _CurrantLink
{
  CurrantSnapshot *snapshot;
  CurrantRoute *route;
  CurrantLink *previous, *next; /* of the route; guarded by the router's lock */
};

struct _CurrantSnapshot
{
  guint64 generation; /* of the router, when it was made */
  guint n_entries;
  guint n_slices;
  CurrantIdentifier *identifier; /* a reference: the topic may be gone while this is walked */
  gpointer topic;                /* guarded by the router's lock; NULL once retired */
  CurrantSnapshot *next;         /* among the retired; guarded by the router's lock */
  CurrantLink *links;            /* behind the entries */
  CurrantEntry entries[];
};

/* Under the router's lock. */
CurrantSnapshot *currant_snapshot_new (GPtrArray *routes, guint64 generation,
                                       CurrantIdentifier *identifier, gpointer topic);
void currant_snapshot_unlink (CurrantSnapshot *self);

/* Without a lock: releases the sinks, which may run user code. */
void currant_snapshot_free (CurrantSnapshot *self);
