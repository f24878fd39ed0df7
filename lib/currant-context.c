/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-context-private.h"

#include "currant-budget-private.h"

/* Below GDK_PRIORITY_REDRAW, which is G_PRIORITY_HIGH_IDLE + 20. */
#define PRIORITY_BEHIND (G_PRIORITY_HIGH_IDLE + 30)
#define BATCH 64

/* After at least this many messages in one dispatch the mailbox is watched for a moment before the
 * loop goes back to sleep: while messages stream in, a publisher is about to post the next. */
#define STREAM 16

/* How long what is behind may be kept waiting by the rest of the loop. */
#define LATEST_US 10000

struct _CurrantContexts
{
  atomic_uint ref_count;
  CurrantLock lock;  /* guards the table, and the number of users of what is in it */
  GHashTable *table; /* GMainContext -> CurrantContext */
};

struct _CurrantContext
{
  atomic_uint ref_count;     /* the sources' and the users' */
  CurrantContexts *contexts; /* a reference; this and the next four are immutable */
  GMainContext *context;     /* a reference */
  GSource *source;           /* a reference, as is the next */
  GSource *late_source;
  CurrantMailbox mailbox;
  guint n_dispatches; /* in progress; this and the next are guarded by the mailbox's lock */
  gboolean released;
  guint n_users; /* guarded by the table's lock */
  _Atomic gboolean behind;
  CurrantNode *batch; /* in delivery; belongs to the thread that runs the context */
};

typedef struct
{
  GSource source;
  CurrantContext *context; /* a reference */
} Source;

static void
context_unref (CurrantContext *self)
{
  if (atomic_fetch_sub_explicit (&self->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  g_assert (self->batch == NULL);
  currant_mailbox_clear (&self->mailbox);
  g_main_context_unref (self->context);
  currant_contexts_unref (self->contexts);
  g_free (self);
}

static CurrantNode *
next_node (CurrantContext *self)
{
  CurrantNode *node;

  if (self->batch == NULL)
    self->batch = currant_mailbox_detach (&self->mailbox, BATCH);
  node = self->batch;
  if (node != NULL)
    self->batch = node->next;
  return node;
}

/* Holds are given back a run of messages at a time, or at once where the sink waits to be finished.
 */
static void
deliver (CurrantContext *self, CurrantNode *node, guint *run)
{
  CurrantSink *sink = node->sink;

  currant_node_deliver (node);
  ++*run;
  if (self->batch == NULL || self->batch->sink != sink || currant_sink_is_stopped (sink))
    {
      currant_sink_release (sink, *run);
      *run = 0;
    }
}

/* A callback may have run a loop, and so this very function, in between: then that one went on with
 * the batch, and the run that was begun here ends with another sink in front. */
static void
deliver_some (CurrantContext *self)
{
  CurrantBudget budget;
  CurrantSink *sink = NULL;
  CurrantNode *node;
  guint run = 0;

  currant_budget_begin (&budget);
  while ((node = next_node (self)) != NULL
         || (budget.n >= STREAM && currant_mailbox_linger (&self->mailbox)
             && (node = next_node (self)) != NULL))
    {
      if (run > 0 && node->sink != sink)
        {
          currant_sink_release (sink, run);
          run = 0;
        }
      sink = node->sink;
      deliver (self, node, &run);
      if (!currant_budget_lasts (&budget))
        break;
    }
  if (run > 0)
    currant_sink_release (sink, run);
}

/* While it is behind, the mailbox is emptied at a low priority, so that the loop paints in between;
 * but if something of a higher priority keeps the loop busy, after a while at its own priority all
 * the same. Posts do not ring meanwhile. */
static void
fall_behind (CurrantContext *self)
{
  atomic_store (&self->behind, TRUE);
  g_source_set_ready_time (self->late_source, 0);
  g_source_set_ready_time (self->source, g_get_monotonic_time () + LATEST_US);
}

/* Nothing is left. A post that came before the sources were silenced, or that did not ring as it
 * took the mailbox to be behind, has pushed before it looked: it is seen here. */
static void
come_to_rest (CurrantContext *self)
{
  g_source_set_ready_time (self->late_source, -1);
  g_source_set_ready_time (self->source, -1);
  atomic_store (&self->behind, FALSE);
  if (!currant_mailbox_is_empty (&self->mailbox))
    g_source_set_ready_time (self->source, 0);
}

/* The sources hold the context, and the context the sources: the last user lets go of them, or, if
 * there is a dispatch in progress then, whoever ends it. */
static gboolean
begin_dispatch (CurrantContext *self)
{
  gboolean released;

  currant_lock_acquire (&self->mailbox.lock);
  released = self->released;
  if (!released)
    self->n_dispatches++;
  currant_lock_release (&self->mailbox.lock);
  return !released;
}

static void
drop_sources (CurrantContext *self)
{
  GSource *source = self->source, *late_source = self->late_source;

  g_source_unref (source);
  g_source_unref (late_source);
}

static void
end_dispatch (CurrantContext *self)
{
  gboolean last;

  currant_lock_acquire (&self->mailbox.lock);
  last = --self->n_dispatches == 0 && self->released;
  currant_lock_release (&self->mailbox.lock);
  if (last)
    drop_sources (self);
}

/* The source stays ready until it is done, for a loop that a callback may run. */
static gboolean
dispatch (GSource *source, G_GNUC_UNUSED GSourceFunc callback, G_GNUC_UNUSED gpointer data)
{
  CurrantContext *self = ((Source *)source)->context;

  if (!begin_dispatch (self))
    {
      CURRANT_TSAN_RELEASE (source);
      return G_SOURCE_REMOVE;
    }
  deliver_some (self);
  if (self->batch != NULL)
    currant_mailbox_put_back (&self->mailbox, g_steal_pointer (&self->batch));
  if (currant_mailbox_is_empty (&self->mailbox))
    come_to_rest (self);
  else
    fall_behind (self);
  end_dispatch (self);
  CURRANT_TSAN_RELEASE (source);
  return G_SOURCE_CONTINUE;
}

static void
finalize (GSource *source)
{
  CURRANT_TSAN_ACQUIRE (source);
  context_unref (((Source *)source)->context);
}

static GSourceFuncs source_funcs = { NULL, NULL, dispatch, finalize, NULL, NULL };

CurrantContexts *
currant_contexts_new (void)
{
  CurrantContexts *self = g_new0 (CurrantContexts, 1);

  atomic_init (&self->ref_count, 1);
  currant_lock_init (&self->lock);
  self->table = g_hash_table_new (NULL, NULL);
  return self;
}

CurrantContexts *
currant_contexts_ref (CurrantContexts *self)
{
  atomic_fetch_add_explicit (&self->ref_count, 1, memory_order_relaxed);
  return self;
}

void
currant_contexts_unref (CurrantContexts *self)
{
  if (atomic_fetch_sub_explicit (&self->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  g_hash_table_unref (self->table);
  currant_lock_clear (&self->lock);
  g_free (self);
}

static GSource *
source_new (CurrantContext *self, int priority)
{
  GSource *source = g_source_new (&source_funcs, sizeof (Source));

  ((Source *)source)->context = self;
  g_source_set_static_name (source, "currant mailbox");
  g_source_set_can_recurse (source, TRUE);
  g_source_set_priority (source, priority);
  CURRANT_TSAN_RELEASE (source);
  g_source_attach (source, self->context);
  return source;
}

static CurrantContext *
context_new (CurrantContexts *contexts, GMainContext *context)
{
  CurrantContext *self = g_new0 (CurrantContext, 1);

  atomic_init (&self->ref_count, 3);
  self->contexts = currant_contexts_ref (contexts);
  self->context = g_main_context_ref (context);
  currant_mailbox_init (&self->mailbox, CURRANT_MAILBOX_DEFAULT);
  self->source = source_new (self, G_PRIORITY_DEFAULT);
  self->late_source = source_new (self, PRIORITY_BEHIND);
  return self;
}

CurrantContext *
currant_contexts_acquire (CurrantContexts *self, GMainContext *context)
{
  CurrantContext *found;

  currant_lock_acquire (&self->lock);
  found = g_hash_table_lookup (self->table, context);
  if (found == NULL)
    {
      found = context_new (self, context);
      g_hash_table_insert (self->table, context, found);
    }
  found->n_users++;
  currant_lock_release (&self->lock);
  return found;
}

void
currant_context_release (CurrantContext *self)
{
  CurrantContexts *contexts = self->contexts;
  gboolean last, idle;

  currant_lock_acquire (&contexts->lock);
  last = --self->n_users == 0;
  if (last)
    g_hash_table_remove (contexts->table, self->context);
  currant_lock_release (&contexts->lock);
  if (!last)
    return;
  currant_lock_acquire (&self->mailbox.lock);
  self->released = TRUE;
  idle = self->n_dispatches == 0;
  currant_lock_release (&self->mailbox.lock);
  g_source_destroy (self->source);
  g_source_destroy (self->late_source);
  if (idle)
    drop_sources (self);
  context_unref (self);
}

gboolean
currant_context_has_batch (CurrantContext *self)
{
  return self->batch != NULL;
}

CurrantMailbox *
currant_context_get_mailbox (CurrantContext *self)
{
  return &self->mailbox;
}

void
currant_context_ring (CurrantContext *self)
{
  if (!atomic_load (&self->behind))
    g_source_set_ready_time (self->source, 0);
}

gboolean
currant_main_context_enter (GMainContext *context, gboolean *acquired)
{
  GMainContext *own;

  *acquired = FALSE;
  if (g_main_context_is_owner (context))
    return TRUE;
  own = g_main_context_get_thread_default ();
  if (own == NULL)
    own = g_main_context_default ();
  *acquired = own == context && g_main_context_acquire (context);
  return *acquired;
}
