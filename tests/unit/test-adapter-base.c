/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The common life of adapters, by an adapter that does nothing but count. */
#include "config.h"

#include "currant-test.h"

#include <currant-adapters.h>

#define PROBE_TYPE (probe_get_type ())
G_DECLARE_FINAL_TYPE (Probe, probe, PROBE, PROBE, CurrantAdapter)

struct _Probe
{
  CurrantAdapter parent_instance;

  gboolean fails;
  guint n_starts;
  guint n_stops;
  guint *n_stops_seen; /* told of in finalize */
};

G_DEFINE_FINAL_TYPE (Probe, probe, CURRANT_TYPE_ADAPTER)

static gboolean
probe_start (CurrantAdapter *adapter, GError **error)
{
  Probe *self = PROBE_PROBE (adapter);

  self->n_starts++;
  if (!self->fails)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  return FALSE;
}

static void
probe_stop (CurrantAdapter *adapter)
{
  PROBE_PROBE (adapter)->n_stops++;
}

static void
probe_finalize (GObject *object)
{
  Probe *self = PROBE_PROBE (object);

  if (self->n_stops_seen != NULL)
    *self->n_stops_seen = self->n_stops;
  G_OBJECT_CLASS (probe_parent_class)->finalize (object);
}

static void
probe_class_init (ProbeClass *klass)
{
  CurrantAdapterClass *adapter_class = CURRANT_ADAPTER_CLASS (klass);

  adapter_class->start = probe_start;
  adapter_class->stop = probe_stop;
  G_OBJECT_CLASS (klass)->finalize = probe_finalize;
}

static void
probe_init (Probe *self)
{
}

static Probe *
make_probe (CurrantBus *bus, const char *name)
{
  return g_object_new (PROBE_TYPE, "bus", bus, "name", name, NULL);
}

static void
count_notify (GObject *object, GParamSpec *pspec, gpointer count)
{
  (*(guint *)count)++;
}

static void
test_start_and_stop (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (Probe) probe = make_probe (bus, "probe");
  CurrantAdapter *adapter = CURRANT_ADAPTER (probe);
  g_autoptr (GError) error = NULL;
  guint n_notifies = 0;

  g_signal_connect (probe, "notify::running", G_CALLBACK (count_notify), &n_notifies);
  g_assert_false (currant_adapter_is_running (adapter));
  currant_adapter_stop (adapter);
  g_assert_cmpuint (n_notifies, ==, 0);

  g_assert_true (currant_adapter_start (adapter, &error));
  g_assert_true (currant_adapter_start (adapter, &error));
  g_assert_no_error (error);
  g_assert_true (currant_adapter_is_running (adapter));
  g_assert_cmpuint (probe->n_starts, ==, 1);
  g_assert_cmpuint (n_notifies, ==, 1);

  currant_adapter_stop (adapter);
  currant_adapter_stop (adapter);
  g_assert_false (currant_adapter_is_running (adapter));
  g_assert_cmpuint (probe->n_stops, ==, 1);
  g_assert_cmpuint (n_notifies, ==, 2);
}

static void
test_start_fails (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (Probe) probe = make_probe (bus, "probe");
  g_autoptr (GError) error = NULL;
  guint n_notifies = 0;

  probe->fails = TRUE;
  g_signal_connect (probe, "notify::running", G_CALLBACK (count_notify), &n_notifies);
  g_assert_false (currant_adapter_start (CURRANT_ADAPTER (probe), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_false (currant_adapter_is_running (CURRANT_ADAPTER (probe)));
  g_assert_cmpuint (n_notifies, ==, 0);
  g_assert_cmpuint (probe->n_stops, ==, 0);
}

/* A name may come from a user: it is an error, and no more than that. */
static void
test_bad_names (void)
{
  static const char *const names[] = { "", "a\nb", "a*b", "@x", "a@", "\377", NULL };
  g_autoptr (CurrantBus) bus = currant_bus_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (Probe) probe = make_probe (bus, names[i]);
      g_autoptr (GError) error = NULL;
      g_assert_false (currant_adapter_start (CURRANT_ADAPTER (probe), &error));
      g_assert_error (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER);
      g_assert_cmpuint (probe->n_starts, ==, 0);
    }
}

static void
test_properties (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (Probe) probe = make_probe (bus, "probe@space");
  g_autoptr (CurrantBus) got_bus = NULL;
  g_autofree char *got_name = NULL;
  gboolean got_running = TRUE;

  g_object_get (probe, "bus", &got_bus, "name", &got_name, "running", &got_running, NULL);
  g_assert_true (got_bus == bus);
  g_assert_cmpstr (got_name, ==, "probe@space");
  g_assert_false (got_running);
  g_assert_true (currant_adapter_get_bus (CURRANT_ADAPTER (probe)) == bus);
  g_assert_cmpstr (currant_adapter_get_name (CURRANT_ADAPTER (probe)), ==, "probe@space");
}

static void
test_disposed_while_running (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  Probe *probe = make_probe (bus, "probe");
  guint n_stops = 0;

  probe->n_stops_seen = &n_stops;
  g_assert_true (currant_adapter_start (CURRANT_ADAPTER (probe), NULL));
  g_object_unref (probe);
  g_assert_cmpuint (n_stops, ==, 1);
}

/* Only while it runs; floating variants are taken in either case. */
static void
test_publish (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (Probe) probe = make_probe (bus, "probe@space");
  CurrantAdapter *adapter = CURRANT_ADAPTER (probe);
  g_autoptr (CurrantTestRecorder) recorder = currant_test_recorder_new ();
  CurrantMessage *message;
  guint n = 0;

  currant_bus_follow (bus, "*@space:*", currant_test_recorder_take, recorder, NULL);
  g_assert_cmpuint (currant_adapter_publish (adapter, "a", g_variant_new ("(i)", 1), NULL), ==, 0);
  g_assert_true (currant_adapter_start (adapter, NULL));
  g_assert_cmpuint (currant_adapter_publish (adapter, "b", g_variant_new ("(i)", 2),
                                             g_variant_new_parsed ("{'n': <uint32 3>}")),
                    ==, 1);
  g_assert_cmpuint (currant_adapter_publish (adapter, "c", NULL, NULL), ==, 1);
  currant_adapter_stop (adapter);
  g_assert_cmpuint (
      currant_adapter_publish (adapter, "d", NULL, g_variant_new_parsed ("{'n': <uint32 3>}")), ==,
      0);
  currant_test_assert_ids (recorder, "probe:b probe:c");
  message = currant_test_recorder_peek (recorder, 0);
  g_assert_cmpint (currant_test_message_number (message), ==, 2);
  g_assert_true (currant_message_lookup (message, "n", "u", &n));
  g_assert_cmpuint (n, ==, 3);
}

static void
misuse_null (void)
{
  currant_adapter_start (NULL, NULL);
}

static void
misuse_no_bus (void)
{
  g_autoptr (Probe) probe = g_object_new (PROBE_TYPE, "name", "probe", NULL);

  g_assert_false (currant_adapter_start (CURRANT_ADAPTER (probe), NULL));
}

static void
misuse_no_action (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  g_autoptr (Probe) probe = make_probe (bus, "probe");

  g_assert_cmpuint (
      currant_adapter_publish (CURRANT_ADAPTER (probe), NULL, g_variant_new ("(i)", 1), NULL), ==,
      0);
}

static void
misuse_timer (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();

  g_assert_null (currant_interval_timer_new (bus, "timer", 0));
}

static void
misuse_observer (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();

  g_assert_null (currant_file_observer_new (bus, "file", NULL));
}

static const CurrantTestMisuse misuses[] = {
  { "/adapter/misuse/null", misuse_null, "CURRANT_IS_ADAPTER" },
  { "/adapter/misuse/no-bus", misuse_no_bus, "CURRANT_IS_BUS" },
  { "/adapter/misuse/no-action", misuse_no_action, "action != NULL" },
  { "/adapter/misuse/timer-without-interval", misuse_timer, "interval > 0" },
  { "/adapter/misuse/observer-without-path", misuse_observer, "path != NULL" },
};

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/adapter/base/start-and-stop", test_start_and_stop);
  currant_test_add ("/adapter/base/start-fails", test_start_fails);
  currant_test_add ("/adapter/base/bad-names", test_bad_names);
  currant_test_add ("/adapter/base/properties", test_properties);
  currant_test_add ("/adapter/base/disposed-while-running", test_disposed_while_running);
  currant_test_add ("/adapter/base/publish", test_publish);
  for (gsize i = 0; i < G_N_ELEMENTS (misuses); i++)
    currant_test_add_misuse (&misuses[i]);
  return g_test_run ();
}
