/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-lock-private.h"

/* Some microseconds: less than it takes to fall asleep and to be woken. */
#define TRIES 64
#define RELAX 8

#ifdef CURRANT_CHECK_LOCKS
_Thread_local unsigned currant_locks_held;
#endif

void
currant_lock_acquire_soon (CurrantLock *lock)
{
  for (guint i = 0; i < TRIES; i++)
    {
      if (currant_lock_try_acquire (lock))
        return;
      for (guint j = 0; j < RELAX; j++)
        currant_relax ();
    }
  currant_lock_acquire (lock);
}
