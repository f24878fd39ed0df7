/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A follower bound to a GObject that another thread gives up in a storm of publishes is never
 * called with a dead object. The objects here know whether they live: a call checks it at its start
 * and at its end, and the memory of the dead is painted over.
 *
 * CURRANT_TEST_ROUNDS sets how many objects live and die (100,000 unless told otherwise).
 */
#include "config.h"

#include "currant-test.h"

#define ALIVE 0x5eed
#define DEAD 0xdead
#define N_SLOTS 32
#define MAX_WAITING 64 /* so that the time goes into lives and deaths, not into a backlog */

typedef struct
{
  GObject parent;
  int state; /* atomic */
} TestMortal;

typedef struct
{
  GObjectClass parent;
} TestMortalClass;

GType test_mortal_get_type (void);

G_DEFINE_TYPE (TestMortal, test_mortal, G_TYPE_OBJECT)

static int n_born; /* atomic */
static int n_died; /* atomic */
static int calls;  /* atomic */

/* What GObject's own counter orders is invisible to ThreadSanitizer, so it is told here. */
static void
test_mortal_finalize (GObject *object)
{
  TestMortal *self = (TestMortal *)object;

  CURRANT_TEST_TSAN_ACQUIRE (object);
  g_assert_cmpint (g_atomic_int_get (&self->state), ==, ALIVE);
  g_atomic_int_set (&self->state, DEAD);
  g_atomic_int_inc (&n_died);
  G_OBJECT_CLASS (test_mortal_parent_class)->finalize (object);
}

static void
test_mortal_class_init (TestMortalClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_mortal_finalize;
}

static void
test_mortal_init (TestMortal *self)
{
  g_atomic_int_set (&self->state, ALIVE);
  g_atomic_int_inc (&n_born);
}

static void
on_message (CurrantMessage *message, gpointer owner)
{
  TestMortal *self = owner;

  (void)message;
  g_assert_cmpint (g_atomic_int_get (&self->state), ==, ALIVE);
  g_atomic_int_inc (&calls);
  g_object_unref (g_object_ref (owner));
  g_assert_cmpint (g_atomic_int_get (&self->state), ==, ALIVE);
  CURRANT_TEST_TSAN_RELEASE (owner);
}

typedef struct
{
  CurrantBus *bus;
  TestMortal *slots[N_SLOTS]; /* atomic: handed from the maker to the reaper */
  int stop;                   /* atomic */
} World;

static gpointer
blow (gpointer data)
{
  World *world = data;

  while (!g_atomic_int_get (&world->stop))
    currant_bus_publish (world->bus, "storm:x", "(i)", 1);
  return NULL;
}

static gpointer
reap (gpointer data)
{
  World *world = data;
  gboolean last = FALSE;

  while (!last)
    {
      last = g_atomic_int_get (&world->stop);
      for (int i = 0; i < N_SLOTS; i++)
        {
          TestMortal *mortal = g_atomic_pointer_get (&world->slots[i]);

          if (mortal == NULL)
            continue;
          CURRANT_TEST_TSAN_RELEASE (mortal);
          g_object_unref (mortal);
          g_atomic_pointer_set (&world->slots[i], NULL);
        }
      g_thread_yield ();
    }
  return NULL;
}

static TestMortal *
mortal_new (World *world, CurrantDelivery delivery, GMainContext *context)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("storm:*");
  TestMortal *mortal = g_object_new (test_mortal_get_type (), NULL);
  g_autoptr (CurrantFollower) follower =
      currant_follower_new_object (pattern, on_message, G_OBJECT (mortal));

  currant_follower_set_delivery (follower, delivery);
  currant_follower_set_context (follower, context);
  currant_follower_set_bound (follower, MAX_WAITING, CURRANT_OVERFLOW_DROP_OLDEST);
  currant_bus_add_follower (world->bus, follower);
  return mortal;
}

static void
raise_and_reap (World *world, guint rounds, const CurrantDelivery *modes, guint n_modes,
                GMainContext *context)
{
  for (guint i = 0; i < rounds; i++)
    {
      TestMortal *mortal = mortal_new (world, modes[i % n_modes], context);
      TestMortal **slot = &world->slots[i % N_SLOTS];

      currant_test_spin_until (g_atomic_pointer_get (slot) == NULL);
      g_atomic_pointer_set (slot, mortal);
      if (i % 4096 == 0)
        currant_test_watchdog (60);
    }
}

static void
run_storm (guint rounds, const CurrantDelivery *modes, guint n_modes)
{
  g_autoptr (CurrantTestLoop) loop = currant_test_loop_new ();
  World world = { .bus = currant_bus_new () };
  GThread *storm, *reaper;

  n_born = n_died = calls = 0;
  currant_bus_set_multiplicity (world.bus, 2);
  storm = g_thread_new ("storm", blow, &world);
  reaper = g_thread_new ("reaper", reap, &world);
  raise_and_reap (&world, rounds, modes, n_modes, currant_test_loop_get_context (loop));
  g_atomic_int_set (&world.stop, TRUE);
  g_thread_join (storm);
  g_thread_join (reaper);
  currant_test_spin_until (currant_test_stat (world.bus, "waiting") == 0);
  currant_test_spin_until (g_atomic_int_get (&n_died) == (int)rounds);
  g_assert_cmpint (g_atomic_int_get (&n_born), ==, (int)rounds);
  g_assert_cmpint (g_atomic_int_get (&calls), >, 0);
  currant_test_spin_until (currant_test_stat_now (world.bus, "followers") == 0);
  g_assert_cmpuint (currant_test_stat (world.bus, "delivered"), ==,
                    (guint64)g_atomic_int_get (&calls));
  currant_test_assert_balance (world.bus);
  g_test_message ("%u objects, %d calls", rounds, g_atomic_int_get (&calls));
  g_object_unref (world.bus);
}

/* One fifth of the rounds for each mode alone, and one for all of them together. */
static void
run_share (CurrantDelivery mode)
{
  run_storm (MAX (currant_test_rounds (100000) / 5, 1), &mode, 1);
}

static void
test_direct (void)
{
  run_share (CURRANT_DELIVERY_DIRECT);
}

static void
test_auto (void)
{
  run_share (CURRANT_DELIVERY_AUTO);
}

static void
test_queued (void)
{
  run_share (CURRANT_DELIVERY_QUEUED);
}

static void
test_pool (void)
{
  run_share (CURRANT_DELIVERY_POOL);
}

static void
test_all_modes (void)
{
  static const CurrantDelivery modes[] = { CURRANT_DELIVERY_AUTO, CURRANT_DELIVERY_DIRECT,
                                           CURRANT_DELIVERY_QUEUED, CURRANT_DELIVERY_POOL };

  run_storm (MAX (currant_test_rounds (100000) / 5, 1), modes, G_N_ELEMENTS (modes));
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/objects/given-up-in-a-storm/direct", test_direct);
  currant_test_add ("/objects/given-up-in-a-storm/auto", test_auto);
  currant_test_add ("/objects/given-up-in-a-storm/queued", test_queued);
  currant_test_add ("/objects/given-up-in-a-storm/pool", test_pool);
  currant_test_add ("/objects/given-up-in-a-storm/all-modes", test_all_modes);
  return g_test_run ();
}
