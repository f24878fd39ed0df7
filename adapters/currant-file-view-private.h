/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The snapshot held against the disk. It is told which paths to look at and which directories to
 * list, brings the snapshot up to date, watches the directories that it finds, and keeps a list of
 * the changes that make messages. What is called here reads the disk and never calls out, so the
 * snapshot is whole whenever a change is handed on.
 *
 * Each call does a limited piece of work: one path, or the listing of one directory. Not
 * thread-safe; it belongs to one watcher, and is used in its context, which has to be the
 * thread-default one for new monitors to report there.
 */
#pragma once

#include "currant-file-change-private.h"
#include "currant-file-monitor-private.h"
#include "currant-file-settle-private.h"
#include "currant-file-target-private.h"
#include "currant-file-tree-private.h"

G_BEGIN_DECLS

typedef struct _CurrantFileView CurrantFileView;

/* Takes the target. */
CurrantFileView *currant_file_view_new (CurrantFileTarget *target, CurrantFileMonitorFunc func,
                                        gpointer user_data);
void currant_file_view_free (CurrantFileView *self);

const char *currant_file_view_get_root (CurrantFileView *self);
CurrantFileNode *currant_file_view_find (CurrantFileView *self, const char *path);
gboolean currant_file_view_concerns (CurrantFileView *self, const char *path);

gboolean currant_file_view_look (CurrantFileView *self, CurrantFileHint *hint, gint64 now);
void currant_file_view_drop (CurrantFileView *self, const char *path);
gboolean currant_file_view_scan (CurrantFileView *self, gint64 now);
void currant_file_view_rescan (CurrantFileView *self, const char *reason);
void currant_file_view_unwatch (CurrantFileView *self, CurrantFileNode *node);
gboolean currant_file_view_has_unwatched (CurrantFileView *self);
void currant_file_view_retry (CurrantFileView *self);
void currant_file_view_report (CurrantFileView *self, GError *error);

void currant_file_view_set_ready (CurrantFileView *self);
void currant_file_view_push_missing (CurrantFileView *self, CurrantFileHint *hint);
CurrantFileHint *currant_file_view_pop_missing (CurrantFileView *self);
CurrantFileChange *currant_file_view_pop_change (CurrantFileView *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrantFileView, currant_file_view_free)

G_END_DECLS
