/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group A: publishing to direct followers in one thread. */
#include "config.h"

#include "bench-publish.h"

#include <currant.h>
#include <string.h>

#define ID "sensor:reading"

static const gint64 sizes[] = { 0, 1, 10, 100 };

typedef struct
{
  CurrantBus *bus;
  CurrantTopic *topic;
  CurrantIdentifier *identifier;
  Tally *tallies;
  gsize n;
} Ours;

/* ---- followers ------------------------------------------------------------------------------ */

static void
on_value (CurrantMessage *message, gpointer user_data)
{
  tally_add (user_data, g_value_get_int (currant_message_get_value (message)));
}

/* Without the cost of reading: what delivery alone takes. A signal's handler gets its int for
 * nothing. */
static void
on_counted (CurrantMessage *message, gpointer user_data)
{
  Tally *tally = user_data;

  tally->calls++;
}

static void
on_number (CurrantMessage *message, gpointer user_data)
{
  int number = -1;

  currant_message_get (message, "(i)", &number);
  tally_add (user_data, number);
}

static void
on_kept (CurrantMessage *message, gpointer user_data)
{
  Tally *tally = user_data;

  on_value (message, tally);
  if (tally->kept != NULL)
    currant_message_unref (tally->kept);
  tally->kept = currant_message_ref (message);
}

static void
on_packed (CurrantMessage *message, gpointer user_data)
{
  const char *text = NULL;
  int number = -1;

  currant_message_get (message, "(i&s)", &number, &text);
  bench_use (text);
  tally_add (user_data, number);
}

/* Reading the number would cost as much again as the rest: the same for every side, it would only
 * draw the ratios together. So the variant is touched, and the calls are counted. */
static void
on_variant (CurrantMessage *message, gpointer user_data)
{
  Tally *tally = user_data;

  tally->calls += g_variant_n_children (currant_message_get_args (message)) / 2;
}

/* ---- set-up --------------------------------------------------------------------------------- */

static Ours *
ours_new (gsize n, CurrantFollowerFunc callback)
{
  Ours *ours = g_new0 (Ours, 1);

  ours->bus = currant_bus_new ();
  ours->topic = currant_bus_get_topic (ours->bus, ID, NULL);
  ours->identifier = currant_identifier_new (ID, NULL);
  ours->tallies = g_new0 (Tally, MAX (n, 1));
  ours->n = n;
  for (gsize i = 0; i < n; i++)
    currant_bus_follow_with_delivery (ours->bus, ID, CURRANT_DELIVERY_DIRECT, callback,
                                      &ours->tallies[i], NULL);
  return ours;
}

static void
ours_free (gpointer state)
{
  Ours *ours = state;

  for (gsize i = 0; i < ours->n; i++)
    if (ours->tallies[i].kept != NULL)
      currant_message_unref (ours->tallies[i].kept);
  currant_topic_unref (ours->topic);
  currant_identifier_unref (ours->identifier);
  g_object_run_dispose (G_OBJECT (ours->bus));
  g_object_unref (ours->bus);
  g_free (ours->tallies);
  g_free (ours);
}

static gpointer
set_up_value (const BenchCase *bench)
{
  return ours_new ((gsize)bench->param, on_value);
}

static gpointer
set_up_counted (const BenchCase *bench)
{
  return ours_new ((gsize)bench->param, on_counted);
}

static gpointer
set_up_number (const BenchCase *bench)
{
  return ours_new ((gsize)bench->param, on_number);
}

static gpointer
set_up_kept (const BenchCase *bench)
{
  return ours_new ((gsize)bench->param, on_kept);
}

static gpointer
set_up_packed (const BenchCase *bench)
{
  return ours_new ((gsize)bench->param, on_packed);
}

static gpointer
set_up_variant (const BenchCase *bench)
{
  return ours_new ((gsize)bench->param, on_variant);
}

/* ---- runs ----------------------------------------------------------------------------------- */

static void
run_topic_value (BenchRun *run)
{
  Ours *ours = run->state;
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      g_value_set_int (&value, (int)i);
      currant_topic_publish_value (ours->topic, &value);
    }
  bench_stop (run);
  tally_check (run, ours->tallies, ours->n);
}

static void
run_topic_counted (BenchRun *run)
{
  Ours *ours = run->state;
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      g_value_set_int (&value, (int)i);
      currant_topic_publish_value (ours->topic, &value);
    }
  bench_stop (run);
  for (gsize i = 0; i < ours->n; i++)
    run->counted += ours->tallies[i].calls;
  memset (ours->tallies, 0, sizeof (Tally) * ours->n);
}

static void
run_topic_number (BenchRun *run)
{
  Ours *ours = run->state;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    currant_topic_publish (ours->topic, "(i)", (int)i);
  bench_stop (run);
  tally_check (run, ours->tallies, ours->n);
}

static void
run_id_number (BenchRun *run)
{
  Ours *ours = run->state;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    currant_bus_publish (ours->bus, ID, "(i)", (int)i);
  bench_stop (run);
  tally_check (run, ours->tallies, ours->n);
}

static void
run_id_value (BenchRun *run)
{
  Ours *ours = run->state;
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      g_value_set_int (&value, (int)i);
      currant_bus_publish_value (ours->bus, ID, &value);
    }
  bench_stop (run);
  tally_check (run, ours->tallies, ours->n);
}

static void
run_message (BenchRun *run)
{
  Ours *ours = run->state;
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      CurrantMessage *message;

      g_value_set_int (&value, (int)i);
      message = currant_message_new_value (ours->identifier, &value);
      currant_bus_publish_message (ours->bus, message);
      currant_message_unref (message);
    }
  bench_stop (run);
  tally_check (run, ours->tallies, ours->n);
}

static void
run_topic_packed (BenchRun *run)
{
  Ours *ours = run->state;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    currant_topic_publish (ours->topic, "(is)", (int)i, PUBLISH_TEXT);
  bench_stop (run);
  tally_check (run, ours->tallies, ours->n);
}

static void
run_topic_packed_variant (BenchRun *run)
{
  Ours *ours = run->state;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    currant_topic_publish (ours->topic, "(is)", (int)i, PUBLISH_TEXT);
  bench_stop (run);
  run->counted = ours->tallies[0].calls;
  ours->tallies[0].calls = 0;
}

static void
run_topic_variant (BenchRun *run)
{
  Ours *ours = run->state;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    currant_topic_publish_variant (ours->topic, g_variant_new ("(is)", (int)i, PUBLISH_TEXT), NULL);
  bench_stop (run);
  run->counted = ours->tallies[0].calls;
  ours->tallies[0].calls = 0;
}

static void
run_id_variant (BenchRun *run)
{
  Ours *ours = run->state;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    currant_bus_publish_variant (ours->bus, ID, g_variant_new ("(is)", (int)i, PUBLISH_TEXT), NULL);
  bench_stop (run);
  run->counted = ours->tallies[0].calls;
  ours->tallies[0].calls = 0;
}

/* ---- cases ---------------------------------------------------------------------------------- */

static BenchTarget
direct_target (gint64 n)
{
  switch (n)
    {
    case 1:
      return (BenchTarget){ PUBLISH_SIGNAL, 0.30, 0.15 };
    case 10:
      return (BenchTarget){ PUBLISH_SIGNAL, 0.10, 0.06 };
    case 100:
      return (BenchTarget){ PUBLISH_SIGNAL, 0.08, 0.03 };
    default:
      return (BenchTarget){ PUBLISH_SIGNAL, 0, 0 };
    }
}

static void
add_direct (gint64 n, const char *name, gpointer (*set_up) (const BenchCase *),
            void (*run) (BenchRun *), BenchTarget target)
{
  bench_add (&(BenchCase){ .comparison = publish_comparison (n),
                           .name = name,
                           .param = n,
                           .deliveries = (guint)n,
                           .targets = { target },
                           .setup = set_up,
                           .run = run,
                           .teardown = ours_free });
}

static void
add_variant (const char *name, gpointer (*set_up) (const BenchCase *), void (*run) (BenchRun *),
             double good, double ambitious)
{
  bench_add (&(BenchCase){ .comparison = "variant-1",
                           .name = name,
                           .param = 1,
                           .deliveries = 1,
                           .targets = { { PUBLISH_VARIANT_FLOOR, good, ambitious } },
                           .setup = set_up,
                           .run = run,
                           .teardown = ours_free });
}

static void
add_ours (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const gint64 n = sizes[i];
      const BenchTarget by_id = direct_target (n);
      const BenchTarget by_name = { PUBLISH_SIGNAL_NAME, n == 1 ? 0.30 : 0, n == 1 ? 0.18 : 0 };
      const BenchTarget by_message = { PUBLISH_SIGNAL, n == 1 ? 0.5 : 0, n == 1 ? 0.35 : 0 };

      add_direct (n, "topic, int GValue", set_up_value, run_topic_value, by_id);
      add_direct (n, "topic, int GValue, not read", set_up_counted, run_topic_counted,
                  (BenchTarget){ PUBLISH_SIGNAL, 0, 0 });
      add_direct (n, "topic, \"(i)\"", set_up_number, run_topic_number, by_id);
      add_direct (n, "id text, int GValue", set_up_value, run_id_value, by_name);
      add_direct (n, "id text, \"(i)\"", set_up_number, run_id_number, by_name);
      add_direct (n, "heap message", set_up_value, run_message, by_message);
      add_direct (n, "topic, int GValue, kept by followers", set_up_kept, run_topic_value,
                  by_message);
    }
  add_variant ("topic, GVariant", set_up_variant, run_topic_variant, 1.10, 1.05);
  add_variant ("id text, GVariant", set_up_variant, run_id_variant, 0, 0);
  add_variant ("topic, \"(is)\" packed", set_up_packed, run_topic_packed, 0.05, 0.05);
  add_variant ("topic, \"(is)\" packed, read as GVariant", set_up_variant, run_topic_packed_variant,
               1.10, 1.05);
}

BENCH_CASES (add_ours)

static void
add_titles (void)
{
  bench_title ("direct-0", "publish with nobody following, one int");
  bench_title ("direct-1", "publish to 1 direct follower, one int");
  bench_title ("direct-10", "publish to 10 direct followers, one int");
  bench_title ("direct-100", "publish to 100 direct followers, one int");
  bench_title ("variant-1", "publish a number and a text to 1 direct follower");
  bench_title ("threads", "two threads publish on one topic, 1 direct follower, one int");
  bench_title ("churn", "follow and stop, n followers of the same pattern there");
}

int
main (int argc, char **argv)
{
  return bench_main (argc, argv, "publish", add_titles);
}
