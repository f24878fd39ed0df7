/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starting, the watchdog, waiting, probes and traps. Loops and recorders have files of their own.
 */
#include "config.h"

#include "currant-test.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef CURRANT_TEST_ASAN
#include <sanitizer/lsan_interface.h>
#endif

#define WATCHDOG_SECONDS 60

static const char *waiting_for; /* atomic; read in the signal handler */
static char current_test[256];  /* written between tests only */

/* In the signal handler: only what is async-signal-safe. */
static void
complain (const char *text)
{
  size_t left = strlen (text);

  while (left > 0)
    {
      ssize_t n = write (STDERR_FILENO, text, left);
      if (n < 0 && errno != EINTR)
        return;
      if (n > 0)
        {
          text += n;
          left -= n;
        }
    }
}

static void
on_alarm (int signal_number)
{
  const char *what = g_atomic_pointer_get (&waiting_for);

  (void)signal_number;
  complain ("Bail out! watchdog: ");
  complain (current_test[0] != '\0' ? current_test : "the program");
  complain (" did not end in time");
  complain (what != NULL ? ", waiting for " : "");
  complain (what != NULL ? what : "");
  complain ("\n");
  abort ();
}

double
currant_test_number_from_env (const char *name, double standard)
{
  const char *text = g_getenv (name);
  double value = text != NULL ? g_ascii_strtod (text, NULL) : 0;

  return value > 0 ? value : standard;
}

/* (Re)starts the watchdog; 0 stops it. */
void
currant_test_watchdog (guint seconds)
{
  alarm ((guint)(seconds * currant_test_number_from_env ("CURRANT_TEST_TIMEOUT_SCALE", 1)));
}

/* GLib makes the inside of a GRecMutex when it is first locked, and hands it over by an atomic
 * pointer that ThreadSanitizer cannot see. So those that it keeps for itself are locked once before
 * there are threads. */
static void
warm_up (void)
{
  g_variant_unref (g_variant_ref_sink (g_variant_new ("(i)", 0)));
  g_type_class_unref (g_type_class_ref (G_TYPE_OBJECT));
}

void
currant_test_init (int *argc, char ***argv)
{
  struct sigaction action = { .sa_handler = on_alarm };

  g_test_init (argc, argv, NULL);
  sigaction (SIGALRM, &action, NULL);
  warm_up ();
  currant_test_watchdog (WATCHDOG_SECONDS);
}

static void
run_watched (gconstpointer data)
{
  GTestFunc func = (GTestFunc)data;

  g_strlcpy (current_test, g_test_get_path (), sizeof current_test);
  currant_test_watchdog (WATCHDOG_SECONDS);
  func ();
}

/* Like g_test_add_func(), with a watchdog of its own for each test. */
void
currant_test_add (const char *path, GTestFunc func)
{
  g_test_add_data_func (path, (gconstpointer)func, run_watched);
}

/* Whether the program is slowed down so much that figures of speed and memory mean nothing. */
gboolean
currant_test_is_instrumented (void)
{
#if defined(CURRANT_TEST_TSAN) || defined(CURRANT_TEST_ASAN)
  return TRUE;
#else
  return currant_test_number_from_env ("CURRANT_TEST_TIMEOUT_SCALE", 1) > 1;
#endif
}

/* Prints its seed, so that a failed run can be repeated. */
GRand *
currant_test_rand_new (void)
{
  const char *text = g_getenv ("CURRANT_TEST_SEED");
  guint32 seed = text != NULL ? (guint32)g_ascii_strtoull (text, NULL, 10) : g_random_int ();

  g_test_message ("CURRANT_TEST_SEED=%u", seed);
  return g_rand_new_with_seed (seed);
}

guint
currant_test_rounds (guint standard)
{
  return (guint)currant_test_number_from_env ("CURRANT_TEST_ROUNDS", standard);
}

void
currant_test_waiting_for (const char *what)
{
  g_atomic_pointer_set (&waiting_for, what);
}

static gboolean
on_tick (gpointer data)
{
  (void)data;
  return G_SOURCE_REMOVE;
}

/*
 * One turn of a context. It looks again within a millisecond even when nothing wakes the context,
 * since the caller's condition may be one that another thread makes true.
 */
void
currant_test_iterate (GMainContext *context)
{
  g_autoptr (GSource) tick = g_timeout_source_new (1);

  g_source_set_name (tick, "currant-test-tick");
  g_source_set_callback (tick, on_tick, NULL, NULL);
  g_source_attach (tick, context);
  g_main_context_iteration (context, TRUE);
  g_source_destroy (tick);
}

/* Runs what is ready, until nothing is. */
void
currant_test_drain (GMainContext *context)
{
  while (g_main_context_iteration (context, FALSE))
    ;
}

CurrantPattern *
currant_test_pattern (const char *text)
{
  g_autoptr (GError) error = NULL;
  CurrantPattern *pattern = currant_pattern_new (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (pattern);
  return pattern;
}

CurrantIdentifier *
currant_test_identifier (const char *text)
{
  g_autoptr (GError) error = NULL;
  CurrantIdentifier *identifier = currant_identifier_new (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (identifier);
  return identifier;
}

CurrantFollower *
currant_test_follower_new (const char *pattern, CurrantDelivery delivery,
                           CurrantFollowerFunc callback, gpointer user_data)
{
  g_autoptr (CurrantPattern) parsed = currant_test_pattern (pattern);
  CurrantFollower *follower = currant_follower_new (parsed, callback, user_data, NULL);

  currant_follower_set_delivery (follower, delivery);
  return follower;
}

/* The one argument of a message published with "(i)". */
int
currant_test_message_number (CurrantMessage *message)
{
  int number = G_MININT;

  g_assert_true (currant_message_get (message, "(i)", &number));
  return number;
}

guint64
currant_test_stat (CurrantBus *bus, const char *key)
{
  g_autoptr (GVariant) stats = g_variant_take_ref (currant_bus_get_stats (bus));
  guint64 value = 0;

  g_assert_true (g_variant_is_of_type (stats, G_VARIANT_TYPE_VARDICT));
  if (!g_variant_lookup (stats, key, "t", &value))
    g_error ("no statistic \"%s\" of type t", key);
  return value;
}

/* For the figures that say how many there are now. */
guint
currant_test_stat_now (CurrantBus *bus, const char *key)
{
  g_autoptr (GVariant) stats = g_variant_take_ref (currant_bus_get_stats (bus));
  guint value = 0;

  if (!g_variant_lookup (stats, key, "u", &value))
    g_error ("no statistic \"%s\" of type u", key);
  return value;
}

/* Every message that a receiver should have had is accounted for, once. */
void
currant_test_assert_balance (CurrantBus *bus)
{
  static const char *const parts[] = { "delivered", "dropped",   "discarded",
                                       "expired",   "conflated", "waiting" };
  guint64 sum = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    sum += currant_test_stat (bus, parts[i]);
  g_assert_cmpuint (currant_test_stat (bus, "matched"), ==, sum);
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

guint
currant_test_count_fds (void)
{
  return count_entries ("/proc/self/fd");
}

guint
currant_test_count_threads (void)
{
  return count_entries ("/proc/self/task");
}

gsize
currant_test_resident_bytes (void)
{
  g_autofree char *text = NULL;
  const char *second;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  second = strchr (text, ' ');
  g_assert_nonnull (second);
  return (gsize)g_ascii_strtoull (second, NULL, 10) * (gsize)sysconf (_SC_PAGESIZE);
}

/* What is refused is not consumed, so a floating variant given to it leaks: that is the price of
 * misuse and not of the library. */
static void
ignore_leaks (void)
{
#ifdef CURRANT_TEST_ASAN
  __lsan_disable ();
#endif
}

static void
run_misuse (gconstpointer data)
{
  const CurrantTestMisuse *misuse = data;
  g_autofree char *complaint = g_strdup_printf ("*CRITICAL*%s*", misuse->complaint);

  if (g_test_subprocess ())
    {
      g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
      ignore_leaks ();
      misuse->func ();
      return;
    }
  g_strlcpy (current_test, g_test_get_path (), sizeof current_test);
  currant_test_watchdog (WATCHDOG_SECONDS);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr (complaint);
}

void
currant_test_add_misuse (const CurrantTestMisuse *misuse)
{
  g_test_add_data_func (misuse->path, misuse, run_misuse);
}
