/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Workers share a queue: each task goes to exactly one of them. Who is quick gets more. The answers
 * come back as messages too, to a queue that has them all.
 */
#include <currant.h>

#define N_WORKERS 3
#define N_TASKS 1000

typedef struct
{
  CurrantBus *bus;
  CurrantQueue *tasks;
} Worker;

static gpointer
work (gpointer data)
{
  Worker *worker = data;
  CurrantMessage *task;

  while ((task = currant_queue_get (worker->tasks, -1, NULL, NULL)) != NULL)
    {
      guint64 number = 0;
      if (currant_message_get (task, "(t)", &number))
        currant_bus_publish (worker->bus, "square:ready", "(tt)", number, number * number);
      currant_message_unref (task);
    }
  return NULL;
}

static gboolean
collect (CurrantQueue *answers)
{
  g_autofree gboolean *seen = g_new0 (gboolean, N_TASKS);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_TASKS; i++)
    {
      g_autoptr (CurrantMessage) answer =
          currant_queue_get (answers, 10 * G_USEC_PER_SEC, NULL, &error);
      guint64 number = 0;
      guint64 square = 0;

      if (answer == NULL)
        {
          g_printerr ("after %u answers: %s\n", i, error->message);
          return FALSE;
        }
      if (!currant_message_get (answer, "(tt)", &number, &square) || number >= N_TASKS
          || square != number * number || seen[number])
        return FALSE;
      seen[number] = TRUE;
    }
  return currant_queue_is_empty (answers);
}

int
main (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (CurrantQueue) answers =
      currant_queue_new (bus, "square:ready", CURRANT_QUEUE_STANDALONE);
  Worker workers[N_WORKERS];
  GThread *threads[N_WORKERS];
  gboolean good;

  for (guint i = 0; i < N_WORKERS; i++)
    {
      workers[i].bus = bus;
      workers[i].tasks = currant_queue_new (bus, "square:wanted", CURRANT_QUEUE_SHARED);
      threads[i] = g_thread_new ("worker", work, &workers[i]);
    }
  for (guint64 number = 0; number < N_TASKS; number++)
    currant_bus_publish (bus, "square:wanted", "(t)", number);
  good = collect (answers);

  /* A queue that is closed gives what is stored and then NULL: the workers go home. */
  for (guint i = 0; i < N_WORKERS; i++)
    currant_queue_close (workers[i].tasks);
  for (guint i = 0; i < N_WORKERS; i++)
    {
      g_thread_join (threads[i]);
      g_object_unref (workers[i].tasks);
    }
  g_print ("%u tasks, %u workers: each was done %s\n", N_TASKS, N_WORKERS,
           good ? "once" : "NOT once");
  return good ? 0 : 1;
}
