/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-clock-private.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

_Thread_local CurrantClock currant_clock;

gboolean currant_clock_has_cycles;

#if defined(__x86_64__)

#define POWER_MANAGEMENT 0x80000007
#define INVARIANT_TSC (1u << 8)

static gboolean
counts_steadily (void)
{
  unsigned a, b, c, d;

  return __get_cpuid (POWER_MANAGEMENT, &a, &b, &c, &d) && (d & INVARIANT_TSC) != 0;
}

void
currant_clock_init (void)
{
  static gsize known;

  if (!g_once_init_enter (&known))
    return;
  currant_clock_has_cycles = counts_steadily ();
  g_once_init_leave (&known, 1);
}

#else

void
currant_clock_init (void)
{
}

#endif
