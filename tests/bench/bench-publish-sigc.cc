/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group A: sigc++ 3, which is for one thread only: it takes no lock and counts nothing atomically,
 * so there is no case of two threads. */
#include "config.h"

#include "bench-publish-peer.hh"

#include <sigc++/sigc++.h>

namespace
{

struct Signal
{
  typedef sigc::connection Connection;

  sigc::signal<void (int)> signal;

  Connection connect (Tally *tally)
  {
    return signal.connect ([tally] (int value) { tally_add (tally, value); });
  }

  void connect_here () { signal.connect (sigc::ptr_fun (bench::add_here)); }

  void disconnect (Connection &connection) { connection.disconnect (); }

  void emit (int value) { signal.emit (value); }
};

void
add_sigc ()
{
  bench::add_one_thread<Signal> ("sigc++ 3");
}

BENCH_CASES (add_sigc)

}
