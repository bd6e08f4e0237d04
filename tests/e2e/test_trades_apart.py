# SPDX-License-Identifier: MIT
"""Binance USD-M has trades on a path of their own: a connection of their own brings them, and neither it nor that of the
books costs the other anything when it ends, is replaced or is refused."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

SYMBOL = 'BTCUSDT'
NAME = 'binance-usdm:' + SYMBOL


def trades(hogad):
    done = t.hoga(hogad, 'trades', NAME, '-j', '-n', '128')
    return json.loads(done.stdout)['trades'] if done.returncode == 0 else []


def gaps_since(hogad, number):
    """How often trades may be missing behind the one of that number."""
    return sum(trade['after_gap'] for trade in trades(hogad) if int(trade['number']) > number)


def last(hogad):
    shown = trades(hogad)
    return int(shown[-1]['number']) if shown else 0


def rows(hogad):
    return [row for row in json.loads(t.hoga(hogad, 'stat', '--json').stdout)['connections']]


def more(hogad, n=20):
    before = last(hogad)
    t.wait_until(lambda: last(hogad) >= before + n, 20, '%d more trades' % n)


def main():
    with t.Sim('--symbols', SYMBOL, '--rate', '50', venue='binance-usdm') as sim:
        with t.Hogad(sim, [SYMBOL], name='binance-usdm') as hogad:
            t.wait_until(lambda: t.book(hogad, NAME, '--live'), 10, 'live')
            more(hogad)
            t.check([(row['state'], row['n_books']) for row in rows(hogad)] == [('live', 1), ('live', 0)], rows(hogad))
            t.wait_until(lambda: t.book(hogad, NAME)['day']['volume'], 10, 'and the day of the last 24 hours')

            # The newest connection is that of the trades: it is cut. The book goes on as it was.
            since, number = t.book(hogad, NAME)['since_ns'], last(hogad)
            sim.fault('dropnew')
            t.wait_until(lambda: sim.stats()['upgrades'] == 3, 10, 'another one')
            t.wait_until(lambda: gaps_since(hogad, number), 20, 'trades again, and where some may be missing is said')
            more(hogad)
            t.check(gaps_since(hogad, number) == 1, 'once')
            book = t.book(hogad, NAME)
            t.check(book['state'] == 'live' and book['since_ns'] == since, book)

            # The book's connection is replaced: no trade is missing.
            number, n = last(hogad), sim.stats()['upgrades']
            done = t.hoga(hogad, 'reconnect', str(t.book(hogad, NAME)['connection']))
            t.check(done.returncode == 0, done.stderr)
            t.wait_until(lambda: sim.stats()['upgrades'] == n + 1, 20, 'replaced')
            more(hogad)
            t.check(gaps_since(hogad, number) == 0, 'trades do not hear of it')
            t.check(t.book(hogad, NAME)['since_ns'] == since, 'nor does the book')

            # Both at once: that of the trades is dialed anew.
            n = sim.stats()['upgrades']
            t.check(t.hoga(hogad, 'reconnect', 'binance-usdm').returncode == 0, 'asked for')
            t.wait_until(lambda: sim.stats()['upgrades'] == n + 2, 20, 'both')
            more(hogad)
            t.check(t.book(hogad, NAME)['since_ns'] == since, 'the book does not hear of it')
            t.check(sim.stats()['violations'] == 0, sim.stats())
        with t.Hogad(sim, [SYMBOL], name='binance-usdm', venue='trades = no\nday = no') as hogad:
            n = sim.stats()['upgrades']
            t.wait_until(lambda: t.book(hogad, NAME, '--live'), 10, 'live')
            t.check(len(rows(hogad)) == 1, 'where neither trades nor the day are wanted no connection is')
    print('trades on a connection of their own: cut, replaced, dialed anew, not wanted')


main()
