/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is announced of drops: none forgotten, and no more than one announcement an interval. */
#include "config.h"

#include "currant-loss-private.h"
#include "spy-sink.h"

static guint n_described;

static char *
describe (CurrantSink *sink)
{
  n_described++;
  return g_strdup (currant_pattern_to_string (sink->pattern));
}

static void
test_one_record (void)
{
  Spy *spy = spy_new (NULL, "a:x"), *other = spy_new (NULL, "b:x");
  CurrantLoss *loss = currant_loss_of_sink (&spy->sink, describe);

  n_described = 0;
  g_assert_true (currant_loss_of_sink (&spy->sink, describe) == loss);
  g_assert_cmpuint (n_described, ==, 0);
  g_assert_true (currant_loss_of_sink (&other->sink, describe) != loss);
  currant_loss_unref (NULL);
  spy_free (spy);
  spy_free (other);
}

/* The first drop is announced at once, and says what there is to say. */
static void
test_first_is_due (void)
{
  Spy *spy = spy_new (NULL, "a:{x,y}");
  CurrantLoss *loss = currant_loss_of_sink (&spy->sink, describe);
  CurrantLossReport report;

  g_assert_cmpint (currant_loss_note (loss, 3, "overflow", TRUE, &report), ==, CURRANT_LOSS_DUE);
  g_assert_cmpuint (report.n, ==, 3);
  g_assert_cmpuint (report.total, ==, 3);
  g_assert_cmpstr (report.source, ==, "a:{x,y}");
  g_assert_cmpstr (report.reason, ==, "overflow");
  spy_free (spy);
}

/* Within the interval one timer is asked for, and what it announces is all there is by then. */
static void
test_others_wait (void)
{
  Spy *spy = spy_new (NULL, "a:x");
  CurrantLoss *loss = currant_loss_of_sink (&spy->sink, describe);
  CurrantLossReport report;

  g_assert_cmpint (currant_loss_note (loss, 1, "overflow", TRUE, &report), ==, CURRANT_LOSS_DUE);
  g_assert_cmpint (currant_loss_note (loss, 2, "overflow", TRUE, &report), ==, CURRANT_LOSS_LATER);
  g_assert_cmpint (currant_loss_note (loss, 3, "overflow", TRUE, &report), ==,
                   CURRANT_LOSS_COVERED);
  g_assert_cmpint (currant_loss_note (loss, 7, "full", TRUE, &report), ==, CURRANT_LOSS_COVERED);
  g_assert_true (currant_loss_flush (loss, TRUE, &report));
  g_assert_cmpuint (report.n, ==, 6);
  g_assert_cmpuint (report.total, ==, 7);
  g_assert_cmpstr (report.reason, ==, "full");
  g_assert_false (currant_loss_flush (loss, TRUE, &report));
  /* The timer has run, so the next drop asks for another. */
  g_assert_cmpint (currant_loss_note (loss, 8, "full", TRUE, &report), ==, CURRANT_LOSS_LATER);
  spy_free (spy);
}

/* Threads note their totals in any order: one that is behind announces nothing twice. */
static void
test_stale_total (void)
{
  Spy *spy = spy_new (NULL, "a:x");
  CurrantLoss *loss = currant_loss_of_sink (&spy->sink, describe);
  CurrantLossReport report;

  g_assert_cmpint (currant_loss_note (loss, 5, "overflow", TRUE, &report), ==, CURRANT_LOSS_DUE);
  g_assert_cmpint (currant_loss_note (loss, 4, "overflow", TRUE, &report), ==,
                   CURRANT_LOSS_COVERED);
  g_assert_cmpint (currant_loss_note (loss, 5, "overflow", TRUE, &report), ==,
                   CURRANT_LOSS_COVERED);
  g_assert_false (currant_loss_flush (loss, TRUE, &report));
  g_assert_cmpint (currant_loss_note (loss, 9, "overflow", TRUE, &report), ==, CURRANT_LOSS_LATER);
  currant_loss_note (loss, 7, "overflow", TRUE, &report);
  g_assert_true (currant_loss_flush (loss, TRUE, &report));
  g_assert_cmpuint (report.n, ==, 4);
  g_assert_cmpuint (report.total, ==, 9);
  spy_free (spy);
}

/* Where it cannot be announced now, a timer is to do it, the first time too. */
static void
test_impossible (void)
{
  Spy *spy = spy_new (NULL, "a:x");
  CurrantLoss *loss = currant_loss_of_sink (&spy->sink, describe);
  CurrantLossReport report;

  g_assert_cmpint (currant_loss_note (loss, 2, "overflow", FALSE, &report), ==, CURRANT_LOSS_LATER);
  g_assert_cmpint (currant_loss_note (loss, 3, "overflow", TRUE, &report), ==,
                   CURRANT_LOSS_COVERED);
  g_assert_true (currant_loss_flush (loss, TRUE, &report));
  g_assert_cmpuint (report.n, ==, 3);
  spy_free (spy);
}

/* What nobody hears is left for the next announcement. */
static void
test_unheard (void)
{
  Spy *spy = spy_new (NULL, "a:x");
  CurrantLoss *loss = currant_loss_of_sink (&spy->sink, describe);
  CurrantLossReport report;

  currant_loss_note (loss, 1, "overflow", TRUE, &report);
  currant_loss_note (loss, 4, "overflow", TRUE, &report);
  g_assert_false (currant_loss_flush (loss, FALSE, &report));
  g_assert_cmpint (currant_loss_note (loss, 5, "overflow", TRUE, &report), ==, CURRANT_LOSS_LATER);
  g_assert_true (currant_loss_flush (loss, TRUE, &report));
  g_assert_cmpuint (report.n, ==, 4);
  g_assert_cmpuint (report.total, ==, 5);
  spy_free (spy);
}

/* The record may outlive its sink: a timer has it. */
static void
test_outlives_sink (void)
{
  Spy *spy = spy_new (NULL, "a:x");
  CurrantLoss *loss = currant_loss_ref (currant_loss_of_sink (&spy->sink, describe));
  CurrantLossReport report;

  currant_loss_note (loss, 1, "overflow", TRUE, &report);
  currant_loss_note (loss, 2, "overflow", TRUE, &report);
  spy_free (spy);
  g_assert_true (currant_loss_flush (loss, TRUE, &report));
  g_assert_cmpstr (report.source, ==, "a:x");
  currant_loss_unref (loss);
}

/* Threads. */

typedef struct
{
  Spy *spy;
  _Atomic guint64 total;
  _Atomic guint64 announced;
  _Atomic guint n_due, n_later;
} Drops;

static gpointer
drop_many (gpointer data)
{
  Drops *self = data;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  for (int i = 0; i < 10000; i++)
    {
      CurrantLoss *loss = currant_loss_of_sink (&self->spy->sink, describe);
      guint64 total = atomic_fetch_add (&self->total, 1) + 1;
      CurrantLossReport report;

      switch (currant_loss_note (loss, total, "overflow", TRUE, &report))
        {
        case CURRANT_LOSS_DUE:
          atomic_fetch_add (&self->announced, report.n);
          atomic_fetch_add (&self->n_due, 1);
          break;
        case CURRANT_LOSS_LATER:
          atomic_fetch_add (&self->n_later, 1);
          break;
        case CURRANT_LOSS_COVERED:
        default:
          break;
        }
    }
  return NULL;
}

/* The sum of what is announced is what was dropped. */
static void
test_threads (void)
{
  Drops drops = { .spy = spy_new (NULL, "a:x") };
  gint64 start = g_get_monotonic_time ();
  CurrantLossReport report;
  GThread *threads[4];

  CURRANT_TEST_TSAN_RELEASE (&drops);
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("dropper", drop_many, &drops);
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (atomic_load (&drops.n_due), ==, 1);
  g_assert_cmpuint (atomic_load (&drops.n_later), ==, 1);
  g_assert_true (currant_loss_flush (atomic_load (&drops.spy->sink.loss), TRUE, &report));
  g_assert_cmpuint (atomic_load (&drops.announced) + report.n, ==, 40000);
  g_assert_cmpint (g_get_monotonic_time () - start, >, 0);
  spy_free (drops.spy);
}

/* By way of the voice. */

typedef struct
{
  guint n;       /* announcements */
  guint dropped; /* in all of them */
  guint64 total; /* in the last */
} Heard;

static void
hear (CurrantMessage *message, gpointer data)
{
  Heard *self = data;
  guint n = 0;

  g_assert_true (currant_message_get (message, "(&sut)", NULL, &n, &self->total));
  self->n++;
  self->dropped += n;
}

static void
iterate_for (gint64 microseconds)
{
  gint64 end = g_get_monotonic_time () + microseconds;

  currant_test_iterate_until (NULL, g_get_monotonic_time () > end);
}

static CurrantQueue *
full_queue (CurrantBus *bus)
{
  CurrantQueue *queue = currant_queue_new (bus, "a:x", CURRANT_QUEUE_STANDALONE);

  currant_queue_set_bound (queue, 1, CURRANT_OVERFLOW_DROP_NEWEST);
  currant_bus_publish (bus, "a:x", NULL);
  return queue;
}

static void
drop (CurrantBus *bus, int n)
{
  while (n-- > 0)
    currant_bus_publish (bus, "a:x", NULL);
}

/* A burst is announced twice: when it begins, and what came after that. */
static void
test_burst (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = full_queue (bus);
  Heard heard = { 0, 0, 0 };

  currant_bus_follow (bus, "currant:dropped", hear, &heard, NULL);
  drop (bus, 1000);
  g_assert_cmpuint (heard.n, ==, 1);
  currant_test_iterate_until (NULL, heard.n == 2);
  g_assert_cmpuint (heard.dropped, ==, 1000);
  g_assert_cmpuint (heard.total, ==, 1000);
}

/* That nobody listened when the remainder was due does not silence the source for good. */
static void
test_unheard_remainder (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) queue = full_queue (bus);
  Heard early = { 0, 0, 0 }, late = { 0, 0, 0 };
  CurrantFollower *follower = currant_bus_follow (bus, "currant:dropped", hear, &early, NULL);

  drop (bus, 10);
  g_assert_cmpuint (early.dropped, ==, 1);
  currant_follower_stop (follower);
  iterate_for (2500000);
  currant_bus_follow (bus, "currant:dropped", hear, &late, NULL);
  drop (bus, 1);
  currant_test_iterate_until (NULL, late.n > 0);
  g_assert_cmpuint (late.total, ==, 11);
  g_assert_cmpuint (early.dropped + late.dropped, ==, 11);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/loss/one-record", test_one_record);
  currant_test_add ("/loss/first-is-due", test_first_is_due);
  currant_test_add ("/loss/others-wait", test_others_wait);
  currant_test_add ("/loss/stale-total", test_stale_total);
  currant_test_add ("/loss/impossible", test_impossible);
  currant_test_add ("/loss/unheard", test_unheard);
  currant_test_add ("/loss/outlives-sink", test_outlives_sink);
  currant_test_add ("/loss/threads", test_threads);
  currant_test_add ("/loss/voice/burst", test_burst);
  currant_test_add ("/loss/voice/unheard-remainder", test_unheard_remainder);
  return g_test_run ();
}
