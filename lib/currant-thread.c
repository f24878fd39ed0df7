/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-thread-private.h"

#include "currant-router-private.h"

_Thread_local CurrantThread *currant_thread_current;

/* All records of this thread. */
static _Thread_local CurrantThread *own_records;

static void
leave_router (CurrantThread *self)
{
  CurrantRouter *router = self->router;

  currant_lock_acquire (&router->lock);
  if (self->previous != NULL)
    self->previous->next = self->next;
  else
    router->threads = self->next;
  if (self->next != NULL)
    self->next->previous = self->previous;
  for (guint i = 0; i < CURRANT_N_COUNTS; i++)
    router->past_counts[i] += atomic_load_explicit (&self->counts[i], memory_order_relaxed);
  currant_lock_release (&router->lock);
}

static void
record_free (CurrantThread *self)
{
  leave_router (self);
  if (currant_thread_current == self)
    currant_thread_current = NULL;
  currant_topic_cache_clear (&self->topics);
  currant_router_unref (self->router);
  g_free (self);
}

static void
thread_ends (G_GNUC_UNUSED gpointer data)
{
  while (own_records != NULL)
    {
      CurrantThread *record = own_records;

      own_records = record->next_own;
      record_free (record);
    }
}

static GPrivate thread_end = G_PRIVATE_INIT (thread_ends);

/* A thread that makes many short-lived buses must not collect records of dead ones. */
static void
forget_disposed (void)
{
  CurrantThread **place = &own_records, *forgotten = NULL;

  while (*place != NULL)
    {
      CurrantThread *record = *place;

      if (record->depth > 0 || !atomic_load (&record->router->disposed))
        {
          place = &record->next_own;
          continue;
        }
      *place = record->next_own;
      record->next_own = forgotten;
      forgotten = record;
    }
  /* Letting go of a record may run user code, and get here again. */
  while (forgotten != NULL)
    {
      CurrantThread *record = forgotten;

      forgotten = record->next_own;
      record_free (record);
    }
}

static CurrantThread *
record_new (CurrantRouter *router)
{
  CurrantThread *self = g_new0 (CurrantThread, 1);

  self->router = currant_router_ref (router);
  self->owner = &currant_thread_current;
  self->random = ((guint64)g_random_int () << 32) | g_random_int () | 1;
  currant_lock_acquire (&router->lock);
  self->id = ++router->last_thread;
  self->next = router->threads;
  if (self->next != NULL)
    self->next->previous = self;
  router->threads = self;
  currant_lock_release (&router->lock);
  self->next_own = own_records;
  own_records = self;
  g_private_set (&thread_end, GINT_TO_POINTER (1));
  return self;
}

CurrantThread *
currant_thread_find (CurrantRouter *router)
{
  CurrantThread *self;

  for (self = own_records; self != NULL; self = self->next_own)
    if (self->router == router)
      break;
  if (self == NULL)
    {
      forget_disposed ();
      self = record_new (router);
    }
  currant_thread_current = self;
  return self;
}

/* xorshift64*; its upper bits are good enough to share work by. */
double
currant_thread_random (CurrantThread *self)
{
  guint64 x = self->random;

  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  self->random = x;
  x *= G_GUINT64_CONSTANT (0x2545f4914f6cdd1d);
  return (double)(x >> 11) * 0x1p-53;
}
