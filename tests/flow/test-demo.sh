#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What ./bootstrap demo shows is true, at leisure and in a crowd, and it leaves nothing behind.
set -u

src=${abs_top_srcdir:?run through make check} build=${abs_top_builddir:?}
# shellcheck source=tests/style/tap.sh
. "$src/tests/style/tap.sh"

currant=$build/cli/currant
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/tmp"
export TMPDIR=$scratch/tmp

# demo NAME: runs it, and says what it says unless that is as it should be
demo ()
{
  local said=$scratch/$1.said status=0
  timeout 300 "$currant" demo >"$said" 2>&1 || status=$?
  [ "$status" -eq 0 ] && grep -qxF 'Every message arrived.' "$said" && ! grep -q ' NO$' "$said" ||
    printf 'exit status %d\n%s\n' "$status" "$(cat "$said")"
}

# Every step and every receiver is in the account.
account ()
{
  local text said=$scratch/alone.said
  for text in 'main loop' strand direct 'worker 1' 'worker 2' \
    'files:created notes.txt' 'files:modified notes.txt' 'files:renamed notes.txt diary.txt' \
    'files:modified diary.txt' 'files:created letters/2026/first.txt' \
    'files:removed diary.txt' 'files:removed letters' timer:tick; do
    grep -qF "$text" "$said" || echo "does not say: $text"
  done
  [ "$(grep -c ' yes$' "$said")" -eq 5 ] || cat "$said"
}

crowd ()
{
  local i
  for i in 1 2 3 4 5 6 7 8; do
    demo "crowd$i" &
  done
  wait
}

leaves_nothing ()
{
  find "$TMPDIR" -mindepth 1
}

fails_without_place ()
{
  local status=0
  TMPDIR=$scratch/none "$currant" demo >"$scratch/none.said" 2>&1 || status=$?
  [ "$status" -eq 1 ] || echo "exit status $status"
  grep -qF "$scratch/none" "$scratch/none.said" || cat "$scratch/none.said"
}

tap_check 'the demo succeeds' demo alone
tap_check 'it gives an account of all' account
tap_check 'eight at a time succeed' crowd
tap_check 'it leaves nothing behind' leaves_nothing
tap_check 'it fails where it cannot write' fails_without_place
tap_done
