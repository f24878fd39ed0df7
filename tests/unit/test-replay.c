/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is put by while the retained messages are handed over. */
#include "config.h"

#include "currant-replay-private.h"
#include "spy-sink.h"

static gboolean
put_by (CurrantReplay *self, int number)
{
  g_autoptr (CurrantMessage) message = spy_message ("a:x", number);

  return currant_replay_put_by (self, message);
}

static void
assert_next (CurrantReplay *self, int first, int last)
{
  g_autoptr (GPtrArray) messages = currant_replay_next (self);

  g_assert_nonnull (messages);
  g_assert_cmpint ((int)messages->len, ==, last - first + 1);
  for (int i = first; i <= last; i++)
    g_assert_cmpint (currant_test_message_number (messages->pdata[i - first]), ==, i);
}

/* In the order they came; and once there was nothing left, nothing is put by any more. */
static void
test_order (void)
{
  CurrantReplay *replay = currant_replay_new ();

  for (int i = 1; i <= 5; i++)
    g_assert_true (put_by (replay, i));
  assert_next (replay, 1, 5);
  g_assert_true (put_by (replay, 6));
  assert_next (replay, 6, 6);
  g_assert_null (currant_replay_next (replay));
  g_assert_false (put_by (replay, 7));
  g_assert_false (put_by (replay, 8));
  currant_replay_free (replay);
}

static void
test_nothing (void)
{
  CurrantReplay *replay = currant_replay_new ();

  g_assert_null (currant_replay_next (replay));
  g_assert_false (put_by (replay, 1));
  currant_replay_free (replay);
}

/* A message that waits has the time it was published at. */
static void
test_stamps (void)
{
  CurrantReplay *replay = currant_replay_new ();
  g_autoptr (CurrantMessage) message = spy_message ("a:x", 1);
  gint64 before = g_get_monotonic_time ();

  currant_replay_put_by (replay, message);
  g_assert_cmpint (atomic_load (&message->time), >=, before);
  g_assert_cmpint (atomic_load (&message->time), <=, g_get_monotonic_time ());
  currant_replay_free (replay);
}

/* One that is freed before its end lets go of what it has. */
static void
test_freed_early (void)
{
  CurrantReplay *replay = currant_replay_new ();
  g_autoptr (CurrantMessage) message = spy_message ("a:x", 1);

  currant_replay_put_by (replay, message);
  g_assert_cmpuint (atomic_load (&message->ref_count), ==, 2);
  currant_replay_free (replay);
  g_assert_cmpuint (atomic_load (&message->ref_count), ==, 1);
}

/* A publisher meets the end of a replay: up to some message all are put by, from there on none. */

typedef struct
{
  CurrantReplay *replay;
  _Atomic int n_put_by;
} Meeting;

static gpointer
put_all_by (gpointer data)
{
  Meeting *self = data;
  int i = 1;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  for (; put_by (self->replay, i); i++)
    {
      atomic_store (&self->n_put_by, i);
      g_thread_yield ();
    }
  for (int more = 0; more < 100; more++)
    g_assert_false (put_by (self->replay, i));
  return GINT_TO_POINTER (i - 1);
}

static void
meet (guint batches)
{
  Meeting meeting = { currant_replay_new (), 0 };
  GPtrArray *messages;
  GThread *thread;
  int last = 0;

  CURRANT_TEST_TSAN_RELEASE (&meeting);
  thread = g_thread_new ("publisher", put_all_by, &meeting);
  for (guint i = 0;; i++)
    {
      if (i < batches)
        currant_test_spin_until (atomic_load (&meeting.n_put_by) > last);
      messages = currant_replay_next (meeting.replay);
      if (messages == NULL)
        break;
      for (guint j = 0; j < messages->len; j++)
        g_assert_cmpint (currant_test_message_number (messages->pdata[j]), ==, ++last);
      g_ptr_array_unref (messages);
    }
  g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (thread)), ==, last);
  currant_replay_free (meeting.replay);
}

static void
test_meeting (void)
{
  for (guint round = 0; round < currant_test_rounds (300); round++)
    meet (round % 5);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/replay/order", test_order);
  currant_test_add ("/replay/nothing", test_nothing);
  currant_test_add ("/replay/stamps", test_stamps);
  currant_test_add ("/replay/freed-early", test_freed_early);
  currant_test_add ("/replay/meeting", test_meeting);
  return g_test_run ();
}
