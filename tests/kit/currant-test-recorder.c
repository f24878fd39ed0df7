/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A follower's callback that keeps what it is given. Its lock is a pthread mutex and not a GMutex
 * because ThreadSanitizer sees through the one and not through the other.
 */
#include "config.h"

#include "currant-test.h"

#include <pthread.h>

typedef struct
{
  CurrantMessage *message;
  GThread *thread;
  gint64 time;
} Record;

struct _CurrantTestRecorder
{
  pthread_mutex_t lock;
  GArray *records; /* guarded by lock */
};

static void
clear_record (gpointer data)
{
  Record *record = data;

  g_clear_pointer (&record->message, currant_message_unref);
}

CurrantTestRecorder *
currant_test_recorder_new (void)
{
  CurrantTestRecorder *self = g_new0 (CurrantTestRecorder, 1);

  pthread_mutex_init (&self->lock, NULL);
  self->records = g_array_new (FALSE, FALSE, sizeof (Record));
  g_array_set_clear_func (self->records, clear_record);
  return self;
}

void
currant_test_recorder_free (CurrantTestRecorder *self)
{
  g_array_unref (self->records);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

/* A CurrantFollowerFunc. */
void
currant_test_recorder_take (CurrantMessage *message, gpointer recorder)
{
  CurrantTestRecorder *self = recorder;
  Record record = { .message = currant_message_ref (message),
                    .thread = g_thread_self (),
                    .time = g_get_monotonic_time () };

  pthread_mutex_lock (&self->lock);
  g_array_append_val (self->records, record);
  pthread_mutex_unlock (&self->lock);
}

guint
currant_test_recorder_count (CurrantTestRecorder *self)
{
  guint count;

  pthread_mutex_lock (&self->lock);
  count = self->records->len;
  pthread_mutex_unlock (&self->lock);
  return count;
}

static Record
get_record (CurrantTestRecorder *self, guint index)
{
  Record record;

  pthread_mutex_lock (&self->lock);
  g_assert_cmpuint (index, <, self->records->len);
  record = g_array_index (self->records, Record, index);
  pthread_mutex_unlock (&self->lock);
  return record;
}

CurrantMessage *
currant_test_recorder_peek (CurrantTestRecorder *self, guint index)
{
  return get_record (self, index).message;
}

/* The thread that the call ran in. */
GThread *
currant_test_recorder_thread (CurrantTestRecorder *self, guint index)
{
  return get_record (self, index).thread;
}

/* When the call came, monotonic, in microseconds. */
gint64
currant_test_recorder_time (CurrantTestRecorder *self, guint index)
{
  return get_record (self, index).time;
}

int
currant_test_recorder_number (CurrantTestRecorder *self, guint index)
{
  return currant_test_message_number (get_record (self, index).message);
}

/* All identifiers in the order of arrival, with a space between two. */
char *
currant_test_recorder_ids (CurrantTestRecorder *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint count = currant_test_recorder_count (self);

  for (guint i = 0; i < count; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            currant_message_get_id (currant_test_recorder_peek (self, i)));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* The same with the numbers of messages that were published with "(i)". */
char *
currant_test_recorder_numbers (CurrantTestRecorder *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint count = currant_test_recorder_count (self);

  for (guint i = 0; i < count; i++)
    g_string_append_printf (text, "%s%d", i > 0 ? " " : "", currant_test_recorder_number (self, i));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* The references that it gives up are dropped outside its lock. */
void
currant_test_recorder_clear (CurrantTestRecorder *self)
{
  g_autoptr (GArray) old = NULL;

  pthread_mutex_lock (&self->lock);
  old = g_steal_pointer (&self->records);
  self->records = g_array_new (FALSE, FALSE, sizeof (Record));
  g_array_set_clear_func (self->records, clear_record);
  pthread_mutex_unlock (&self->lock);
}
