/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-file-monitor-private.h"

#include <errno.h>
#include <unistd.h>

#ifdef HAVE_SYS_INOTIFY_H
#include <sys/inotify.h>
#endif

/*
 * How long GIO may hold back what it says of one file, in milliseconds: its own 800 are too long,
 * and without any each write of a busy file would be a signal.
 */
#define RATE_LIMIT_MS 20

#ifdef HAVE_SYS_INOTIFY_H
static int
open_probe (void)
{
  return inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
}

static void
set_probe_error (GError **error, const char *path, int code)
{
  g_autofree char *name = g_filename_display_name (path);

  if (code == ENOSPC)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 "“%s” cannot be watched: the user's limit of watches is reached "
                 "(sysctl fs.inotify.max_user_watches)",
                 name);
  else if (code == EMFILE)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES,
                 "“%s” cannot be watched: the user's limit of inotify instances or of open files "
                 "is reached (sysctl fs.inotify.max_user_instances)",
                 name);
  else
    g_set_error (error, G_IO_ERROR, (int)g_io_error_from_errno (code), "“%s” cannot be watched: %s",
                 name, g_strerror (code));
}

/* Asks for the watch that GIO is going to ask for, and gives it back. */
static gboolean
probe (CurrantFileArmer *self, const char *path, GError **error)
{
  char discarded[512];
  int watch;

  if (self->probe < 0)
    self->probe = open_probe ();
  watch =
      self->probe >= 0 ? inotify_add_watch (self->probe, path, IN_ONLYDIR | IN_DELETE_SELF) : -1;
  if (watch < 0)
    {
      set_probe_error (error, path, errno);
      return FALSE;
    }
  inotify_rm_watch (self->probe, watch);
  while (read (self->probe, discarded, sizeof discarded) > 0)
    ;
  return TRUE;
}
#else
static gboolean
probe (CurrantFileArmer *self, const char *path, GError **error)
{
  return TRUE;
}
#endif

void
currant_file_armer_init (CurrantFileArmer *self, CurrantFileMonitorFunc func, gpointer user_data)
{
  self->func = func;
  self->user_data = user_data;
  self->probe = -1;
}

void
currant_file_armer_clear (CurrantFileArmer *self)
{
  if (self->probe >= 0)
    close (self->probe);
  self->probe = -1;
}

/* Watches a directory. A path that is no directory gives NOT_FOUND or NOT_DIRECTORY. */
GFileMonitor *
currant_file_armer_watch (CurrantFileArmer *self, const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GFileMonitor *monitor;

  if (!probe (self, path, error))
    return NULL;
  monitor = g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, error);
  if (monitor == NULL)
    return NULL;
  g_file_monitor_set_rate_limit (monitor, RATE_LIMIT_MS);
  g_signal_connect (monitor, "changed", G_CALLBACK (self->func), self->user_data);
  return monitor;
}

/* A cancelled monitor says nothing more, whatever it had in store. */
void
currant_file_monitor_release (gpointer monitor)
{
  g_file_monitor_cancel (monitor);
  g_object_unref (monitor);
}
