/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(CURRANT_ADAPTERS_INSIDE) && !defined(CURRANT_ADAPTERS_COMPILATION)
#error "Only <currant-adapters.h> can be included directly."
#endif

#include "currant-adapter.h"

G_BEGIN_DECLS

#define CURRANT_TYPE_FILE_OBSERVER (currant_file_observer_get_type ())

CURRANT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (CurrantFileObserver, currant_file_observer, CURRANT, FILE_OBSERVER,
                      CurrantAdapter)

CURRANT_AVAILABLE_IN_1_0
CurrantFileObserver *currant_file_observer_new (CurrantBus *bus, const char *name,
                                                const char *path);

CURRANT_AVAILABLE_IN_1_0
const char *currant_file_observer_get_path (CurrantFileObserver *self);

CURRANT_AVAILABLE_IN_1_0
gboolean currant_file_observer_get_recursive (CurrantFileObserver *self);

CURRANT_AVAILABLE_IN_1_0
void currant_file_observer_set_recursive (CurrantFileObserver *self, gboolean recursive);

CURRANT_AVAILABLE_IN_1_0
void currant_file_observer_rescan (CurrantFileObserver *self);

G_END_DECLS
