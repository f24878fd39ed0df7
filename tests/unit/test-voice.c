/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the bus says of itself: drops and errors, also those that happen while it speaks. */
#include "config.h"

#include "currant-test.h"

static CurrantQueue *
full_queue (CurrantBus *bus, const char *id)
{
  CurrantQueue *queue = currant_queue_new (bus, id, CURRANT_QUEUE_STANDALONE);

  currant_queue_set_bound (queue, 1, CURRANT_OVERFLOW_DROP_NEWEST);
  currant_bus_publish (bus, id, NULL);
  return queue;
}

static const char *
source_of (CurrantMessage *message)
{
  const char *source = NULL;

  g_assert_true (currant_message_get (message, "(&sut)", &source, NULL, NULL));
  return source;
}

static void
assert_announced (CurrantTestRecorder *recorder, guint index, const char *source, guint n,
                  guint64 total)
{
  CurrantMessage *message = currant_test_recorder_peek (recorder, index);
  const char *said = NULL;
  guint said_n = 0;
  guint64 said_total = 0;

  g_assert_true (currant_message_get (message, "(&sut)", &said, &said_n, &said_total));
  g_assert_cmpstr (said, ==, source);
  g_assert_cmpuint (said_n, ==, n);
  g_assert_cmpuint (said_total, ==, total);
}

static void
listen (CurrantBus *bus, const char *id, CurrantFollowerFunc callback, gpointer user_data)
{
  currant_bus_follow_with_delivery (bus, id, CURRANT_DELIVERY_DIRECT, callback, user_data, NULL);
}

/* The first at once, the others together when the second is over. */
static void
test_first_and_remainder (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  g_autoptr (CurrantQueue) queue = full_queue (bus, "a:x");
  const char *reason = NULL;

  listen (bus, "currant:dropped", currant_test_recorder_take, recorder);
  for (int i = 0; i < 5; i++)
    currant_bus_publish (bus, "a:x", NULL);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 1);
  assert_announced (recorder, 0, "a:x", 1, 1);
  currant_test_iterate_until (NULL, currant_test_recorder_count (recorder) == 2);
  assert_announced (recorder, 1, "a:x", 4, 5);
  g_assert_true (
      currant_message_lookup (currant_test_recorder_peek (recorder, 1), "reason", "&s", &reason));
  g_assert_cmpstr (reason, ==, "overflow");
}

typedef struct
{
  CurrantBus *bus, *other;
  CurrantTestRecorder *heard;
} Speech;

static void
drop_elsewhere (CurrantMessage *message, gpointer data)
{
  Speech *self = data;

  currant_test_recorder_take (message, self->heard);
  if (g_str_equal (source_of (message), "a:x"))
    currant_bus_publish (self->bus, "b:x", NULL);
}

/* What a listener drops is no matter of the announcement it was listening to. */
static void
test_drop_while_speaking (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  g_autoptr (CurrantQueue) first = full_queue (bus, "a:x");
  g_autoptr (CurrantQueue) second = full_queue (bus, "b:x");
  Speech speech = { .bus = bus, .heard = recorder };

  listen (bus, "currant:dropped", drop_elsewhere, &speech);
  currant_bus_publish (bus, "a:x", NULL);
  currant_test_iterate_until (NULL, currant_test_recorder_count (recorder) == 2);
  assert_announced (recorder, 0, "a:x", 1, 1);
  assert_announced (recorder, 1, "b:x", 1, 1);
}

static void
add_deaf_listener (CurrantBus *bus, CurrantTestRecorder *recorder)
{
  CurrantFollower *follower = currant_test_follower_new ("currant:dropped", CURRANT_DELIVERY_QUEUED,
                                                         currant_test_recorder_take, recorder);

  currant_follower_set_bound (follower, 1, CURRANT_OVERFLOW_DROP_NEWEST);
  currant_bus_add_follower (bus, follower);
  currant_follower_unref (follower);
}

static gboolean
fail (CurrantMessage *message, gpointer data, GError **error)
{
  (void)message;
  (void)data;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "as it should");
  return FALSE;
}

static void
add_failing (CurrantBus *bus)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("a:x");
  g_autoptr (CurrantFollower) follower = currant_follower_new_try (pattern, fail, NULL, NULL);

  currant_follower_set_delivery (follower, CURRANT_DELIVERY_DIRECT);
  currant_bus_add_follower (bus, follower);
}

static void
publish_elsewhere (CurrantMessage *message, gpointer data)
{
  Speech *self = data;

  currant_test_recorder_take (message, self->heard);
  currant_bus_publish (self->other, "a:x", NULL);
}

static void
assert_error_told (CurrantTestRecorder *recorder)
{
  CurrantMessage *message = currant_test_recorder_peek (recorder, 0);
  const char *source = NULL, *domain = NULL, *text = NULL;
  int code = -1;

  g_assert_true (currant_message_get (message, "(&s&si&s)", &source, &domain, &code, &text));
  g_assert_cmpstr (source, ==, "a:x");
  g_assert_cmpstr (domain, ==, g_quark_to_string (G_IO_ERROR));
  g_assert_cmpint (code, ==, G_IO_ERROR_FAILED);
  g_assert_cmpstr (text, ==, "as it should");
}

static void
test_error (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();

  listen (bus, "currant:follower-error", currant_test_recorder_take, recorder);
  add_failing (bus);
  currant_bus_publish (bus, "a:x", NULL);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 1);
  assert_error_told (recorder);
  g_assert_cmpuint (currant_test_stat (bus, "errors"), ==, 1);
}

/* One bus speaks while another one does: each has a voice of its own, and the first goes on as the
 * second has ended, so what its listeners lose of the announcement is not announced in turn. */
static void
test_error_of_another_bus (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new (), other = currant_bus_new ();
  g_autoptr (CurrantTestRecorder) heard = currant_test_recorder_new ();
  g_autoptr (CurrantTestRecorder) deaf = currant_test_recorder_new ();
  g_autoptr (CurrantTestRecorder) errors = currant_test_recorder_new ();
  g_autoptr (CurrantQueue) queue = full_queue (bus, "a:x");
  g_autoptr (CurrantQueue) second = full_queue (bus, "b:x");
  Speech speech = { .bus = bus, .other = other, .heard = heard };

  listen (other, "currant:follower-error", currant_test_recorder_take, errors);
  add_failing (other);
  listen (bus, "currant:dropped", publish_elsewhere, &speech);
  add_deaf_listener (bus, deaf);
  currant_bus_publish (bus, "a:x", NULL);
  currant_bus_publish (bus, "b:x", NULL);
  g_assert_cmpuint (currant_test_recorder_count (errors), ==, 2);
  assert_error_told (errors);
  g_assert_cmpuint (currant_test_recorder_count (heard), ==, 2);
  assert_announced (heard, 1, "b:x", 1, 1);
  g_assert_cmpuint (currant_test_stat (bus, "dropped"), ==, 3);
}

/* With the bus goes the timer that was to announce the rest, and all that the timer keeps. */
static void
test_disposed_while_remainder_waits (void)
{
  g_autoptr (GMainContext) home = g_main_context_new ();
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantBus *bus;
  CurrantQueue *queue;
  int timeout = 0, priority;

  g_main_context_push_thread_default (home);
  bus = currant_bus_new ();
  queue = full_queue (bus, "a:x");
  listen (bus, "currant:dropped", currant_test_recorder_take, recorder);
  for (int i = 0; i < 3; i++)
    currant_bus_publish (bus, "a:x", NULL);
  g_object_run_dispose (G_OBJECT (bus));
  g_assert_true (g_main_context_acquire (home));
  g_main_context_prepare (home, &priority);
  g_main_context_query (home, priority, &timeout, NULL, 0);
  g_main_context_release (home);
  g_assert_cmpint (timeout, ==, -1);
  g_object_unref (queue);
  g_object_unref (bus);
  g_main_context_pop_thread_default (home);
  g_assert_cmpuint (currant_test_recorder_count (recorder), ==, 1);
}

typedef struct
{
  CurrantBus *bus;
  int started; /* atomic */
} Overflow;

static gpointer
overflow (gpointer data)
{
  Overflow *self = data;

  g_atomic_int_set (&self->started, TRUE);
  for (int i = 0; i < 4; i++)
    currant_bus_publish (self->bus, "a:x", NULL);
  return NULL;
}

static void
ignore (CurrantMessage *message, gpointer data)
{
  (void)message;
  (void)data;
}

/* Whenever the bus is disposed, a timer being started is either taken away or never attached. */
static void
test_disposed_while_timer_starts (void)
{
  guint rounds = currant_test_rounds (500);

  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (CurrantBus) bus = currant_bus_new ();
      g_autoptr (CurrantQueue) queue = full_queue (bus, "a:x");
      Overflow work = { .bus = bus };
      GThread *thread;

      listen (bus, "currant:dropped", ignore, NULL);
      thread = g_thread_new ("overflow", overflow, &work);
      currant_test_spin_until (g_atomic_int_get (&work.started));
      for (guint k = 0; k < i % 20; k++)
        g_thread_yield ();
      g_object_run_dispose (G_OBJECT (bus));
      g_thread_join (thread);
    }
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/voice/first-and-remainder", test_first_and_remainder);
  currant_test_add ("/voice/drop-while-speaking", test_drop_while_speaking);
  currant_test_add ("/voice/error", test_error);
  currant_test_add ("/voice/error-of-another-bus", test_error_of_another_bus);
  currant_test_add ("/voice/disposed-while-remainder-waits", test_disposed_while_remainder_waits);
  currant_test_add ("/voice/disposed-while-timer-starts", test_disposed_while_timer_starts);
  return g_test_run ();
}
