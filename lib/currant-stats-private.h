/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "currant-hub-private.h"

/* Returns: (transfer floating): a a{sv} */
GVariant *currant_stats_read (CurrantHub *hub);
