/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random operations on a tree, at random moments, against a model that knows only the messages: it
 * keeps the names that were told of, and reads a file when it is told that there is something new
 * in it. Every message has to make sense in the model, and in the end the model has to be the disk.
 */
#include "config.h"

#include "adapter-observer.h"

#define N_NAMES 6
#define MAX_DEPTH 6

typedef struct
{
  ObserverFixture fixture;
  GRand *rand;
  GHashTable *model; /* path -> content, or "/" for a directory */
  guint n_messages;
} Play;

/* ---- the model ----------------------------------------------------------------------------------
 */

/* A file that is gone again when its message comes is told of once more. */
static char *
read_entry (const char *path)
{
  char *content = NULL;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_strdup ("/");
  if (!g_file_get_contents (path, &content, NULL, NULL))
    return g_strdup ("");
  return content;
}

static void
model_create (Play *play, const char *path)
{
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_false (g_hash_table_contains (play->model, path));
  g_assert_true (g_hash_table_contains (play->model, parent));
  g_hash_table_insert (play->model, g_strdup (path), read_entry (path));
}

static void
model_modify (Play *play, const char *path)
{
  g_assert_true (g_hash_table_contains (play->model, path));
  g_hash_table_insert (play->model, g_strdup (path), read_entry (path));
}

static gboolean
is_below (gpointer path, gpointer value, gpointer directory)
{
  return g_str_has_prefix (path, directory);
}

static void
model_remove (Play *play, const char *path)
{
  g_autofree char *prefix = g_strconcat (path, "/", NULL);

  g_assert_true (g_hash_table_remove (play->model, path));
  g_assert_null (g_hash_table_find (play->model, is_below, prefix));
}

static void
model_rename (Play *play, const char *old_path, const char *path)
{
  g_autofree char *prefix = g_strconcat (old_path, "/", NULL);
  GHashTableIter iter;
  gpointer key;
  gpointer value;
  g_autoptr (GPtrArray) moved = g_ptr_array_new ();

  g_assert_true (g_hash_table_contains (play->model, old_path));
  g_assert_false (g_hash_table_contains (play->model, path));
  g_hash_table_iter_init (&iter, play->model);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (strcmp (key, old_path) == 0 || is_below (key, value, prefix))
      {
        g_ptr_array_add (moved, g_strconcat (path, (char *)key + strlen (old_path), NULL));
        g_ptr_array_add (moved, g_strdup (value));
        g_hash_table_iter_remove (&iter);
      }
  for (guint i = 0; i < moved->len; i += 2)
    g_hash_table_insert (play->model, moved->pdata[i], moved->pdata[i + 1]);
}

static void
on_message (CurrantMessage *message, gpointer data)
{
  Play *play = data;
  const char *action = currant_message_get_action (message);
  GVariant *args = currant_message_get_args (message);
  const char *path = NULL;
  const char *new_path = NULL;

  play->n_messages++;
  g_variant_get_child (args, 0, "&s", &path);
  if (strcmp (action, "created") == 0)
    model_create (play, path);
  else if (strcmp (action, "modified") == 0)
    model_modify (play, path);
  else if (strcmp (action, "removed") == 0)
    model_remove (play, path);
  else if (strcmp (action, "renamed") == 0)
    {
      g_variant_get_child (args, 1, "&s", &new_path);
      model_rename (play, path, new_path);
    }
  else if (strcmp (action, "attributes") == 0)
    g_assert_true (g_hash_table_contains (play->model, path));
  else
    g_assert_cmpstr (action, ==, "ready");
}

/* Whether the model is what is on the disk. */
static gboolean
is_real (Play *play, const char *path, guint *n_entries)
{
  g_autofree char *content = read_entry (path);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  (*n_entries)++;
  if (g_strcmp0 (g_hash_table_lookup (play->model, path), content) != 0)
    return FALSE;
  if (strcmp (content, "/") == 0)
    dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      if (!is_real (play, child, n_entries))
        return FALSE;
    }
  return TRUE;
}

static gboolean
model_is_real (Play *play, const char *root)
{
  guint n_entries = 0;

  return is_real (play, root, &n_entries) && n_entries == g_hash_table_size (play->model);
}

/* ---- the operations: those that cannot be done just now are not
 * ---------------------------------- */

static void
collect (const char *path, guint depth, GPtrArray *directories, GPtrArray *files)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  if (depth < MAX_DEPTH)
    g_ptr_array_add (directories, g_strdup (path));
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        collect (child, depth + 1, directories, files);
      else
        g_ptr_array_add (files, g_steal_pointer (&child));
    }
}

static const char *
pick (Play *play, GPtrArray *paths)
{
  return paths->pdata[g_rand_int_range (play->rand, 0, (int)paths->len)];
}

static char *
pick_new (Play *play, GPtrArray *directories)
{
  char name[] = { (char)('a' + g_rand_int_range (play->rand, 0, N_NAMES)), '\0' };

  return g_build_filename (pick (play, directories), name, NULL);
}

/* A file with several names is not written: the kernel tells of that under one of them only. */
static void
write_something (Play *play, const char *path)
{
  struct stat st;
  FILE *file = NULL;

  if (stat (path, &st) != 0 || st.st_nlink == 1)
    file = g_fopen (path, g_rand_boolean (play->rand) ? "w" : "a");
  if (file == NULL)
    return;
  fprintf (file, "%d", g_rand_int_range (play->rand, 0, 10));
  fclose (file);
}

static void
save (Play *play, const char *path)
{
  g_autofree char *part = g_strconcat (path, ".part", NULL);

  write_something (play, part);
  if (g_rename (part, path) != 0)
    g_remove (part);
}

static void
operate (Play *play, GPtrArray *directories, GPtrArray *files)
{
  g_autofree char *path = pick_new (play, directories);
  const char *directory = pick (play, directories);
  const char *file = files->len > 0 ? pick (play, files) : path;
  gboolean is_root = directory == directories->pdata[0];

  switch (g_rand_int_range (play->rand, 0, 12))
    {
    case 0:
    case 1:
    case 2:
      write_something (play, path);
      break;
    case 3:
      save (play, file);
      break;
    case 4:
    case 5:
      g_mkdir (path, 0700);
      break;
    case 6:
      g_rename (file, path);
      break;
    case 7:
      if (!is_root)
        g_rename (directory, path);
      break;
    case 8:
      g_unlink (file);
      break;
    case 9:
      if (!is_root)
        remove_tree (directory);
      break;
    case 10:
      if (link (file, path) != 0)
        write_something (play, file);
      break;
    default:
      g_chmod (file, g_rand_boolean (play->rand) ? 0600 : 0640);
    }
}

static void
operate_once (Play *play, const char *root)
{
  g_autoptr (GPtrArray) directories = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);

  collect (root, 0, directories, files);
  operate (play, directories, files);
}

/* Long enough that what is at rest is told of. */
static void
pause_play (void)
{
  gint64 end = g_get_monotonic_time () + 60 * G_TIME_SPAN_MILLISECOND;

  currant_test_iterate_until (NULL, g_get_monotonic_time () >= end);
}

static void
run (guint n_operations)
{
  Play play = { 0 };
  g_autofree char *root = NULL;

  play.rand = currant_test_rand_new ();
  play.model = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  fixture_set_up (&play.fixture);
  make_directory (&play.fixture, "r");
  root = fixture_path (&play.fixture, "r");
  fixture_watch (&play.fixture, "r");
  g_hash_table_insert (play.model, g_strdup (root), g_strdup ("/"));
  currant_bus_follow (play.fixture.bus, "f:*", on_message, &play, NULL);

  for (guint i = 0; i < n_operations; i++)
    {
      operate_once (&play, root);
      if (g_rand_int_range (play.rand, 0, 3) == 0)
        currant_test_iterate (NULL);
      if (g_rand_int_range (play.rand, 0, 50) == 0)
        pause_play ();
    }
  currant_test_iterate_until (NULL, model_is_real (&play, root));
  g_test_message ("%u messages", play.n_messages);

  fixture_tear_down (&play.fixture);
  g_hash_table_unref (play.model);
  g_rand_free (play.rand);
}

static void
test_random (void)
{
  for (guint i = 0; i < 5; i++)
    run (currant_test_rounds (600));
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/adapter/observer/random-operations", test_random);
  return g_test_run ();
}
