# SPDX-License-Identifier: MIT
# Completion of hoga, hoga-gtk, hogad and hoga-sim for fish. Verbs, options and instruments are asked of the programs themselves.
set -g __hoga_with_argument -d -n -i --depth --count --interval --segment --color --group --fee --style --filter \
    --max-age --max-quiet --warn-age --warn-quiet --for

function __hoga_verb # the verb on the command line, if there is one
    set -l is_argument 0
    for word in (commandline -opc)[2..-1]
        if test $is_argument = 1
            set is_argument 0
        else if contains -- $word $__hoga_with_argument
            set is_argument 1
        else if not string match -q -- '-*' $word
            echo $word
            return
        end
    end
end

function __hoga_segment
    set -l before ''
    for word in (commandline -opc)[2..-1]
        test "$before" = --segment; and echo $word
        string replace -f -- '--segment=' '' $word
        set before $word
    end
end

function __hoga_options
    set -l program (commandline -opc)[1]
    env LC_ALL=C $program $argv --help 2>/dev/null | string match -ra -- '(?:^|[ ,])(--?[a-zA-Z][a-z-]*=?)' | string match -r -- '^-.*' | sort -u
end

function __hoga_names # PROGRAM WORD [--segment PATH]: a word without a colon begins a symbol, or a venue
    begin
        env LC_ALL=C $argv[1] ls --color=never $argv[3..-1] "$argv[2]*" 2>/dev/null
        string match -q -- '*:*' $argv[2]; or env LC_ALL=C $argv[1] ls --color=never $argv[3..-1] "$argv[2]*:*" 2>/dev/null
    end | awk '$1 ~ /:/ { print $1 }' | sort -u
end

function __hoga_gtk # the instruments that hoga beside hoga-gtk, or in PATH, knows
    set -l word (commandline -ct)
    set -l at (__hoga_segment)
    test -n "$at"; and set at --segment $at
    if string match -q -- '-*' $word
        __hoga_options
    else
        __hoga_names (string replace -r 'hoga-gtk$' hoga -- (commandline -opc)[1]) "$word" $at
    end
end

function __hoga_arguments
    set -l program (commandline -opc)[1]
    set -l word (commandline -ct)
    set -l verb (__hoga_verb)
    set -l before (commandline -opc)[-1]
    set -l at (__hoga_segment)
    test -n "$at"; and set at --segment $at
    switch "$before"
        case --color
            printf '%s\n' auto always never
            return
        case --style
            printf '%s\n' auto korean western
            return
        case --segment
            __fish_complete_path $word
            return
    end
    contains -- "$before" $__hoga_with_argument; and return
    if string match -q -- '-*' $word
        __hoga_options $verb
        return
    end
    set -l takes VERB
    test -n "$verb"; and set takes (env LC_ALL=C $program help 2>/dev/null | awk -v verb=$verb '/^  [a-z]/ && $1 == verb { print $2 }')
    switch "$takes"
        case '*NAME*' '*GLOB*'
            __hoga_names $program $word $at
        case '*VENUE*'
            env LC_ALL=C $program ls --color=never $at 2>/dev/null | awk -F: '$1 ~ /^[a-z]/ && /:/ { print $1 }' | sort -u
        case '*LEVEL*'
            printf '%s\n' err warn notice info debug
        case '*VERB*'
            env LC_ALL=C $program help 2>/dev/null | awk '/^  [a-z]/ { print $1 }'
    end
end

complete -c hoga -f -a '(__hoga_arguments)'
complete -c hoga-gtk -f -a '(__hoga_gtk)'
complete -c hogad -a '(__hoga_options)' -n "string match -q -- '-*' (commandline -ct)"
complete -c hoga-sim -a '(__hoga_options)' -n "string match -q -- '-*' (commandline -ct)"
