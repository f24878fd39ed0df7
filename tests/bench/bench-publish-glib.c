/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group A: GObject signals, and the floor: a plain array of function pointers. */
#include "config.h"

#include "bench-publish.h"

#define MANY 10000

static const gint64 sizes[] = { 0, 1, 10, 100 };

/* ---- an object with signals ----------------------------------------------------------------- */

#define BENCH_TYPE_EMITTER (bench_emitter_get_type ())
G_DECLARE_FINAL_TYPE (BenchEmitter, bench_emitter, BENCH, EMITTER, GObject)

struct _BenchEmitter
{
  GObject parent;
};

G_DEFINE_FINAL_TYPE (BenchEmitter, bench_emitter, G_TYPE_OBJECT)

static guint reading_signal;
static guint note_signal;

static void
bench_emitter_init (BenchEmitter *self)
{
}

/* With the marshallers that g_signal_emit () likes best: the peer is to be at its fastest. */
static void
bench_emitter_class_init (BenchEmitterClass *klass)
{
  reading_signal =
      g_signal_new ("reading", BENCH_TYPE_EMITTER, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL,
                    NULL, g_cclosure_marshal_VOID__INT, G_TYPE_NONE, 1, G_TYPE_INT);
  g_signal_set_va_marshaller (reading_signal, BENCH_TYPE_EMITTER, g_cclosure_marshal_VOID__INTv);
  note_signal =
      g_signal_new ("note", BENCH_TYPE_EMITTER, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL,
                    NULL, g_cclosure_marshal_VOID__VARIANT, G_TYPE_NONE, 1, G_TYPE_VARIANT);
  g_signal_set_va_marshaller (note_signal, BENCH_TYPE_EMITTER, g_cclosure_marshal_VOID__VARIANTv);
}

typedef struct
{
  BenchEmitter *emitter;
  GQuark detail;
  Tally *tallies;
  gsize n;
  ThreadTally lanes[2];
} Signals;

static void
on_reading (BenchEmitter *emitter, int value, gpointer user_data)
{
  tally_add (user_data, value);
}

static void
on_note (BenchEmitter *emitter, GVariant *variant, gpointer user_data)
{
  Tally *tally = user_data;

  tally->calls += g_variant_n_children (variant) / 2;
}

static Signals *
signals_new (gsize n, const char *signal, GCallback callback)
{
  Signals *signals = g_new0 (Signals, 1);

  signals->emitter = g_object_new (BENCH_TYPE_EMITTER, NULL);
  signals->detail = g_quark_from_static_string ("inside");
  signals->tallies = g_new0 (Tally, MAX (n, 1));
  signals->n = n;
  for (gsize i = 0; i < n; i++)
    g_signal_connect (signals->emitter, signal, callback, &signals->tallies[i]);
  return signals;
}

static void
signals_free (gpointer state)
{
  Signals *signals = state;

  g_object_unref (signals->emitter);
  g_free (signals->tallies);
  g_free (signals);
}

static gpointer
set_up_reading (const BenchCase *bench)
{
  return signals_new ((gsize)bench->param, "reading::inside", G_CALLBACK (on_reading));
}

static gpointer
set_up_note (const BenchCase *bench)
{
  return signals_new ((gsize)bench->param, "note::inside", G_CALLBACK (on_note));
}

/* ---- emissions ------------------------------------------------------------------------------ */

static void
run_emit (BenchRun *run)
{
  Signals *signals = run->state;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    g_signal_emit (signals->emitter, reading_signal, signals->detail, (int)i);
  bench_stop (run);
  tally_check (run, signals->tallies, signals->n);
}

static void
run_emit_by_name (BenchRun *run)
{
  Signals *signals = run->state;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    g_signal_emit_by_name (signals->emitter, "reading::inside", (int)i);
  bench_stop (run);
  tally_check (run, signals->tallies, signals->n);
}

static void
run_emit_variant (BenchRun *run)
{
  Signals *signals = run->state;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      GVariant *variant = g_variant_ref_sink (g_variant_new ("(is)", (int)i, PUBLISH_TEXT));

      g_signal_emit (signals->emitter, note_signal, signals->detail, variant);
      g_variant_unref (variant);
    }
  bench_stop (run);
  run->counted = signals->tallies[0].calls;
  signals->tallies[0].calls = 0;
}

static void
run_build_variant (BenchRun *run)
{
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      GVariant *variant = g_variant_ref_sink (g_variant_new ("(is)", (int)i, PUBLISH_TEXT));

      run->counted += g_variant_n_children (variant) / 2;
      bench_use (variant);
      g_variant_unref (variant);
    }
  bench_stop (run);
}

/* ---- two threads ---------------------------------------------------------------------------- */

static __thread ThreadTally seen_here;

static void
on_reading_here (BenchEmitter *emitter, int value, gpointer user_data)
{
  seen_here.calls++;
  seen_here.sum += (guint64)value;
}

static gpointer
set_up_threads (const BenchCase *bench)
{
  return signals_new (1, "reading::inside", G_CALLBACK (on_reading_here));
}

static void
emit_lane (BenchRun *run, guint lane)
{
  Signals *signals = run->state;
  const gsize n = run->n / (gsize)run->bench->param;

  seen_here = (ThreadTally){ 0 };
  for (gsize i = 0; i < n; i++)
    g_signal_emit (signals->emitter, reading_signal, signals->detail, (int)i);
  signals->lanes[lane] = seen_here;
}

static void
run_threads (BenchRun *run)
{
  Signals *signals = run->state;
  const guint n_lanes = (guint)run->bench->param;

  bench_parallel (run, n_lanes, emit_lane);
  for (guint i = 0; i < n_lanes; i++)
    run->counted += signals->lanes[i].calls;
}

/* ---- connecting and disconnecting ----------------------------------------------------------- */

static void
run_connect (BenchRun *run)
{
  Signals *signals = run->state;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      gulong id = g_signal_connect (signals->emitter, "reading::inside", G_CALLBACK (on_reading),
                                    &signals->tallies[0]);

      run->counted += id != 0;
      g_signal_handler_disconnect (signals->emitter, id);
    }
  bench_stop (run);
}

static void
run_connect_emit (BenchRun *run)
{
  Signals *signals = run->state;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      gulong id = g_signal_connect (signals->emitter, "reading::inside", G_CALLBACK (on_reading),
                                    &signals->tallies[0]);

      g_signal_emit (signals->emitter, reading_signal, signals->detail, 0);
      g_signal_handler_disconnect (signals->emitter, id);
    }
  bench_stop (run);
  for (gsize i = 0; i < signals->n; i++)
    {
      run->counted += signals->tallies[i].calls;
      signals->tallies[i].calls = 0;
    }
}

/* ---- the floor ------------------------------------------------------------------------------ */

typedef void (*Slot) (int value, gpointer data);

typedef struct
{
  Slot *slots;
  Tally *tallies;
  gsize n;
} Array;

static void __attribute__ ((noinline)) on_slot (int value, gpointer data)
{
  tally_add (data, value);
}

static gpointer
set_up_array (const BenchCase *bench)
{
  Array *array = g_new0 (Array, 1);

  array->n = (gsize)bench->param;
  array->slots = g_new0 (Slot, MAX (array->n, 1));
  array->tallies = g_new0 (Tally, MAX (array->n, 1));
  for (gsize i = 0; i < array->n; i++)
    array->slots[i] = on_slot;
  return array;
}

static void
array_free (gpointer state)
{
  Array *array = state;

  g_free (array->slots);
  g_free (array->tallies);
  g_free (array);
}

static void
run_array (BenchRun *run)
{
  Array *array = run->state;

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      bench_use (array);
      for (gsize j = 0; j < array->n; j++)
        array->slots[j]((int)i, &array->tallies[j]);
    }
  bench_stop (run);
  tally_check (run, array->tallies, array->n);
}

/* ---- cases ---------------------------------------------------------------------------------- */

static void
add_direct (gint64 n)
{
  BenchCase bench = { .comparison = publish_comparison (n),
                      .role = BENCH_PEER,
                      .param = n,
                      .deliveries = (guint)n,
                      .setup = set_up_reading,
                      .teardown = signals_free };

  bench.name = PUBLISH_SIGNAL;
  bench.run = run_emit;
  bench_add (&bench);
  bench.name = PUBLISH_SIGNAL_NAME;
  bench.run = run_emit_by_name;
  bench_add (&bench);

  bench.name = "array of function pointers";
  bench.role = BENCH_FLOOR;
  bench.setup = set_up_array;
  bench.run = run_array;
  bench.teardown = array_free;
  bench_add (&bench);
}

static void
add_peer (const char *comparison, const char *name, gint64 param, guint deliveries,
          gpointer (*set_up) (const BenchCase *), void (*run) (BenchRun *))
{
  bench_add (&(BenchCase){ .comparison = comparison,
                           .name = name,
                           .role = BENCH_PEER,
                           .param = param,
                           .deliveries = deliveries,
                           .setup = set_up,
                           .run = run,
                           .teardown = signals_free });
}

static void
add_variants_and_threads (void)
{
  add_peer ("variant-1", "g_signal_emit, GVariant", 1, 1, set_up_note, run_emit_variant);
  bench_add (&(BenchCase){ .comparison = "variant-1",
                           .name = PUBLISH_VARIANT_FLOOR,
                           .role = BENCH_FLOOR,
                           .deliveries = 1,
                           .run = run_build_variant });
  add_peer ("threads", PUBLISH_SIGNAL_ONE_THREAD, 1, 1, set_up_threads, run_threads);
  bench_add (&(BenchCase){ .comparison = "threads",
                           .name = "g_signal_emit, 2 threads",
                           .role = BENCH_PEER,
                           .param = 2,
                           .granularity = 2,
                           .deliveries = 1,
                           .targets = { { PUBLISH_SIGNAL_ONE_THREAD, 0, 0 } },
                           .setup = set_up_threads,
                           .run = run_threads,
                           .teardown = signals_free });
}

static void
add_glib (void)
{
  const gint64 many = bench_is_quick () ? MANY / 10 : MANY;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    add_direct (sizes[i]);
  add_variants_and_threads ();
  add_peer ("churn", PUBLISH_CONNECT_10, 10, 1, set_up_reading, run_connect);
  add_peer ("churn", PUBLISH_CONNECT_10K, many, 1, set_up_reading, run_connect);
  add_peer ("churn", PUBLISH_CONNECT_EMIT, 10, 11, set_up_reading, run_connect_emit);
}

BENCH_CASES (add_glib)
