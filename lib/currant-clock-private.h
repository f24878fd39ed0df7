/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The monotonic clock for stamping messages: in microseconds, and up to about one microsecond old.
 *
 * Reading the clock is the dearest single step of posting a message. Where the processor counts its
 * cycles for anybody to read, that is asked first, and while a thread has come but a few hundred
 * nanoseconds since it last read the clock, the clock says the same. */
#pragma once

#include <glib.h>

/* Whether there is such a count, at the same pace whatever the processor does. Set once, before the
 * first thread can use it. */
extern gboolean currant_clock_has_cycles __attribute__ ((visibility ("hidden")));

void currant_clock_init (void);

/* Less than a microsecond on whatever runs at more than 2 GHz. */
#define CURRANT_CLOCK_STALE_CYCLES 2000

typedef struct
{
  guint64 cycles;
  gint64 time;
} CurrantClock;

extern _Thread_local CurrantClock currant_clock
    __attribute__ ((tls_model ("initial-exec"), visibility ("hidden")));

static inline gint64
currant_clock_now (void)
{
#if defined(__x86_64__)
  guint64 cycles;

  if (G_UNLIKELY (!currant_clock_has_cycles))
    return g_get_monotonic_time ();
  cycles = __builtin_ia32_rdtsc ();
  /* A counter that goes back, as between processors that disagree, looks like one far ahead. */
  if (cycles - currant_clock.cycles >= CURRANT_CLOCK_STALE_CYCLES)
    currant_clock = (CurrantClock){ cycles, g_get_monotonic_time () };
  return currant_clock.time;
#else
  return g_get_monotonic_time ();
#endif
}
