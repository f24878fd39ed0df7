/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * currant watch: observers and a timer publish on a bus; followers in the main loop, and workers
 * that share queues, print what they get. Ends at a signal, after a number of messages or seconds,
 * or when nobody reads the output any more.
 */
#include "config.h"

#include "cmd.h"
#include "printer.h"

#include <currant-adapters.h>
#include <currant.h>
#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <unistd.h>

#define MAX_WORKERS 1024
#define MAX_SECONDS 1e9
#define UNSET G_MININT

typedef struct
{
  /* The options. */
  char **paths;
  char **follow;
  char **queue;
  int n_workers;
  gboolean json;
  char *name;
  double tick;
  gint64 count;
  double seconds;

  CurrantBus *bus;
  GMainLoop *loop;
  GPtrArray *adapters;  /* of CurrantAdapter */
  GPtrArray *receivers; /* of Endpoint */
  int left;             /* atomic: lines still to print, if there is a count */
  int write_error;      /* atomic: the errno of the first line that could not be written */
} Watch;

/* A follower, or a worker with its thread. */
typedef struct
{
  Watch *watch;
  Receiver receiver;
  char *who;
  char *pattern;
  CurrantFollower *follower;
  CurrantQueue *queue;
  GThread *thread;
} Endpoint;

/* ---- printing, in any thread --------------------------------------------------------------------
 */

static void
quit (Watch *watch)
{
  g_main_loop_quit (watch->loop);
}

/* FALSE if the number of lines that was asked for has been reached. */
static gboolean
claim_line (Watch *watch)
{
  return watch->count == 0 || g_atomic_int_add (&watch->left, -1) > 0;
}

static void
print_message (CurrantMessage *message, gpointer data)
{
  Endpoint *endpoint = data;
  Watch *watch = endpoint->watch;
  g_autofree char *line = NULL;
  int code;

  if (!claim_line (watch))
    return;
  line = (watch->json ? printer_make_json : printer_make_text) (&endpoint->receiver, message);
  code = printer_write_line (line);
  if (code != 0)
    g_atomic_int_compare_and_exchange (&watch->write_error, 0, code);
  if (code != 0 || (watch->count != 0 && g_atomic_int_get (&watch->left) <= 0))
    quit (watch);
}

/* ---- endpoints ---------------------------------------------------------------------------------
 */

static void
endpoint_free (gpointer data)
{
  Endpoint *endpoint = data;

  if (endpoint->follower != NULL)
    {
      currant_follower_stop (endpoint->follower);
      currant_follower_unref (endpoint->follower);
    }
  if (endpoint->queue != NULL)
    currant_queue_close (endpoint->queue);
  if (endpoint->thread != NULL)
    g_thread_join (endpoint->thread);
  g_clear_object (&endpoint->queue);
  g_free (endpoint->who);
  g_free (endpoint->pattern);
  g_free (endpoint);
}

/* Takes the name. */
static Endpoint *
add_endpoint (Watch *watch, char *who, CurrantPattern *pattern)
{
  Endpoint *endpoint = g_new0 (Endpoint, 1);

  endpoint->watch = watch;
  endpoint->who = who;
  endpoint->pattern = g_strdup (currant_pattern_to_string (pattern));
  endpoint->receiver.who = endpoint->who;
  endpoint->receiver.pattern = endpoint->pattern;
  g_ptr_array_add (watch->receivers, endpoint);
  return endpoint;
}

static void
add_follower (Watch *watch, CurrantPattern *pattern, guint number)
{
  char *who = number > 0 ? g_strdup_printf ("follower %u", number) : g_strdup ("follower");
  Endpoint *endpoint = add_endpoint (watch, who, pattern);

  endpoint->follower = currant_follower_new (pattern, print_message, endpoint, NULL);
  currant_bus_add_follower (watch->bus, endpoint->follower);
}

/* A worker's thread: it ends when its queue is closed. */
static gpointer
work (gpointer data)
{
  Endpoint *endpoint = data;
  CurrantMessage *message;

  while ((message = currant_queue_get (endpoint->queue, -1, NULL, NULL)) != NULL)
    {
      print_message (message, endpoint);
      currant_message_unref (message);
    }
  return NULL;
}

static void
add_worker (Watch *watch, CurrantPattern *pattern, guint number)
{
  Endpoint *endpoint = add_endpoint (watch, g_strdup_printf ("worker %u", number), pattern);

  endpoint->queue = currant_queue_new_for_pattern (watch->bus, pattern, CURRANT_QUEUE_SHARED,
                                                   CURRANT_ORDERING_FIFO);
  endpoint->thread = g_thread_new ("worker", work, endpoint);
}

static gboolean
add_followers (Watch *watch, GError **error)
{
  guint n = watch->follow != NULL ? g_strv_length (watch->follow) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CurrantPattern) pattern = currant_pattern_new (watch->follow[i], error);
      if (pattern == NULL)
        return FALSE;
      add_follower (watch, pattern, n > 1 ? i + 1 : 0);
    }
  return TRUE;
}

static gboolean
add_workers (Watch *watch, GError **error)
{
  guint number = 0;

  for (char **text = watch->queue; text != NULL && *text != NULL; text++)
    {
      g_autoptr (CurrantPattern) pattern = currant_pattern_new (*text, error);
      if (pattern == NULL)
        return FALSE;
      for (int i = 0; i < watch->n_workers; i++)
        add_worker (watch, pattern, ++number);
    }
  return TRUE;
}

/* ---- adapters ----------------------------------------------------------------------------------
 */

static gboolean
start_adapter (Watch *watch, gpointer adapter, GError **error)
{
  g_ptr_array_add (watch->adapters, adapter);
  return currant_adapter_start (adapter, error);
}

static gboolean
start_adapters (Watch *watch, GError **error)
{
  for (char **path = watch->paths; path != NULL && *path != NULL; path++)
    if (!start_adapter (watch, currant_file_observer_new (watch->bus, watch->name, *path), error))
      return FALSE;
  if (watch->tick > 0)
    {
      gint64 interval = (gint64)MAX (watch->tick * G_USEC_PER_SEC, 1);
      return start_adapter (watch, currant_interval_timer_new (watch->bus, "timer", interval),
                            error);
    }
  return TRUE;
}

/* ---- running -----------------------------------------------------------------------------------
 */

static gboolean
on_end (gpointer watch)
{
  quit (watch);
  return G_SOURCE_CONTINUE;
}

/* The reader of a pipe has gone: there is nobody left to print for. */
static gboolean
on_unread (int fd, GIOCondition condition, gpointer watch)
{
  quit (watch);
  return G_SOURCE_REMOVE;
}

static int
run (Watch *watch)
{
  int code;

  signal (SIGPIPE, SIG_IGN);
  g_unix_signal_add (SIGINT, on_end, watch);
  g_unix_signal_add (SIGTERM, on_end, watch);
  g_unix_fd_add (STDOUT_FILENO, G_IO_ERR, on_unread, watch);
  if (watch->seconds > 0)
    g_timeout_add_full (G_PRIORITY_DEFAULT,
                        (guint)MIN (watch->seconds * 1000, (double)G_MAXUINT - 1), on_end, watch,
                        NULL);
  g_main_loop_run (watch->loop);
  code = g_atomic_int_get (&watch->write_error);
  if (code == 0 || code == EPIPE)
    return STATUS_OK;
  cmd_complain ("watch", _ ("cannot write: %s"), g_strerror (code));
  return STATUS_FAILED;
}

static int
watch_all (Watch *watch)
{
  g_autoptr (GError) error = NULL;

  if (!add_followers (watch, &error) || !add_workers (watch, &error))
    return cmd_complain_usage ("watch", "%s", error->message);
  if (start_adapters (watch, &error))
    return run (watch);
  if (error->domain == CURRANT_ERROR
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME))
    return cmd_complain_usage ("watch", "%s", error->message);
  cmd_complain ("watch", "%s", error->message);
  return STATUS_FAILED;
}

/* Adapters first: what has ended publishes nothing to what is about to end. */
static void
watch_clear (Watch *watch)
{
  g_ptr_array_unref (watch->adapters);
  g_ptr_array_unref (watch->receivers);
  g_object_unref (watch->bus);
  g_main_loop_unref (watch->loop);
  g_strfreev (watch->paths);
  g_strfreev (watch->follow);
  g_strfreev (watch->queue);
  g_free (watch->name);
}

/* ---- options -----------------------------------------------------------------------------------
 */

/* Not so for NaN either. */
static gboolean
is_span (double seconds)
{
  return seconds >= 0 && seconds <= MAX_SECONDS;
}

static const char *
find_mistake (Watch *watch)
{
  if (watch->n_workers != UNSET && (watch->n_workers < 1 || watch->n_workers > MAX_WORKERS))
    return _ ("the number of workers is out of range");
  if (watch->n_workers != UNSET && watch->queue == NULL)
    return _ ("workers need a queue");
  if (!is_span (watch->tick) || !is_span (watch->seconds))
    return _ ("the number of seconds is out of range");
  if (watch->count < 0 || watch->count > G_MAXINT)
    return _ ("the number of messages is out of range");
  if (watch->paths == NULL && watch->tick <= 0)
    return _ ("there is nothing to watch");
  return NULL;
}

static void
fill_in (Watch *watch)
{
  if (watch->name == NULL)
    watch->name = g_strdup ("file");
  if (watch->n_workers == UNSET)
    watch->n_workers = 2;
  if (watch->follow == NULL && watch->queue == NULL)
    watch->follow = g_strsplit ("*:*", "\n", -1);
  watch->left = (int)watch->count;
  watch->bus = currant_bus_new ();
  watch->loop = g_main_loop_new (NULL, FALSE);
  watch->adapters = g_ptr_array_new_with_free_func (g_object_unref);
  watch->receivers = g_ptr_array_new_with_free_func (endpoint_free);
}

static gboolean
parse (Watch *watch, int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "follow", 'f', 0, G_OPTION_ARG_STRING_ARRAY, &watch->follow,
      N_ ("Print the messages that match in the main loop; may be repeated (“*:*” if there is "
          "neither this nor a queue)"),
      N_ ("PATTERN") },
    { "queue", 'q', 0, G_OPTION_ARG_STRING_ARRAY, &watch->queue,
      N_ ("Share the messages that match among workers; may be repeated"), N_ ("PATTERN") },
    { "workers", 'w', 0, G_OPTION_ARG_INT, &watch->n_workers,
      N_ ("How many workers share each queue (2)"), N_ ("NUMBER") },
    { "json", 'j', 0, G_OPTION_ARG_NONE, &watch->json, N_ ("Print JSON, an object a line"), NULL },
    { "name", 'n', 0, G_OPTION_ARG_STRING, &watch->name,
      N_ ("The name of the messages about files (“file”)"), N_ ("NAME") },
    { "tick", 't', 0, G_OPTION_ARG_DOUBLE, &watch->tick,
      N_ ("Publish “timer:tick” so often as well"), N_ ("SECONDS") },
    { "count", 'c', 0, G_OPTION_ARG_INT64, &watch->count, N_ ("End after so many lines"),
      N_ ("NUMBER") },
    { "for", 0, 0, G_OPTION_ARG_DOUBLE, &watch->seconds, N_ ("End after so many seconds"),
      N_ ("SECONDS") },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &watch->paths, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };

  return cmd_parse (
      &argc, &argv, entries, _ ("PATH…"),
      _ ("Prints what happens to files: a path is a directory, a file, or a glob with "
         "“**” for all directories below. Ends at SIGINT or SIGTERM."));
}

int
cmd_watch (int argc, char **argv)
{
  Watch watch = { .n_workers = UNSET };
  const char *mistake;
  int status;

  if (!parse (&watch, argc, argv))
    return STATUS_USAGE;
  mistake = find_mistake (&watch);
  fill_in (&watch);
  status = mistake == NULL ? watch_all (&watch) : cmd_complain_usage ("watch", "%s", mistake);
  watch_clear (&watch);
  return status;
}
