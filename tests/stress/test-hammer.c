/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Four threads publish, follow, stop, change patterns, get from queues and close them at random.
 * Afterwards the counts have to balance exactly, in three ways:
 *
 * - what the bus says of itself: matched is the sum of all that can become of a message;
 * - what the callbacks and getters here counted is what the bus calls delivered;
 * - followers that stay all the time had every message that they should have had: published times
 *   matching, by the oracle, is their calls and their counted drops.
 *
 * CURRANT_HAMMER_SECONDS sets how long (2 unless told otherwise), CURRANT_TEST_SEED the dice.
 */
#include "config.h"

#include "currant-test.h"

#include <pthread.h>

#define N_THREADS 4
#define N_FOLLOWERS 24
#define N_QUEUES 6
#define N_FIXED 8

/* All names begin alike, so that the fixed followers never match the bus's own announcements. */
static const char *const ids[] = { "h0:x", "h0:y", "h0:z",   "h1:x",  "h1:y",
                                   "h1:z", "h2:x", "h2:y",   "h20:x", "h3:z",
                                   "*:x",  "h1:*", "h0@n:x", "*@n:x", "h" };

static const char *const patterns[] = { "h0:x",    "h0:*",          "*:x",   "*:*",      "h*:x",
                                        "h2*:*",   "{h0,h1}:{x,y}", "*0:x",  "h1:{y,z}", "h0@n:*",
                                        "*@n:*",   "h*@n:x",        "*1*:*", "{h*,a}:z", "h3",
                                        "nobody:*" };

static const char *const fixed_patterns[N_FIXED] = { "h0:x", "h*:x",   "{h0,h1}:*", "h2*:{x,y}",
                                                     "h1:z", "h0@n:x", "*3:z",      "h:*" };

typedef struct
{
  CurrantFollower *follower;
  CurrantPattern *pattern;
  int calls; /* atomic */
} Fixed;

/* Counted here because ThreadSanitizer does not see GObject count. */
typedef struct
{
  CurrantQueue *queue;
  int ref_count; /* atomic */
} Handle;

typedef struct
{
  CurrantBus *bus;
  CurrantTestLoop *loops[2];
  pthread_mutex_t lock;
  CurrantFollower *followers[N_FOLLOWERS]; /* guarded by lock */
  Handle *queues[N_QUEUES];                /* guarded by lock */
  Fixed fixed[N_FIXED];
  int published[G_N_ELEMENTS (ids)]; /* atomic */
  int calls;                         /* atomic: of all callbacks but the fixed ones */
  int got;                           /* atomic: from queues */
  int made;                          /* atomic: user data handed to followers */
  int destroyed;                     /* atomic: and given back */
  gint64 end;                        /* when to stop, monotonic */
} Hammer;

typedef struct
{
  Hammer *hammer;
  GRand *rand;
} Arm;

static guint
dice (Arm *arm, guint sides)
{
  return (guint)g_rand_int_range (arm->rand, 0, (int)sides);
}

static void
publish (Hammer *hammer, guint which, int number)
{
  g_atomic_int_inc (&hammer->published[which]);
  currant_bus_publish (hammer->bus, ids[which], "(i)", number);
}

/* Now and then a callback publishes too, from whatever thread it is in. */
static void
on_message (CurrantMessage *message, gpointer data)
{
  Hammer *hammer = data;
  int number;

  g_atomic_int_inc (&hammer->calls);
  if (currant_message_get (message, "(i)", &number) && number > 0 && number % 61 == 0)
    publish (hammer, (guint)number % G_N_ELEMENTS (ids), 0);
}

static gboolean
try_message (CurrantMessage *message, gpointer data, GError **error)
{
  on_message (message, data);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "on purpose");
  return FALSE;
}

static gboolean
guard_message (CurrantMessage *message, gpointer data)
{
  (void)data;
  return currant_message_get_sequence (message) % 3 != 0;
}

static void
on_fixed_message (CurrantMessage *message, gpointer data)
{
  (void)message;
  g_atomic_int_inc (&((Fixed *)data)->calls);
}

static void
on_destroy (gpointer data)
{
  g_atomic_int_inc (&((Hammer *)data)->destroyed);
}

/* BLOCK only where a loop or the pool makes room whatever the four threads do. */
static void
set_at_random (Arm *arm, CurrantFollower *follower)
{
  Hammer *hammer = arm->hammer;

  currant_follower_set_delivery (follower, (CurrantDelivery)dice (arm, 4));
  currant_follower_set_context (follower,
                                currant_test_loop_get_context (hammer->loops[dice (arm, 2)]));
  currant_follower_set_bound (follower, dice (arm, 3) * 50, (CurrantOverflow)dice (arm, 5));
  if (dice (arm, 6) == 0)
    currant_follower_set_limit (follower, 1 + dice (arm, 200));
  if (dice (arm, 6) == 0)
    currant_follower_set_guard (follower, guard_message, NULL, NULL);
  if (dice (arm, 6) == 0)
    currant_follower_set_slice (follower, dice (arm, 3), NULL);
  if (dice (arm, 6) == 0)
    currant_follower_set_concurrency (follower, 2);
  if (dice (arm, 8) == 0)
    currant_follower_set_pace (follower, (CurrantPace)dice (arm, 4), 1 + dice (arm, 5));
}

static CurrantPattern *
random_pattern (Arm *arm)
{
  return currant_test_pattern (patterns[dice (arm, G_N_ELEMENTS (patterns))]);
}

static void
follow_something (Arm *arm)
{
  Hammer *hammer = arm->hammer;
  g_autoptr (CurrantPattern) pattern = random_pattern (arm);
  CurrantFollower *follower =
      dice (arm, 5) == 0 ? currant_follower_new_try (pattern, try_message, hammer, on_destroy)
                         : currant_follower_new (pattern, on_message, hammer, on_destroy);
  CurrantFollower **slot = &hammer->followers[dice (arm, N_FOLLOWERS)];
  CurrantFollower *old;

  g_atomic_int_inc (&hammer->made);
  set_at_random (arm, follower);
  currant_bus_add_follower (hammer->bus, follower);
  pthread_mutex_lock (&hammer->lock);
  old = *slot;
  *slot = follower;
  pthread_mutex_unlock (&hammer->lock);
  if (old != NULL)
    {
      currant_follower_stop (old);
      currant_follower_unref (old);
    }
}

static CurrantFollower *
get_follower (Arm *arm)
{
  Hammer *hammer = arm->hammer;
  CurrantFollower *follower;

  pthread_mutex_lock (&hammer->lock);
  follower = hammer->followers[dice (arm, N_FOLLOWERS)];
  if (follower != NULL)
    currant_follower_ref (follower);
  pthread_mutex_unlock (&hammer->lock);
  return follower;
}

static void
change_something (Arm *arm)
{
  g_autoptr (CurrantFollower) follower = get_follower (arm);
  g_autoptr (CurrantPattern) pattern = random_pattern (arm);

  if (follower == NULL)
    return;
  if (dice (arm, 2) == 0)
    currant_follower_set_pattern (follower, pattern);
  else
    currant_follower_stop (follower);
}

static void
handle_unref (Handle *handle)
{
  if (handle == NULL || !g_atomic_int_dec_and_test (&handle->ref_count))
    return;
  g_object_unref (handle->queue);
  g_free (handle);
}

static Handle *
get_handle (Arm *arm)
{
  Hammer *hammer = arm->hammer;
  Handle *handle;

  pthread_mutex_lock (&hammer->lock);
  handle = hammer->queues[dice (arm, N_QUEUES)];
  if (handle != NULL)
    g_atomic_int_inc (&handle->ref_count);
  pthread_mutex_unlock (&hammer->lock);
  return handle;
}

static void
get_something (Arm *arm)
{
  Handle *handle = get_handle (arm);
  g_autoptr (CurrantMessage) message = NULL;

  if (handle == NULL)
    return;
  if (dice (arm, 4) == 0)
    message = currant_queue_get (handle->queue, 50, NULL, NULL);
  else
    message = currant_queue_try_get (handle->queue);
  if (message != NULL)
    g_atomic_int_inc (&arm->hammer->got);
  handle_unref (handle);
}

static CurrantQueue *
random_queue (Arm *arm)
{
  g_autoptr (CurrantPattern) pattern = random_pattern (arm);
  CurrantQueue *queue = currant_queue_new_for_pattern (
      arm->hammer->bus, pattern,
      dice (arm, 2) == 0 ? CURRANT_QUEUE_SHARED : CURRANT_QUEUE_STANDALONE,
      dice (arm, 2) == 0 ? CURRANT_ORDERING_FIFO : CURRANT_ORDERING_PRIORITY);

  currant_queue_set_bound (queue, 10 + dice (arm, 100),
                           (CurrantOverflow)(CURRANT_OVERFLOW_DROP_OLDEST + (int)dice (arm, 4)));
  return queue;
}

static void
replace_queue (Arm *arm)
{
  Hammer *hammer = arm->hammer;
  Handle *handle = g_new (Handle, 1);
  Handle **slot = &hammer->queues[dice (arm, N_QUEUES)];
  Handle *old;

  *handle = (Handle){ .queue = random_queue (arm), .ref_count = 1 };
  pthread_mutex_lock (&hammer->lock);
  old = *slot;
  *slot = handle;
  pthread_mutex_unlock (&hammer->lock);
  if (old != NULL && dice (arm, 2) == 0)
    currant_queue_close (old->queue);
  handle_unref (old);
}

static void
look (Arm *arm)
{
  CurrantBus *bus = arm->hammer->bus;
  g_autoptr (CurrantIdentifier) identifier =
      currant_test_identifier (ids[dice (arm, G_N_ELEMENTS (ids))]);

  currant_bus_count_matches (bus, identifier);
  currant_test_stat (bus, "published");
  if (dice (arm, 8) == 0)
    currant_bus_set_multiplicity (bus, dice (arm, 4));
}

static void
strike (Arm *arm)
{
  guint what = dice (arm, 100);

  if (what < 80)
    publish (arm->hammer, dice (arm, G_N_ELEMENTS (ids)), g_rand_int_range (arm->rand, 0, 1000));
  else if (what < 84)
    follow_something (arm);
  else if (what < 88)
    change_something (arm);
  else if (what < 97)
    get_something (arm);
  else if (what < 98)
    replace_queue (arm);
  else
    look (arm);
}

static gpointer
swing (gpointer data)
{
  Arm *arm = data;

  do
    for (int i = 0; i < 100; i++)
      strike (arm);
  while (g_get_monotonic_time () < arm->hammer->end);
  return NULL;
}

static void
add_fixed (Hammer *hammer, guint i)
{
  Fixed *fixed = &hammer->fixed[i];

  fixed->pattern = currant_test_pattern (fixed_patterns[i]);
  fixed->follower = currant_follower_new (fixed->pattern, on_fixed_message, fixed, NULL);
  currant_follower_set_delivery (fixed->follower, (CurrantDelivery)(i % 4));
  currant_follower_set_context (fixed->follower,
                                currant_test_loop_get_context (hammer->loops[i % 2]));
  currant_follower_set_bound (fixed->follower, 1000, CURRANT_OVERFLOW_DROP_OLDEST);
  currant_bus_add_follower (hammer->bus, fixed->follower);
}

static void
hammer_init (Hammer *hammer)
{
  hammer->bus = currant_bus_new ();
  pthread_mutex_init (&hammer->lock, NULL);
  for (int i = 0; i < 2; i++)
    hammer->loops[i] = currant_test_loop_new ();
  for (guint i = 0; i < N_FIXED; i++)
    add_fixed (hammer, i);
}

static void
swing_all (Hammer *hammer)
{
  double seconds = currant_test_number_from_env ("CURRANT_HAMMER_SECONDS", 2);
  g_autoptr (GRand) rand = currant_test_rand_new ();
  GThread *threads[N_THREADS];
  Arm arms[N_THREADS];

  currant_test_watchdog (60 + (guint)seconds);
  hammer->end = g_get_monotonic_time () + (gint64)(seconds * G_USEC_PER_SEC);
  for (int i = 0; i < N_THREADS; i++)
    {
      arms[i] = (Arm){ .hammer = hammer, .rand = g_rand_new_with_seed (g_rand_int (rand)) };
      threads[i] = g_thread_new ("arm", swing, &arms[i]);
    }
  for (int i = 0; i < N_THREADS; i++)
    {
      g_thread_join (threads[i]);
      g_rand_free (arms[i].rand);
    }
}

/* What is left: followers are stopped, queues emptied. What was posted to the fixed is waited for.
 */
static void
put_away (Hammer *hammer)
{
  for (int i = 0; i < N_FOLLOWERS; i++)
    if (hammer->followers[i] != NULL)
      {
        currant_follower_stop (hammer->followers[i]);
        currant_follower_unref (hammer->followers[i]);
      }
  for (int i = 0; i < N_QUEUES; i++)
    {
      CurrantMessage *message;

      if (hammer->queues[i] == NULL)
        continue;
      while ((message = currant_queue_try_get (hammer->queues[i]->queue)) != NULL)
        {
          currant_message_unref (message);
          hammer->got++;
        }
      g_clear_pointer (&hammer->queues[i], handle_unref);
    }
  for (int i = 0; i < N_FIXED; i++)
    currant_test_spin_until (currant_follower_get_pending (hammer->fixed[i].follower) == 0);
  currant_test_spin_until (currant_test_stat (hammer->bus, "waiting") == 0);
  currant_test_spin_until (g_atomic_int_get (&hammer->destroyed) == hammer->made);
  for (int i = 0; i < 2; i++)
    currant_test_loop_sync (hammer->loops[i]);
}

/* Published times matching, by the oracle. */
static guint64
expected_of (Hammer *hammer, CurrantPattern *pattern)
{
  guint64 sum = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (CurrantIdentifier) identifier = currant_test_identifier (ids[i]);

      if (currant_pattern_matches (pattern, identifier))
        sum += (guint64)g_atomic_int_get (&hammer->published[i]);
    }
  return sum;
}

static guint64
check_fixed (Hammer *hammer)
{
  guint64 calls = 0;

  for (int i = 0; i < N_FIXED; i++)
    {
      Fixed *fixed = &hammer->fixed[i];
      guint64 own = (guint64)g_atomic_int_get (&fixed->calls);

      g_test_message ("%s: %" G_GUINT64_FORMAT " calls, %" G_GUINT64_FORMAT " drops",
                      fixed_patterns[i], own, currant_follower_get_n_dropped (fixed->follower));
      g_assert_cmpuint (own + currant_follower_get_n_dropped (fixed->follower), ==,
                        expected_of (hammer, fixed->pattern));
      calls += own;
    }
  return calls;
}

static void
check_counts (Hammer *hammer)
{
  guint64 calls = check_fixed (hammer) + (guint64)hammer->calls;
  guint64 published = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    published += (guint64)hammer->published[i];
  g_test_message ("%" G_GUINT64_FORMAT " published, %" G_GUINT64_FORMAT " calls, %d got", published,
                  calls, hammer->got);
  currant_test_assert_balance (hammer->bus);
  g_assert_cmpuint (currant_test_stat (hammer->bus, "delivered"), ==, calls + (guint64)hammer->got);
  g_assert_cmpuint (currant_test_stat (hammer->bus, "published"), >=, published);
  g_assert_cmpuint (currant_test_stat_now (hammer->bus, "followers"), ==, N_FIXED);
  g_assert_cmpuint (currant_test_stat_now (hammer->bus, "queues"), ==, 0);
}

static void
hammer_clear (Hammer *hammer)
{
  for (int i = 0; i < N_FIXED; i++)
    {
      currant_follower_unref (hammer->fixed[i].follower);
      currant_pattern_unref (hammer->fixed[i].pattern);
    }
  g_object_unref (hammer->bus);
  for (int i = 0; i < 2; i++)
    currant_test_loop_free (hammer->loops[i]);
  pthread_mutex_destroy (&hammer->lock);
}

static gpointer
do_nothing (gpointer data)
{
  return data;
}

static void
test_hammer (void)
{
  g_autofree Hammer *hammer = g_new0 (Hammer, 1);
  guint threads, fds;

  currant_test_drain (NULL); /* makes what GLib keeps for good */
  /* And with the first thread, what a sanitizer keeps: a thread of its own. */
  g_thread_join (g_thread_new ("first", do_nothing, NULL));
  threads = currant_test_count_threads ();
  fds = currant_test_count_fds ();

  hammer_init (hammer);
  swing_all (hammer);
  put_away (hammer);
  check_counts (hammer);
  hammer_clear (hammer);
  currant_test_spin_until (currant_test_count_threads () <= threads);
  g_assert_cmpuint (currant_test_count_fds (), <=, fds);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/hammer/counts-balance", test_hammer);
  return g_test_run ();
}
