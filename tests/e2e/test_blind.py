# SPDX-License-Identifier: MIT
"""A half-open link on every venue's own settings: all exchanges stop at once, their kernels still acknowledge, and each
connection must be seen dead within the blind_ms_max that its row publishes; then all are live again. One daemon."""
import contextlib
import json
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

VENUES = {'upbit': 'KRW-BTC', 'bithumb': 'KRW-BTC', 'coinone': 'KRW-BTC', 'korbit': 'btc_krw', 'binance': 'BTCUSDT',
          'binance-usdm': 'BTCUSDT', 'binance-coinm': 'BTCUSD_PERP', 'okx': 'BTC-USDT', 'bybit': 'BTCUSDT',
          'bybit-linear': 'BTCUSDT', 'bitget': 'BTCUSDT', 'gateio': 'BTC_USDT', 'kraken': 'BTC/USD',
          'coinbase': 'BTC-USD', 'coinbase-adv': 'BTC-USD'}


def rows(hogad):
    done = t.hoga(hogad, 'stat', '--json')
    return {row['venue']: row for row in json.loads(done.stdout)['connections']} if done.returncode == 0 else {}


def all_live(hogad):
    now = rows(hogad)
    return all(now.get(venue, {}).get('state') == 'live' for venue in VENUES) and \
        all(t.book(hogad, '%s:%s' % pair, '--live') for pair in VENUES.items())


def main():
    with contextlib.ExitStack() as stack:
        sims = {venue: stack.enter_context(t.Sim('--symbols', symbol, '--rate', '5', venue=venue))
                for venue, symbol in VENUES.items()}
        sections = '\n'.join('[%s]\nsymbols = %s\nurl = %s' % (venue, VENUES[venue], sim.url)
                             for venue, sim in sims.items() if venue != 'upbit')
        hogad = stack.enter_context(t.Hogad(sims['upbit'], venue=sections))
        t.wait_until(lambda: all_live(hogad), 60, 'all live')
        blind = {venue: row['blind_ms_max'] / 1000 for venue, row in t.wait_until(lambda: rows(hogad), 30, 'rows').items()}
        t.check(all(0 < seconds <= 33 for seconds in blind.values()), blind)
        for sim in sims.values():
            sim.send_signal(signal.SIGSTOP)
        start, seen, pause, patience = time.monotonic(), {}, threading.Event(), t.Patience(0.4)
        while len(seen) < len(VENUES):
            gone = patience.seconds()
            for venue, row in rows(hogad).items():
                if row['state'] != 'live' and not t.is_silent(row) and venue not in seen:
                    seen[venue] = (time.monotonic() - start, row['reason'])
            # The daemon itself has 50 ms.
            late = [v for v in VENUES if v not in seen and gone > blind[v] + 1]
            t.check(not late, 'not seen in time: %s of %s' % (late, blind))
            pause.wait(0.2)
        for venue, (seconds, reason) in sorted(seen.items()):
            print('%-14s seen after %4.1f s of %4.1f s: %s' % (venue, seconds, blind[venue], reason), flush=True)
        for sim in sims.values():
            sim.send_signal(signal.SIGCONT)
        t.wait_until(lambda: all_live(hogad), 90, 'all live again')


main()
