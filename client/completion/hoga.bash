# SPDX-License-Identifier: MIT
# Completion of hoga, hoga-gtk, hogad and hoga-sim for bash. Verbs, options and instruments are asked of the programs themselves, so
# that there is no list here to grow old. Instruments come from the segment; without one there are none.
_hoga_words()  # WHAT PROGRAM WORD SEGMENT: candidates, one a line
{
    local program=$2 word=$3
    local -a at=()
    [[ -n $4 ]] && at=(--segment "$4")
    case $1 in
        verbs) LC_ALL=C "$program" help 2>/dev/null | awk '/^  [a-z]/ { print $1 }' ;;
        options) LC_ALL=C "$program" $word --help 2>/dev/null | grep -oE '(^|[ ,])--?[a-zA-Z][a-z-]*=?' | grep -oE -- '--?[a-zA-Z].*' | sort -u ;;
        names) # a word without a colon begins a symbol, or a venue
            {
                LC_ALL=C "$program" ls --color=never "${at[@]}" "$word*"
                [[ $word == *:* ]] || LC_ALL=C "$program" ls --color=never "${at[@]}" "$word*:*"
            } 2>/dev/null | awk '$1 ~ /:/ { print $1 }' | sort -u ;;
        venues) LC_ALL=C "$program" ls --color=never "${at[@]}" 2>/dev/null | awk -F: '$1 ~ /^[a-z]/ && /:/ { print $1 }' | sort -u ;;
        levels) printf '%s\n' err warn notice info debug ;;
    esac
}

_hoga_takes()  # PROGRAM VERB: what the verb's arguments are
{
    case $(LC_ALL=C "$1" help 2>/dev/null | awk -v verb="$2" '/^  [a-z]/ && $1 == verb { print $2 }') in
        *NAME*|*GLOB*) echo names ;;
        *VENUE*) echo venues ;;
        *LEVEL*) echo levels ;;
        *VERB*) echo verbs ;;
    esac
}

_hoga()
{
    local line=${COMP_LINE:0:COMP_POINT} word="" verb="" segment="" before="" skip="" kind="" i part list
    local -a words
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    word=${words[-1]}
    for ((i = 1; i < ${#words[@]} - 1; i++)); do # what stands before the word: the verb, and which segment
        part=${words[i]}
        [[ $before == --segment ]] && segment=$part
        [[ $part == --segment=* ]] && segment=${part#*=}
        [[ -z $skip && $part != -* && -z $verb ]] && verb=$part
        skip=""
        [[ $part =~ ^(-d|-n|-i|--(depth|count|interval|segment|color|group|fee|style|filter|max-age|max-quiet|warn-age|warn-quiet|for))$ ]] && skip=1
        before=$part
    done
    COMPREPLY=()
    case $before,$word in
        --segment,*|*,--segment=*)
            COMPREPLY=($(compgen -f -- "${word#--segment=}"))
            return ;;
        --color,*|*,--color=*)
            COMPREPLY=($(compgen -W "auto always never" -- "${word#--color=}"))
            return ;;
        --style,*|*,--style=*)
            COMPREPLY=($(compgen -W "auto korean western" -- "${word#--style=}"))
            return ;;
    esac
    [[ -n $skip ]] && return
    if [[ $word == -* ]]; then
        kind=options list=$(_hoga_words options "${words[0]}" "$verb")
    else
        [[ -n $verb ]] && kind=$(_hoga_takes "${words[0]}" "$verb") || kind=verbs
        list=$(_hoga_words "$kind" "${words[0]}" "$word" "$segment")
    fi
    _hoga_reply "$kind" "$word" "$list"
}

_hoga_reply()  # KIND WORD LIST
{
    local kind=$1 word=$2 list=$3 IFS=$'\n'
    # Instruments are matched by the program, without case and by symbol alone; the rest by its beginning.
    if [[ $kind == names ]]; then
        COMPREPLY=($list)
    else
        COMPREPLY=($(compgen -W "$list" -- "$word"))
    fi
    if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then # bash takes what stands behind the colon for the word
        COMPREPLY=("${COMPREPLY[@]#*:}")
    fi
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

_hoga_gtk()  # options, and the instruments that hoga beside it, or in PATH, knows
{
    local line=${COMP_LINE:0:COMP_POINT} word="" segment="" program="" i
    local -a words
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    word=${words[-1]}
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        [[ ${words[i]} == --segment=* ]] && segment=${words[i]#*=}
    done
    COMPREPLY=()
    case $word in
        --segment=*) COMPREPLY=($(compgen -f -- "${word#--segment=}")) ;;
        --style=*) COMPREPLY=($(compgen -W "auto korean western" -- "${word#--style=}")) ;;
        -*) _hoga_reply options "$word" "$(_hoga_words options "${words[0]}" "")" ;;
        *)
            program=${words[0]%hoga-gtk}hoga
            _hoga_reply names "$word" "$(_hoga_words names "$program" "$word" "$segment")" ;;
    esac
}

_hoga_options()  # hogad, hoga-sim: options alone
{
    local word=${COMP_WORDS[COMP_CWORD]}
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$(LC_ALL=C "$1" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u)" -- "$word"))
    else
        COMPREPLY=($(compgen -f -- "$word"))
    fi
}

complete -F _hoga hoga
complete -F _hoga_gtk hoga-gtk
complete -o filenames -F _hoga_options hogad hoga-sim
