/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Making GFileMonitors for directories, and knowing when one would not work.
 *
 * GIO does not say that the kernel refused a watch: it keeps quiet and looks again every few
 * seconds. So a watch is asked for on a descriptor of our own first, and its answer is the error.
 * An armer belongs to one watcher; a monitor reports to the thread-default main context of the
 * thread that makes it.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef void (*CurrantFileMonitorFunc) (GFileMonitor *monitor, GFile *file, GFile *other,
                                        GFileMonitorEvent event, gpointer user_data);

typedef struct
{
  CurrantFileMonitorFunc func;
  gpointer user_data;
  int probe; /* an inotify descriptor, or -1 */
} CurrantFileArmer;

void currant_file_armer_init (CurrantFileArmer *self, CurrantFileMonitorFunc func,
                              gpointer user_data);
void currant_file_armer_clear (CurrantFileArmer *self);
GFileMonitor *currant_file_armer_watch (CurrantFileArmer *self, const char *path, GError **error);

void currant_file_monitor_release (gpointer monitor);

G_END_DECLS
