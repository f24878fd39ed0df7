/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-queue-private.h"

#include "currant-error.h"

/**
 * CurrantQueue:
 *
 * Messages that match a pattern, stored until somebody takes them: blocking, asynchronously, or
 * from a main loop.
 *
 * A standalone queue gets every message that matches. Shared queues of one pattern on one bus are
 * one queue: each message goes to one getter. A queue gives out what came first, first; or, with
 * %CURRANT_ORDERING_PRIORITY, what is most urgent.
 *
 * It holds %CURRANT_BOUND_DEFAULT messages unless set otherwise. It stops collecting when it is
 * closed, or disposed, or its bus is. All of its functions may be called from any thread.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (CurrantQueue, currant_queue, G_TYPE_OBJECT)

/* One that g_object_new () made has no bus to collect from. */
static gboolean
is_made (CurrantQueue *self)
{
  return CURRANT_IS_QUEUE (self) && self->store != NULL;
}

static void
currant_queue_dispose (GObject *object)
{
  currant_queue_close (CURRANT_QUEUE (object));
  G_OBJECT_CLASS (currant_queue_parent_class)->dispose (object);
}

static void
currant_queue_finalize (GObject *object)
{
  CurrantQueue *self = CURRANT_QUEUE (object);

  CURRANT_TSAN_ACQUIRE (self);
  g_clear_pointer (&self->store, currant_store_leave);
  g_clear_pointer (&self->pattern, currant_pattern_unref);
  G_OBJECT_CLASS (currant_queue_parent_class)->finalize (object);
}

static void
currant_queue_class_init (CurrantQueueClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = currant_queue_dispose;
  object_class->finalize = currant_queue_finalize;
}

static void
currant_queue_init (G_GNUC_UNUSED CurrantQueue *self)
{
}

/**
 * currant_queue_new:
 * @bus: a bus
 * @pattern: what to collect; a constant of the program: text from outside goes through
 *   [ctor@Currant.Pattern.new]
 * @kind: whether it shares the messages with other queues of the pattern
 *
 * Makes a queue.
 *
 * Returns: (transfer full): a new queue
 *
 * Since: 1.0
 */
CurrantQueue *
currant_queue_new (CurrantBus *bus, const char *pattern, CurrantQueueKind kind)
{
  g_autoptr (CurrantPattern) parsed = NULL;

  g_return_val_if_fail (pattern != NULL, NULL);

  parsed = currant_pattern_parse_constant (pattern);
  if (parsed == NULL)
    return NULL;
  return currant_queue_new_for_pattern (bus, parsed, kind, CURRANT_ORDERING_FIFO);
}

/**
 * currant_queue_new_for_pattern:
 * @bus: a bus
 * @pattern: what to collect
 * @kind: whether it shares the messages with other queues of the pattern
 * @ordering: which message comes first; of shared queues the first one decides
 *
 * Makes a queue.
 *
 * Returns: (transfer full): a new queue
 *
 * Since: 1.0
 */
CurrantQueue *
currant_queue_new_for_pattern (CurrantBus *bus, CurrantPattern *pattern, CurrantQueueKind kind,
                               CurrantOrdering ordering)
{
  CurrantHub *hub = currant_hub_of_bus (bus);
  CurrantQueue *self;

  g_return_val_if_fail (hub != NULL, NULL);
  g_return_val_if_fail (pattern != NULL, NULL);
  g_return_val_if_fail (kind <= CURRANT_QUEUE_SHARED, NULL);
  g_return_val_if_fail (ordering <= CURRANT_ORDERING_PRIORITY, NULL);

  self = g_object_new (CURRANT_TYPE_QUEUE, NULL);
  self->pattern = currant_pattern_ref (pattern);
  self->store = currant_store_open (hub, pattern, kind == CURRANT_QUEUE_SHARED,
                                    ordering == CURRANT_ORDERING_PRIORITY);
  return self;
}

/**
 * currant_queue_set_bound:
 * @self: a queue
 * @bound: how many messages it may hold; 0 for any number
 * @overflow: what happens to one more
 *
 * Sets how many messages it may hold, for all shared queues of its pattern. It is
 * %CURRANT_BOUND_DEFAULT with %CURRANT_OVERFLOW_DROP_OLDEST otherwise. Where more are stored than a
 * lowered bound allows, a policy that drops stored messages drops the excess when the next one
 * comes; the others take none until there is room.
 *
 * Since: 1.0
 */
void
currant_queue_set_bound (CurrantQueue *self, guint bound, CurrantOverflow overflow)
{
  g_return_if_fail (is_made (self));
  g_return_if_fail (overflow <= CURRANT_OVERFLOW_FAIL);

  atomic_store (&self->store->sink.overflow, overflow);
  atomic_store (&self->store->sink.bound, bound);
  /* There may be room now for a publisher that waits. */
  currant_store_wake_all (self->store);
}

/**
 * currant_queue_set_spin:
 * @self: a queue
 * @spin_us: for how long, in microseconds; 0 for not at all
 *
 * Sets for how long a getter that finds nothing looks on before it sleeps, for all shared queues of
 * the pattern. To look costs a processor, to be woken costs time: both the getter's and the
 * publisher's. The time is an upper bound; it shrinks where looking is in vain.
 *
 * It is about what a wake-up costs otherwise, and 0 where there is one processor only.
 *
 * Since: 1.0
 */
void
currant_queue_set_spin (CurrantQueue *self, guint spin_us)
{
  g_return_if_fail (is_made (self));

  currant_store_set_spin (self->store, spin_us);
}

CurrantMessage *
currant_queue_look (CurrantQueue *self, GError **error)
{
  /* Asked first: what is stored before the end is still there to be got after it. */
  gboolean over = currant_store_is_closed (self->store);
  CurrantMessage *message = NULL;

  if (over || !atomic_load (&self->closed))
    message = currant_store_try_get (self->store);
  if (message == NULL && (over || atomic_load (&self->closed)))
    g_set_error (error, CURRANT_ERROR, CURRANT_ERROR_CLOSED, "the queue “%s” is closed",
                 currant_pattern_to_string (self->pattern));
  /* For who drops the last reference to the queue next. */
  CURRANT_TSAN_RELEASE (self);
  return message;
}

/**
 * currant_queue_try_get:
 * @self: a queue
 *
 * Takes a message, if there is one.
 *
 * Returns: (transfer full) (nullable): the message, or %NULL when there is none
 *
 * Since: 1.0
 */
CurrantMessage *
currant_queue_try_get (CurrantQueue *self)
{
  g_return_val_if_fail (is_made (self), NULL);

  return currant_queue_look (self, NULL);
}

/* A getter that sleeps. */
typedef struct
{
  CurrantQueue *queue;
  GCancellable *cancellable;
} Sleeper;

static gboolean
sleeper_quits (gpointer data)
{
  Sleeper *self = data;

  return atomic_load (&self->queue->closed) || currant_store_is_closed (self->queue->store)
         || g_cancellable_is_cancelled (self->cancellable);
}

static void
wake_cancelled (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  currant_store_wake_all (data);
}

/* NULL without an error when it is worth waiting. */
static CurrantMessage *
look_unless_cancelled (CurrantQueue *self, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  return currant_queue_look (self, error);
}

static CurrantMessage *
get_until (CurrantQueue *self, gint64 deadline, GCancellable *cancellable, GError **error)
{
  Sleeper sleeper = { self, cancellable };
  gboolean waited = FALSE, in_time = TRUE;
  GError *failure = NULL;
  CurrantMessage *message;

  while ((message = look_unless_cancelled (self, cancellable, &failure)) == NULL && failure == NULL
         && in_time)
    {
      in_time = currant_store_wait (self->store, deadline, sleeper_quits, &sleeper);
      waited = TRUE;
    }
  /* Whatever it got: the wake-up may have been for another. */
  if (waited)
    currant_store_pass_on (self->store);
  if (message == NULL && failure == NULL)
    g_set_error (&failure, CURRANT_ERROR, CURRANT_ERROR_TIMED_OUT, "nothing came for “%s” in time",
                 currant_pattern_to_string (self->pattern));
  if (failure != NULL)
    g_propagate_error (error, failure);
  return message;
}

/* The monotonic time at which a wait ends; -1 for never. */
static gint64
deadline_of (gint64 timeout_us)
{
  gint64 now = g_get_monotonic_time ();

  if (timeout_us < 0 || timeout_us > G_MAXINT64 - now)
    return -1;
  return now + timeout_us;
}

/**
 * currant_queue_get:
 * @self: a queue
 * @timeout_us: how long to wait, in microseconds; 0 for not at all, -1 for ever
 * @cancellable: (nullable): to end the wait from another thread
 * @error: return location for an error
 *
 * Takes a message, and waits for one if it must. The thread sleeps meanwhile, so a thread that runs
 * a main loop uses [method@Currant.Queue.get_async].
 *
 * Gives %CURRANT_ERROR_TIMED_OUT when none came in time, %CURRANT_ERROR_CLOSED when the queue is
 * closed and empty, and %G_IO_ERROR_CANCELLED when it was cancelled, in which case no message is
 * lost.
 *
 * Returns: (transfer full): the message, or %NULL with @error set
 *
 * Since: 1.0
 */
CurrantMessage *
currant_queue_get (CurrantQueue *self, gint64 timeout_us, GCancellable *cancellable, GError **error)
{
  CurrantMessage *message;
  gulong handler = 0;

  g_return_val_if_fail (is_made (self), NULL);
  g_return_val_if_fail (timeout_us >= -1, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  /* It wakes nobody yet, where it is cancelled already. */
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (wake_cancelled), self->store, NULL);
  message =
      get_until (self, timeout_us > 0 ? deadline_of (timeout_us) : timeout_us, cancellable, error);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
  return message;
}

/**
 * currant_queue_close:
 * @self: a queue
 *
 * Ends it. Whoever waits on it gets %CURRANT_ERROR_CLOSED, once what is stored has been taken. Of
 * several shared queues only this one ends: what is stored is left to the others.
 *
 * Since: 1.0
 */
void
currant_queue_close (CurrantQueue *self)
{
  g_return_if_fail (CURRANT_IS_QUEUE (self));

  if (self->store != NULL && !atomic_exchange (&self->closed, TRUE))
    currant_store_close (self->store);
}

/**
 * currant_queue_is_closed:
 * @self: a queue
 *
 * Whether it, or its bus, has ended.
 *
 * Returns: %TRUE when it collects no more
 *
 * Since: 1.0
 */
gboolean
currant_queue_is_closed (CurrantQueue *self)
{
  g_return_val_if_fail (is_made (self), TRUE);

  return atomic_load (&self->closed) || currant_store_is_closed (self->store);
}

/**
 * currant_queue_is_empty:
 * @self: a queue
 *
 * Whether nothing is stored, as far as that can be said while others work.
 *
 * Returns: %TRUE when it is empty
 *
 * Since: 1.0
 */
gboolean
currant_queue_is_empty (CurrantQueue *self)
{
  g_return_val_if_fail (is_made (self), TRUE);

  return currant_mailbox_is_empty (&self->store->mailbox);
}

/**
 * currant_queue_is_full:
 * @self: a queue
 *
 * Whether its bound is reached, as far as that can be said while others work.
 *
 * Returns: %TRUE when it is full
 *
 * Since: 1.0
 */
gboolean
currant_queue_is_full (CurrantQueue *self)
{
  guint bound;

  g_return_val_if_fail (is_made (self), FALSE);

  bound = atomic_load (&self->store->sink.bound);
  return bound > 0 && currant_queue_get_length (self) >= bound;
}

/**
 * currant_queue_get_length:
 * @self: a queue
 *
 * How many messages are stored, as far as that can be said while others work.
 *
 * Returns: the number of messages
 *
 * Since: 1.0
 */
guint
currant_queue_get_length (CurrantQueue *self)
{
  g_return_val_if_fail (is_made (self), 0);

  return currant_store_get_length (self->store);
}

/**
 * currant_queue_get_n_dropped:
 * @self: a queue
 *
 * How many messages its bound has cost it, over all shared queues of its pattern.
 *
 * Returns: the number of messages
 *
 * Since: 1.0
 */
guint64
currant_queue_get_n_dropped (CurrantQueue *self)
{
  g_return_val_if_fail (is_made (self), 0);

  return atomic_load_explicit (&self->store->sink.n_dropped, memory_order_relaxed);
}

/**
 * currant_queue_get_pattern:
 * @self: a queue
 *
 * What it collects.
 *
 * Returns: (transfer none): the pattern, owned by @self
 *
 * Since: 1.0
 */
CurrantPattern *
currant_queue_get_pattern (CurrantQueue *self)
{
  g_return_val_if_fail (is_made (self), NULL);

  return self->pattern;
}
