/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-owner-private.h"

#include <stdatomic.h>

#include "currant-follower.h"
#include "currant-lock-private.h"

/* One for each object that owns followers; kept by the object as data, and by each link. */
typedef struct
{
  atomic_uint ref_count;
  CurrantLock lock; /* guards the rest */
  GHashTable *links;
  gboolean watching; /* the object has our weak notification */
} Bundle;

struct _CurrantOwnerLink
{
  GWeakRef owner;
  Bundle *bundle;            /* a reference; immutable */
  CurrantFollower *follower; /* its owner; a reference while the link is in the bundle */
};

static void
bundle_unref (gpointer data)
{
  Bundle *self = data;

  if (atomic_fetch_sub_explicit (&self->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  g_hash_table_unref (self->links);
  currant_lock_clear (&self->lock);
  g_free (self);
}

static Bundle *
bundle_new (void)
{
  Bundle *self = g_new0 (Bundle, 1);

  atomic_init (&self->ref_count, 1);
  currant_lock_init (&self->lock);
  self->links = g_hash_table_new (NULL, NULL);
  return self;
}

static gpointer
dup_bundle (gpointer data, G_GNUC_UNUSED gpointer user_data)
{
  Bundle *bundle = data;

  if (bundle != NULL)
    atomic_fetch_add_explicit (&bundle->ref_count, 1, memory_order_relaxed);
  return bundle;
}

static GQuark
owner_quark (void)
{
  static gsize quark;

  if (g_once_init_enter (&quark))
    g_once_init_leave (&quark, g_quark_from_static_string ("currant-owner"));
  return (GQuark)quark;
}

/* Returns a reference. Two threads may get here at once: one of their bundles is kept. */
static Bundle *
find_bundle (GObject *owner)
{
  GQuark quark = owner_quark ();
  Bundle *bundle = g_object_dup_qdata (owner, quark, dup_bundle, NULL), *made;

  if (bundle != NULL)
    return bundle;
  made = bundle_new ();
  if (!g_object_replace_qdata (owner, quark, NULL, made, bundle_unref, NULL))
    bundle_unref (made);
  return g_object_dup_qdata (owner, quark, dup_bundle, NULL);
}

CurrantOwnerLink *
currant_owner_link_new (GObject *owner, CurrantFollower *follower)
{
  CurrantOwnerLink *self = g_new0 (CurrantOwnerLink, 1);

  g_weak_ref_init (&self->owner, owner);
  self->bundle = find_bundle (owner);
  self->follower = follower;
  return self;
}

void
currant_owner_link_free (CurrantOwnerLink *self)
{
  g_weak_ref_clear (&self->owner);
  bundle_unref (self->bundle);
  g_free (self);
}

/* Runs in whatever thread disposes the object. */
static void
owner_disposed (gpointer data, G_GNUC_UNUSED GObject *where_it_was)
{
  Bundle *bundle = data;
  g_autoptr (GPtrArray) followers =
      g_ptr_array_new_with_free_func ((GDestroyNotify)currant_follower_unref);
  GHashTableIter iter;
  gpointer link;

  currant_lock_acquire (&bundle->lock);
  bundle->watching = FALSE;
  g_hash_table_iter_init (&iter, bundle->links);
  while (g_hash_table_iter_next (&iter, &link, NULL))
    g_ptr_array_add (followers, ((CurrantOwnerLink *)link)->follower);
  g_hash_table_remove_all (bundle->links);
  currant_lock_release (&bundle->lock);
  for (guint i = 0; i < followers->len; i++)
    currant_follower_stop (followers->pdata[i]);
  bundle_unref (bundle);
}

void
currant_owner_link_activate (CurrantOwnerLink *self)
{
  Bundle *bundle = self->bundle;
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);
  gboolean watch;

  if (owner == NULL)
    {
      currant_follower_stop (self->follower);
      return;
    }
  currant_lock_acquire (&bundle->lock);
  g_hash_table_add (bundle->links, self);
  currant_follower_ref (self->follower);
  watch = !bundle->watching;
  bundle->watching = TRUE;
  currant_lock_release (&bundle->lock);
  if (watch)
    {
      dup_bundle (bundle, NULL);
      g_object_weak_ref (owner, owner_disposed, bundle);
    }
}

void
currant_owner_link_deactivate (CurrantOwnerLink *self)
{
  gboolean was_in;

  currant_lock_acquire (&self->bundle->lock);
  was_in = g_hash_table_remove (self->bundle->links, self);
  currant_lock_release (&self->bundle->lock);
  if (was_in)
    currant_follower_unref (self->follower);
}

GObject *
currant_owner_link_get (CurrantOwnerLink *self)
{
  return g_weak_ref_get (&self->owner);
}
