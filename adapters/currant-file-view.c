/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-file-view-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct _CurrantFileView
{
  CurrantFileTarget *target;
  CurrantFileTree *tree;
  CurrantFileArmer armer;
  GQueue scans;   /* of Scan, owned */
  GQueue missing; /* of CurrantFileHint, owned: known, and not found */
  GQueue changes; /* of CurrantFileChange, owned */
  guint listing;  /* the number of the last listing */
  gboolean ready; /* the first scan is done: what is found from now on is news */

  /* What went wrong since the last report, of the kind that comes in floods. */
  GError *limit;
  char *limit_path;
  guint n_unwatched;
  gboolean any_unwatched; /* there may be directories without a monitor */
};

typedef struct
{
  char *path;
  gboolean deep; /* also the directories below it that are watched already */
} Scan;

static void
scan_free (gpointer data)
{
  Scan *scan = data;

  g_free (scan->path);
  g_free (scan);
}

static void
push_scan (CurrantFileView *self, char *path, gboolean deep)
{
  Scan *scan = g_new (Scan, 1);

  scan->path = path;
  scan->deep = deep;
  g_queue_push_tail (&self->scans, scan);
}

CurrantFileView *
currant_file_view_new (CurrantFileTarget *target, CurrantFileMonitorFunc func, gpointer user_data)
{
  CurrantFileView *self = g_new0 (CurrantFileView, 1);

  self->target = target;
  self->tree = currant_file_tree_new (target->root, currant_file_monitor_release);
  currant_file_armer_init (&self->armer, func, user_data);
  g_queue_init (&self->scans);
  g_queue_init (&self->missing);
  g_queue_init (&self->changes);
  return self;
}

void
currant_file_view_free (CurrantFileView *self)
{
  currant_file_tree_free (self->tree);
  currant_file_armer_clear (&self->armer);
  g_queue_clear_full (&self->scans, scan_free);
  g_queue_clear_full (&self->missing, (GDestroyNotify)currant_file_hint_free);
  g_queue_clear_full (&self->changes, (GDestroyNotify)currant_file_change_free);
  g_clear_error (&self->limit);
  g_free (self->limit_path);
  currant_file_target_free (self->target);
  g_free (self);
}

const char *
currant_file_view_get_root (CurrantFileView *self)
{
  return self->target->root;
}

CurrantFileNode *
currant_file_view_find (CurrantFileView *self, const char *path)
{
  return currant_file_tree_find (self->tree, path);
}

static gboolean
is_root (CurrantFileView *self, const char *path)
{
  return strcmp (path, self->target->root) == 0;
}

static gboolean
is_wanted (CurrantFileView *self, const char *name)
{
  return currant_file_target_reports (self->target, name)
         || currant_file_target_enters (self->target, name);
}

/* The directory that a path is in, if it is one that is looked into. */
static CurrantFileNode *
find_parent (CurrantFileView *self, const char *path)
{
  g_autofree char *parent_path = g_path_get_dirname (path);
  CurrantFileNode *parent = currant_file_view_find (self, parent_path);

  return parent != NULL && parent->children != NULL ? parent : NULL;
}

static const char *
get_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

/* Whether it may make a difference to the snapshot that something happens to this path. */
gboolean
currant_file_view_concerns (CurrantFileView *self, const char *path)
{
  if (is_root (self, path))
    return TRUE;
  return is_wanted (self, get_name (path)) && find_parent (self, path) != NULL;
}

/* ---- changes -----------------------------------------------------------------------------------
 */

/* Takes the path. Before the view is ready nothing is news. */
static CurrantFileChange *
push_change (CurrantFileView *self, CurrantFileEvent event, char *path, gboolean directory)
{
  CurrantFileChange *change = currant_file_change_new (event, path, directory);

  g_queue_push_tail (&self->changes, change);
  return change;
}

static void
tell (CurrantFileView *self, CurrantFileEvent event, CurrantFileNode *node)
{
  if (node->reported && self->ready)
    push_change (self, event, currant_file_node_dup_path (node),
                 currant_file_node_is_directory (node));
}

CurrantFileChange *
currant_file_view_pop_change (CurrantFileView *self)
{
  return g_queue_pop_head (&self->changes);
}

/* What is known and was not found: takes the hint, for when all that has turned up was looked at.
 */
void
currant_file_view_push_missing (CurrantFileView *self, CurrantFileHint *hint)
{
  g_queue_push_tail (&self->missing, hint);
}

CurrantFileHint *
currant_file_view_pop_missing (CurrantFileView *self)
{
  return g_queue_pop_head (&self->missing);
}

/* Takes the path and the error. */
static void
push_error (CurrantFileView *self, char *path, GError *error, guint n_unwatched)
{
  CurrantFileChange *change = push_change (self, CURRANT_FILE_ERROR, path, TRUE);

  change->error = error;
  change->count = n_unwatched;
}

/* Of the way to the root. Takes the error. */
void
currant_file_view_report (CurrantFileView *self, GError *error)
{
  push_error (self, g_strdup (self->target->root), error, 1);
}

static gboolean
is_limit (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
}

/*
 * Each directory is complained of once, and the limits, which hit thousands together, in one
 * message for all. What vanished between two calls is no trouble: its parent's monitor tells of it.
 */
static void
complain (CurrantFileView *self, CurrantFileNode *node, const char *path, GError *error)
{
  gboolean vanished = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
                      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);

  self->any_unwatched = self->any_unwatched || !vanished;
  if (node->troubled || vanished)
    {
      g_error_free (error);
      return;
    }
  node->troubled = TRUE;
  if (!is_limit (error))
    {
      push_error (self, g_strdup (path), error, 1);
      return;
    }
  self->n_unwatched++;
  if (self->limit == NULL)
    {
      self->limit = error;
      self->limit_path = g_strdup (path);
    }
  else
    g_error_free (error);
}

static void
report_limit (CurrantFileView *self)
{
  if (self->limit == NULL)
    return;
  push_error (self, g_steal_pointer (&self->limit_path), g_steal_pointer (&self->limit),
              self->n_unwatched);
  self->n_unwatched = 0;
}

/* From now on what is found is news; the first that is told is this. */
void
currant_file_view_set_ready (CurrantFileView *self)
{
  CurrantFileNode *root = currant_file_tree_get_root (self->tree);
  CurrantFileChange *change = push_change (self, CURRANT_FILE_READY, g_strdup (self->target->root),
                                           root != NULL && currant_file_node_is_directory (root));

  change->count = currant_file_tree_get_n_reported (self->tree);
  self->ready = TRUE;
}

/* ---- one entry ---------------------------------------------------------------------------------
 */

static void
tell_removed (CurrantFileNode *node, gpointer view)
{
  tell (view, CURRANT_FILE_REMOVED, node);
}

static void
remove_node (CurrantFileView *self, CurrantFileNode *node)
{
  currant_file_node_walk (node, TRUE, tell_removed, self);
  currant_file_tree_remove (self->tree, node);
}

static void
unwatch_node (CurrantFileNode *node, gpointer view)
{
  g_clear_pointer (&node->monitor, currant_file_monitor_release);
}

/* A monitor that reports nothing any more: it is made anew when the directory is looked at. */
void
currant_file_view_unwatch (CurrantFileView *self, CurrantFileNode *node)
{
  unwatch_node (node, self);
}

typedef struct
{
  CurrantFileView *view;
  CurrantFileNode *top;
  const char *old_path; /* of the top */
  gsize length;         /* of the new path of the top */
} Move;

static void
tell_renamed (CurrantFileView *self, CurrantFileNode *node, char *old_path)
{
  CurrantFileChange *change;

  if (!self->ready)
    {
      g_free (old_path);
      return;
    }
  change = push_change (self, CURRANT_FILE_RENAMED, currant_file_node_dup_path (node),
                        currant_file_node_is_directory (node));
  change->old_path = old_path;
}

static void
tell_moved_along (CurrantFileNode *node, gpointer data)
{
  Move *move = data;
  g_autofree char *path = NULL;

  if (node == move->top || !node->reported)
    return;
  path = currant_file_node_dup_path (node);
  tell_renamed (move->view, node, g_strconcat (move->old_path, path + move->length, NULL));
}

/*
 * A directory that messages are made of takes its content along silently. Where a glob leaves the
 * directory out, or out on one side, each entry below it is told of by itself.
 */
static void
tell_move (CurrantFileView *self, CurrantFileNode *node, const char *old_path,
           gboolean was_reported)
{
  g_autofree char *path = currant_file_node_dup_path (node);
  Move move = { .view = self, .top = node, .old_path = old_path, .length = strlen (path) };

  if (was_reported && node->reported)
    {
      tell_renamed (self, node, g_strdup (old_path));
      return;
    }
  if (was_reported && self->ready)
    push_change (self, CURRANT_FILE_REMOVED, g_strdup (old_path),
                 currant_file_node_is_directory (node));
  tell (self, CURRANT_FILE_CREATED, node);
  currant_file_node_walk (node, FALSE, tell_moved_along, &move);
}

/* A rename changes the time of the last change, and is no change of attributes. */
static void
update_moved (CurrantFileView *self, CurrantFileNode *node, const CurrantFileStamp *stamp)
{
  CurrantFileDifference difference;

  node->stamp.ctime = stamp->ctime;
  difference = currant_file_stamp_compare (&node->stamp, stamp, CURRANT_FILE_SAID_NOTHING);
  currant_file_tree_restamp (self->tree, node, stamp);
  if (difference == CURRANT_FILE_MODIFIED)
    tell (self, CURRANT_FILE_WRITTEN, node);
  else if (difference == CURRANT_FILE_ATTRIBUTES)
    tell (self, CURRANT_FILE_TOUCHED, node);
}

/*
 * The node of this very file, if it is not under its old name any more. Where it still is, this is
 * a second link to it. `vacant` is whether there is nothing else under the old name.
 */
static CurrantFileNode *
find_displaced (CurrantFileView *self, const CurrantFileStamp *stamp, gboolean *vacant)
{
  CurrantFileNode *node = currant_file_tree_find_file (self->tree, stamp);
  g_autofree char *old_path = NULL;
  CurrantFileStamp old_stamp;

  if (node == NULL || node->parent == NULL)
    return NULL;
  old_path = currant_file_node_dup_path (node);
  *vacant = !currant_file_stamp_read (&old_stamp, AT_FDCWD, old_path, FALSE);
  if (!*vacant && currant_file_stamp_is_same_file (stamp, &old_stamp))
    return NULL;
  return node;
}

/*
 * The known file that has turned up under a new name, and is to be moved there. If the old name got
 * another file, the two names are told of by themselves; but a directory is not watched under a
 * name that it has lost, since GIO would end the kernel's watch of it together with that.
 */
static CurrantFileNode *
find_moved (CurrantFileView *self, const CurrantFileStamp *stamp, gboolean entered)
{
  gboolean vacant = FALSE;
  CurrantFileNode *node = find_displaced (self, stamp, &vacant);

  if (node == NULL)
    return NULL;
  if (vacant && self->ready && (node->children != NULL) == entered)
    return node;
  unwatch_node (node, self);
  return NULL;
}

static void
move_node (CurrantFileView *self, CurrantFileNode *node, CurrantFileNode *parent, const char *name,
           const CurrantFileStamp *stamp)
{
  g_autofree char *old_path = currant_file_node_dup_path (node);
  gboolean was_reported = node->reported;

  /* GIO watches paths: the old ones go first, or they would take the kernel's watch along. */
  currant_file_node_walk (node, FALSE, unwatch_node, self);
  currant_file_tree_move (self->tree, node, parent, name,
                          currant_file_target_reports (self->target, name));
  tell_move (self, node, old_path, was_reported);
  update_moved (self, node, stamp);
  if (node->children != NULL)
    push_scan (self, currant_file_node_dup_path (node), FALSE);
}

static CurrantFileNode *
add_node (CurrantFileView *self, CurrantFileNode *parent, const char *name,
          const CurrantFileStamp *stamp, gint64 now)
{
  gboolean reported = parent != NULL ? currant_file_target_reports (self->target, name)
                                     : currant_file_target_reports_root (self->target);
  gboolean entered = currant_file_stamp_is_directory (stamp)
                     && (parent == NULL || currant_file_target_enters (self->target, name));
  CurrantFileNode *node = NULL;

  if (!reported && !entered)
    return NULL;
  if (parent != NULL)
    node = find_moved (self, stamp, entered);
  if (node != NULL)
    {
      move_node (self, node, parent, name, stamp);
      return node;
    }
  node = currant_file_tree_add (self->tree, parent, name, stamp, reported, entered);
  node->told = now;
  tell (self, CURRANT_FILE_CREATED, node);
  if (entered)
    push_scan (self, currant_file_node_dup_path (node), FALSE);
  return node;
}

static void
update_node (CurrantFileView *self, CurrantFileNode *node, const CurrantFileStamp *stamp,
             CurrantFileDifference difference, gint64 now)
{
  if (difference != CURRANT_FILE_SAME)
    {
      tell (self, difference == CURRANT_FILE_MODIFIED ? CURRANT_FILE_WRITTEN : CURRANT_FILE_TOUCHED,
            node);
      node->told = now;
    }
  currant_file_tree_restamp (self->tree, node, stamp);
  if (node->children != NULL && node->monitor == NULL)
    push_scan (self, currant_file_node_dup_path (node), FALSE);
}

/* An entry that is there, with what it is now. Returns its node, if it has one. */
static CurrantFileNode *
check_entry (CurrantFileView *self, CurrantFileNode *parent, CurrantFileNode *node,
             const char *name, const CurrantFileStamp *stamp, CurrantFileSaid said, gint64 now)
{
  CurrantFileDifference difference;

  if (node == NULL)
    return add_node (self, parent, name, stamp, now);
  difference = currant_file_stamp_compare (&node->stamp, stamp, said);
  if (difference == CURRANT_FILE_REPLACED)
    {
      remove_node (self, node);
      return add_node (self, parent, name, stamp, now);
    }
  update_node (self, node, stamp, difference, now);
  return node;
}

/*
 * Looks at one path. FALSE if it is known and not there any more: whether it has gone, or has
 * another name by now, is seen only when all that has turned up was looked at.
 */
gboolean
currant_file_view_look (CurrantFileView *self, CurrantFileHint *hint, gint64 now)
{
  gboolean root = is_root (self, hint->path);
  CurrantFileNode *parent = root ? NULL : find_parent (self, hint->path);
  CurrantFileNode *node = currant_file_view_find (self, hint->path);
  const char *name = root ? hint->path : get_name (hint->path);
  CurrantFileStamp stamp;

  if (parent == NULL && !root)
    return TRUE;
  if (!currant_file_stamp_read (&stamp, AT_FDCWD, hint->path, root))
    return node == NULL;
  if (root && self->target->glob != NULL && !currant_file_stamp_is_directory (&stamp))
    return node == NULL;
  check_entry (self, parent, node, name, &stamp, hint->said, now);
  return TRUE;
}

/* Takes out what is not there any more, with all below it. */
void
currant_file_view_drop (CurrantFileView *self, const char *path)
{
  CurrantFileNode *node = currant_file_view_find (self, path);

  if (node != NULL)
    remove_node (self, node);
}

/* ---- listing directories -----------------------------------------------------------------------
 */

static DIR *
open_directory (CurrantFileView *self, CurrantFileNode *node, const char *path)
{
  int follow = node->parent == NULL ? 0 : O_NOFOLLOW;
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | follow);
  int code = errno;
  DIR *listing = fd >= 0 ? fdopendir (fd) : NULL;
  g_autofree char *name = NULL;

  if (listing != NULL)
    return listing;
  if (fd >= 0)
    close (fd);
  name = g_filename_display_name (path);
  complain (self, node, path,
            g_error_new (G_IO_ERROR, (int)g_io_error_from_errno (code), "“%s” cannot be listed: %s",
                         name, g_strerror (code)));
  return NULL;
}

static void
check_listed (CurrantFileView *self, CurrantFileNode *directory, int fd, const char *name,
              gint64 now)
{
  CurrantFileNode *node = g_hash_table_lookup (directory->children, name);
  CurrantFileStamp stamp;

  if (!is_wanted (self, name) || !currant_file_stamp_read (&stamp, fd, name, FALSE))
    return;
  node = check_entry (self, directory, node, name, &stamp, CURRANT_FILE_SAID_TOUCHED, now);
  if (node != NULL)
    node->seen = self->listing;
}

static void
add_missing (CurrantFileView *self, char *path, gint64 now)
{
  CurrantFileHint *hint = g_new0 (CurrantFileHint, 1);

  hint->path = path;
  hint->first = now;
  currant_file_view_push_missing (self, hint);
}

static void
check_children (CurrantFileView *self, CurrantFileNode *directory, gboolean deep, gint64 now)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, directory->children);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      CurrantFileNode *node = value;
      if (node->seen != self->listing)
        add_missing (self, currant_file_node_dup_path (node), now);
      else if (deep && node->children != NULL)
        push_scan (self, currant_file_node_dup_path (node), TRUE);
    }
}

/* It is the directory that was meant, and not another that has taken its place since. */
static gboolean
is_still (CurrantFileNode *node, int fd)
{
  CurrantFileStamp stamp;

  return currant_file_stamp_read (&stamp, fd, ".", FALSE)
         && currant_file_stamp_compare (&node->stamp, &stamp, CURRANT_FILE_SAID_NOTHING)
                != CURRANT_FILE_REPLACED;
}

static void
list_directory (CurrantFileView *self, CurrantFileNode *node, const char *path, gboolean deep,
                gint64 now)
{
  DIR *listing = open_directory (self, node, path);
  struct dirent *entry;

  if (listing == NULL)
    return;
  if (is_still (node, dirfd (listing)))
    {
      self->listing++;
      while ((entry = readdir (listing)) != NULL)
        if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
          check_listed (self, node, dirfd (listing), entry->d_name, now);
      check_children (self, node, deep, now);
    }
  closedir (listing);
}

/* Before it is listed: what comes while it is being listed is heard of then, at the worst twice. */
static void
watch_directory (CurrantFileView *self, CurrantFileNode *node, const char *path)
{
  GError *error = NULL;

  if (node->monitor != NULL)
    return;
  node->monitor = currant_file_armer_watch (&self->armer, path, &error);
  if (node->monitor != NULL)
    node->troubled = FALSE;
  else
    complain (self, node, path, error);
}

/* Lists the next directory that waits for it. FALSE if there is none. */
gboolean
currant_file_view_scan (CurrantFileView *self, gint64 now)
{
  Scan *scan = g_queue_pop_head (&self->scans);
  CurrantFileNode *node;

  if (scan == NULL)
    {
      report_limit (self);
      return FALSE;
    }
  node = currant_file_view_find (self, scan->path);
  if (node != NULL && node->children != NULL)
    {
      watch_directory (self, node, scan->path);
      list_directory (self, node, scan->path, scan->deep, now);
    }
  scan_free (scan);
  return TRUE;
}

/* Everything is to be looked at. `reason` is static. */
void
currant_file_view_rescan (CurrantFileView *self, const char *reason)
{
  CurrantFileNode *root = currant_file_tree_get_root (self->tree);
  CurrantFileChange *change = push_change (self, CURRANT_FILE_RESCAN, g_strdup (self->target->root),
                                           root != NULL && currant_file_node_is_directory (root));

  change->reason = reason;
  if (root != NULL && root->children != NULL)
    push_scan (self, g_strdup (self->target->root), TRUE);
}

static void
scan_unwatched (CurrantFileNode *node, gpointer view)
{
  if (node->children != NULL && node->monitor == NULL)
    push_scan (view, currant_file_node_dup_path (node), FALSE);
}

gboolean
currant_file_view_has_unwatched (CurrantFileView *self)
{
  return self->any_unwatched;
}

/* Lists the directories that have no monitor, and tries to watch them. */
void
currant_file_view_retry (CurrantFileView *self)
{
  CurrantFileNode *root = currant_file_tree_get_root (self->tree);

  if (root != NULL && self->any_unwatched)
    currant_file_node_walk (root, FALSE, scan_unwatched, self);
  self->any_unwatched = !g_queue_is_empty (&self->scans);
}
