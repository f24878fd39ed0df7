/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a path is at rest. The test names the time. */
#include "config.h"

#include "currant-file-settle-private.h"
#include "currant-test.h"

#define MS G_TIME_SPAN_MILLISECOND

/* The paths that are due, with a space between two, forgotten then. */
static char *
take (CurrantFileSettle *settle, gint64 now)
{
  GQueue due = G_QUEUE_INIT;
  g_autoptr (GString) text = g_string_new (NULL);
  CurrantFileHint *hint;

  currant_file_settle_take_due (settle, now, &due);
  while ((hint = g_queue_pop_head (&due)) != NULL)
    {
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", hint->path);
      currant_file_hint_free (hint);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

#define assert_due(settle, now, expected)                                                          \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *due_ = take (settle, now);                                                    \
    g_assert_cmpstr (due_, ==, expected);                                                          \
  }                                                                                                \
  G_STMT_END

static void
test_quiet (void)
{
  g_autoptr (CurrantFileSettle) settle = currant_file_settle_new ();

  g_assert_true (currant_file_settle_is_empty (settle));
  g_assert_cmpint (currant_file_settle_get_next (settle), ==, -1);
  currant_file_settle_hear (settle, "a", FALSE, 1000 * MS);
  currant_file_settle_hear (settle, "a", FALSE, 1030 * MS);
  g_assert_cmpint (currant_file_settle_get_next (settle), ==, 1080 * MS);
  assert_due (settle, 1080 * MS - 1, "");
  assert_due (settle, 1080 * MS, "a");
  g_assert_true (currant_file_settle_is_empty (settle));
}

/* A path that never rests is due half a second after it began. */
static void
test_latest (void)
{
  g_autoptr (CurrantFileSettle) settle = currant_file_settle_new ();
  gint64 now;

  for (now = 0; now < 500 * MS; now += 10 * MS)
    {
      currant_file_settle_hear (settle, "a", FALSE, now);
      assert_due (settle, now, "");
    }
  g_assert_cmpint (currant_file_settle_get_next (settle), ==, 500 * MS);
  assert_due (settle, now, "a");
}

/* In the order first heard of, whatever came later. */
static void
test_order (void)
{
  g_autoptr (CurrantFileSettle) settle = currant_file_settle_new ();

  currant_file_settle_hear (settle, "a", FALSE, 0);
  currant_file_settle_hear (settle, "b", FALSE, 1 * MS);
  currant_file_settle_hear (settle, "c", FALSE, 40 * MS);
  currant_file_settle_hear (settle, "a", FALSE, 2 * MS);
  assert_due (settle, 60 * MS, "a b");
  assert_due (settle, 90 * MS, "c");
}

static void
test_at_once (void)
{
  g_autoptr (CurrantFileSettle) settle = currant_file_settle_new ();

  currant_file_settle_hear (settle, "a", FALSE, 0)->due = 5 * MS;
  assert_due (settle, 5 * MS, "a");
}

static void
test_fresh (void)
{
  g_autoptr (CurrantFileSettle) settle = currant_file_settle_new ();

  currant_file_settle_hear (settle, "a", TRUE, 0);
  currant_file_settle_hear (settle, "a", FALSE, 0);
  currant_file_settle_hear (settle, "b", FALSE, 0);
  g_assert_cmpuint (currant_file_settle_get_n_fresh (settle), ==, 1);
  assert_due (settle, 50 * MS, "a b");
  g_assert_cmpuint (currant_file_settle_get_n_fresh (settle), ==, 0);
}

/* What is put back keeps the time when it began. */
static void
test_put_back (void)
{
  g_autoptr (CurrantFileSettle) settle = currant_file_settle_new ();
  GQueue due = G_QUEUE_INIT;

  currant_file_settle_hear (settle, "a", FALSE, 0);
  currant_file_settle_take_due (settle, 480 * MS, &due);
  currant_file_settle_put_back (settle, g_queue_pop_head (&due), 480 * MS);
  g_assert_cmpint (currant_file_settle_get_next (settle), ==, 500 * MS);

  currant_file_settle_take_due (settle, 500 * MS, &due);
  currant_file_settle_hear (settle, "a", FALSE, 500 * MS); /* heard of again meanwhile */
  currant_file_settle_put_back (settle, g_queue_pop_head (&due), 510 * MS);
  g_assert_cmpint (currant_file_settle_get_next (settle), ==, 550 * MS);
  assert_due (settle, 550 * MS, "a");
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/adapter/settle/quiet", test_quiet);
  currant_test_add ("/adapter/settle/latest", test_latest);
  currant_test_add ("/adapter/settle/order", test_order);
  currant_test_add ("/adapter/settle/at-once", test_at_once);
  currant_test_add ("/adapter/settle/fresh", test_fresh);
  currant_test_add ("/adapter/settle/put-back", test_put_back);
  return g_test_run ();
}
