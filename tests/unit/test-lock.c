/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Locks, and what they assert. The assertions are tried whether the library was built with them or
 * not: the locks of this file are its own, and so is, where the library has none, their counter. */
#include "config.h"

#ifndef G_ENABLE_DEBUG
#define G_ENABLE_DEBUG
#define OWN_COUNTER 1
#endif
#include "currant-lock-private.h"

#include "currant-test.h"

#ifdef OWN_COUNTER
_Thread_local unsigned currant_locks_held;
#endif

typedef struct
{
  CurrantLock lock;
  GCond cond;
  guint counter; /* guarded by the lock */
  gboolean set;  /* likewise */
  _Atomic gboolean seen;
} Shared;

static void
shared_begin (Shared *self)
{
  *self = (Shared){ .counter = 0 };
  currant_lock_init (&self->lock);
  g_cond_init (&self->cond);
}

static void
shared_end (Shared *self)
{
  CURRANT_ASSERT_UNLOCKED ();
  currant_lock_clear (&self->lock);
  g_cond_clear (&self->cond);
}

static gpointer
count_up (gpointer data)
{
  Shared *self = data;

  for (guint i = 0; i < 50000; i++)
    {
      currant_lock_acquire (&self->lock);
      self->counter++;
      currant_lock_release (&self->lock);
    }
  return NULL;
}

/* They exclude each other; and ThreadSanitizer knows that they do. */
static void
test_excludes (void)
{
  GThread *threads[4];
  Shared shared;

  shared_begin (&shared);
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("counter", count_up, &shared);
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  currant_lock_acquire (&shared.lock);
  g_assert_cmpuint (shared.counter, ==, 4 * 50000);
  currant_lock_release (&shared.lock);
  shared_end (&shared);
}

/* A static lock needs no more than zeroes. */
static void
test_static (void)
{
  static CurrantLock lock;

  currant_lock_acquire (&lock);
  CURRANT_ASSERT_LOCKED (&lock);
  currant_lock_release (&lock);
  CURRANT_ASSERT_UNLOCKED ();
}

static gpointer
set (gpointer data)
{
  Shared *self = data;

  currant_lock_acquire (&self->lock);
  self->set = TRUE;
  g_cond_signal (&self->cond);
  currant_lock_release (&self->lock);
  return NULL;
}

/* A wait gives the lock away and has it again when it is over. */
static void
test_wait (void)
{
  GThread *thread;
  Shared shared;

  shared_begin (&shared);
  currant_lock_acquire (&shared.lock);
  thread = g_thread_new ("setter", set, &shared);
  while (!shared.set)
    {
      currant_lock_wait (&shared.lock, &shared.cond);
      CURRANT_ASSERT_LOCKED (&shared.lock);
      g_assert_cmpuint (currant_locks_held, ==, 1);
    }
  currant_lock_release (&shared.lock);
  g_thread_join (thread);
  shared_end (&shared);
}

static void
test_wait_until (void)
{
  gint64 start = g_get_monotonic_time ();
  GThread *thread;
  Shared shared;

  shared_begin (&shared);
  currant_lock_acquire (&shared.lock);
  while (currant_lock_wait_until (&shared.lock, &shared.cond, start + 20000))
    ;
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 20000);
  CURRANT_ASSERT_LOCKED (&shared.lock);
  thread = g_thread_new ("setter", set, &shared);
  while (!shared.set)
    g_assert_true (currant_lock_wait_until (&shared.lock, &shared.cond, start + 60000000));
  currant_lock_release (&shared.lock);
  g_thread_join (thread);
  shared_end (&shared);
}

static gpointer
hold_nothing (gpointer data)
{
  (void)data;
  CURRANT_ASSERT_UNLOCKED ();
  return NULL;
}

/* What one thread holds is not what another holds; and locks nest. */
static void
test_counts_by_thread (void)
{
  Shared outer, inner;

  shared_begin (&outer);
  shared_begin (&inner);
  currant_lock_acquire (&outer.lock);
  g_thread_join (g_thread_new ("other", hold_nothing, NULL));
  currant_lock_acquire (&inner.lock);
  CURRANT_ASSERT_LOCKED (&outer.lock);
  CURRANT_ASSERT_LOCKED (&inner.lock);
  g_assert_cmpuint (currant_locks_held, ==, 2);
  currant_lock_release (&outer.lock);
  CURRANT_ASSERT_LOCKED (&inner.lock);
  currant_lock_release (&inner.lock);
  shared_end (&outer);
  shared_end (&inner);
}

/* The assertions do assert: each of these is run in a child, and has to end it. */

static void
unlocked_under_lock (void)
{
  static CurrantLock lock;

  currant_lock_acquire (&lock);
  CURRANT_ASSERT_UNLOCKED ();
}

static void
locked_without_lock (void)
{
  static CurrantLock lock;

  CURRANT_ASSERT_LOCKED (&lock);
}

static void
locked_after_release (void)
{
  static CurrantLock lock;

  currant_lock_acquire (&lock);
  currant_lock_release (&lock);
  CURRANT_ASSERT_LOCKED (&lock);
}

static gpointer
assert_locked (gpointer lock)
{
  CURRANT_ASSERT_LOCKED ((CurrantLock *)lock);
  return NULL;
}

/* Another thread's lock is not this one's. */
static void
locked_by_another (void)
{
  static CurrantLock lock;

  currant_lock_acquire (&lock);
  g_thread_join (g_thread_new ("other", assert_locked, &lock));
}

#ifndef OWN_COUNTER
/* Rule 4 of the design, where the library is built to look. */
static void
message_freed_under_lock (void)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:x");
  CurrantMessage *message = currant_message_new (identifier, NULL);
  static CurrantLock lock;

  currant_lock_acquire (&lock);
  currant_message_unref (message);
}
#endif

static const struct
{
  const char *path;
  GTestFunc func;
} traps[] = {
  { "/lock/asserts/unlocked-under-lock", unlocked_under_lock },
  { "/lock/asserts/locked-without-lock", locked_without_lock },
  { "/lock/asserts/locked-after-release", locked_after_release },
  { "/lock/asserts/locked-by-another", locked_by_another },
#ifndef OWN_COUNTER
  { "/lock/asserts/message-freed-under-lock", message_freed_under_lock },
#endif
};

static void
run_trap (gconstpointer data)
{
  if (g_test_subprocess ())
    {
      ((GTestFunc)data) ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*assert*");
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/lock/excludes", test_excludes);
  currant_test_add ("/lock/static", test_static);
  currant_test_add ("/lock/wait", test_wait);
  currant_test_add ("/lock/wait-until", test_wait_until);
  currant_test_add ("/lock/counts-by-thread", test_counts_by_thread);
  for (gsize i = 0; i < G_N_ELEMENTS (traps); i++)
    g_test_add_data_func (traps[i].path, (gconstpointer)traps[i].func, run_trap);
  return g_test_run ();
}
