/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The budget of a dispatch, by a clock that the test sets. */
#include "config.h"

#include "currant-test.h"

static gint64 now;
static guint n_looks;

static inline gint64
look_at_test_clock (void)
{
  n_looks++;
  return now;
}

#define g_get_monotonic_time look_at_test_clock
#include "currant-budget-private.h"
#undef g_get_monotonic_time

/* How many messages of so many microseconds each a dispatch delivers. */
static guint
count_messages (gint64 cost)
{
  CurrantBudget budget;
  guint n = 0;

  now = 123456789;
  n_looks = 0;
  currant_budget_begin (&budget);
  do
    {
      now += cost;
      n++;
    }
  while (currant_budget_lasts (&budget));
  return n;
}

/* Quick callbacks are limited by their number, and the clock is hardly looked at. */
static void
test_quick (void)
{
  g_assert_cmpuint (count_messages (0), ==, CURRANT_BUDGET_MESSAGES);
  g_assert_cmpuint (count_messages (1), ==, CURRANT_BUDGET_MESSAGES);
  g_assert_cmpuint (count_messages (3), ==, CURRANT_BUDGET_MESSAGES);
  g_assert_cmpuint (n_looks, <=, 2 + CURRANT_BUDGET_MESSAGES / 8);
}

/* Others by the time they take. */
static void
test_slow (void)
{
  g_assert_cmpuint (count_messages (4), >=, 1000);
  g_assert_cmpuint (count_messages (4), <=, 1008);
  g_assert_cmpuint (count_messages (10), ==, 400);
  g_assert_cmpuint (count_messages (999), ==, 5);
  g_assert_cmpuint (count_messages (1000), ==, 4);
  g_assert_cmpuint (count_messages (3999), ==, 2);
  g_assert_cmpuint (count_messages (4000), ==, 1);
  g_assert_cmpuint (count_messages (10000000), ==, 1);
}

/* The first one that takes long after many quick ones is followed by no more than seven others. */
static void
test_slow_after_quick (void)
{
  for (guint quick = 0; quick < 40; quick++)
    {
      CurrantBudget budget;
      guint n = 0;

      now = 0;
      currant_budget_begin (&budget);
      for (; n < quick; n++)
        {
          now++;
          g_assert_true (currant_budget_lasts (&budget));
        }
      now += CURRANT_BUDGET_US;
      while (currant_budget_lasts (&budget))
        n++;
      g_assert_cmpuint (n - quick, <=, 7);
    }
}

/* Each dispatch begins anew. */
static void
test_begins_anew (void)
{
  CurrantBudget budget;

  now = 0;
  currant_budget_begin (&budget);
  now += CURRANT_BUDGET_US;
  g_assert_false (currant_budget_lasts (&budget));
  currant_budget_begin (&budget);
  g_assert_true (currant_budget_lasts (&budget));
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/budget/quick", test_quick);
  currant_test_add ("/budget/slow", test_slow);
  currant_test_add ("/budget/slow-after-quick", test_slow_after_quick);
  currant_test_add ("/budget/begins-anew", test_begins_anew);
  return g_test_run ();
}
