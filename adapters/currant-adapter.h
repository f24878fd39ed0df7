/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(CURRANT_ADAPTERS_INSIDE) && !defined(CURRANT_ADAPTERS_COMPILATION)
#error "Only <currant-adapters.h> can be included directly."
#endif

#include <currant.h>

G_BEGIN_DECLS

#define CURRANT_TYPE_ADAPTER (currant_adapter_get_type ())

CURRANT_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (CurrantAdapter, currant_adapter, CURRANT, ADAPTER, GObject)

/**
 * CurrantAdapterClass:
 * @parent_class: the parent class
 * @start: begins to turn events into messages, in the thread-default main context of the caller;
 *   called only while the adapter is stopped
 * @stop: ends that; called only after a start that succeeded. It may be called in another thread
 *   than @start, and during a message of the adapter's own
 *
 * What a kind of adapter implements. Both have to be there.
 *
 * Since: 1.0
 */
struct _CurrantAdapterClass
{
  GObjectClass parent_class;

  gboolean (*start) (CurrantAdapter *self, GError **error);
  void (*stop) (CurrantAdapter *self);

  /*< private >*/
  gpointer padding[8];
};

CURRANT_AVAILABLE_IN_1_0
gboolean currant_adapter_start (CurrantAdapter *self, GError **error);

CURRANT_AVAILABLE_IN_1_0
void currant_adapter_stop (CurrantAdapter *self);

CURRANT_AVAILABLE_IN_1_0
CurrantBus *currant_adapter_get_bus (CurrantAdapter *self);

CURRANT_AVAILABLE_IN_1_0
const char *currant_adapter_get_name (CurrantAdapter *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_adapter_is_running (CurrantAdapter *self);

/* For implementations. */

CURRANT_AVAILABLE_IN_1_0
guint currant_adapter_publish (CurrantAdapter *self, const char *action, GVariant *args,
                               GVariant *kwargs);

G_END_DECLS
