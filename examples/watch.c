/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A directory as messages. With an argument it prints what happens there until it is interrupted;
 * without one it shows itself a file in a scratch directory, and ends when it has heard of it.
 */
#include <currant-adapters.h>
#include <currant.h>
#include <glib/gstdio.h>

typedef struct
{
  GMainLoop *loop;
  char *file; /* to be written once the observer is ready; NULL to watch for ever */
  gboolean heard;
} Watch;

static void
on_message (CurrantMessage *message, gpointer data)
{
  Watch *watch = data;
  const char *action = currant_message_get_action (message);
  g_autofree char *text = currant_message_print (message);

  g_print ("%s\n", text);
  if (watch->file == NULL)
    return;
  if (g_str_equal (action, "ready"))
    g_file_set_contents (watch->file, "content\n", -1, NULL);
  else if (g_str_equal (action, "created"))
    {
      g_autoptr (GVariant) path = g_variant_get_child_value (currant_message_get_args (message), 0);
      watch->heard = g_str_equal (g_variant_get_string (path, NULL), watch->file);
      g_main_loop_quit (watch->loop);
    }
}

static gboolean
run (const char *path, char *file)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (CurrantFileObserver) observer = currant_file_observer_new (bus, "local", path);
  g_autoptr (GError) error = NULL;
  Watch watch = { .loop = loop, .file = file };
  CurrantFollower *follower = currant_bus_follow (bus, "local:*", on_message, &watch, NULL);

  if (!currant_adapter_start (CURRANT_ADAPTER (observer), &error))
    g_printerr ("%s\n", error->message);
  else
    g_main_loop_run (loop);
  currant_follower_stop (follower);
  return watch.heard;
}

int
main (int argc, char **argv)
{
  g_autofree char *scratch = NULL;
  g_autofree char *file = NULL;
  gboolean heard;

  if (argc > 1)
    return run (argv[1], NULL) ? 0 : 1;
  scratch = g_dir_make_tmp ("currant-watch-XXXXXX", NULL);
  if (scratch == NULL)
    return 1;
  file = g_build_filename (scratch, "file", NULL);
  heard = run (scratch, file);
  g_remove (file);
  g_rmdir (scratch);
  return heard ? 0 : 1;
}
