/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Globs over file names, byte for byte. */
#include "config.h"

#include "currant-file-glob-private.h"
#include "currant-test.h"

#include <fnmatch.h>
#include <string.h>

typedef struct
{
  const char *glob;
  const char *name;
  gboolean matches;
} Case;

static const Case cases[] = {
  { "*", "a", TRUE },
  { "*", "", TRUE },
  { "*", ".hidden", FALSE },
  { ".*", ".hidden", TRUE },
  { "\\.*", ".hidden", TRUE },
  { "?hidden", ".hidden", FALSE },
  { "[.]hidden", ".hidden", FALSE },
  { "*.log", "a.log", TRUE },
  { "*.log", ".log", FALSE },
  { "*.log", "a.log.1", FALSE },
  { "a*b*c", "abc", TRUE },
  { "a*b*c", "axxbyybzzc", TRUE },
  { "a*b*c", "axxbyybzz", FALSE },
  { "***", "abc", TRUE },
  { "a?c", "abc", TRUE },
  { "a?c", "ac", FALSE },
  { "a?c", "a\303\244c", TRUE },   /* one character of two bytes */
  { "a??c", "a\303\244c", FALSE }, /* which are not two */
  { "a?c", "a\377c", TRUE },       /* one byte that is no character */
  { "*c", "a\377\376c", TRUE },
  { "a\377*", "a\377c", TRUE },
  { "[abc]x", "bx", TRUE },
  { "[abc]x", "dx", FALSE },
  { "[a-c]x", "bx", TRUE },
  { "[a-c]x", "-x", FALSE },
  { "[a-]x", "-x", TRUE },
  { "[!a-c]x", "dx", TRUE },
  { "[!a-c]x", "bx", FALSE },
  { "[^a-c]x", "dx", TRUE },
  { "[]]x", "]x", TRUE },
  { "[!]]x", "]x", FALSE },
  { "[\\]]x", "]x", TRUE },
  { "[\303\240-\303\257]", "\303\244", TRUE },
  { "[abc", "[abc", TRUE }, /* no end: a bracket like any other */
  { "\\*", "*", TRUE },
  { "\\*", "a", FALSE },
  { "a\\", "a\\", TRUE }, /* nothing to take the meaning of */
  { "a\nb*", "a\nbc", TRUE },
  { "", "", TRUE },
  { "", "a", FALSE },
  { "{a,b}", "a", FALSE }, /* choices are not for file names */
  { "{a,b}", "{a,b}", TRUE },
};

static void
test_table (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    if (currant_file_glob_matches (cases[i].glob, cases[i].name) != cases[i].matches)
      g_error ("“%s” %s “%s”", cases[i].glob, cases[i].matches ? "does not match" : "matches",
               cases[i].name);
}

static void
fill (GRand *rand, char *text, const char *letters, int max)
{
  int length = g_rand_int_range (rand, 0, max);

  for (int i = 0; i < length; i++)
    text[i] = letters[g_rand_int_range (rand, 0, (int)strlen (letters))];
  text[length] = '\0';
}

/* The C library's matcher is the oracle, where both mean the same: no lone backslash or bracket. */
static void
test_as_fnmatch (void)
{
  g_autoptr (GRand) rand = currant_test_rand_new ();

  for (guint i = 0; i < currant_test_rounds (200000); i++)
    {
      char glob[12];
      char name[12];
      fill (rand, glob, "aab.*?", 10);
      fill (rand, name, "aab.", 10);
      if (currant_file_glob_matches (glob, name) != (fnmatch (glob, name, FNM_PERIOD) == 0))
        g_error ("“%s” and “%s”: the C library is of another opinion", glob, name);
    }
}

/* What takes time exponential in the number of stars elsewhere. */
static void
test_many_stars (void)
{
  g_autofree char *name = g_strnfill (255, 'a');

  g_assert_false (currant_file_glob_matches ("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
}

static void
test_special (void)
{
  g_autofree char *plain = currant_file_glob_unescape ("a\\*b\\\\c\\");

  g_assert_true (currant_file_glob_is_special ("a*"));
  g_assert_true (currant_file_glob_is_special ("a?"));
  g_assert_true (currant_file_glob_is_special ("[a]"));
  g_assert_false (currant_file_glob_is_special ("[a"));
  g_assert_false (currant_file_glob_is_special ("a\\*"));
  g_assert_false (currant_file_glob_is_special ("a\\"));
  g_assert_false (currant_file_glob_is_special (""));
  g_assert_cmpstr (plain, ==, "a*b\\c\\");
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/adapter/glob/table", test_table);
  currant_test_add ("/adapter/glob/agrees-with-fnmatch", test_as_fnmatch);
  currant_test_add ("/adapter/glob/many-stars", test_many_stars);
  currant_test_add ("/adapter/glob/special", test_special);
  return g_test_run ();
}
