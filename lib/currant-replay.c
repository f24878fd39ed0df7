/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-replay-private.h"

struct _CurrantReplay
{
  CurrantLock lock;  /* guards the rest */
  GPtrArray *put_by; /* NULL once the replay is over */
};

static GPtrArray *
messages_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)currant_message_unref);
}

CurrantReplay *
currant_replay_new (void)
{
  CurrantReplay *self = g_new0 (CurrantReplay, 1);

  currant_lock_init (&self->lock);
  self->put_by = messages_new ();
  return self;
}

void
currant_replay_free (CurrantReplay *self)
{
  g_clear_pointer (&self->put_by, g_ptr_array_unref);
  currant_lock_clear (&self->lock);
  g_free (self);
}

gboolean
currant_replay_put_by (CurrantReplay *self, CurrantMessage *message)
{
  gboolean waits;

  currant_message_stamp (message);
  currant_lock_acquire (&self->lock);
  waits = self->put_by != NULL;
  if (waits)
    g_ptr_array_add (self->put_by, currant_message_ref (message));
  currant_lock_release (&self->lock);
  return waits;
}

GPtrArray *
currant_replay_next (CurrantReplay *self)
{
  GPtrArray *put_by, *fresh = messages_new ();

  currant_lock_acquire (&self->lock);
  put_by = self->put_by;
  self->put_by = put_by->len > 0 ? g_steal_pointer (&fresh) : NULL;
  currant_lock_release (&self->lock);
  g_clear_pointer (&fresh, g_ptr_array_unref);
  if (put_by->len > 0)
    return put_by;
  g_ptr_array_unref (put_by);
  return NULL;
}
