/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cmd.h"

#include <glib/gi18n.h>
#include <stdio.h>

static void complain (const char *command, const char *format, va_list args) G_GNUC_PRINTF (2, 0);

static void
complain (const char *command, const char *format, va_list args)
{
  g_autofree char *text = g_strdup_vprintf (format, args);

  if (command != NULL)
    fprintf (stderr, "currant %s: %s\n", command, text);
  else
    fprintf (stderr, "currant: %s\n", text);
}

/* One line to the standard error output. `command` is NULL for the program itself. */
void
cmd_complain (const char *command, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  complain (command, format, args);
  va_end (args);
}

/* Of wrong use: says where the help is, and returns the status for it. */
int
cmd_complain_usage (const char *command, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  complain (command, format, args);
  va_end (args);
  if (command != NULL)
    fprintf (stderr, _ ("Try “currant %s --help”.\n"), command);
  else
    fprintf (stderr, _ ("Try “currant --help”.\n"));
  return STATUS_USAGE;
}

/*
 * Reads the options and leaves the other words. FALSE if they are wrong, which has been said then.
 * With --help this does not return.
 */
gboolean
cmd_parse (int *argc, char ***argv, const GOptionEntry *entries, const char *usage,
           const char *summary)
{
  g_autoptr (GOptionContext) context = g_option_context_new (usage);
  g_autofree char *command = g_strdup ((*argv)[0]);
  g_autofree char *program = g_strconcat ("currant ", command, NULL);
  g_autoptr (GError) error = NULL;

  g_set_prgname (program);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, summary);
  if (g_option_context_parse (context, argc, argv, &error))
    return TRUE;
  cmd_complain_usage (command, "%s", error->message);
  return FALSE;
}
