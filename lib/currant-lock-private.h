/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Locks, and what the sanitizers must be told about them.
 *
 * All locking of the library goes through this header, for two reasons.
 *
 * ThreadSanitizer does not see through GMutex and GCond, which sit on futexes inside a library that
 * is not instrumented, so it would report correct code. The edges are published here.
 *
 * Where G_ENABLE_DEBUG is set (and under a sanitizer) each thread counts the locks it holds, so
 * that CURRANT_ASSERT_UNLOCKED () before every call of user code proves rule 4 of the design: no
 * user code runs under a lock of the bus. CURRANT_ASSERT_LOCKED () checks functions named _locked.
 *
 * Lock order, outermost first: router, context table, mailbox, pool, pace, owner, loss, slab depot.
 * GLib's own context locks are innermost: a source may be rung under any of these.
 */
#pragma once

#include <glib.h>

#if defined(__SANITIZE_THREAD__)
#define CURRANT_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CURRANT_TSAN 1
#endif
#endif

#ifdef CURRANT_TSAN
#include <sanitizer/tsan_interface.h>
#define CURRANT_TSAN_RELEASE(address) __tsan_release ((void *)(address))
#define CURRANT_TSAN_ACQUIRE(address) __tsan_acquire ((void *)(address))
#else
#define CURRANT_TSAN_RELEASE(address) ((void)(address))
#define CURRANT_TSAN_ACQUIRE(address) ((void)(address))
#endif

#if defined(G_ENABLE_DEBUG) || defined(CURRANT_TSAN) || defined(__SANITIZE_ADDRESS__)
#define CURRANT_CHECK_LOCKS 1
#endif

typedef struct
{
  GMutex mutex;
#ifdef CURRANT_CHECK_LOCKS
  gpointer holder; /* written only by the holder; read by it alone to any effect */
#endif
} CurrantLock;

#ifdef CURRANT_CHECK_LOCKS
extern _Thread_local unsigned currant_locks_held;
#define CURRANT_ASSERT_LOCKED(lock)                                                                \
  g_assert (__atomic_load_n (&(lock)->holder, __ATOMIC_RELAXED) == &currant_locks_held)
#define CURRANT_ASSERT_UNLOCKED() g_assert (currant_locks_held == 0)
#else
#define CURRANT_ASSERT_LOCKED(lock) ((void)(lock))
#define CURRANT_ASSERT_UNLOCKED() ((void)0)
#endif

static inline void
currant_lock_note_taken (CurrantLock *lock)
{
  CURRANT_TSAN_ACQUIRE (lock);
#ifdef CURRANT_CHECK_LOCKS
  __atomic_store_n (&lock->holder, &currant_locks_held, __ATOMIC_RELAXED);
  currant_locks_held++;
#endif
}

static inline void
currant_lock_note_dropped (CurrantLock *lock)
{
#ifdef CURRANT_CHECK_LOCKS
  currant_locks_held--;
  __atomic_store_n (&lock->holder, NULL, __ATOMIC_RELAXED);
#endif
  CURRANT_TSAN_RELEASE (lock);
}

static inline void
currant_lock_init (CurrantLock *lock)
{
  g_mutex_init (&lock->mutex);
#ifdef CURRANT_CHECK_LOCKS
  lock->holder = NULL;
#endif
}

static inline void
currant_lock_clear (CurrantLock *lock)
{
  g_mutex_clear (&lock->mutex);
}

static inline void
currant_lock_acquire (CurrantLock *lock)
{
  g_mutex_lock (&lock->mutex);
  currant_lock_note_taken (lock);
}

static inline gboolean
currant_lock_try_acquire (CurrantLock *lock)
{
  if (!g_mutex_trylock (&lock->mutex))
    return FALSE;
  currant_lock_note_taken (lock);
  return TRUE;
}

static inline void
currant_lock_release (CurrantLock *lock)
{
  currant_lock_note_dropped (lock);
  g_mutex_unlock (&lock->mutex);
}

static inline void
currant_lock_wait (CurrantLock *lock, GCond *cond)
{
  currant_lock_note_dropped (lock);
  g_cond_wait (cond, &lock->mutex);
  currant_lock_note_taken (lock);
}

/* @deadline is in microseconds of the monotonic clock. FALSE when it has passed. */
static inline gboolean
currant_lock_wait_until (CurrantLock *lock, GCond *cond, gint64 deadline)
{
  gboolean signalled;

  currant_lock_note_dropped (lock);
  signalled = g_cond_wait_until (cond, &lock->mutex, deadline);
  currant_lock_note_taken (lock);
  return signalled;
}
