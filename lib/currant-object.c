/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Follows that a class declares for all its instances. */
#include "config.h"

#include "currant-object.h"

#include "currant-follower-private.h"

typedef struct
{
  CurrantPattern *pattern;
  CurrantFollowerFunc callback; /* NULL: it is looked up in the class of the instance */
  gsize offset;
} Declaration;

static GQuark
declarations_quark (void)
{
  static gsize quark;

  if (g_once_init_enter (&quark))
    g_once_init_leave (&quark, g_quark_from_static_string ("currant-follows"));
  return (GQuark)quark;
}

/* Classes are initialised one at a time, before they have instances; so this needs no lock. */
static void
declare (GObjectClass *klass, const char *pattern, CurrantFollowerFunc callback, gsize offset)
{
  GType type = G_OBJECT_CLASS_TYPE (klass);
  GArray *declarations = g_type_get_qdata (type, declarations_quark ());
  Declaration declaration = { currant_pattern_parse_constant (pattern), callback, offset };

  if (declaration.pattern == NULL)
    return;
  if (declarations == NULL)
    {
      declarations = g_array_new (FALSE, FALSE, sizeof (Declaration));
      g_type_set_qdata (type, declarations_quark (), declarations);
    }
  g_array_append_val (declarations, declaration);
}

/**
 * currant_object_class_follow: (skip)
 * @klass: a class, in its class_init function
 * @pattern: what to follow; a constant of the program
 * @callback: called with each message, and the instance as its user data
 *
 * Declares that every instance of @klass, and of classes derived from it, follows @pattern from
 * currant_object_init_follows() until it is disposed.
 *
 * Since: 1.0
 */
void
currant_object_class_follow (GObjectClass *klass, const char *pattern, CurrantFollowerFunc callback)
{
  g_return_if_fail (G_IS_OBJECT_CLASS (klass));
  g_return_if_fail (pattern != NULL && callback != NULL);

  declare (klass, pattern, callback, 0);
}

/**
 * currant_object_class_follow_offset: (skip)
 * @klass: a class, in its class_init function
 * @pattern: what to follow; a constant of the program
 * @struct_offset: where the class structure has the callback, as of G_STRUCT_OFFSET()
 *
 * As currant_object_class_follow(), with a callback that derived classes may override.
 *
 * Since: 1.0
 */
void
currant_object_class_follow_offset (GObjectClass *klass, const char *pattern, gsize struct_offset)
{
  GTypeQuery query;

  g_return_if_fail (G_IS_OBJECT_CLASS (klass));
  g_return_if_fail (pattern != NULL);
  g_type_query (G_OBJECT_CLASS_TYPE (klass), &query);
  g_return_if_fail (struct_offset >= sizeof (GObjectClass)
                    && struct_offset + sizeof (gpointer) <= query.class_size);

  declare (klass, pattern, NULL, struct_offset);
}

static void
follow_declared (GObject *self, CurrantHub *hub, const Declaration *declaration)
{
  CurrantFollowerFunc callback = declaration->callback;
  CurrantFollower *follower;

  if (callback == NULL)
    callback =
        G_STRUCT_MEMBER (CurrantFollowerFunc, G_OBJECT_GET_CLASS (self), declaration->offset);
  if (callback == NULL)
    return;
  follower = currant_follower_new_object (declaration->pattern, callback, self);
  currant_follower_add (follower, hub);
  currant_follower_unref (follower);
}

/* The base class's first, in the order of their declaration. */
static void
follow_for_type (GObject *self, CurrantHub *hub, GType type)
{
  GArray *declarations;

  if (type == 0)
    return;
  follow_for_type (self, hub, g_type_parent (type));
  declarations = g_type_get_qdata (type, declarations_quark ());
  for (guint i = 0; declarations != NULL && i < declarations->len; i++)
    follow_declared (self, hub, &g_array_index (declarations, Declaration, i));
}

/**
 * currant_object_init_follows: (skip)
 * @self: an object that is being made, usually in its constructed function
 * @bus: a bus
 *
 * Begins to follow what the class of @self and the classes it is derived from have declared. Once
 * is enough, for the most derived class or any base class, but not in both.
 *
 * Since: 1.0
 */
void
currant_object_init_follows (GObject *self, CurrantBus *bus)
{
  CurrantHub *hub = currant_hub_of_bus (bus);

  g_return_if_fail (G_IS_OBJECT (self));
  g_return_if_fail (hub != NULL);

  follow_for_type (self, hub, G_OBJECT_TYPE (self));
}
