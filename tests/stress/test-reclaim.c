/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a blocked follower can keep from being freed: the snapshot it was called from, and no more.
 *
 * A follower sits in its callback, in a thread of its own, while routes change a million times and
 * every change is published to, so that a million snapshots are retired meanwhile. The heap must
 * not grow by a mebibyte, and what was given to the followers that went must be destroyed at once.
 * CURRANT_RECLAIM_SECONDS says how long it sits at least. */
#include "config.h"

#include "currant-test.h"

#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
#include <malloc.h>
#endif

#define GARBAGE_MAX (1024 * 1024)
#define LOOK_EVERY 1000

typedef struct
{
  CurrantBus *bus;
  int blocked, over; /* atomic */
  guint made, destroyed, called;
} Reclaim;

static gsize
bytes_in_use (void)
{
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  return mallinfo2 ().uordblks;
#else
  return 0;
#endif
}

static void
sit (CurrantMessage *message, gpointer data)
{
  Reclaim *self = data;

  (void)message;
  g_atomic_int_set (&self->blocked, TRUE);
  currant_test_spin_until (g_atomic_int_get (&self->over));
}

static gpointer
publish_to_sitter (gpointer data)
{
  Reclaim *self = data;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  g_assert_cmpuint (currant_bus_publish (self->bus, "sit:down", NULL), ==, 1);
  return NULL;
}

static void
on_message (CurrantMessage *message, gpointer data)
{
  (void)message;
  ((Reclaim *)data)->called++;
}

static void
on_destroyed (gpointer data)
{
  ((Reclaim *)data)->destroyed++;
}

static CurrantFollower *
follow (Reclaim *self, const char *text)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern (text);
  CurrantFollower *follower = currant_follower_new (pattern, on_message, self, on_destroyed);

  currant_follower_set_delivery (follower, CURRANT_DELIVERY_DIRECT);
  currant_bus_add_follower (self->bus, follower);
  self->made++;
  return follower;
}

static void
publish_all (Reclaim *self)
{
  currant_bus_publish (self->bus, "a:x", NULL);
  currant_bus_publish (self->bus, "b:x", NULL);
}

/* Four changes, each of which makes snapshots of both topics that are followed out of date. */
static void
change (Reclaim *self, guint round)
{
  static const char *const texts[] = { "a:x", "*:x", "{a,b}:x", "sit:down", "a*:*" };
  g_autoptr (CurrantPattern) other = currant_test_pattern (texts[(round + 1) % 5]);
  CurrantFollower *a = follow (self, texts[round % 5]), *b;

  publish_all (self);
  b = follow (self, "*:*");
  publish_all (self);
  currant_follower_set_pattern (a, other);
  publish_all (self);
  currant_follower_stop (a);
  currant_follower_stop (b);
  g_assert_cmpuint (self->destroyed, ==, self->made);
  currant_follower_unref (a);
  currant_follower_unref (b);
}

static void
change_all (Reclaim *self, guint n_changes)
{
  double seconds = currant_test_number_from_env ("CURRANT_RECLAIM_SECONDS", 0);
  gint64 end = g_get_monotonic_time () + (gint64)(seconds * G_USEC_PER_SEC);
  gsize before = bytes_in_use (), most = before;
  guint i = 0;

  while (5 * i < n_changes || g_get_monotonic_time () < end)
    {
      change (self, i);
      if (++i % LOOK_EVERY == 0)
        most = MAX (most, bytes_in_use ());
    }
  g_test_message ("%u changes, %" G_GSIZE_FORMAT " bytes of garbage at most", 5 * i, most - before);
  if (!currant_test_is_instrumented ())
    g_assert_cmpuint (most - before, <, GARBAGE_MAX);
}

static void
test_blocked (void)
{
  double seconds = currant_test_number_from_env ("CURRANT_RECLAIM_SECONDS", 0);
  guint n_changes = currant_test_rounds (currant_test_is_instrumented () ? 50000 : 1000000);
  Reclaim reclaim = { .bus = currant_bus_new () };
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("sit:down");
  CurrantFollower *sitter = currant_follower_new (pattern, sit, &reclaim, NULL);
  GThread *thread;

  currant_test_watchdog (120 + (guint)seconds);
  currant_follower_set_delivery (sitter, CURRANT_DELIVERY_DIRECT);
  currant_bus_add_follower (reclaim.bus, sitter);
  currant_follower_unref (sitter);
  CURRANT_TEST_TSAN_RELEASE (&reclaim);
  thread = g_thread_new ("sitter", publish_to_sitter, &reclaim);
  currant_test_spin_until (g_atomic_int_get (&reclaim.blocked));
  for (guint i = 0; i < 100; i++)
    change (&reclaim, i);
  change_all (&reclaim, n_changes);
  g_atomic_int_set (&reclaim.over, TRUE);
  g_thread_join (thread);
  g_assert_cmpuint (reclaim.called, >, reclaim.made);
  g_object_unref (reclaim.bus);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/reclaim/blocked", test_blocked);
  return g_test_run ();
}
