#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What each library exports is what its list says, each of these is declared in a public header as
# available, and each has its documentation.
set -u

src=${abs_top_srcdir:?run through make check} build=${abs_top_builddir:?}
# shellcheck source=tests/style/tap.sh
. "$src/tests/style/tap.sh"

export LC_ALL=C

# The linker and the instruments leave marks of their own.
marks='_init|_fini|_edata|_end|__bss_start|__(asan|tsan|ubsan|odr_asan|gcov).*|mangle_path'

exported ()
{
  # shellcheck disable=SC2086 # it may have an option
  $NM -D --defined-only "$1" | awk '{ print $3 }' | sed 's/@.*//' |
    grep -vE "^($marks)\$" |
    sort -u
}

listed ()
{
  grep -vE '^(#|$)' "$1" | sort -u
}

# The function that each availability macro stands before, or that a declaring macro makes.
declared ()
{
  cat "$@" | awk '
    /^CURRANT_AVAILABLE_IN_/ { found = 1; next }
    found && match ($0, /G_DECLARE_[A-Z_]*TYPE \([A-Za-z]+, *[a-z_]+/) {
      name = substr ($0, RSTART, RLENGTH)
      sub (/^.*, */, "", name)
      print name "_get_type"
      found = 0
      next
    }
    found && match ($0, /[a-z_0-9]+ \(/) { print substr ($0, RSTART, RLENGTH - 2); found = 0 }
  ' | sort -u
}

documented ()
{
  cat "$@" | grep -oE '^ \* currant_[a-z0-9_]+:' | tr -d ' *:' | sort -u
}

same ()
{
  diff "$1" "$2" | sed -n "s/^< \(.*\)/\1 $3/p; s/^> \(.*\)/\1 $4/p"
}

# check_library NAME LIST SHARED-OBJECT ROOM GENERATED-HEADER...
check_library ()
{
  local name=$1 list=$2 object=$3 room=$4 public
  shift 4
  public=$(find "$src/$room" -maxdepth 1 -name '*.h' ! -name '*-private.h')
  tap_check "$name: the list is sorted and says nothing twice" \
    same <(grep -vE '^(#|$)' "$list") <(listed "$list") 'is out of order' 'is out of order'
  tap_check "$name: what is exported is what is listed" \
    same <(exported "$object") <(listed "$list") 'is exported, not listed' 'is listed, not exported'
  # shellcheck disable=SC2086 # file names are words
  tap_check "$name: what is declared available is what is listed" \
    same <(declared $public "$@") <(listed "$list") \
    'is declared, not listed' 'is listed, not declared'
  tap_check "$name: what is listed is documented" \
    same <(listed "$list" | grep -vE '_(get_type|error_quark)$' |
      grep -vxF "$(documented "$src/$room"/*.c)") \
    /dev/null 'has no documentation' ''
}

check_library currant "$src/lib/currant.symbols" "$build/lib/.libs/libcurrant-1.0.so" lib \
  "$build/lib/currant-enum-types.h"
check_library currant-adapters "$src/adapters/currant-adapters.symbols" \
  "$build/adapters/.libs/libcurrant-adapters-1.0.so" adapters
tap_done
