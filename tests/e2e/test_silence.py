# SPDX-License-Identifier: MIT
"""A venue that is there and says nothing any more (its process is stopped; the kernel still acknowledges): seen within
blind_ms_max, its cause shown while the daemon waits, and live again when it goes on."""
import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

BOOK = 'upbit:KRW-BTC'


def row(hogad):
    rows = json.loads(t.hoga(hogad, 'stat', '--json').stdout)['connections']
    return rows[0] if rows else {'state': None, 'reason': None}


def a_stream_that_is_never_sent():
    """Binance acknowledges what it will not send. Such a book is live with its snapshot alone, until that is found to
    change; its neighbour is not concerned, and it is live again when it is sent."""
    def failed(hogad):
        book = t.book(hogad, 'binance:BTCUSDT')
        return book if book and book['state'] == 'failed' else None
    with t.Sim('--symbols', 'BTCUSDT,ETHUSDT', '--rate', '20', '--fault', 'mute:BTCUSDT', venue='binance') as sim:
        with t.Hogad(sim, ['BTCUSDT', 'ETHUSDT'], name='binance') as hogad:
            book = t.wait_until(lambda: t.book(hogad, 'binance:BTCUSDT', '--live'), 10, 'live with its snapshot')
            t.check(book['proof'] == 'snapshot-only', book)
            book = t.wait_until(lambda: failed(hogad), 40, 'found out')
            t.check(book['reason'] == 'no-snapshot', book)
            t.check(t.live(hogad, 'binance:ETHUSDT')['proof'] == 'sequence', 'the other one lives')
            sim.fault('mute:BTCUSDT')
            t.wait_until(lambda: (t.book(hogad, 'binance:BTCUSDT', '--live') or {}).get('proof') == 'sequence', 10,
                         'live when it is sent')
            t.check(sim.stats()['violations'] == 0, sim.stats())


def main():
    a_stream_that_is_never_sent()
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '20') as sim, t.Hogad(sim) as hogad:
        t.wait_until(lambda: t.book(hogad, BOOK, '--live'), 10, 'live')
        blind = row(hogad)['blind_ms_max'] / 1000
        t.check(0 < blind < 60, 'below the 60 s after which Upbit drops a silent client: %g s' % blind)
        sim.send_signal(signal.SIGSTOP)
        # A loaded machine starts the tool that looks late; the daemon itself has 50 ms.
        seconds, seen = t.seen_within(lambda: row(hogad), blind + 1, 'a silent venue')
        print('seen after %.1f s of at most %.1f s: %s %s' % (seconds, blind, seen['state'], seen['reason']), flush=True)
        shown = t.book(hogad, BOOK)
        t.check((shown['state'] != 'live') and shown['bids'], 'the last levels stay, with the verdict: %s' % shown)
        t.check('reason=no-sign-of-life' in hogad.log(), hogad.log())
        # The kernel still takes connections for the stopped process; nobody answers them.
        # Each attempt hides the cause of the last while it lasts, so ask until one has just failed.
        t.wait_until(lambda: 'connect-timeout' in t.hoga(hogad, 'doctor').stdout, 90, 'doctor says why', 0.1)
        sim.send_signal(signal.SIGCONT)
        t.wait_until(lambda: t.book(hogad, BOOK, '--live'), 25, 'live again')

        # The cause of an end stays to be seen while the daemon waits to dial again.
        sim.fault('maintenance:60s')
        seen = t.wait_until(lambda: [r for r in [row(hogad)] if r['state'] == 'down' and not t.is_silent(r)], 30, 'closed',
                            0.002)[0]
        t.check(seen['reason'] in ('closed-by-venue', 'http-refused'), seen)
        sim.fault('maintenance:0s')
        t.wait_until(lambda: t.book(hogad, BOOK, '--live'), 60, 'live after the maintenance')


main()
