/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* currant match: which of some identifiers does a pattern match? Like grep, for patterns of a bus.
 */
#include "config.h"

#include "cmd.h"

#include <currant.h>
#include <glib/gi18n.h>
#include <stdio.h>

static const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };

/* FALSE if a word is no identifier, which has been said then. */
static gboolean
match_word (CurrantPattern *pattern, const char *word, guint *n_matched)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CurrantIdentifier) identifier = currant_identifier_new (word, &error);

  if (identifier == NULL)
    {
      cmd_complain ("match", "%s", error->message);
      return FALSE;
    }
  if (!currant_pattern_matches (pattern, identifier))
    return TRUE;
  (*n_matched)++;
  printf ("%s\n", currant_identifier_to_string (identifier));
  return TRUE;
}

int
cmd_match (int argc, char **argv)
{
  g_autoptr (CurrantPattern) pattern = NULL;
  g_autoptr (GError) error = NULL;
  guint n_matched = 0;

  if (!cmd_parse (
          &argc, &argv, entries, _ ("PATTERN IDENTIFIER…"),
          _ ("Prints the identifiers that the pattern matches, a line each.\n"
             "The exit status is 0 if there are any, 1 if there are none, 2 for wrong use.")))
    return STATUS_USAGE;
  if (argc < 3)
    return cmd_complain_usage ("match", _ ("a pattern and an identifier are needed"));
  pattern = currant_pattern_new (argv[1], &error);
  if (pattern == NULL)
    return cmd_complain_usage ("match", "%s", error->message);
  for (int i = 2; i < argc; i++)
    if (!match_word (pattern, argv[i], &n_matched))
      return STATUS_USAGE;
  return n_matched > 0 ? STATUS_OK : STATUS_FAILED;
}
