/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the subcommands share: the table, exit statuses, complaints and the reading of options. */
#pragma once

#include <glib.h>

enum
{
  STATUS_OK = 0,
  STATUS_FAILED = 1,
  STATUS_USAGE = 2
};

/* argv[0] is the name of the subcommand, and argv ends with NULL. Returns the exit status. */
typedef int (*CommandFunc) (int argc, char **argv);

int cmd_demo (int argc, char **argv);
int cmd_match (int argc, char **argv);
int cmd_watch (int argc, char **argv);

/* `usage` is the words after the name, `summary` what stands below them; both translated. */
gboolean cmd_parse (int *argc, char ***argv, const GOptionEntry *entries, const char *usage,
                    const char *summary);

void cmd_complain (const char *command, const char *format, ...) G_GNUC_PRINTF (2, 3);
int cmd_complain_usage (const char *command, const char *format, ...) G_GNUC_PRINTF (2, 3);
