/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a watcher has to say: one change, from the thread of its context to whoever publishes it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  CURRANT_FILE_CREATED,
  CURRANT_FILE_WRITTEN, /* the content is another */
  CURRANT_FILE_REMOVED,
  CURRANT_FILE_RENAMED,
  CURRANT_FILE_TOUCHED, /* attributes */
  CURRANT_FILE_READY,
  CURRANT_FILE_RESCAN,
  CURRANT_FILE_ERROR,
  CURRANT_FILE_N_EVENTS
} CurrantFileEvent;

typedef struct
{
  CurrantFileEvent event;
  char *path;         /* in the bytes of the file system; of RENAMED the new one */
  char *old_path;     /* RENAMED only */
  gboolean directory; /* that the path is one */
  guint count;        /* READY: entries reported; ERROR: directories not watched */
  const char *reason; /* RESCAN only; static */
  GError *error;      /* ERROR only */
} CurrantFileChange;

CurrantFileChange *currant_file_change_new (CurrantFileEvent event, char *path, gboolean directory);
void currant_file_change_free (CurrantFileChange *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrantFileChange, currant_file_change_free)

G_END_DECLS
