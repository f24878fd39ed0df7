/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "demo-account.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One message that somebody got. */
typedef struct
{
  char *text;
  guint64 sequence;
} Entry;

typedef struct
{
  GArray *entries;     /* of Entry */
  int count;           /* atomic: the length of entries, for others */
  int inside;          /* atomic: threads that are recording just now */
  gboolean overlapped; /* two were at a time */
  guint n_main;        /* how many were recorded in the main thread */
} Ledger;

struct _Account
{
  char *root;          /* of the paths in the messages, with a slash */
  GThread *main;       /* immutable */
  GPtrArray *expected; /* of texts */
  Ledger ledgers[N_COLUMNS];
};

static const char *const titles[N_COLUMNS] = {
  [COLUMN_MAIN_LOOP] = N_ ("main loop"), [COLUMN_STRAND] = N_ ("strand"),
  [COLUMN_DIRECT] = N_ ("direct"),       [COLUMN_WORKER_1] = N_ ("worker 1"),
  [COLUMN_WORKER_2] = N_ ("worker 2"),
};

static void
clear_entry (gpointer data)
{
  g_free (((Entry *)data)->text);
}

Account *
account_new (const char *root)
{
  Account *self = g_new0 (Account, 1);

  self->root = g_strconcat (root, "/", NULL);
  self->main = g_thread_self ();
  self->expected = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      self->ledgers[i].entries = g_array_new (FALSE, FALSE, sizeof (Entry));
      g_array_set_clear_func (self->ledgers[i].entries, clear_entry);
    }
  return self;
}

void
account_free (Account *self)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    g_array_unref (self->ledgers[i].entries);
  g_ptr_array_unref (self->expected);
  g_free (self->root);
  g_free (self);
}

/* ---- keeping -----------------------------------------------------------------------------------
 */

static void
append_argument (Account *self, GString *text, GVariant *argument)
{
  const char *path = g_variant_get_string (argument, NULL);

  if (g_str_has_prefix (path, self->root))
    path += strlen (self->root);
  else if (strncmp (path, self->root, strlen (path)) == 0)
    path = ".";
  g_string_append_printf (text, " %s", path);
}

static char *
describe (Account *self, CurrantMessage *message)
{
  g_autoptr (GString) text = g_string_new (currant_message_get_id (message));
  GVariant *args = currant_message_get_args (message);

  for (gsize i = 0; args != NULL && i < g_variant_n_children (args); i++)
    {
      g_autoptr (GVariant) argument = g_variant_get_child_value (args, i);
      append_argument (self, text, argument);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* In the thread of the receiver. Returns how many it has now. */
guint
account_record (Account *self, Column column, CurrantMessage *message)
{
  Ledger *ledger = &self->ledgers[column];
  Entry entry = { .text = describe (self, message),
                  .sequence = currant_message_get_sequence (message) };

  if (g_atomic_int_add (&ledger->inside, 1) > 0)
    ledger->overlapped = TRUE;
  g_array_append_val (ledger->entries, entry);
  ledger->n_main += g_thread_self () == self->main ? 1 : 0;
  g_atomic_int_add (&ledger->inside, -1);
  return (guint)g_atomic_int_add (&ledger->count, 1) + 1;
}

guint
account_count (Account *self, Column column)
{
  return (guint)g_atomic_int_get (&self->ledgers[column].count);
}

void
account_expect (Account *self, const char *text)
{
  g_ptr_array_add (self->expected, g_strdup (text));
}

guint
account_get_n_expected (Account *self)
{
  return self->expected->len;
}

/* ---- printing ----------------------------------------------------------------------------------
 */

static Entry *
get_entry (Account *self, Column column, guint index)
{
  GArray *entries = self->ledgers[column].entries;

  return index < entries->len ? &g_array_index (entries, Entry, index) : NULL;
}

static gboolean
has_sequence (Account *self, Column column, guint64 sequence)
{
  for (guint i = 0; i < self->ledgers[column].entries->len; i++)
    if (get_entry (self, column, i)->sequence == sequence)
      return TRUE;
  return FALSE;
}

static void
print_row (Account *self, Entry *entry)
{
  printf ("  %-36s", entry->text);
  for (guint column = 0; column < N_COLUMNS; column++)
    printf (" %-10s", has_sequence (self, column, entry->sequence) ? "x" : "-");
  printf ("\n");
}

/* A row for each message. The direct follower is the measure: it is called while it is published.
 */
void
account_print (Account *self)
{
  printf ("  %-36s", _ ("message"));
  for (guint column = 0; column < N_COLUMNS; column++)
    printf (" %-10s", _ (titles[column]));
  printf ("\n");
  for (guint i = 0; i < self->ledgers[COLUMN_DIRECT].entries->len; i++)
    print_row (self, get_entry (self, COLUMN_DIRECT, i));
}

/* ---- checking ----------------------------------------------------------------------------------
 */

static gboolean
judge (gboolean good, const char *title, const char *claim)
{
  printf ("  %-10s %-72s %s\n", title, claim, good ? _ ("yes") : _ ("NO"));
  return good;
}

/* All that was expected, nothing else, in this order. */
static gboolean
has_expected (Account *self, Column column)
{
  if (self->ledgers[column].entries->len != self->expected->len)
    return FALSE;
  for (guint i = 0; i < self->expected->len; i++)
    if (strcmp (get_entry (self, column, i)->text, g_ptr_array_index (self->expected, i)) != 0)
      return FALSE;
  return TRUE;
}

static gboolean
is_in_order (Account *self, Column column)
{
  for (guint i = 1; i < self->ledgers[column].entries->len; i++)
    if (get_entry (self, column, i - 1)->sequence >= get_entry (self, column, i)->sequence)
      return FALSE;
  return TRUE;
}

static gboolean
check_follower (Account *self, Column column, const char *where, gboolean right_thread)
{
  g_autofree char *claim = NULL;
  gboolean good = has_expected (self, column) && is_in_order (self, column)
                  && !self->ledgers[column].overlapped && right_thread;

  claim =
      g_strdup_printf (_ ("all %u messages, once each, in order, %s"), self->expected->len, where);
  return judge (good, _ (titles[column]), claim);
}

/* Each message with exactly one worker, and each worker's own in order. */
static gboolean
check_workers (Account *self)
{
  guint one = self->ledgers[COLUMN_WORKER_1].entries->len;
  guint other = self->ledgers[COLUMN_WORKER_2].entries->len;
  gboolean good = one > 0 && other > 0 && one + other == self->expected->len
                  && is_in_order (self, COLUMN_WORKER_1) && is_in_order (self, COLUMN_WORKER_2);
  g_autofree char *claim = NULL;

  for (guint i = 0; i < self->ledgers[COLUMN_DIRECT].entries->len; i++)
    {
      guint64 sequence = get_entry (self, COLUMN_DIRECT, i)->sequence;
      good = good
             && has_sequence (self, COLUMN_WORKER_1, sequence)
                    != has_sequence (self, COLUMN_WORKER_2, sequence);
    }
  claim = g_strdup_printf (_ ("each message with exactly one of both (%u + %u)"), one, other);
  return judge (good, _ ("workers"), claim);
}

static guint64
get_stat (GVariant *stats, const char *key)
{
  guint64 value = 0;

  g_variant_lookup (stats, key, "t", &value);
  return value;
}

/* What matched was delivered, and nothing was lost or waits. */
static gboolean
check_stats (CurrantBus *bus)
{
  g_autoptr (GVariant) stats = currant_bus_get_stats (bus);
  guint64 matched = get_stat (stats, "matched");
  guint64 delivered = get_stat (stats, "delivered");
  g_autofree char *claim = g_strdup_printf (
      _ ("%" PRIu64 " deliveries matched and %" PRIu64 " were made, none was dropped"), matched,
      delivered);

  return judge (matched > 0 && matched == delivered && get_stat (stats, "dropped") == 0, _ ("bus"),
                claim);
}

/* Prints a line for each claim. TRUE if all of them are true. */
gboolean
account_check (Account *self, CurrantBus *bus)
{
  Ledger *ledgers = self->ledgers;
  gboolean good;

  good = check_follower (self, COLUMN_MAIN_LOOP, _ ("in the main loop"),
                         ledgers[COLUMN_MAIN_LOOP].n_main == self->expected->len);
  good &= check_follower (self, COLUMN_STRAND, _ ("on the thread pool, one at a time"),
                          ledgers[COLUMN_STRAND].n_main == 0);
  good &= check_follower (self, COLUMN_DIRECT, _ ("while they were published"),
                          ledgers[COLUMN_DIRECT].n_main == self->expected->len);
  good &= check_workers (self);
  good &= check_stats (bus);
  return good;
}
