/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-clock-private.h"

_Thread_local CurrantClock currant_clock;
