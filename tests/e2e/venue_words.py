# SPDX-License-Identifier: MIT
"""venue_words.py VENUE: what a trader meets on every exchange. A symbol that does not exist, beside one that does: the
good one lives, the bad one fails with a reason, whether the venue refuses it by name, without one, or not at all. And
numbers at their edges, exact up to `hoga book --json`."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

# A symbol, one that is well formed and does not exist, and the reason it fails with.
UNKNOWN, SILENT, REFUSED = 'symbol-unknown', 'no-snapshot', 'request-refused'
VENUES = {
    'upbit': ('KRW-BTC', 'KRW-NOPE', UNKNOWN),  # silence on the socket; the list it gives by REST says so
    'bithumb': ('KRW-BTC', 'KRW-NOPE', UNKNOWN),  # as upbit
    'coinone': ('KRW-BTC', 'KRW-NOPE', UNKNOWN),
    'korbit': ('btc_krw', 'nope_krw', UNKNOWN),
    'binance': ('BTCUSDT', 'NOPEUSDT', UNKNOWN),
    'binance-usdm': ('BTCUSDT', 'NOPEUSDT', UNKNOWN),
    'binance-coinm': ('BTCUSD_PERP', 'NOPEUSD_PERP', UNKNOWN),
    'okx': ('BTC-USDT', 'NOPE-USDT', UNKNOWN),
    'bybit': ('BTCUSDT', 'NOPEUSDT', UNKNOWN),
    'bybit-linear': ('BTCUSDT', 'NOPEUSDT', UNKNOWN),
    'bitget': ('BTCUSDT', 'NOPEUSDT', UNKNOWN),
    'gateio': ('BTC_USDT', 'NOPE_USDT', UNKNOWN),
    'kraken': ('BTC/USD', 'NOPE/USD', UNKNOWN),
    'coinbase': ('BTC-USD', 'NOPE-USD', UNKNOWN),
    'coinbase-adv': ('BTC-USD', 'NOPE-USD', REFUSED),  # its error names nobody
}
# Each of these must come out digit for digit. Bithumb rounds sizes to four decimals itself.
EDGES = [
    ([['0.00000002', '0.00000001']], [['0.00000003', '1.1']]),
    ([['116500000', '999999999999.5']], [['116501000', '0.5']]),
    ([['99999999.99', '123456789.0123'], ['0.01', '1']], [['100000000', '1000000000000']]),
    ([['1.1', '7'], ['1.09', '0.0001']], []),
]


def one_bad_symbol(venue, sim, hogad, good, bad, reason):
    t.wait_until(lambda: t.book(hogad, '%s:%s' % (venue, good), '--live'), 5, 'live beside a bad symbol')
    shown = t.wait_until(lambda: failed(hogad, '%s:%s' % (venue, bad)), 15, 'the bad symbol fails')
    t.check(shown['reason'] == reason, shown)
    t.check(t.book(hogad, '%s:%s' % (venue, good), '--live'), 'the good one still lives')
    print('%s: %s %s' % (venue, bad, shown['reason']))


def failed(hogad, name):
    book = t.book(hogad, name)
    return book if book and book['state'] == 'failed' else None


def numbers(venue, sim, hogad, good):
    sim.op('pause')
    for bids, asks in EDGES:
        sim.set(good, bids, asks)
        t.wait_until(lambda: is_shown(hogad, '%s:%s' % (venue, good), bids, asks), 5,
                     '%s %s: %s' % (bids, asks, t.book(hogad, '%s:%s' % (venue, good))))
    print('%s: %d books at the edges' % (venue, len(EDGES)))


def is_shown(hogad, name, bids, asks):
    book = t.book(hogad, name, '--live')
    return book and book['bids'] == bids and book['asks'] == asks


def main():
    venue = sys.argv[1]
    good, bad, reason = VENUES[venue]
    with t.Sim('--symbols', good, '--rate', '20', venue=venue) as sim:
        with t.Hogad(sim, (good, bad), name=venue) as hogad:
            one_bad_symbol(venue, sim, hogad, good, bad, reason)
            numbers(venue, sim, hogad, good)
            stats = sim.stats()
            t.check(stats['violations'] == 0, stats)


main()
