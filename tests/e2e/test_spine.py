# SPDX-License-Identifier: MIT
"""The straight way: what the simulator says, byte by byte through hogad and the segment, is what `hoga` shows."""
import json
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

SYMBOLS = ['KRW-BTC', 'KRW-ETH', 'BTC-XRP', 'USDT-BTC']


def same_as_truth(sim, hogad, symbol):
    """The shown book equals the simulator's own for the time it carries."""
    shown = t.book(hogad, 'upbit:' + symbol, '--live')
    if not shown:
        return False
    truth = sim.ask('truth', symbol=symbol, timestamp=int(shown['venue_ns']) // 1000000)
    t.check(truth['ok'], truth)
    depth = len(shown['bids']), len(shown['asks'])
    t.check(depth[0] <= 30 and depth[1] <= 30, depth)
    t.check(shown['bids'] == truth['bids'][:30], '%s bids %s != %s' % (symbol, shown['bids'], truth['bids']))
    t.check(shown['asks'] == truth['asks'][:30], '%s asks %s != %s' % (symbol, shown['asks'], truth['asks']))
    return shown


def books_equal_truth(arguments):
    with t.Sim('--symbols', ','.join(SYMBOLS), '--rate', '200', *arguments) as sim:
        with t.Hogad(sim, SYMBOLS, segment=os.path.join(t.scratch(), 'books')) as hogad:
            for symbol in SYMBOLS:
                shown = t.wait_until(lambda: same_as_truth(sim, hogad, symbol), 10, 'live ' + symbol)
                t.check(shown['source'] == 'simulator', shown['source'])
                t.check(shown['proof'] == 'snapshot-only', shown['proof'])
            for _ in range(20):
                for symbol in SYMBOLS:
                    t.wait_until(lambda: same_as_truth(sim, hogad, symbol), 30, 'live ' + symbol)
            t.wait_until(lambda: t.hoga(hogad, 'check').returncode == 0, 30, 'check on live books')
            stats = sim.stats()
            t.check(not stats.get('origins', stats.get('origin_headers', 0)), stats)
            t.check(hogad.stop(signal.SIGINT) == 0, 'SIGINT ends it 0')  # how soon: test_stop.py
        t.check(t.hoga(hogad.segment, 'check').returncode == 1, 'check on a stopped daemon')
        shown = json.loads(t.hoga(hogad.segment, 'book', 'upbit:KRW-BTC', '--json').stdout)['books'][0]
        t.check((shown['state'], shown['reason']) == ('down', 'daemon-stopped'), shown['state'])
        t.check(t.hoga(hogad.segment, 'book', 'upbit:KRW-BTC', '--live').returncode == 1, '--live of a dead book')


def second_daemon_says_so_and_goes():
    with t.Sim('--symbols', 'KRW-BTC') as sim, t.Hogad(sim) as hogad:
        t.live(hogad, 'upbit:KRW-BTC')
        second = subprocess.run([t.program('hogad'), '-c', hogad.config, '--segment', hogad.segment],
                                stderr=subprocess.PIPE, universal_newlines=True, timeout=60)
        t.check(second.returncode == 1 and hogad.segment in second.stderr, second)
        t.live(hogad, 'upbit:KRW-BTC')  # the first is not disturbed
        t.check(t.counters(hogad)['disconnects'] == 0, 'nor its connection')


def simulated_books_need_a_path_of_their_own():
    with t.Sim('--symbols', 'KRW-BTC') as sim:
        config = os.path.join(t.scratch(), 'hoga.conf')
        with open(config, 'w') as file:
            file.write('[upbit]\nurl = %s\nsymbols = KRW-BTC\n' % sim.url)
        env = {k: v for k, v in os.environ.items() if k != 'HOGA_SEGMENT'}
        done = subprocess.run([t.program('hogad'), '-c', config], stderr=subprocess.PIPE, universal_newlines=True,
                              timeout=60, env=env)
        t.check(done.returncode in (1, 2) and '--segment' in done.stderr, done)


def unlisted_and_lower_case_codes_are_found_out():
    """Without the venue's list, which would say it sooner (test_catalogue.py)."""
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '50') as sim, \
            t.Hogad(sim, ['KRW-BTC', 'KRW-NOPE', 'krw-eth'], daemon='catalogue_s = 0') as hogad:
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 10, 'live')
        failed = t.wait_until(lambda: [b for b in [t.book(hogad, 'upbit:KRW-NOPE')] if b and b['state'] == 'failed'],
                              15, 'failed KRW-NOPE')
        t.check(failed[0]['reason'] == 'no-snapshot', failed[0]['reason'])
        lower = t.wait_until(lambda: [b for b in [t.book(hogad, 'upbit:krw-eth')] if not t.is_silent(b)], 30, 'hogad')[0]
        t.check((lower['state'], lower['reason']) == ('failed', 'symbol-case'), lower['state'])
        t.live(hogad, 'upbit:KRW-BTC')  # the others go on

        def is_named():
            check = t.hoga(hogad, 'check')
            return check.returncode == 1 and 'KRW-NOPE' in check.stdout + check.stderr
        t.wait_until(is_named, 30, 'check names it')


def reload_applies_the_difference():
    with t.Sim('--symbols', 'KRW-BTC,KRW-ETH', '--rate', '50') as sim, t.Hogad(sim) as hogad:
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 10, 'live')
        inode = os.stat(hogad.segment).st_ino
        hogad.write_config(sim, ['KRW-ETH', 'KRW-BTC'])
        hogad.send_signal(signal.SIGHUP)
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-ETH', '--live'), 10, 'the new book')
        hogad.write_config(sim, ['KRW-ETH'], venue='nonsense = 1')
        hogad.send_signal(signal.SIGHUP)
        t.wait_until(lambda: 'nonsense' in hogad.log(), 5, 'the refusal in the log')
        t.live(hogad, 'upbit:KRW-BTC')  # a wrong file changes nothing
        hogad.write_config(sim, ['KRW-ETH'])
        hogad.send_signal(signal.SIGHUP)
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC') is None, 5, 'the dropped book to go')
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-ETH', '--live'), 10, 'the kept book')
        t.check(os.stat(hogad.segment).st_ino == inode, 'same file')


books_equal_truth([])
books_equal_truth(['--tls'])
second_daemon_says_so_and_goes()
simulated_books_need_a_path_of_their_own()
unlisted_and_lower_case_codes_are_found_out()
reload_applies_the_difference()
