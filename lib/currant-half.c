/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-half-private.h"

#include <stdlib.h>
#include <string.h>

#include "currant-error.h"
#include "currant-identifier.h"
#include "currant-pattern.h"

#define TEXT_MAX (3 * CURRANT_HALF_MAX + 2)

#define SHOWN_MAX 80

/* What may be printed of a text that may be anything. */
static char *
show (const char *text)
{
  g_autofree char *start = g_strndup (text, SHOWN_MAX);
  g_autofree char *valid = g_utf8_make_valid (start, -1);
  GString *shown = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_iscntrl (c))
        g_string_append_printf (shown, "\\u%04x", c);
      else
        g_string_append_unichar (shown, c);
    }
  if (strnlen (text, SHOWN_MAX + 1) > SHOWN_MAX)
    g_string_append (shown, "…");
  return g_string_free (shown, FALSE);
}

/* Every complaint names the text, the cause and the byte, in that order. */
G_GNUC_PRINTF (4, 5)
static gboolean
refuse (const char *text, gsize offset, GError **error, const char *format, ...)
{
  g_autofree char *shown = show (text);
  g_autofree char *cause = NULL;
  va_list args;

  va_start (args, format);
  cause = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER, "“%s”: %s at byte %zu",
               shown, cause, offset);
  return FALSE;
}

static gboolean
is_printable_ascii (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (text[i] < ' ' || text[i] > '~')
      return FALSE;
  return TRUE;
}

static gboolean
check_characters (const char *text, gsize length, GError **error)
{
  const char *end;

  if (G_LIKELY (is_printable_ascii (text, length)))
    return TRUE;
  if (!g_utf8_validate (text, length, &end))
    return refuse (text, end - text, error, "broken UTF-8");
  for (const char *p = text; p < text + length; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_iscntrl (c))
        return refuse (text, p - text, error, "control character U+%04X", c);
    }
  return TRUE;
}

static gboolean
check_length (const char *text, const CurrantSpan *span, const char *part, GError **error)
{
  if (span->length == 0)
    return refuse (text, span->offset, error, "empty %s", part);
  if (span->length > CURRANT_HALF_MAX)
    return refuse (text, span->offset + CURRANT_HALF_MAX, error, "%s longer than %d bytes", part,
                   CURRANT_HALF_MAX);
  return TRUE;
}

static CurrantSpan
span_between (const char *text, const char *from, const char *to)
{
  return (CurrantSpan){ from, to - from, from - text };
}

static void
split (const char *text, gsize length, CurrantParts *parts)
{
  const char *end = text + length;
  const char *colon = memrchr (text, ':', length);
  const char *name_end = colon != NULL ? colon : end;
  const char *at = memrchr (text, '@', name_end - text);

  parts->name = span_between (text, text, at != NULL ? at : name_end);
  parts->namespace = (CurrantSpan){ NULL, 0, 0 };
  if (at != NULL)
    parts->namespace = span_between (text, at + 1, name_end);
  if (colon != NULL)
    parts->action = span_between (text, colon + 1, end);
  else
    parts->action = (CurrantSpan){ "*", 1, length };
}

gboolean
currant_parts_split (const char *text, CurrantParts *parts, GError **error)
{
  gsize length = strnlen (text, TEXT_MAX + 1);

  if (length == 0)
    return refuse (text, 0, error, "empty identifier");
  /* Longer text has a part that is too long. Cutting it may cut a character, so that is not looked
   * at first. */
  split (text, length, parts);
  if (length <= TEXT_MAX && !check_characters (text, length, error))
    return FALSE;
  if (!check_length (text, &parts->name, "name", error))
    return FALSE;
  if (parts->namespace.text != NULL)
    {
      if (!check_length (text, &parts->namespace, "namespace", error))
        return FALSE;
      for (gsize i = 0; i < parts->namespace.length; i++)
        if (strchr ("*{}", parts->namespace.text[i]) != NULL)
          return refuse (text, parts->namespace.offset + i, error, "“%c” in a namespace",
                         parts->namespace.text[i]);
    }
  return check_length (text, &parts->action, "action", error);
}

gboolean
currant_span_check_concrete (const char *text, const CurrantSpan *span, GError **error)
{
  if (span->length == 1 && span->text[0] == '*')
    return TRUE;
  for (gsize i = 0; i < span->length; i++)
    if (strchr ("*{}", span->text[i]) != NULL)
      return refuse (text, span->offset + i, error, "“%c” in a published identifier",
                     span->text[i]);
  return TRUE;
}

char *
currant_parts_print (const char *name, const char *namespace, const char *action)
{
  return g_strconcat (name, namespace != NULL ? "@" : "", namespace != NULL ? namespace : "", ":",
                      action, NULL);
}

/* Parsing a half of a pattern. */

typedef struct
{
  const char *text;
  const CurrantSpan *span;
  guint most;
  GError **error;
  GPtrArray *choices;
} Expansion;

static char *
fold_stars (const char *start, gsize length)
{
  char *folded = g_malloc (length + 1), *out = folded;

  for (gsize i = 0; i < length; i++)
    if (start[i] != '*' || out == folded || out[-1] != '*')
      *out++ = start[i];
  *out = '\0';
  return folded;
}

static gboolean
expansion_add (Expansion *self, GString *so_far)
{
  if (so_far->len == 0)
    return refuse (self->text, self->span->offset, self->error, "empty choice");
  if (self->choices->len == self->most)
    return refuse (self->text, self->span->offset, self->error, "more than %d choices",
                   CURRANT_PATTERN_MAX_CHOICES);
  g_ptr_array_add (self->choices, fold_stars (so_far->str, so_far->len));
  return TRUE;
}

static gsize
offset_of (Expansion *self, const char *p)
{
  return self->span->offset + (p - self->span->text);
}

/* The '}' that ends the choice which begins at @open, or NULL with the error set. */
static const char *
find_close (Expansion *self, const char *open, const char *end)
{
  for (const char *p = open + 1; p < end; p++)
    {
      if (*p == '}')
        return p;
      if (*p == '{')
        {
          refuse (self->text, offset_of (self, p), self->error, "“{” inside a choice");
          return NULL;
        }
    }
  refuse (self->text, offset_of (self, open), self->error, "“{” without “}”");
  return NULL;
}

/* Appends to the choices all that @so_far followed by [p, end) multiplies out to. */
static gboolean
expand (Expansion *self, GString *so_far, const char *p)
{
  const char *end = self->span->text + self->span->length;
  gsize mark = so_far->len, kept;
  const char *close, *comma;

  for (; p < end && *p != '{'; p++)
    {
      if (*p == '}')
        return refuse (self->text, offset_of (self, p), self->error, "“}” without “{”");
      g_string_append_c (so_far, *p);
    }
  if (p == end)
    {
      gboolean added = expansion_add (self, so_far);

      g_string_truncate (so_far, mark);
      return added;
    }
  close = find_close (self, p, end);
  if (close == NULL)
    return FALSE;
  if (close == p + 1)
    return refuse (self->text, offset_of (self, p), self->error, "empty choice");
  kept = so_far->len;
  for (p++; p <= close; p = comma + 1)
    {
      comma = memchr (p, ',', close - p);
      if (comma == NULL)
        comma = close;
      g_string_append_len (so_far, p, comma - p);
      if (!expand (self, so_far, close + 1))
        return FALSE;
      g_string_truncate (so_far, kept);
    }
  g_string_truncate (so_far, mark);
  return TRUE;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Sorts, drops repeats, and lets "*" swallow the rest. */
static void
simplify (GPtrArray *choices)
{
  guint n = 0;

  g_ptr_array_sort (choices, compare_texts);
  for (guint i = 0; i < choices->len; i++)
    {
      char *choice = choices->pdata[i];

      if (n > 0 && strcmp (choices->pdata[n - 1], choice) == 0)
        g_free (choice);
      else
        choices->pdata[n++] = choice;
    }
  choices->len = n;
  for (guint i = 0; i < n; i++)
    if (strcmp (choices->pdata[i], "*") == 0)
      {
        gpointer star = g_steal_pointer (&choices->pdata[i]);

        for (guint j = 0; j < n; j++)
          g_free (choices->pdata[j]);
        choices->pdata[0] = star;
        choices->len = 1;
        return;
      }
}

/* The canonical text of one choice "{…}": sorted, each once, without braces where one is left. */
static void
print_choice (GString *out, const char *start, gsize length)
{
  g_autofree char *inside = fold_stars (start, length);
  g_auto (GStrv) parts = g_strsplit (inside, ",", -1);
  guint n = g_strv_length (parts), kept = 0;
  gsize mark = out->len;

  qsort (parts, n, sizeof *parts, compare_texts);
  g_string_append_c (out, '{');
  for (guint i = 0; i < n; i++)
    {
      if (i > 0 && strcmp (parts[i], parts[i - 1]) == 0)
        continue;
      if (kept++ > 0)
        g_string_append_c (out, ',');
      g_string_append (out, parts[i]);
    }
  if (kept == 1)
    g_string_erase (out, mark, 1);
  else
    g_string_append_c (out, '}');
}

/* The text as it was given, which has been found legal, but with each of its parts in its plainest
 * form; so it is never longer, and can be parsed again. */
static char *
print_half (const CurrantHalf *self, const CurrantSpan *span)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *p = span->text, *end = p + span->length, *open;

  while ((open = memchr (p, '{', end - p)) != NULL)
    {
      const char *close = memchr (open, '}', end - open);

      g_string_append_len (text, p, open - p);
      print_choice (text, open + 1, close - open - 1);
      p = close + 1;
    }
  g_string_append_len (text, p, end - p);
  return fold_stars (text->str, text->len);
}

/* Takes over @choice. */
static void
set_only_choice (CurrantHalf *self, char *choice)
{
  self->only[0] = self->text = choice;
  self->only[1] = NULL;
  self->choices = self->only;
  self->n_choices = 1;
}

static gboolean
is_without_braces (const CurrantSpan *span)
{
  return memchr (span->text, '{', span->length) == NULL
         && memchr (span->text, '}', span->length) == NULL;
}

static gboolean
parse_choices (CurrantHalf *self, const char *text, const CurrantSpan *span, guint most,
               GError **error)
{
  g_autoptr (GPtrArray) choices = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) so_far = g_string_new (NULL);
  Expansion expansion = { text, span, most, error, choices };

  if (!expand (&expansion, so_far, span->text))
    return FALSE;
  simplify (choices);
  if (choices->len == 1)
    {
      set_only_choice (self, g_strdup (choices->pdata[0]));
      return TRUE;
    }
  self->n_choices = choices->len;
  g_ptr_array_add (choices, NULL);
  g_ptr_array_set_free_func (choices, NULL);
  self->choices = (char **)g_ptr_array_free (g_steal_pointer (&choices), FALSE);
  self->text = print_half (self, span);
  return TRUE;
}

gboolean
currant_half_parse (CurrantHalf *self, const char *text, const CurrantSpan *span, guint most,
                    GError **error)
{
  if (!is_without_braces (span) || most == 0)
    return parse_choices (self, text, span, most, error);
  set_only_choice (self, fold_stars (span->text, span->length));
  return TRUE;
}

void
currant_half_clear (CurrantHalf *self)
{
  if (self->choices != self->only)
    g_strfreev (self->choices);
  g_free (self->text);
  *self = (CurrantHalf){ 0 };
}

CurrantHalfKind
currant_glob_kind (const char *glob)
{
  if (strchr (glob, '*') == NULL)
    return CURRANT_HALF_EXACT;
  return glob[1] == '\0' ? CURRANT_HALF_ANY : CURRANT_HALF_GLOB;
}

/* The usual greedy matcher: on a mismatch the last star takes one byte more. Its worst case is the
 * product of both lengths, which the limit of a half keeps at 255 times 255. */
gboolean
currant_glob_matches (const char *glob, const char *text)
{
  const char *star = NULL, *retry = NULL;

  while (*text != '\0')
    {
      if (*glob == '*')
        {
          star = glob++;
          retry = text;
        }
      else if (*glob == *text)
        {
          glob++;
          text++;
        }
      else if (star != NULL)
        {
          glob = star + 1;
          text = ++retry;
        }
      else
        return FALSE;
    }
  while (*glob == '*')
    glob++;
  return *glob == '\0';
}

gboolean
currant_half_matches (const CurrantHalf *self, const char *text)
{
  if (text[0] == '*' && text[1] == '\0')
    return TRUE;
  for (guint i = 0; i < self->n_choices; i++)
    if (currant_glob_matches (self->choices[i], text))
      return TRUE;
  return FALSE;
}

/* A star stands for any text, so for one with a byte that no pattern contains. If a choice of @wide
 * matches @choice with each star made such a byte, it swallowed every star with a star of its own,
 * and so matches whatever the stars may stand for; if none does, the text itself is the proof that
 * @wide misses something. */
static gboolean
covers_choice (const CurrantHalf *wide, const char *choice)
{
  g_autofree char *probe = g_strdelimit (g_strdup (choice), "*", '\001');

  for (guint i = 0; i < wide->n_choices; i++)
    if (currant_glob_matches (wide->choices[i], probe))
      return TRUE;
  return FALSE;
}

gboolean
currant_half_covers (const CurrantHalf *wide, const CurrantHalf *narrow)
{
  for (guint i = 0; i < narrow->n_choices; i++)
    if (!covers_choice (wide, narrow->choices[i]))
      return FALSE;
  return TRUE;
}
