/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * currant demo: a real directory is turned into messages, which reach followers in the main loop,
 * in a strand on the thread pool and directly, and two workers that share a queue. Each step does
 * one thing and waits until all have got the messages that it must make; at the end the books are
 * printed and checked. The exit status is 0 only if every expected message arrived where it should,
 * and no other.
 */
#include "config.h"

#include "cmd.h"
#include "demo-account.h"

#include <currant-adapters.h>
#include <currant.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define PATTERN "{files,timer}:*"
#define N_TICKS 3
#define TICK_INTERVAL (20 * G_TIME_SPAN_MILLISECOND)
#define STEP_SECONDS 20

typedef struct _Demo Demo;

typedef struct
{
  Demo *demo;
  Column column;
  GThread *thread;
} Worker;

struct _Demo
{
  char *root;
  CurrantBus *bus;
  Account *account;
  CurrantQueue *queues[2];
  Worker workers[2];
  CurrantAdapter *observer;
  CurrantAdapter *timer;
  CurrantFollower *strand;
  guint n_ticks;        /* in the main loop: ticks published */
  guint64 ticks;        /* in the main loop: the number of the last tick */
  gboolean ticks_agree; /* in the main loop: no tick was lost without being counted */
  int strand_ended;     /* atomic: the strand's follower has been called for the last time */
  gboolean expired;     /* in the main loop: a step took too long */

  /* The workers' first messages: each takes no second until both have one. */
  GMutex lock;
  GCond cond;
  int n_busy; /* atomic; changed under the lock */
};

/* ---- receiving ---------------------------------------------------------------------------------
 */

/* The main loop may be waiting for this one. */
static guint
record (Demo *demo, Column column, CurrantMessage *message)
{
  guint count = account_record (demo->account, column, message);

  g_main_context_wakeup (NULL);
  return count;
}

static void
on_direct (CurrantMessage *message, gpointer data)
{
  record (data, COLUMN_DIRECT, message);
}

static void
on_strand (CurrantMessage *message, gpointer data)
{
  record (data, COLUMN_STRAND, message);
}

static void
on_strand_ended (gpointer data)
{
  Demo *demo = data;

  g_atomic_int_set (&demo->strand_ended, TRUE);
  g_main_context_wakeup (NULL);
}

/* Ticks that came too late are merged into the next: what `count` leaves out, `missed` says. */
static void
check_tick (Demo *demo, CurrantMessage *message)
{
  guint64 count = 0;
  guint64 missed = 0;

  if (!currant_message_lookup (message, "count", "t", &count)
      || !currant_message_lookup (message, "missed", "t", &missed)
      || count != demo->ticks + missed + 1)
    demo->ticks_agree = FALSE;
  demo->ticks = count;
}

static void
on_main_loop (CurrantMessage *message, gpointer data)
{
  Demo *demo = data;

  record (demo, COLUMN_MAIN_LOOP, message);
  if (strcmp (currant_message_get_name (message), "timer") == 0)
    check_tick (demo, message);
}

/* In the publisher's thread, which is the timer's: after the last one no tick comes any more. */
static void
on_tick (CurrantMessage *message, gpointer data)
{
  Demo *demo = data;

  if (++demo->n_ticks == N_TICKS)
    currant_adapter_stop (demo->timer);
}

/*
 * Both workers get something to do, however quick the first one is: otherwise it could empty the
 * queue before the other has started, and the books would be right but dull.
 */
static void
wait_for_the_other (Demo *demo)
{
  gint64 end = g_get_monotonic_time () + STEP_SECONDS * G_USEC_PER_SEC;

  g_mutex_lock (&demo->lock);
  g_atomic_int_inc (&demo->n_busy);
  g_cond_broadcast (&demo->cond);
  while (g_atomic_int_get (&demo->n_busy) < 2)
    if (!g_cond_wait_until (&demo->cond, &demo->lock, end))
      break;
  g_mutex_unlock (&demo->lock);
}

static gpointer
work (gpointer data)
{
  Worker *worker = data;
  Demo *demo = worker->demo;
  CurrantQueue *queue = demo->queues[worker->column - COLUMN_WORKER_1];
  gboolean first = TRUE;
  CurrantMessage *message;

  while ((message = currant_queue_get (queue, -1, NULL, NULL)) != NULL)
    {
      record (demo, worker->column, message);
      currant_message_unref (message);
      if (first)
        wait_for_the_other (demo);
      first = FALSE;
    }
  return NULL;
}

/* ---- waiting -----------------------------------------------------------------------------------
 */

static gboolean
on_expired (gpointer data)
{
  ((Demo *)data)->expired = TRUE;
  return G_SOURCE_CONTINUE;
}

static gboolean
all_got (Demo *demo, guint n)
{
  Account *account = demo->account;

  return account_count (account, COLUMN_MAIN_LOOP) >= n
         && account_count (account, COLUMN_STRAND) >= n
         && account_count (account, COLUMN_DIRECT) >= n
         && account_count (account, COLUMN_WORKER_1) + account_count (account, COLUMN_WORKER_2)
                >= n;
}

static gboolean
strand_has_ended (Demo *demo, guint n)
{
  return g_atomic_int_get (&demo->strand_ended);
}

/* Runs the main loop until the condition holds. FALSE if that takes too long. */
static gboolean
wait_until (Demo *demo, gboolean (*condition) (Demo *demo, guint n), guint n)
{
  guint deadline = g_timeout_add_seconds (STEP_SECONDS, on_expired, demo);

  demo->expired = FALSE;
  while (!demo->expired && !condition (demo, n))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
  return !demo->expired;
}

/* ---- the steps ---------------------------------------------------------------------------------
 */

typedef void (*Deed) (Demo *demo, GError **error);

typedef struct
{
  const char *title;
  Deed deed;
  const char *expected[4];
} Step;

static char *
in_root (Demo *demo, const char *name)
{
  return g_build_filename (demo->root, name, NULL);
}

static void
write_file (Demo *demo, const char *name, const char *mode, const char *text, GError **error)
{
  g_autofree char *path = in_root (demo, name);
  FILE *file = g_fopen (path, mode);
  gboolean good = file != NULL && fputs (text, file) != EOF;

  if (file == NULL || fclose (file) != 0 || !good)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s", path);
}

static void
rename_file (Demo *demo, const char *from, const char *to, GError **error)
{
  g_autofree char *old_path = in_root (demo, from);
  g_autofree char *path = in_root (demo, to);

  if (g_rename (old_path, path) != 0)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s", old_path);
}

static void
remove_file (Demo *demo, const char *name, GError **error)
{
  g_autofree char *path = in_root (demo, name);

  if (g_remove (path) != 0)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s", path);
}

static void
begin_watching (Demo *demo, GError **error)
{
  currant_adapter_start (demo->observer, error);
}

static void
create (Demo *demo, GError **error)
{
  write_file (demo, "notes.txt", "w", "one line\n", error);
}

static void
append (Demo *demo, GError **error)
{
  write_file (demo, "notes.txt", "a", "and another\n", error);
}

static void
give_another_name (Demo *demo, GError **error)
{
  rename_file (demo, "notes.txt", "diary.txt", error);
}

static void
save (Demo *demo, GError **error)
{
  write_file (demo, "diary.txt.part", "w", "everything anew\n", error);
  if (*error == NULL)
    rename_file (demo, "diary.txt.part", "diary.txt", error);
}

static void
fill_subdirectory (Demo *demo, GError **error)
{
  g_autofree char *path = in_root (demo, "letters/2026");

  if (g_mkdir_with_parents (path, 0700) != 0)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s", path);
  else
    write_file (demo, "letters/2026/first.txt", "w", "Dear reader\n", error);
}

static void
remove_diary (Demo *demo, GError **error)
{
  remove_file (demo, "diary.txt", error);
}

static void
remove_tree (Demo *demo, GError **error)
{
  static const char *const names[] = { "letters/2026/first.txt", "letters/2026", "letters" };

  for (guint i = 0; i < G_N_ELEMENTS (names) && *error == NULL; i++)
    remove_file (demo, names[i], error);
}

static void
let_it_tick (Demo *demo, GError **error)
{
  currant_adapter_start (demo->timer, error);
}

static const Step steps[] = {
  { N_ ("The observer starts in an empty directory."), begin_watching, { "files:ready ." } },
  { N_ ("A file is written."), create, { "files:created notes.txt" } },
  { N_ ("More is written to it."), append, { "files:modified notes.txt" } },
  { N_ ("It gets another name."), give_another_name, { "files:renamed notes.txt diary.txt" } },
  { N_ ("It is saved as editors do: a new file takes its place."),
    save,
    { "files:modified diary.txt" } },
  { N_ ("A directory in a directory, with a file in it, all at once."),
    fill_subdirectory,
    { "files:created letters", "files:created letters/2026",
      "files:created letters/2026/first.txt" } },
  { N_ ("The file is removed."), remove_diary, { "files:removed diary.txt" } },
  { N_ ("The directories are removed."),
    remove_tree,
    { "files:removed letters/2026/first.txt", "files:removed letters/2026",
      "files:removed letters" } },
  { N_ ("A timer ticks three times."), let_it_tick, { "timer:tick", "timer:tick", "timer:tick" } },
};

/* FALSE if the step failed, or its messages did not come, which has been said then. */
static gboolean
take_step (Demo *demo, const Step *step)
{
  g_autoptr (GError) error = NULL;

  printf ("  %s\n", _ (step->title));
  fflush (stdout);
  for (guint i = 0; i < G_N_ELEMENTS (step->expected) && step->expected[i] != NULL; i++)
    account_expect (demo->account, step->expected[i]);
  step->deed (demo, &error);
  if (error != NULL)
    {
      cmd_complain ("demo", _ ("this step failed: %s"), error->message);
      return FALSE;
    }
  if (wait_until (demo, all_got, account_get_n_expected (demo->account)))
    return TRUE;
  cmd_complain ("demo", _ ("not everybody got the messages of this step"));
  return FALSE;
}

/* ---- the play ----------------------------------------------------------------------------------
 */

static void
follow (Demo *demo)
{
  currant_bus_follow_with_delivery (demo->bus, PATTERN, CURRANT_DELIVERY_QUEUED, on_main_loop, demo,
                                    NULL);
  demo->strand = currant_follower_ref (currant_bus_follow_with_delivery (
      demo->bus, PATTERN, CURRANT_DELIVERY_POOL, on_strand, demo, on_strand_ended));
  currant_bus_follow_with_delivery (demo->bus, PATTERN, CURRANT_DELIVERY_DIRECT, on_direct, demo,
                                    NULL);
  currant_bus_follow_with_delivery (demo->bus, "timer:tick", CURRANT_DELIVERY_DIRECT, on_tick, demo,
                                    NULL);
}

static void
hire_workers (Demo *demo)
{
  for (guint i = 0; i < 2; i++)
    demo->queues[i] = currant_queue_new (demo->bus, PATTERN, CURRANT_QUEUE_SHARED);
  for (guint i = 0; i < 2; i++)
    {
      Worker *worker = &demo->workers[i];
      worker->demo = demo;
      worker->column = COLUMN_WORKER_1 + i;
      worker->thread = g_thread_new ("demo-worker", work, worker);
    }
}

static void
set_up (Demo *demo, const char *root)
{
  demo->root = g_strdup (root);
  demo->account = account_new (root);
  demo->ticks_agree = TRUE;
  demo->bus = currant_bus_new ();
  g_mutex_init (&demo->lock);
  g_cond_init (&demo->cond);
  follow (demo);
  hire_workers (demo);
  demo->observer = CURRANT_ADAPTER (currant_file_observer_new (demo->bus, "files", root));
  demo->timer = CURRANT_ADAPTER (currant_interval_timer_new (demo->bus, "timer", TICK_INTERVAL));
}

/* Afterwards nobody writes the books any more. */
static void
close_up (Demo *demo)
{
  currant_adapter_stop (demo->observer);
  currant_adapter_stop (demo->timer);
  for (guint i = 0; i < 2; i++)
    currant_queue_close (demo->queues[i]);
  for (guint i = 0; i < 2; i++)
    g_thread_join (demo->workers[i].thread);
  currant_follower_stop (demo->strand);
  if (!wait_until (demo, strand_has_ended, 0))
    cmd_complain ("demo", _ ("the strand did not end"));
}

/* The bus goes after the books were checked, for it is asked for its figures. */
static void
tear_down (Demo *demo)
{
  g_clear_pointer (&demo->strand, currant_follower_unref);
  g_clear_object (&demo->observer);
  g_clear_object (&demo->timer);
  g_clear_object (&demo->queues[0]);
  g_clear_object (&demo->queues[1]);
  g_clear_object (&demo->bus);
  g_clear_pointer (&demo->account, account_free);
  g_mutex_clear (&demo->lock);
  g_cond_clear (&demo->cond);
  g_free (demo->root);
}

static gboolean
tell (Demo *demo)
{
  gboolean good = TRUE;

  printf (_ ("What happens in %s:\n"), demo->root);
  for (gsize i = 0; i < G_N_ELEMENTS (steps) && good; i++)
    good = take_step (demo, &steps[i]);
  close_up (demo);
  printf (_ ("\nWho got what:\n"));
  account_print (demo->account);
  printf (_ ("\nIs that as it should be?\n"));
  good &= account_check (demo->account, demo->bus);
  good &= demo->ticks_agree;
  printf ("\n%s\n", good ? _ ("Every message arrived.") : _ ("NOT every message arrived."));
  return good;
}

/* What a step that failed left behind. */
static void
remove_scratch (Demo *demo, const char *root)
{
  static const char *const names[] = { "notes.txt",      "diary.txt",
                                       "diary.txt.part", "letters/2026/first.txt",
                                       "letters/2026",   "letters" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (root, names[i], NULL);
      g_remove (path);
    }
  g_rmdir (root);
}

static const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };

int
cmd_demo (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *root = NULL;
  Demo demo = { 0 };
  gboolean good;

  if (!cmd_parse (
          &argc, &argv, entries, NULL,
          _ ("Turns a scratch directory into messages, shows who gets them, and checks it.\n"
             "The exit status is 0 only if every expected message arrived.")))
    return STATUS_USAGE;
  if (argc > 1)
    return cmd_complain_usage ("demo", _ ("there is one word too many: “%s”"), argv[1]);
  root = g_dir_make_tmp ("currant-demo-XXXXXX", &error);
  if (root == NULL)
    {
      cmd_complain ("demo", "%s", error->message);
      return STATUS_FAILED;
    }
  set_up (&demo, root);
  good = tell (&demo);
  tear_down (&demo);
  remove_scratch (&demo, root);
  return good ? STATUS_OK : STATUS_FAILED;
}
