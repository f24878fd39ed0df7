# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Completion of the program currant for bash.

_currant_words ()
{
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("$word")
  done < <(compgen "$@" -- "$current")
}

_currant ()
{
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}

  if [ "$COMP_CWORD" -eq 1 ]; then
    _currant_words -W 'demo help match watch --help --version'
    return
  fi
  case ${COMP_WORDS[1]} in
    help)
      _currant_words -W 'demo match watch'
      ;;
    watch)
      case $previous in
        -f | --follow | -q | --queue) COMPREPLY=() ;;
        -w | --workers | -n | --name | -t | --tick | -c | --count | --for) COMPREPLY=() ;;
        *)
          if [[ $current == -* ]]; then
            _currant_words -W \
              '--follow --queue --workers --json --name --tick --count --for --help'
          else
            compopt -o filenames
            _currant_words -f
          fi
          ;;
      esac
      ;;
    demo | match)
      [[ $current != -* ]] || _currant_words -W '--help'
      ;;
  esac
}

complete -F _currant currant
