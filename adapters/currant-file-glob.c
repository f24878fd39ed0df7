/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-file-glob-private.h"

#include <string.h>

/* The length of the character at the beginning of a name, 1 if it is not UTF-8. */
static gsize
get_char_length (const char *name)
{
  gunichar c = g_utf8_get_char_validated (name, -1);

  if (c == (gunichar)-1 || c == (gunichar)-2)
    return 1;
  return (gsize)(g_utf8_next_char (name) - name);
}

/* One character, read as a number that orders as characters do, and beyond them as a lone byte. */
static gunichar
read_char (const char **text)
{
  gsize length = get_char_length (*text);
  gunichar c = length > 1 || (guchar) * *text < 0x80 ? g_utf8_get_char (*text)
                                                     : 0x110000u + (guchar) * *text;

  *text += length;
  return c;
}

static gunichar
read_set_char (const char **text)
{
  if (**text == '\\' && (*text)[1] != '\0')
    (*text)++;
  return read_char (text);
}

/* The end of a set that begins at `[`, after its bracket; NULL if it has none and `[` is itself. */
static const char *
find_set_end (const char *set)
{
  const char *p = set + 1;

  if (*p == '!' || *p == '^')
    p++;
  if (*p == ']')
    p++;
  while (*p != '\0' && *p != ']')
    {
      if (*p == '\\' && p[1] != '\0')
        p++;
      p++;
    }
  return *p == ']' ? p + 1 : NULL;
}

static gboolean
matches_set (const char *set, const char *end, gunichar c)
{
  const char *p = set + 1;
  gboolean inverted = *p == '!' || *p == '^';
  gboolean found = FALSE;

  if (inverted)
    p++;
  do
    {
      gunichar low = read_set_char (&p);
      gunichar high = low;

      if (*p == '-' && p + 1 < end - 1)
        {
          p++;
          high = read_set_char (&p);
        }
      found = found || (c >= low && c <= high);
    }
  while (p < end - 1);
  return found != inverted;
}

/*
 * Matches what stands before the next `*`, one element with one character, and moves both on.
 * FALSE where they differ.
 */
static gboolean
step (const char **glob, const char **name)
{
  const char *end = **glob == '[' ? find_set_end (*glob) : NULL;

  if (end != NULL)
    {
      gboolean matched = matches_set (*glob, end, read_char (name));
      *glob = end;
      return matched;
    }
  if (**glob == '?')
    {
      (*glob)++;
      *name += get_char_length (*name);
      return TRUE;
    }
  if (**glob == '\\' && (*glob)[1] != '\0')
    (*glob)++;
  return *(*glob)++ == *(*name)++;
}

/* Only the last `*` seen is ever tried again: an earlier one can match no more than it already has.
 */
static gboolean
match (const char *glob, const char *name)
{
  const char *star = NULL;
  const char *resume = NULL;

  while (*name != '\0')
    {
      if (*glob == '*')
        {
          star = ++glob;
          resume = name;
        }
      else if (*glob == '\0' || !step (&glob, &name))
        {
          if (star == NULL)
            return FALSE;
          resume += get_char_length (resume);
          glob = star;
          name = resume;
        }
    }
  while (*glob == '*')
    glob++;
  return *glob == '\0';
}

gboolean
currant_file_glob_matches (const char *glob, const char *name)
{
  if (name[0] == '.' && glob[0] != '.' && !(glob[0] == '\\' && glob[1] == '.'))
    return FALSE;
  return match (glob, name);
}

gboolean
currant_file_glob_is_special (const char *text)
{
  for (; *text != '\0'; text++)
    {
      if (*text == '\\' && text[1] != '\0')
        text++;
      else if (*text == '*' || *text == '?' || (*text == '[' && find_set_end (text) != NULL))
        return TRUE;
    }
  return FALSE;
}

char *
currant_file_glob_unescape (const char *text)
{
  g_autoptr (GString) plain = g_string_new (NULL);

  for (; *text != '\0'; text++)
    {
      if (*text == '\\' && text[1] != '\0')
        text++;
      g_string_append_c (plain, *text);
    }
  return g_string_free (g_steal_pointer (&plain), FALSE);
}
