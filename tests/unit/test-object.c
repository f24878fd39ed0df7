/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Follows that a class declares for each of its instances. */
#include "config.h"

#include "currant-test.h"

/* A class with two follows: a plain callback, and a slot that a subclass may fill otherwise. */

typedef struct
{
  GObject parent;
  GString *log;
} TestListener;

typedef struct
{
  GObjectClass parent;
  void (*changed) (CurrantMessage *message, gpointer self);
} TestListenerClass;

typedef struct
{
  TestListener parent;
} TestChild;

typedef struct
{
  TestListenerClass parent;
} TestChildClass;

GType test_listener_get_type (void);
GType test_child_get_type (void);

G_DEFINE_TYPE (TestListener, test_listener, G_TYPE_OBJECT)
G_DEFINE_TYPE (TestChild, test_child, test_listener_get_type ())

static void
note (gpointer self, const char *what, CurrantMessage *message)
{
  TestListener *listener = self;

  g_string_append_printf (listener->log, "%s(%s) ", what, currant_message_get_id (message));
}

static void
on_ping (CurrantMessage *message, gpointer self)
{
  note (self, "ping", message);
}

static void
on_changed (CurrantMessage *message, gpointer self)
{
  note (self, "changed", message);
}

static void
on_child_changed (CurrantMessage *message, gpointer self)
{
  note (self, "child-changed", message);
}

static void
on_child_ping (CurrantMessage *message, gpointer self)
{
  note (self, "child-ping", message);
}

static void
test_listener_finalize (GObject *object)
{
  g_string_free (((TestListener *)object)->log, TRUE);
  G_OBJECT_CLASS (test_listener_parent_class)->finalize (object);
}

static void
test_listener_class_init (TestListenerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_listener_finalize;
  klass->changed = on_changed;
  currant_object_class_follow (G_OBJECT_CLASS (klass), "listener:ping", on_ping);
  currant_object_class_follow_offset (G_OBJECT_CLASS (klass), "listener:changed",
                                      G_STRUCT_OFFSET (TestListenerClass, changed));
}

static void
test_listener_init (TestListener *self)
{
  self->log = g_string_new (NULL);
}

static void
test_child_class_init (TestChildClass *klass)
{
  ((TestListenerClass *)klass)->changed = on_child_changed;
  currant_object_class_follow (G_OBJECT_CLASS (klass), "listener:ping", on_child_ping);
}

static void
test_child_init (TestChild *self)
{
  (void)self;
}

static TestListener *
listener_new (GType type, CurrantBus *bus)
{
  TestListener *listener = g_object_new (type, NULL);

  currant_object_init_follows (G_OBJECT (listener), bus);
  return listener;
}

static void
test_every_instance (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  TestListener *one = listener_new (test_listener_get_type (), bus);
  TestListener *two = listener_new (test_listener_get_type (), bus);

  g_assert_cmpuint (currant_bus_publish (bus, "listener:ping", NULL), ==, 2);
  g_assert_cmpuint (currant_bus_publish (bus, "listener:changed", NULL), ==, 2);
  g_assert_cmpuint (currant_bus_publish (bus, "listener:other", NULL), ==, 0);
  g_assert_cmpstr (one->log->str, ==, "ping(listener:ping) changed(listener:changed) ");
  g_assert_cmpstr (two->log->str, ==, one->log->str);
  g_object_unref (one);
  g_assert_cmpuint (currant_bus_publish (bus, "listener:ping", NULL), ==, 1);
  g_object_unref (two);
  g_assert_cmpuint (currant_bus_publish (bus, "listener:ping", NULL), ==, 0);
}

/* What the parent declares is the child's too, once; slots are the child's own. */
static void
test_subclass_is_not_doubled (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  TestListener *parent = listener_new (test_listener_get_type (), bus);
  TestListener *child = listener_new (test_child_get_type (), bus);

  g_assert_cmpuint (currant_bus_publish (bus, "listener:ping", NULL), ==, 3);
  g_assert_cmpuint (currant_bus_publish (bus, "listener:changed", NULL), ==, 2);
  g_assert_cmpstr (parent->log->str, ==, "ping(listener:ping) changed(listener:changed) ");
  g_assert_cmpstr (child->log->str, ==,
                   "ping(listener:ping) child-ping(listener:ping) "
                   "child-changed(listener:changed) ");
  g_object_unref (parent);
  g_object_unref (child);
}

/* Without the call an instance follows nothing. */
static void
test_only_where_asked (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  TestListener *listener = g_object_new (test_listener_get_type (), NULL);

  g_assert_cmpuint (currant_bus_publish (bus, "listener:ping", NULL), ==, 0);
  g_object_unref (listener);
}

static void
test_class_without_follows (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);

  currant_object_init_follows (object, bus);
  g_assert_cmpuint (currant_test_stat_now (bus, "followers"), ==, 0);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/object/every-instance", test_every_instance);
  currant_test_add ("/object/subclass-is-not-doubled", test_subclass_is_not_doubled);
  currant_test_add ("/object/only-where-asked", test_only_where_asked);
  currant_test_add ("/object/class-without-follows", test_class_without_follows);
  return g_test_run ();
}
