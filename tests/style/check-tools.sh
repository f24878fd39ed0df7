#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The checks are worth something only while they catch what they are there for: each is shown a tree
# with one fault planted, and must name it, and a tree without fault, which must pass.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/style/tap.sh
. "$here/tap.sh"

base=$(mktemp -d)
trap 'rm -rf "$base"' EXIT

# sapling: a new, faultless little tree, whose name is left in $tree
sapling ()
{
  tree=$base/tree
  rm -rf "$tree"
  mkdir -p "$tree"/{lib,adapters,bridge,cli,examples,docs,tests/style,po}
  cp "$here/../../.clang-format" "$tree"
  printf '# SPDX-License-Identifier: LGPL-2.1-or-later\n0 vocabulary low\n1 values high\n' \
    >"$tree/tests/style/layers.txt"
  printf '# SPDX-License-Identifier: LGPL-2.1-or-later\n%s\n' \
    '%D%/currant-low.c %D%/currant-low-private.h %D%/currant-high.c %D%/currant-high-private.h' \
    >"$tree/lib/local.mk"
  printf 'cli/main.c\n' >"$tree/po/POTFILES.in"
  printf 'de\n' >"$tree/po/LINGUAS"
  printf '%s\n' 'msgid ""' 'msgstr "Content-Type: text/plain; charset=UTF-8\n"' '' 'msgid "text"' \
    'msgstr "Text"' >"$tree/po/de.po"
  source_file lib/currant-low.c '#include "config.h"' '' '#include "currant-low-private.h"'
  source_file lib/currant-low-private.h '#pragma once'
  source_file lib/currant-high.c '#include "currant-high-private.h"' \
    '#include "currant-low-private.h"'
  source_file lib/currant-high-private.h '#pragma once'
  source_file adapters/currant-some.c '#include <currant.h>'
  source_file cli/main.c '#include <currant-adapters.h>' '#include <currant.h>' '' \
    'const char *text = N_ ("text");'
}

# source_file FILE LINE...
source_file ()
{
  local file=$tree/$1
  shift
  printf '/* SPDX-License-Identifier: LGPL-2.1-or-later */\n' >"$file"
  printf '%s\n' "$@" >>"$file"
}

# script_file FILE LINE...
script_file ()
{
  local file=$tree/$1
  shift
  printf '#!/bin/bash\n# SPDX-License-Identifier: LGPL-2.1-or-later\n' >"$file"
  printf '%s\n' "$@" >>"$file"
}

# A caught fault is a point that fails and names the file.
caught ()
{
  local checker=$1 point=$2 file=$3 said
  said=$(bash "$here/$checker" "$tree")
  printf '%s\n' "$said" | grep -q "^not ok [0-9]* - $point" ||
    printf 'not caught:\n%s\n' "$said"
  printf '%s\n' "$said" | sed -n '/^not ok/,/^\(ok\|not ok\|1\.\.\)/p' | grep -qF "# $file" ||
    printf 'the file is not named:\n%s\n' "$said"
}

passes ()
{
  bash "$here/$1" "$tree" | grep -E -A9 '^not ok'
  true
}

# line N TIMES
repeat ()
{
  local i
  for ((i = 0; i < $2; i++)); do
    printf '%s\n' "$1"
  done
}

sapling
tap_check 'a faultless tree passes the style check' passes check-style.sh
tap_check 'a faultless tree passes the layer check' passes check-layers.sh

sapling
source_file lib/currant-low.c '#include "currant-high-private.h"'
tap_check 'an include from a layer below is caught' \
  caught check-layers.sh 'lib/ includes only' lib/currant-low.c
sapling
source_file lib/currant-new.c
tap_check 'a module without a layer is caught' caught check-layers.sh 'each module of lib/' \
  lib/currant-new.c
sapling
rm "$tree"/lib/currant-high*
tap_check 'a layer without its module is caught' caught check-layers.sh 'each module of the table' \
  tests/style/layers.txt
sapling
source_file adapters/currant-some.c '#include "currant-low-private.h"'
tap_check 'an adapter that looks inside is caught' caught check-layers.sh 'adapters/ includes' \
  adapters/currant-some.c
sapling
source_file cli/main.c '#include <currant-low-private.h>'
tap_check 'a program that looks inside is caught' caught check-layers.sh 'cli/ includes' cli/main.c

if command -v clang-format-14 >/dev/null; then
  sapling
  source_file lib/currant-low.c 'int  x=1;'
  tap_check 'wrong format is caught' caught check-style.sh 'the format' lib/currant-low.c
else
  tap_skip 'wrong format is caught' 'needs clang-format 14'
fi
sapling
script_file tests/t.sh "# $(printf '%0100d' 0)"
tap_check 'a long line is caught' caught check-style.sh 'lines have' tests/t.sh
sapling
source_file lib/currant-low.c 'int' 'main (void)' '{' "$(repeat '  ;' 79)" '}'
tap_check 'a long function is caught' caught check-style.sh 'functions have' lib/currant-low.c
sapling
source_file lib/currant-low.c "$(repeat '/* */' 800)"
tap_check 'a long file is caught' caught check-style.sh 'files have' lib/currant-low.c
sapling
source_file lib/currant-low.c '/* TO''DO: the rest */'
tap_check 'a word of unfinished work is caught' caught check-style.sh 'no words' lib/currant-low.c
sapling
source_file lib/currant-low.c 'int n = sprintf (text, "%d", 1);'
tap_check 'a banned function is caught' caught check-style.sh 'no functions' lib/currant-low.c
sapling
source_file lib/currant-low.c 'static gchar *text;'
tap_check 'gchar is caught' caught check-style.sh 'int and char' lib/currant-low.c
sapling
source_file tests/test-some.c 'void x (void) { g_usleep (1); }'
tap_check 'a sleeping test is caught' caught check-style.sh 'no sleeps' tests/test-some.c
sapling
script_file tests/t.sh 'sle''ep 1'
tap_check 'a sleeping script is caught' caught check-style.sh 'no sleeps' tests/t.sh
sapling
printf 'int x;\n' >"$tree/lib/currant-low.c"
tap_check 'a missing licence is caught' caught check-style.sh 'each source names' lib/currant-low.c
sapling
source_file lib/currant-low.c '#define PLACE "/ho''me/somebody/x"'
tap_check 'a path of a machine is caught' caught check-style.sh 'no paths' lib/currant-low.c
sapling
source_file lib/currant-other.c
tap_check 'a source in no list is caught' caught check-style.sh 'each source is' \
  lib/currant-other.c
sapling
source_file cli/cmd-new.c 'const char *text = N_ ("text");'
tap_check 'a text that nobody translates is caught' caught check-style.sh 'each text' cli/cmd-new.c
sapling
sed 's/"text"/"text of old"/' "$tree/po/de.po" >"$tree/po/new.po"
mv "$tree/po/new.po" "$tree/po/de.po"
tap_check 'a text without a translation is caught' caught check-style.sh 'each text is translated' \
  po/de.po
sapling
source_file lib/currant-low.c $'\tint x;'
tap_check 'a tab is caught' caught check-style.sh 'no trailing blanks' lib/currant-low.c
if command -v shellcheck >/dev/null; then
  sapling
  script_file tests/t.sh "ls \$1"
  tap_check 'a careless script is caught' caught check-style.sh 'scripts are' tests/t.sh
else
  tap_skip 'a careless script is caught' 'needs shellcheck'
fi
tap_done
