/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The engine of the file observer: it hears what GIO's monitors say, waits for paths to come to
 * rest, and holds the snapshot against the disk; what differs it hands on as changes.
 *
 * What a monitor says is only a hint where to look. So it does not matter in how many pieces or in
 * which order GIO tells a story, and the messages say what the difference is between two states
 * that both were on the disk.
 *
 * All work is done in one main context, in slices of a few milliseconds by one GSource; changes are
 * handed on between two pieces of work, never in the middle of one. Starting, stopping and asking
 * for a rescan are the only calls for other threads.
 */
#pragma once

#include "currant-file-change-private.h"
#include "currant-file-target-private.h"

#include <glib-object.h>

G_BEGIN_DECLS

typedef struct _CurrantFileWatcher CurrantFileWatcher;

/* In the watcher's context. `owner` is alive during the call. */
typedef void (*CurrantFileChangeFunc) (CurrantFileChange *change, gpointer owner);

CurrantFileWatcher *currant_file_watcher_new (CurrantFileTarget *target, CurrantFileChangeFunc func,
                                              GObject *owner);
void currant_file_watcher_unref (CurrantFileWatcher *self);
void currant_file_watcher_start (CurrantFileWatcher *self, GMainContext *context);
void currant_file_watcher_stop (CurrantFileWatcher *self, GMainContext *context);
void currant_file_watcher_rescan (CurrantFileWatcher *self, GMainContext *context);

G_END_DECLS
