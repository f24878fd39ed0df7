/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-pool-private.h"

#include "currant-budget-private.h"

#define BATCH 64
#define ROUNDS_MAX 16

/* How long a thread that has nothing to do looks for work before it sleeps: about what a wake-up
 * costs. One at a time does. */
#define SPIN_US 10
#define LOOK_EVERY 16

struct _CurrantPool
{
  atomic_uint ref_count;
  _Atomic guint size; /* how many threads there may be; written under the lock */
  CurrantLock lock;   /* guards the rest */
  GCond work;
  CurrantStrand *first, *last; /* scheduled, in order */
  guint n_threads, n_idle;
  gboolean spins;         /* whether to look before sleeping; immutable */
  guint looks;            /* how many threads do: one or none */
  _Atomic guint n_queued; /* how often strands are scheduled, all in all; read without the lock */
};

struct _CurrantStrand
{
  CurrantMailbox mailbox;
  CurrantPool *pool; /* a reference; this and the next two are immutable */
  CurrantSink *sink;
  guint concurrency;
  _Atomic guint runners;
  CurrantStrand *next; /* scheduled; this and the next are guarded by the pool's lock */
  guint n_scheduled;
};

CurrantPool *
currant_pool_new (void)
{
  CurrantPool *self = g_new0 (CurrantPool, 1);

  atomic_init (&self->ref_count, 1);
  atomic_init (&self->size, g_get_num_processors ());
  self->spins = atomic_load (&self->size) > 1;
  currant_lock_init (&self->lock);
  g_cond_init (&self->work);
  return self;
}

CurrantPool *
currant_pool_ref (CurrantPool *self)
{
  atomic_fetch_add_explicit (&self->ref_count, 1, memory_order_relaxed);
  return self;
}

void
currant_pool_unref (CurrantPool *self)
{
  if (atomic_fetch_sub_explicit (&self->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  g_assert (self->n_threads == 0 && self->first == NULL);
  g_cond_clear (&self->work);
  currant_lock_clear (&self->lock);
  g_free (self);
}

guint
currant_pool_get_size (CurrantPool *self)
{
  return atomic_load (&self->size);
}

guint
currant_pool_count_threads (CurrantPool *self)
{
  guint n;

  currant_lock_acquire (&self->lock);
  n = self->n_threads;
  currant_lock_release (&self->lock);
  return n;
}

/* One writer at a time, so no read-modify-write is needed. */
static void
add_queued_locked (CurrantPool *self, int n)
{
  guint now = atomic_load_explicit (&self->n_queued, memory_order_relaxed);

  atomic_store_explicit (&self->n_queued, now + (guint)n, memory_order_relaxed);
}

static void
enqueue_locked (CurrantPool *self, CurrantStrand *strand)
{
  strand->next = NULL;
  if (self->last != NULL)
    self->last->next = strand;
  else
    self->first = strand;
  self->last = strand;
}

/* The first strand that is scheduled; behind the others again while it is so more than once. */
static CurrantStrand *
dequeue_locked (CurrantPool *self)
{
  CurrantStrand *strand = self->first;

  if (strand == NULL)
    return NULL;
  self->first = strand->next;
  if (self->first == NULL)
    self->last = NULL;
  add_queued_locked (self, -1);
  if (--strand->n_scheduled > 0)
    enqueue_locked (self, strand);
  return strand;
}

static gboolean
must_leave_locked (CurrantPool *self)
{
  guint size = atomic_load (&self->size);

  return self->n_threads > size && (size > 0 || self->first == NULL);
}

static void
look_out (CurrantPool *self)
{
  gint64 until = g_get_monotonic_time () + SPIN_US;

  do
    for (guint i = 0; i < LOOK_EVERY; i++)
      currant_relax ();
  while (atomic_load_explicit (&self->n_queued, memory_order_relaxed) == 0
         && g_get_monotonic_time () < until);
}

/* Work, once it has been looked for. While a thread looks, and for what it will find, nobody has to
 * be woken. */
static CurrantStrand *
look_for_work_locked (CurrantPool *self)
{
  CurrantStrand *strand = dequeue_locked (self);

  if (strand != NULL || !self->spins || self->looks > 0)
    return strand;
  self->looks = 1;
  self->n_idle++;
  currant_lock_release (&self->lock);
  look_out (self);
  currant_lock_acquire (&self->lock);
  self->n_idle--;
  self->looks = 0;
  return must_leave_locked (self) ? NULL : dequeue_locked (self);
}

/* Work, or NULL when the thread is to end. */
static CurrantStrand *
wait_for_work (CurrantPool *self)
{
  CurrantStrand *strand = NULL;

  currant_lock_acquire (&self->lock);
  while (!must_leave_locked (self) && (strand = look_for_work_locked (self)) == NULL)
    {
      if (must_leave_locked (self))
        break;
      self->n_idle++;
      currant_lock_wait (&self->lock, &self->work);
      self->n_idle--;
    }
  if (strand == NULL)
    self->n_threads--;
  else if (self->n_queued > self->looks && self->n_idle > self->looks)
    g_cond_signal (&self->work);
  currant_lock_release (&self->lock);
  return strand;
}

static void
strand_deliver (CurrantStrand *self)
{
  CurrantSink *sink = self->sink;
  CurrantNode *node = currant_mailbox_detach (&self->mailbox, self->concurrency > 1 ? 1 : BATCH);
  CurrantBudget budget;
  guint run = 0;

  currant_budget_begin (&budget);
  while (node != NULL)
    {
      CurrantNode *next = node->next;

      currant_node_deliver (node);
      node = next;
      run++;
      if (!currant_budget_lasts (&budget))
        break;
    }
  if (node != NULL)
    currant_mailbox_put_back (&self->mailbox, node);
  if (run > 0)
    currant_sink_release (sink, run);
}

static gboolean
claim_runner (CurrantStrand *self)
{
  guint runners = atomic_load (&self->runners);

  while (runners < self->concurrency)
    if (atomic_compare_exchange_weak (&self->runners, &runners, runners + 1))
      return TRUE;
  return FALSE;
}

/* The work a schedule stands for, with the hold on the sink that it came with. */
static void strand_run (CurrantStrand *self);

static gpointer
work (gpointer data)
{
  CurrantPool *self = data;
  CurrantStrand *strand;

  CURRANT_TSAN_ACQUIRE (self);
  while ((strand = wait_for_work (self)) != NULL)
    strand_run (strand);
  currant_pool_unref (self);
  return NULL;
}

/* A thread that is already counted. FALSE when the system has none to give. */
static gboolean
start_thread (CurrantPool *self)
{
  GThread *thread;

  CURRANT_TSAN_RELEASE (self);
  thread = g_thread_try_new ("currant-pool", work, currant_pool_ref (self), NULL);
  if (thread != NULL)
    {
      g_thread_unref (thread);
      return TRUE;
    }
  currant_pool_unref (self);
  return FALSE;
}

/* Sees to it that somebody is there for all that is queued: idle threads are woken, and for what is
 * more than these there are new ones, as far as the size allows. Returns how many are to be
 * started, which are counted already. */
static guint
staff_locked (CurrantPool *self)
{
  guint n_queued = atomic_load_explicit (&self->n_queued, memory_order_relaxed);
  guint most = MAX (atomic_load (&self->size), 1);
  guint wanted = n_queued > self->n_idle ? n_queued - self->n_idle : 0;
  guint n = self->n_threads < most ? MIN (wanted, most - self->n_threads) : 0;

  self->n_threads += n;
  if (self->n_idle > self->looks && n_queued > self->looks)
    g_cond_signal (&self->work);
  return n;
}

/* Where there is no thread at all to be had, the publisher's does the work: late is better than
 * never. */
static void
start_threads (CurrantPool *self, guint n)
{
  CurrantStrand *strand = NULL;

  while (n > 0 && start_thread (self))
    n--;
  if (n == 0)
    return;
  currant_lock_acquire (&self->lock);
  self->n_threads -= n;
  if (self->n_threads == 0)
    strand = dequeue_locked (self);
  currant_lock_release (&self->lock);
  if (strand != NULL)
    strand_run (strand);
}

static void
pool_push (CurrantPool *self, CurrantStrand *strand)
{
  guint n;

  currant_lock_acquire (&self->lock);
  add_queued_locked (self, 1);
  if (strand->n_scheduled++ == 0)
    enqueue_locked (self, strand);
  n = staff_locked (self);
  currant_lock_release (&self->lock);
  start_threads (self, n);
}

void
currant_pool_set_size (CurrantPool *self, guint n_threads)
{
  guint n;

  currant_lock_acquire (&self->lock);
  atomic_store (&self->size, n_threads);
  n = staff_locked (self);
  g_cond_broadcast (&self->work);
  currant_lock_release (&self->lock);
  start_threads (self, n);
}

static gboolean
has_more (CurrantStrand *self)
{
  return !currant_mailbox_is_empty (&self->mailbox) || currant_mailbox_linger (&self->mailbox);
}

/* While no other strand waits for a thread, this one goes on: to be scheduled takes a lock on both
 * sides. Not for ever, as the pool may be to shrink. */
static void
strand_run (CurrantStrand *self)
{
  CurrantSink *sink = self->sink;
  gboolean more;
  guint n = 0;

  do
    {
      strand_deliver (self);
      more = has_more (self);
    }
  while (more && ++n < ROUNDS_MAX
         && atomic_load_explicit (&self->pool->n_queued, memory_order_relaxed) == 0);
  if (more)
    {
      pool_push (self->pool, self);
      return;
    }
  atomic_fetch_sub (&self->runners, 1);
  if (!currant_mailbox_is_empty (&self->mailbox) && claim_runner (self))
    pool_push (self->pool, self);
  else
    currant_sink_release (sink, 1);
}

CurrantStrand *
currant_strand_new (CurrantPool *pool, CurrantSink *sink, guint concurrency)
{
  CurrantStrand *self = g_new0 (CurrantStrand, 1);

  currant_mailbox_init (&self->mailbox, CURRANT_MAILBOX_ONE_SINK);
  self->pool = currant_pool_ref (pool);
  self->sink = sink;
  self->concurrency = MAX (concurrency, 1);
  return self;
}

void
currant_strand_free (CurrantStrand *self)
{
  currant_mailbox_clear (&self->mailbox);
  currant_pool_unref (self->pool);
  g_free (self);
}

CurrantMailbox *
currant_strand_get_mailbox (CurrantStrand *self)
{
  return &self->mailbox;
}

void
currant_strand_schedule (CurrantStrand *self)
{
  if (!claim_runner (self))
    return;
  currant_sink_hold (self->sink);
  pool_push (self->pool, self);
}

gboolean
currant_strand_is_direct (CurrantStrand *self)
{
  return atomic_load (&self->pool->size) == 0 && atomic_load (&self->runners) == 0
         && currant_sink_waiting (self->sink) == 0;
}
