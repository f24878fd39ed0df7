/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Followers that live as long as an object: one that the class declares for each of its instances,
 * and one that is bound to an instance by its owner. Nothing has to be stopped: they end with the
 * object.
 */
#include <currant.h>

#define LAMP_TYPE (lamp_get_type ())
G_DECLARE_FINAL_TYPE (Lamp, lamp, LAMP, LAMP, GObject)

struct _Lamp
{
  GObject parent_instance;

  gboolean lit;
  guint n_flickers;
};

G_DEFINE_FINAL_TYPE (Lamp, lamp, G_TYPE_OBJECT)

static void
lamp_on_switch (CurrantMessage *message, gpointer lamp)
{
  LAMP_LAMP (lamp)->lit = g_str_equal (currant_message_get_action (message), "on");
}

static void
lamp_on_storm (CurrantMessage *message, gpointer lamp)
{
  LAMP_LAMP (lamp)->n_flickers++;
}

static void
lamp_class_init (LampClass *klass)
{
  currant_object_class_follow (G_OBJECT_CLASS (klass), "house:{on,off}", lamp_on_switch);
}

static void
lamp_init (Lamp *self)
{
}

static Lamp *
lamp_new (CurrantBus *bus)
{
  Lamp *self = g_object_new (LAMP_TYPE, NULL);

  currant_object_init_follows (G_OBJECT (self), bus);
  return self;
}

int
main (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Lamp *kitchen = lamp_new (bus);
  Lamp *cellar = lamp_new (bus);
  gboolean good;

  currant_bus_follow_object (bus, "weather:storm", lamp_on_storm, G_OBJECT (cellar));

  good = currant_bus_publish (bus, "house:on", NULL) == 2;
  good = good && kitchen->lit && cellar->lit;
  good = good && currant_bus_publish (bus, "weather:storm", NULL) == 1;
  good = good && kitchen->n_flickers == 0 && cellar->n_flickers == 1;

  g_object_unref (cellar);
  good = good && currant_bus_publish (bus, "weather:storm", NULL) == 0;
  good = good && currant_bus_publish (bus, "house:off", NULL) == 1;
  good = good && !kitchen->lit;

  g_object_unref (kitchen);
  good = good && currant_bus_publish (bus, "house:on", NULL) == 0;
  g_print ("the lamps %s\n", good ? "followed as long as they lived" : "did NOT follow");
  return good ? 0 : 1;
}
