/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is remembered of a file, and what of it has changed. */
#include "config.h"

#include "currant-file-stamp-private.h"
#include "currant-test.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTHING CURRANT_FILE_SAID_NOTHING
#define WRITTEN CURRANT_FILE_SAID_WRITTEN
#define TOUCHED CURRANT_FILE_SAID_TOUCHED

static const CurrantFileStamp file = { .device = 1,
                                       .inode = 2,
                                       .birth = 3,
                                       .mtime = 4,
                                       .ctime = 5,
                                       .size = 6,
                                       .mode = S_IFREG | 0644,
                                       .uid = 7,
                                       .gid = 8 };

static CurrantFileDifference
compare (const CurrantFileStamp *new, CurrantFileSaid said)
{
  return currant_file_stamp_compare (&file, new, said);
}

static void
test_file (void)
{
  CurrantFileStamp new = file;

  g_assert_cmpint (compare (&new, NOTHING), ==, CURRANT_FILE_SAME);
  g_assert_cmpint (compare (&new, WRITTEN), ==, CURRANT_FILE_SAME);
  new.mode = S_IFREG | 0600;
  g_assert_cmpint (compare (&new, WRITTEN), ==, CURRANT_FILE_ATTRIBUTES);
  g_assert_cmpint (compare (&new, NOTHING), ==, CURRANT_FILE_ATTRIBUTES);
  new.size++;
  g_assert_cmpint (compare (&new, NOTHING), ==, CURRANT_FILE_MODIFIED);
  new = file;
  new.mtime--;
  g_assert_cmpint (compare (&new, NOTHING), ==, CURRANT_FILE_MODIFIED);
  new = file;
  new.inode++;
  g_assert_cmpint (compare (&new, NOTHING), ==, CURRANT_FILE_MODIFIED);
  new = file;
  new.birth++;
  g_assert_cmpint (compare (&new, NOTHING), ==, CURRANT_FILE_MODIFIED);
  new.mode = S_IFIFO | 0644;
  g_assert_cmpint (compare (&new, NOTHING), ==, CURRANT_FILE_REPLACED);
}

/* A write that set the old time again shows only in the time of the change. */
static void
test_times_set_back (void)
{
  CurrantFileStamp new = file;

  new.ctime++;
  g_assert_cmpint (compare (&new, NOTHING), ==, CURRANT_FILE_SAME);
  g_assert_cmpint (compare (&new, TOUCHED), ==, CURRANT_FILE_ATTRIBUTES);
  g_assert_cmpint (compare (&new, WRITTEN | TOUCHED), ==, CURRANT_FILE_MODIFIED);
  g_assert_cmpint (compare (&new, WRITTEN), ==, CURRANT_FILE_MODIFIED);
}

/* A second write within one tick of the file system's clock leaves all times as they are. */
static void
test_written_at_once_again (void)
{
  CurrantFileStamp old = file;

  old.fresh = TRUE;
  g_assert_cmpint (currant_file_stamp_compare (&old, &file, WRITTEN), ==, CURRANT_FILE_MODIFIED);
  g_assert_cmpint (currant_file_stamp_compare (&old, &file, NOTHING), ==, CURRANT_FILE_SAME);
}

static void
test_directory (void)
{
  CurrantFileStamp old = file;
  CurrantFileStamp new;

  old.mode = S_IFDIR | 0755;
  new = old;
  new.mtime++;
  new.ctime++;
  new.size++;
  g_assert_cmpint (currant_file_stamp_compare (&old, &new, WRITTEN), ==, CURRANT_FILE_SAME);
  new.uid++;
  g_assert_cmpint (currant_file_stamp_compare (&old, &new, WRITTEN), ==, CURRANT_FILE_ATTRIBUTES);
  new.inode++;
  g_assert_cmpint (currant_file_stamp_compare (&old, &new, WRITTEN), ==, CURRANT_FILE_REPLACED);
}

static void
test_same_file (void)
{
  CurrantFileStamp new = file;

  g_assert_true (currant_file_stamp_is_same_file (&file, &new));
  new.size++;
  g_assert_true (currant_file_stamp_is_same_file (&file, &new));
  new.birth++;
  g_assert_false (currant_file_stamp_is_same_file (&file, &new));
  new = file;
  new.birth = 0; /* a file system that does not tell: then the content has to be the same */
  g_assert_true (currant_file_stamp_is_same_file (&file, &new));
  new.mtime++;
  g_assert_false (currant_file_stamp_is_same_file (&file, &new));
  new = file;
  new.device++;
  g_assert_false (currant_file_stamp_is_same_file (&file, &new));
}

static void
test_reading (void)
{
  g_autofree char *scratch = g_dir_make_tmp ("currant-stamp-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (scratch, "file", NULL);
  g_autofree char *link = g_build_filename (scratch, "link", NULL);
  CurrantFileStamp stamp;
  CurrantFileStamp other;

  g_assert_true (g_file_set_contents (path, "three", 5, NULL));
  g_assert_cmpint (symlink ("file", link), ==, 0);
  g_assert_true (currant_file_stamp_read (&stamp, AT_FDCWD, path, FALSE));
  g_assert_cmpuint (stamp.size, ==, 5);
  g_assert_true (S_ISREG (stamp.mode));
  g_assert_true (currant_file_stamp_read (&other, AT_FDCWD, link, FALSE));
  g_assert_true (S_ISLNK (other.mode));
  g_assert_true (currant_file_stamp_read (&other, AT_FDCWD, link, TRUE));
  g_assert_true (currant_file_stamp_is_same_file (&stamp, &other));
  g_assert_true (currant_file_stamp_read (&other, AT_FDCWD, scratch, FALSE));
  g_assert_true (currant_file_stamp_is_directory (&other));
  g_remove (path);
  g_assert_false (currant_file_stamp_read (&stamp, AT_FDCWD, path, FALSE));
  g_assert_false (currant_file_stamp_read (&stamp, AT_FDCWD, link, TRUE));
  g_remove (link);
  g_rmdir (scratch);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/adapter/stamp/file", test_file);
  currant_test_add ("/adapter/stamp/times-set-back", test_times_set_back);
  currant_test_add ("/adapter/stamp/written-at-once-again", test_written_at_once_again);
  currant_test_add ("/adapter/stamp/directory", test_directory);
  currant_test_add ("/adapter/stamp/same-file", test_same_file);
  currant_test_add ("/adapter/stamp/reading", test_reading);
  return g_test_run ();
}
