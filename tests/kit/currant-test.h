/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The test kit: what every test program of the project shares.
 *
 * - a watchdog: a test that hangs aborts and says what it was waiting for;
 * - waiting for conditions, never for time;
 * - a thread that runs a main loop of its own;
 * - a recorder, which is a follower's callback that keeps what it is given;
 * - traps for misuse, and small probes of the process (descriptors, threads, memory).
 *
 * Environment: CURRANT_TEST_TIMEOUT_SCALE stretches the watchdog (valgrind, sanitizers),
 * CURRANT_TEST_SEED fixes the random numbers, CURRANT_TEST_ROUNDS the length of the long tests.
 */
#pragma once

#include <currant.h>

G_BEGIN_DECLS

/*
 * GLib's own locks and hand-overs are invisible to ThreadSanitizer (it is not built with it), so
 * where a test passes data through GLib it names the edge itself.
 */
#if defined(__SANITIZE_THREAD__)
#define CURRANT_TEST_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CURRANT_TEST_TSAN 1
#endif
#endif

#ifdef CURRANT_TEST_TSAN
#include <sanitizer/tsan_interface.h>
#define CURRANT_TEST_TSAN_ACQUIRE(pointer) __tsan_acquire ((void *)(pointer))
#define CURRANT_TEST_TSAN_RELEASE(pointer) __tsan_release ((void *)(pointer))
#else
#define CURRANT_TEST_TSAN_ACQUIRE(pointer) ((void)(pointer))
#define CURRANT_TEST_TSAN_RELEASE(pointer) ((void)(pointer))
#endif

#if defined(__SANITIZE_ADDRESS__)
#define CURRANT_TEST_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CURRANT_TEST_ASAN 1
#endif
#endif

/* Starting, and the watchdog. */

void currant_test_init (int *argc, char ***argv);
void currant_test_add (const char *path, GTestFunc func);
void currant_test_watchdog (guint seconds);
gboolean currant_test_is_instrumented (void);

/* Numbers that a run may choose. */

GRand *currant_test_rand_new (void);
guint currant_test_rounds (guint standard);
double currant_test_number_from_env (const char *name, double standard);

/* Waiting. The text of the condition is what the watchdog prints. */

void currant_test_waiting_for (const char *what);
void currant_test_iterate (GMainContext *context);
void currant_test_drain (GMainContext *context);

#define CURRANT_TEST_STRING_(x) #x
#define CURRANT_TEST_STRING(x) CURRANT_TEST_STRING_ (x)
#define CURRANT_TEST_WHERE(text) text " (" __FILE__ ":" CURRANT_TEST_STRING (__LINE__) ")"

/* Iterates a context of this thread until a condition holds. */
#define currant_test_iterate_until(context, condition)                                             \
  G_STMT_START                                                                                     \
  {                                                                                                \
    currant_test_waiting_for (CURRANT_TEST_WHERE (#condition));                                    \
    while (!(condition))                                                                           \
      currant_test_iterate (context);                                                              \
    currant_test_waiting_for (NULL);                                                               \
  }                                                                                                \
  G_STMT_END

/* Yields until a condition that another thread makes true, atomically, holds. */
#define currant_test_spin_until(condition)                                                         \
  G_STMT_START                                                                                     \
  {                                                                                                \
    currant_test_waiting_for (CURRANT_TEST_WHERE (#condition));                                    \
    while (!(condition))                                                                           \
      g_thread_yield ();                                                                           \
    currant_test_waiting_for (NULL);                                                               \
  }                                                                                                \
  G_STMT_END

/* A thread that runs a main loop of its own. */

typedef struct _CurrantTestLoop CurrantTestLoop;

CurrantTestLoop *currant_test_loop_new (void);
void currant_test_loop_free (CurrantTestLoop *self);
GMainContext *currant_test_loop_get_context (CurrantTestLoop *self);
GThread *currant_test_loop_get_thread (CurrantTestLoop *self);
void currant_test_loop_call (CurrantTestLoop *self, GFunc func, gpointer a, gpointer b);
void currant_test_loop_sync (CurrantTestLoop *self);
void currant_test_loop_hold (CurrantTestLoop *self);
void currant_test_loop_release (CurrantTestLoop *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrantTestLoop, currant_test_loop_free)

/* A follower's callback that keeps what it is given, from any thread. */

typedef struct _CurrantTestRecorder CurrantTestRecorder;

CurrantTestRecorder *currant_test_recorder_new (void);
void currant_test_recorder_free (CurrantTestRecorder *self);
void currant_test_recorder_take (CurrantMessage *message, gpointer recorder);
guint currant_test_recorder_count (CurrantTestRecorder *self);
CurrantMessage *currant_test_recorder_peek (CurrantTestRecorder *self, guint index);
GThread *currant_test_recorder_thread (CurrantTestRecorder *self, guint index);
gint64 currant_test_recorder_time (CurrantTestRecorder *self, guint index);
int currant_test_recorder_number (CurrantTestRecorder *self, guint index);
char *currant_test_recorder_ids (CurrantTestRecorder *self);
char *currant_test_recorder_numbers (CurrantTestRecorder *self);
void currant_test_recorder_clear (CurrantTestRecorder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrantTestRecorder, currant_test_recorder_free)

#define currant_test_assert_ids(recorder, expected)                                                \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *ids_ = currant_test_recorder_ids (recorder);                                  \
    g_assert_cmpstr (ids_, ==, expected);                                                          \
  }                                                                                                \
  G_STMT_END

#define currant_test_assert_numbers(recorder, expected)                                            \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *numbers_ = currant_test_recorder_numbers (recorder);                          \
    g_assert_cmpstr (numbers_, ==, expected);                                                      \
  }                                                                                                \
  G_STMT_END

/* Short ways to the values under test. They abort where the text is malformed. */

CurrantPattern *currant_test_pattern (const char *text);
CurrantIdentifier *currant_test_identifier (const char *text);
CurrantFollower *currant_test_follower_new (const char *pattern, CurrantDelivery delivery,
                                            CurrantFollowerFunc callback, gpointer user_data);
int currant_test_message_number (CurrantMessage *message);

/* What a bus counts. */

guint64 currant_test_stat (CurrantBus *bus, const char *key);
guint currant_test_stat_now (CurrantBus *bus, const char *key);
void currant_test_assert_balance (CurrantBus *bus);

/* Probes of the process. */

guint currant_test_count_fds (void);
guint currant_test_count_threads (void);
gsize currant_test_resident_bytes (void);

/*
 * Misuse: runs func in a child where criticals are not fatal. The child has to come through it,
 * and to have said what the pattern wants.
 */

typedef struct
{
  const char *path;
  GTestFunc func;
  const char *complaint; /* a glob over the child's standard error, after "CRITICAL" */
} CurrantTestMisuse;

void currant_test_add_misuse (const CurrantTestMisuse *misuse);

G_END_DECLS
