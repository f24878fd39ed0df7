/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The error domain by its name, which bindings and the bridge show, from several threads at once.
 */
#include "config.h"

#include <currant.h>

#include "currant-test.h"

static gpointer
ask (gpointer data)
{
  (void)data;
  return GUINT_TO_POINTER (CURRANT_ERROR);
}

static void
test_domain (void)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("ask", ask, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpuint (GPOINTER_TO_UINT (g_thread_join (threads[i])), ==, CURRANT_ERROR);
  g_assert_cmpstr (g_quark_to_string (CURRANT_ERROR), ==, "currant-error-quark");
}

static void
test_code_names (void)
{
  g_autoptr (GEnumClass) codes = g_type_class_ref (CURRANT_TYPE_ERROR);

  g_assert_cmpstr (g_enum_get_value (codes, CURRANT_ERROR_INVALID_IDENTIFIER)->value_nick, ==,
                   "invalid-identifier");
  g_assert_cmpstr (g_enum_get_value (codes, CURRANT_ERROR_FULL)->value_nick, ==, "full");
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/error/domain", test_domain);
  currant_test_add ("/error/code-names", test_code_names);
  return g_test_run ();
}
