# SPDX-License-Identifier: MIT
"""What a venue sends of one market in several ways: its best bid and ask beside the book, each an instrument of its own;
and every depth that can be asked for. All equal to the simulator's truth, by the venue's own time where it says one."""
import os
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

BEST = [('binance', 'BTCUSDT'), ('binance-usdm', 'BTCUSDT'), ('binance-coinm', 'BTCUSD_PERP'), ('okx', 'BTC-USDT'),
        ('bybit', 'BTCUSDT'), ('bybit-linear', 'BTCUSDT'), ('bitget', 'BTCUSDT')]
# How deep the books are that come of it; the simulator's have 64 levels. A book that was fetched with fewer is shown as deep
# as it is certain (None): down to the last level that was fetched, with what has come or gone before it since.
DEPTHS = [('bybit', 'BTCUSDT', {1: 1, 50: 50, 200: 64, 1000: 64}), ('okx', 'BTC-USDT', {5: 5, 400: 64}),
          ('gateio', 'BTC_USDT', {50: 50, 400: 64}), ('binance', 'BTCUSDT', {100: 64, 5000: 64}),
          ('binance-usdm', 'BTCUSDT', {50: None, 1000: 64})]


def certain(sim, symbol, side):
    """The newest levels that are no worse than the last one of the book that was fetched."""
    last = Decimal(sim.op('fetched', symbol=symbol)[side][-1][0])
    return [level for level in sim.last(symbol)[side]
            if (Decimal(level[0]) >= last if side == 'bids' else Decimal(level[0]) <= last)]


def is_true(sim, hogad, name, symbol, depth):
    """The newest book, once nothing moves any more: `depth` levels a side, or what is certain."""
    book, truth = t.book(hogad, name, '--live', '--depth', '100'), sim.last(symbol)
    return book and all(book[side] == (truth[side][:depth] if depth else certain(sim, symbol, side))
                        for side in ('bids', 'asks')) and book


def best(venue, symbol):
    with t.Sim('--symbols', symbol, '--rate', '20', venue=venue) as sim:
        with t.Hogad(sim, [symbol, symbol + '@bbo'], name=venue, daemon='depth = 100') as hogad:
            names = ['%s:%s' % (venue, symbol), '%s:%s@bbo' % (venue, symbol)]
            for name in names:
                t.wait_until(lambda: t.book(hogad, name, '--live'), 10, name)
            sim.op('pause')
            t.wait_until(lambda: is_true(sim, hogad, names[0], symbol, 50 if venue.startswith('bybit') else 64), 5, names[0])
            book = t.wait_until(lambda: is_true(sim, hogad, names[1], symbol, 1), 5, t.book(hogad, names[1]))
            t.check(book['proof'] == 'snapshot-only' and len(book['bids']) == 1, book)
            sim.fault('drop')
            sim.op('resume')
            t.wait_until(lambda: sim.stats()['upgrades'] >= 2 and all(t.book(hogad, name, '--live') for name in names), 15,
                         'live again')
            t.check(sim.stats()['violations'] == 0, sim.stats())
            print('%s: best bid and ask beside the book' % venue, flush=True)


def depths(venue, symbol, wanted):
    for depth, levels in wanted.items():
        with t.Sim('--symbols', symbol, '--rate', '50', venue=venue) as sim:
            with t.Hogad(sim, [symbol], name=venue, venue='depth = %d' % depth, daemon='depth = 100') as hogad:
                name = '%s:%s' % (venue, symbol)
                t.wait_until(lambda: t.book(hogad, name, '--live'), 10, name)
                sim.step(n=20)
                sim.op('pause')
                book = t.wait_until(lambda: is_true(sim, hogad, name, symbol, levels), 5,
                                    '%s at %d: %s' % (name, depth, t.book(hogad, name)))
                t.check(levels or len(sim.op('fetched', symbol=symbol)['bids']) == depth, 'fetched so deep')
                t.check(sim.stats()['violations'] == 0, sim.stats())
        print('%s: %d levels asked for, %d there' % (venue, depth, len(book['bids'])), flush=True)


for venue, symbol in BEST:
    best(venue, symbol)
for venue, symbol, wanted in DEPTHS:
    depths(venue, symbol, wanted)
