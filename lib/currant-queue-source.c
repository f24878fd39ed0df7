/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Queues in main loops: the source, and the asynchronous get that is made of it. */
#include "config.h"

#include "currant-queue-private.h"

/* The store rings a child source, which it can keep a reference to without keeping this one, and
 * the queue with it, alive. A child that is ready makes its parent ready. */
typedef struct
{
  GSource source;
  CurrantQueue *queue; /* a reference */
  GSource *bell;       /* a reference */
} Source;

static gboolean
bell_dispatch (G_GNUC_UNUSED GSource *source, G_GNUC_UNUSED GSourceFunc callback,
               G_GNUC_UNUSED gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs bell_funcs = { NULL, NULL, bell_dispatch, NULL, NULL, NULL };

static gboolean
has_something (CurrantQueue *queue)
{
  return currant_queue_is_closed (queue) || !currant_queue_is_empty (queue);
}

/* The bell is rung by a post that finds the queue empty; as long as there is more, from here. */
static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  Source *self = (Source *)source;

  g_source_set_ready_time (self->bell, -1);
  if (callback == NULL)
    {
      g_warning ("a queue source has no callback; call g_source_set_callback ()");
      return G_SOURCE_REMOVE;
    }
  CURRANT_TSAN_RELEASE (source);
  if (!((CurrantQueueSourceFunc)(void (*) (void))callback) (self->queue, data))
    return G_SOURCE_REMOVE;
  if (has_something (self->queue))
    g_source_set_ready_time (self->bell, 0);
  return G_SOURCE_CONTINUE;
}

static void
dispose (GSource *source)
{
  Source *self = (Source *)source;

  currant_store_remove_bell (self->queue->store, self->bell);
}

static void
finalize (GSource *source)
{
  Source *self = (Source *)source;

  g_source_unref (self->bell);
  g_object_unref (self->queue);
}

static GSourceFuncs source_funcs = { NULL, NULL, dispatch, finalize, NULL, NULL };

/**
 * currant_queue_create_source:
 * @self: a queue
 *
 * Makes a source that is ready while the queue has messages, and once it is closed. Its callback is
 * a [callback@Currant.QueueSourceFunc], which takes messages with [method@Currant.Queue.try_get].
 *
 * Returns: (transfer full): a new source
 *
 * Since: 1.0
 */
GSource *
currant_queue_create_source (CurrantQueue *self)
{
  Source *source;

  g_return_val_if_fail (CURRANT_IS_QUEUE (self) && self->store != NULL, NULL);

  source = (Source *)g_source_new (&source_funcs, sizeof (Source));
  source->queue = g_object_ref (self);
  source->bell = g_source_new (&bell_funcs, sizeof (GSource));
  g_source_set_static_name (&source->source, "currant queue");
  g_source_set_static_name (source->bell, "currant queue bell");
  g_source_add_child_source (&source->source, source->bell);
  g_source_set_dispose_function (&source->source, dispose);
  currant_store_add_bell (self->store, source->bell);
  return &source->source;
}

/* Its cancellable is asked before a message is taken, and never after, so none is lost. */
static gboolean
get_for_task (CurrantQueue *queue, gpointer data)
{
  GTask *task = data;
  GError *error = NULL;
  CurrantMessage *message;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    {
      g_task_return_error (task, error);
      return G_SOURCE_REMOVE;
    }
  message = currant_queue_look (queue, &error);
  if (message != NULL)
    g_task_return_pointer (task, message, (GDestroyNotify)currant_message_unref);
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    return G_SOURCE_CONTINUE;
  return G_SOURCE_REMOVE;
}

/* A cancelled task is to be seen to, whatever the queue does. */
static void
add_cancellable (GSource *source, GCancellable *cancellable)
{
  g_autoptr (GSource) child = NULL;

  if (cancellable == NULL)
    return;
  child = g_cancellable_source_new (cancellable);
  g_source_set_dummy_callback (child);
  g_source_add_child_source (source, child);
}

/**
 * currant_queue_get_async:
 * @self: a queue
 * @cancellable: (nullable): to end the wait
 * @callback: (scope async) (closure user_data): called in the thread-default context of the caller
 * @user_data: given to @callback
 *
 * Takes a message as soon as there is one. Cancelling loses none.
 *
 * Since: 1.0
 */
void
currant_queue_get_async (CurrantQueue *self, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GSource) source = NULL;
  GTask *task;

  g_return_if_fail (CURRANT_IS_QUEUE (self) && self->store != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, currant_queue_get_async);
  g_task_set_check_cancellable (task, FALSE);
  source = currant_queue_create_source (self);
  add_cancellable (source, cancellable);
  g_task_attach_source (task, source, (GSourceFunc)(void (*) (void))get_for_task);
  g_object_unref (task);
}

/**
 * currant_queue_get_finish:
 * @self: a queue
 * @result: what the callback was given
 * @error: return location for an error
 *
 * The message that [method@Currant.Queue.get_async] took.
 *
 * Returns: (transfer full): the message, or %NULL with @error set as by [method@Currant.Queue.get]
 *
 * Since: 1.0
 */
CurrantMessage *
currant_queue_get_finish (CurrantQueue *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
