#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`hoga ladder` in a real terminal: sizes, colours, keys, what is not live, and the terminal given back."""

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys

from cli_support import EMPTY, FAILED, HOGA, LIVE, Segment, environment, t

from terminal import Terminal  # noqa: E402

BIDS = '1165000:50000001,1164000:100000000,1163000:1'
ASKS = '1166000:30000000,1167000:1200,1168000:123456789012'
NUMBERS = (0, 8)


class Ladder(Terminal):
    """A shell in which `hoga ladder` runs; `ended CODE` shows on the same terminal when it has."""

    def __init__(self, segment, *arguments, columns=80, rows=24, term='tmux-256color', **env):
        super().__init__(columns, rows, term, environment(segment, **env))
        script = os.path.join(t.scratch(), 'run')
        with open(script, 'w') as f:
            f.write('%s ladder %s\necho ended $?\n' % (HOGA, ' '.join(shlex.quote(a) for a in arguments)))
        self.run('. ' + script)

    def screen(self, *options):
        return '\n'.join(self.lines(*options))

    def wait(self, wanted, seconds=40, is_promised=False):
        """Until the text is on the screen, or the predicate says yes to it; the screen then."""
        is_there = wanted if callable(wanted) else lambda screen: wanted in screen
        return '\n'.join(self.until(lambda lines: is_there('\n'.join(lines)), repr(wanted), seconds, is_promised))

    def pid(self):
        found = subprocess.run(['pgrep', '-P', self.ask('pane_pid'), '-x', 'hoga'], capture_output=True, text=True,
                               check=False)
        return int(found.stdout.split()[0])


def rows_of(screen):
    """(price, amount) of each row of levels, from the top."""
    rows = [re.match(r'[> ](?:\s*)([0-9][0-9,.]*)[* ]\s*[+-]?\s+([0-9][0-9,.~]*)\s*$', line) for line in screen.split('\n')]
    return [row.groups() for row in rows if row]


def wait_drawn(terminal, text):
    """The text, and the last line, which is drawn last."""
    return terminal.wait(lambda screen: text in screen and 'h: help' in screen)


def wait_rows(terminal, *wanted):
    return terminal.wait(lambda screen: all(row in rows_of(screen) for row in wanted))


def shows_the_book(segment):
    with Ladder(segment, 'krw-btc') as terminal:
        screen = terminal.wait(lambda screen: all(word in screen for word in ('spread 1,000', 'h: help', ' live')) and
                               'NOT LIVE' not in screen)
        t.check(rows_of(screen) == [('1,168,000', '1,234.56789012'), ('1,167,000', '0.00001200'),
                                    ('1,166,000', '0.30000000'), ('1,165,000', '0.50000001'),
                                    ('1,164,000', '1.00000000'), ('1,163,000', '0.00000001')], screen)
        t.check('upbit:KRW-BTC' in screen and 'live' in screen, screen)
        t.check('source exchange, proof sequence' in screen and 'not the market' not in screen, screen)
        terminal.keys('t')
        wait_rows(terminal, ('1,163,000', '1.50000002'))
        terminal.keys('t', 'm')
        wait_rows(terminal, ('1,166,000', '349,800.00000'), ('1,165,000', '582,500.01165'))
        terminal.keys('q')
        terminal.wait('ended 0')


def says_what_is_no_market(_):
    with Segment(source=2) as segment:
        segment.book('KRW-BTC', BIDS, ASKS, LIVE, 0, NUMBERS)
        with Ladder(segment, 'upbit:KRW-BTC') as terminal:
            terminal.wait('source simulator: these are not the market')
        segment.book('KRW-BTC', BIDS, ASKS, 5, 9, NUMBERS)
        with Ladder(segment, 'upbit:KRW-BTC', columns=40, rows=12) as terminal:
            terminal.wait(lambda screen: 'NOT LIVE: best bid at or above best ask' in screen and 'crossed' in screen and
                          'simulator: not the market' in screen)


def follows_and_keeps_rows(segment):
    with Ladder(segment, 'upbit:KRW-BTC') as terminal:
        before = wait_drawn(terminal, 'spread 1,000')
        for _ in range(20):  # the mark fades in half a second: a busy machine may look too late
            for size in ('55000000', '60000000'):
                segment.book('KRW-BTC', BIDS.replace('50000001', size), ASKS, LIVE, 0, NUMBERS)
                screen = wait_drawn(terminal, '0.' + size)
            if re.search(r'1,165,000 *\+ *0\.60000000', screen):
                break
        else:
            raise AssertionError('what grew is marked:\n' + screen)
        t.check([p for p, _ in rows_of(screen)] == [p for p, _ in rows_of(before)], screen)
        terminal.keys('f')
        terminal.wait('FROZEN')
        terminal.keys('Up')
        terminal.wait(lambda screen: 'on average' in screen and 'FROZEN' in screen) # an order hides no warning
        terminal.keys('Escape')
        segment.book('KRW-BTC', BIDS, ASKS, FAILED, 3, NUMBERS)
        terminal.wait(lambda screen: 'NOT LIVE: failed' in screen and '0.60000000' in screen) # rows alone are frozen
        terminal.keys('f')
        terminal.wait('0.50000001')
        segment.book('KRW-BTC', BIDS, ASKS, LIVE, 0, NUMBERS)
        terminal.wait(lambda screen: 'NOT LIVE' not in screen)


def groups_chooses_and_counts(segment):
    with Ladder(segment, 'upbit:KRW-BTC', '--fee', '0.05', '--group', '2000') as terminal:
        terminal.wait('in steps of 2000')
        wait_rows(terminal, ('1,166,000', '0.30000000'), ('1,164,000', '1.50000001'))
        terminal.keys('G')
        terminal.wait('in steps of 1000')
        terminal.keys('Up')
        terminal.wait('buy 0.3 at 1,166,000 on average, 0.00 % off')
        terminal.wait('pays 349,974.9, fee included')
        terminal.keys('Up')
        terminal.wait('buy 0.300012 at ')
        terminal.keys('Escape')
        terminal.wait('asks ')


def finds_korean_names(_):
    with t.Sim('--symbols', 'KRW-BTC,KRW-XRP', '--rate', '20') as sim, t.Hogad(sim, ('KRW-BTC', 'KRW-XRP')) as hogad:
        here = argparse.Namespace(path=hogad.segment)
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-XRP', '--live'), 30, 'a live book')
        t.wait_until(lambda: '비트코인' in subprocess.run([HOGA, 'ls', '--all'], env=environment(here), capture_output=True,
                                                       text=True, check=False).stdout, 30, 'the list has come')
        with Ladder(here, 'upbit:KRW-XRP') as terminal:
            terminal.wait('spread')
            terminal.keys('/')
            terminal.text('비토')
            terminal.keys('BSpace')
            terminal.text('트')
            terminal.wait(re.compile(r'book: 비트_ +upbit:KRW-BTC *$', re.M).search)
            terminal.keys('Enter')
            terminal.wait(re.compile(r'^upbit:KRW-BTC', re.M).search)


def takes_another_book_by_name(segment):
    segment.book('KRW-XRP', '100:1', '101:2')
    with Ladder(segment, 'upbit:KRW-BTC') as terminal:
        terminal.wait('spread')
        terminal.keys('/', 'x', 'r', 'p')
        terminal.wait(re.compile(r'book: xrp_ .*upbit:KRW-XRP').search)
        terminal.keys('Enter')
        terminal.wait(re.compile(r'^upbit:KRW-XRP', re.M).search)
        terminal.keys('/', 'z', 'z', 'z', 'Enter')
        terminal.wait('zzz: hogad carries no such book')
        terminal.keys('h')
        terminal.wait('hoga ladder: keys')
        terminal.keys('Escape')
        terminal.wait(re.compile(r'^upbit:KRW-XRP', re.M).search)


def fits_every_terminal(segment):
    segment.book('KRW-XRP', '-', '101:2', LIVE)
    with Ladder(segment, 'upbit:KRW-BTC', 'upbit:KRW-XRP', columns=40, rows=12) as terminal:
        screen = wait_drawn(terminal, 'spread')
        t.check(max(len(line) for line in screen.split('\n')) <= 40, screen)
        t.check('upbit:KRW-XRP' not in screen and len(rows_of(screen)) >= 4, screen)
        terminal.keys('Tab')
        terminal.wait('no spread: a side is empty')
        terminal.resize(120, 30)
        terminal.wait(lambda screen: 'upbit:KRW-BTC' in screen and 'upbit:KRW-XRP' in screen)
        terminal.resize(40, 12)
        terminal.wait(lambda screen: 'upbit:KRW-BTC' not in screen and 'upbit:KRW-XRP' in screen)
    for term in ('xterm', 'screen', 'vt100', 'linux'):
        with Ladder(segment, 'upbit:KRW-BTC', term=term) as terminal:
            wait_rows(terminal, ('1,165,000', '0.50000001'))
    with Ladder(segment, 'upbit:KRW-BTC', '--color=never') as terminal:
        terminal.wait('spread')
        t.check(not re.search(r'\x1b\[[0-9;]*(3|4)[0-7]', terminal.screen('-e')), 'no colour')
    with Ladder(segment, 'upbit:KRW-BTC', '--style', 'korean') as terminal:
        wait_drawn(terminal, 'spread')
        t.wait_until(lambda: all(colour in terminal.screen('-e') for colour in ('48;5;17', '48;5;52')), 30,
                     'grounds of the sides')
        terminal.keys('k')
        t.wait_until(lambda: '48;5;17' not in terminal.screen('-e'), 30, 'western colours')


def gives_the_terminal_back(segment):
    for number, code in ((signal.SIGINT, '0'), (signal.SIGTERM, '0'), (signal.SIGSEGV, '139')):
        with Ladder(segment, 'upbit:KRW-BTC') as terminal:
            terminal.wait('spread')
            os.kill(terminal.pid(), number)
            screen = terminal.wait('ended ' + code)
            t.check('spread' not in screen, 'the screen of before:\n' + screen)
    done = subprocess.run([HOGA, 'ladder', 'upbit:KRW-BTC'], env=environment(segment), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)
    t.check(done.returncode == 2 and 'is no terminal' in done.stderr, (done.returncode, done.stderr))
    for wrong in (('--fee', '101'), ('--fee', 'x'), ('--style', 'blue'), ('--group', '0')):
        done = subprocess.run([HOGA, 'ladder', 'upbit:KRW-BTC', *wrong], env=environment(segment), capture_output=True,
                              text=True, timeout=60, check=False)
        t.check(done.returncode == 2 and done.stderr.startswith('hoga: %s: ' % wrong[1]), (wrong, done.stderr))


def a_stopped_daemon_shows_without_a_key(segment):
    with Ladder(segment, 'upbit:KRW-BTC') as terminal:
        terminal.wait('spread')
        segment.say('mute')
        terminal.wait('NOT LIVE: down', 3, is_promised=True)
        wait_rows(terminal, ('1,165,000', '0.50000001'))


def speaks_korean(segment):
    catalogues = os.path.join(t.BUILD, 'client', 'po', 'locale')
    folder = t.scratch()
    if not shutil.which('localedef') or not os.path.exists(os.path.join(catalogues, 'ko')):
        print('without the Korean part: localedef or the catalogue is absent')
        return
    if subprocess.run(['localedef', '-i', 'ko_KR', '-f', 'UTF-8', os.path.join(folder, 'ko_KR.UTF-8')],
                      capture_output=True, check=False).returncode:
        print('without the Korean part: localedef fails')
        return
    with Ladder(segment, 'upbit:KRW-BTC', LC_ALL='ko_KR.UTF-8', LOCPATH=folder, HOGA_LOCALEDIR=catalogues) as terminal:
        screen = terminal.wait(lambda screen: '스프레드' in screen and '도움말' in screen)
        t.check('매도' in screen and '매수' in screen, screen)
        t.wait_until(lambda: '48;5;17' in terminal.screen('-e'), 30, 'Korean colours where the words are')


def main():
    for part in (shows_the_book, says_what_is_no_market, follows_and_keeps_rows, groups_chooses_and_counts,
                 takes_another_book_by_name, finds_korean_names, fits_every_terminal, gives_the_terminal_back, speaks_korean,
                 a_stopped_daemon_shows_without_a_key):
        with Segment() as segment:
            segment.book('KRW-BTC', BIDS, ASKS, LIVE, 0, NUMBERS)
            segment.book('KRW-ETH', '-', '-', EMPTY)
            part(segment)


if __name__ == '__main__':
    sys.exit(main())
