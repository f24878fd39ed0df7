#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What make install puts down is complete, and used from outside the tree: by a C program through
# pkg-config, and by a Python program through introspection.
set -u

src=${abs_top_srcdir:?run through make check} build=${abs_top_builddir:?}
# shellcheck source=tests/style/tap.sh
. "$src/tests/style/tap.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What the make that runs this test was told is nothing for the make below.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES TESTS

# setting NAME: the value that configure gave a variable of the Makefile
setting ()
{
  printf "include Makefile\nsetting:\n\t@echo '\$(%s)'\n" "$1" |
    make -s -C "$build" -f - setting 2>/dev/null
}

prefix=$(setting prefix)
place=$scratch/place
lib=$place$(setting libdir) include=$place$(setting includedir) share=$place$(setting datadir)
bin=$place$(setting bindir)
export PKG_CONFIG_PATH=$scratch/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export LD_LIBRARY_PATH=$lib GI_TYPELIB_PATH=$lib/girepository-1.0

installs ()
{
  make -C "$build" install DESTDIR="$place" >"$scratch/log" 2>&1 || tail -n 20 "$scratch/log"
}

# The places that must not stay empty.
complete ()
{
  local file
  for file in "$lib"/libcurrant-1.0.so "$lib"/libcurrant-adapters-1.0.so \
    "$lib"/pkgconfig/currant-1.0.pc "$lib"/pkgconfig/currant-adapters-1.0.pc \
    "$include"/currant-1.0/currant.h "$include"/currant-1.0/currant-version.h \
    "$include"/currant-1.0/currant-enum-types.h \
    "$include"/currant-adapters-1.0/currant-adapters.h \
    "$bin"/currant "$share"/man/man1/currant.1 "$share"/locale/de/LC_MESSAGES/currant.mo; do
    [ -f "$file" ] || echo "${file#"$place"} is missing"
  done
  for file in Currant CurrantAdapters; do
    [ "$introspection" = no ] || [ -f "$share/gir-1.0/$file-1.0.gir" ] ||
      echo "$file-1.0.gir is missing"
    [ "$introspection" = no ] || [ -f "$lib/girepository-1.0/$file-1.0.typelib" ] ||
      echo "$file-1.0.typelib is missing"
  done
}

# What is for the house alone stays in the house.
private ()
{
  find "$place" -name '*-private.h' -o -name '*-core*' -o -name 'config.h' -o -name 'test-*' |
    sed "s|^$place||; s|\$| is installed|"
}

# Every public header of the tree is there, and no other.
headers ()
{
  diff <(cd "$src/lib" && find . -name '*.h' ! -name '*-private.h' ! -name currant-enum-types.h \
    ! -name currant-version.h | sort) \
    <(cd "$include/currant-1.0" && find . -name '*.h' ! -name currant-enum-types.h \
      ! -name currant-version.h | sort)
}

# A pkg-config that knows the place instead of the prefix.
flags ()
{
  if [ ! -d "$scratch/pkgconfig" ]; then
    cp -R "$lib/pkgconfig" "$scratch"
    sed -i "s|^prefix=.*|prefix=$place$prefix|" "$scratch"/pkgconfig/*.pc
  fi
  "$PKG_CONFIG" "$@"
}

versions_agree ()
{
  local packaged
  packaged=$(flags --modversion currant-1.0)
  printf '#include <currant.h>\nversion: CURRANT_VERSION_STRING\n' >"$scratch/version.c"
  # shellcheck disable=SC2046 # flags are words
  $CC -E -P "$scratch/version.c" $(flags --cflags currant-1.0) | grep -qF "\"$packaged\"" ||
    echo "the headers are not of version $packaged"
}

write_program ()
{
  cat >"$scratch/outside.c" <<'PROGRAM'
#include <currant-adapters.h>
#include <currant.h>

static void
on_message (CurrantMessage *message, gpointer user_data)
{
  int number = 0;

  if (currant_message_get (message, "(i)", &number))
    *(int *) user_data += number;
}

int
main (void)
{
  g_autoptr (CurrantBus) bus = currant_bus_new ();
  int sum = 0;

  currant_bus_follow (bus, "count:*", on_message, &sum, NULL);
  currant_bus_publish (bus, "count:up", "(i)", 40);
  currant_bus_publish (bus, "count:on", "(i)", 2);
  return sum == 42 && g_type_name (CURRANT_TYPE_ADAPTER) != NULL ? 0 : 1;
}
PROGRAM
}

compiles ()
{
  write_program
  # shellcheck disable=SC2046,SC2086 # flags are words
  $CC -Wall -Wextra -Wno-unused-parameter -Werror $INSTRUMENT_CFLAGS "$scratch/outside.c" \
    -o "$scratch/outside" $(flags --cflags --libs currant-1.0 currant-adapters-1.0)
}

starts ()
{
  timeout 60 "$bin/currant" --version | grep -qF "$(flags --modversion currant-1.0)" ||
    echo 'currant --version does not say the version'
}

from_python ()
{
  timeout 60 "$PYTHON_GI" - <<'PROGRAM'
import gi
gi.require_version('Currant', '1.0')
gi.require_version('CurrantAdapters', '1.0')
from gi.repository import Currant, CurrantAdapters, GLib

bus = Currant.Bus.new()
queue = Currant.Queue.new(bus, 'count:*', Currant.QueueKind.STANDALONE)
seen = []
bus.follow('count:*', lambda message: seen.append(message.get_args().unpack()))
bus.publish('count:up', GLib.Variant('(i)', (42,)), None)
assert seen == [(42,)], seen
assert queue.get(-1, None).get_args().unpack() == (42,)
assert CurrantAdapters.Adapter.__gtype__.is_abstract()
PROGRAM
}

introspection=yes
[ -f "$build/lib/Currant-1.0.typelib" ] || introspection=no

tap_check 'make install succeeds' installs
tap_check 'what it installs is complete' complete
tap_check 'what is private is not installed' private
tap_check 'every public header is installed' headers
tap_check 'headers and pkg-config agree on the version' versions_agree
tap_check 'a program outside the tree compiles through pkg-config' compiles
tap_check 'and runs' timeout 60 "$scratch/outside"
tap_check 'the installed program starts' starts
if [ "$introspection" = yes ] && [ "$PYTHON_GI" != no ]; then
  tap_check 'and so does a program in Python' from_python
else
  tap_skip 'and so does a program in Python' 'needs introspection and PyGObject'
fi
tap_done
