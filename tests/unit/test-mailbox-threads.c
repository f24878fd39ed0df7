/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mailbox between threads: order, bounds, publishers that wait, and purges that meet posts. */
#include "config.h"

#include "currant-mailbox-private.h"
#include "spy-sink.h"

#include <time.h>

#define N_POSTERS 3

/* A post looks at the clock after it has counted its message and before it stores it. There the
 * program can make it wait: it has a clock of its own. */
static _Thread_local gboolean stands_at_clock;
static _Atomic gboolean is_at_clock, may_go_on;

gint64
g_get_monotonic_time (void)
{
  struct timespec now;

  if (stands_at_clock)
    {
      atomic_store (&is_at_clock, TRUE);
      while (!atomic_load (&may_go_on))
        g_thread_yield ();
    }
  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

typedef struct
{
  CurrantRouter *router;
  CurrantMailbox mailbox;
  Spy *spy;
  gboolean latest;      /* posters conflate */
  _Atomic guint n_over; /* posters that are done */
  _Atomic guint n_refused;
  guint n_messages; /* of each poster */
} Box;

typedef struct
{
  Box *box;
  guint64 number;
  gboolean may_block;
  GThread *thread;
} Poster;

static void
box_begin (Box *self, guint n_messages, guint bound, CurrantOverflow overflow)
{
  *self = (Box){ .router = currant_router_new (), .n_messages = n_messages };
  currant_mailbox_init (&self->mailbox, FALSE);
  self->spy = spy_new (self->router, "a:x");
  atomic_store (&self->spy->sink.bound, bound);
  atomic_store (&self->spy->sink.overflow, overflow);
  currant_sink_hold (&self->spy->sink);
}

/* Whatever happened: every message is accounted for, and the sink can be finished. */
static void
box_end (Box *self)
{
  CurrantSink *sink = &self->spy->sink;

  g_assert_cmpuint (currant_sink_waiting (sink), ==, 0);
  g_assert_true (currant_mailbox_is_empty (&self->mailbox));
  g_assert_cmpuint (self->mailbox.n_blocked, ==, 0);
  currant_sink_release (sink, 1);
  g_assert_cmpuint (spy_finished (self->spy), ==, 1);
  spy_free (self->spy);
  currant_mailbox_clear (&self->mailbox);
  spy_router_end (self->router);
}

static CurrantMessage *
message_of (Poster *self, guint i)
{
  CurrantMessage *message = spy_message ("a:x", (int)i);

  currant_message_set_key (message, self->number);
  return message;
}

static gpointer
post_numbers (gpointer data)
{
  Poster *self = data;
  Box *box;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  box = self->box;
  for (guint i = 1; i <= box->n_messages; i++)
    {
      g_autoptr (CurrantMessage) message = message_of (self, i);
      CurrantPost post =
          box->latest ? currant_mailbox_post_latest (&box->mailbox, &box->spy->sink,
                                                     currant_message_ref (message), self->may_block)
                      : currant_mailbox_post (&box->mailbox, &box->spy->sink,
                                              currant_message_ref (message), self->may_block);

      if (post == CURRANT_POST_REFUSED)
        atomic_fetch_add (&box->n_refused, 1);
    }
  atomic_fetch_add (&box->n_over, 1);
  return NULL;
}

static void
poster_start (Poster *self, Box *box, guint64 number, gboolean may_block)
{
  *self = (Poster){ box, number, may_block, NULL };
  CURRANT_TEST_TSAN_RELEASE (self);
  self->thread = g_thread_new ("poster", post_numbers, self);
}

static void
posters_start (Poster posters[N_POSTERS], Box *box, gboolean may_block)
{
  for (guint i = 0; i < N_POSTERS; i++)
    poster_start (&posters[i], box, i, may_block);
}

static void
posters_join (Poster posters[N_POSTERS])
{
  for (guint i = 0; i < N_POSTERS; i++)
    g_thread_join (posters[i].thread);
}

/* What a consumer has seen. */
typedef struct
{
  guint n;
  int last[N_POSTERS];
  gboolean gapless;
} Seen;

/* Of each poster in the order it posted. */
static void
see (Seen *self, CurrantMessage *message)
{
  guint64 poster = currant_message_get_key (message);
  int number = currant_test_message_number (message);

  if (self->gapless)
    g_assert_cmpint (number, ==, self->last[poster] + 1);
  else
    g_assert_cmpint (number, >, self->last[poster]);
  self->last[poster] = number;
  self->n++;
}

/* Delivers the first of a batch, and puts back the others: the way of a context. */
static void
deliver_some (Box *box, Seen *seen, guint most, guint deliver)
{
  CurrantNode *node = currant_mailbox_detach (&box->mailbox, most);

  for (; node != NULL && deliver > 0; deliver--)
    {
      CurrantNode *next = node->next;

      see (seen, node->message);
      currant_node_deliver (node);
      currant_sink_release (&box->spy->sink, 1);
      node = next;
    }
  if (node != NULL)
    currant_mailbox_put_back (&box->mailbox, node);
}

static void
take_some (Box *box, Seen *seen)
{
  CurrantMessage *message = currant_mailbox_take (&box->mailbox);

  if (message == NULL)
    return;
  see (seen, message);
  currant_message_unref (message);
}

/* Consumes until the posters are done and nothing is left. */
static void
consume (Box *box, Seen *seen)
{
  currant_test_waiting_for ("all messages of all posters");
  for (guint i = 0;; i++)
    {
      gboolean over = atomic_load (&box->n_over) == N_POSTERS;

      if (i % 3 == 0)
        take_some (box, seen);
      else
        deliver_some (box, seen, 7, i % 3 == 1 ? 7 : 4);
      if (over && currant_mailbox_is_empty (&box->mailbox))
        break;
      if (currant_mailbox_is_empty (&box->mailbox))
        g_thread_yield ();
    }
  currant_test_waiting_for (NULL);
}

/* Nothing is lost, doubled, or out of its order. */
static void
test_order (void)
{
  Seen seen = { .gapless = TRUE };
  Poster posters[N_POSTERS];
  Box box;

  box_begin (&box, currant_test_rounds (50000), 0, CURRANT_OVERFLOW_DROP_OLDEST);
  posters_start (posters, &box, FALSE);
  consume (&box, &seen);
  posters_join (posters);
  g_assert_cmpuint (seen.n, ==, N_POSTERS * box.n_messages);
  box_end (&box);
}

/* With a bound, what is not lost is in order, and what is lost is counted. */
static void
run_bounded (CurrantOverflow overflow, guint bound, gboolean latest)
{
  Seen seen = { .n = 0 };
  Poster posters[N_POSTERS];
  Box box;

  box_begin (&box, currant_test_rounds (20000), bound, overflow);
  box.latest = latest;
  posters_start (posters, &box, FALSE);
  consume (&box, &seen);
  posters_join (posters);
  g_assert_cmpuint (seen.n + atomic_load (&box.spy->sink.n_dropped)
                        + spy_count (box.router, CURRANT_COUNT_CONFLATED),
                    ==, N_POSTERS * box.n_messages);
  g_assert_cmpuint (spy_count (box.router, CURRANT_COUNT_DROPPED), ==,
                    atomic_load (&box.spy->sink.n_dropped));
  box_end (&box);
}

static void
test_bounded (void)
{
  for (CurrantOverflow overflow = CURRANT_OVERFLOW_BLOCK; overflow <= CURRANT_OVERFLOW_FAIL;
       overflow++)
    for (guint bound = 1; bound < 100; bound = bound * 9)
      {
        run_bounded (overflow, bound, FALSE);
        run_bounded (overflow, bound, TRUE);
      }
}

/* However many post at a time, and whatever room is made meanwhile: what lies there when they are
 * done is no more than the bound. */
static void
test_bound_is_kept (void)
{
  for (guint round = 0; round < currant_test_rounds (30); round++)
    {
      guint bound = 1 + round % 3;
      Seen seen = { .n = 0 };
      Poster posters[N_POSTERS];
      Box box;

      box_begin (&box, 5000, bound, CURRANT_OVERFLOW_DROP_OLDEST);
      posters_start (posters, &box, FALSE);
      while (atomic_load (&box.n_over) == 0)
        take_some (&box, &seen);
      posters_join (posters);
      g_assert_cmpuint (currant_sink_waiting (&box.spy->sink), <=, bound);
      currant_mailbox_purge (&box.mailbox, &box.spy->sink);
      box_end (&box);
    }
}

static gpointer
post_slowly (gpointer data)
{
  CURRANT_TEST_TSAN_ACQUIRE (data);
  stands_at_clock = TRUE;
  post_numbers (data);
  return NULL;
}

/* The one place is taken by a message that is still on its way, so there is none to be dropped for
 * another that comes meanwhile: but there is no second place. */
static void
assert_no_second_place (CurrantOverflow overflow)
{
  Poster slow, quick;
  Box box;

  atomic_store (&is_at_clock, FALSE);
  atomic_store (&may_go_on, FALSE);
  box_begin (&box, 1, 1, overflow);
  slow = (Poster){ &box, 0, FALSE, NULL };
  quick = (Poster){ &box, 1, FALSE, NULL };
  CURRANT_TEST_TSAN_RELEASE (&slow);
  slow.thread = g_thread_new ("slow", post_slowly, &slow);
  currant_test_spin_until (atomic_load (&is_at_clock));
  post_numbers (&quick);
  atomic_store (&may_go_on, TRUE);
  g_thread_join (slow.thread);
  g_assert_cmpuint (currant_sink_waiting (&box.spy->sink), ==, 1);
  g_assert_cmpuint (atomic_load (&box.spy->sink.n_dropped), ==, 1);
  currant_mailbox_purge (&box.mailbox, &box.spy->sink);
  box_end (&box);
}

static void
test_no_second_place (void)
{
  for (CurrantOverflow overflow = CURRANT_OVERFLOW_BLOCK; overflow <= CURRANT_OVERFLOW_FAIL;
       overflow++)
    assert_no_second_place (overflow);
}

/* Publishers that wait. */

static guint
count_blocked (Box *box)
{
  guint n;

  currant_lock_acquire (&box->mailbox.lock);
  n = box->mailbox.n_blocked;
  currant_lock_release (&box->mailbox.lock);
  return n;
}

/* Nothing is lost, and the bound holds at every moment. */
static void
test_block (void)
{
  for (guint bound = 1; bound < 100; bound *= 9)
    {
      Seen seen = { .gapless = TRUE };
      Poster posters[N_POSTERS];
      Box box;

      box_begin (&box, currant_test_rounds (2000), bound, CURRANT_OVERFLOW_BLOCK);
      posters_start (posters, &box, TRUE);
      consume (&box, &seen);
      posters_join (posters);
      g_assert_cmpuint (seen.n, ==, N_POSTERS * box.n_messages);
      g_assert_cmpuint (atomic_load (&box.n_refused), ==, 0);
      box_end (&box);
    }
}

/* A mailbox that is full, and a poster that waits for room. */
static void
fill_and_block (Box *box, Poster *poster)
{
  box_begin (box, 2, 1, CURRANT_OVERFLOW_BLOCK);
  poster_start (poster, box, 0, TRUE);
  currant_test_spin_until (count_blocked (box) == 1);
}

static void
wake_all (Box *box)
{
  currant_lock_acquire (&box->mailbox.lock);
  g_cond_broadcast (&box->mailbox.room);
  currant_lock_release (&box->mailbox.lock);
}

/* A bound that is raised, or taken away, lets in who waited. */
static void
assert_new_bound_lets_in (guint bound)
{
  Seen seen = { .gapless = TRUE };
  Poster poster;
  Box box;

  fill_and_block (&box, &poster);
  atomic_store (&box.spy->sink.bound, bound);
  wake_all (&box);
  currant_test_spin_until (atomic_load (&box.n_over) == 1);
  g_thread_join (poster.thread);
  take_some (&box, &seen);
  take_some (&box, &seen);
  g_assert_cmpuint (seen.n, ==, 2);
  box_end (&box);
}

static void
test_raised_bound (void)
{
  assert_new_bound_lets_in (2);
}

static void
test_no_bound (void)
{
  assert_new_bound_lets_in (0);
}

/* Who waits for a sink that ends gives up, and its message is counted as discarded. */
static void
test_stop_wakes (void)
{
  Poster poster;
  Box box;

  fill_and_block (&box, &poster);
  atomic_store (&box.spy->sink.stopped, TRUE);
  atomic_store (&box.spy->sink.purged, TRUE);
  currant_mailbox_purge (&box.mailbox, &box.spy->sink);
  g_thread_join (poster.thread);
  g_assert_cmpuint (atomic_load (&box.n_refused), ==, 1);
  g_assert_cmpuint (spy_count (box.router, CURRANT_COUNT_DISCARDED), ==, 2);
  box_end (&box);
}

/* Several that wait are all let in, one room at a time. */
static void
test_many_wait (void)
{
  Seen seen = { .gapless = TRUE };
  Poster posters[N_POSTERS];
  Box box;

  box_begin (&box, 1, 1, CURRANT_OVERFLOW_BLOCK);
  posters_start (posters, &box, TRUE);
  currant_test_spin_until (count_blocked (&box) == N_POSTERS - 1);
  while (seen.n < N_POSTERS)
    deliver_some (&box, &seen, 64, 64);
  posters_join (posters);
  box_end (&box);
}

static gpointer
post_one_latest (gpointer data)
{
  Poster *self = data;
  g_autoptr (CurrantMessage) message = NULL;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  message = message_of (self, 1);
  currant_mailbox_post_latest (&self->box->mailbox, &self->box->spy->sink,
                               currant_message_ref (message), FALSE);
  return NULL;
}

/* Another that comes, finds no room and goes, must not take the wake-up of one that waits. The lock
 * is kept until the other stands before it (or has gone, after so many turns). Then it goes for the
 * lock together with this thread, which makes room, and with the one that is woken by that. */
static void
lose_no_wake_up (void)
{
  Seen seen = { .n = 0 };
  Poster waiting, other;
  Box box;

  fill_and_block (&box, &waiting);
  other = (Poster){ &box, 1, FALSE, NULL };
  CURRANT_TEST_TSAN_RELEASE (&other);
  currant_lock_acquire (&box.mailbox.lock);
  other.thread = g_thread_new ("other", post_one_latest, &other);
  for (int i = 0; i < 1000 && currant_sink_waiting (&box.spy->sink) < 2; i++)
    g_thread_yield ();
  currant_lock_release (&box.mailbox.lock);
  take_some (&box, &seen);
  g_thread_join (other.thread);
  /* The other may have got the room: then there is to be room again. */
  while (!currant_mailbox_is_empty (&box.mailbox))
    take_some (&box, &seen);
  currant_test_spin_until (atomic_load (&box.n_over) == 1);
  g_thread_join (waiting.thread);
  take_some (&box, &seen);
  box_end (&box);
}

static void
test_one_refused_takes_no_wake_up (void)
{
  for (guint round = 0; round < currant_test_rounds (300); round++)
    lose_no_wake_up ();
}

/* Purges. */

/* A sink is purged while others post to it, take from it, and put back: nothing of it stays. */
static void
run_purge (guint bound, CurrantOverflow overflow, gboolean latest, gboolean consumes)
{
  Seen seen = { .n = 0 };
  Poster posters[N_POSTERS];
  Box box;

  box_begin (&box, 50, bound, overflow);
  box.latest = latest;
  posters_start (posters, &box, TRUE);
  for (int i = 0; consumes && i < 20; i++)
    deliver_some (&box, &seen, 7, 3);
  atomic_store (&box.spy->sink.stopped, TRUE);
  atomic_store (&box.spy->sink.purged, TRUE);
  currant_mailbox_purge (&box.mailbox, &box.spy->sink);
  posters_join (posters);
  g_assert_cmpuint (seen.n + spy_count (box.router, CURRANT_COUNT_DISCARDED)
                        + spy_count (box.router, CURRANT_COUNT_DROPPED)
                        + spy_count (box.router, CURRANT_COUNT_CONFLATED),
                    ==, N_POSTERS * box.n_messages);
  box_end (&box);
}

static void
test_purge (void)
{
  for (guint round = 0; round < currant_test_rounds (200); round++)
    for (int latest = 0; latest < 2; latest++)
      {
        run_purge (0, CURRANT_OVERFLOW_DROP_OLDEST, latest, round % 2);
        run_purge (5, CURRANT_OVERFLOW_DROP_OLDEST, latest, round % 2);
        run_purge (5, CURRANT_OVERFLOW_BLOCK, latest, round % 2);
      }
}

typedef struct
{
  Box *box;
  _Atomic gboolean over;
} Turner;

static gpointer
turn (gpointer data)
{
  Turner *self = data;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  while (!atomic_load (&self->over))
    {
      CurrantNode *nodes = currant_mailbox_detach (&self->box->mailbox, 64);

      if (nodes != NULL)
        currant_mailbox_put_back (&self->box->mailbox, nodes);
    }
  return NULL;
}

/* A batch that is out when the sink is purged does not come back to stay. */
static void
test_purge_meets_put_back (void)
{
  for (guint round = 0; round < currant_test_rounds (500); round++)
    {
      Poster poster;
      Box box;
      Turner turner = { &box, FALSE };
      GThread *thread;

      box_begin (&box, 20, 0, CURRANT_OVERFLOW_DROP_OLDEST);
      poster_start (&poster, &box, 0, FALSE);
      g_thread_join (poster.thread);
      CURRANT_TEST_TSAN_RELEASE (&turner);
      thread = g_thread_new ("turner", turn, &turner);
      atomic_store (&box.spy->sink.stopped, TRUE);
      atomic_store (&box.spy->sink.purged, TRUE);
      currant_mailbox_purge (&box.mailbox, &box.spy->sink);
      currant_test_spin_until (currant_sink_waiting (&box.spy->sink) == 0);
      atomic_store (&turner.over, TRUE);
      g_thread_join (thread);
      g_assert_cmpuint (atomic_load (&box.spy->n_delivered)
                            + spy_count (box.router, CURRANT_COUNT_DISCARDED),
                        ==, 20);
      box_end (&box);
    }
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/mailbox/threads/order", test_order);
  currant_test_add ("/mailbox/threads/bounded", test_bounded);
  currant_test_add ("/mailbox/threads/bound-is-kept", test_bound_is_kept);
  currant_test_add ("/mailbox/threads/no-second-place", test_no_second_place);
  currant_test_add ("/mailbox/threads/block", test_block);
  currant_test_add ("/mailbox/threads/block/raised-bound", test_raised_bound);
  currant_test_add ("/mailbox/threads/block/no-bound", test_no_bound);
  currant_test_add ("/mailbox/threads/block/stop-wakes", test_stop_wakes);
  currant_test_add ("/mailbox/threads/block/many-wait", test_many_wait);
  currant_test_add ("/mailbox/threads/block/one-refused-takes-no-wake-up",
                    test_one_refused_takes_no_wake_up);
  currant_test_add ("/mailbox/threads/purge", test_purge);
  currant_test_add ("/mailbox/threads/purge-meets-put-back", test_purge_meets_put_back);
  return g_test_run ();
}
