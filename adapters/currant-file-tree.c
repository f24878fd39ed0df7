/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-file-tree-private.h"

#include <string.h>

struct _CurrantFileTree
{
  char *path;                     /* of the root */
  CurrantFileNode *root;          /* NULL while there is none */
  GHashTable *files;              /* stamps of nodes, by device and inode -> the node */
  GDestroyNotify release_monitor; /* for the monitor of a node that goes */
  guint n_reported;
};

static guint
hash_file (gconstpointer key)
{
  const CurrantFileStamp *stamp = key;
  guint64 mixed = (stamp->inode ^ (stamp->device << 32)) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return (guint)(mixed >> 32);
}

static gboolean
equal_file (gconstpointer a, gconstpointer b)
{
  const CurrantFileStamp *one = a;
  const CurrantFileStamp *other = b;

  return one->device == other->device && one->inode == other->inode;
}

CurrantFileTree *
currant_file_tree_new (const char *root, GDestroyNotify release_monitor)
{
  CurrantFileTree *self = g_new0 (CurrantFileTree, 1);

  self->path = g_strdup (root);
  self->files = g_hash_table_new (hash_file, equal_file);
  self->release_monitor = release_monitor;
  return self;
}

void
currant_file_tree_free (CurrantFileTree *self)
{
  if (self->root != NULL)
    currant_file_tree_remove (self, self->root);
  g_hash_table_unref (self->files);
  g_free (self->path);
  g_free (self);
}

CurrantFileNode *
currant_file_tree_get_root (CurrantFileTree *self)
{
  return self->root;
}

guint
currant_file_tree_get_n_reported (CurrantFileTree *self)
{
  return self->n_reported;
}

/* What of a path stands below the root: "" for the root itself, NULL if it is not below. */
static const char *
skip_root (CurrantFileTree *self, const char *path)
{
  gsize length = strlen (self->path);

  if (strncmp (path, self->path, length) != 0)
    return NULL;
  path += length;
  if (*path == '\0')
    return path;
  if (length == 1) /* the root of all, which ends in a slash itself */
    return path;
  return *path == '/' ? path + 1 : NULL;
}

CurrantFileNode *
currant_file_tree_find (CurrantFileTree *self, const char *path)
{
  const char *rest = skip_root (self, path);
  CurrantFileNode *node = rest != NULL ? self->root : NULL;
  g_auto (GStrv) names = NULL;

  if (node == NULL || *rest == '\0')
    return node;
  names = g_strsplit (rest, "/", -1);
  for (guint i = 0; names[i] != NULL && node != NULL; i++)
    node = node->children != NULL ? g_hash_table_lookup (node->children, names[i]) : NULL;
  return node;
}

/* The node that is this very file. Of several names of one file it knows the last. */
CurrantFileNode *
currant_file_tree_find_file (CurrantFileTree *self, const CurrantFileStamp *stamp)
{
  CurrantFileNode *node = g_hash_table_lookup (self->files, stamp);

  if (node == NULL || !currant_file_stamp_is_same_file (&node->stamp, stamp))
    return NULL;
  return node;
}

static void
index_node (CurrantFileTree *self, CurrantFileNode *node)
{
  g_hash_table_replace (self->files, &node->stamp, node);
}

/* The entry may be that of another name of the file. */
static void
unindex_node (CurrantFileTree *self, CurrantFileNode *node)
{
  if (g_hash_table_lookup (self->files, &node->stamp) == node)
    g_hash_table_remove (self->files, &node->stamp);
}

/* `parent` is NULL for the root, and `name` its path then. */
CurrantFileNode *
currant_file_tree_add (CurrantFileTree *self, CurrantFileNode *parent, const char *name,
                       const CurrantFileStamp *stamp, gboolean reported, gboolean entered)
{
  CurrantFileNode *node = g_new0 (CurrantFileNode, 1);

  node->name = g_strdup (name);
  node->parent = parent;
  node->stamp = *stamp;
  node->reported = reported;
  if (entered)
    node->children = g_hash_table_new (g_str_hash, g_str_equal);
  if (parent != NULL)
    g_hash_table_insert (parent->children, node->name, node);
  else
    self->root = node;
  self->n_reported += reported ? 1 : 0;
  index_node (self, node);
  return node;
}

static void
free_node (CurrantFileNode *node, gpointer data)
{
  CurrantFileTree *self = data;

  unindex_node (self, node);
  self->n_reported -= node->reported ? 1 : 0;
  if (node->monitor != NULL)
    self->release_monitor (node->monitor);
  g_clear_pointer (&node->children, g_hash_table_unref);
  g_free (node->name);
  g_free (node);
}

/* With all below it. */
void
currant_file_tree_remove (CurrantFileTree *self, CurrantFileNode *node)
{
  if (node->parent != NULL)
    g_hash_table_remove (node->parent->children, node->name);
  else
    self->root = NULL;
  currant_file_node_walk (node, TRUE, free_node, self);
}

/* With all below it. The new place has to be free. */
void
currant_file_tree_move (CurrantFileTree *self, CurrantFileNode *node, CurrantFileNode *parent,
                        const char *name, gboolean reported)
{
  char *new_name = g_strdup (name);

  g_hash_table_remove (node->parent->children, node->name);
  g_free (node->name);
  node->name = new_name;
  node->parent = parent;
  g_hash_table_insert (parent->children, node->name, node);
  self->n_reported += (reported ? 1 : 0) - (node->reported ? 1 : 0);
  node->reported = reported;
}

void
currant_file_tree_restamp (CurrantFileTree *self, CurrantFileNode *node,
                           const CurrantFileStamp *stamp)
{
  unindex_node (self, node);
  node->stamp = *stamp;
  index_node (self, node);
}

gboolean
currant_file_node_is_directory (CurrantFileNode *self)
{
  return currant_file_stamp_is_directory (&self->stamp);
}

static void
append_path (CurrantFileNode *self, GString *path)
{
  if (self->parent != NULL)
    append_path (self->parent, path);
  if (path->len > 0 && path->str[path->len - 1] != '/')
    g_string_append_c (path, '/');
  g_string_append (path, self->name);
}

char *
currant_file_node_dup_path (CurrantFileNode *self)
{
  g_autoptr (GString) path = g_string_new (NULL);

  append_path (self, path);
  return g_string_free (g_steal_pointer (&path), FALSE);
}

char *
currant_file_node_dup_child_path (CurrantFileNode *self, const char *name)
{
  g_autoptr (GString) path = g_string_new (NULL);

  append_path (self, path);
  if (path->str[path->len - 1] != '/')
    g_string_append_c (path, '/');
  g_string_append (path, name);
  return g_string_free (g_steal_pointer (&path), FALSE);
}

void
currant_file_node_walk (CurrantFileNode *self, gboolean after, CurrantFileNodeFunc func,
                        gpointer user_data)
{
  if (!after)
    func (self, user_data);
  if (self->children != NULL)
    {
      GHashTableIter iter;
      gpointer child;

      g_hash_table_iter_init (&iter, self->children);
      while (g_hash_table_iter_next (&iter, NULL, &child))
        currant_file_node_walk (child, after, func, user_data);
    }
  if (after)
    func (self, user_data);
}
