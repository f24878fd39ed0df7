/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-pace-private.h"

#include "currant-follower-private.h"

struct _CurrantPacer
{
  CurrantPace pace;
  gint64 interval;  /* microseconds */
  CurrantLock lock; /* guards the rest */
  GSource *timer;
  CurrantMessage *held; /* with it goes a hold on the sink, and its count as waiting */
  gint64 last;          /* when the throttle let one through */
};

typedef struct
{
  GSource source;
  CurrantFollower *follower; /* a reference */
} Timer;

CurrantPacer *
currant_pacer_new (CurrantPace pace, guint interval_ms)
{
  CurrantPacer *self = g_new0 (CurrantPacer, 1);

  self->pace = pace;
  self->interval = (gint64)interval_ms * 1000;
  self->last = G_MININT64 / 2;
  currant_lock_init (&self->lock);
  return self;
}

void
currant_pacer_free (CurrantPacer *self)
{
  g_assert (self->held == NULL);

  if (self->timer != NULL)
    {
      g_source_destroy (self->timer);
      g_source_unref (self->timer);
    }
  currant_lock_clear (&self->lock);
  g_free (self);
}

static void
count (CurrantSink *sink, CurrantCount what)
{
  currant_thread_count (currant_thread_get (sink->router), what, 1);
}

static gboolean
timer_dispatch (GSource *source, G_GNUC_UNUSED GSourceFunc callback, G_GNUC_UNUSED gpointer data)
{
  CurrantFollower *follower = ((Timer *)source)->follower;
  CurrantPacer *self = follower->extra->pacer;
  CurrantMessage *message;

  currant_lock_acquire (&self->lock);
  g_source_set_ready_time (source, -1);
  message = g_steal_pointer (&self->held);
  self->last = g_get_monotonic_time ();
  currant_lock_release (&self->lock);
  if (message != NULL)
    {
      currant_follower_deliver_held (follower, message);
      currant_sink_release (&follower->sink, 1);
    }
  CURRANT_TSAN_RELEASE (source);
  return G_SOURCE_CONTINUE;
}

static void
timer_finalize (GSource *source)
{
  CURRANT_TSAN_ACQUIRE (source);
  currant_follower_unref (((Timer *)source)->follower);
}

static GSourceFuncs timer_funcs = { NULL, NULL, timer_dispatch, timer_finalize, NULL, NULL };

void
currant_pacer_start (CurrantPacer *self, CurrantFollower *follower, GMainContext *context)
{
  GSource *timer = g_source_new (&timer_funcs, sizeof (Timer));

  ((Timer *)timer)->follower = currant_follower_ref (follower);
  g_source_set_static_name (timer, "currant pace");
  CURRANT_TSAN_RELEASE (timer);
  /* Under the lock, as a stop in another thread may destroy it as soon as it is known. */
  currant_lock_acquire (&self->lock);
  self->timer = timer;
  g_source_attach (timer, context);
  currant_lock_release (&self->lock);
}

void
currant_pacer_stop (CurrantPacer *self, CurrantSink *sink)
{
  CurrantMessage *held;
  GSource *timer;

  currant_lock_acquire (&self->lock);
  held = g_steal_pointer (&self->held);
  timer = g_steal_pointer (&self->timer);
  currant_lock_release (&self->lock);
  /* The timer's reference to the follower goes with it. */
  if (timer != NULL)
    {
      g_source_destroy (timer);
      g_source_unref (timer);
    }
  if (held == NULL)
    return;
  currant_message_unref (held);
  count (sink, CURRANT_COUNT_DISCARDED);
  count (sink, CURRANT_COUNT_SETTLED);
  currant_sink_release (sink, 1);
}

static gboolean
passes_locked (CurrantPacer *self, gint64 now)
{
  if (self->pace != CURRANT_PACE_THROTTLE || self->held != NULL
      || now - self->last < self->interval)
    return FALSE;
  self->last = now;
  return TRUE;
}

/* When what is held now is due. */
static void
arm_locked (CurrantPacer *self, gint64 now)
{
  if (self->timer == NULL)
    return;
  if (self->pace == CURRANT_PACE_DEBOUNCE)
    g_source_set_ready_time (self->timer, now + self->interval);
  else
    g_source_set_ready_time (self->timer, self->last + self->interval);
}

gboolean
currant_pacer_offer (CurrantPacer *self, CurrantSink *sink, CurrantMessage *message)
{
  gint64 now = g_get_monotonic_time ();
  CurrantMessage *obsolete;
  gboolean passes;

  currant_message_stamp (message);
  currant_lock_acquire (&self->lock);
  passes = passes_locked (self, now);
  obsolete = self->held;
  if (!passes)
    {
      self->held = currant_message_ref (message);
      if (obsolete == NULL)
        currant_sink_hold (sink);
      arm_locked (self, now);
    }
  currant_lock_release (&self->lock);
  if (passes)
    return TRUE;
  if (obsolete != NULL)
    {
      currant_message_unref (obsolete);
      count (sink, CURRANT_COUNT_CONFLATED);
    }
  else
    count (sink, CURRANT_COUNT_POSTED);
  if (atomic_load (&sink->stopped))
    currant_pacer_stop (self, sink);
  return FALSE;
}
