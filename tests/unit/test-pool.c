/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread pool: strands, concurrency, and a size that is obeyed, down to nothing. */
#include "config.h"

#include "currant-test.h"

static guint threads_at_start;

/* Threads of the tests before may still be on their way out. */
static guint
count_threads_of_others (void)
{
  currant_test_spin_until (currant_test_count_threads () <= threads_at_start);
  return threads_at_start;
}

static void
publish_numbers (CurrantBus *bus, int first, int last)
{
  for (int i = first; i <= last; i++)
    currant_bus_publish (bus, "a:x", "(i)", i);
}

static CurrantFollower *
follow_in_pool (CurrantBus *bus, CurrantFollowerFunc callback, gpointer user_data,
                guint concurrency)
{
  CurrantFollower *follower =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_POOL, callback, user_data);

  currant_follower_set_concurrency (follower, concurrency);
  currant_bus_add_follower (bus, follower);
  currant_follower_unref (follower);
  return follower;
}

static void
test_runs_elsewhere (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();

  follow_in_pool (bus, currant_test_recorder_take, recorder, 1);
  publish_numbers (bus, 1, 100);
  currant_test_spin_until (currant_test_recorder_count (recorder) == 100);
  for (guint i = 0; i < 100; i++)
    {
      g_assert_true (currant_test_recorder_thread (recorder, i) != g_thread_self ());
      g_assert_cmpint (currant_test_recorder_number (recorder, i), ==, (int)i + 1);
    }
}

static void
test_default_multiplicity (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();

  g_assert_cmpuint (currant_bus_get_multiplicity (bus), ==, g_get_num_processors ());
  g_assert_cmpuint (currant_bus_get_n_threads (bus), ==, 0);
  g_assert_cmpuint (currant_test_stat_now (bus, "threads"), ==, 0);
}

typedef struct
{
  int inside;   /* atomic: calls in flight */
  int most;     /* atomic */
  int wanted;   /* calls that wait for each other; 0 not to wait */
  int finished; /* atomic */
} Crowd;

static void
raise_most (Crowd *self, int inside)
{
  int most = g_atomic_int_get (&self->most);

  while (inside > most && !g_atomic_int_compare_and_exchange (&self->most, most, inside))
    most = g_atomic_int_get (&self->most);
}

static void
enter (CurrantMessage *message, gpointer data)
{
  Crowd *self = data;

  (void)message;
  raise_most (self, g_atomic_int_add (&self->inside, 1) + 1);
  while (g_atomic_int_get (&self->most) < self->wanted)
    g_thread_yield ();
  g_thread_yield ();
  g_atomic_int_add (&self->inside, -1);
  g_atomic_int_inc (&self->finished);
}

/* One message at a time, however many threads there are. */
static void
test_strand (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Crowd crowd = { 0 };

  currant_bus_set_multiplicity (bus, 4);
  follow_in_pool (bus, enter, &crowd, 1);
  publish_numbers (bus, 1, 5000);
  currant_test_spin_until (g_atomic_int_get (&crowd.finished) == 5000);
  g_assert_cmpint (crowd.most, ==, 1);
}

/* Raised, so many calls really run at a time, and not one more. */
static void
test_concurrency (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Crowd crowd = { .wanted = 3 };

  currant_bus_set_multiplicity (bus, 4);
  follow_in_pool (bus, enter, &crowd, 3);
  publish_numbers (bus, 1, 3000);
  currant_test_spin_until (g_atomic_int_get (&crowd.finished) == 3000);
  g_assert_cmpint (crowd.most, ==, 3);
}

/* Strands do not wait for each other while there are threads. */
static void
test_strands_side_by_side (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Crowd crowd = { .wanted = 4 };

  currant_bus_set_multiplicity (bus, 4);
  for (int i = 0; i < 4; i++)
    follow_in_pool (bus, enter, &crowd, 1);
  publish_numbers (bus, 1, 1);
  currant_test_spin_until (g_atomic_int_get (&crowd.finished) == 4);
  g_assert_cmpint (crowd.most, ==, 4);
}

/* Never more threads than asked for, and as many as that when there is work. */
static void
test_grows_to_its_size (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Crowd crowd = { .wanted = 2 };

  currant_bus_set_multiplicity (bus, 2);
  for (int i = 0; i < 6; i++)
    follow_in_pool (bus, enter, &crowd, 1);
  publish_numbers (bus, 1, 100);
  currant_test_spin_until (g_atomic_int_get (&crowd.finished) == 600);
  g_assert_cmpint (crowd.most, ==, 2);
  g_assert_cmpuint (currant_bus_get_n_threads (bus), <=, 2);
}

/* Keeps the calls inside until it is opened. */
static void
wait_at_gate (CurrantMessage *message, gpointer data)
{
  Crowd *self = data;

  (void)message;
  g_atomic_int_inc (&self->inside);
  while (g_atomic_int_get (&self->wanted) == 0)
    g_thread_yield ();
  g_atomic_int_inc (&self->finished);
}

/* The seed's pool said it had stopped and had not: here the threads of the process are counted. */
static void
test_shrinks_and_stops (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  guint before = count_threads_of_others ();
  Crowd crowd = { 0 };

  currant_bus_set_multiplicity (bus, 3);
  for (int i = 0; i < 3; i++)
    follow_in_pool (bus, wait_at_gate, &crowd, 1);
  publish_numbers (bus, 1, 1);
  currant_test_spin_until (g_atomic_int_get (&crowd.inside) == 3);
  g_assert_cmpuint (currant_bus_get_n_threads (bus), ==, 3);
  g_assert_cmpuint (currant_test_count_threads (), >=, 1 + 3);
  currant_bus_set_multiplicity (bus, 1);
  g_assert_cmpuint (currant_bus_get_multiplicity (bus), ==, 1);
  g_atomic_int_set (&crowd.wanted, 1);
  currant_test_spin_until (currant_bus_get_n_threads (bus) <= 1);
  currant_bus_set_multiplicity (bus, 0);
  currant_test_spin_until (currant_bus_get_n_threads (bus) == 0);
  currant_test_spin_until (currant_test_count_threads () <= before);
  g_assert_cmpint (crowd.finished, ==, 3);
}

/* Asking twice for one thread leaves one (the seed's pool was left with none). */
static void
test_same_size_twice (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Crowd crowd = { 0 };

  currant_bus_set_multiplicity (bus, 3);
  follow_in_pool (bus, enter, &crowd, 1);
  publish_numbers (bus, 1, 10);
  for (int i = 0; i < 3; i++)
    currant_bus_set_multiplicity (bus, 1);
  publish_numbers (bus, 11, 20);
  currant_test_spin_until (g_atomic_int_get (&crowd.finished) == 20);
}

/* Nothing left to run it: in the publisher's thread, at once. */
static void
test_none_runs_directly (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();

  currant_bus_set_multiplicity (bus, 0);
  follow_in_pool (bus, currant_test_recorder_take, recorder, 1);
  publish_numbers (bus, 1, 2);
  currant_test_assert_numbers (recorder, "1 2");
  g_assert_true (currant_test_recorder_thread (recorder, 1) == g_thread_self ());
  g_assert_cmpuint (currant_bus_get_n_threads (bus), ==, 0);
}

/* What is queued when the pool is sent away is still run, and pools can come back. */
static void
test_queued_work_is_done_before_it_stops (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  Crowd gate = { 0 };

  currant_bus_set_multiplicity (bus, 1);
  follow_in_pool (bus, wait_at_gate, &gate, 1);
  follow_in_pool (bus, currant_test_recorder_take, recorder, 1);
  publish_numbers (bus, 1, 100);
  currant_test_spin_until (g_atomic_int_get (&gate.inside) == 1);
  currant_bus_set_multiplicity (bus, 0);
  g_atomic_int_set (&gate.wanted, 1);
  currant_test_spin_until (currant_test_recorder_count (recorder) == 100);
  currant_test_spin_until (g_atomic_int_get (&gate.finished) == 100);
  currant_bus_set_multiplicity (bus, 2);
  publish_numbers (bus, 101, 101);
  currant_test_spin_until (currant_test_recorder_count (recorder) == 101);
  currant_test_spin_until (g_atomic_int_get (&gate.finished) == 101);
}

/* The bus takes its threads with it. */
static void
test_ends_with_the_bus (void)
{
  guint before = count_threads_of_others ();

  for (int round = 0; round < 20; round++)
    {
      CurrantBus *bus = currant_bus_new ();
      Crowd crowd = { 0 };

      currant_bus_set_multiplicity (bus, 4);
      follow_in_pool (bus, enter, &crowd, 1);
      publish_numbers (bus, 1, 10);
      currant_test_spin_until (g_atomic_int_get (&crowd.finished) == 10);
      g_object_unref (bus);
    }
  currant_test_spin_until (currant_test_count_threads () <= before);
}

typedef struct
{
  CurrantBus *bus;
  int published; /* atomic */
  int dropped;   /* atomic */
} Last;

static void
drop_bus (CurrantMessage *message, gpointer data)
{
  Last *last = data;

  (void)message;
  while (!g_atomic_int_get (&last->published))
    g_thread_yield ();
  g_object_unref (last->bus);
  g_atomic_int_set (&last->dropped, TRUE);
}

/* A pool thread may give up the last reference to the bus that it belongs to. */
static void
test_bus_dropped_in_the_pool (void)
{
  guint before = count_threads_of_others ();

  for (int round = 0; round < 50; round++)
    {
      Last last = { .bus = currant_bus_new () };

      follow_in_pool (last.bus, drop_bus, &last, 1);
      currant_bus_publish (last.bus, "a:x", NULL);
      g_atomic_int_set (&last.published, TRUE);
      currant_test_spin_until (g_atomic_int_get (&last.dropped));
    }
  currant_test_spin_until (currant_test_count_threads () <= before);
}

/* With the first thread of all comes what a sanitizer runs beside. */
static gpointer
end_at_once (gpointer data)
{
  return data;
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  g_thread_join (g_thread_new ("first", end_at_once, NULL));
  threads_at_start = currant_test_count_threads ();
  currant_test_add ("/pool/runs-elsewhere", test_runs_elsewhere);
  currant_test_add ("/pool/default-multiplicity", test_default_multiplicity);
  currant_test_add ("/pool/strand", test_strand);
  currant_test_add ("/pool/concurrency", test_concurrency);
  currant_test_add ("/pool/strands-side-by-side", test_strands_side_by_side);
  currant_test_add ("/pool/grows-to-its-size", test_grows_to_its_size);
  currant_test_add ("/pool/shrinks-and-stops", test_shrinks_and_stops);
  currant_test_add ("/pool/same-size-twice", test_same_size_twice);
  currant_test_add ("/pool/none-runs-directly", test_none_runs_directly);
  currant_test_add ("/pool/queued-work-is-done-before-it-stops",
                    test_queued_work_is_done_before_it_stops);
  currant_test_add ("/pool/ends-with-the-bus", test_ends_with_the_bus);
  currant_test_add ("/pool/bus-dropped-in-the-pool", test_bus_dropped_in_the_pool);
  return g_test_run ();
}
