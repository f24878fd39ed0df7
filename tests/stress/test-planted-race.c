/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What we tell ThreadSanitizer about our locks must not make it blind. Two races are planted here:
 * a plain one, and one between callbacks that the bus runs in two threads. In a build with
 * ThreadSanitizer each has to be reported; in other builds there is nothing to test.
 */
#include "config.h"

#include "currant-test.h"

#ifdef CURRANT_TEST_TSAN

#define N_TURNS 20000

static int planted; /* shared without any protection, on purpose */

static gpointer
race (gpointer data)
{
  (void)data;
  for (int i = 0; i < N_TURNS; i++)
    planted++;
  return NULL;
}

static void
run_two (GThreadFunc func, gpointer data)
{
  GThread *one = g_thread_new ("one", func, data);
  GThread *two = g_thread_new ("two", func, data);

  g_thread_join (one);
  g_thread_join (two);
}

static void
plain_race (void)
{
  run_two (race, NULL);
}

static void
race_in_callback (CurrantMessage *message, gpointer data)
{
  (void)message;
  (void)data;
  planted++;
}

static gpointer
publish (gpointer bus)
{
  for (int i = 0; i < N_TURNS; i++)
    currant_bus_publish (bus, "race:x", "(i)", i);
  return NULL;
}

/* DIRECT callbacks run in several threads at a time, which is the program's to deal with. */
static void
race_between_callbacks (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();

  currant_bus_follow_with_delivery (bus, "race:x", CURRANT_DELIVERY_DIRECT, race_in_callback, NULL,
                                    NULL);
  run_two (publish, bus);
}

static void
assert_reported (GTestFunc func)
{
  if (g_test_subprocess ())
    {
      func ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*WARNING: ThreadSanitizer: data race*");
}

static void
test_plain (void)
{
  assert_reported (plain_race);
}

static void
test_between_callbacks (void)
{
  assert_reported (race_between_callbacks);
}

#else

static void
test_plain (void)
{
  g_test_skip ("not built with ThreadSanitizer");
}

static void
test_between_callbacks (void)
{
  g_test_skip ("not built with ThreadSanitizer");
}

#endif

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/planted-race/plain", test_plain);
  currant_test_add ("/planted-race/between-callbacks", test_between_callbacks);
  return g_test_run ();
}
