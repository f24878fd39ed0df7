/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-fence-private.h"

#include <errno.h>

#if defined(__linux__) && defined(__has_include) && !defined(CURRANT_TSAN)
#if __has_include(<linux/membarrier.h>)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#define HAVE_MEMBARRIER 1
#endif
#endif

gboolean currant_fence_is_asymmetric;

#ifdef HAVE_MEMBARRIER

static gboolean
call (int command)
{
  return syscall (SYS_membarrier, command, 0, 0) == 0;
}

void
currant_fence_init (void)
{
  static const GDebugKey keys[] = { { "fences", 1 } };
  static gsize known;

  if (!g_once_init_enter (&known))
    return;
  currant_fence_is_asymmetric = !g_parse_debug_string (g_getenv ("CURRANT_DEBUG"), keys, 1)
                                && call (MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
  g_once_init_leave (&known, 1);
}

static _Atomic (int) refused; /* why, as an errno; 0 when it was not, or has been complained of */

static gboolean
fence_others (void)
{
  static atomic_bool known;

  if (call (MEMBARRIER_CMD_PRIVATE_EXPEDITED))
    return TRUE;
  /* A child after fork () may have to say again that it wants them. */
  if (call (MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) && call (MEMBARRIER_CMD_PRIVATE_EXPEDITED))
    return TRUE;
  if (!atomic_exchange (&known, TRUE))
    atomic_store (&refused, errno);
  return FALSE;
}

void
currant_fence_complain (void)
{
  int why;

  if (G_LIKELY (atomic_load_explicit (&refused, memory_order_relaxed) == 0))
    return;
  why = atomic_exchange (&refused, 0);
  if (why != 0)
    g_warning ("membarrier: %s, though it was allowed before: what is removed from a bus cannot be "
               "freed; start the program with CURRANT_DEBUG=fences to do without it",
               g_strerror (why));
}

#else

void
currant_fence_init (void)
{
}

static gboolean
fence_others (void)
{
  return TRUE;
}

void
currant_fence_complain (void)
{
}

#endif

gboolean
currant_fence_heavy (void)
{
  if (currant_fence_is_asymmetric)
    return fence_others ();
#ifndef CURRANT_TSAN
  atomic_thread_fence (memory_order_seq_cst);
#endif
  return TRUE;
}
