/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group A: what the libraries of signals and slots have in common. A Signal is a class with
 *
 *   typedef ... Connection;
 *   Connection connect (Tally *tally);   a slot that adds to the tally
 *   void connect_here ();                one that adds to the tally of the thread that emits
 *   void disconnect (Connection &);
 *   void emit (int value);
 */
#pragma once

#include "bench-publish.h"

#include <vector>

namespace bench
{

inline thread_local ThreadTally seen_here;

inline void
add_here (int value)
{
  seen_here.calls++;
  seen_here.sum += static_cast<guint64> (value);
}

template <class Signal> struct Peer
{
  Signal signal;
  std::vector<Tally> tallies;
  ThreadTally lanes[2];
};

template <class Signal>
gpointer
set_up (const BenchCase *bench)
{
  auto peer = new Peer<Signal> ();

  peer->tallies.resize (static_cast<gsize> (bench->param));
  for (auto &tally : peer->tallies)
    peer->signal.connect (&tally);
  return peer;
}

template <class Signal>
gpointer
set_up_threads (const BenchCase *bench)
{
  auto peer = new Peer<Signal> ();

  peer->signal.connect_here ();
  return peer;
}

template <class Signal>
void
tear_down (gpointer state)
{
  delete static_cast<Peer<Signal> *> (state);
}

template <class Signal>
void
run_emit (BenchRun *run)
{
  auto peer = static_cast<Peer<Signal> *> (run->state);

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    peer->signal.emit (static_cast<int> (i));
  bench_stop (run);
  tally_check (run, peer->tallies.data (), peer->tallies.size ());
}

template <class Signal>
void
emit_lane (BenchRun *run, guint lane)
{
  auto peer = static_cast<Peer<Signal> *> (run->state);
  const gsize n = run->n / static_cast<gsize> (run->bench->param);

  seen_here = ThreadTally ();
  for (gsize i = 0; i < n; i++)
    peer->signal.emit (static_cast<int> (i));
  peer->lanes[lane] = seen_here;
}

template <class Signal>
void
run_threads (BenchRun *run)
{
  auto peer = static_cast<Peer<Signal> *> (run->state);
  const guint n_lanes = static_cast<guint> (run->bench->param);

  bench_parallel (run, n_lanes, emit_lane<Signal>);
  for (guint i = 0; i < n_lanes; i++)
    run->counted += peer->lanes[i].calls;
}

template <class Signal>
void
run_connect (BenchRun *run)
{
  auto peer = static_cast<Peer<Signal> *> (run->state);
  Tally tally = {};

  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      auto connection = peer->signal.connect (&tally);

      run->counted++;
      peer->signal.disconnect (connection);
    }
  bench_stop (run);
  peer->signal.emit (0);
  if (tally.calls > 0)
    run->complaint = "a disconnected slot is still called";
}

template <class Signal>
void
run_connect_emit (BenchRun *run)
{
  auto peer = static_cast<Peer<Signal> *> (run->state);
  Tally come_and_gone = {};

  for (auto &tally : peer->tallies)
    tally = Tally ();
  bench_start (run);
  for (gsize i = 0; i < run->n; i++)
    {
      auto connection = peer->signal.connect (&come_and_gone);

      peer->signal.emit (0);
      peer->signal.disconnect (connection);
    }
  bench_stop (run);
  run->counted = come_and_gone.calls;
  for (auto &tally : peer->tallies)
    run->counted += tally.calls;
}

template <class Signal>
void
add_case (const char *comparison, const char *name, gint64 param, guint deliveries,
          gpointer (*set_up_func) (const BenchCase *), void (*run) (BenchRun *))
{
  BenchCase bench = {};

  bench.comparison = comparison;
  bench.name = name;
  bench.role = BENCH_PEER;
  bench.param = param;
  bench.deliveries = deliveries;
  bench.setup = set_up_func;
  bench.run = run;
  bench.teardown = tear_down<Signal>;
  if (g_str_equal (comparison, "threads"))
    bench.granularity = static_cast<gsize> (param);
  bench_add (&bench);
}

template <class Signal>
void
add_one_thread (const char *name)
{
  const gint64 many = bench_is_quick () ? 1000 : 10000;
  const auto called = [name] (const char *what) {
    g_autofree char *text = g_strdup_printf ("%s %s", name, what);

    return g_intern_string (text);
  };

  for (gint64 n : { 0, 1, 10, 100 })
    add_case<Signal> (publish_comparison (n), name, n, static_cast<guint> (n), set_up<Signal>,
                      run_emit<Signal>);
  add_case<Signal> ("churn", called ("connect+disconnect, 10 there"), 10, 1, set_up<Signal>,
                    run_connect<Signal>);
  add_case<Signal> ("churn", called ("connect+disconnect, 10k there"), many, 1, set_up<Signal>,
                    run_connect<Signal>);
  add_case<Signal> ("churn", called ("connect+emit+disconnect, 10 there"), 10, 11, set_up<Signal>,
                    run_connect_emit<Signal>);
}

template <class Signal>
void
add_two_threads (const char *one, const char *two)
{
  add_case<Signal> ("threads", one, 1, 1, set_up_threads<Signal>, run_threads<Signal>);
  add_case<Signal> ("threads", two, 2, 1, set_up_threads<Signal>, run_threads<Signal>);
}

}
