#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`hoga top` as an operator sees it, in a real terminal (tmux): sizes, colours, locales, keys, a daemon that stops, and
the terminal given back on every way out."""

import os
import re
import shlex
import subprocess

from cli_support import FAILED, HOGA, Segment, environment, hoga, t
from terminal import Terminal, columns

HEAD = re.compile(r'hoga top  \d+ of \d+ live')


def command(segment, *options):
    return ' '.join(shlex.quote(w) for w in (HOGA, 'top', '--segment', segment.path) + options)


def has_head(lines):
    return bool(HEAD.match(lines[0]))


def is_top(lines):
    """All of it: the last row is drawn last. Not while a busy machine keeps the segment's heartbeat away."""
    return has_head(lines) and any('q leave' in line for line in lines) and not any('silent' in line for line in lines)


def every_size_is_whole(segment):
    with Terminal(40, 12) as terminal:
        terminal.run(command(segment))
        lines = terminal.until(is_top, 'top on 40x12')
        t.check(lines[1].split()[:2] == ['NAME', 'STATE'] and 'upbit:KRW-XRP' in lines[2] and 'failed' in lines[2],
                'the worst first:\n' + '\n'.join(lines))
        t.check('q leave' in lines[11], 'the last row tells the way out:\n' + '\n'.join(lines))
        terminal.keys('h')
        terminal.until(lambda l: 'any key' in l[11] and sum(1 for line in l if line.strip()) == 12, 'all keys find room')
        terminal.keys('x')
        terminal.until(is_top, 'back')
        for width, height in ((80, 24), (200, 60), (41, 13), (120, 12), (40, 40)):
            terminal.resize(width, height)
            lines = terminal.until(lambda l, w=width, h=height: is_top(l) and 'q leave' in l[h - 1] and
                                   columns(l[1]) <= w, '%dx%d' % (width, height))
            t.check(max(columns(line) for line in lines) <= width, 'nothing beyond the edge')
        terminal.resize(39, 11)
        terminal.until(lambda l: 'too small' in l[0], 'too small is said')
        terminal.resize(160, 40)
        terminal.until(lambda l: is_top(l) and all(any(word in line for line in l) for word in (
            'COUNTER', 'ROUND TRIP', 'p99', 'REASON', 'frames')), 'all panes')
        terminal.keys('q')


def columns_line_up(segment):
    """Hangul takes two columns: what follows it stands where it stands in other rows."""
    for locale, name in (('C.UTF-8', '원화-비트코인'), ('C', '??-????')):
        with Terminal(100, 24, env={'LC_ALL': locale}) as terminal:
            terminal.run(command(segment))
            lines = terminal.until(lambda l, n=name: is_top(l) and any('upbit:' + n in line for line in l),
                                   'a Korean name in ' + locale)
            rows = [line for line in lines[:22] if line.startswith('upbit:')]
            places = {columns(line[:line.index(word)]) for line in rows for word in (' live', ' failed') if word in line}
            t.check(len(places) == 1, '%s: %s\n%s' % (locale, places, '\n'.join(lines)))
            terminal.keys('q')


def colours_follow_the_terminal(segment):
    for term, options, wanted, unwanted in (('tmux-256color', (), r'\033\[38;5;34mlive', None),
                                            ('screen', (), r'\033\[32mlive', r'38;5'), ('vt100', (), None, r'\033\[\d*;?3[0-7]m'),
                                            ('tmux-256color', ('--color=never',), None, r'\033\[\d*;?3[0-7]m')):
        with Terminal(80, 24, term) as terminal:
            terminal.run(command(segment, *options))
            terminal.until(is_top, term)
            t.wait_until(lambda w=wanted: not w or re.search(w, '\n'.join(terminal.lines('-e'))), 30,
                         '%s has its colours: %r' % (term, terminal.lines('-e')))
            text = '\n'.join(terminal.lines('-e'))
            t.check(not unwanted or not re.search(unwanted, text), '%s has no others: %r' % (term, text))
            terminal.keys('q')


def keys_do_what_they_say(segment):
    def foot(terminal, what):
        return terminal.until(lambda l: what in l[23], 'the foot says %r' % what)

    with Terminal(90, 24) as terminal:
        terminal.run(command(segment))
        terminal.until(is_top, 'top')
        terminal.keys('s')
        foot(terminal, 'sort rate')
        terminal.keys('s', 's', 's')
        lines = foot(terminal, 'sort name')
        names = [line.split()[0] for line in lines[2:22] if line.startswith('upbit:')]
        t.check(names == sorted(names) and len(names) == 4, names)
        terminal.keys('r')
        terminal.until(lambda l: l[2].split()[0] == names[-1], 'turned round')
        terminal.keys('+')
        foot(terminal, 'every 500 ms')
        terminal.keys('-', '-')
        foot(terminal, 'every 2.0 s')
        terminal.keys('Down')
        terminal.until(lambda l: l[22].startswith(names[-2]), 'the row below is picked')
        terminal.text('/xrp')
        terminal.until(lambda l: l[23].startswith('/xrp_') and l[22].startswith('upbit:KRW-XRP failed: '), 'filtered')
        terminal.keys('Enter')
        foot(terminal, '/xrp')
        terminal.keys('/', 'Escape')
        terminal.until(lambda l: any('KRW-BTC' in line for line in l), 'no filter')
        terminal.keys('Tab')
        terminal.until(lambda l: l[22].startswith('upbit: live'), 'a connection')
        terminal.keys('BTab', 'BTab')
        foot(terminal, 'Counters')
        terminal.keys('d')
        terminal.until(lambda l: any(re.match(r'frames +9,007,199,254,740,993', line) for line in l), 'totals are exact')
        terminal.keys('q')
        terminal.until(lambda l: not has_head(l), 'left')


def the_terminal_comes_back(segment):
    ways = [('q', None, 0), ('C-c', None, 0), (None, 'TERM', 0), (None, 'INT', 0), (None, 'QUIT', 0), (None, 'SEGV', 139),
            (None, 'ABRT', 134), (None, 'BUS', 135)]
    with Terminal(80, 24) as terminal:
        terminal.run('ulimit -c 0; stty -g > %s/before' % os.path.dirname(segment.path))
        for key, signal, code in ways:
            pid = os.path.join(t.scratch(), 'pid')
            terminal.run('sh -c \'echo $$ > %s; exec "$@"\' - %s; echo rc=$?; stty -g > %s.after' %
                         (pid, command(segment), pid))
            terminal.until(is_top, 'top before %s' % (key or signal))
            t.check(terminal.ask('alternate_on') == '1' and terminal.ask('cursor_flag') == '0', 'the other screen')
            if key:
                terminal.keys(key)
            else:
                with open(pid) as f:
                    subprocess.run(['kill', '-' + signal, f.read().strip()], check=True)
            terminal.until(lambda l, c=code: any(line == 'rc=%d' % c for line in l), 'exit %d of %s' % (code, key or signal))
            t.wait_until(lambda p=pid: os.path.exists(p + '.after') and os.path.getsize(p + '.after'), 30, 'modes')
            t.check(terminal.ask('alternate_on') == '0' and terminal.ask('cursor_flag') == '1', 'given back: %s' % signal)
            with open(pid + '.after') as after, open(os.path.dirname(segment.path) + '/before') as before:
                t.check(after.read() == before.read(), 'the modes of the terminal after %s' % (key or signal))
            terminal.run('clear')
            terminal.until(lambda l: not any('rc=' in line for line in l), 'clear')


def a_pause_and_back(segment):
    with Terminal(80, 24) as terminal:
        terminal.run('set -m')
        terminal.run(command(segment))
        terminal.until(is_top, 'top')
        terminal.keys('C-z')
        terminal.until(lambda l: not has_head(l) and any('Stopped' in line for line in l), 'stopped')
        terminal.run('fg')
        terminal.until(is_top, 'back in front')
        terminal.keys('q')


def no_terminal_is_said(segment):
    out, err = hoga(segment, 'top', code=2)
    t.check(out == '' and re.match(r'hoga: top: standard output: is no terminal: .*\n$', err), err)
    master, slave = os.openpty()
    for env, words in (({'TERM': 'no-such-terminal'}, 'TERM=no-such-terminal'), ({'TERM': 'dumb'}, 'TERM=dumb')):
        done = subprocess.run([HOGA, 'top'], stdin=slave, stdout=slave, stderr=subprocess.PIPE, text=True, timeout=60,
                              env=environment(segment, **env))
        t.check(done.returncode == 2 and words in done.stderr and done.stderr.count('\n') == 1, done.stderr)
    done = subprocess.run([HOGA, 'top'], stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.PIPE, text=True,
                          timeout=60, env=environment(segment, TERM='screen'))
    t.check(done.returncode == 2 and 'standard input: is no terminal' in done.stderr, done.stderr)
    os.close(master)
    os.close(slave)
    t.check('no segment there' in hoga(None, 'top', '--segment', segment.path + '-none', code=1)[1], 'no segment')


def a_terminal_that_goes_ends_it(segment):
    with Terminal(80, 24) as terminal:
        pid = os.path.join(t.scratch(), 'pid')
        terminal.run('sh -c \'echo $$ > %s; exec "$@"\' - %s' % (pid, command(segment)))
        terminal.until(is_top, 'top')
        with open(pid) as f:
            process = f.read().strip()
    t.wait_until(lambda: not os.path.exists('/proc/%s' % process), 30, 'top ends with its terminal')


def a_stopped_daemon_is_seen_without_a_key(segment):
    """Though the next drawing would come in a minute."""
    with Terminal(80, 24) as terminal:
        terminal.run(command(segment, '--interval', '60000'))
        terminal.until(is_top, 'top')
        segment.say('mute')
        terminal.until(lambda l: 'hogad is silent since' in l[1] and '0 of 4 live' in l[0] and
                       any('daemon-silent' in line for line in l), 'a silent daemon: all books are down', 30)
        segment.say('unmute')
        terminal.until(lambda l: '3 of 4 live' in l[0] and 'silent' not in l[1], 'and that it is back', 30)
        segment.stop()
        terminal.until(lambda l: 'hogad was stopped' in l[1], 'a stopped daemon', 30)
        terminal.keys('q')


with Segment() as seg:
    seg.book('KRW-BTC', *('1165015:50000001', '1165021:30000000', 2, 0, (1, 8)))
    seg.book('KRW-ETH')
    seg.book('원화-비트코인')
    seg.book('KRW-XRP', '-', '-', FAILED, 3)
    every_size_is_whole(seg)
    columns_line_up(seg)
    colours_follow_the_terminal(seg)
    keys_do_what_they_say(seg)
    the_terminal_comes_back(seg)
    a_pause_and_back(seg)
    no_terminal_is_said(seg)
    a_terminal_that_goes_ends_it(seg)
    a_stopped_daemon_is_seen_without_a_key(seg)
with Segment(source=2) as seg:
    seg.book('KRW-BTC')
    with Terminal(80, 24) as window:
        window.run(command(seg))
        window.until(lambda l: "source simulator: these are not the market's numbers" in l[1], 'the source is said')
        window.keys('q')
