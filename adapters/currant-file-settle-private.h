/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The paths that something has happened to, until they come to rest. A path is due when nothing was
 * heard of it for 50 ms, and 500 ms after it was first heard of at the latest; or at once when it
 * is known to be finished.
 *
 * A path is `fresh` when nothing was known under it before: it may be the new name of one that is
 * about to be found missing, so whoever is going to report that one waits for the fresh ones.
 *
 * Pure: the caller names the time, monotonic, in microseconds. Not thread-safe; it belongs to one
 * watcher. Hearing of a path costs a look-up; taking what is due looks at all that wait.
 */
#pragma once

#include "currant-file-stamp-private.h"

G_BEGIN_DECLS

#define CURRANT_FILE_QUIET (50 * G_TIME_SPAN_MILLISECOND)
#define CURRANT_FILE_LATEST (500 * G_TIME_SPAN_MILLISECOND)

typedef struct _CurrantFileSettle CurrantFileSettle;

typedef struct
{
  char *path;
  gint64 first;   /* when it was heard of first */
  gint64 due;     /* when it is to be looked at */
  gboolean fresh; /* nothing was known under this path */
  CurrantFileSaid said;
} CurrantFileHint;

void currant_file_hint_free (CurrantFileHint *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrantFileHint, currant_file_hint_free)

CurrantFileSettle *currant_file_settle_new (void);
void currant_file_settle_free (CurrantFileSettle *self);

CurrantFileHint *currant_file_settle_hear (CurrantFileSettle *self, const char *path,
                                           gboolean fresh, gint64 now);
void currant_file_settle_put_back (CurrantFileSettle *self, CurrantFileHint *hint, gint64 now);
void currant_file_settle_take_due (CurrantFileSettle *self, gint64 now, GQueue *due);
gint64 currant_file_settle_get_next (CurrantFileSettle *self);
guint currant_file_settle_get_n_fresh (CurrantFileSettle *self);
gboolean currant_file_settle_is_empty (CurrantFileSettle *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrantFileSettle, currant_file_settle_free)

G_END_DECLS
