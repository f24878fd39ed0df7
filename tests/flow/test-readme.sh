#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The programs in the README do what it says. The one in C is short, compiles without a warning and
# prints what the README says it prints; so does the one in Python, where there is PyGObject.
set -u

src=${abs_top_srcdir:?run through make check} build=${abs_top_builddir:?}
# shellcheck source=tests/style/tap.sh
. "$src/tests/style/tap.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

max_lines=20

# block LANGUAGE: the first block of that language in the README
block ()
{
  awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } /^```/ && inside { exit } inside' \
    "$src/README.md"
}

# printed_by LANGUAGE: the first block of text behind the first block of that language
printed_by ()
{
  awk -v fence="\`\`\`$1" '
    $0 == fence { behind = 1 }
    behind && /^```text$/ { inside = 1; next }
    /^```/ && inside { exit }
    inside' "$src/README.md"
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
  printed_by c >"$scratch/expected"
  LD_LIBRARY_PATH=$build/lib/.libs timeout 60 "$scratch/hello" >"$scratch/printed" ||
    echo "exit status $?"
  diff "$scratch/expected" "$scratch/printed"
}

short ()
{
  local lines
  lines=$(grep -c '[^[:space:]]' "$scratch/hello.c")
  [ "$lines" -le $max_lines ] ||
    echo "$lines lines of the program are not blank, and $max_lines is the most"
}

run_python ()
{
  block python >"$scratch/hello.py"
  [ -s "$scratch/hello.py" ] || echo 'there is no Python in README.md'
  printed_by python >"$scratch/expected"
  GI_TYPELIB_PATH=$build/lib LD_LIBRARY_PATH=$build/lib/.libs PYTHONDONTWRITEBYTECODE=1 \
    timeout 60 "$PYTHON_GI" "$scratch/hello.py" >"$scratch/printed" || echo "exit status $?"
  diff "$scratch/expected" "$scratch/printed"
}

check_python ()
{
  local name='the Python prints what the README says'
  if [ "$PYTHON_GI" = no ]; then
    tap_skip "$name" 'needs PyGObject'
  elif [ ! -f "$build/lib/Currant-1.0.typelib" ]; then
    tap_skip "$name" 'needs introspection'
  else
    tap_check "$name" run_python
  fi
}

tap_check 'the program compiles' compile
tap_check 'it is short' short
tap_check 'it prints what the README says' run
check_python
tap_check 'README is README.md' cmp "$src/README" "$src/README.md"
tap_done
