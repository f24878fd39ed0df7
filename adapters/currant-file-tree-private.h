/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The snapshot: what an observer knows to be there, a node for each entry that it reports or looks
 * into. Names are bytes. Nodes can be found by path and by the file that they are, so that a file
 * that turns up under a new name is recognised.
 *
 * No input and no output. Not thread-safe; it belongs to one watcher. Finding a path costs a
 * look-up for each of its components below the root; moving a directory costs the same however much
 * is in it.
 */
#pragma once

#include <gio/gio.h>

#include "currant-file-stamp-private.h"

G_BEGIN_DECLS

typedef struct _CurrantFileNode CurrantFileNode;
typedef struct _CurrantFileTree CurrantFileTree;

struct _CurrantFileNode
{
  char *name; /* of the root: its path */
  CurrantFileNode *parent;
  GHashTable *children;  /* name -> node, owned; NULL for what is not looked into */
  GFileMonitor *monitor; /* owned; NULL for what is not watched */
  CurrantFileStamp stamp;
  gint64 told;       /* when a message was last made of it, monotonic, in microseconds */
  guint seen;        /* the last listing of its directory that it was in */
  gboolean reported; /* messages are made of it */
  gboolean troubled; /* an error was reported of it */
};

CurrantFileTree *currant_file_tree_new (const char *root, GDestroyNotify release_monitor);
void currant_file_tree_free (CurrantFileTree *self);

CurrantFileNode *currant_file_tree_get_root (CurrantFileTree *self);
CurrantFileNode *currant_file_tree_find (CurrantFileTree *self, const char *path);
CurrantFileNode *currant_file_tree_find_file (CurrantFileTree *self, const CurrantFileStamp *stamp);
guint currant_file_tree_get_n_reported (CurrantFileTree *self);

CurrantFileNode *currant_file_tree_add (CurrantFileTree *self, CurrantFileNode *parent,
                                        const char *name, const CurrantFileStamp *stamp,
                                        gboolean reported, gboolean entered);
void currant_file_tree_remove (CurrantFileTree *self, CurrantFileNode *node);
void currant_file_tree_move (CurrantFileTree *self, CurrantFileNode *node, CurrantFileNode *parent,
                             const char *name, gboolean reported);
void currant_file_tree_restamp (CurrantFileTree *self, CurrantFileNode *node,
                                const CurrantFileStamp *stamp);

gboolean currant_file_node_is_directory (CurrantFileNode *self);
char *currant_file_node_dup_path (CurrantFileNode *self);
char *currant_file_node_dup_child_path (CurrantFileNode *self, const char *name);

/* Children before their parent if `after`, else after it; the node itself included. */
typedef void (*CurrantFileNodeFunc) (CurrantFileNode *node, gpointer user_data);
void currant_file_node_walk (CurrantFileNode *self, gboolean after, CurrantFileNodeFunc func,
                             gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrantFileTree, currant_file_tree_free)

G_END_DECLS
