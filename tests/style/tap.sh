# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# TAP for the tests that are scripts. A check is a function that is silent when all is well and
# otherwise says what is wrong, a line each.

tap_count=0
tap_failed=0

# tap_check NAME COMMAND...: passes if COMMAND succeeds and says nothing
tap_check ()
{
  local name=$1 said status=0
  shift
  said=$("$@" 2>&1) || status=$?
  if [ "$status" -eq 0 ] && [ -z "$said" ]; then
    tap_ok "$name"
  else
    tap_not_ok "$name" "${said:-exit status $status}"
  fi
}

tap_ok ()
{
  tap_count=$((tap_count + 1))
  printf 'ok %d - %s\n' "$tap_count" "$1"
}

# tap_not_ok NAME DIAGNOSTICS
tap_not_ok ()
{
  tap_count=$((tap_count + 1))
  tap_failed=$((tap_failed + 1))
  printf 'not ok %d - %s\n' "$tap_count" "$1"
  printf '%s\n' "$2" | sed 's/^/# /'
}

tap_skip ()
{
  tap_count=$((tap_count + 1))
  printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

tap_skip_all ()
{
  printf '1..0 # SKIP %s\n' "$1"
  exit 0
}

# tap_done: the plan, and the exit status
tap_done ()
{
  printf '1..%d\n' "$tap_count"
  [ "$tap_failed" -eq 0 ]
}
