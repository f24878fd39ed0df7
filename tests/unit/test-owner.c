/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Followers that end with a GObject. The storm from many threads is in flow/test-objects.c. */
#include "config.h"

#include "currant-test.h"

static int calls;          /* of the callback */
static GObject *last_seen; /* the owner that it was given */

static void
on_message (CurrantMessage *message, gpointer owner)
{
  (void)message;
  g_assert_true (G_IS_OBJECT (owner));
  calls++;
  last_seen = owner;
}

static void
test_ends_with_its_owner (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);
  CurrantFollower *follower =
      currant_follower_ref (currant_bus_follow_object (bus, "a:x", on_message, owner));

  calls = 0;
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 1);
  g_assert_true (last_seen == owner);
  g_assert_cmpuint (owner->ref_count, ==, 1);
  g_object_unref (owner);
  g_assert_false (currant_follower_is_active (follower));
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 0);
  g_assert_cmpint (calls, ==, 1);
  g_assert_cmpuint (currant_test_stat_now (bus, "followers"), ==, 0);
  currant_follower_unref (follower);
}

/* It holds no reference that would keep its owner. */
static void
test_keeps_no_reference (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  currant_bus_follow_object (bus, "a:x", on_message, owner);
  g_object_add_weak_pointer (owner, (gpointer *)&owner);
  g_object_unref (owner);
  g_assert_null (owner);
}

/* Messages that wait when the owner goes are not delivered, and accounted for. */
static void
test_posted_messages_are_discarded (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:x");
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (CurrantFollower) follower = currant_follower_new_object (pattern, on_message, owner);

  calls = 0;
  currant_follower_set_delivery (follower, CURRANT_DELIVERY_QUEUED);
  currant_bus_add_follower (bus, follower);
  currant_bus_publish (bus, "a:x", NULL);
  currant_bus_publish (bus, "a:x", NULL);
  g_object_unref (owner);
  currant_test_drain (NULL);
  g_assert_cmpint (calls, ==, 0);
  g_assert_cmpuint (currant_test_stat (bus, "discarded"), ==, 2);
  currant_test_assert_balance (bus);
}

/* One whose owner died before it was added never becomes active. */
static void
test_owner_gone_before_it_is_added (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:x");
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (CurrantFollower) follower = currant_follower_new_object (pattern, on_message, owner);

  calls = 0;
  g_object_unref (owner);
  currant_bus_add_follower (bus, follower);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 0);
  g_assert_false (currant_follower_is_active (follower));
  g_assert_cmpint (calls, ==, 0);
}

static void
drop_owner (CurrantMessage *message, gpointer owner)
{
  (void)message;
  calls++;
  g_object_unref (owner);
  g_assert_true (G_IS_OBJECT (owner));
}

/* The callback may give up the last reference: the object lives until it returns. */
static void
test_owner_dropped_in_the_callback (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  calls = 0;
  g_object_add_weak_pointer (owner, (gpointer *)&owner);
  currant_bus_follow_object (bus, "a:x", drop_owner, owner);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 1);
  g_assert_null (owner);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 0);
  g_assert_cmpint (calls, ==, 1);
}

/* Stopping first leaves nothing behind in the object. */
static void
test_stopped_before_its_owner_ends (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  for (int i = 0; i < 100; i++)
    currant_follower_stop (currant_bus_follow_object (bus, "a:x", on_message, owner));
  g_assert_cmpuint (currant_test_stat_now (bus, "followers"), ==, 0);
  g_object_unref (owner);
}

static void
test_bus_ends_first (void)
{
  CurrantBus *bus = currant_bus_new ();
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  currant_bus_follow_object (bus, "a:x", on_message, owner);
  g_object_unref (bus);
  g_object_unref (owner);
}

static void
test_many_followers_of_one_owner (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  calls = 0;
  for (int i = 0; i < 50; i++)
    currant_bus_follow_object (bus, "a:x", on_message, owner);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 50);
  g_object_unref (owner);
  g_assert_cmpuint (currant_bus_publish (bus, "a:x", NULL), ==, 0);
  g_assert_cmpint (calls, ==, 50);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/owner/ends-with-its-owner", test_ends_with_its_owner);
  currant_test_add ("/owner/keeps-no-reference", test_keeps_no_reference);
  currant_test_add ("/owner/posted-messages-are-discarded", test_posted_messages_are_discarded);
  currant_test_add ("/owner/gone-before-it-is-added", test_owner_gone_before_it_is_added);
  currant_test_add ("/owner/dropped-in-the-callback", test_owner_dropped_in_the_callback);
  currant_test_add ("/owner/stopped-before-its-owner-ends", test_stopped_before_its_owner_ends);
  currant_test_add ("/owner/bus-ends-first", test_bus_ends_first);
  currant_test_add ("/owner/many-followers-of-one", test_many_followers_of_one_owner);
  return g_test_run ();
}
