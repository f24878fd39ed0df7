/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file observer: directories that come, go and move, and the way to the root. */
#include "config.h"

#include "adapter-observer.h"

static void
begin (ObserverFixture *fixture)
{
  fixture_set_up (fixture);
  make_directory (fixture, "r");
}

/* Made at once, told of once each, parents first; and watched from then on. */
static void
test_nested_at_once (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  fixture_watch (&fixture, "r");
  make_directory (&fixture, "r/a/b/c/d");
  write_file (&fixture, "r/a/b/c/d/leaf", "");
  fixture_expect (&fixture, 5,
                  "created r/a, created r/a/b, created r/a/b/c, created r/a/b/c/d, "
                  "created r/a/b/c/d/leaf");
  append_to_file (&fixture, "r/a/b/c/d/leaf", "1");
  expect_one (&fixture, "modified r/a/b/c/d/leaf");
  write_file (&fixture, "r/a/b/second", "");
  expect_one (&fixture, "created r/a/b/second");
  fixture_expect_silence (&fixture, "r/a/b");
}

static void
test_remove_tree (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  make_directory (&fixture, "r/a/b");
  write_file (&fixture, "r/a/b/leaf", "");
  fixture_watch (&fixture, "r");
  g_assert_cmpuint (fixture.n_entries, ==, 4);
  erase (&fixture, "r/a");
  fixture_expect (&fixture, 3, "removed r/a/b/leaf, removed r/a/b, removed r/a");
  make_directory (&fixture, "r/a");
  expect_one (&fixture, "created r/a");
  fixture_expect_silence (&fixture, "r/a");
}

/* The content goes along without a word, and is watched under its new names. */
static void
test_rename_tree (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  make_directory (&fixture, "r/a/b");
  make_directory (&fixture, "r/c");
  write_file (&fixture, "r/a/b/leaf", "");
  fixture_watch (&fixture, "r");
  move (&fixture, "r/a", "r/c/x");
  expect_one (&fixture, "renamed r/a r/c/x");
  append_to_file (&fixture, "r/c/x/b/leaf", "1");
  expect_one (&fixture, "modified r/c/x/b/leaf");
  move (&fixture, "r/c/x", "r/y");
  write_file (&fixture, "r/y/b/new", "made before the move was told of");
  fixture_expect (&fixture, 2, "renamed r/c/x r/y, created r/y/b/new");
  make_directory (&fixture, "r/c/x"); /* the old name is free for others */
  expect_one (&fixture, "created r/c/x");
  fixture_expect_silence (&fixture, "r/c/x");
  fixture_expect_silence (&fixture, "r/y/b");
}

static void
test_move_in_and_out (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  make_directory (&fixture, "beside/a/b");
  write_file (&fixture, "beside/a/b/leaf", "");
  fixture_watch (&fixture, "r");
  move (&fixture, "beside/a", "r/a");
  fixture_expect (&fixture, 3, "created r/a, created r/a/b, created r/a/b/leaf");
  append_to_file (&fixture, "r/a/b/leaf", "1");
  expect_one (&fixture, "modified r/a/b/leaf");
  move (&fixture, "r/a", "beside/a");
  fixture_expect (&fixture, 3, "removed r/a/b/leaf, removed r/a/b, removed r/a");
  append_to_file (&fixture, "beside/a/b/leaf", "nobody listens");
  fixture_expect_silence (&fixture, "r");
}

/* Into a directory that was not there a moment ago. */
static void
test_move_into_new (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  write_file (&fixture, "r/a", "");
  fixture_watch (&fixture, "r");
  make_directory (&fixture, "r/new/newer");
  move (&fixture, "r/a", "r/new/newer/b");
  fixture_expect (&fixture, 3, "created r/new, created r/new/newer, renamed r/a r/new/newer/b");
  fixture_expect_silence (&fixture, "r/new/newer");
}

/* Two directories change their places: their contents are told of, and both stay watched. */
static void
test_swap (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  make_directory (&fixture, "r/a");
  make_directory (&fixture, "r/b");
  fixture_watch (&fixture, "r");
  for (guint i = 0; i < 3; i++)
    {
      move (&fixture, "r/a", "r/x");
      move (&fixture, "r/b", "r/a");
      move (&fixture, "r/x", "r/b");
      currant_test_iterate_until (NULL, fixture.said->len == 4);
      g_ptr_array_set_size (fixture.said, 0);
      write_file (&fixture, "r/a/in", "");
      expect_one (&fixture, "created r/a/in");
      erase (&fixture, "r/a/in");
      expect_one (&fixture, "removed r/a/in");
      write_file (&fixture, "r/b/in", "");
      expect_one (&fixture, "created r/b/in");
      erase (&fixture, "r/b/in");
      expect_one (&fixture, "removed r/b/in");
    }
  fixture_expect_silence (&fixture, "r/a");
}

static void
test_replaced_by_another_kind (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  make_directory (&fixture, "r/a");
  write_file (&fixture, "r/a/leaf", "");
  fixture_watch (&fixture, "r");
  erase (&fixture, "r/a");
  write_file (&fixture, "r/a", "a file now");
  fixture_expect (&fixture, 3, "removed r/a/leaf, removed r/a, created r/a");
  erase (&fixture, "r/a");
  make_directory (&fixture, "r/a");
  fixture_expect (&fixture, 2, "removed r/a, created r/a");
  fixture_expect_silence (&fixture, "r/a");
}

/* ---- the root ----------------------------------------------------------------------------------
 */

static void
test_root_comes_later (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  fixture_set_up (&fixture);
  fixture_watch (&fixture, "p/q/r");
  g_assert_cmpuint (fixture.n_entries, ==, 0);
  make_directory (&fixture, "p");
  make_directory (&fixture, "p/q/r/s");
  write_file (&fixture, "p/q/r/s/leaf", "");
  fixture_expect (&fixture, 3, "created p/q/r, created p/q/r/s, created p/q/r/s/leaf");
  fixture_expect_silence (&fixture, "p/q/r/s");
}

static void
test_root_gone_and_back (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  write_file (&fixture, "r/a", "");
  fixture_watch (&fixture, "r");
  for (guint i = 0; i < 3; i++)
    {
      erase (&fixture, "r");
      fixture_expect (&fixture, 2, "removed r/a, removed r");
      make_directory (&fixture, "r");
      write_file (&fixture, "r/a", "");
      fixture_expect (&fixture, 2, "created r, created r/a");
      append_to_file (&fixture, "r/a", "1");
      expect_one (&fixture, "modified r/a");
    }
  g_assert_cmpuint (fixture.n_ready, ==, 1);
  fixture_expect_silence (&fixture, "r");
}

/* Gone and back within a moment, with another content. */
static void
test_root_replaced (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  begin (&fixture);
  write_file (&fixture, "r/a", "");
  fixture_watch (&fixture, "r");
  make_directory (&fixture, "other");
  write_file (&fixture, "other/b", "");
  move (&fixture, "r", "old");
  move (&fixture, "other", "r");
  fixture_expect (&fixture, 4, "removed r/a, removed r, created r, created r/b");
  fixture_expect_silence (&fixture, "r");
}

/* A directory above the root is moved away: the root is gone, whatever becomes of it elsewhere. */
static void
test_parent_moved (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  fixture_set_up (&fixture);
  make_directory (&fixture, "p/q/r");
  write_file (&fixture, "p/q/r/a", "");
  fixture_watch (&fixture, "p/q/r");
  move (&fixture, "p", "elsewhere");
  fixture_expect (&fixture, 2, "removed p/q/r/a, removed p/q/r");
  write_file (&fixture, "elsewhere/q/r/b", "");
  move (&fixture, "elsewhere", "p");
  currant_test_iterate_until (NULL, fixture.said->len == 3);
  g_assert_cmpstr (g_ptr_array_index (fixture.said, 0), ==, "created p/q/r");
  g_ptr_array_set_size (fixture.said, 0);
  fixture_expect_silence (&fixture, "p/q/r");
}

static void
test_file_as_root (void)
{
  g_auto (ObserverFixture) fixture = { 0 };

  fixture_set_up (&fixture);
  fixture_watch (&fixture, "file");
  write_file (&fixture, "other", "");
  write_file (&fixture, "file", "1");
  expect_one (&fixture, "created file");
  append_to_file (&fixture, "file", "2");
  expect_one (&fixture, "modified file");
  write_file (&fixture, "part", "3");
  move (&fixture, "part", "file");
  expect_one (&fixture, "modified file");
  move (&fixture, "file", "other");
  expect_one (&fixture, "removed file");
  make_directory (&fixture, "file/now/a/tree");
  fixture_expect (&fixture, 4,
                  "created file, created file/now, created file/now/a, created file/now/a/tree");
  fixture_expect_silence (&fixture, "file/now");
}

/* Through a link to it, and through another one when the link is changed. */
static void
test_root_is_a_link (void)
{
  g_auto (ObserverFixture) fixture = { 0 };
  g_autofree char *link = NULL;
  g_autofree char *second = NULL;

  fixture_set_up (&fixture);
  make_directory (&fixture, "one");
  make_directory (&fixture, "two");
  write_file (&fixture, "two/b", "");
  link = fixture_path (&fixture, "r");
  second = fixture_path (&fixture, "r2");
  g_assert_cmpint (symlink ("one", link), ==, 0);
  fixture_watch (&fixture, "r");
  write_file (&fixture, "one/a", "");
  expect_one (&fixture, "created r/a");
  g_assert_cmpint (symlink ("two", second), ==, 0);
  g_assert_cmpint (g_rename (second, link), ==, 0);
  fixture_expect (&fixture, 4, "removed r/a, removed r, created r, created r/b");
  fixture_expect_silence (&fixture, "r");
}

/* A file behind a link is written in another directory than the link's. */
static void
test_file_behind_a_link (void)
{
  g_auto (ObserverFixture) fixture = { 0 };
  g_autofree char *link = NULL;

  fixture_set_up (&fixture);
  make_directory (&fixture, "there");
  write_file (&fixture, "there/file", "1");
  link = fixture_path (&fixture, "r");
  g_assert_cmpint (symlink ("there/file", link), ==, 0);
  fixture_watch (&fixture, "r");
  append_to_file (&fixture, "there/file", "2");
  expect_one (&fixture, "modified r");
  erase (&fixture, "there/file");
  expect_one (&fixture, "removed r");
  write_file (&fixture, "there/file", "3");
  expect_one (&fixture, "created r");
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/adapter/observer/nested-at-once", test_nested_at_once);
  currant_test_add ("/adapter/observer/remove-tree", test_remove_tree);
  currant_test_add ("/adapter/observer/rename-tree", test_rename_tree);
  currant_test_add ("/adapter/observer/move-in-and-out", test_move_in_and_out);
  currant_test_add ("/adapter/observer/move-into-new", test_move_into_new);
  currant_test_add ("/adapter/observer/swap", test_swap);
  currant_test_add ("/adapter/observer/replaced-by-another-kind", test_replaced_by_another_kind);
  currant_test_add ("/adapter/observer/root-comes-later", test_root_comes_later);
  currant_test_add ("/adapter/observer/root-gone-and-back", test_root_gone_and_back);
  currant_test_add ("/adapter/observer/root-replaced", test_root_replaced);
  currant_test_add ("/adapter/observer/parent-moved", test_parent_moved);
  currant_test_add ("/adapter/observer/file-as-root", test_file_as_root);
  currant_test_add ("/adapter/observer/root-is-a-link", test_root_is_a_link);
  currant_test_add ("/adapter/observer/file-behind-a-link", test_file_behind_a_link);
  return g_test_run ();
}
