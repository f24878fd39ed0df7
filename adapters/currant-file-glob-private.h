/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Matching one file name with a shell glob, byte for byte, since a file name need not be UTF-8:
 * `*`, `?` (one character, or one byte that is no part of one), `[a-z]`, `[!a-z]`, and a backslash
 * that takes the special meaning of what follows. A leading dot is matched only by a dot.
 *
 * Pure functions. The time is at most the product of both lengths.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean currant_file_glob_matches (const char *glob, const char *name);
gboolean currant_file_glob_is_special (const char *text);
char *currant_file_glob_unescape (const char *text);

G_END_DECLS
