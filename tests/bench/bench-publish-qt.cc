/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group A: Qt 6, direct connections. QSignalMapper::mappedInt is a signal with one int that Qt
 * brings along; emitting it costs what emitting one's own does, and needs no moc here. */
#include "config.h"

#include "bench-publish-peer.hh"

#define QT_NO_KEYWORDS
#include <QObject>
#include <QSignalMapper>

namespace
{

struct Signal
{
  typedef QMetaObject::Connection Connection;

  QSignalMapper sender;

  Connection connect (Tally *tally)
  {
    return QObject::connect (&sender, &QSignalMapper::mappedInt,
                             [tally] (int value) { tally_add (tally, value); });
  }

  void connect_here () { QObject::connect (&sender, &QSignalMapper::mappedInt, bench::add_here); }

  void disconnect (Connection &connection) { QObject::disconnect (connection); }

  void emit (int value) { sender.mappedInt (value); }
};

void
add_qt ()
{
  bench::add_one_thread<Signal> ("Qt 6, direct");
  bench::add_two_threads<Signal> ("Qt 6, direct, 1 thread", "Qt 6, direct, 2 threads");
}

BENCH_CASES (add_qt)

}
