/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group A: Boost.Signals2, with its own mutex, as it comes. */
#include "config.h"

#include "bench-publish-peer.hh"

#include <boost/signals2.hpp>

namespace
{

struct Signal
{
  typedef boost::signals2::connection Connection;

  boost::signals2::signal<void (int)> signal;

  Connection connect (Tally *tally)
  {
    return signal.connect ([tally] (int value) { tally_add (tally, value); });
  }

  void connect_here () { signal.connect (bench::add_here); }

  void disconnect (Connection &connection) { connection.disconnect (); }

  void emit (int value) { signal (value); }
};

void
add_boost ()
{
  bench::add_one_thread<Signal> ("Boost.Signals2");
  bench::add_two_threads<Signal> ("Boost.Signals2, 1 thread", "Boost.Signals2, 2 threads");
}

BENCH_CASES (add_boost)

}
