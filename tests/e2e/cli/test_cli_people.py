#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What people read from `hoga`: tables, the verdict that cannot be overlooked, errors with a remedy, usage, Korean."""

import fcntl
import os
import re
import shutil
import struct
import subprocess
import termios

from cli_support import FAILED, LIVE, Segment, environment, hoga, says_silent, t
from terminal import columns

DECIMAL_BOOK = ('1165015:50000001,1165010:100000000', '1165021:30000000,1165025:1200', LIVE, 0, (1, 8))


def books_line_up(segment):
    out = hoga(segment, 'book', 'krw-btc')[0]
    rows = [line for line in out.split('\n') if re.match(r'  (ASK|BID) ', line)]
    t.check([r.split()[1] for r in rows] == ['116,502.5', '116,502.1', '116,501.5', '116,501.0'], out)
    t.check(len({tuple(m.start() for m in re.finditer(r'\.', r)) for r in rows}) == 1, 'points below points:\n' + out)
    t.check('spread 0.6' in out and 'NOT LIVE' not in out and '+09:00' in out, out)
    t.check(' UTC' in hoga(segment, 'book', 'krw-btc', '--utc')[0], 'UTC')
    t.check('\033' not in out and '\033[32m' in hoga(segment, 'ls', '--color=always')[0], 'colour')
    t.check('\033' not in hoga(segment, 'ls', '--color=auto')[0], 'no colour into a pipe')
    failed = hoga(segment, 'book', 'KRW-XRP')[0]
    t.check(failed.count('*** NOT LIVE: failed: no-snapshot') == 2, 'above and below:\n' + failed)
    out, err = hoga(segment, 'book', 'KRW-XRP', '--live', code=1)
    t.check(out == '' and err.startswith('hoga: upbit:KRW-XRP: not live: failed, no-snapshot'), err)
    head = hoga(segment, 'ls')[0].split('\n')[0].split()
    t.check(head == ['NAME', 'STATE', 'REASON', 'BID', 'ASK', 'CHANGED', 'HEARD', 'SOURCE'], head)
    t.check(len(hoga(segment, 'ls', '*:krw-x*')[0].split('\n')) == 3, 'glob')
    for verb in (('info', 'KRW-BTC'), ('stat',)):
        t.check('live' in hoga(segment, *verb)[0], verb)


def on_terminal(segment, width, *words):
    """The lines that the tool prints to a terminal of this width."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 24, width, 0, 0))
    done = subprocess.run([t.program('hoga'), *words], env=environment(segment), stdout=theirs, timeout=60, check=True)
    out = b''
    os.close(theirs)
    try:
        while chunk := os.read(ours, 65536):
            out += chunk
    except OSError: # the end of what a terminal gives
        pass
    os.close(ours)
    t.check(done.returncode == 0, words)
    return [re.sub(r'\033\[[0-9;?]*[A-Za-z]', '', line.rstrip('\r')) for line in out.decode().split('\n')]


def spoken(segment, width, *words):
    """on_terminal, of a segment that nobody held up."""
    for _ in range(20):
        lines = on_terminal(segment, width, *words)
        if not says_silent(segment, '\n'.join(lines)):
            break
    return lines


def books_fit_narrow_terminals(segment):
    for width in (90, 76, 60, 56, 50, 44, 38):
        lines = spoken(segment, width, 'book', 'krw-btc')
        wide = [line for line in lines if columns(line.rstrip()) > width]
        t.check(not wide, 'at %d columns: %s' % (width, wide))
        t.check(len(lines) <= 24, 'at %d columns: %d lines' % (width, len(lines)))
        rows = [line.split() for line in lines if re.match(r'  (ASK|BID) ', line)]
        t.check([row[1] for row in rows] == ['116,502.5', '116,502.1', '116,501.5', '116,501.0'], rows)
        t.check(width < 50 or len(rows[0]) == 4, 'totals where there is room: %s' % rows)
    rows = [line.split() for line in spoken(segment, 30, 'book', 'krw-btc') if line.startswith('  ASK ')]
    t.check([len(row) for row in rows] == [3, 3], 'and none where there is none: %s' % rows)


def errors_say_what_to_do(segment):
    def err(*arguments, code=1):
        return hoga(segment, *arguments, code=code)[1]

    t.check(err('book', 'upbit:KRW-BTX') == 'hoga: upbit:KRW-BTX: not listed: did you mean KRW-BTC?\n', 'a slip')
    t.check('did you mean upbit:KRW-BTC?' in err('info', 'upbot:KRW-BTC'), 'a slip in the venue')
    t.check('hoga ls' in err('book', 'zzzzzzzz'), 'nothing near')
    t.check(re.match(r'hoga: \S+/none: .+: .+\n$', err('ls', '--segment', segment.path + '/none')), 'no segment')
    for wrong in (('nothing',), (), ('book',), ('book', 'a', 'b'), ('ls', '--what'), ('ls', '-d'), ('ls', '-d', '0'),
                  ('ls', '-d', '1001'), ('ls', '-n', '-1'), ('ls', '--color=red'), ('ls', '--live'), ('book', '--all'),
                  ('help', 'nothing'), ('book', 'krw-btc', '--group', '0'), ('book', 'krw-btc', '--group', 'x'),
                  ('check', '--max-age', '1s'), ('stat', 'x'), ('--what', 'ls')):
        words = err(*wrong, code=2)
        t.check(words.startswith('hoga: ') and 'hoga help' in words and words.count('\n') == 1, (wrong, words))
    t.check(hoga(segment, '--version')[0].startswith('hoga ') and 'Usage' in hoga(segment, '--help')[0], 'help')
    for verb in ('ls', 'info', 'book', 'watch', 'stat', 'check', 'doctor'):
        t.check(hoga(segment, 'help', verb)[0] == hoga(segment, verb, '--help')[0] != '', verb)
        t.check('--depth' in hoga(segment, 'help', verb)[0], verb)


def closed_pipes_are_quiet(segment):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([t.program('hoga'), 'ls'], env=environment(segment), stdout=write, stderr=subprocess.PIPE,
                          timeout=60, check=False)
    os.close(write)
    t.check(done.returncode == 0 and done.stderr == b'', 'quiet')
    with open('/dev/full', 'w') as full:
        done = subprocess.run([t.program('hoga'), 'ls'], env=environment(segment), stdout=full, stderr=subprocess.PIPE,
                              timeout=60, check=False)
    t.check(done.returncode == 1 and b'standard output' in done.stderr, 'a full disk is said')


def korean_where_there_is_a_catalogue(segment):
    catalogues = os.path.join(t.BUILD, 'client', 'po', 'locale')
    if not shutil.which('localedef') or not os.path.exists(os.path.join(catalogues, 'ko')):
        print('without the Korean part: localedef or the catalogue is absent')
        return
    folder = t.scratch()
    made = subprocess.run(['localedef', '-i', 'ko_KR', '-f', 'UTF-8', os.path.join(folder, 'ko_KR.UTF-8')], check=False,
                          capture_output=True)
    if made.returncode:
        print('without the Korean part: localedef: %s' % made.stderr)
        return
    env = environment(segment, LC_ALL='ko_KR.UTF-8', LOCPATH=folder, HOGA_LOCALEDIR=catalogues)
    book = hoga(segment, 'book', 'krw-btc', env=env)[0]
    t.check('매도' in book and '매수' in book and '스프레드' in book and ' live ' in book, book)
    t.check('no-snapshot: 거래소가' in hoga(segment, 'book', 'krw-xrp', env=env)[0], 'reasons stay, sentences do not')
    t.check('혹시 KRW-BTC입니까?' in hoga(segment, 'book', 'krw-btx', env=env, code=1)[1], 'errors')
    t.check(hoga(segment, 'info', 'krw-xrp', '-j', env=env)[0].count('no-snapshot') == 1, 'JSON')
    t.check(all(ord(c) < 128 for c in hoga(segment, 'info', 'krw-xrp', '-j', env=env)[0]), 'JSON is not translated')


def a_dead_daemon_is_said(segment):
    segment.stop()
    for verb in (('ls',), ('book', 'krw-btc'), ('info', 'krw-btc'), ('stat',)):
        first = hoga(segment, *verb)[0].split('\n')[0]
        t.check(re.match(r'hogad was stopped .* ago; values are frozen', first), first)
    t.check('bad   hogad: was stopped' in hoga(segment, 'doctor', code=1)[0], 'doctor')


with Segment() as seg:
    seg.book('KRW-BTC', *DECIMAL_BOOK)
    t.check('ok    books: 1 of 1 live' in hoga(seg, 'doctor')[0], 'a healthy host')
    seg.book('KRW-XRP', '-', '-', FAILED, 3)
    books_line_up(seg)
    books_fit_narrow_terminals(seg)
    errors_say_what_to_do(seg)
    closed_pipes_are_quiet(seg)
    korean_where_there_is_a_catalogue(seg)
    a_dead_daemon_is_said(seg)
with Segment(source=2) as seg:
    seg.book('KRW-BTC')
    t.check("these are not the market's numbers" in hoga(seg, 'book', 'KRW-BTC')[0], 'simulated books say so')
    t.check('simulator' in hoga(seg, 'ls')[0], 'ls too')
