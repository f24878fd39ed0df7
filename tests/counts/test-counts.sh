#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The hottest paths take as many instructions as the table says, within 5 %. More is a loss. Less is
# a gain that make update-counts must record, or the next loss would hide in it. The counts hold for
# the compiler, its flags, GLib, libc, processor and valgrind that the table names: with others
# nothing is compared, and that is said.
# usage: test-counts.sh [--update]
set -u

src=${abs_top_srcdir:?run through make check} build=${abs_top_builddir:?}
# shellcheck source=tests/style/tap.sh
. "$src/tests/style/tap.sh"

operations=1000
percent=5
table=$src/tests/counts/counts.txt
program=$build/tests/counts/counts
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What fills freed memory and places blocks elsewhere would be counted too.
clean ()
{
  env -u MALLOC_PERTURB_ -u MALLOC_ARENA_MAX -u GLIBC_TUNABLES -u G_SLICE -u G_DEBUG \
    -u G_MESSAGES_DEBUG -u CURRANT_DEBUG -u LD_PRELOAD LC_ALL=C "$@"
}

# What libc chooses its copies and comparisons by, as far as valgrind lets it.
cpu ()
{
  grep -m 1 '^flags' /proc/cpuinfo 2>/dev/null | tr ' ' '\n' |
    grep -xE 'avx|avx2|bmi1|bmi2|erms|fsrm|lzcnt|movbe|rtm|sse4_2' | sort | paste -sd, -
}

surroundings ()
{
  "$program" --surroundings && printf 'cpu %s\nvalgrind %s\n' "$(cpu)" "$(valgrind --version)"
}

# count WORKLOAD: the instructions that one operation takes
count ()
{
  clean timeout 120 valgrind --quiet --tool=callgrind --collect-atstart=no \
    --callgrind-out-file="$scratch/out" "$program" "$1" >"$scratch/said" 2>&1 || {
    cat "$scratch/said" >&2
    return 1
  }
  awk -v n=$operations '$1 == "summary:" { printf "%d\n", $2 / n + 0.5; found = 1 }
    END { exit !found }' "$scratch/out"
}

recorded ()
{
  sed -n "s/^$1 //p" "$table"
}

# A check is silent when all is well.
compare ()
{
  local got wanted
  wanted=$(recorded "$1")
  got=$(count "$1") || return
  [ -n "$wanted" ] || {
    echo "the table does not know it; make update-counts"
    return
  }
  awk -v got="$got" -v wanted="$wanted" -v percent=$percent 'BEGIN {
    change = (got / wanted - 1) * 100
    said = sprintf ("%d instructions instead of %d: %+.1f %%", got, wanted, change)
    if (change > percent)
      print said
    else if (change < -percent)
      print said "; a gain, which make update-counts records"
  }'
}

update ()
{
  local workload
  {
    printf '# Instructions an operation, as callgrind counts them. Written by make update-counts.\n'
    surroundings
    printf '\n'
    "$program" | while read -r workload; do
      printf '%s %s\n' "$workload" "$(count "$workload")"
    done
  } >"$scratch/table" && cp "$scratch/table" "$table" && cat "$table"
}

[ "${CURRANT_SANITIZER:-none}" = none ] || tap_skip_all 'a sanitizer counts with us'
case ${INSTRUMENT_CFLAGS-} in *[!\ ]*) tap_skip_all 'built with an instrument' ;; esac
command -v valgrind >/dev/null || tap_skip_all 'needs valgrind'
now=$(surroundings 2>&1) || tap_skip_all "$now"

if [ "${1-}" = --update ]; then
  update
  exit
fi

then=$(sed '/^#/d; /^$/,$d' "$table")
if [ "$now" != "$then" ]; then
  difference=$(diff <(printf '%s\n' "$then") <(printf '%s\n' "$now") | sed -n 's/^[<>]/&/p' |
    tr '\n' ' ')
  tap_skip_all "the counts were recorded with others ($difference)"
fi

while read -r workload; do
  tap_check "$workload" compare "$workload"
done < <("$program")
unknown ()
{
  sed '1,/^$/d; s/ .*//' "$table" | grep -vxF -f <("$program")
  true
}
tap_check 'the table names no other' unknown
tap_done
