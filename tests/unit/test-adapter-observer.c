/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file observer: single files in a directory, names, globs, and the observer's own life. */
#include "config.h"

#include "adapter-observer.h"

static void
begin (ObserverFixture *fixture)
{
  fixture_set_up (fixture);
  make_directory (fixture, "r");
}

static void
test_create_modify_remove (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  write_file (&fixture, "r/old", "there before");
  fixture_watch (&fixture, "r");
  g_assert_cmpuint (fixture.n_entries, ==, 2);
  g_assert_cmpuint (fixture.said->len, ==, 0);
  write_file (&fixture, "r/a", "1");
  expect_one (&fixture, "created r/a");
  append_to_file (&fixture, "r/a", "2");
  expect_one (&fixture, "modified r/a");
  write_file (&fixture, "r/a", "");
  expect_one (&fixture, "modified r/a");
  erase (&fixture, "r/a");
  expect_one (&fixture, "removed r/a");
  append_to_file (&fixture, "r/old", "3");
  expect_one (&fixture, "modified r/old");
  fixture_expect_silence (&fixture, "r");
  g_assert_cmpuint (fixture.n_ready, ==, 1);
}

/* Many writes in a row are one `modified`; created, written and removed is nothing at all. */
static void
test_settled (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  write_file (&fixture, "r/a", "");
  fixture_watch (&fixture, "r");
  for (guint i = 0; i < 100; i++)
    append_to_file (&fixture, "r/a", "x");
  expect_one (&fixture, "modified r/a");
  write_file (&fixture, "r/b", "");
  append_to_file (&fixture, "r/b", "1");
  append_to_file (&fixture, "r/b", "2");
  expect_one (&fixture, "created r/b");
  write_file (&fixture, "r/c", "gone in a moment");
  erase (&fixture, "r/c");
  erase (&fixture, "r/a");
  write_file (&fixture, "r/a", "as if nothing had happened");
  expect_one (&fixture, "modified r/a");
  fixture_expect_silence (&fixture, "r");
}

static void
test_attributes (void)
{
  g_auto (ObserverFixture) fixture = { 0 };
  g_autofree char *path = NULL;

  begin (&fixture);
  write_file (&fixture, "r/a", "");
  fixture_watch (&fixture, "r");
  path = fixture_path (&fixture, "r/a");
  g_assert_cmpint (g_chmod (path, 0400), ==, 0);
  expect_one (&fixture, "attributes r/a");
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  append_to_file (&fixture, "r/a", "both at once");
  expect_one (&fixture, "modified r/a");
  fixture_expect_silence (&fixture, "r");
}

static void
test_rename (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  write_file (&fixture, "r/a", "");
  fixture_watch (&fixture, "r");
  move (&fixture, "r/a", "r/b");
  expect_one (&fixture, "renamed r/a r/b");
  append_to_file (&fixture, "r/b", "1");
  expect_one (&fixture, "modified r/b");
  move (&fixture, "r/b", "r/c");
  append_to_file (&fixture, "r/c", "renamed and written at once");
  fixture_expect (&fixture, 2, "renamed r/b r/c, modified r/c");
  move (&fixture, "r/c", "r/d");
  move (&fixture, "r/d", "r/e");
  expect_one (&fixture, "renamed r/c r/e");
  move (&fixture, "r/e", "r/f");
  move (&fixture, "r/f", "r/e");
  fixture_expect_silence (&fixture, "r");
}

/* Onto another that is known: the other is modified, the name is gone. */
static void
test_rename_onto (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  write_file (&fixture, "r/a", "1");
  write_file (&fixture, "r/b", "2");
  fixture_watch (&fixture, "r");
  move (&fixture, "r/a", "r/b");
  fixture_expect_sorted (&fixture, 2, "modified r/b, removed r/a");
  fixture_expect_silence (&fixture, "r");
}

/* The ways in which editors save: each is one `modified` of the file. */
static void
test_atomic_save (void)
{
  g_auto (ObserverFixture) fixture = { 0 };
  g_autofree char *path = NULL;

  begin (&fixture);
  write_file (&fixture, "r/a", "1");
  fixture_watch (&fixture, "r");

  write_file (&fixture, "r/.a.swp", "22");
  move (&fixture, "r/.a.swp", "r/a");
  expect_one (&fixture, "modified r/a");

  path = fixture_path (&fixture, "r/a");
  g_assert_true (g_file_set_contents (path, "333", -1, NULL));
  expect_one (&fixture, "modified r/a");

  move (&fixture, "r/a", "r/a~"); /* a copy, a new file, and the copy goes */
  write_file (&fixture, "r/a", "4444");
  erase (&fixture, "r/a~");
  expect_one (&fixture, "modified r/a");

  move (&fixture, "r/a", "r/a~"); /* the copy stays */
  write_file (&fixture, "r/a", "55555");
  fixture_expect_sorted (&fixture, 2, "created r/a~, modified r/a");
  fixture_expect_silence (&fixture, "r");
}

/* As it was, in size and time, and yet another content. */
static void
test_same_size_and_time (void)
{
  g_auto (ObserverFixture) fixture = { 0 };
  struct timespec times[2];
  struct stat st;
  g_autofree char *path = NULL;

  begin (&fixture);
  write_file (&fixture, "r/a", "1");
  path = fixture_path (&fixture, "r/a");
  g_assert_cmpint (stat (path, &st), ==, 0);
  fixture_watch (&fixture, "r");
  write_file (&fixture, "r/a", "2");
  times[0] = st.st_atim;
  times[1] = st.st_mtim;
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
  expect_one (&fixture, "modified r/a");
  fixture_expect_silence (&fixture, "r");
}

/* Links, pipes and sockets are entries like others; what a link leads to is not looked at. */
static void
test_kinds (void)
{
  g_auto (ObserverFixture) fixture = { 0 };
  g_autofree char *pipe_path = NULL;
  g_autofree char *link_path = NULL;

  begin (&fixture);
  make_directory (&fixture, "beside");
  fixture_watch (&fixture, "r");
  pipe_path = fixture_path (&fixture, "r/pipe");
  link_path = fixture_path (&fixture, "r/link");
  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  expect_one (&fixture, "created r/pipe");
  g_assert_cmpint (symlink ("../beside", link_path), ==, 0);
  expect_one (&fixture, "created r/link");
  write_file (&fixture, "beside/a", "");
  erase (&fixture, "r/pipe");
  expect_one (&fixture, "removed r/pipe");
  erase (&fixture, "r/link");
  make_directory (&fixture, "r/link");
  fixture_expect (&fixture, 2, "removed r/link, created r/link");
  fixture_expect_silence (&fixture, "r");
}

static void
take_bytes (CurrantMessage *message, gpointer place)
{
  GVariant *kwargs = currant_message_get_kwargs (message);
  g_autoptr (GVariant) path = NULL;

  if (kwargs != NULL)
    path = g_variant_lookup_value (kwargs, "path", G_VARIANT_TYPE_BYTESTRING);
  if (path != NULL)
    g_ptr_array_add (place, g_strdup (g_variant_get_bytestring (path)));
}

/* Any byte but the slash may be in a name. */
static void
test_names (void)
{
  static const char *const names[] = { "two words", "new\nline", "-n", "\303\244", "*", "{a,b}" };
  g_auto (ObserverFixture) fixture = { 0 };
  g_autoptr (GPtrArray) bytes = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *bad = NULL;

  begin (&fixture);
  fixture_watch (&fixture, "r");
  currant_bus_follow (fixture.bus, "f:*", take_bytes, bytes, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = g_build_filename ("r", names[i], NULL);
      g_autofree char *expected = g_strconcat ("created ", name, NULL);
      write_file (&fixture, name, "");
      expect_one (&fixture, expected);
    }
  g_assert_cmpuint (bytes->len, ==, 0);

  bad = fixture_path (&fixture, "r/bad\377name");
  write_file (&fixture, "r/bad\377name", "");
  expect_one (&fixture, "created r/bad\357\277\275name");
  g_assert_cmpuint (bytes->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (bytes, 0), ==, bad);
  append_to_file (&fixture, "r/bad\377name", "1");
  expect_one (&fixture, "modified r/bad\357\277\275name");
  move (&fixture, "r/bad\377name", "r/good");
  expect_one (&fixture, "renamed r/bad\357\277\275name r/good");
  fixture_expect_silence (&fixture, "r");
}

static void
test_glob (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  write_file (&fixture, "r/old.log", "");
  write_file (&fixture, "r/old.txt", "");
  fixture_watch (&fixture, "r/*.log");
  g_assert_cmpuint (fixture.n_entries, ==, 1);
  write_file (&fixture, "r/a.txt", "");
  write_file (&fixture, "r/.hidden.log", "");
  make_directory (&fixture, "r/sub");
  write_file (&fixture, "r/sub/b.log", "");
  write_file (&fixture, "r/a.log", "");
  expect_one (&fixture, "created r/a.log");
  move (&fixture, "r/a.log", "r/b.log");
  expect_one (&fixture, "renamed r/a.log r/b.log");
  move (&fixture, "r/b.log", "r/b.txt"); /* out of sight */
  expect_one (&fixture, "removed r/b.log");
  move (&fixture, "r/b.txt", "r/c.log"); /* and into it */
  expect_one (&fixture, "created r/c.log");
  make_directory (&fixture, "r/dir.log"); /* a directory may match, and is not looked into */
  write_file (&fixture, "r/dir.log/d.log", "");
  expect_one (&fixture, "created r/dir.log");
  append_to_file (&fixture, "r/old.log", "1");
  expect_one (&fixture, "modified r/old.log");
  erase (&fixture, "r/c.log");
  expect_one (&fixture, "removed r/c.log");
}

static void
test_deep_glob (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  make_directory (&fixture, "r/x/y");
  write_file (&fixture, "r/x/y/old.log", "");
  fixture_watch (&fixture, "r/**/*.log");
  g_assert_cmpuint (fixture.n_entries, ==, 1);
  write_file (&fixture, "r/a.log", "");
  write_file (&fixture, "r/a.txt", "");
  expect_one (&fixture, "created r/a.log");
  append_to_file (&fixture, "r/x/y/old.log", "1");
  expect_one (&fixture, "modified r/x/y/old.log");
  make_directory (&fixture, "r/.git/objects");
  write_file (&fixture, "r/.git/objects/b.log", "");
  make_directory (&fixture, "r/new/newer");
  write_file (&fixture, "r/new/newer/c.log", "");
  expect_one (&fixture, "created r/new/newer/c.log");
  /* The directory itself is not reported, so each entry below it is. */
  move (&fixture, "r/new", "r/newest");
  expect_one (&fixture, "renamed r/new/newer/c.log r/newest/newer/c.log");
  append_to_file (&fixture, "r/newest/newer/c.log", "1");
  expect_one (&fixture, "modified r/newest/newer/c.log");
  erase (&fixture, "r/newest");
  expect_one (&fixture, "removed r/newest/newer/c.log");
}

static void
test_all_below (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  make_directory (&fixture, "r/x");
  fixture_watch (&fixture, "r/**");
  g_assert_cmpuint (fixture.n_entries, ==, 1);
  write_file (&fixture, "r/x/.hidden", "");
  write_file (&fixture, "r/x/a", "");
  expect_one (&fixture, "created r/x/a");
  erase (&fixture, "r");
  fixture_expect (&fixture, 2, "removed r/x/a, removed r/x");
}

static void
test_flat (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  make_directory (&fixture, "r/x");
  fixture_watch (&fixture, "r");
  currant_adapter_stop (fixture.observer);
  g_assert_true (currant_file_observer_get_recursive (CURRANT_FILE_OBSERVER (fixture.observer)));
  currant_file_observer_set_recursive (CURRANT_FILE_OBSERVER (fixture.observer), FALSE);
  g_assert_true (currant_adapter_start (fixture.observer, NULL));
  currant_test_iterate_until (NULL, fixture.n_ready == 2);
  write_file (&fixture, "r/x/deep", "");
  write_file (&fixture, "r/a", "");
  expect_one (&fixture, "created r/a");
  make_directory (&fixture, "r/y/z");
  expect_one (&fixture, "created r/y");
  fixture_expect_silence (&fixture, "r");
}

static void
test_bad_targets (void)
{
  static const char *const paths[] = { "", "/a/*/b" };
  g_autoptr (CurrantBus) bus = currant_bus_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CurrantAdapter) observer =
          CURRANT_ADAPTER (currant_file_observer_new (bus, "f", paths[i]));
      g_assert_false (currant_adapter_start (observer, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);
      g_assert_false (currant_adapter_is_running (observer));
    }
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/adapter/observer/create-modify-remove", test_create_modify_remove);
  currant_test_add ("/adapter/observer/settled", test_settled);
  currant_test_add ("/adapter/observer/attributes", test_attributes);
  currant_test_add ("/adapter/observer/rename", test_rename);
  currant_test_add ("/adapter/observer/rename-onto", test_rename_onto);
  currant_test_add ("/adapter/observer/atomic-save-is-one-modified", test_atomic_save);
  currant_test_add ("/adapter/observer/same-size-and-time", test_same_size_and_time);
  currant_test_add ("/adapter/observer/kinds", test_kinds);
  currant_test_add ("/adapter/observer/names", test_names);
  currant_test_add ("/adapter/observer/glob", test_glob);
  currant_test_add ("/adapter/observer/deep-glob", test_deep_glob);
  currant_test_add ("/adapter/observer/all-below", test_all_below);
  currant_test_add ("/adapter/observer/flat", test_flat);
  currant_test_add ("/adapter/observer/bad-targets", test_bad_targets);
  return g_test_run ();
}
