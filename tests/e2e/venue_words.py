# SPDX-License-Identifier: MIT
"""venue_words.py VENUE: what a trader meets on every exchange. A symbol that does not exist, beside one that does: the
good one lives, the bad one fails with a reason, whether the venue refuses it by name, without one, or not at all. And
numbers at their edges, exact up to `hoga book --json`."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

# A symbol, and one that is well formed and does not exist: whatever the venue answers to it, its list has no such name.
UNKNOWN = 'symbol-unknown'
VENUES = {
    'upbit': ('KRW-BTC', 'KRW-NOPE'),
    'bithumb': ('KRW-BTC', 'KRW-NOPE'),
    'coinone': ('KRW-BTC', 'KRW-NOPE'),
    'korbit': ('btc_krw', 'nope_krw'),
    'binance': ('BTCUSDT', 'NOPEUSDT'),
    'binance-usdm': ('BTCUSDT', 'NOPEUSDT'),
    'binance-coinm': ('BTCUSD_PERP', 'NOPEUSD_PERP'),
    'okx': ('BTC-USDT', 'NOPE-USDT'),
    'bybit': ('BTCUSDT', 'NOPEUSDT'),
    'bybit-linear': ('BTCUSDT', 'NOPEUSDT'),
    'bitget': ('BTCUSDT', 'NOPEUSDT'),
    'gateio': ('BTC_USDT', 'NOPE_USDT'),
    'kraken': ('BTC/USD', 'NOPE/USD'),
    'coinbase': ('BTC-USD', 'NOPE-USD'),
    'coinbase-adv': ('BTC-USD', 'NOPE-USD'),
}
# Each of these must come out digit for digit. Bithumb rounds sizes to four decimals itself.
EDGES = [
    ([['0.00000002', '0.00000001']], [['0.00000003', '1.1']]),
    ([['116500000', '999999999999.5']], [['116501000', '0.5']]),
    ([['99999999.99', '123456789.0123'], ['0.01', '1']], [['100000000', '1000000000000']]),
    ([['1.1', '7'], ['1.09', '0.0001']], []),
]


def one_bad_symbol(venue, sim, hogad, good, bad):
    t.live(hogad, '%s:%s' % (venue, good))  # beside a bad symbol
    name = '%s:%s' % (venue, bad)
    t.wait_until(lambda: (failed(hogad, name) or {}).get('reason') == UNKNOWN, 15,
                 '%s fails as %s: %s' % (name, UNKNOWN, t.book(hogad, name)))
    t.live(hogad, '%s:%s' % (venue, good))  # the good one still lives
    print('%s: %s %s' % (venue, bad, UNKNOWN))


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
    good, bad = VENUES[venue]
    with t.Sim('--symbols', good, '--rate', '20', venue=venue) as sim:
        with t.Hogad(sim, (good, bad), name=venue) as hogad:
            one_bad_symbol(venue, sim, hogad, good, bad)
            numbers(venue, sim, hogad, good)
            stats = sim.stats()
            t.check(stats['violations'] == 0, stats)


main()
