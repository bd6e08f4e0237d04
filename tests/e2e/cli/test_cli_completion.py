#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Completion in bash, zsh and fish, in a real terminal: verbs, options, instruments of the segment, and nothing where there
is none. Shells that are not installed are named and passed over."""

import os
import shutil

from cli_support import HOGA, Segment, t
from terminal import Terminal

FOLDER = os.path.join(t.TOP, 'client', 'completion')
SHELLS = {
    'bash': ['bash --norc --noprofile -i', 'source %s/hoga.bash' % FOLDER, 'bind "set completion-query-items 1000"'],
    'zsh': ['zsh -f -i', 'fpath=(%s $fpath); autoload -Uz compinit; compinit -u -D' % FOLDER, 'zstyle ":completion:*" menu no'],
    'fish': ['fish --no-config -i', 'source %s/hoga.fish' % FOLDER, 'set fish_greeting; set fish_autosuggestion_enabled 0'],
}
# What is typed, and what Tab makes of it.
COMPLETED = [
    ('hoga chec', 'hoga check '), ('hoga help lad', 'hoga help ladder '), ('hoga book krw-x', 'hoga book upbit:KRW-XRP'),
    ('hoga book upbit:KRW-B', 'hoga book upbit:KRW-BTC'), ('hoga check --nag', 'hoga check --nagios'),
    ('hoga log-level deb', 'hoga log-level debug'), ('hoga reconnect up', 'hoga reconnect upbit'),
    ('hoga book --color alw', 'hoga book --color always'), ('hoga stat -n 3 --inter', 'hoga stat -n 3 --interval'),
    ('hoga book upb', 'hoga book upbit:KRW-'), ('hoga-gtk krw-x', 'hoga-gtk upbit:KRW-XRP'),
    ('hoga-gtk upbit:KRW-B', 'hoga-gtk upbit:KRW-BTC'), ('hoga-gtk up', 'hoga-gtk upbit:KRW-'),
]


def last_line(lines):
    filled = [line for line in lines if line.strip()]
    return filled[-1] if filled else ''


def complete(terminal, typed, wanted):
    terminal.keys('C-u')
    terminal.text(typed)
    terminal.until(lambda l: last_line(l).rstrip().endswith(typed), 'typed %r' % typed)
    terminal.keys('Tab')
    # fish offers what is left below the line
    terminal.until(lambda l: any(wanted.rstrip() in line for line in l), '%r becomes %r' % (typed, wanted))


def check_shell(name, segment):
    start, source, setting = SHELLS[name]
    home = t.scratch()
    env = {'PATH': '%s:%s' % (os.path.dirname(HOGA), os.environ.get('PATH', '/usr/bin:/bin')), 'HOGA_SEGMENT': segment.path,
           'HOME': home, 'XDG_CONFIG_HOME': home, 'XDG_DATA_HOME': home, 'PS1': '> '}
    with Terminal(100, 30, env=env) as terminal:
        terminal.run('exec ' + start)
        terminal.run(setting)
        terminal.run(source)
        terminal.run('echo re""ady')
        terminal.until(lambda l: any(line.strip() == 'ready' for line in l), '%s is ready' % name)
        for typed, wanted in COMPLETED:
            complete(terminal, typed, wanted)
        terminal.keys('C-u')
        terminal.run('clear')
        terminal.text('hoga ')
        terminal.keys('Tab')
        terminal.keys('Tab')
        terminal.until(lambda l: all(any(verb in line for line in l) for verb in ('doctor', 'metrics', 'ladder', 'watch')),
                       'all verbs are offered')
        terminal.keys('C-c')
        terminal.run('clear')
        terminal.keys('C-u')
        terminal.text('hoga book --segment=%s-none krw-' % segment.path)
        terminal.keys('Tab')
        terminal.text('!')
        terminal.until(lambda l: any('-none krw-!' in line for line in l), 'without a segment nothing is offered')
        terminal.keys('C-c')


def check_texts():
    """They ask the programs; a list of verbs or instruments would grow old."""
    for name in ('hoga.bash', '_hoga', 'hoga.fish'):
        with open(os.path.join(FOLDER, name)) as f:
            text = f.read()
        t.check('KRW' not in text and 'doctor' not in text, '%s has no list of its own' % name)


check_texts()
with Segment() as seg:
    seg.book('KRW-BTC')
    seg.book('KRW-XRP')
    for shell in SHELLS:
        if shutil.which(shell):
            check_shell(shell, seg)
        else:
            print('without %s: not installed' % shell)
