/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The books of the demo: who got what. A column for each receiver; each is written by the thread
 * that its messages come in, one at a time, and read by the main thread when that is over. Only the
 * counts are read meanwhile.
 */
#pragma once

#include <currant.h>

typedef enum
{
  COLUMN_MAIN_LOOP,
  COLUMN_STRAND,
  COLUMN_DIRECT,
  COLUMN_WORKER_1,
  COLUMN_WORKER_2,
  N_COLUMNS
} Column;

typedef struct _Account Account;

Account *account_new (const char *root);
void account_free (Account *self);

guint account_record (Account *self, Column column, CurrantMessage *message);
guint account_count (Account *self, Column column);

void account_expect (Account *self, const char *text);
guint account_get_n_expected (Account *self);

void account_print (Account *self);
gboolean account_check (Account *self, CurrantBus *bus);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Account, account_free)
