/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-file-chain-private.h"

#include "currant-file-monitor-private.h"
#include "currant-file-stamp-private.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* After so many symbolic links in a row a path leads nowhere, as for the kernel. */
#define MAX_LINKS 40

struct _CurrantFileChain
{
  char *root;
  char *real; /* where the root leads to through symbolic links; NULL before the first refresh */
  GPtrArray *links;
  CurrantFileArmer armer;
  CurrantFileChainFunc func;
  gpointer user_data;
  gboolean broken;   /* there is a directory that ought to be watched and is not */
  gboolean reported; /* the error was, since the chain was whole last */
  GError *error;     /* why it is broken, until it is taken */
};

/* One directory on the way. */
typedef struct
{
  char *path;
  char *next;            /* the path of the component below it that the way goes on to */
  GFileMonitor *monitor; /* NULL while there is no such directory, or it cannot be watched */
  CurrantFileStamp stamp;
  gboolean there;
} Link;

static void
link_disarm (Link *link)
{
  g_clear_pointer (&link->monitor, currant_file_monitor_release);
  link->there = FALSE;
}

static void
link_free (gpointer data)
{
  Link *link = data;

  link_disarm (link);
  g_free (link->path);
  g_free (link->next);
  g_free (link);
}

/* The directories above a path, from the top. */
static void
add_links (GPtrArray *links, const char *path)
{
  const char *slash = path;

  while (slash != NULL && slash[1] != '\0')
    {
      const char *end = strchr (slash + 1, '/');
      Link *link = g_new0 (Link, 1);

      link->path = slash == path ? g_strdup ("/") : g_strndup (path, (gsize)(slash - path));
      link->next = end != NULL ? g_strndup (path, (gsize)(end - path)) : g_strdup (path);
      g_ptr_array_add (links, link);
      slash = end;
    }
}

static gboolean
is_there (Link *link, CurrantFileStamp *stamp)
{
  return currant_file_stamp_read (stamp, AT_FDCWD, link->path, TRUE)
         && currant_file_stamp_is_directory (stamp);
}

static gboolean
is_as_it_was (Link *link)
{
  CurrantFileStamp stamp;
  gboolean there = is_there (link, &stamp);

  if (!there || !link->there)
    return there == link->there;
  return currant_file_stamp_is_same_file (&link->stamp, &stamp);
}

static gboolean
is_error (const GError *error, int code)
{
  return g_error_matches (error, G_IO_ERROR, code);
}

static gboolean
leads_to_root (CurrantFileChain *self, Link *link)
{
  return strcmp (link->next, self->root) == 0
         || (self->real != NULL && strcmp (link->next, self->real) == 0);
}

/*
 * A directory far up that may not be read cannot be watched, and need not be: it is enough that one
 * may pass through it. A limit, or the directory that the root is in, is another matter.
 */
static void
note_error (CurrantFileChain *self, Link *link, GError *error)
{
  gboolean limit =
      is_error (error, G_IO_ERROR_NO_SPACE) || is_error (error, G_IO_ERROR_TOO_MANY_OPEN_FILES);

  if (limit || (link->there && leads_to_root (self, link)))
    {
      self->broken = TRUE;
      if (!self->reported)
        self->error = g_steal_pointer (&error);
      self->reported = TRUE;
    }
  g_clear_error (&error);
}

static void
link_arm (CurrantFileChain *self, Link *link)
{
  GError *error = NULL;

  if (link->monitor == NULL)
    link->monitor = currant_file_armer_watch (&self->armer, link->path, &error);
  link->there = is_there (link, &link->stamp);
  if (error != NULL)
    note_error (self, link, error);
  if (!link->there)
    link_disarm (link);
}

static Link *
find_link (CurrantFileChain *self, GFileMonitor *monitor)
{
  for (guint i = 0; i < self->links->len; i++)
    {
      Link *link = g_ptr_array_index (self->links, i);
      if (link->monitor == monitor)
        return link;
    }
  return NULL;
}

static gboolean
is_path (GFile *file, const char *path)
{
  return file != NULL && g_strcmp0 (g_file_peek_path (file), path) == 0;
}

static void
on_event (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
          gpointer user_data)
{
  CurrantFileChain *self = user_data;
  Link *link = find_link (self, monitor);
  gboolean gone = event == G_FILE_MONITOR_EVENT_DELETED || event == G_FILE_MONITOR_EVENT_UNMOUNTED;

  if (link == NULL)
    return;
  if (is_path (file, link->path) && gone)
    {
      link_disarm (link);
      self->func (G_FILE_MONITOR_EVENT_CREATED, self->user_data);
    }
  else if (is_path (file, link->next) || is_path (other, link->next))
    {
      gboolean last = leads_to_root (self, link);
      self->func (last ? event : G_FILE_MONITOR_EVENT_CREATED, self->user_data);
    }
}

CurrantFileChain *
currant_file_chain_new (const char *root, CurrantFileChainFunc func, gpointer user_data)
{
  CurrantFileChain *self = g_new0 (CurrantFileChain, 1);

  self->root = g_strdup (root);
  self->links = g_ptr_array_new_with_free_func (link_free);
  self->func = func;
  self->user_data = user_data;
  currant_file_armer_init (&self->armer, on_event, self);
  return self;
}

void
currant_file_chain_free (CurrantFileChain *self)
{
  g_ptr_array_unref (self->links);
  currant_file_armer_clear (&self->armer);
  g_clear_error (&self->error);
  g_free (self->root);
  g_free (self->real);
  g_free (self);
}

static gboolean
all_as_they_were (CurrantFileChain *self, const char *real)
{
  if (self->links->len == 0 || g_strcmp0 (self->real, real) != 0)
    return FALSE;
  for (guint i = 0; i < self->links->len; i++)
    if (!is_as_it_was (g_ptr_array_index (self->links, i)))
      return FALSE;
  return TRUE;
}

static void
make_links (CurrantFileChain *self, const char *real)
{
  /* All of the old go before any of the new is made: GIO drops the kernel's watch of a directory
   * with the first of two paths that lead to it. */
  g_ptr_array_set_size (self->links, 0);
  g_free (self->real);
  self->real = g_strdup (real);
  add_links (self->links, self->root);
  if (strcmp (real, self->root) != 0)
    add_links (self->links, real);
}

/* From the top, each before the one below it is looked at: so nothing can appear unseen. */
static void
arm_links (CurrantFileChain *self)
{
  self->broken = FALSE;
  for (guint i = 0; i < self->links->len; i++)
    link_arm (self, g_ptr_array_index (self->links, i));
  if (!self->broken)
    self->reported = FALSE;
}

/* Where a symbolic link leads to; NULL if the path is none. */
static char *
read_link (const char *path)
{
  g_autofree char *target = g_file_read_link (path, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  return target != NULL ? g_canonicalize_filename (target, parent) : NULL;
}

/* Where the path leads to, also if that is not there. */
static char *
find_real (const char *path)
{
  char *found = realpath (path, NULL);
  char *real = g_strdup (found);
  char *next = NULL;

  free (found);
  if (real != NULL)
    return real;
  real = g_strdup (path);
  for (guint i = 0; i < MAX_LINKS && (next = read_link (real)) != NULL; i++)
    {
      g_free (real);
      real = next;
    }
  return real;
}

/* Watches what is on the way now. What is watched already stays so. */
void
currant_file_chain_refresh (CurrantFileChain *self)
{
  g_autofree char *real = find_real (self->root);

  if (!all_as_they_were (self, real))
    make_links (self, real);
  arm_links (self);
}

gboolean
currant_file_chain_is_whole (CurrantFileChain *self)
{
  return !self->broken;
}

/* Why it is not whole, once; NULL if that is known already. The caller's then. */
GError *
currant_file_chain_take_error (CurrantFileChain *self)
{
  return g_steal_pointer (&self->error);
}
