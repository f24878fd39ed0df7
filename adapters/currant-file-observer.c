/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-file-observer.h"

#include "currant-file-watcher-private.h"

/**
 * CurrantFileObserver:
 *
 * An adapter that publishes what happens to files.
 *
 * The path says what is watched. A leading `~/` stands for the home directory.
 *
 * - `~/log`: a directory and all below it, or a single file; what is there decides, and it may
 *   change. It need not be there yet.
 * - `~/log/xxx*.log`: the names in a directory that match a shell glob.
 * - `**` as the last component: all below the directory before it. With one more component, the
 *   names below that directory that match this glob, however deep. As in the shell, a leading dot
 * is matched only by a dot.
 *
 * Symbolic links below the root are watched as the links that they are.
 *
 * The messages are, for an observer with the name `local_log`:
 *
 * | message | arguments | when |
 * |---|---|---|
 * | `local_log:created` | `(s)` path | something is new, or was moved in |
 * | `local_log:modified` | `(s)` path | its content is another, in place or by a new file of that
 * name | | `local_log:removed` | `(s)` path | it is gone, or was moved out | | `local_log:renamed`
 * | `(ss)` old and new path | it has another name; a directory takes its content along | |
 * `local_log:attributes` | `(s)` path | its mode, owner, links or extended attributes are others |
 * | `local_log:ready` | `(s)` root | the first look is done: from now on everything is told |
 * | `local_log:rescan` | `(s)` root | everything is being looked at again |
 * | `local_log:error` | `(ss)` path and text | something cannot be watched or read |
 *
 * Paths are absolute. One that is not UTF-8 is given with the other bytes replaced, and then also
 * as it is, in the named argument `path` of type `ay` (and `old-path` where there is an old one).
 * Messages about directories have the named argument `directory`, `true`. `ready` has `entries`
 * (`t`), the number of entries that were found; what is there at the beginning is not told of
 * otherwise. `rescan` has `reason` (`s`): `requested`, or `burst` after so many changes that the
 * kernel may have dropped some. `error` has `domain` (`s`), `code` (`i`) and `unwatched` (`u`), how
 * many directories are without a watch; those are listed every two seconds instead.
 *
 * The messages tell the difference between two states that were both on the disk. A path is told of
 * when nothing has happened to it for 50 ms, or 500 ms after it began; a file in use, when it is
 * closed after writing. So a file that is created and removed at once may go unmentioned, a write
 * to a temporary file that is then renamed over another is one `modified` of the other, and the
 * content of a new directory is told of once each, after it.
 *
 * It works on the monitors of GIO, so it sees what the kernel tells of: not what other machines do
 * on a network file system, nor writes through memory mappings. [method@FileObserver.rescan] looks
 * at everything.
 *
 * Since: 1.0
 */
struct _CurrantFileObserver
{
  CurrantAdapter parent_instance;

  char *path;            /* immutable after construction */
  gboolean recursive;    /* used by start */
  GMainContext *context; /* of the run; NULL while stopped */
  CurrantFileWatcher *watcher;
  CurrantTopic *topics[CURRANT_FILE_N_EVENTS]; /* immutable after the first start */
};

G_DEFINE_FINAL_TYPE (CurrantFileObserver, currant_file_observer, CURRANT_TYPE_ADAPTER)

enum
{
  PROP_PATH = 1,
  PROP_RECURSIVE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static const char *const actions[CURRANT_FILE_N_EVENTS] = {
  [CURRANT_FILE_CREATED] = "created",    [CURRANT_FILE_WRITTEN] = "modified",
  [CURRANT_FILE_REMOVED] = "removed",    [CURRANT_FILE_RENAMED] = "renamed",
  [CURRANT_FILE_TOUCHED] = "attributes", [CURRANT_FILE_READY] = "ready",
  [CURRANT_FILE_RESCAN] = "rescan",      [CURRANT_FILE_ERROR] = "error",
};

/* ---- messages ----------------------------------------------------------------------------------
 */

static void
add_bytes (GVariantDict *kwargs, const char *key, const char *path)
{
  if (path != NULL && !g_utf8_validate (path, -1, NULL))
    g_variant_dict_insert_value (kwargs, key, g_variant_new_bytestring (path));
}

static void
add_details (GVariantDict *kwargs, CurrantFileChange *change)
{
  if (change->event == CURRANT_FILE_READY)
    g_variant_dict_insert (kwargs, "entries", "t", (guint64)change->count);
  if (change->reason != NULL)
    g_variant_dict_insert (kwargs, "reason", "s", change->reason);
  if (change->error != NULL)
    {
      g_variant_dict_insert (kwargs, "domain", "s", g_quark_to_string (change->error->domain));
      g_variant_dict_insert (kwargs, "code", "i", change->error->code);
      g_variant_dict_insert (kwargs, "unwatched", "u", change->count);
    }
}

static GVariant *
make_kwargs (CurrantFileChange *change)
{
  GVariantDict kwargs;

  g_variant_dict_init (&kwargs, NULL);
  add_bytes (&kwargs, "path", change->path);
  add_bytes (&kwargs, "old-path", change->old_path);
  if (change->directory)
    g_variant_dict_insert (&kwargs, "directory", "b", TRUE);
  add_details (&kwargs, change);
  return g_variant_dict_end (&kwargs);
}

static GVariant *
make_args (CurrantFileChange *change)
{
  g_autofree char *path = g_utf8_make_valid (change->path, -1);
  g_autofree char *old_path = NULL;

  if (change->error != NULL)
    return g_variant_new ("(ss)", path, change->error->message);
  if (change->old_path == NULL)
    return g_variant_new ("(s)", path);
  old_path = g_utf8_make_valid (change->old_path, -1);
  return g_variant_new ("(ss)", old_path, path);
}

/* What most messages are: a file with a name like any other, which needs no GVariant. */
static gboolean
is_plain (CurrantFileChange *change)
{
  return change->event <= CURRANT_FILE_TOUCHED && !change->directory
         && g_utf8_validate (change->path, -1, NULL)
         && (change->old_path == NULL || g_utf8_validate (change->old_path, -1, NULL));
}

/* In the context of the run. */
static void
on_change (CurrantFileChange *change, gpointer owner)
{
  CurrantFileObserver *self = owner;
  CurrantTopic *topic = self->topics[change->event];

  if (!currant_adapter_is_running (CURRANT_ADAPTER (self)))
    return;
  if (!is_plain (change))
    currant_topic_publish_variant (topic, make_args (change), make_kwargs (change));
  else if (change->old_path != NULL)
    currant_topic_publish (topic, "(ss)", change->old_path, change->path);
  else
    currant_topic_publish (topic, "(s)", change->path);
}

/* ---- life --------------------------------------------------------------------------------------
 */

static gboolean
find_topics (CurrantFileObserver *self, GError **error)
{
  CurrantBus *bus = currant_adapter_get_bus (CURRANT_ADAPTER (self));
  const char *name = currant_adapter_get_name (CURRANT_ADAPTER (self));

  for (guint i = 0; i < CURRANT_FILE_N_EVENTS; i++)
    if (self->topics[i] == NULL)
      {
        g_autofree char *id = g_strconcat (name, ":", actions[i], NULL);
        self->topics[i] = currant_bus_get_topic (bus, id, error);
        if (self->topics[i] == NULL)
          return FALSE;
      }
  return TRUE;
}

static gboolean
currant_file_observer_start (CurrantAdapter *adapter, GError **error)
{
  CurrantFileObserver *self = CURRANT_FILE_OBSERVER (adapter);
  CurrantFileTarget *target;

  if (!find_topics (self, error))
    return FALSE;
  target = currant_file_target_new (self->path, self->recursive, error);
  if (target == NULL)
    return FALSE;
  self->context = g_main_context_ref_thread_default ();
  self->watcher = currant_file_watcher_new (target, on_change, G_OBJECT (self));
  currant_file_watcher_start (self->watcher, self->context);
  return TRUE;
}

static void
currant_file_observer_stop (CurrantAdapter *adapter)
{
  CurrantFileObserver *self = CURRANT_FILE_OBSERVER (adapter);

  currant_file_watcher_stop (self->watcher, self->context);
  g_clear_pointer (&self->watcher, currant_file_watcher_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
}

static void
currant_file_observer_set_property (GObject *object, guint id, const GValue *value,
                                    GParamSpec *pspec)
{
  CurrantFileObserver *self = CURRANT_FILE_OBSERVER (object);

  switch (id)
    {
    case PROP_PATH:
      self->path = g_value_dup_string (value);
      break;
    case PROP_RECURSIVE:
      currant_file_observer_set_recursive (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
currant_file_observer_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CurrantFileObserver *self = CURRANT_FILE_OBSERVER (object);

  switch (id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_RECURSIVE:
      g_value_set_boolean (value, self->recursive);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
currant_file_observer_finalize (GObject *object)
{
  CurrantFileObserver *self = CURRANT_FILE_OBSERVER (object);

  for (guint i = 0; i < CURRANT_FILE_N_EVENTS; i++)
    g_clear_pointer (&self->topics[i], currant_topic_unref);
  g_clear_pointer (&self->path, g_free);
  G_OBJECT_CLASS (currant_file_observer_parent_class)->finalize (object);
}

static void
currant_file_observer_class_init (CurrantFileObserverClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  CurrantAdapterClass *adapter_class = CURRANT_ADAPTER_CLASS (klass);

  object_class->set_property = currant_file_observer_set_property;
  object_class->get_property = currant_file_observer_get_property;
  object_class->finalize = currant_file_observer_finalize;
  adapter_class->start = currant_file_observer_start;
  adapter_class->stop = currant_file_observer_stop;

  /**
   * CurrantFileObserver:path: (getter get_path)
   *
   * What is watched: a directory, a file, or a glob, as it was given.
   *
   * Since: 1.0
   */
  properties[PROP_PATH] =
      g_param_spec_string ("path", NULL, NULL, NULL,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * CurrantFileObserver:recursive: (getter get_recursive) (setter set_recursive)
   *
   * Whether a path without a wildcard, if it is a directory, is watched with the directories below
   * it. A change takes effect with the next start.
   *
   * Since: 1.0
   */
  properties[PROP_RECURSIVE] = g_param_spec_boolean (
      "recursive", NULL, NULL, TRUE,
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
currant_file_observer_init (CurrantFileObserver *self)
{
}

/**
 * currant_file_observer_new:
 * @bus: a bus
 * @name: the name of the messages, `local_log` for `local_log:created`
 * @path: (type filename): a directory, a file, or a glob
 *
 * Makes an observer. It has to be started with [method@Adapter.start], which fails with
 * %G_IO_ERROR_INVALID_FILENAME for a path that is empty or has a wildcard where none may stand. A
 * path that does not exist is waited for.
 *
 * Returns: (transfer full): a new observer
 *
 * Since: 1.0
 */
CurrantFileObserver *
currant_file_observer_new (CurrantBus *bus, const char *name, const char *path)
{
  g_return_val_if_fail (CURRANT_IS_BUS (bus), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (path != NULL, NULL);

  return g_object_new (CURRANT_TYPE_FILE_OBSERVER, "bus", bus, "name", name, "path", path, NULL);
}

/**
 * currant_file_observer_get_path: (get-property path)
 * @self: an observer
 *
 * Returns: (transfer none) (type filename): what is watched, as it was given
 *
 * Since: 1.0
 */
const char *
currant_file_observer_get_path (CurrantFileObserver *self)
{
  g_return_val_if_fail (CURRANT_IS_FILE_OBSERVER (self), NULL);

  return self->path;
}

/**
 * currant_file_observer_get_recursive: (get-property recursive)
 * @self: an observer
 *
 * Returns: whether a directory is watched with the directories below it
 *
 * Since: 1.0
 */
gboolean
currant_file_observer_get_recursive (CurrantFileObserver *self)
{
  g_return_val_if_fail (CURRANT_IS_FILE_OBSERVER (self), FALSE);

  return self->recursive;
}

/**
 * currant_file_observer_set_recursive: (set-property recursive)
 * @self: an observer
 * @recursive: whether to watch a directory with the directories below it
 *
 * Takes effect with the next start. Of a path with a wildcard the wildcard decides.
 *
 * Since: 1.0
 */
void
currant_file_observer_set_recursive (CurrantFileObserver *self, gboolean recursive)
{
  g_return_if_fail (CURRANT_IS_FILE_OBSERVER (self));

  if (self->recursive == !!recursive)
    return;
  self->recursive = !!recursive;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECURSIVE]);
}

/**
 * currant_file_observer_rescan:
 * @self: an observer
 *
 * Looks at everything again, and publishes what is different from what is known, after a `rescan`.
 * That is for file systems whose changes the kernel does not tell of. It may be called from any
 * thread that could stop the observer. An observer that does not run does nothing.
 *
 * Since: 1.0
 */
void
currant_file_observer_rescan (CurrantFileObserver *self)
{
  g_return_if_fail (CURRANT_IS_FILE_OBSERVER (self));

  if (currant_adapter_is_running (CURRANT_ADAPTER (self)))
    currant_file_watcher_rescan (self->watcher, self->context);
}
