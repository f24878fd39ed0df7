/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an observer is to watch, read from a text. */
#include "config.h"

#include "currant-file-target-private.h"
#include "currant-test.h"

#include <glib/gstdio.h>

typedef struct
{
  const char *text;
  const char *root;
  const char *glob;
  gboolean recursive;
} Case;

static const Case cases[] = {
  { "/a/b", "/a/b", NULL, TRUE },           { "/a/b/", "/a/b", NULL, TRUE },
  { "/a//b/../c/.", "/a/c", NULL, TRUE },   { "/", "/", NULL, TRUE },
  { "/a/*.log", "/a", "*.log", FALSE },     { "/*.log", "/", "*.log", FALSE },
  { "/a/b?", "/a", "b?", FALSE },           { "/a/[xy]", "/a", "[xy]", FALSE },
  { "/a/[xy", "/a/[xy", NULL, TRUE },       { "/a/**", "/a", "*", TRUE },
  { "/a/**/*.log", "/a", "*.log", TRUE },   { "/a/**/fixed", "/a", "fixed", TRUE },
  { "/a/**/**", "/a", "*", TRUE },          { "/**", "/", "*", TRUE },
  { "/a/\\*/b*", "/a/*", "b*", FALSE },     { "/a/x**y", "/a", "x**y", FALSE },
  { "/a/b\377/*", "/a/b\377", "*", FALSE },
};

static void
test_table (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CurrantFileTarget) target = currant_file_target_new (cases[i].text, TRUE, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (target->root, ==, cases[i].root);
      g_assert_cmpstr (target->glob, ==, cases[i].glob);
      g_assert_cmpint (target->recursive, ==, cases[i].recursive);
    }
}

static void
test_home (void)
{
  g_autoptr (CurrantFileTarget) home = currant_file_target_new ("~", TRUE, NULL);
  g_autoptr (CurrantFileTarget) below = currant_file_target_new ("~/x/*.log", TRUE, NULL);
  g_autoptr (CurrantFileTarget) other = currant_file_target_new ("~someone", TRUE, NULL);
  g_autofree char *expected = g_canonicalize_filename (g_get_home_dir (), NULL);
  g_autofree char *expected_below = g_build_filename (expected, "x", NULL);
  g_autofree char *current = g_get_current_dir ();
  g_autofree char *expected_other = g_build_filename (current, "~someone", NULL);

  g_assert_cmpstr (home->root, ==, expected);
  g_assert_cmpstr (below->root, ==, expected_below);
  g_assert_cmpstr (other->root, ==, expected_other);
}

static void
test_mistakes (void)
{
  static const char *const texts[] = { "", "/a/*/b", "/a/**/b/c", "/a/b*/c*", "/**/a/**" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (currant_file_target_new (texts[i], TRUE, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);
    }
}

/* A file that is really called so is meant. */
static void
test_existing (void)
{
  g_autofree char *scratch = g_dir_make_tmp ("currant-target-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (scratch, "a*b", NULL);
  g_autoptr (CurrantFileTarget) target = NULL;

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  target = currant_file_target_new (path, TRUE, NULL);
  g_assert_cmpstr (target->root, ==, path);
  g_assert_null (target->glob);
  g_remove (path);
  g_rmdir (scratch);
}

static void
test_names (void)
{
  g_autoptr (CurrantFileTarget) all = currant_file_target_new ("/a", TRUE, NULL);
  g_autoptr (CurrantFileTarget) flat = currant_file_target_new ("/a", FALSE, NULL);
  g_autoptr (CurrantFileTarget) logs = currant_file_target_new ("/a/*.log", TRUE, NULL);
  g_autoptr (CurrantFileTarget) deep = currant_file_target_new ("/a/**/*.log", FALSE, NULL);

  g_assert_true (currant_file_target_reports_root (all));
  g_assert_false (currant_file_target_reports_root (logs));
  g_assert_true (currant_file_target_reports (all, ".x"));
  g_assert_true (currant_file_target_reports (logs, "x.log"));
  g_assert_false (currant_file_target_reports (logs, "x"));
  g_assert_true (currant_file_target_enters (all, ".git"));
  g_assert_false (currant_file_target_enters (flat, "x"));
  g_assert_false (currant_file_target_enters (logs, "x.log"));
  g_assert_true (currant_file_target_enters (deep, "x"));
  g_assert_false (currant_file_target_enters (deep, ".git"));
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/adapter/target/table", test_table);
  currant_test_add ("/adapter/target/home", test_home);
  currant_test_add ("/adapter/target/mistakes", test_mistakes);
  currant_test_add ("/adapter/target/existing-name-with-a-wildcard", test_existing);
  currant_test_add ("/adapter/target/names", test_names);
  return g_test_run ();
}
