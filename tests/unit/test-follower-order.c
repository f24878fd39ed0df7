/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Direct delivery that nests too deep keeps its order, and a limit among slices loses nothing. */
#include "config.h"

#include "currant-test.h"

typedef struct
{
  CurrantBus *bus;
  CurrantTestRecorder *recorder;
} Deep;

static void
go_deeper (CurrantMessage *message, gpointer data)
{
  Deep *self = data;
  int number = currant_test_message_number (message);

  currant_test_recorder_take (message, self->recorder);
  if (number < 66)
    currant_bus_publish (self->bus, "a:x", "(i)", number + 1);
}

/* What was posted for its depth comes before what the thread publishes afterwards. */
static void
test_order_after_nesting (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  Deep deep = { bus, recorder };

  currant_bus_follow_with_delivery (bus, "a:x", CURRANT_DELIVERY_DIRECT, go_deeper, &deep, NULL);
  currant_bus_publish (bus, "a:x", "(i)", 1);
  currant_bus_publish (bus, "a:x", "(i)", 1000);
  currant_test_iterate_until (NULL, currant_test_recorder_count (recorder) == 67);
  for (guint i = 0; i < 66; i++)
    g_assert_cmpint (currant_test_recorder_number (recorder, i), ==, (int)i + 1);
  g_assert_cmpint (currant_test_recorder_number (recorder, 66), ==, 1000);
  g_assert_cmpuint (currant_test_stat (bus, "nested"), >=, 1);
  currant_test_assert_balance (bus);
}

static void
add_slice (CurrantBus *bus, guint limit, CurrantTestRecorder *recorder)
{
  CurrantFollower *follower = currant_test_follower_new ("a:x", CURRANT_DELIVERY_QUEUED,
                                                         currant_test_recorder_take, recorder);

  g_assert_true (currant_follower_set_slice (follower, 1, NULL));
  currant_follower_set_limit (follower, limit);
  currant_bus_add_follower (bus, follower);
  currant_follower_unref (follower);
}

static void
assert_sliced (guint limit)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) limited = currant_test_recorder_new ();
  g_autoptr (CurrantTestRecorder) unlimited = currant_test_recorder_new ();

  add_slice (bus, limit, limited);
  add_slice (bus, 0, unlimited);
  for (int i = 0; i < 100; i++)
    g_assert_cmpuint (currant_bus_publish (bus, "a:x", "(i)", i), ==, 1);
  currant_test_drain (NULL);
  g_assert_cmpuint (currant_test_recorder_count (limited), ==, limit);
  g_assert_cmpuint (currant_test_recorder_count (unlimited), ==, 100 - limit);
  g_assert_cmpuint (currant_test_stat (bus, "delivered"), ==, 100);
  currant_test_assert_balance (bus);
}

/* A slice takes no more than it may be called with, and leaves the others to the other slices. */
static void
test_limited_slice (void)
{
  assert_sliced (1);
  assert_sliced (5);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/follower-order/after-nesting", test_order_after_nesting);
  currant_test_add ("/follower-order/limited-slice", test_limited_slice);
  return g_test_run ();
}
