/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The inside of a follower.
 *
 * Settings are written before the follower is added and immutable from then on. Its life: added, it
 * has a reference of its own and is registered with the router; stopped, it is unregistered, and
 * what waits for it is discarded; finished, once no thread can call it any more, its user's data is
 * destroyed in its context and the reference goes. */
#pragma once

#include "currant-follower.h"
#include "currant-hub-private.h"
#include "currant-owner-private.h"
#include "currant-pace-private.h"
#include "currant-replay-private.h"

/* What most followers do without. */
typedef struct
{
  CurrantGuardFunc guard;
  gpointer guard_data;
  GDestroyNotify guard_destroy;
  guint64 key_mask, key_value;
  gboolean limited;
  _Atomic int remaining; /* calls that a limit leaves */
  CurrantOwnerLink *owner;
  CurrantPacer *pacer;   /* debounce and throttle */
  CurrantReplay *replay; /* what is retained comes first */
  guint concurrency;
  gboolean conflate;
  _Atomic guint64 n_errors;
} CurrantFollowerExtra;

struct _CurrantFollower
{
  CurrantSink sink; /* first: the one is cast to the other */
  atomic_uint ref_count;
  CurrantDelivery delivery;
  CurrantFollowerFunc callback; /* one of these two */
  CurrantTryFunc try_callback;
  gpointer user_data;
  GDestroyNotify destroy;
  GMainContext *context; /* a reference */
  CurrantFollowerExtra *extra;
  _Atomic (CurrantHub *) hub;         /* a reference; set once, when it is added */
  _Atomic (CurrantContext *) mailbox; /* of its context; made when it is first needed */
  CurrantStrand *strand;
};

extern const CurrantSinkClass currant_follower_class;

static inline CurrantFollower *
currant_follower_from_sink (CurrantSink *sink)
{
  return (CurrantFollower *)sink;
}

/* Registers the follower with the hub's router. */
void currant_follower_add (CurrantFollower *self, CurrantHub *hub);

/* The cheapest function that takes messages for a follower of such settings. */
CurrantTakeFunc currant_follower_choose_take (CurrantFollower *self);

/* Delivers by the follower's mode what it accepted. */
void currant_follower_offer (CurrantFollower *self, CurrantMessage *message, CurrantWalk *walk);

/* Delivers, from its timer in the follower's context, what the pacer held. Takes over the
 * reference. */
void currant_follower_deliver_held (CurrantFollower *self, CurrantMessage *message);

gboolean currant_follower_accepts (CurrantSink *sink, CurrantMessage *message);
void currant_follower_deliver (CurrantSink *sink, CurrantMessage *message);
void currant_follower_ensure_mailbox (CurrantFollower *self);
