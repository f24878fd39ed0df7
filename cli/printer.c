/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "printer.h"

#include <errno.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

/* Words without blanks and quotes stand as they are. */
static gboolean
is_plain (const char *text)
{
  if (*text == '\0')
    return FALSE;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (!g_unichar_isgraph (c) || strchr ("\"'\\", (int)MIN (c, 127)) != NULL)
        return FALSE;
    }
  return TRUE;
}

/* What would move the cursor of a terminal, or break the line, is spelled out. */
static void
append_quoted (GString *line, const char *text)
{
  g_string_append_c (line, '"');
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (c == '"' || c == '\\')
        g_string_append_printf (line, "\\%c", (char)c);
      else if (c == '\n')
        g_string_append (line, "\\n");
      else if (g_unichar_isprint (c))
        g_string_append_unichar (line, c);
      else
        g_string_append_printf (line, c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
    }
  g_string_append_c (line, '"');
}

static void
append_value (GString *line, GVariant *value)
{
  g_autofree char *printed = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    {
      const char *text = g_variant_get_string (value, NULL);
      if (is_plain (text))
        g_string_append (line, text);
      else
        append_quoted (line, text);
      return;
    }
  printed = g_variant_print (value, FALSE);
  g_string_append (line, printed);
}

static void
append_args (GString *line, GVariant *args)
{
  for (gsize i = 0; i < g_variant_n_children (args); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (args, i);
      g_string_append_c (line, ' ');
      append_value (line, child);
    }
}

static void
append_kwargs (GString *line, GVariant *kwargs)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, kwargs);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    {
      g_string_append_printf (line, " %s=", key);
      append_value (line, value);
    }
}

/* Who, what, arguments: in columns as long as they fit. */
char *
printer_make_text (const Receiver *receiver, CurrantMessage *message)
{
  g_autoptr (GString) line = g_string_new (NULL);
  GVariant *args = currant_message_get_args (message);
  GVariant *kwargs = currant_message_get_kwargs (message);

  g_string_printf (line, "%-10s %-16s", receiver->who, currant_message_get_id (message));
  if (args != NULL)
    append_args (line, args);
  if (kwargs != NULL)
    append_kwargs (line, kwargs);
  return g_string_free (g_steal_pointer (&line), FALSE);
}

static void
add_string (JsonBuilder *builder, const char *key, const char *value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, value);
}

static void
add_number (JsonBuilder *builder, const char *key, gint64 value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, value);
}

static void
add_variant (JsonBuilder *builder, const char *key, GVariant *value)
{
  json_builder_set_member_name (builder, key);
  if (value != NULL)
    json_builder_add_value (builder, json_gvariant_serialize (value));
  else
    json_builder_add_null_value (builder);
}

/* One object, without a line break in it. */
char *
printer_make_json (const Receiver *receiver, CurrantMessage *message)
{
  g_autoptr (JsonBuilder) builder = json_builder_new_immutable ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  add_string (builder, "who", receiver->who);
  add_string (builder, "pattern", receiver->pattern);
  add_string (builder, "id", currant_message_get_id (message));
  if (currant_message_get_namespace (message) != NULL)
    add_string (builder, "namespace", currant_message_get_namespace (message));
  add_variant (builder, "args", currant_message_get_args (message));
  add_variant (builder, "kwargs", currant_message_get_kwargs (message));
  add_number (builder, "time", currant_message_get_real_time (message));
  add_number (builder, "publisher", currant_message_get_publisher (message));
  add_number (builder, "sequence", (gint64)currant_message_get_sequence (message));
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  return json_generator_to_data (generator, NULL);
}

/* Returns 0, or why the line could not be written (an errno). */
int
printer_write_line (const char *line)
{
  int code = 0;

  flockfile (stdout);
  if (fputs (line, stdout) == EOF || putc ('\n', stdout) == EOF || fflush (stdout) == EOF)
    code = errno;
  funlockfile (stdout);
  return code;
}
