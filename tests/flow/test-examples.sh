#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every example runs to its end by itself, says something, and complains of nothing.
set -u

src=${abs_top_srcdir:?run through make check} build=${abs_top_builddir:?}
# shellcheck source=tests/style/tap.sh
. "$src/tests/style/tap.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

runs ()
{
  local status=0
  timeout 120 "$1" >"$scratch/said" 2>"$scratch/complained" </dev/null || status=$?
  [ "$status" -eq 0 ] || echo "exit status $status"
  [ -s "$scratch/said" ] || echo 'it said nothing'
  cat "$scratch/complained"
}

for source in "$src"/examples/*.c; do
  program=$build/examples/$(basename "$source" .c)
  tap_check "${source##*/}" runs "$program"
done
tap_done
