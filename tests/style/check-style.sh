#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The house rules that a machine can check, over all sources of a tree (by default this one).
# usage: check-style.sh [TREE]
set -u
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/style/tap.sh
. "$here/tap.sh"

tree=$(cd "${1:-$here/../..}" && pwd)
cd "$tree" || exit 99

max_columns=100
max_function=80
max_file=800
clang_format_version=14

rooms=(lib adapters bridge cli examples docs tests po)
tops=(configure.ac Makefile.am bootstrap README.md NEWS .ci/run .gitignore .editorconfig)

# What the build puts among the sources when it is made in the source tree is nobody's style.
generated='^lib/currant-(enum-types\.[ch]|version\.h)$'
generated+='|^po/(Makefile.*|Makevars\.template|Rules-.*|POTFILES|stamp-.*)$'
generated+='|^po/.*\.(sed|sin|header|pot|gmo)$'

# sources PATTERN...: the files of the tree whose names match one of the shell patterns
sources ()
{
  local pattern names=()
  for pattern; do
    names+=(-o -name "$pattern")
  done
  {
    find "${rooms[@]}" \( -name .libs -o -name .deps -o -name __pycache__ -o -name scratch \) \
      -prune -o -type f \( "${names[@]:1}" \) -print
    find "${tops[@]}" -type f \( "${names[@]:1}" \) -print
  } 2>/dev/null | grep -vE "$generated" | sort -u
}

# search REGEX PATTERN...: the lines that match, as FILE:LINE:TEXT
search ()
{
  local regex=$1
  shift
  sources "$@" | tr '\n' '\0' | xargs -0 -r grep -nHP -e "$regex" --
  true
}

format ()
{
  sources '*.c' '*.h' | tr '\n' '\0' | xargs -0 -r "$clang_format" --dry-run --Werror 2>&1 |
    sed -n 's/:[0-9]*:[0-9]*: error: .*//p' | sort | uniq -c |
    awk '{ print $2 ": " $1 " places are not as clang-format writes them" }'
}

columns ()
{
  search "^.{$((max_columns + 1))}" '*.sh' '*.py' '*.mk' '*.ac' '*.am' '*.in' bootstrap run |
    sed "s/:[^:]*\$/: more than $max_columns columns/"
}

# In this format a function's braces, and only a type's or a table's besides, stand in the first
# column.
functions ()
{
  sources '*.c' | tr '\n' '\0' | xargs -0 -r awk -v max=$max_function '
    FNR == 1 { start = 0 }
    /^\{/ { start = FNR }
    /^\}/ && start {
      if (FNR - start + 1 > max)
        print FILENAME ":" start ": a function of " FNR - start + 1 " lines, more than " max
      start = 0
    }'
}

lengths ()
{
  local file lines
  sources '*.c' '*.h' '*.sh' '*.py' '*.mk' bootstrap run | while read -r file; do
    lines=$(wc -l <"$file")
    [ "$lines" -le $max_file ] || echo "$file: $lines lines, more than $max_file"
  done
}

# The words are spelled in halves here, so that this file does not hold them.
words ()
{
  search '\b(TO''DO|FIX''ME|X''XX|HA''CK|st''ub|place''holder|not imple''mented|for no''w)\b' \
    '*.c' '*.h' '*.in' '*.sh' '*.py' '*.mk' '*.ac' '*.am' '*.md' '*.txt' bootstrap run NEWS README
}

calls ()
{
  search '\b(strcpy|strcat|sprintf|vsprintf|alloca|g_alloca|gets)\s*\(' '*.c' '*.h'
}

types ()
{
  search '\b(g(char|int|short|long|float|double))\b(?!\s*\()' '*.c' '*.h' |
    grep -vE '(^|[^A-Za-z_])"[^"]*\bg(char|int)\b[^"]*"'
  true
}

sleeps ()
{
  search '\b(g_usleep|usleep|sleep|nanosleep)\s*\(' '*.c' '*.py' | grep '^tests/'
  search '(^|[;&|(]|\bdo|\bthen)\s*(u?sleep)\s+[0-9.$]' '*.sh' | grep '^tests/'
  true
}

licences ()
{
  local file
  sources '*.c' '*.h' '*.h.in' '*.c.in' '*.sh' '*.py' '*.mk' '*.ac' '*.am' Makevars bootstrap run |
    while read -r file; do
      head -n 3 "$file" | grep -q 'SPDX-License-Identifier: LGPL-2.1-or-later' ||
        echo "$file: no SPDX line among the first three"
    done
}

# Where this tree or its keeper lives is nothing that a source may know.
paths ()
{
  local parent regex='(?<![A-Za-z0-9_.~*}\])-])/(home|Users|root)/[A-Za-z0-9]'
  parent=$(dirname "$tree")
  case $parent in
    / | /tmp | /var/tmp | /home | /opt | /srv | /mnt | /usr/src) ;;
    *) regex="$regex|\\Q$parent/\\E" ;;
  esac
  search "$regex" '*'
}

# A source that no list names is neither built nor shipped.
listed ()
{
  local file room name
  sources '*.c' '*.h' '*.sh' '*.py' '*.in' '*.supp' '*.txt' '*.md' | while read -r file; do
    case $file in
      *.pc.in | lib/currant-version.h.in | po/*) continue ;;
    esac
    room=$(dirname "$file")
    [ -f "$room/local.mk" ] || room=${file%%/*}
    [ -f "$room/local.mk" ] || continue
    name=%D%/${file#"$room"/}
    awk -v name="$name" -v program="${name%.c}" '
      { for (i = 1; i <= NF; i++) if ($i == name || $i == program) { found = 1; exit } }
      END { exit !found }' "$room/local.mk" || echo "$file: not named in $room/local.mk"
  done
}

# Each file with words for the user is known to the translators.
translatable ()
{
  local file
  sources '*.c' | while read -r file; do
    if grep -qE '(^|[^A-Za-z0-9_])(C|NC|N|Q)?_ \("' "$file"; then
      grep -qxF "$file" po/POTFILES.in || echo "$file: not named in po/POTFILES.in"
    fi
  done
  grep -vE '^(#|$)' po/POTFILES.in | while read -r file; do
    [ -f "$file" ] || echo "po/POTFILES.in: names $file, which is not there"
  done
}

# A translator who is not asked again leaves words out.
translated ()
{
  local language pot
  pot=$(mktemp)
  grep -vE '^(#|$)' po/POTFILES.in |
    xgettext --files-from=- --from-code=UTF-8 --keyword=_ --keyword=N_ --output="$pot"
  sed -i 's/charset=CHARSET/charset=UTF-8/' "$pot"
  grep -vE '^(#|$)' po/LINGUAS | while read -r language; do
    msgfmt --check-format --output-file=/dev/null "po/$language.po" 2>&1
    msgcmp "po/$language.po" "$pot" 2>&1 | sed "s|$pot|po/currant.pot|"
  done
  rm -f "$pot"
}

whitespace ()
{
  search '[ \t]+$' '*.c' '*.h' '*.in' '*.sh' '*.py' '*.mk' '*.ac' '*.am' '*.txt' bootstrap run
  search '\t' '*.c' '*.h' '*.sh' '*.py' bootstrap run
}

scripts ()
{
  sources '*.sh' bootstrap run | tr '\n' '\0' | xargs -0 -r \
    shellcheck --external-sources --source-path="$tree" --format=gcc
}

clang_format=
for candidate in clang-format-$clang_format_version clang-format; do
  if command -v "$candidate" >/dev/null &&
    "$candidate" --version | grep -q "version $clang_format_version\\."; then
    clang_format=$candidate
    break
  fi
done

if [ -n "$clang_format" ]; then
  tap_check 'the format is clang-format'"'"'s' format
else
  tap_skip 'the format is clang-format'"'"'s' "needs clang-format $clang_format_version"
fi
# Of C, the format has decided it.
tap_check "lines have at most $max_columns columns" columns
tap_check "functions have at most $max_function lines" functions
tap_check "files have at most $max_file lines" lengths
tap_check 'no words of unfinished work' words
tap_check 'no functions that are banned' calls
tap_check 'int and char, not their GLib aliases' types
tap_check 'no sleeps in tests' sleeps
tap_check 'each source names its licence' licences
tap_check 'no paths of a machine' paths
tap_check 'each source is in its list' listed
tap_check 'each text is known to the translators' translatable
if command -v msgcmp >/dev/null; then
  tap_check 'each text is translated' translated
else
  tap_skip 'each text is translated' 'needs gettext'
fi
tap_check 'no trailing blanks and no tabs' whitespace
if command -v shellcheck >/dev/null; then
  tap_check 'scripts are clean by shellcheck' scripts
else
  tap_skip 'scripts are clean by shellcheck' 'needs shellcheck'
fi
tap_done
