#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who may include whom. Inside lib/ that is layers.txt; adapters and the bridge see the public
# <currant.h> and their own files; the program and the examples see umbrella headers.
# usage: check-layers.sh [TREE]
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/style/tap.sh
. "$here/tap.sh"

tree=$(cd "${1:-$here/../..}" && pwd)
cd "$tree" || exit 99
table=tests/style/layers.txt

declare -A layer_of
while read -r number _ modules; do
  case $number in
    [0-9]) for module in $modules; do layer_of[$module]=$number; done ;;
  esac
done <$table

# module_of FILE: the module that a file of lib/ belongs to
module_of ()
{
  local name=${1##*/}
  name=${name%.in}
  name=${name%.[ch]}
  name=${name#currant-}
  printf '%s\n' "${name%-private}"
}

# includes FILE: its own project's and quoted includes, as LINE SPELLING
includes ()
{
  sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*([<"][^>"]*[>"]).*/\1/p;t;d' "$1" |
    grep -E '^("|<(currant|cmd|kit))'
}

sources_of ()
{
  find "$@" -type f \( -name '*.c' -o -name '*.h' -o -name '*.[ch].in' \) 2>/dev/null | sort
}

modules_known ()
{
  local file module
  for file in $(sources_of lib); do
    module=$(module_of "$file")
    [ "$module" = currant ] || [ -n "${layer_of[$module]-}" ] ||
      echo "$file: the module $module is not in $table"
  done
}

table_true ()
{
  local module
  for module in "${!layer_of[@]}"; do
    compgen -G "lib/currant-$module.[ch]*" >/dev/null ||
      [ -f "lib/currant-$module-private.h" ] ||
      echo "$table: the module $module has no file"
  done
}

lib_layers ()
{
  local file module own spelling other
  for file in $(sources_of lib); do
    module=$(module_of "$file")
    own=${layer_of[$module]-}
    [ -n "$own" ] || continue
    for spelling in $(includes "$file"); do
      [ "$spelling" != '"config.h"' ] || continue
      other=$(module_of "${spelling:1:-1}")
      if [ -z "${layer_of[$other]-}" ]; then
        echo "$file: includes $spelling, which is in no layer"
      elif [ "${layer_of[$other]}" -gt "$own" ]; then
        echo "$file: layer $own includes $spelling of layer ${layer_of[$other]}"
      fi
    done
  done
}

# outside_of ROOM ALLOWED: includes in ROOM that are neither of its own files nor match ALLOWED
outside_of ()
{
  local room=$1 allowed=$2 file spelling name
  for file in $(sources_of "$room"); do
    for spelling in $(includes "$file"); do
      name=${spelling:1:-1}
      [[ $spelling =~ $allowed ]] || [ -f "$room/$name" ] || [ -f "$room/$name.in" ] ||
        [ -f "$(dirname "$file")/$name" ] ||
        echo "$file: includes $spelling, which is not for $room/"
    done
  done
}

public='^("config\.h"|<currant\.h>)$'
umbrellas='^("config\.h"|<currant(-adapters|-bridge|-gtk)?\.h>)$'

tap_check 'each module of lib/ has its layer' modules_known
tap_check 'each module of the table is there' table_true
tap_check 'lib/ includes only from its own layer or above' lib_layers
tap_check 'adapters/ includes <currant.h> and its own' outside_of adapters "$public"
tap_check 'bridge/ includes <currant.h> and its own' outside_of bridge "$public"
tap_check 'cli/ includes umbrella headers and its own' outside_of cli "$umbrellas"
tap_check 'examples/ include umbrella headers and their own' outside_of examples "$umbrellas"
tap_done
