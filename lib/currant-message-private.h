/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The inside of a message.
 *
 * A message is one block: this header, the texts of its identifier, then its payload. It is written
 * by one thread until it is published; from then on nothing in it changes but the reference count,
 * the time (set once, where the message leaves its publisher's thread or is first asked for it) and
 * the args as a GVariant (made once, when first asked for).
 *
 * The texts are copied because a reference to a shared identifier would be a counter that every
 * publisher and every receiver fights for; copying forty bytes is cheaper. */
#pragma once

#include <stdarg.h>
#include <stdatomic.h>

#include "currant-clock-private.h"
#include "currant-identifier-private.h"
#include "currant-message.h"

typedef enum
{
  CURRANT_PAYLOAD_NONE,
  CURRANT_PAYLOAD_PACKED,
  CURRANT_PAYLOAD_VARIANT,
  CURRANT_PAYLOAD_VALUE
} CurrantPayload;

enum
{
  CURRANT_MESSAGE_IN_SLAB = 1 << 0,
  CURRANT_MESSAGE_PUBLISHED = 1 << 1,
  CURRANT_MESSAGE_RETAINED = 1 << 2
};

/* What is rarely set. */
typedef struct
{
  GVariant *kwargs;
  char *correlation;
  char *source;
  gint64 expiry;
  guint hops;
} CurrantMessageExtra;

struct _CurrantMessage
{
  atomic_uint ref_count;
  guint8 payload;
  guint8 flags;
  guint16 payload_offset;
  guint16 name_length;
  guint16 action_length;
  guint16 namespace_length;
  guint16 n_args;
  guint publisher;
  int priority;
  guint64 sequence;
  guint64 key;
  _Atomic gint64 time;
  _Atomic (GVariant *) args;
  CurrantMessageExtra *extra;
  char texts[]; /* as in an identifier */
};

static inline gpointer
currant_message_payload (CurrantMessage *self)
{
  return (char *)self + self->payload_offset;
}

/* @format is NULL for no args. NULL, with a critical, where the args are not legal. */
CurrantMessage *currant_message_new_va (CurrantIdentifier *identifier, const char *format,
                                        va_list *args);

/* For a @value that has been looked at already. */
CurrantMessage *currant_message_new_copying (CurrantIdentifier *identifier, const GValue *value);

/* The publisher's thread numbers the message and makes it immutable. One that has been published
 * before keeps its numbers. */
static inline void
currant_message_seal (CurrantMessage *self, guint publisher, guint64 sequence)
{
  if (self->flags & CURRANT_MESSAGE_PUBLISHED)
    return;
  self->flags |= CURRANT_MESSAGE_PUBLISHED;
  self->publisher = publisher;
  self->sequence = sequence;
}

/* Takes @n references. One that is @fresh belongs to the calling thread, so while there is one
 * reference only nobody else can touch the count: what another thread gets to see it by comes
 * later. */
static inline void
currant_message_ref_many (CurrantMessage *self, guint n, gboolean fresh)
{
  if (fresh && atomic_load_explicit (&self->ref_count, memory_order_acquire) == 1)
    atomic_store_explicit (&self->ref_count, 1 + n, memory_order_relaxed);
  else
    atomic_fetch_add_explicit (&self->ref_count, n, memory_order_relaxed);
}

/* Drops @n references. */
void currant_message_unref_many (CurrantMessage *self, guint n);

/* Sets the time unless it is set. */
gint64 currant_message_stamp (CurrantMessage *self);

/* The same for one that is @fresh, before it gets to another thread. */
static inline void
currant_message_stamp_early (CurrantMessage *self, gboolean fresh)
{
  if (atomic_load_explicit (&self->time, memory_order_relaxed) != 0)
    return;
  if (fresh && atomic_load_explicit (&self->ref_count, memory_order_relaxed) == 1)
    atomic_store_explicit (&self->time, currant_clock_now (), memory_order_relaxed);
  else
    currant_message_stamp (self);
}

static inline gboolean
currant_message_has_expired (CurrantMessage *self)
{
  return G_UNLIKELY (self->extra != NULL) && currant_message_is_expired (self);
}
