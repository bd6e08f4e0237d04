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


def trade(sim):
    """One at a time, and the book moves as well: few enough that all since a gap are among the last that are shown."""
    sim.step()
    sim.op('trade', symbol=SYMBOL, price='100000', size='1', side='buy')


def more(sim, hogad, n=20):
    """They come, whoever may have to be subscribed to first, and then each does."""
    before = last(hogad)
    t.wait_until(lambda: trade(sim) or last(hogad) > before, 60, 'trades', every=0.2)
    for _ in range(n):
        trade(sim)
    made = sim.op('trades', symbol=SYMBOL, n=1)['trades'][0]['id']
    t.wait_until(lambda: trades(hogad)[-1]['id'] == made, 60, '%d more trades' % n)


def handed_over(sim, hogad, n, what):
    """The market moves meanwhile."""
    t.wait_until(lambda: sim.step() and t.counters(hogad)['handovers'] > n, 60, what, every=0.1)


def main():
    with t.Sim('--symbols', SYMBOL, '--rate', '50', venue='binance-usdm') as sim:
        with t.Hogad(sim, [SYMBOL], name='binance-usdm') as hogad:
            t.live(hogad, NAME)
            t.wait_until(lambda: last(hogad) > 20, 30, 'twenty trades')
            t.wait_until(lambda: [(row['state'], row['n_books']) for row in rows(hogad)] == [('live', 1), ('live', 0)], 30,
                         rows(hogad))
            t.wait_until(lambda: t.book(hogad, NAME)['day']['volume'], 10, 'and the day of the last 24 hours')
            sim.op('pause')

            # The newest connection is that of the trades: it is cut. The book goes on as it was.
            since, number = t.live(hogad, NAME)['since_ns'], last(hogad)
            sim.fault('dropnew')
            t.wait_until(lambda: sim.stats()['upgrades'] == 3, 30, 'another one')
            more(sim, hogad)
            t.check(gaps_since(hogad, number) == 1, 'where some may be missing is said, once')
            t.check(t.live(hogad, NAME)['since_ns'] == since, 'the book does not hear of it')

            # The book's connection is replaced: no trade is missing.
            number, n, n_handovers = last(hogad), sim.stats()['upgrades'], t.counters(hogad)['handovers']
            done = t.hoga(hogad, 'reconnect', str(t.book(hogad, NAME)['connection']))
            t.check(done.returncode == 0, done.stderr)
            t.wait_until(lambda: sim.stats()['upgrades'] == n + 1, 30, 'replaced')
            handed_over(sim, hogad, n_handovers, 'handed over')
            more(sim, hogad)
            t.check(gaps_since(hogad, number) == 0, 'trades do not hear of it')
            t.check(t.live(hogad, NAME)['since_ns'] == since, 'nor does the book')

            # Both at once: that of the trades is dialed anew.
            n, n_handovers = sim.stats()['upgrades'], t.counters(hogad)['handovers']
            t.check(t.hoga(hogad, 'reconnect', 'binance-usdm').returncode == 0, 'asked for')
            t.wait_until(lambda: sim.stats()['upgrades'] == n + 2, 30, 'both')
            handed_over(sim, hogad, n_handovers, 'handed over again')
            more(sim, hogad)
            t.check(t.live(hogad, NAME)['since_ns'] == since, 'the book does not hear of it')
            t.check(sim.stats()['violations'] == 0, sim.stats())
        with t.Hogad(sim, [SYMBOL], name='binance-usdm', venue='trades = no\nday = no') as hogad:
            t.live(hogad, NAME)
            t.check(len(rows(hogad)) == 1, 'where neither trades nor the day are wanted no connection is')
    print('trades on a connection of their own: cut, replaced, dialed anew, not wanted')


main()
