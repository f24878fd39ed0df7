/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Slices: of all that match exactly one gets the message. */
#include "config.h"

#include "currant-test.h"

#include <math.h>

#define N_MESSAGES 30000

static void
count_call (CurrantMessage *message, gpointer user_data)
{
  (void)message;
  (*(int *)user_data)++;
}

static CurrantFollower *
add_slice (CurrantBus *bus, const char *pattern, double weight, int *calls)
{
  CurrantFollower *follower =
      currant_test_follower_new (pattern, CURRANT_DELIVERY_AUTO, count_call, calls);
  g_autoptr (GError) error = NULL;

  g_assert_true (currant_follower_set_slice (follower, weight, &error));
  g_assert_no_error (error);
  currant_bus_add_follower (bus, follower);
  currant_follower_unref (follower);
  return follower;
}

/* Within six standard deviations of what the weight asks for. */
static void
assert_share (int calls, double share)
{
  double deviation = sqrt (N_MESSAGES * share * (1 - share));

  g_assert_cmpfloat (fabs (calls - N_MESSAGES * share), <=, 6 * deviation);
}

static void
test_by_weight (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls[3] = { 0 }, all = 0;

  add_slice (bus, "a:*", 1, &calls[0]);
  add_slice (bus, "a:x", 2, &calls[1]);
  add_slice (bus, "*:x", 0, &calls[2]);
  currant_bus_follow (bus, "a:x", count_call, &all, NULL);
  for (int i = 0; i < N_MESSAGES; i++)
    g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 2);
  g_assert_cmpint (all, ==, N_MESSAGES);
  g_assert_cmpint (calls[0] + calls[1], ==, N_MESSAGES);
  g_assert_cmpint (calls[2], ==, 0);
  assert_share (calls[0], 1.0 / 3);
  currant_test_assert_balance (bus);
  g_assert_cmpuint (currant_test_stat (bus, "matched"), ==, 2 * N_MESSAGES);
}

/* Where all weights are 0 they are alike. */
static void
test_all_zero (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls[3] = { 0 };

  for (int i = 0; i < 3; i++)
    add_slice (bus, "a:x", 0, &calls[i]);
  for (int i = 0; i < N_MESSAGES; i++)
    g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 1);
  g_assert_cmpint (calls[0] + calls[1] + calls[2], ==, N_MESSAGES);
  for (int i = 0; i < 3; i++)
    assert_share (calls[i], 1.0 / 3);
}

static void
test_alone (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls = 0;

  add_slice (bus, "a:x", 0, &calls);
  for (int i = 0; i < 100; i++)
    currant_bus_publish (bus, "a:x", NULL);
  g_assert_cmpint (calls, ==, 100);
}

/* Weights of any size, and small fractions. */
static void
test_uneven_weights (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int calls[2] = { 0 };

  add_slice (bus, "a:x", 1e300, &calls[0]);
  add_slice (bus, "a:x", 3e300, &calls[1]);
  for (int i = 0; i < N_MESSAGES; i++)
    currant_bus_publish (bus, "a:x", NULL);
  assert_share (calls[0], 0.25);
  g_assert_cmpint (calls[0] + calls[1], ==, N_MESSAGES);
}

static gboolean
refuse (CurrantMessage *message, gpointer user_data)
{
  (void)message;
  (void)user_data;
  return FALSE;
}

/* The choice is among those that would take the message. */
static void
test_only_among_the_willing (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int guarded_calls = 0, keyed_calls = 0, calls = 0;
  CurrantFollower *guarded =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_AUTO, count_call, &guarded_calls);
  CurrantFollower *keyed =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_AUTO, count_call, &keyed_calls);

  g_assert_true (currant_follower_set_slice (guarded, 1000, NULL));
  currant_follower_set_guard (guarded, refuse, NULL, NULL);
  currant_bus_add_follower (bus, guarded);
  g_assert_true (currant_follower_set_slice (keyed, 1000, NULL));
  g_assert_true (currant_follower_set_key (keyed, 1, 1, NULL));
  currant_bus_add_follower (bus, keyed);
  add_slice (bus, "a:x", 1, &calls);
  for (int i = 0; i < 100; i++)
    g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 1);
  g_assert_cmpint (calls, ==, 100);
  g_assert_cmpint (guarded_calls + keyed_calls, ==, 0);
  currant_follower_unref (guarded);
  currant_follower_unref (keyed);
}

/* Slices that come and go share with those that are there. */
static void
test_stopped_slice_leaves_its_share (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int first = 0, second = 0;
  CurrantFollower *follower = add_slice (bus, "a:x", 1000000, &first);

  add_slice (bus, "a:x", 1, &second);
  currant_bus_publish (bus, "a:x", NULL);
  currant_follower_stop (follower);
  first = second = 0;
  for (int i = 0; i < 50; i++)
    currant_bus_publish (bus, "a:x", NULL);
  g_assert_cmpint (first, ==, 0);
  g_assert_cmpint (second, ==, 50);
}

static void
test_refused_weights (void)
{
  static const double weights[] = { -1, -0.001, NAN, INFINITY, -INFINITY };
  g_autoptr (CurrantFollower) follower =
      currant_test_follower_new ("a:x", CURRANT_DELIVERY_AUTO, count_call, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (weights); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (currant_follower_set_slice (follower, weights[i], &error));
      g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_SETTING);
    }
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/slice/by-weight", test_by_weight);
  currant_test_add ("/slice/all-zero", test_all_zero);
  currant_test_add ("/slice/alone", test_alone);
  currant_test_add ("/slice/uneven-weights", test_uneven_weights);
  currant_test_add ("/slice/only-among-the-willing", test_only_among_the_willing);
  currant_test_add ("/slice/stopped-slice-leaves-its-share", test_stopped_slice_leaves_its_share);
  currant_test_add ("/slice/refused-weights", test_refused_weights);
  return g_test_run ();
}
