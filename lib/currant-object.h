/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(CURRANT_INSIDE) && !defined(CURRANT_COMPILATION)
#error "Only <currant.h> can be included directly."
#endif

#include <glib-object.h>

#include "currant-macros.h"
#include "currant-types.h"

G_BEGIN_DECLS

CURRANT_AVAILABLE_IN_1_0
void currant_object_class_follow (GObjectClass *klass, const char *pattern,
                                  CurrantFollowerFunc callback);

CURRANT_AVAILABLE_IN_1_0
void currant_object_class_follow_offset (GObjectClass *klass, const char *pattern,
                                         gsize struct_offset);

CURRANT_AVAILABLE_IN_1_0
void currant_object_init_follows (GObject *self, CurrantBus *bus);

G_END_DECLS
