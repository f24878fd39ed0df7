/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-file-change-private.h"

/* Takes the path. */
CurrantFileChange *
currant_file_change_new (CurrantFileEvent event, char *path, gboolean directory)
{
  CurrantFileChange *self = g_new0 (CurrantFileChange, 1);

  self->event = event;
  self->path = path;
  self->directory = directory;
  return self;
}

void
currant_file_change_free (CurrantFileChange *self)
{
  g_free (self->path);
  g_free (self->old_path);
  g_clear_error (&self->error);
  g_free (self);
}
