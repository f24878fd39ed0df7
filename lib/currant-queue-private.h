/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "currant-queue.h"
#include "currant-store-private.h"

struct _CurrantQueue
{
  GObject parent_instance;
  CurrantStore *store;     /* a reference; immutable after construction */
  CurrantPattern *pattern; /* likewise */
  _Atomic gboolean closed;
};

/* What a getter finds: a message; or NULL, with @error set where it is no use to wait. */
CurrantMessage *currant_queue_look (CurrantQueue *self, GError **error);
