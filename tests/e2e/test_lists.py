# SPDX-License-Identifier: MIT
"""Instrument lists of several exchanges over a socket: a pattern means what the list has, `hoga ls --all` shows it,
`hoga info` says what a row says, and the venue's REST budget is kept."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

# Venue, what there is, a pattern, what it means, and words of `hoga info` of the first.
VENUES = [
    ('bithumb', ['KRW-BTC', 'KRW-ETH', 'BTC-ETH'], 'KRW-*', ['KRW-BTC', 'KRW-ETH'], ['코인 BTC']),
    ('coinone', ['KRW-BTC', 'KRW-ETH'], 'KRW-*', ['KRW-BTC', 'KRW-ETH'], ['0.0001', '5,000']),
    ('korbit', ['btc_krw', 'eth_krw', 'btc_usdt'], '*_krw', ['btc_krw', 'eth_krw'], ['launched', '5,000']),
    ('kraken', ['BTC/USD', 'SC/EUR', 'ETH/USD'], '*/USD', ['BTC/USD', 'ETH/USD'], ['online', '0.1', '0.00000001']),
    ('coinbase', ['BTC-USD', 'ETH-USD', 'SKL-BTC'], '*-USD', ['BTC-USD', 'ETH-USD'], ['online', '0.00000001']),
    ('coinbase-adv', ['BTC-USD', 'ETH-USD', 'SKL-BTC'], '*-USD', ['BTC-USD', 'ETH-USD'], ['online', '0.00000001']),
]


def books(hogad):
    done = t.hoga(hogad, 'ls', '--json')
    return {b['symbol']: b['state'] for b in json.loads(done.stdout)['books']} if done.returncode == 0 else {}


def check(venue, symbols, pattern, wanted, words):
    with t.Sim('--symbols', ','.join(symbols), '--rate', '20', venue=venue) as sim:
        with t.Hogad(sim, [pattern], name=venue) as hogad:
            t.wait_until(lambda: books(hogad) == {symbol: 'live' for symbol in wanted}, 10, '%s: %s' % (venue, wanted))
            shown = t.hoga(hogad, 'ls', '--all').stdout
            t.check(all(symbol in shown for symbol in symbols), shown)
            info = t.hoga(hogad, 'info', '%s:%s' % (venue, wanted[0])).stdout
            t.check(all(word in info for word in words), info)
            stats = sim.stats()
            t.check(stats['violations'] == 0, stats)
            print('%s: %d of %d listed are live' % (venue, len(wanted), len(symbols)), flush=True)


for row in VENUES:
    check(*row)
