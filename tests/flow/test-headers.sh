#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The umbrella headers compile alone, in C and in C++, without a warning; each public header stands
# on its own feet; and none of them lets itself be included past its umbrella.
set -u

src=${abs_top_srcdir:?run through make check} build=${abs_top_builddir:?}
# shellcheck source=tests/style/tap.sh
. "$src/tests/style/tap.sh"

includes="-I$src/lib -I$build/lib -I$src/adapters -I$build/adapters"
strict='-Wall -Wextra -Wno-unused-parameter -Werror -fsyntax-only'

# compiles LANGUAGE SOURCE FLAG...: says what the compiler says
compiles ()
{
  local language=$1 source=$2
  shift 2
  # shellcheck disable=SC2086 # flags are words
  printf '%s\n' "$source" | $compiler -x "$language" $strict "$@" $includes $GLIB_CFLAGS -
}

refused ()
{
  # shellcheck disable=SC2086
  if printf '#include <%s>\n' "$1" |
    $CC -x c -fsyntax-only $includes $GLIB_CFLAGS - 2>/dev/null; then
    echo "$1 may be included without its umbrella"
  fi
}

# What a program does not ask for, it does not get.
drags_nothing ()
{
  local found
  # shellcheck disable=SC2086
  found=$(printf '#include <%s>\n' "$1" | $CC -x c -M $includes $GLIB_CFLAGS - |
    grep -oE '[^ ]*(-private\.h|/config\.h|json-glib|libsoup|gtk/)[^ ]*')
  [ -z "$found" ] || echo "$1 includes $found"
}

public_headers ()
{
  (cd "$src" && ls lib/*.h adapters/*.h 2>/dev/null)
  (cd "$build" && ls lib/currant-enum-types.h lib/currant-version.h)
}

umbrellas=(currant.h)
[ ! -f "$src/adapters/currant-adapters.h" ] || umbrellas+=(currant-adapters.h)
languages=(c)
cxx=$(command -v c++ || command -v g++ || command -v clang++)
[ -z "$cxx" ] || languages+=(c++)

for language in "${languages[@]}"; do
  compiler=$CC
  [ "$language" = c ] || compiler=$cxx
  for header in "${umbrellas[@]}"; do
    tap_check "$header compiles alone as $language" compiles "$language" "#include <$header>"
  done
  for header in $(public_headers | sort -u | grep -v -e '-private\.h$'); do
    tap_check "${header##*/} compiles by itself as $language" \
      compiles "$language" "#include <${header##*/}>" \
      -DCURRANT_COMPILATION -DCURRANT_ADAPTERS_COMPILATION
  done
done

for header in $(public_headers | sort -u | grep -v -e '-private\.h$'); do
  case ${header##*/} in
    currant.h | currant-adapters.h)
      tap_check "${header##*/} drags nothing in" drags_nothing "${header##*/}"
      ;;
    currant-macros.h | currant-types.h) ;;
    *) tap_check "${header##*/} wants its umbrella" refused "${header##*/}" ;;
  esac
done
tap_done
