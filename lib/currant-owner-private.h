/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Followers that end with a GObject.
 *
 * Two things make it safe in any thread. A call is made only under a strong reference to the
 * object, taken from a GWeakRef, so no callback sees one that is being disposed. And the first such
 * follower of an object puts one weak notification on it, never taken off again (taking it off
 * races with a disposal in another thread), which stops all followers that the object has then. */
#pragma once

#include <glib-object.h>

#include "currant-types.h"

typedef struct _CurrantOwnerLink CurrantOwnerLink;

CurrantOwnerLink *currant_owner_link_new (GObject *owner, CurrantFollower *follower);
void currant_owner_link_free (CurrantOwnerLink *self);

/* From here on the disposal of the owner stops the follower. */
void currant_owner_link_activate (CurrantOwnerLink *self);

/* The follower has been stopped. */
void currant_owner_link_deactivate (CurrantOwnerLink *self);

/* Returns: (transfer full) (nullable): the owner, while it lives */
GObject *currant_owner_link_get (CurrantOwnerLink *self);
