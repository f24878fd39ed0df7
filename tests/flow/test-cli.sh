#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The program currant as its user meets it: help, wrong use, and what watch prints of real files.
set -u

src=${abs_top_srcdir:?run through make check} build=${abs_top_builddir:?}
# shellcheck source=tests/style/tap.sh
. "$src/tests/style/tap.sh"

currant=$build/cli/currant
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printed=$scratch/printed complained=$scratch/complained dir=$scratch/dir

# How long one line, or the end of a program, is waited for.
patience=60

# run STATUS ARGUMENT...: says if the exit status is another
run ()
{
  local wanted=$1 status=0
  shift
  timeout "$patience" "$currant" "$@" >"$printed" 2>"$complained" </dev/null || status=$?
  [ "$status" -eq "$wanted" ] || echo "exit status $status"
}

# has FILE TEXT...: says which of the texts the file has not
has ()
{
  local file=$1 text
  shift
  for text; do
    grep -qF -e "$text" "$file" || printf 'does not say: %s\nbut: %s\n' "$text" "$(cat "$file")"
  done
}

is_empty ()
{
  [ ! -s "$1" ] || cat "$1"
}

# ---- help and wrong use ----------------------------------------------------------------------

version ()
{
  run 0 --version
  grep -qE '^currant [0-9]+\.[0-9]+\.[0-9]+$' "$printed" || cat "$printed"
  is_empty "$complained"
}

help ()
{
  run 0 --help
  has "$printed" watch demo match
  run 0 help
  has "$printed" watch
  run 0 watch --help
  has "$printed" 'currant watch' --follow --queue --workers --json
  run 0 help watch
  has "$printed" 'currant watch' --follow
  run 0 demo --help
  has "$printed" 'currant demo'
}

# wrong TEXT ARGUMENT...: is wrong use, of which the text is said, and nothing is printed
wrong ()
{
  local text=$1
  shift
  run 2 "$@"
  has "$complained" "$text" --help
  is_empty "$printed"
}

wrong_use ()
{
  wrong 'a command is missing'
  wrong 'no command “frobnicate”' frobnicate
  wrong 'no command “frobnicate”' help frobnicate
  wrong 'no option “--frobnicate”' --frobnicate
  wrong frobnicate watch --frobnicate
  wrong 'nothing to watch' watch
  wrong 'byte 2' watch "$scratch" --follow 'a:{'
  wrong 'empty' watch "$scratch" --queue ':'
  wrong 'wildcard' watch "$scratch/*/x"
  wrong 'no path' watch ''
  wrong 'workers need a queue' watch "$scratch" --workers 2
  wrong 'out of range' watch "$scratch" --queue 'a' --workers 0
  wrong 'out of range' watch "$scratch" --queue 'a' --workers 1025
  wrong 'out of range' watch --tick -1
  wrong 'out of range' watch --tick 1 --for nan
  wrong 'out of range' watch --tick inf
  wrong 'out of range' watch --tick 1 --count -1
  wrong 'empty' watch "$scratch" --name ''
  wrong 'too many' demo again
  wrong 'are needed' match 'a:*'
  wrong 'byte' match 'a:{' b
}

matching ()
{
  run 0 match '*:{log,lag}' a:log b@c:log d:lag e
  has "$printed" a:log d:lag e
  [ "$(wc -l <"$printed")" -eq 3 ] || cat "$printed"
  run 1 match 'x:y' a:log
  is_empty "$printed"
  run 2 match 'x:y' ':'
  has "$complained" empty
}

# ---- watching --------------------------------------------------------------------------------

# watch ARGUMENT...: begins, with the lines to be read from $lines and the process in $watcher. If
# the test forgets it, it ends by itself.
watch ()
{
  rm -rf "$dir"
  mkdir "$dir"
  coproc watching { exec "$currant" watch --for "$patience" "$@" 2>"$complained"; }
  lines=${watching[0]} watcher=$!
}

# The next line, with single blanks and short paths.
next_line ()
{
  line=
  IFS= read -r -t "$patience" -u "$lines" line || echo 'there is no further line'
  line=$(printf '%s' "$line" | tr -s ' ' | sed "s|$scratch/||g")
}

# expect LINE...
expect ()
{
  local wanted
  for wanted; do
    next_line
    [ "$line" = "$wanted" ] || printf 'expected: %s\ngot: %s\n' "$wanted" "$line"
  done
}

# finish SIGNAL: ends the watcher, which must succeed and leave nothing unsaid
finish ()
{
  local status=0
  exec {lines_kept}<&"$lines"
  kill -s "$1" "$watcher"
  wait "$watcher" || status=$?
  [ "$status" -eq 0 ] || echo "exit status $status"
  cat <&"$lines_kept"
  exec {lines_kept}<&-
  cat "$complained"
}

files ()
{
  watch "$dir"
  expect 'follower file:ready dir directory=true entries=1'
  echo 1 >"$dir/a"
  expect 'follower file:created dir/a'
  echo 2 >>"$dir/a"
  expect 'follower file:modified dir/a'
  mv "$dir/a" "$dir/b"
  expect 'follower file:renamed dir/a dir/b'
  mkdir -p "$dir/c/d"
  expect 'follower file:created dir/c directory=true' 'follower file:created dir/c/d directory=true'
  rm "$dir/b"
  expect 'follower file:removed dir/b'
  finish INT
}

# Names that would break a line, or move the cursor, are quoted.
names ()
{
  watch "$dir" --follow 'file:{ready,created}' --name file
  expect 'follower file:ready dir directory=true entries=1'
  : >"$dir/two words"
  expect 'follower file:created "dir/two words"'
  : >"$dir/"$'new\nline\e[1m'
  expect 'follower file:created "dir/new\nline\u001b[1m"'
  : >"$dir/"$'bad\xff'
  next_line
  case $line in
    'follower file:created '*" path=b'dir/bad"*) ;;
    *) echo "$line" ;;
  esac
  finish TERM
}

several ()
{
  watch "$dir" "$scratch/later" --name log@disk --follow 'log@disk:{created,removed}' \
    --follow '*@disk:ready'
  expect 'follower 2 log:ready dir directory=true entries=1' \
    'follower 2 log:ready later entries=0'
  : >"$scratch/later"
  expect 'follower 1 log:created later'
  rm "$scratch/later"
  expect 'follower 1 log:removed later'
  finish TERM
}

# Each message with one worker, in the end all of them.
workers ()
{
  local i
  watch "$dir" --queue 'file:created' --workers 3 --follow 'file:ready'
  expect 'follower file:ready dir directory=true entries=1'
  for i in 1 2 3 4 5 6 7 8; do
    : >"$dir/$i"
  done
  for i in 1 2 3 4 5 6 7 8; do
    next_line
    [[ $line =~ ^worker\ [123]\ file:created\ dir/[1-8]$ ]] || echo "$line"
    printf '%s\n' "${line##* }" >>"$scratch/taken"
  done
  [ "$(sort -u "$scratch/taken" | wc -l)" -eq 8 ] || cat "$scratch/taken"
  finish INT
}

json ()
{
  watch "$dir" --json
  next_line
  [[ $line == '{"who":"follower","pattern":"*:*","id":"file:ready","args":["dir"],'* ]] ||
    echo "$line"
  : >"$dir/a \"b\""
  next_line
  [[ $line == *'"id":"file:created","args":["dir/a \"b\""],"kwargs":null,"time":'* ]] ||
    echo "$line"
  [[ $line == *'"publisher":'*'"sequence":'*'}' ]] || echo "$line"
  finish INT
}

# ---- ending ----------------------------------------------------------------------------------

ticks ()
{
  run 0 watch --tick 0.01 --count 3
  [ "$(wc -l <"$printed")" -eq 3 ] || cat "$printed"
  grep -vE "^follower +timer:tick +(missed=[0-9]+ count=[0-9]+|count=[0-9]+ missed=[0-9]+)\$" \
    "$printed"
  run 0 watch --tick 100 --for 0.05
  is_empty "$printed"
  is_empty "$complained"
}

# Nobody reads any more: that is no failure, and nothing to complain of.
broken_pipe ()
{
  local statuses
  timeout "$patience" "$currant" watch --tick 0.01 2>"$complained" | head -n 2 >"$printed"
  statuses=("${PIPESTATUS[@]}")
  [ "${statuses[0]}" -eq 0 ] || echo "exit status ${statuses[0]}"
  [ "$(wc -l <"$printed")" -eq 2 ] || cat "$printed"
  timeout "$patience" "$currant" watch --tick 1000 2>>"$complained" | :
  statuses=("${PIPESTATUS[@]}")
  [ "${statuses[0]}" -eq 0 ] || echo "exit status ${statuses[0]} though there is nothing to print"
  is_empty "$complained"
}

full_disk ()
{
  local status=0
  timeout "$patience" "$currant" watch --tick 0.01 >/dev/full 2>"$complained" || status=$?
  [ "$status" -eq 1 ] || echo "exit status $status"
  has "$complained" 'cannot write'
}

manual ()
{
  local word
  for word in $("$currant" watch --help | grep -oE -- '--[a-z]+' | sort -u); do
    sed 's/\\//g' "$src/cli/currant.1" | grep -qF -e "$word" || echo "$word is not in currant.1"
    grep -qF -e "$word" "$src/cli/currant.bash" || echo "$word is not in currant.bash"
  done
}

completes ()
{
  # shellcheck source=cli/currant.bash
  . "$src/cli/currant.bash"
  COMP_WORDS=(currant wa) COMP_CWORD=1
  _currant
  [ "${COMPREPLY[*]}" = watch ] || echo "wa: ${COMPREPLY[*]}"
  COMP_WORDS=(currant watch --fo) COMP_CWORD=2
  _currant
  [ "${COMPREPLY[*]}" = '--follow --for' ] || echo "--fo: ${COMPREPLY[*]}"
}

tap_check 'it says its version' version
tap_check 'it helps' help
tap_check 'wrong use is said, with exit status 2' wrong_use
tap_check 'match' matching
tap_check 'watch prints what happens to files' files
tap_check 'watch quotes names' names
tap_check 'watch with several paths and followers' several
tap_check 'watch shares a queue among workers' workers
tap_check 'watch prints JSON' json
tap_check 'watch ends after a number of lines, or of seconds' ticks
tap_check 'watch ends when nobody reads' broken_pipe
tap_check 'watch fails when it cannot write' full_disk
tap_check 'the manual and the completion know all options' manual
tap_check 'the completion completes' completes
tap_done
