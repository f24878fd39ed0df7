/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asymmetric fences: for two sides of which each writes, then reads what the other writes, where
 * one side does so all the time and the other hardly ever.
 *
 *     often                              rarely
 *     1. write x                         a. write y
 *     2. currant_fence_light ()          b. currant_fence_heavy ()
 *     3. read y                          c. read x
 *
 * Never do both miss the other's write. With two full fences that is plain. Where the kernel has
 * membarrier () the light fence only keeps the compiler from moving 1 behind 3, and the heavy one
 * makes every thread of the process that runs execute a full fence between a and c (one that does
 * not run executes one when it is scheduled). That fence falls somewhere into the order of the
 * often side: after 1, then 1 is visible to c; or before 1, then 3, which comes later still, sees
 * a.
 *
 * ThreadSanitizer knows neither, so there all four are sequentially consistent accesses. */
#pragma once

#include <stdatomic.h>

#include "currant-lock-private.h"

/* Whether light fences are free. Set once, before the first thread can use one. */
extern gboolean currant_fence_is_asymmetric __attribute__ ((visibility ("hidden")));

/* Must have been called before any of the others. */
void currant_fence_init (void);

/* FALSE when the kernel has begun to refuse it: then nothing is known of the other threads. */
gboolean currant_fence_heavy (void);

/* Warns, once, when it has. To be called without a lock. */
void currant_fence_complain (void);

static inline void
currant_fence_light (void)
{
#ifndef CURRANT_TSAN
  if (G_LIKELY (currant_fence_is_asymmetric))
    atomic_signal_fence (memory_order_seq_cst);
  else
    atomic_thread_fence (memory_order_seq_cst);
#endif
}

/* For a loop that looks again and again. */
static inline void
currant_relax (void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* The order of the accesses around a fence. */
#ifdef CURRANT_TSAN
#define CURRANT_FENCED_STORE memory_order_seq_cst
#define CURRANT_FENCED_LOAD memory_order_seq_cst
#else
#define CURRANT_FENCED_STORE memory_order_release
#define CURRANT_FENCED_LOAD memory_order_acquire
#endif
