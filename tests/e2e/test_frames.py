# SPDX-License-Identifier: MIT
"""Large frames and many markets: fragments, 16 MB and no more, memory given back; 1,000 markets in one request; and the
venue's limits on messages kept through quick reloads."""
import json
import re
import os
import signal
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t
from sanitized import is_sanitized

BOOK = 'upbit:KRW-BTC'
MB = 1 << 20


def rss(process):
    """Private memory: what is mapped from files, the segment among it, is not counted."""
    with open('/proc/%d/status' % process.pid) as file:
        return [int(line.split()[1]) * 1024 for line in file if line.startswith('RssAnon:')][0]


def large_frames(arguments):
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '10', *arguments) as sim, t.Hogad(sim) as hogad:
        t.wait_until(lambda: t.book(hogad, BOOK, '--live'), 30, 'live')
        before = rss(hogad)
        for script in ('bigframe:15MB', 'fragment:64 bigframe:15MB'):
            n = t.counters(hogad)['frame_bytes']
            sim.fault(script)
            t.wait_until(lambda: t.counters(hogad)['frame_bytes'] > n + 15 * MB, 30, script)
            t.wait_until(lambda: t.book(hogad, BOOK, '--live'), 30, 'live after ' + script)
        sim.fault('fragment:1')
        t.check(t.counters(hogad)['frames_refused'] == 0 and t.counters(hogad)['disconnects'] == 0, 'taken as they came')
        if not is_sanitized():
            t.wait_until(lambda: rss(hogad) < before + 2 * MB, 30, 'the memory is given back')
        print('private memory %.1f MB, after 15 MB frames %.1f MB' % (before / MB, rss(hogad) / MB), flush=True)

        sim.fault('bigframe:17MB')
        t.wait_until(lambda: t.counters(hogad)['disconnects'] == 1, 30, 'over 16 MB: refused')
        # "message" where the connection stayed with libwebsockets, which does not tell how long a frame will be.
        t.wait_until(lambda: re.search('reason=protocol-error text="(frame|message) over 16 MB"', hogad.log()), 30,
                     hogad.log())
        t.wait_until(lambda: t.book(hogad, BOOK, '--live'), 30, 'live on a new connection')


def a_thousand_markets():
    symbols = ['KRW-M%04d' % i for i in range(1000)]
    lines = ['symbols = ' + ' '.join(symbols[i:i + 15]) for i in range(15, 1000, 15)]
    with t.Sim('--symbols', ','.join(symbols), '--rate', '1') as sim:
        with t.Hogad(sim, symbols[:15], venue='\n'.join(lines)) as hogad:
            t.wait_until(lambda: t.hoga(hogad, 'check').returncode == 0, 60, 'all live')
            stats = sim.stats()
            t.check(stats['requests'] == 1 and stats['violations'] == 0, stats)


def reloads_keep_the_venues_budget():
    symbols = ['KRW-M%02d' % i for i in range(12)]
    with t.Sim('--symbols', ','.join(symbols), '--rate', '20') as sim, t.Hogad(sim, symbols[:1]) as hogad:
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-M00', '--live'), 30, 'live')
        pause = threading.Event()
        for n in range(2, 12):
            hogad.write_config(sim, symbols[:n])
            hogad.send_signal(signal.SIGHUP)
            t.wait_until(lambda: t.counters(hogad)['reloads'] == n - 1, 30, 'reload %d' % n)
            pause.wait(0.02)
        t.wait_until(lambda: t.hoga(hogad, 'check').returncode == 0, 30, 'all live')
        t.check(json.loads(t.hoga(hogad, 'ls', '--json').stdout)['daemon']['n_books'] == 11, 'eleven books')
        stats = sim.stats()
        t.check(stats['violations'] == 0 and stats['upgrades'] == 1, stats)
        print('ten reloads: %d requests, %d violations' % (stats['requests'], stats['violations']), flush=True)


large_frames([])
large_frames(['--tls'])
a_thousand_markets()
reloads_keep_the_venues_budget()
