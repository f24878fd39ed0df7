/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is remembered of a file, so that what a monitor says can be checked against what is there:
 * which file it is, and what of it has changed. Plain values.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 device;
  guint64 inode;
  gint64 birth; /* ns; 0 where the file system does not tell */
  gint64 mtime; /* ns */
  gint64 ctime; /* ns */
  guint64 size;
  guint32 mode;
  guint32 uid;
  guint32 gid;
  gboolean fresh; /* written so lately that the next write may leave the same times */
} CurrantFileStamp;

/* What is known of how it came to be different. */
typedef enum
{
  CURRANT_FILE_SAID_NOTHING = 0,
  CURRANT_FILE_SAID_WRITTEN = 1 << 0,
  CURRANT_FILE_SAID_TOUCHED = 1 << 1 /* its attributes */
} CurrantFileSaid;

typedef enum
{
  CURRANT_FILE_SAME,
  CURRANT_FILE_ATTRIBUTES, /* mode, owner, links or extended attributes */
  CURRANT_FILE_MODIFIED,   /* the content, perhaps in a new file of the same name */
  CURRANT_FILE_REPLACED    /* a thing of another kind, or another directory */
} CurrantFileDifference;

gboolean currant_file_stamp_read (CurrantFileStamp *self, int directory, const char *path,
                                  gboolean follow);
gboolean currant_file_stamp_is_directory (const CurrantFileStamp *self);
gboolean currant_file_stamp_is_same_file (const CurrantFileStamp *a, const CurrantFileStamp *b);
CurrantFileDifference currant_file_stamp_compare (const CurrantFileStamp *old,
                                                  const CurrantFileStamp *new,
                                                  CurrantFileSaid said);

G_END_DECLS
