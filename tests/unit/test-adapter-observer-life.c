/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file observer: starting, stopping and dying, contexts, limits, and looking again. */
#include "config.h"

#include "adapter-observer.h"

#include <sys/resource.h>

static void
begin (ObserverFixture *fixture)
{
  fixture_set_up (fixture);
  make_directory (fixture, "r");
}

static void
test_stop (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  fixture_watch (&fixture, "r");
  write_file (&fixture, "r/a", "");
  expect_one (&fixture, "created r/a");
  write_file (&fixture, "r/b", "heard of, and not told of any more");
  currant_test_iterate (NULL);
  currant_adapter_stop (fixture.observer);
  g_assert_false (currant_adapter_is_running (fixture.observer));
  write_file (&fixture, "r/c", "");
  g_assert_true (currant_adapter_start (fixture.observer, NULL));
  currant_test_iterate_until (NULL, fixture.n_ready == 2);
  g_assert_cmpuint (fixture.n_entries, ==, 4);
  fixture_expect_silence (&fixture, "r");
}

static void
test_no_doubling (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  fixture_watch (&fixture, "r");
  for (guint i = 0; i < 5; i++)
    {
      currant_adapter_stop (fixture.observer);
      g_assert_true (currant_adapter_start (fixture.observer, NULL));
    }
  currant_test_iterate_until (NULL, fixture.n_ready == 2);
  write_file (&fixture, "r/a", "");
  expect_one (&fixture, "created r/a");
  fixture_expect_silence (&fixture, "r");
  g_assert_cmpuint (fixture.n_ready, ==, 2);
}

static void
stop_observer (CurrantMessage *message, gpointer data)
{
  ObserverFixture *fixture = data;

  currant_adapter_stop (fixture->observer);
}

/* Of many that are to be told, only the one that stops it. */
static void
test_stop_in_callback (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  fixture_watch (&fixture, "r");
  currant_bus_follow (fixture.bus, "f:created", stop_observer, &fixture, NULL);
  make_directory (&fixture, "r/a/b/c");
  expect_one (&fixture, "created r/a");
  g_assert_false (currant_adapter_is_running (fixture.observer));
  currant_test_drain (NULL);
  g_assert_cmpuint (fixture.said->len, ==, 0);
}

static void
drop_observer (CurrantMessage *message, gpointer data)
{
  ObserverFixture *fixture = data;

  g_clear_object (&fixture->observer);
}

static void
test_dispose_in_callback (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  fixture_watch (&fixture, "r");
  currant_bus_follow (fixture.bus, "f:created", drop_observer, &fixture, NULL);
  make_directory (&fixture, "r/a/b/c");
  expect_one (&fixture, "created r/a");
  g_assert_null (fixture.observer);
  currant_test_drain (NULL);
  g_assert_cmpuint (fixture.said->len, ==, 0);
}

static void
restart_observer (CurrantMessage *message, gpointer data)
{
  ObserverFixture *fixture = data;

  currant_adapter_stop (fixture->observer);
  g_assert_true (currant_adapter_start (fixture->observer, NULL));
}

static void
test_restart_in_callback (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  fixture_watch (&fixture, "r");
  currant_bus_follow (fixture.bus, "f:created", restart_observer, &fixture, NULL);
  make_directory (&fixture, "r/a/b/c");
  expect_one (&fixture, "created r/a");
  currant_test_iterate_until (NULL, fixture.n_ready == 2);
  g_assert_cmpuint (fixture.n_entries, ==, 4);
  write_file (&fixture, "r/a/b/leaf", "");
  expect_one (&fixture, "created r/a/b/leaf");
}

/* In the middle of a burst, many times. */
static void
test_dispose_while_running (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *name = g_strdup_printf ("r/%u/a", i);
      fixture_watch (&fixture, "r");
      make_directory (&fixture, name);
      for (guint j = 0; j < i % 5; j++)
        currant_test_iterate (NULL);
      g_assert_finalize_object (g_steal_pointer (&fixture.observer));
      g_ptr_array_set_size (fixture.said, 0);
      currant_test_drain (NULL);
      g_assert_cmpuint (fixture.said->len, ==, 0);
    }
}

/* An observer leaves nothing behind. */
static void
test_descriptors (void)
{
  g_auto (ObserverFixture) fixture = { 0 };
  guint before;

  begin (&fixture);
  make_directory (&fixture, "r/a/b/c");
  fixture_watch (&fixture, "r");
  g_clear_object (&fixture.observer);
  before = currant_test_count_fds ();
  for (guint i = 0; i < 20; i++)
    {
      fixture_watch (&fixture, "r");
      g_clear_object (&fixture.observer);
    }
  g_assert_cmpuint (currant_test_count_fds (), ==, before);
}

static void
test_two_observers (void)
{
  g_auto (ObserverFixture) fixture = { 0 };
  g_autoptr (CurrantAdapter) second = NULL;

  begin (&fixture);
  make_directory (&fixture, "r/a");
  fixture_watch (&fixture, "r");
  second = g_steal_pointer (&fixture.observer);
  fixture_watch (&fixture, "r/a");
  write_file (&fixture, "r/a/leaf", "");
  fixture_expect (&fixture, 2, "created r/a/leaf, created r/a/leaf");
  currant_adapter_stop (second);
  write_file (&fixture, "r/b", "");
  fixture_expect_silence (&fixture, "r/a");
}

/* ---- another thread's context -------------------------------------------------------------------
 */

static void
start_observer (gpointer observer, gpointer b)
{
  g_assert_true (currant_adapter_start (observer, NULL));
}

static void
stop_in_loop (gpointer observer, gpointer b)
{
  currant_adapter_stop (observer);
}

static void
assert_thread (CurrantTestRecorder *recorder, CurrantTestLoop *loop)
{
  for (guint i = 0; i < currant_test_recorder_count (recorder); i++)
    g_assert_true (currant_test_recorder_thread (recorder, i)
                   == currant_test_loop_get_thread (loop));
}

static void
test_context (void)
{
  g_auto (ObserverFixture) fixture = { 0 };
  g_autoptr (CurrantTestLoop) loop = currant_test_loop_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  g_autofree char *path = NULL;
  guint n;

  begin (&fixture);
  currant_follower_stop (fixture.follower);
  currant_bus_follow_with_delivery (fixture.bus, "f:*", CURRANT_DELIVERY_DIRECT,
                                    currant_test_recorder_take, recorder, NULL);
  path = fixture_path (&fixture, "r");
  fixture.observer = CURRANT_ADAPTER (currant_file_observer_new (fixture.bus, "f", path));
  currant_test_loop_call (loop, start_observer, fixture.observer, NULL);
  currant_test_spin_until (currant_test_recorder_count (recorder) == 1);
  write_file (&fixture, "r/a", "");
  currant_test_spin_until (currant_test_recorder_count (recorder) == 2);
  currant_test_assert_ids (recorder, "f:ready f:created");

  /* Stopped elsewhere, and started and stopped in its own context. */
  write_file (&fixture, "r/b", "");
  currant_adapter_stop (fixture.observer);
  currant_test_loop_sync (loop);
  n = currant_test_recorder_count (recorder);
  write_file (&fixture, "r/c", "");
  currant_test_loop_call (loop, start_observer, fixture.observer, NULL);
  currant_test_spin_until (currant_test_recorder_count (recorder) == n + 1);
  currant_test_loop_call (loop, stop_in_loop, fixture.observer, NULL);
  write_file (&fixture, "r/d", "");
  currant_test_loop_sync (loop);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, n + 1);
  assert_thread (recorder, loop);
}

/* A context that nobody runs any more keeps nothing alive. */
static void
test_abandoned_context (void)
{
  g_auto (ObserverFixture) fixture = { 0 };
  g_autofree char *path = NULL;
  GMainContext *context;
  guint before;

  begin (&fixture);
  fixture_watch (&fixture, "r");
  g_clear_object (&fixture.observer);
  before = currant_test_count_fds ();
  path = fixture_path (&fixture, "r");
  fixture.observer = CURRANT_ADAPTER (currant_file_observer_new (fixture.bus, "f", path));
  context = g_main_context_new ();
  g_main_context_push_thread_default (context);
  g_assert_true (currant_adapter_start (fixture.observer, NULL));
  g_main_context_pop_thread_default (context);
  g_assert_finalize_object (g_steal_pointer (&fixture.observer));
  g_main_context_unref (context);
  g_assert_cmpuint (currant_test_count_fds (), ==, before);
}

/* ---- looking again ------------------------------------------------------------------------------
 */

static void
test_rescan (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  make_directory (&fixture, "r/a");
  fixture_watch (&fixture, "r");
  currant_file_observer_rescan (CURRANT_FILE_OBSERVER (fixture.observer));
  expect_one (&fixture, "rescan r");
  write_file (&fixture, "r/a/leaf", "");
  currant_file_observer_rescan (CURRANT_FILE_OBSERVER (fixture.observer));
  fixture_expect (&fixture, 2, "rescan r, created r/a/leaf"); /* by whichever way, once */
  fixture_expect_silence (&fixture, "r");
  currant_adapter_stop (fixture.observer);
  currant_file_observer_rescan (CURRANT_FILE_OBSERVER (fixture.observer));
  currant_test_drain (NULL);
  g_assert_cmpuint (fixture.said->len, ==, 0);
}

static guint
count_said (ObserverFixture *fixture, const char *prefix)
{
  guint n = 0;

  for (guint i = 0; i < fixture->said->len; i++)
    n += g_str_has_prefix (g_ptr_array_index (fixture->said, i), prefix) ? 1 : 0;
  return n;
}

/*
 * So many changes that the kernel may have dropped some: everything is looked at again, perhaps
 * more than once, and each file is told of once.
 */
static void
test_burst (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  fixture_watch (&fixture, "r");
  for (guint i = 0; i < 6000; i++)
    {
      g_autofree char *name = g_strdup_printf ("r/%u", i);
      write_file (&fixture, name, "x");
    }
  currant_test_iterate_until (NULL, fixture.said->len > 6000);
  currant_test_iterate_until (NULL, count_said (&fixture, "rescan ") > 0);
  g_assert_cmpuint (count_said (&fixture, "created "), ==, 6000);
  g_assert_cmpuint (count_said (&fixture, "created ") + count_said (&fixture, "rescan "), ==,
                    fixture.said->len);
}

/* ---- limits -------------------------------------------------------------------------------------
 */

/* All descriptors that this process may have, taken: GLib's own poll would not bear a lower limit.
 */
typedef struct
{
  struct rlimit before;
  int taken[64];
  guint n_taken;
} Shortage;

static void
begin_shortage (Shortage *self)
{
  struct rlimit limit;
  int fd;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &self->before), ==, 0);
  limit = self->before;
  limit.rlim_cur = G_N_ELEMENTS (self->taken);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  while ((fd = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    self->taken[self->n_taken++] = fd;
}

static void
end_shortage (Shortage *self)
{
  while (self->n_taken > 0)
    close (self->taken[--self->n_taken]);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &self->before), ==, 0);
}

/*
 * Without a descriptor nothing can be watched: that is said, once, with what to do about it; and
 * what happens is seen all the same as soon as there is one again.
 */
static void
test_limit (void)
{
  g_auto (ObserverFixture) fixture = { 0 };
  Shortage shortage = { 0 };
  const char *said;

  begin (&fixture);
  make_directory (&fixture, "r/a");
  begin_shortage (&shortage);
  fixture_watch (&fixture, "r");
  end_shortage (&shortage);
  currant_test_iterate_until (NULL, fixture.said->len >= 1);
  said = g_ptr_array_index (fixture.said, 0);
  g_assert_true (g_str_has_prefix (said, "error r "));
  g_assert_nonnull (strstr (said, "max_user_instances"));
  g_ptr_array_set_size (fixture.said, 0);
  /* The list that could not be made is made, and then watched. */
  currant_test_iterate_until (NULL, fixture.said->len >= 1);
  expect_one (&fixture, "created r/a");
  write_file (&fixture, "r/a/leaf", "");
  expect_one (&fixture, "created r/a/leaf");
  fixture_expect_silence (&fixture, "r/a");
}

static void
test_properties (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantFileObserver) observer = currant_file_observer_new (bus, "f", "~/x/*.log");
  g_autofree char *path = NULL;
  gboolean recursive = FALSE;

  g_object_get (observer, "path", &path, "recursive", &recursive, NULL);
  g_assert_cmpstr (path, ==, "~/x/*.log");
  g_assert_true (recursive);
  g_assert_cmpstr (currant_file_observer_get_path (observer), ==, "~/x/*.log");
  g_object_set (observer, "recursive", FALSE, NULL);
  g_assert_false (currant_file_observer_get_recursive (observer));
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/adapter/observer/stop", test_stop);
  currant_test_add ("/adapter/observer/no-doubling", test_no_doubling);
  currant_test_add ("/adapter/observer/stop-in-callback", test_stop_in_callback);
  currant_test_add ("/adapter/observer/dispose-in-callback", test_dispose_in_callback);
  currant_test_add ("/adapter/observer/restart-in-callback", test_restart_in_callback);
  currant_test_add ("/adapter/observer/dispose-while-running", test_dispose_while_running);
  currant_test_add ("/adapter/observer/descriptors", test_descriptors);
  currant_test_add ("/adapter/observer/two-observers", test_two_observers);
  currant_test_add ("/adapter/observer/context", test_context);
  currant_test_add ("/adapter/observer/abandoned-context", test_abandoned_context);
  currant_test_add ("/adapter/observer/rescan", test_rescan);
  currant_test_add ("/adapter/observer/burst", test_burst);
  currant_test_add ("/adapter/observer/limit", test_limit);
  currant_test_add ("/adapter/observer/properties", test_properties);
  return g_test_run ();
}
