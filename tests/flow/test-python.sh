#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs each test written in Python against the libraries and typelibs of the build tree. Such a test
# prints TAP itself; its points are counted on.
set -u

src=${abs_top_srcdir:?run through make check} build=${abs_top_builddir:?}
# shellcheck source=tests/style/tap.sh
. "$src/tests/style/tap.sh"

[ "$PYTHON_GI" != no ] || tap_skip_all 'needs PyGObject'
[ -f "$build/lib/Currant-1.0.typelib" ] || tap_skip_all 'needs introspection'

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

export GI_TYPELIB_PATH=$build/lib:$build/adapters
export LD_LIBRARY_PATH=$build/lib/.libs:$build/adapters/.libs
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$src/tests/python

# forward NAME: the points of one test, as points of this one
forward ()
{
  local line
  while read -r line; do
    if [[ $line =~ ^ok\ [0-9]+\ (-\ )?(.*) ]]; then
      tap_ok "$1: ${BASH_REMATCH[2]}"
    elif [[ $line =~ ^not\ ok\ [0-9]+\ (-\ )?(.*) ]]; then
      tap_not_ok "$1: ${BASH_REMATCH[2]}" 'see above'
    elif [[ $line != 1..* ]]; then
      printf '%s\n' "$line"
    fi
  done
}

for test in "$src"/tests/python/test_*.py; do
  status=0
  name=$(basename "$test" .py)
  timeout 120 "$PYTHON_GI" "$test" >"$scratch/said" 2>&1 || status=$?
  forward "$name" <"$scratch/said"
  tap_check "$name ends well" test "$status" -eq 0
done
tap_done
