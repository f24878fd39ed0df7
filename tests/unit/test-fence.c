/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The asymmetric fences: two threads, of which each writes and then reads what the other writes,
 * never both miss it. The one fence is free, the other is not. */
#include "config.h"

#include "currant-fence-private.h"
#include "currant-test.h"

#if defined(__linux__) && defined(__has_include)
#if __has_include(<linux/seccomp.h>)
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#define HAVE_FILTER 1
#endif
#endif

static gboolean is_alone; /* on a single processor; set before there are threads */

typedef struct
{
  char before[128];
  atomic_int x;
  char between[128];
  atomic_int y;
  char behind[128];
  atomic_uint round; /* both have begun this one */
  atomic_uint arrived;
  gboolean often_missed; /* of this round; read when both have arrived */
} Litmus;

static void
arrive (Litmus *self, guint round)
{
  if (atomic_fetch_add (&self->arrived, 1) == 2 * round + 1)
    atomic_store (&self->round, round + 1);
  while (atomic_load (&self->round) <= round)
    if (is_alone)
      g_thread_yield ();
}

static gpointer
go_often (gpointer data)
{
  Litmus *self = data;
  guint rounds = currant_test_rounds (100000);

  CURRANT_TEST_TSAN_ACQUIRE (self);
  for (guint i = 0; i < rounds; i++)
    {
      arrive (self, 2 * i);
      atomic_store_explicit (&self->x, 1, CURRANT_FENCED_STORE);
      currant_fence_light ();
      self->often_missed = atomic_load_explicit (&self->y, CURRANT_FENCED_LOAD) == 0;
      arrive (self, 2 * i + 1);
    }
  return NULL;
}

/* Begins its round a little later each time, so that they meet in all ways. */
static gboolean
go_rarely (Litmus *self, guint round)
{
  gboolean missed;

  atomic_store (&self->x, 0);
  atomic_store (&self->y, 0);
  arrive (self, 2 * round);
  for (volatile guint i = 0; i < round % 64; i++)
    ;
  atomic_store_explicit (&self->y, 1, CURRANT_FENCED_STORE);
  g_assert_true (currant_fence_heavy ());
  missed = atomic_load_explicit (&self->x, CURRANT_FENCED_LOAD) == 0;
  arrive (self, 2 * round + 1);
  return missed;
}

static void
test_never_both (void)
{
  guint rounds = currant_test_rounds (100000), n_often = 0, n_rarely = 0;
  Litmus litmus = { .round = 0 };
  GThread *thread;

  CURRANT_TEST_TSAN_RELEASE (&litmus);
  thread = g_thread_new ("often", go_often, &litmus);
  for (guint i = 0; i < rounds; i++)
    {
      gboolean missed = go_rarely (&litmus, i);

      g_assert_false (missed && litmus.often_missed);
      n_often += litmus.often_missed;
      n_rarely += missed;
    }
  g_thread_join (thread);
  g_test_message ("often missed %u, rarely missed %u of %u", n_often, n_rarely, rounds);
}

/* The same with fences that cost something on both sides, as on a system without membarrier (). */
static void
test_never_both_without_it (void)
{
  gboolean asymmetric = currant_fence_is_asymmetric;

  currant_fence_is_asymmetric = FALSE;
  test_never_both ();
  currant_fence_is_asymmetric = asymmetric;
}

#ifdef HAVE_FILTER

typedef struct
{
  CurrantBus *bus;
  atomic_bool published, over;
} Refusal;

static void
ignore (CurrantMessage *message, gpointer data)
{
  (void)message;
  (void)data;
}

static CurrantFollower *
follow (CurrantBus *bus, const char *pattern)
{
  return currant_bus_follow_with_delivery (bus, pattern, CURRANT_DELIVERY_DIRECT, ignore, NULL,
                                           NULL);
}

/* A log writer is user code: it may use the bus. */
static GLogWriterOutput
write_by_bus (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  CurrantBus *bus = data;

  follow (bus, "log:line");
  return g_log_writer_default (level, fields, n_fields, NULL);
}

static gpointer
publish_and_stay (gpointer data)
{
  Refusal *self = data;

  CURRANT_TEST_TSAN_ACQUIRE (self);
  currant_bus_publish (self->bus, "a:x", NULL);
  atomic_store (&self->published, TRUE);
  currant_test_spin_until (atomic_load (&self->over));
  return NULL;
}

static void
refuse_membarrier (void)
{
  struct sock_filter steps[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = { G_N_ELEMENTS (steps), steps };

  g_assert_cmpint (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
  if (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    {
      g_printerr ("membarrier () cannot be filtered here\n");
      _exit (0);
    }
}

static void
stop_when_refused (void)
{
  Refusal refusal = { .bus = currant_bus_new () };
  CurrantFollower *follower;
  GThread *thread;

  g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
  g_log_set_writer_func (write_by_bus, refusal.bus, NULL);
  follower = follow (refusal.bus, "a:x");
  currant_bus_publish (refusal.bus, "a:x", NULL);
  CURRANT_TEST_TSAN_RELEASE (&refusal);
  thread = g_thread_new ("publisher", publish_and_stay, &refusal);
  currant_test_spin_until (atomic_load (&refusal.published));
  refuse_membarrier ();
  currant_follower_stop (follower);
  atomic_store (&refusal.over, TRUE);
  g_thread_join (thread);
}

/* The kernel begins to refuse what it granted: nothing is freed, and the warning comes without a
 * lock. */
static void
test_refused (void)
{
  if (!currant_fence_is_asymmetric)
    {
      g_test_skip ("there is no membarrier () to be refused");
      return;
    }
  if (g_test_subprocess ())
    {
      stop_when_refused ();
      _exit (0);
    }
  g_test_trap_subprocess (NULL, 10 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*membarrier*");
}

#endif

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_fence_init ();
  is_alone = g_get_num_processors () == 1;
  currant_test_add ("/fence/never-both", test_never_both);
  currant_test_add ("/fence/never-both-without-it", test_never_both_without_it);
#ifdef HAVE_FILTER
  currant_test_add ("/fence/refused", test_refused);
#endif
  return g_test_run ();
}
