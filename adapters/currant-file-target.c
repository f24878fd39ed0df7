/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-file-target-private.h"

#include "currant-file-glob-private.h"

#include <gio/gio.h>
#include <string.h>

/* `~` and `~/...` only; `~name` is a file name like any other. */
static char *
make_absolute (const char *text)
{
  g_autofree char *expanded = NULL;

  if (text[0] == '~' && (text[1] == '/' || text[1] == '\0'))
    expanded = g_strconcat (g_get_home_dir (), text + 1, NULL);
  else
    expanded = g_strdup (text);
  return g_canonicalize_filename (expanded, NULL);
}

static guint
find_special (char **parts)
{
  guint i = 0;

  while (parts[i] != NULL && !currant_file_glob_is_special (parts[i]))
    i++;
  return i;
}

/* The root's components unescaped, which only a target with a wildcard can have escaped. */
static char *
join_root (char **parts, guint n_parts)
{
  g_autoptr (GString) root = g_string_new (NULL);

  for (guint i = 1; i < n_parts; i++)
    {
      g_autofree char *plain = currant_file_glob_unescape (parts[i]);
      g_string_append_printf (root, "/%s", plain);
    }
  if (root->len == 0)
    g_string_append_c (root, '/');
  return g_string_free (g_steal_pointer (&root), FALSE);
}

static gboolean
is_deep (const char *part)
{
  return strcmp (part, "**") == 0;
}

/* parts[special] is the first with a wildcard. */
static gboolean
read_wildcards (CurrantFileTarget *self, const char *text, char **parts, guint special,
                GError **error)
{
  const char *last;

  self->recursive = is_deep (parts[special]);
  last = self->recursive && parts[special + 1] != NULL ? parts[special + 1] : parts[special];
  if (parts[special + (last == parts[special] ? 1 : 2)] != NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
                   "“%s”: a wildcard may stand in the last component only, with “**” before it "
                   "for all directories below",
                   text);
      return FALSE;
    }
  self->glob = g_strdup (is_deep (last) ? "*" : last);
  self->root = join_root (parts, special);
  return TRUE;
}

/*
 * `recursive` is for a directory without a wildcard. A text that names something that exists is no
 * glob, whatever characters it has.
 */
CurrantFileTarget *
currant_file_target_new (const char *text, gboolean recursive, GError **error)
{
  g_autoptr (CurrantFileTarget) self = g_new0 (CurrantFileTarget, 1);
  g_autofree char *path = NULL;
  g_auto (GStrv) parts = NULL;
  guint special;

  if (text == NULL || text[0] == '\0')
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
                           "there is no path to watch");
      return NULL;
    }
  path = make_absolute (text);
  parts = g_strsplit (path, "/", -1);
  special = find_special (parts);
  self->recursive = recursive;
  if (parts[special] == NULL || g_file_test (path, G_FILE_TEST_EXISTS))
    self->root = g_steal_pointer (&path);
  else if (!read_wildcards (self, text, parts, special, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
currant_file_target_free (CurrantFileTarget *self)
{
  g_free (self->root);
  g_free (self->glob);
  g_free (self);
}

gboolean
currant_file_target_reports_root (const CurrantFileTarget *self)
{
  return self->glob == NULL;
}

/* Whether an entry below the root is one that messages are made of. */
gboolean
currant_file_target_reports (const CurrantFileTarget *self, const char *name)
{
  return self->glob == NULL || currant_file_glob_matches (self->glob, name);
}

/* Whether a directory of this name below the root is looked into. */
gboolean
currant_file_target_enters (const CurrantFileTarget *self, const char *name)
{
  return self->recursive && (self->glob == NULL || name[0] != '.');
}
