/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group B: queued connections of Qt 6, with the event dispatcher that it chooses by itself. */
#include "config.h"

#include "bench-context.h"

#include <clocale>

#define QT_NO_KEYWORDS
#include <QCoreApplication>
#include <QSignalMapper>
#include <QThread>

namespace
{

struct LoopThread : QThread
{
  void run () override
  {
    bench_pin (1);
    exec ();
  }
};

struct Peer
{
  QSignalMapper ping; /* to the thread */
  QSignalMapper pong; /* back */
  QObject there;      /* lives in the thread */
  QObject home;
  LoopThread thread;
  BenchGoal goal;
  guint64 sum;
  guint64 home_seen;
};

/* The main thread's loop belongs to the application, which there is one of. */
QCoreApplication *
application ()
{
  static int argc = 1;
  static char name[] = "bench";
  static char *argv[] = { name, nullptr };
  static QCoreApplication *app = nullptr;

  if (app == nullptr)
    {
      app = new QCoreApplication (argc, argv);
      setlocale (LC_ALL, "C"); /* which it changed, and JSON wants points */
    }
  return app;
}

void
on_ping (Peer *peer, int number)
{
  peer->sum += static_cast<guint64> (number);
  bench_goal_hit (&peer->goal);
}

gpointer
set_up (const BenchCase *bench)
{
  application ();
  auto peer = new Peer ();
  const bool echo = g_str_equal (bench->comparison, "loop-ping-pong");

  bench_goal_init (&peer->goal);
  peer->there.moveToThread (&peer->thread);
  QObject::connect (
      &peer->ping, &QSignalMapper::mappedInt, &peer->there,
      [peer, echo] (int number) {
        if (echo)
          peer->pong.mappedInt (number);
        else
          on_ping (peer, number);
      },
      Qt::QueuedConnection);
  QObject::connect (
      &peer->pong, &QSignalMapper::mappedInt, &peer->home, [peer] (int) { peer->home_seen++; },
      Qt::QueuedConnection);
  peer->thread.start ();
  return peer;
}

void
peer_free (gpointer state)
{
  auto peer = static_cast<Peer *> (state);

  peer->thread.quit ();
  peer->thread.wait ();
  bench_goal_clear (&peer->goal);
  delete peer;
}

void
run_post (BenchRun *run)
{
  auto peer = static_cast<Peer *> (run->state);

  peer->sum = 0;
  bench_goal_set (&peer->goal, run->n);
  bench_pin (0);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    peer->ping.mappedInt (static_cast<int> (i));
  bench_goal_wait (&peer->goal, run);
  if (peer->sum != static_cast<guint64> (run->n) * (run->n - 1) / 2)
    run->complaint = "the loop read other numbers than were posted";
}

void
run_self (BenchRun *run)
{
  auto peer = static_cast<Peer *> (run->state);

  peer->home_seen = 0;
  bench_start (run);
  for (gsize done = 0; done < run->n; done += CONTEXT_BATCH)
    {
      for (int i = 0; i < CONTEXT_BATCH; i++)
        peer->pong.mappedInt (i);
      while (peer->home_seen < done + CONTEXT_BATCH)
        QCoreApplication::processEvents ();
    }
  bench_stop (run);
  run->counted = peer->home_seen;
}

void
run_ping_pong (BenchRun *run)
{
  auto peer = static_cast<Peer *> (run->state);

  peer->home_seen = 0;
  bench_pin (0);
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      gint64 sent = bench_now ();

      peer->ping.mappedInt (static_cast<int> (i));
      while (peer->home_seen < i + 1)
        QCoreApplication::processEvents (QEventLoop::WaitForMoreEvents);
      bench_latency (run, bench_now () - sent);
    }
  bench_stop (run);
  run->counted = peer->home_seen;
}

void
add_case (const char *comparison, gsize granularity, void (*run) (BenchRun *))
{
  BenchCase bench = {};

  bench.comparison = comparison;
  bench.name = "Qt 6, queued";
  bench.role = BENCH_PEER;
  bench.granularity = granularity;
  bench.max_n = CONTEXT_MAX;
  bench.deliveries = 1;
  bench.setup = set_up;
  bench.run = run;
  bench.teardown = peer_free;
  bench_add (&bench);
}

void
add_qt ()
{
  add_case ("loop-post", 1, run_post);
  add_case ("loop-self", CONTEXT_BATCH, run_self);
  add_case ("loop-ping-pong", 1, run_ping_pong);
}

BENCH_CASES (add_qt)

}
