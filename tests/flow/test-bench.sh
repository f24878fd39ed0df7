#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every case of every benchmark still works: each sees the deliveries that it must see. Nothing is
# measured here.
set -u

src=${abs_top_srcdir:?run through make check} build=${abs_top_builddir:?}
# shellcheck source=tests/style/tap.sh
. "$src/tests/style/tap.sh"

quick ()
{
  local said status=0
  said=$(timeout 300 "$1" --quick 2>&1) || status=$?
  [ "$status" -eq 0 ] || printf '%s\nexit status %d\n' "$said" "$status"
}

for source in "$src"/tests/bench/bench-*.c; do
  program=$build/tests/bench/$(basename "$source" .c)
  [ ! -x "$program" ] || tap_check "${program##*/} --quick" quick "$program"
done
tap_done
