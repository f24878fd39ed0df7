/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The smallest program: one line to follow, one line to publish. */
#include <currant.h>

static void
on_log (CurrantMessage *message, gpointer loop)
{
  g_autofree char *text = NULL;

  if (currant_message_get (message, "(s)", &text))
    g_print ("%s says: %s\n", currant_message_get_name (message), text);
  g_main_loop_quit (loop);
}

int
main (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  CurrantFollower *follower =
      currant_bus_follow_with_delivery (bus, "*:log", CURRANT_DELIVERY_QUEUED, on_log, loop, NULL);

  if (currant_bus_publish (bus, "kettle:log", "(s)", "the water boils") != 1)
    return 1;
  g_main_loop_run (loop);
  currant_follower_stop (follower);
  return 0;
}
