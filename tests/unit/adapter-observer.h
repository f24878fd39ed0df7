/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A scratch directory with an observer on it, and what the observer says, as text. Everything that
 * a test does to files it does between two turns of the main context, so the observer sees it
 * whole.
 */
#pragma once

#include "currant-test.h"

#include <currant-adapters.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *scratch; /* with the root in it, and whatever a test wants beside the root */
  CurrantBus *bus;
  CurrantFollower *follower;
  CurrantAdapter *observer;
  GPtrArray *said; /* "created a/b", paths relative to the scratch directory; not `ready` */
  guint n_ready;
  guint64 n_entries; /* as `ready` said */
  guint n_sentinels;
} ObserverFixture;

static inline char *
fixture_path (ObserverFixture *self, const char *name)
{
  return g_build_filename (self->scratch, name, NULL);
}

static inline const char *
fixture_relative (ObserverFixture *self, const char *path)
{
  gsize length = strlen (self->scratch);

  g_assert_true (g_str_has_prefix (path, self->scratch));
  return path[length] == '/' ? path + length + 1 : ".";
}

static inline void
fixture_take (CurrantMessage *message, gpointer data)
{
  ObserverFixture *self = data;
  GVariant *args = currant_message_get_args (message);
  const char *action = currant_message_get_action (message);
  g_autoptr (GString) text = g_string_new (action);

  if (strcmp (action, "ready") == 0)
    {
      self->n_ready++;
      g_assert_true (currant_message_lookup (message, "entries", "t", &self->n_entries));
      return;
    }
  for (gsize i = 0; i < g_variant_n_children (args); i++)
    {
      g_autoptr (GVariant) argument = g_variant_get_child_value (args, i);
      const char *path = g_variant_get_string (argument, NULL);
      g_string_append_printf (text, " %s", path[0] == '/' ? fixture_relative (self, path) : path);
    }
  g_ptr_array_add (self->said, g_string_free (g_steal_pointer (&text), FALSE));
}

static inline void
fixture_set_up (ObserverFixture *self)
{
  self->scratch = g_dir_make_tmp ("currant-observer-XXXXXX", NULL);
  g_assert_nonnull (self->scratch);
  self->said = g_ptr_array_new_with_free_func (g_free);
  self->bus = currant_bus_new ();
  self->follower = currant_bus_follow_with_delivery (self->bus, "f:*", CURRANT_DELIVERY_DIRECT,
                                                     fixture_take, self, NULL);
}

static inline void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static inline void
fixture_tear_down (ObserverFixture *self)
{
  g_clear_object (&self->observer);
  g_clear_object (&self->bus);
  g_clear_pointer (&self->said, g_ptr_array_unref);
  remove_tree (self->scratch);
  g_free (self->scratch);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ObserverFixture, fixture_tear_down)

/* Watches a path below the scratch directory, and waits for the end of the first look. */
static inline void
fixture_watch (ObserverFixture *self, const char *name)
{
  g_autofree char *path = fixture_path (self, name);
  g_autoptr (GError) error = NULL;
  guint n_ready = self->n_ready;

  self->observer = CURRANT_ADAPTER (currant_file_observer_new (self->bus, "f", path));
  currant_adapter_start (self->observer, &error);
  g_assert_no_error (error);
  currant_test_iterate_until (NULL, self->n_ready > n_ready);
}

/* ---- doing something to files -------------------------------------------------------------------
 */

static inline void
write_as (ObserverFixture *self, const char *name, const char *text, const char *mode)
{
  g_autofree char *path = fixture_path (self, name);
  FILE *file = g_fopen (path, mode);

  g_assert_nonnull (file);
  g_assert_cmpint (fputs (text, file), >=, 0);
  g_assert_cmpint (fclose (file), ==, 0);
}

static inline void
write_file (ObserverFixture *self, const char *name, const char *text)
{
  write_as (self, name, text, "w");
}

static inline void
append_to_file (ObserverFixture *self, const char *name, const char *text)
{
  write_as (self, name, text, "a");
}

static inline void
make_directory (ObserverFixture *self, const char *name)
{
  g_autofree char *path = fixture_path (self, name);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
}

static inline void
move (ObserverFixture *self, const char *from, const char *to)
{
  g_autofree char *old_path = fixture_path (self, from);
  g_autofree char *path = fixture_path (self, to);

  g_assert_cmpint (g_rename (old_path, path), ==, 0);
}

static inline void
erase (ObserverFixture *self, const char *name)
{
  g_autofree char *path = fixture_path (self, name);

  remove_tree (path);
}

/* ---- what was said ------------------------------------------------------------------------------
 */

static inline char *
fixture_join (ObserverFixture *self)
{
  g_ptr_array_add (self->said, NULL);
  return g_strjoinv (", ", (char **)self->said->pdata);
}

/* All that was said since the last time, once it has as many parts, and nothing else. */
static inline void
fixture_expect (ObserverFixture *self, guint n, const char *expected)
{
  g_autofree char *joined = NULL;

  currant_test_iterate_until (NULL, self->said->len >= n);
  joined = fixture_join (self);
  g_assert_cmpstr (joined, ==, expected);
  g_ptr_array_set_size (self->said, 0);
}

static inline int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* The same for what may come in any order; what is expected is in the order of the alphabet. */
static inline void
fixture_expect_sorted (ObserverFixture *self, guint n, const char *expected)
{
  currant_test_iterate_until (NULL, self->said->len >= n);
  g_ptr_array_sort (self->said, compare_texts);
  fixture_expect (self, n, expected);
}

#define expect_one(self, expected) fixture_expect (self, 1, expected)

/*
 * Nothing more is said: a file is made, and made again, and told of. What happened before would
 * have been told of by the time of the second, however long it was held back. The root has to be a
 * directory that is watched without a glob, or with one that matches "~s".
 */
static inline void
fixture_expect_silence (ObserverFixture *self, const char *root)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/~s%u", root, ++self->n_sentinels);
      g_autofree char *expected = g_strdup_printf ("created %s", name);
      write_file (self, name, "");
      expect_one (self, expected);
    }
}
