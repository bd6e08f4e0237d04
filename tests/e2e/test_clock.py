# SPDX-License-Identifier: MIT
"""The wall clock is set forward and back, and the machine is suspended, under a daemon that is live: its decisions go by
the time that counts suspend and that nobody sets, so nothing is lost by the first, and a dead link is seen soon after the
second."""
import json
import os
import signal
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

DAY, HOUR = 86400, 3600


class Clock:
    """Both clocks of what runs with this environment."""

    def __init__(self):
        self.path = os.path.join(t.scratch(), 'clock')
        self.set(0, 0)
        shim = os.path.join(t.BUILD, 'tests/e2e/clock_shim.so')
        if not os.path.exists(shim):
            t.skip('clock_shim is not built in ' + t.BUILD)
        options = os.environ.get('ASAN_OPTIONS', '')
        self.env = {'LD_PRELOAD': shim, 'HOGA_CLOCK': self.path,
                    'ASAN_OPTIONS': options + (':' if options else '') + 'verify_asan_link_order=0'}

    def set(self, real_seconds, boot_seconds):
        """In one write of 16 bytes, so that nobody reads half of it."""
        with open(self.path, 'r+b' if os.path.exists(self.path) else 'wb', buffering=0) as file:
            file.write(struct.pack('qq', real_seconds * 10 ** 9, boot_seconds * 10 ** 9))


def stat(hogad, clock):
    return json.loads(t.hoga(hogad, 'stat', '--json', env=dict(os.environ, **clock.env)).stdout)


def counter(hogad, clock, name):
    return [row['value'] for row in stat(hogad, clock)['counters'] if row['name'] == name][0]


def shown(hogad, clock, name):
    done = t.hoga(hogad, 'book', name, '--json', env=dict(os.environ, **clock.env))
    return json.loads(done.stdout)['books'][0] if done.returncode == 0 else {'state': None, 'reason': done.stderr}


def is_live(hogad, clock, name):
    return shown(hogad, clock, name)['state'] == 'live'


def set_clock(venue, symbol):
    """Forward by a day, back by two: always live, the same connection, and the books go on."""
    clock = Clock()
    name = '%s:%s' % (venue, symbol)
    with t.Sim('--symbols', symbol, '--rate', '20', venue=venue) as sim, \
            t.Hogad(sim, symbols=[symbol], name=venue, env=clock.env) as hogad:
        t.wait_until(lambda: is_live(hogad, clock, name), 30, 'live')
        for days in (1, -1, 0):
            clock.set(days * DAY, 0)
            before = counter(hogad, clock, 'books_applied')
            end = time.monotonic() + 1.5
            while time.monotonic() < end:
                book = shown(hogad, clock, name)
                t.check(book['state'] == 'live' or t.is_silent(book), '%s: the clock %d days off: %s' % (venue, days, book))
            t.wait_until(lambda: counter(hogad, clock, 'books_applied') > before + 10, 30, 'the books go on')
            t.wait_until(lambda: is_live(hogad, clock, name), 30, '%s: live with the clock %d days off' % (venue, days))
        t.check(counter(hogad, clock, 'disconnects') == 0 and counter(hogad, clock, 'connects') == 1, hogad.log())
        print('%s: the clock was set' % venue, flush=True)


def suspend():
    """An hour passes at once. The link has outlived it; or it has not, and that is seen within the venue's limit."""
    clock = Clock()
    with t.Sim('--symbols', 'BTC/USD', '--rate', '20', venue='kraken') as sim, \
            t.Hogad(sim, symbols=['BTC/USD'], name='kraken', venue='depth = 10', env=clock.env) as hogad:
        name = 'kraken:BTC/USD'
        t.wait_until(lambda: is_live(hogad, clock, name), 30, 'live')
        clock.set(HOUR, HOUR)
        t.wait_until(lambda: is_live(hogad, clock, name), 30, 'live after suspend')
        blind = stat(hogad, clock)['connections'][0]['blind_ms_max'] / 1000
        sim.send_signal(signal.SIGSTOP)
        clock.set(2 * HOUR, 2 * HOUR)
        start = time.monotonic()

        def is_seen():
            row = stat(hogad, clock)['connections'][0]
            return row['state'] != 'live' and not t.is_silent(row) and row['reason']
        reason = t.wait_promised(is_seen, blind + 1, 'the dead link is seen')
        print('suspended: seen after %.1f s: %s' % (time.monotonic() - start, reason), flush=True)
        sim.send_signal(signal.SIGCONT)
        t.wait_until(lambda: is_live(hogad, clock, name), 60, 'live again')


set_clock('upbit', 'KRW-BTC')
set_clock('binance', 'BTCUSDT')
suspend()
