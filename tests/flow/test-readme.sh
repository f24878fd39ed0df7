#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The program in the README compiles without a warning and prints what the README says it prints.
set -u

src=${abs_top_srcdir:?run through make check} build=${abs_top_builddir:?}
# shellcheck source=tests/style/tap.sh
. "$src/tests/style/tap.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# block LANGUAGE: the first block of that language in the README
block ()
{
  awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } /^```/ && inside { exit } inside' \
    "$src/README.md"
}

compile ()
{
  block c >"$scratch/hello.c"
  [ -s "$scratch/hello.c" ] || echo 'there is no program in README.md'
  # shellcheck disable=SC2086 # flags are words
  $CC -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Werror $INSTRUMENT_CFLAGS \
    "$scratch/hello.c" -o "$scratch/hello" -I"$src/lib" -I"$build/lib" $GLIB_CFLAGS \
    -L"$build/lib/.libs" -lcurrant-1.0 $GLIB_LIBS
}

run ()
{
  block text >"$scratch/expected"
  LD_LIBRARY_PATH=$build/lib/.libs timeout 60 "$scratch/hello" >"$scratch/printed" ||
    echo "exit status $?"
  diff "$scratch/expected" "$scratch/printed"
}

short ()
{
  [ "$(wc -l <"$scratch/hello.c")" -le 30 ] || echo 'the program has more than 30 lines'
}

tap_check 'the program compiles' compile
tap_check 'it is short' short
tap_check 'it prints what the README says' run
tap_check 'README is README.md' cmp "$src/README" "$src/README.md"
tap_done
