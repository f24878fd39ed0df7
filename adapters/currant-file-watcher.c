/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-file-watcher-private.h"

#include "currant-file-chain-private.h"
#include "currant-file-view-private.h"

/* How long one dispatch may take before other sources of the loop get their turn. */
#define SLICE (4 * G_TIME_SPAN_MILLISECOND)

/* How often directories that cannot be watched are listed instead. */
#define POLL_INTERVAL (2 * G_TIME_SPAN_SECOND)

/*
 * The kernel drops what does not fit into its queue (16,384 events by default), and GIO does not
 * pass that on. After half as many in a second everything is looked at again.
 */
#define BURST_SIZE 8192
#define BURST_WINDOW G_TIME_SPAN_SECOND

struct _CurrantFileWatcher
{
  int ref_count; /* atomic */
  int stopped;   /* atomic; once set, nothing is handed on any more */
  GWeakRef owner;
  CurrantFileChangeFunc func; /* immutable */
  GSource *source;            /* immutable from start to teardown; the ready time is the doorbell */

  /* Touched only in the context, or by whoever made it before it starts. */
  CurrantFileView *view; /* NULL after teardown */
  CurrantFileSettle *settle;
  CurrantFileChain *chain;
  GQueue due;        /* of CurrantFileHint, owned: to be looked at now */
  gboolean begun;    /* the root was looked at once */
  gboolean ready;    /* the first scan is done */
  gboolean busy;     /* inside a dispatch, which does the teardown itself */
  gint64 wake;       /* when the source wakes up; -1: not by itself */
  gint64 poll;       /* when unwatched directories are listed next */
  gint64 burst_end;  /* of the window in which hints are counted */
  guint burst_count; /* hints in the window */
  gboolean burst;    /* there were so many that some may have been lost */
};

typedef struct
{
  GSource base;
  CurrantFileWatcher *watcher; /* not owned: the watcher destroys the source */
} WatcherSource;

static gboolean
is_stopped (CurrantFileWatcher *self)
{
  return g_atomic_int_get (&self->stopped);
}

static CurrantFileWatcher *
watcher_ref (CurrantFileWatcher *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

/* In the context, or when nobody else can reach the watcher. */
static void
teardown (CurrantFileWatcher *self)
{
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_clear_pointer (&self->source, g_source_unref);
    }
  g_clear_pointer (&self->chain, currant_file_chain_free);
  g_clear_pointer (&self->view, currant_file_view_free);
  g_clear_pointer (&self->settle, currant_file_settle_free);
  g_queue_clear_full (&self->due, (GDestroyNotify)currant_file_hint_free);
}

void
currant_file_watcher_unref (CurrantFileWatcher *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  teardown (self);
  g_weak_ref_clear (&self->owner);
  g_free (self);
}

/* ---- hearing -----------------------------------------------------------------------------------
 */

static void
wake_at (CurrantFileWatcher *self, gint64 time)
{
  if (self->wake >= 0 && self->wake <= time)
    return;
  self->wake = time;
  g_source_set_ready_time (self->source, time);
}

static void
count_for_burst (CurrantFileWatcher *self, gint64 now)
{
  if (now > self->burst_end)
    {
      self->burst_end = now + BURST_WINDOW;
      self->burst_count = 0;
    }
  if (++self->burst_count >= BURST_SIZE)
    self->burst = TRUE;
}

/*
 * A file that was closed after writing is at rest, unless it is a new one, which may be about to be
 * renamed over another, or one that has just been told of.
 */
static void
hear_path (CurrantFileWatcher *self, const char *path, GFileMonitorEvent event)
{
  gint64 now = g_get_monotonic_time ();
  CurrantFileNode *node = currant_file_view_find (self->view, path);
  CurrantFileHint *hint = currant_file_settle_hear (self->settle, path, node == NULL, now);

  count_for_burst (self, now);
  if (event == G_FILE_MONITOR_EVENT_CHANGED)
    hint->said |= CURRANT_FILE_SAID_WRITTEN;
  else if (event == G_FILE_MONITOR_EVENT_ATTRIBUTE_CHANGED)
    hint->said |= CURRANT_FILE_SAID_TOUCHED;
  else if (event == G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT
           && (hint->said & CURRANT_FILE_SAID_WRITTEN) != 0 && node != NULL
           && now - node->told >= CURRANT_FILE_QUIET)
    hint->due = now;
  wake_at (self, hint->due);
}

/* A directory that is gone from its path takes its watch along, also if there is a new one. */
static void
forget_monitor (CurrantFileWatcher *self, const char *path, GFileMonitorEvent event)
{
  CurrantFileNode *node;

  if (event != G_FILE_MONITOR_EVENT_DELETED && event != G_FILE_MONITOR_EVENT_UNMOUNTED)
    return;
  node = currant_file_view_find (self->view, path);
  if (node != NULL)
    currant_file_view_unwatch (self->view, node);
}

static void
hear_file (CurrantFileWatcher *self, GFile *file, GFileMonitorEvent event)
{
  const char *path = file != NULL ? g_file_peek_path (file) : NULL;

  if (path == NULL || !currant_file_view_concerns (self->view, path))
    return;
  forget_monitor (self, path, event);
  hear_path (self, path, event);
}

static void
on_event (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
          gpointer user_data)
{
  CurrantFileWatcher *self = user_data;

  if (is_stopped (self))
    return;
  hear_file (self, file, event);
  hear_file (self, other, event);
}

static void
on_chain_event (GFileMonitorEvent event, gpointer user_data)
{
  CurrantFileWatcher *self = user_data;

  if (!is_stopped (self))
    hear_path (self, currant_file_view_get_root (self->view), event);
}

/* ---- working -----------------------------------------------------------------------------------
 */

static gboolean
is_root (CurrantFileWatcher *self, const char *path)
{
  return g_str_equal (path, currant_file_view_get_root (self->view));
}

static void
refresh_chain (CurrantFileWatcher *self)
{
  GError *error;

  currant_file_chain_refresh (self->chain);
  error = currant_file_chain_take_error (self->chain);
  if (error != NULL)
    currant_file_view_report (self->view, error);
}

/* FALSE if what is known under the path is not there. */
static gboolean
look (CurrantFileWatcher *self, CurrantFileHint *hint)
{
  if (is_root (self, hint->path))
    refresh_chain (self);
  return currant_file_view_look (self->view, hint, g_get_monotonic_time ());
}

static void
begin (CurrantFileWatcher *self)
{
  CurrantFileHint hint = { .path = (char *)currant_file_view_get_root (self->view) };

  self->begun = TRUE;
  look (self, &hint);
}

static void
look_at_due (CurrantFileWatcher *self, CurrantFileHint *hint)
{
  if (look (self, hint))
    currant_file_hint_free (hint);
  else
    currant_file_view_push_missing (self->view, hint);
}

/*
 * What is missing may have a new name among the paths that are still coming to rest, and then it is
 * told of as renamed; so it waits for them, as long as a path may wait at all.
 */
static void
resolve_missing (CurrantFileWatcher *self, CurrantFileHint *hint)
{
  gint64 now = g_get_monotonic_time ();

  if (currant_file_settle_get_n_fresh (self->settle) > 0 && now < hint->first + CURRANT_FILE_LATEST)
    {
      currant_file_settle_put_back (self->settle, hint, now);
      return;
    }
  if (!look (self, hint))
    currant_file_view_drop (self->view, hint->path);
  currant_file_hint_free (hint);
}

static gboolean
has_to_poll (CurrantFileWatcher *self)
{
  return currant_file_view_has_unwatched (self->view) || !currant_file_chain_is_whole (self->chain);
}

/* Looks at what cannot be watched, or at all after a burst. FALSE if that is not due. */
static gboolean
look_around (CurrantFileWatcher *self)
{
  gint64 now = g_get_monotonic_time ();

  if (self->burst && currant_file_settle_is_empty (self->settle))
    {
      self->burst = FALSE;
      currant_file_view_rescan (self->view, "burst");
      return TRUE;
    }
  if (now < self->poll || !has_to_poll (self))
    return FALSE;
  self->poll = now + POLL_INTERVAL;
  currant_file_view_retry (self->view);
  if (!currant_file_chain_is_whole (self->chain))
    currant_file_settle_hear (self->settle, currant_file_view_get_root (self->view), FALSE, now);
  return TRUE;
}

/*
 * One piece of work. First all that may turn up: listings, then paths that are due; and only when
 * nothing of that is left, what is missing. FALSE if there is nothing to do now.
 */
static gboolean
work (CurrantFileWatcher *self)
{
  gint64 now = g_get_monotonic_time ();
  CurrantFileHint *hint;

  if (!self->begun)
    begin (self);
  else if (currant_file_view_scan (self->view, now))
    ;
  else if (!self->ready)
    {
      self->ready = TRUE;
      currant_file_view_set_ready (self->view);
    }
  else if ((hint = g_queue_pop_head (&self->due)) != NULL)
    look_at_due (self, hint);
  else if ((hint = currant_file_view_pop_missing (self->view)) != NULL)
    resolve_missing (self, hint);
  else
    {
      currant_file_settle_take_due (self->settle, now, &self->due);
      return !g_queue_is_empty (&self->due) || look_around (self);
    }
  return TRUE;
}

/* New monitors report to the thread-default context; user code is never run while it is this one.
 */
static gboolean
work_in_context (CurrantFileWatcher *self, GMainContext *context)
{
  gboolean more;

  g_main_context_push_thread_default (context);
  more = work (self);
  g_main_context_pop_thread_default (context);
  return more;
}

static void
hand_on (CurrantFileWatcher *self, CurrantFileChange *change)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);

  if (owner != NULL)
    self->func (change, owner);
}

/* One piece of work, or one change to hand on. FALSE if there is neither. */
static gboolean
step (CurrantFileWatcher *self, GMainContext *context)
{
  g_autoptr (CurrantFileChange) change = currant_file_view_pop_change (self->view);

  if (change == NULL)
    return work_in_context (self, context);
  hand_on (self, change);
  return TRUE;
}

/* The next time that there is something to do, if nothing is heard until then. */
static gint64
get_next_time (CurrantFileWatcher *self)
{
  gint64 next = currant_file_settle_get_next (self->settle);

  if (!has_to_poll (self))
    return next;
  return next >= 0 ? MIN (next, self->poll) : self->poll;
}

static void
arm (CurrantFileWatcher *self, gboolean more)
{
  self->wake = more ? 0 : get_next_time (self);
  g_source_set_ready_time (self->source, self->wake);
}

static void
run_slice (CurrantFileWatcher *self, GMainContext *context)
{
  gint64 end = g_get_monotonic_time () + SLICE;
  gboolean more;

  do
    more = step (self, context);
  while (more && !is_stopped (self) && g_get_monotonic_time () < end);
  if (!is_stopped (self))
    arm (self, more);
}

static gboolean
watcher_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  CurrantFileWatcher *self = watcher_ref (((WatcherSource *)source)->watcher);

  self->busy = TRUE;
  if (!is_stopped (self))
    run_slice (self, g_source_get_context (source));
  self->busy = FALSE;
  if (is_stopped (self))
    teardown (self);
  currant_file_watcher_unref (self);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs watcher_source_funcs = { .dispatch = watcher_source_dispatch };

/* ---- for any thread ----------------------------------------------------------------------------
 */

/* Takes the target. */
CurrantFileWatcher *
currant_file_watcher_new (CurrantFileTarget *target, CurrantFileChangeFunc func, GObject *owner)
{
  CurrantFileWatcher *self = g_new0 (CurrantFileWatcher, 1);

  self->ref_count = 1;
  self->func = func;
  g_weak_ref_init (&self->owner, owner);
  g_queue_init (&self->due);
  self->settle = currant_file_settle_new ();
  self->chain = currant_file_chain_new (target->root, on_chain_event, self);
  self->view = currant_file_view_new (target, on_event, self);
  return self;
}

static GSource *
make_source (CurrantFileWatcher *self)
{
  GSource *source = g_source_new (&watcher_source_funcs, sizeof (WatcherSource));

  ((WatcherSource *)source)->watcher = self;
  g_source_set_static_name (source, "CurrantFileObserver");
  g_source_set_ready_time (source, 0);
  return source;
}

/*
 * If this thread may run the context, the first slice of the first scan is done at once, so that
 * what happens in a small tree after this call is seen. Nothing is handed on before the loop runs.
 */
void
currant_file_watcher_start (CurrantFileWatcher *self, GMainContext *context)
{
  gint64 end = g_get_monotonic_time () + SLICE;

  self->source = make_source (self);
  g_source_attach (self->source, context);
  if (!g_main_context_acquire (context))
    return;
  while (!self->ready && g_get_monotonic_time () < end)
    work_in_context (self, context);
  g_main_context_release (context);
}

static gboolean
on_teardown (gpointer data)
{
  CurrantFileWatcher *self = data;

  if (!self->busy)
    teardown (self);
  return G_SOURCE_REMOVE;
}

static void
invoke (CurrantFileWatcher *self, GMainContext *context, GSourceFunc func)
{
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, func, watcher_ref (self),
                              (GDestroyNotify)currant_file_watcher_unref);
}

/*
 * Nothing more is handed on, except what another thread is just handing on. A context that nobody
 * runs just now may be one that nobody will ever run again, so it is not left to that.
 */
void
currant_file_watcher_stop (CurrantFileWatcher *self, GMainContext *context)
{
  g_atomic_int_set (&self->stopped, TRUE);
  if (!g_main_context_acquire (context))
    {
      invoke (self, context, on_teardown);
      return;
    }
  if (!self->busy)
    teardown (self);
  g_main_context_release (context);
}

static gboolean
on_rescan (gpointer data)
{
  CurrantFileWatcher *self = data;

  if (is_stopped (self))
    return G_SOURCE_REMOVE;
  currant_file_view_rescan (self->view, "requested");
  wake_at (self, 0);
  return G_SOURCE_REMOVE;
}

void
currant_file_watcher_rescan (CurrantFileWatcher *self, GMainContext *context)
{
  invoke (self, context, on_rescan);
}
