/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-file-stamp-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#define NSEC_PER_SEC G_GINT64_CONSTANT (1000000000)

static void
read_stat (CurrantFileStamp *self, const struct stat *st)
{
  self->device = st->st_dev;
  self->inode = st->st_ino;
  self->birth = 0;
  self->mtime = st->st_mtim.tv_sec * NSEC_PER_SEC + st->st_mtim.tv_nsec;
  self->ctime = st->st_ctim.tv_sec * NSEC_PER_SEC + st->st_ctim.tv_nsec;
  self->size = (guint64)st->st_size;
  self->mode = st->st_mode;
  self->uid = st->st_uid;
  self->gid = st->st_gid;
}

#ifdef STATX_BTIME
static gint64
to_nsec (const struct statx_timestamp *time)
{
  return time->tv_sec * NSEC_PER_SEC + time->tv_nsec;
}

static void
read_statx (CurrantFileStamp *self, const struct statx *st)
{
  self->device = makedev (st->stx_dev_major, st->stx_dev_minor);
  self->inode = st->stx_ino;
  self->birth = (st->stx_mask & STATX_BTIME) != 0 ? to_nsec (&st->stx_btime) : 0;
  self->mtime = to_nsec (&st->stx_mtime);
  self->ctime = to_nsec (&st->stx_ctime);
  self->size = st->stx_size;
  self->mode = st->stx_mode;
  self->uid = st->stx_uid;
  self->gid = st->stx_gid;
}

/* TRUE if the kernel answered, with errno set to 0 or to why there is no such file. */
static gboolean
try_statx (CurrantFileStamp *self, int directory, const char *path, int flags)
{
  struct statx st;

  if (statx (directory, path, flags, STATX_BASIC_STATS | STATX_BTIME, &st) == 0)
    {
      read_statx (self, &st);
      errno = 0;
      return TRUE;
    }
  /* A kernel or a sandbox without the call. */
  return errno != ENOSYS && errno != EPERM;
}
#else
static gboolean
try_statx (CurrantFileStamp *self, int directory, const char *path, int flags)
{
  return FALSE;
}
#endif

/* The clock that file systems take their times from, which stands still for milliseconds. */
static gint64
get_file_clock (void)
{
#ifdef CLOCK_REALTIME_COARSE
  struct timespec now;

  if (clock_gettime (CLOCK_REALTIME_COARSE, &now) == 0)
    return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
#endif
  return 0;
}

/*
 * `directory` is a descriptor that `path` is relative to, or AT_FDCWD. FALSE with errno set where
 * there is nothing.
 */
gboolean
currant_file_stamp_read (CurrantFileStamp *self, int directory, const char *path, gboolean follow)
{
  int flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
  gint64 before = get_file_clock ();
  struct stat st;

  if (try_statx (self, directory, path, flags))
    {
      if (errno != 0)
        return FALSE;
    }
  else if (fstatat (directory, path, &st, flags) == 0)
    read_stat (self, &st);
  else
    return FALSE;
  self->fresh = self->mtime >= before;
  return TRUE;
}

gboolean
currant_file_stamp_is_directory (const CurrantFileStamp *self)
{
  return S_ISDIR (self->mode);
}

/*
 * Numbers of inodes are used again, at once on some file systems, so the time of birth decides, and
 * where there is none the content: a file that is not new has not the size and time of the old one.
 */
gboolean
currant_file_stamp_is_same_file (const CurrantFileStamp *a, const CurrantFileStamp *b)
{
  if (a->device != b->device || a->inode != b->inode || (a->mode & S_IFMT) != (b->mode & S_IFMT))
    return FALSE;
  if (a->birth != 0 && b->birth != 0)
    return a->birth == b->birth;
  return S_ISDIR (a->mode) || (a->size == b->size && a->mtime == b->mtime);
}

static gboolean
same_inode (const CurrantFileStamp *a, const CurrantFileStamp *b)
{
  return a->device == b->device && a->inode == b->inode
         && (a->birth == 0 || b->birth == 0 || a->birth == b->birth);
}

/*
 * What happened under one name. Where only the time of the last change differs, it takes somebody
 * who said so to tell a write that set the old time again, or a change of attributes, from a mere
 * rename there and back.
 */
CurrantFileDifference
currant_file_stamp_compare (const CurrantFileStamp *old, const CurrantFileStamp *new,
                            CurrantFileSaid said)
{
  gboolean directory = S_ISDIR (new->mode);
  gboolean written = (said & CURRANT_FILE_SAID_WRITTEN) != 0;

  if ((old->mode & S_IFMT) != (new->mode &S_IFMT) || (directory && !same_inode (old, new)))
    return CURRANT_FILE_REPLACED;
  if (!directory && (!same_inode (old, new) || old->size != new->size || old->mtime != new->mtime))
    return CURRANT_FILE_MODIFIED;
  if (!directory && written && (old->ctime != new->ctime || old->fresh))
    return CURRANT_FILE_MODIFIED;
  if (old->mode != new->mode || old->uid != new->uid || old->gid != new->gid)
    return CURRANT_FILE_ATTRIBUTES;
  /* The times of a directory change with what is in it, which is told of by itself. */
  if (!directory && old->ctime != new->ctime && (said & CURRANT_FILE_SAID_TOUCHED) != 0)
    return CURRANT_FILE_ATTRIBUTES;
  return CURRANT_FILE_SAME;
}
