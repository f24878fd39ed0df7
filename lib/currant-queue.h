/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(CURRANT_INSIDE) && !defined(CURRANT_COMPILATION)
#error "Only <currant.h> can be included directly."
#endif

#include <gio/gio.h>

#include "currant-enums.h"
#include "currant-macros.h"
#include "currant-types.h"

G_BEGIN_DECLS

#define CURRANT_TYPE_QUEUE (currant_queue_get_type ())

CURRANT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (CurrantQueue, currant_queue, CURRANT, QUEUE, GObject)

CURRANT_AVAILABLE_IN_1_0
CurrantQueue *currant_queue_new (CurrantBus *bus, const char *pattern, CurrantQueueKind kind);

CURRANT_AVAILABLE_IN_1_0
CurrantQueue *currant_queue_new_for_pattern (CurrantBus *bus, CurrantPattern *pattern,
                                             CurrantQueueKind kind, CurrantOrdering ordering);

CURRANT_AVAILABLE_IN_1_0
void currant_queue_set_bound (CurrantQueue *self, guint bound, CurrantOverflow overflow);

CURRANT_AVAILABLE_IN_1_0
void currant_queue_set_spin (CurrantQueue *self, guint spin_us);

CURRANT_AVAILABLE_IN_1_0
CurrantMessage *currant_queue_get (CurrantQueue *self, gint64 timeout_us, GCancellable *cancellable,
                                   GError **error);

CURRANT_AVAILABLE_IN_1_0
CurrantMessage *currant_queue_try_get (CurrantQueue *self);

CURRANT_AVAILABLE_IN_1_0
void currant_queue_get_async (CurrantQueue *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);

CURRANT_AVAILABLE_IN_1_0
CurrantMessage *currant_queue_get_finish (CurrantQueue *self, GAsyncResult *result, GError **error);

CURRANT_AVAILABLE_IN_1_0
GSource *currant_queue_create_source (CurrantQueue *self);

CURRANT_AVAILABLE_IN_1_0
void currant_queue_close (CurrantQueue *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_queue_is_closed (CurrantQueue *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_queue_is_empty (CurrantQueue *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_queue_is_full (CurrantQueue *self);

CURRANT_AVAILABLE_IN_1_0
guint currant_queue_get_length (CurrantQueue *self);

CURRANT_AVAILABLE_IN_1_0
guint64 currant_queue_get_n_dropped (CurrantQueue *self);

CURRANT_AVAILABLE_IN_1_0
CurrantPattern *currant_queue_get_pattern (CurrantQueue *self);

G_END_DECLS
