/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The asymmetric fences: two threads, of which each writes and then reads what the other writes,
 * never both miss it. The one fence is free, the other is not. */
#include "config.h"

#include "currant-fence-private.h"
#include "currant-test.h"

static gboolean is_alone; /* on a single processor; set before there are threads */

typedef struct
{
  char before[128];
  atomic_int x;
  char between[128];
  atomic_int y;
  char behind[128];
  atomic_uint round; /* both have begun this one */
  atomic_uint arrived;
  gboolean often_missed; /* of this round; read when both have arrived */
} Litmus;

static void
arrive (Litmus *self, guint round)
{
  if (atomic_fetch_add (&self->arrived, 1) == 2 * round + 1)
    atomic_store (&self->round, round + 1);
  while (atomic_load (&self->round) <= round)
    if (is_alone)
      g_thread_yield ();
}

static gpointer
go_often (gpointer data)
{
  Litmus *self = data;
  guint rounds = currant_test_rounds (100000);

  CURRANT_TEST_TSAN_ACQUIRE (self);
  for (guint i = 0; i < rounds; i++)
    {
      arrive (self, 2 * i);
      atomic_store_explicit (&self->x, 1, CURRANT_FENCED_STORE);
      currant_fence_light ();
      self->often_missed = atomic_load_explicit (&self->y, CURRANT_FENCED_LOAD) == 0;
      arrive (self, 2 * i + 1);
    }
  return NULL;
}

/* Begins its round a little later each time, so that they meet in all ways. */
static gboolean
go_rarely (Litmus *self, guint round)
{
  gboolean missed;

  atomic_store (&self->x, 0);
  atomic_store (&self->y, 0);
  arrive (self, 2 * round);
  for (volatile guint i = 0; i < round % 64; i++)
    ;
  atomic_store_explicit (&self->y, 1, CURRANT_FENCED_STORE);
  g_assert_true (currant_fence_heavy ());
  missed = atomic_load_explicit (&self->x, CURRANT_FENCED_LOAD) == 0;
  arrive (self, 2 * round + 1);
  return missed;
}

static void
test_never_both (void)
{
  guint rounds = currant_test_rounds (100000), n_often = 0, n_rarely = 0;
  Litmus litmus = { .round = 0 };
  GThread *thread;

  CURRANT_TEST_TSAN_RELEASE (&litmus);
  thread = g_thread_new ("often", go_often, &litmus);
  for (guint i = 0; i < rounds; i++)
    {
      gboolean missed = go_rarely (&litmus, i);

      g_assert_false (missed && litmus.often_missed);
      n_often += litmus.often_missed;
      n_rarely += missed;
    }
  g_thread_join (thread);
  g_test_message ("often missed %u, rarely missed %u of %u", n_often, n_rarely, rounds);
}

/* The same with fences that cost something on both sides, as on a system without membarrier (). */
static void
test_never_both_without_it (void)
{
  gboolean asymmetric = currant_fence_is_asymmetric;

  currant_fence_is_asymmetric = FALSE;
  test_never_both ();
  currant_fence_is_asymmetric = asymmetric;
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_fence_init ();
  is_alone = g_get_num_processors () == 1;
  currant_test_add ("/fence/never-both", test_never_both);
  currant_test_add ("/fence/never-both-without-it", test_never_both_without_it);
  return g_test_run ();
}
