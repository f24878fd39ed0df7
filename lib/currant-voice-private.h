/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the bus itself says: `currant:dropped` and `currant:follower-error`.
 *
 * It speaks only while somebody follows, never from under a lock, and never about what its own
 * messages bring about. */
#pragma once

#include "currant-hub-private.h"

void currant_voice_attach (CurrantHub *hub);

/* Once the router is disposed. */
void currant_voice_detach (CurrantHub *hub);
