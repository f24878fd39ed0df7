/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-tick-source-private.h"

#include <errno.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/timerfd.h>
#endif

/* How often the wall clock is looked at where the kernel cannot say that it was set. */
#define LOOK_INTERVAL G_USEC_PER_SEC

/* Touched only by the thread that makes it and then by its context's. */
typedef struct
{
  GSource base;
  CurrantSchedule schedule;
  gboolean wall;   /* the schedule is on the wall clock */
  guint64 skipped; /* ticks that were past before the source was made */
  guint64 told;    /* ticks that were told or merged, with the skipped ones */
  int fd;          /* a timer descriptor, or -1 */
} TickSource;

static gint64
get_now (TickSource *self)
{
  return self->wall ? g_get_real_time () : g_get_monotonic_time ();
}

#ifdef __linux__
static int
open_timer (void)
{
  return timerfd_create (CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
}

/* A moment before the epoch would disarm the timer; it is long past in any case. */
static gboolean
arm_timer (TickSource *self, gint64 moment)
{
  gint64 time = MAX (moment, 1);
  struct itimerspec spec = { .it_value = { .tv_sec = time / G_USEC_PER_SEC,
                                           .tv_nsec = time % G_USEC_PER_SEC * 1000 } };

  return timerfd_settime (self->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, NULL) == 0;
}
#else
static int
open_timer (void)
{
  return -1;
}

static gboolean
arm_timer (TickSource *self, gint64 moment)
{
  return FALSE;
}
#endif

/* What it reads does not matter: expired, or cancelled because the clock was set. */
static void
drain_timer (TickSource *self)
{
  guint64 expirations;

  if (self->fd >= 0)
    while (read (self->fd, &expirations, sizeof expirations) > 0)
      ;
}

static void
arm_by_looking (TickSource *self, gint64 moment)
{
  gint64 left = moment - MIN (get_now (self), moment);

  g_source_set_ready_time (&self->base, g_get_monotonic_time () + MIN (left, LOOK_INTERVAL));
}

static void
arm (TickSource *self)
{
  gint64 next = currant_schedule_get_tick (&self->schedule, self->told);

  if (next == G_MAXINT64)
    g_source_set_ready_time (&self->base, -1);
  else if (!self->wall)
    g_source_set_ready_time (&self->base, next);
  else if (self->fd < 0 || !arm_timer (self, next))
    arm_by_looking (self, next);
}

/*
 * It is armed before the call, so that the callback may take as long as it likes: what becomes due
 * meanwhile is merged into the next call. A wall clock that was set back makes fewer ticks due than
 * were told, and then nothing is told twice.
 */
static gboolean
tick_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  TickSource *self = (TickSource *)source;
  CurrantTickFunc func = (CurrantTickFunc)(void (*) (void))callback;
  guint64 due;
  guint64 missed;

  drain_timer (self);
  due = currant_schedule_count_until (&self->schedule, get_now (self));
  if (due <= self->told)
    {
      arm (self);
      return G_SOURCE_CONTINUE;
    }
  missed = due - self->told - 1;
  self->told = due;
  arm (self);
  if (func == NULL || !func (due - self->skipped, missed, user_data))
    return G_SOURCE_REMOVE;
  return !currant_schedule_is_once (&self->schedule);
}

static void
tick_source_finalize (GSource *source)
{
  TickSource *self = (TickSource *)source;

  currant_schedule_clear (&self->schedule);
  if (self->fd >= 0)
    close (self->fd);
}

static GSourceFuncs tick_source_funcs = { .dispatch = tick_source_dispatch,
                                          .finalize = tick_source_finalize };

static TickSource *
make_source (void)
{
  GSource *source = g_source_new (&tick_source_funcs, sizeof (TickSource));

  g_source_set_static_name (source, "CurrantIntervalTimer");
  ((TickSource *)source)->fd = -1;
  return (TickSource *)source;
}

/* The interval begins now. */
GSource *
currant_tick_source_new_interval (gint64 interval, gboolean once)
{
  TickSource *self = make_source ();

  currant_schedule_init_interval (&self->schedule, g_get_monotonic_time (), interval, once);
  arm (self);
  return &self->base;
}

/* Moments that are past are skipped, except the only one. */
GSource *
currant_tick_source_new_calendar (GDateTime *first, GTimeSpan period)
{
  TickSource *self = make_source ();

  self->wall = TRUE;
  currant_schedule_init_calendar (&self->schedule, first, period);
  if (!currant_schedule_is_once (&self->schedule))
    self->skipped = currant_schedule_count_until (&self->schedule, get_now (self));
  self->told = self->skipped;
  self->fd = open_timer ();
  if (self->fd >= 0)
    g_source_add_unix_fd (&self->base, self->fd, G_IO_IN);
  arm (self);
  return &self->base;
}

void
currant_tick_source_set_callback (GSource *source, CurrantTickFunc func, gpointer user_data,
                                  GDestroyNotify destroy)
{
  g_source_set_callback (source, G_SOURCE_FUNC (func), user_data, destroy);
}
