/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-interval-timer.h"

#include "currant-tick-source-private.h"

/**
 * CurrantIntervalTimer:
 *
 * An adapter that publishes `name:tick`: every so many microseconds, once, or at the hours of a
 * calendar.
 *
 * A tick has no arguments, and two named ones, of type `t`: `count`, the number of the tick since
 * the timer was started, beginning with 1, and `missed`, how many ticks just before it were not
 * published because the loop was busy when they were due. So `count` grows by `missed` + 1.
 *
 * The moments are computed from the start, not from the tick before: the timer does not drift. It
 * has the default priority in the thread-default main context of the thread that starts it.
 *
 * A timer that is stopped and started again begins anew, with an interval from then on.
 *
 * Since: 1.0
 */
struct _CurrantIntervalTimer
{
  CurrantAdapter parent_instance;

  GDateTime *first; /* immutable after construction; NULL for an interval */
  gint64 interval;  /* immutable after construction */
  gboolean once;    /* immutable after construction */
  GSource *source;  /* atomic; owned; NULL while stopped */
};

G_DEFINE_FINAL_TYPE (CurrantIntervalTimer, currant_interval_timer, CURRANT_TYPE_ADAPTER)

enum
{
  PROP_INTERVAL = 1,
  PROP_FIRST,
  PROP_ONCE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* What the source holds: no reference, or the timer would never be disposed while it runs. */
typedef struct
{
  GWeakRef timer;
} Link;

static Link *
link_new (CurrantIntervalTimer *self)
{
  Link *link = g_new0 (Link, 1);

  g_weak_ref_init (&link->timer, self);
  return link;
}

static void
link_free (gpointer data)
{
  Link *link = data;

  g_weak_ref_clear (&link->timer);
  g_free (link);
}

static GVariant *
make_kwargs (guint64 count, guint64 missed)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "count", "t", count);
  g_variant_dict_insert (&dict, "missed", "t", missed);
  return g_variant_dict_end (&dict);
}

/*
 * In the context of the source. A follower may have stopped the timer, or stopped and started it:
 * the one tick of a single shot stops only the run that it belongs to.
 */
static gboolean
on_tick (guint64 count, guint64 missed, gpointer data)
{
  Link *link = data;
  g_autoptr (CurrantIntervalTimer) self = g_weak_ref_get (&link->timer);
  GSource *source = g_main_current_source ();

  if (self == NULL || g_source_is_destroyed (source))
    return G_SOURCE_REMOVE;
  currant_adapter_publish (CURRANT_ADAPTER (self), "tick", NULL, make_kwargs (count, missed));
  if (self->once && g_atomic_pointer_get (&self->source) == source)
    currant_adapter_stop (CURRANT_ADAPTER (self));
  return G_SOURCE_CONTINUE;
}

static GSource *
make_source (CurrantIntervalTimer *self)
{
  GSource *source;

  if (self->first != NULL)
    source = currant_tick_source_new_calendar (self->first, self->once ? 0 : self->interval);
  else
    source = currant_tick_source_new_interval (self->interval, self->once);
  currant_tick_source_set_callback (source, on_tick, link_new (self), link_free);
  return source;
}

static gboolean
currant_interval_timer_start (CurrantAdapter *adapter, GError **error)
{
  CurrantIntervalTimer *self = CURRANT_INTERVAL_TIMER (adapter);
  GSource *source;

  if (self->interval == 0 && (self->first == NULL || !self->once))
    {
      g_set_error_literal (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_SETTING,
                           "a timer needs an interval of at least a microsecond");
      return FALSE;
    }
  source = make_source (self);
  g_atomic_pointer_set (&self->source, source);
  g_source_attach (source, g_main_context_get_thread_default ());
  return TRUE;
}

static void
currant_interval_timer_stop (CurrantAdapter *adapter)
{
  CurrantIntervalTimer *self = CURRANT_INTERVAL_TIMER (adapter);
  g_autoptr (GSource) source = g_atomic_pointer_exchange (&self->source, NULL);

  g_source_destroy (source);
}

static void
currant_interval_timer_set_property (GObject *object, guint id, const GValue *value,
                                     GParamSpec *pspec)
{
  CurrantIntervalTimer *self = CURRANT_INTERVAL_TIMER (object);

  switch (id)
    {
    case PROP_INTERVAL:
      self->interval = g_value_get_int64 (value);
      break;
    case PROP_FIRST:
      self->first = g_value_dup_boxed (value);
      break;
    case PROP_ONCE:
      self->once = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
currant_interval_timer_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CurrantIntervalTimer *self = CURRANT_INTERVAL_TIMER (object);

  switch (id)
    {
    case PROP_INTERVAL:
      g_value_set_int64 (value, self->interval);
      break;
    case PROP_FIRST:
      g_value_set_boxed (value, self->first);
      break;
    case PROP_ONCE:
      g_value_set_boolean (value, self->once);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
currant_interval_timer_finalize (GObject *object)
{
  CurrantIntervalTimer *self = CURRANT_INTERVAL_TIMER (object);

  g_clear_pointer (&self->first, g_date_time_unref);
  G_OBJECT_CLASS (currant_interval_timer_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * CurrantIntervalTimer:interval: (getter get_interval)
   *
   * The time from one tick to the next, in microseconds; of a timer with a single tick, the time
   * from the start to it.
   *
   * Since: 1.0
   */
  properties[PROP_INTERVAL] = g_param_spec_int64 ("interval", NULL, NULL, 0, G_MAXINT64, 0, flags);

  /**
   * CurrantIntervalTimer:first: (getter get_first)
   *
   * The moment of the first tick by the wall clock, or %NULL for a timer that counts from its
   * start.
   *
   * Since: 1.0
   */
  properties[PROP_FIRST] = g_param_spec_boxed ("first", NULL, NULL, G_TYPE_DATE_TIME, flags);

  /**
   * CurrantIntervalTimer:once: (getter get_once)
   *
   * Whether the timer stops itself after its first tick.
   *
   * Since: 1.0
   */
  properties[PROP_ONCE] = g_param_spec_boolean ("once", NULL, NULL, FALSE, flags);

  g_object_class_install_properties (klass, N_PROPS, properties);
}

static void
currant_interval_timer_class_init (CurrantIntervalTimerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  CurrantAdapterClass *adapter_class = CURRANT_ADAPTER_CLASS (klass);

  object_class->set_property = currant_interval_timer_set_property;
  object_class->get_property = currant_interval_timer_get_property;
  object_class->finalize = currant_interval_timer_finalize;
  adapter_class->start = currant_interval_timer_start;
  adapter_class->stop = currant_interval_timer_stop;
  install_properties (object_class);
}

static void
currant_interval_timer_init (CurrantIntervalTimer *self)
{
}

/**
 * currant_interval_timer_new:
 * @bus: a bus
 * @name: the name of the messages, `timer` for `timer:tick`
 * @interval: the time between two ticks, in microseconds; at least 1
 *
 * Makes a timer that ticks every @interval microseconds of the monotonic clock, the first time an
 * interval after it is started. It has to be started with [method@Adapter.start].
 *
 * Returns: (transfer full): a new timer
 *
 * Since: 1.0
 */
CurrantIntervalTimer *
currant_interval_timer_new (CurrantBus *bus, const char *name, gint64 interval)
{
  g_return_val_if_fail (CURRANT_IS_BUS (bus), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (interval > 0, NULL);

  return g_object_new (CURRANT_TYPE_INTERVAL_TIMER, "bus", bus, "name", name, "interval", interval,
                       NULL);
}

/**
 * currant_interval_timer_new_once:
 * @bus: a bus
 * @name: the name of the message, `timer` for `timer:tick`
 * @delay: the time from the start to the tick, in microseconds; at least 1
 *
 * Makes a timer that ticks once, @delay microseconds after it is started, and then stops itself. It
 * may be started again.
 *
 * Returns: (transfer full): a new timer
 *
 * Since: 1.0
 */
CurrantIntervalTimer *
currant_interval_timer_new_once (CurrantBus *bus, const char *name, gint64 delay)
{
  g_return_val_if_fail (CURRANT_IS_BUS (bus), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (delay > 0, NULL);

  return g_object_new (CURRANT_TYPE_INTERVAL_TIMER, "bus", bus, "name", name, "interval", delay,
                       "once", TRUE, NULL);
}

/**
 * currant_interval_timer_new_at:
 * @bus: a bus
 * @name: the name of the messages, `timer` for `timer:tick`
 * @first: the moment of the first tick
 * @period: the time between two ticks, in microseconds; 0 for a single tick
 *
 * Makes a timer that ticks at @first and then every @period, by the wall clock, also when that
 * clock is set or the machine was asleep.
 *
 * A period of whole days is counted in days of the time zone of @first: what is due at three in the
 * morning stays so when the clocks are changed for summer. Any other period is an exact time.
 *
 * Moments that are past when the timer is started are left out, with one exception: a single tick
 * whose moment is past comes at once. Moments that pass while the timer runs and the machine sleeps
 * are merged into one tick, with the others counted as `missed`. When the clock is set back, no
 * moment comes twice.
 *
 * Returns: (transfer full): a new timer
 *
 * Since: 1.0
 */
CurrantIntervalTimer *
currant_interval_timer_new_at (CurrantBus *bus, const char *name, GDateTime *first,
                               GTimeSpan period)
{
  g_return_val_if_fail (CURRANT_IS_BUS (bus), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (first != NULL, NULL);
  g_return_val_if_fail (period >= 0, NULL);

  return g_object_new (CURRANT_TYPE_INTERVAL_TIMER, "bus", bus, "name", name, "first", first,
                       "interval", (gint64)period, "once", period == 0, NULL);
}

/**
 * currant_interval_timer_get_interval: (get-property interval)
 * @self: a timer
 *
 * Returns: the time between two ticks, in microseconds
 *
 * Since: 1.0
 */
gint64
currant_interval_timer_get_interval (CurrantIntervalTimer *self)
{
  g_return_val_if_fail (CURRANT_IS_INTERVAL_TIMER (self), 0);

  return self->interval;
}

/**
 * currant_interval_timer_get_first: (get-property first)
 * @self: a timer
 *
 * Returns: (transfer none) (nullable): the moment of the first tick by the wall clock, or %NULL for
 *   a timer that counts from its start
 *
 * Since: 1.0
 */
GDateTime *
currant_interval_timer_get_first (CurrantIntervalTimer *self)
{
  g_return_val_if_fail (CURRANT_IS_INTERVAL_TIMER (self), NULL);

  return self->first;
}

/**
 * currant_interval_timer_get_once: (get-property once)
 * @self: a timer
 *
 * Returns: whether the timer stops itself after its first tick
 *
 * Since: 1.0
 */
gboolean
currant_interval_timer_get_once (CurrantIntervalTimer *self)
{
  g_return_val_if_fail (CURRANT_IS_INTERVAL_TIMER (self), FALSE);

  return self->once;
}
