/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The common life of what turns events into messages. The class knows a bus, a name and whether the
 * adapter runs; what the events are is the business of its subclasses.
 *
 * `running` is set before the subclass starts and cleared before it stops: so what a subclass
 * publishes from inside its start is let through, and nothing is after a stop.
 */
#include "config.h"

#include "currant-adapter.h"

/**
 * CurrantAdapter:
 *
 * Something that turns events (of a clock, of a file system, of a desktop service) into messages
 * on a [class@Currant.Bus]. Its messages are named after it: those of an adapter with the name
 * `local_log` are `local_log:created`, `local_log:removed` and so on.
 *
 * An adapter is made stopped. It listens to its events in the thread-default main context of the
 * thread that starts it, so it publishes from there. After [method@Adapter.stop] has returned in
 * that context no message comes any more; stopped from another thread, one that is just being
 * published may still come. An adapter that is disposed while it runs stops.
 *
 * Starting and stopping one adapter from two threads at the same time needs a lock of the caller's.
 *
 * Since: 1.0
 */

typedef struct
{
  CurrantBus *bus; /* immutable after construction */
  char *name;      /* immutable after construction */
  int running;     /* atomic */
} CurrantAdapterPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (CurrantAdapter, currant_adapter, G_TYPE_OBJECT)

enum
{
  PROP_BUS = 1,
  PROP_NAME,
  PROP_RUNNING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static CurrantAdapterPrivate *
get_private (CurrantAdapter *self)
{
  return currant_adapter_get_instance_private (self);
}

static void
currant_adapter_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CurrantAdapterPrivate *priv = get_private (CURRANT_ADAPTER (object));

  switch (id)
    {
    case PROP_BUS:
      priv->bus = g_value_dup_object (value);
      break;
    case PROP_NAME:
      priv->name = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
currant_adapter_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CurrantAdapter *self = CURRANT_ADAPTER (object);

  switch (id)
    {
    case PROP_BUS:
      g_value_set_object (value, get_private (self)->bus);
      break;
    case PROP_NAME:
      g_value_set_string (value, get_private (self)->name);
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, currant_adapter_is_running (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
currant_adapter_dispose (GObject *object)
{
  currant_adapter_stop (CURRANT_ADAPTER (object));
  G_OBJECT_CLASS (currant_adapter_parent_class)->dispose (object);
}

static void
currant_adapter_finalize (GObject *object)
{
  CurrantAdapterPrivate *priv = get_private (CURRANT_ADAPTER (object));

  g_clear_object (&priv->bus);
  g_clear_pointer (&priv->name, g_free);
  G_OBJECT_CLASS (currant_adapter_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  /**
   * CurrantAdapter:bus: (getter get_bus)
   *
   * The bus that the messages are published on.
   *
   * Since: 1.0
   */
  properties[PROP_BUS] =
      g_param_spec_object ("bus", NULL, NULL, CURRANT_TYPE_BUS,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * CurrantAdapter:name: (getter get_name)
   *
   * The name of the messages: what stands before the colon, a namespace included.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] =
      g_param_spec_string ("name", NULL, NULL, NULL,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * CurrantAdapter:running: (getter is_running)
   *
   * Whether the adapter has been started and not stopped since. The notification comes in the
   * thread that starts or stops it.
   *
   * Since: 1.0
   */
  properties[PROP_RUNNING] =
      g_param_spec_boolean ("running", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (klass, N_PROPS, properties);
}

static void
currant_adapter_class_init (CurrantAdapterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = currant_adapter_set_property;
  object_class->get_property = currant_adapter_get_property;
  object_class->dispose = currant_adapter_dispose;
  object_class->finalize = currant_adapter_finalize;
  install_properties (object_class);
}

static void
currant_adapter_init (CurrantAdapter *self)
{
}

static char *
make_id (CurrantAdapter *self, const char *action)
{
  return g_strconcat (get_private (self)->name, ":", action, NULL);
}

/* The name may come from a user, so it is not an error of the programmer that it is malformed. */
static gboolean
check_name (CurrantAdapter *self, GError **error)
{
  g_autofree char *id = NULL;
  g_autoptr (CurrantIdentifier) identifier = NULL;

  if (get_private (self)->name == NULL)
    {
      g_set_error_literal (error, CURRANT_ERROR, CURRANT_ERROR_INVALID_IDENTIFIER,
                           "an adapter needs a name for its messages");
      return FALSE;
    }
  id = make_id (self, "any");
  identifier = currant_identifier_new (id, error);
  return identifier != NULL;
}

/**
 * currant_adapter_start:
 * @self: an adapter
 * @error: return location for an error
 *
 * Begins to turn events into messages, in the thread-default main context of this thread. For an
 * adapter that runs this does nothing and succeeds.
 *
 * A name that is not one gives %CURRANT_ERROR_INVALID_IDENTIFIER; what else can fail is said at
 * the kind of adapter.
 *
 * Returns: %TRUE if the adapter runs, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
currant_adapter_start (CurrantAdapter *self, GError **error)
{
  CurrantAdapterPrivate *priv;

  g_return_val_if_fail (CURRANT_IS_ADAPTER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  priv = get_private (self);
  g_return_val_if_fail (CURRANT_IS_BUS (priv->bus), FALSE);

  if (currant_adapter_is_running (self))
    return TRUE;
  if (!check_name (self, error))
    return FALSE;
  g_atomic_int_set (&priv->running, TRUE);
  if (!CURRANT_ADAPTER_GET_CLASS (self)->start (self, error))
    {
      g_atomic_int_set (&priv->running, FALSE);
      return FALSE;
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
  return TRUE;
}

/**
 * currant_adapter_stop:
 * @self: an adapter
 *
 * Ends the messages. When it returns in the context that the adapter was started in, none comes any
 * more; when it is called in another thread, one that is just being published may still come. For
 * an adapter that is stopped it does nothing. It may be called during a message of the adapter's
 * own, and the adapter may be started again.
 *
 * Since: 1.0
 */
void
currant_adapter_stop (CurrantAdapter *self)
{
  g_return_if_fail (CURRANT_IS_ADAPTER (self));

  if (!g_atomic_int_compare_and_exchange (&get_private (self)->running, TRUE, FALSE))
    return;
  CURRANT_ADAPTER_GET_CLASS (self)->stop (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
}

/**
 * currant_adapter_get_bus: (get-property bus)
 * @self: an adapter
 *
 * Returns: (transfer none): the bus that the messages are published on
 *
 * Since: 1.0
 */
CurrantBus *
currant_adapter_get_bus (CurrantAdapter *self)
{
  g_return_val_if_fail (CURRANT_IS_ADAPTER (self), NULL);

  return get_private (self)->bus;
}

/**
 * currant_adapter_get_name: (get-property name)
 * @self: an adapter
 *
 * Returns: (transfer none) (nullable): the name of the messages
 *
 * Since: 1.0
 */
const char *
currant_adapter_get_name (CurrantAdapter *self)
{
  g_return_val_if_fail (CURRANT_IS_ADAPTER (self), NULL);

  return get_private (self)->name;
}

/**
 * currant_adapter_is_running: (get-property running)
 * @self: an adapter
 *
 * May be called from any thread.
 *
 * Returns: whether the adapter has been started and not stopped since
 *
 * Since: 1.0
 */
gboolean
currant_adapter_is_running (CurrantAdapter *self)
{
  g_return_val_if_fail (CURRANT_IS_ADAPTER (self), FALSE);

  return g_atomic_int_get (&get_private (self)->running);
}

/**
 * currant_adapter_publish:
 * @self: an adapter
 * @action: the action, a constant of the kind of adapter
 * @args: (nullable): the arguments, a tuple; consumed if it is floating
 * @kwargs: (nullable): named arguments, of type `a{sv}`; consumed if it is floating
 *
 * Publishes `name:action`, for implementations. An adapter that does not run publishes nothing.
 *
 * Returns: how many followers and queues took the message
 *
 * Since: 1.0
 */
guint
currant_adapter_publish (CurrantAdapter *self, const char *action, GVariant *args, GVariant *kwargs)
{
  g_autoptr (GVariant) own_args = args != NULL ? g_variant_ref_sink (args) : NULL;
  g_autoptr (GVariant) own_kwargs = kwargs != NULL ? g_variant_ref_sink (kwargs) : NULL;
  g_autofree char *id = NULL;

  g_return_val_if_fail (CURRANT_IS_ADAPTER (self), 0);
  g_return_val_if_fail (action != NULL, 0);

  if (!currant_adapter_is_running (self))
    return 0;
  id = make_id (self, action);
  return currant_bus_publish_variant (get_private (self)->bus, id, own_args, own_kwargs);
}
