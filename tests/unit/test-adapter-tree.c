/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The snapshot of a directory: finding, moving, removing. */
#include "config.h"

#include "currant-file-tree-private.h"
#include "currant-test.h"

#include <sys/stat.h>

static CurrantFileStamp
make_stamp (guint64 inode, guint32 mode)
{
  CurrantFileStamp stamp = { .device = 1, .inode = inode, .birth = (gint64)inode, .mode = mode };

  return stamp;
}

static CurrantFileNode *
add (CurrantFileTree *tree, CurrantFileNode *parent, const char *name, guint64 inode,
     gboolean directory)
{
  CurrantFileStamp stamp = make_stamp (inode, directory ? S_IFDIR : S_IFREG);

  return currant_file_tree_add (tree, parent, name, &stamp, TRUE, directory);
}

/* root: a/ (file b, c/ (file d)), file e */
static CurrantFileTree *
make_tree (const char *root)
{
  CurrantFileTree *tree = currant_file_tree_new (root, g_object_unref);
  CurrantFileNode *top = add (tree, NULL, root, 1, TRUE);
  CurrantFileNode *a = add (tree, top, "a", 2, TRUE);
  CurrantFileNode *c;

  add (tree, a, "b", 3, FALSE);
  c = add (tree, a, "c", 4, TRUE);
  add (tree, c, "d", 5, FALSE);
  add (tree, top, "e", 6, FALSE);
  return tree;
}

static void
assert_path (CurrantFileTree *tree, const char *path, guint64 inode)
{
  CurrantFileNode *node = currant_file_tree_find (tree, path);
  g_autofree char *found = NULL;

  g_assert_nonnull (node);
  g_assert_cmpuint (node->stamp.inode, ==, inode);
  found = currant_file_node_dup_path (node);
  g_assert_cmpstr (found, ==, path);
}

static void
test_find (void)
{
  g_autoptr (CurrantFileTree) tree = make_tree ("/r/s");

  assert_path (tree, "/r/s", 1);
  assert_path (tree, "/r/s/a", 2);
  assert_path (tree, "/r/s/a/c/d", 5);
  g_assert_null (currant_file_tree_find (tree, "/r"));
  g_assert_null (currant_file_tree_find (tree, "/r/sa"));
  g_assert_null (currant_file_tree_find (tree, "/r/s/a/x"));
  g_assert_null (currant_file_tree_find (tree, "/r/s/e/x"));
  g_assert_cmpuint (currant_file_tree_get_n_reported (tree), ==, 6);
}

/* The root of all ends in a slash itself. */
static void
test_root_of_all (void)
{
  g_autoptr (CurrantFileTree) tree = make_tree ("/");
  CurrantFileNode *root = currant_file_tree_get_root (tree);
  g_autofree char *child = currant_file_node_dup_child_path (root, "x");

  assert_path (tree, "/", 1);
  assert_path (tree, "/a/c/d", 5);
  g_assert_cmpstr (child, ==, "/x");
}

static void
test_find_file (void)
{
  g_autoptr (CurrantFileTree) tree = make_tree ("/r");
  CurrantFileStamp stamp = make_stamp (5, S_IFREG);

  g_assert_true (currant_file_tree_find_file (tree, &stamp)
                 == currant_file_tree_find (tree, "/r/a/c/d"));
  stamp.birth++; /* the number of the inode was used again */
  g_assert_null (currant_file_tree_find_file (tree, &stamp));
}

/* The index knows one of several links, and forgets only that one. */
static void
test_links (void)
{
  g_autoptr (CurrantFileTree) tree = make_tree ("/r");
  CurrantFileStamp stamp = make_stamp (6, S_IFREG);
  CurrantFileNode *second = add (tree, currant_file_tree_get_root (tree), "f", 6, FALSE);

  g_assert_true (currant_file_tree_find_file (tree, &stamp) == second);
  currant_file_tree_remove (tree, currant_file_tree_find (tree, "/r/e"));
  g_assert_true (currant_file_tree_find_file (tree, &stamp) == second);
  currant_file_tree_remove (tree, second);
  g_assert_null (currant_file_tree_find_file (tree, &stamp));
}

static void
test_move (void)
{
  g_autoptr (CurrantFileTree) tree = make_tree ("/r");
  CurrantFileNode *c = currant_file_tree_find (tree, "/r/a/c");

  currant_file_tree_move (tree, c, currant_file_tree_get_root (tree), "x", FALSE);
  assert_path (tree, "/r/x/d", 5);
  g_assert_null (currant_file_tree_find (tree, "/r/a/c"));
  g_assert_cmpuint (currant_file_tree_get_n_reported (tree), ==, 5);
}

static void
count_release (gpointer monitor)
{
  (*(guint *)monitor)++;
}

static void
test_remove (void)
{
  guint released = 0;
  g_autoptr (CurrantFileTree) tree = currant_file_tree_new ("/r", count_release);
  CurrantFileNode *root = add (tree, NULL, "/r", 1, TRUE);
  CurrantFileNode *a = add (tree, root, "a", 2, TRUE);

  add (tree, a, "b", 3, TRUE)->monitor = (GFileMonitor *)&released;
  a->monitor = (GFileMonitor *)&released;
  currant_file_tree_remove (tree, a);
  g_assert_cmpuint (released, ==, 2);
  g_assert_null (currant_file_tree_find (tree, "/r/a"));
  g_assert_cmpuint (currant_file_tree_get_n_reported (tree), ==, 1);
  currant_file_tree_remove (tree, root);
  g_assert_null (currant_file_tree_get_root (tree));
  g_assert_cmpuint (currant_file_tree_get_n_reported (tree), ==, 0);
}

static void
test_restamp (void)
{
  g_autoptr (CurrantFileTree) tree = make_tree ("/r");
  CurrantFileNode *e = currant_file_tree_find (tree, "/r/e");
  CurrantFileStamp old = make_stamp (6, S_IFREG);
  CurrantFileStamp new = make_stamp (7, S_IFREG);

  currant_file_tree_restamp (tree, e, &new);
  g_assert_null (currant_file_tree_find_file (tree, &old));
  g_assert_true (currant_file_tree_find_file (tree, &new) == e);
}

static void
append_name (CurrantFileNode *node, gpointer text)
{
  g_string_append_printf (text, "%s ", node->name);
}

static void
test_walk (void)
{
  g_autoptr (CurrantFileTree) tree = make_tree ("/r");
  CurrantFileNode *c = currant_file_tree_find (tree, "/r/a/c");
  g_autoptr (GString) text = g_string_new (NULL);

  currant_file_node_walk (c, FALSE, append_name, text);
  currant_file_node_walk (c, TRUE, append_name, text);
  g_assert_cmpstr (text->str, ==, "c d d c ");
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/adapter/tree/find", test_find);
  currant_test_add ("/adapter/tree/root-of-all", test_root_of_all);
  currant_test_add ("/adapter/tree/find-file", test_find_file);
  currant_test_add ("/adapter/tree/links", test_links);
  currant_test_add ("/adapter/tree/move", test_move);
  currant_test_add ("/adapter/tree/remove", test_remove);
  currant_test_add ("/adapter/tree/restamp", test_restamp);
  currant_test_add ("/adapter/tree/walk", test_walk);
  return g_test_run ();
}
