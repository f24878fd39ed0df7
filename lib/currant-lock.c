/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-lock-private.h"

#ifdef CURRANT_CHECK_LOCKS
_Thread_local unsigned currant_locks_held;
#endif
