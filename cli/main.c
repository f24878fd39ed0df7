/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program `currant`: finds the subcommand and runs it. */
#include "config.h"

#include "cmd.h"

#include <currant.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  const char *name;
  CommandFunc run;
  const char *summary;
} Command;

static const Command commands[] = {
  { "demo", cmd_demo, N_ ("show in a scratch directory what Currant does, and check it") },
  { "match", cmd_match, N_ ("say which identifiers a pattern matches") },
  { "watch", cmd_watch, N_ ("print what happens to files, and who is told of it") },
};

static const Command *
find_command (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

static int
print_help (void)
{
  printf (_ ("Usage: currant COMMAND [OPTION…] [ARGUMENT…]\n\n"));
  printf (_ ("An event bus for programs: publish, follow, from any thread.\n\n"));
  printf (_ ("Commands:\n"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    printf ("  %-8s %s\n", commands[i].name, _ (commands[i].summary));
  printf (_ ("\n“currant COMMAND --help” says more about a command.\n"));
  return STATUS_OK;
}

static int
print_version (void)
{
  printf ("currant %s\n", CURRANT_VERSION_STRING);
  return STATUS_OK;
}

static int
run_command (int argc, char **argv)
{
  const Command *command = find_command (argv[0]);

  if (command == NULL)
    return cmd_complain_usage (NULL, _ ("there is no command “%s”"), argv[0]);
  return command->run (argc, argv);
}

static int
run_help (int argc, char **argv)
{
  char option[] = "--help";
  char *words[] = { argc > 1 ? argv[1] : NULL, option, NULL };

  return argc > 1 ? run_command (2, words) : print_help ();
}

static gboolean
is_one_of (const char *word, const char *a, const char *b)
{
  return strcmp (word, a) == 0 || strcmp (word, b) == 0;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  if (argc < 2)
    return cmd_complain_usage (NULL, _ ("a command is missing"));
  if (is_one_of (argv[1], "--help", "-h"))
    return print_help ();
  if (is_one_of (argv[1], "--version", "-V"))
    return print_version ();
  if (strcmp (argv[1], "help") == 0)
    return run_help (argc - 1, argv + 1);
  if (argv[1][0] == '-')
    return cmd_complain_usage (NULL, _ ("there is no option “%s”"), argv[1]);
  return run_command (argc - 1, argv + 1);
}
