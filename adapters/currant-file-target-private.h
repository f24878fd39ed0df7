/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an observer is to watch, read from the user's text: a directory, a file, or a glob.
 *
 * - without a wildcard: the directory and all below it, or the file;
 * - with one in the last component: the names there that match;
 * - with two stars as the last component: all below the directory before them;
 * - with two stars as the last component but one: the names below it that match, however deep.
 *
 * The `root` is what stands before the first wildcard. Immutable after it is made.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *root;         /* absolute, without wildcards, in the bytes of the file system */
  char *glob;         /* for the names below the root; NULL: the root and all below it */
  gboolean recursive; /* also below the root's directories */
} CurrantFileTarget;

CurrantFileTarget *currant_file_target_new (const char *text, gboolean recursive, GError **error);
void currant_file_target_free (CurrantFileTarget *self);

gboolean currant_file_target_reports_root (const CurrantFileTarget *self);
gboolean currant_file_target_reports (const CurrantFileTarget *self, const char *name);
gboolean currant_file_target_enters (const CurrantFileTarget *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrantFileTarget, currant_file_target_free)

G_END_DECLS
