/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-args-private.h"

#include <string.h>

/* A block is: n_args slots; n_args type characters and a NUL; the strings, each with its NUL. */

static const char *
types_of (gconstpointer block, guint n_args)
{
  return (const char *)((const CurrantSlot *)block + n_args);
}

#define TEXT 0x80

/* By type character: how many bytes a number has, or TEXT; 0 for what is not packed. */
static const guint8 widths[256] = {
  ['b'] = sizeof (gboolean),
  ['y'] = 1,
  ['n'] = 2,
  ['q'] = 2,
  ['i'] = 4,
  ['u'] = 4,
  ['h'] = 4,
  ['x'] = 8,
  ['t'] = 8,
  ['d'] = 8,
  ['s'] = TEXT,
  ['o'] = TEXT,
  ['g'] = TEXT,
};

static inline guint8
width_of (char type)
{
  return widths[(guchar)type];
}

/* The type character at *@format, past a '&', with *@format moved on. 0 at the end, -1 for what
 * cannot be packed. */
static inline int
next_type (const char **format)
{
  const char *p = *format;
  gboolean borrowed = *p == '&';
  guint8 width;

  p += borrowed;
  *format = p + 1;
  width = width_of (*p);
  if (G_LIKELY (width != 0 && (!borrowed || width == TEXT)))
    return *p;
  return *p == ')' && !borrowed ? 0 : -1;
}

gboolean
currant_args_can_pack (const char *format, guint *n_args, gsize *size, gboolean *has_text)
{
  guint8 seen = 0;
  guint n = 0;
  int type;

  if (*format++ != '(')
    return FALSE;
  for (; (type = next_type (&format)) > 0; n++)
    {
      if (n == CURRANT_ARGS_MAX)
        return FALSE;
      seen |= width_of (type);
    }
  *n_args = n;
  *size = n * (sizeof (CurrantSlot) + 1) + 1;
  *has_text = (seen & TEXT) != 0;
  return type == 0 && *format == '\0';
}

static gboolean
is_ascii (const char *text, gsize length)
{
  guint64 any = 0, word;

  for (; length >= sizeof word; length -= sizeof word, text += sizeof word)
    {
      memcpy (&word, text, sizeof word);
      any |= word;
    }
  for (gsize i = 0; i < length; i++)
    any |= (guchar)text[i];
  return (any & G_GUINT64_CONSTANT (0x8080808080808080)) == 0;
}

static gboolean
text_is_legal (char type, const char *text, gsize length)
{
  switch (type)
    {
    case 'o':
      return g_variant_is_object_path (text);
    case 'g':
      return g_variant_is_signature (text);
    default:
      return is_ascii (text, length) || g_utf8_validate (text, length, NULL);
    }
}

static gboolean
measure_text (char type, const char *text, gsize *size)
{
  gsize length;

  if (text == NULL)
    {
      g_critical ("a string argument is NULL");
      return FALSE;
    }
  length = strlen (text);
  if (!text_is_legal (type, text, length))
    {
      g_critical ("a string argument is not legal for the type “%c”", type);
      return FALSE;
    }
  *size += length + 1;
  return TRUE;
}

gboolean
currant_args_measure_texts (const char *format, va_list *args, gsize *size)
{
  int type;

  *size = 0;
  for (format++; (type = next_type (&format)) != 0;)
    if (width_of (type) == TEXT)
      {
        if (!measure_text (type, va_arg (*args, const char *), size))
          return FALSE;
      }
    else if (type == 'd')
      (void)va_arg (*args, double);
    else if (type == 'x' || type == 't')
      (void)va_arg (*args, gint64);
    else
      (void)va_arg (*args, int);
  return TRUE;
}

static char *
pack_text (CurrantSlot *slot, char *out, const char *text)
{
  gsize size = strlen (text) + 1;

  slot->s = memcpy (out, text, size);
  return out + size;
}

void
currant_args_pack (gpointer block, guint n_args, const char *format, va_list *args)
{
  CurrantSlot *slot = block;
  char *types = (char *)(slot + n_args);
  char *out = types + n_args + 1;
  int type;

  for (format++; (type = next_type (&format)) != 0; slot++)
    {
      *types++ = (char)type;
      switch (type)
        {
        case 's':
        case 'o':
        case 'g':
          out = pack_text (slot, out, va_arg (*args, const char *));
          break;
        case 'd':
          slot->d = va_arg (*args, double);
          break;
        case 'x':
        case 't':
          slot->x = va_arg (*args, gint64);
          break;
        case 'y':
          slot->y = (guint8)va_arg (*args, int);
          break;
        case 'n':
        case 'q':
          slot->n = (gint16)va_arg (*args, int);
          break;
        case 'b':
          slot->b = va_arg (*args, int) != 0;
          break;
        default:
          slot->i = va_arg (*args, int);
        }
    }
  *types = '\0';
}

static gboolean
fits_slowly (const char *types, const char *format)
{
  int type;

  if (*format++ != '(')
    return FALSE;
  while ((type = next_type (&format)) > 0)
    if (*types++ != type)
      return FALSE;
  return type == 0 && *types == '\0' && *format == '\0';
}

gboolean
currant_args_fit (gconstpointer block, guint n_args, const char *format)
{
  const char *types = types_of (block, n_args);
  guint i;

  /* Without a '&' a format is the types in parentheses. */
  if (format[0] != '(')
    return FALSE;
  for (i = 0; i < n_args && format[1 + i] == types[i]; i++)
    ;
  if (G_LIKELY (i == n_args && format[1 + i] == ')' && format[2 + i] == '\0'))
    return TRUE;
  return fits_slowly (types, format);
}

static void
unpack_text (const char *text, gboolean borrowed, gpointer to)
{
  if (to == NULL)
    return;
  if (borrowed)
    *(const char **)to = text;
  else
    *(char **)to = g_strdup (text);
}

static void
unpack_number (const CurrantSlot *slot, int type, gpointer to)
{
  /* Every member of a slot begins where the slot does. */
  if (to != NULL)
    memcpy (to, slot, width_of (type));
}

void
currant_args_unpack (gconstpointer block, G_GNUC_UNUSED guint n_args, const char *format,
                     va_list *args)
{
  const CurrantSlot *slot = block;
  int type;

  format++;
  for (gboolean borrowed = *format == '&'; (type = next_type (&format)) != 0;
       borrowed = *format == '&', slot++)
    {
      gpointer to = va_arg (*args, gpointer);

      if (width_of (type) == TEXT)
        unpack_text (slot->s, borrowed, to);
      else
        unpack_number (slot, type, to);
    }
}

static GVariant *
slot_to_variant (const CurrantSlot *slot, char type)
{
  switch (type)
    {
    case 'b':
      return g_variant_new_boolean (slot->b);
    case 'y':
      return g_variant_new_byte (slot->y);
    case 'n':
      return g_variant_new_int16 (slot->n);
    case 'q':
      return g_variant_new_uint16 (slot->q);
    case 'i':
      return g_variant_new_int32 (slot->i);
    case 'u':
      return g_variant_new_uint32 (slot->u);
    case 'x':
      return g_variant_new_int64 (slot->x);
    case 't':
      return g_variant_new_uint64 (slot->t);
    case 'h':
      return g_variant_new_handle (slot->i);
    case 'd':
      return g_variant_new_double (slot->d);
    case 'o':
      return g_variant_new_object_path (slot->s);
    case 'g':
      return g_variant_new_signature (slot->s);
    default:
      return g_variant_new_string (slot->s);
    }
}

GVariant *
currant_args_to_variant (gconstpointer block, guint n_args)
{
  const CurrantSlot *slots = block;
  const char *types = types_of (block, n_args);
  GVariant *children[CURRANT_ARGS_MAX];

  for (guint i = 0; i < n_args; i++)
    children[i] = slot_to_variant (&slots[i], types[i]);
  return g_variant_new_tuple (children, n_args);
}
