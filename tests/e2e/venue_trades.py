# SPDX-License-Identifier: MIT
"""venue_trades.py VENUE: its trades over a real socket: each is shown once, in the order in which it was made, equal to
the simulator's truth to the last digit, through a lost connection too; numbers at their edges; and books suffer from none
of it."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

# A symbol; whether ids come as the numbers they are (else as a hash of their text); whether a subscription begins with
# trades of before, which is what tells that a reconnect missed none.
VENUES = {
    'binance': ('BTCUSDT', True, False),
    'binance-usdm': ('BTCUSDT', True, False),
    'binance-coinm': ('BTCUSD_PERP', True, False),
    'okx': ('BTC-USDT', True, False),
    'bybit': ('BTCUSDT', True, False),
    'bybit-linear': ('BTCUSDT', False, False),
    'bitget': ('BTCUSDT', True, True),
    'gateio': ('BTC_USDT', True, False),
}
# Of which venues the facts of the day are asked for: over what they are counted, and which are not given.
DAYS = {'binance': ('24h', ('previous_close',)), 'binance-usdm': ('24h', ('previous_close',)),
        'binance-coinm': ('24h', ('previous_close', 'value')), 'okx': ('24h', ('previous_close', 'change')),
        'bybit': ('24h', ('previous_close', 'change')), 'bybit-linear': ('24h', ('previous_close', 'change'))}
FACTS = ('last', 'previous_close', 'change', 'open', 'high', 'low', 'volume', 'value')
EDGES = [('0.00000001', '99999999999.5', 'buy'), ('123456789.12345678', '0.00000001', 'sell'), ('1', '1000000000000', 'buy')]


def shown(hogad, name):
    done = t.hoga(hogad, 'trades', name, '-j', '-n', '200')
    t.check(done.returncode == 0, done.stderr)
    return json.loads(done.stdout)['trades']


def key(trade, has_ids):
    at_ms = int(trade['venue_ns']) // 1000000 if 'venue_ns' in trade else trade['timestamp']
    return (trade['price'], trade['size'], trade['side'], at_ms) + ((trade['id'],) if has_ids else ())


def settled(sim, hogad, name, symbol, has_ids):
    """Shown up to the last that was made; what is shown is the truth, and only where it says so is something missing."""
    truth = [key(trade, has_ids) for trade in sim.op('trades', symbol=symbol)['trades']]
    t.wait_until(lambda: [key(trade, has_ids) for trade in shown(hogad, name)[-1:]] == truth[-1:], 10,
                 'the last trade %s: %s' % (truth[-1:], shown(hogad, name)[-1:]))
    trades = shown(hogad, name)
    at = len(truth)
    for trade, later in reversed(list(zip(trades, trades[1:] + [None]))):
        want = at - 1
        while want >= 0 and truth[want] != key(trade, has_ids):
            want -= 1
        t.check(want >= 0, 'no such trade, or twice: %s' % trade)
        t.check(want == at - 1 or (later and later['after_gap']), 'between %s and %s some are missing' % (trade, later))
        at = want
    return trades


def day_is_true(sim, hogad, name, venue, moves=False):
    """With `moves` in a market that moves: what has just been asked for comes with the next trade."""
    if venue not in DAYS:
        return
    symbol, (period, not_given) = name.split(':')[1], DAYS[venue]

    def equal():
        if moves:
            sim.step(symbol)
        truth, day = sim.op('day', symbol=symbol), t.book(hogad, name)['day']
        return all(day[fact] == (None if fact in not_given else truth[fact]) for fact in FACTS) and day
    day = t.wait_until(equal, 10, '%s is not %s' % (t.book(hogad, name)['day'], sim.op('day', symbol=symbol)))
    t.check(day['period'] == period, day)
    t.wait_until(lambda: json.loads(t.hoga(hogad, 'info', name, '--json').stdout)['books'][0]['day'] ==
                 t.book(hogad, name)['day'], 30, 'info says the same')


def ten_more(sim, hogad, name, symbol):
    """First whoever has to be subscribed to; few enough that all since then are among those that are shown."""
    def number():
        return int(shown(hogad, name)[-1]['number'])
    before = number()
    t.wait_until(lambda: sim.step(symbol, 4) and number() > before, 60, 'trades again', every=0.2)
    made = sim.op('trades', symbol=symbol, n=1)['made']
    t.wait_until(lambda: sim.step(symbol) and sim.op('trades', symbol=symbol, n=1)['made'] >= made + 10, 60, 'ten more', every=0)


def main():
    venue = sys.argv[1]
    if venue not in VENUES:
        t.skip('no trades of %s are described here' % venue)
    symbol, has_ids, has_past = VENUES[venue]
    name = '%s:%s' % (venue, symbol)
    with t.Sim('--symbols', symbol, '--rate', '50', venue=venue) as sim:
        with t.Hogad(sim, [symbol], name=venue) as hogad:
            t.wait_until(lambda: t.book(hogad, name, '--live'), 10, 'live')
            t.wait_until(lambda: len(shown(hogad, name)) >= 20, 10, 'twenty trades')
            sim.op('pause')
            trades = settled(sim, hogad, name, symbol, has_ids)
            t.check(not any(trade['after_gap'] for trade in trades[1:]), 'one connection missed none')
            day_is_true(sim, hogad, name, venue)
            n_upgrades = sim.stats()['upgrades']
            sim.fault('drop')
            t.wait_until(lambda: sim.stats()['upgrades'] >= 2 * n_upgrades and t.book(hogad, name, '--live'), 10, 'live again')
            ten_more(sim, hogad, name, symbol)
            trades = settled(sim, hogad, name, symbol, has_ids)
            gaps = sum(trade['after_gap'] for trade in trades[1:])
            t.check(gaps == (0 if has_past else 1), '%d gaps over a lost connection' % gaps)
            day_is_true(sim, hogad, name, venue, moves=True)
            for price, size, side in EDGES:
                sim.op('trade', symbol=symbol, price=price, size=size, side=side)
            last = settled(sim, hogad, name, symbol, has_ids)[-3:]
            t.check([(trade['price'], trade['size'], trade['side']) for trade in last] == EDGES, last)
            t.wait_until(lambda: t.book(hogad, name)['day']['last'] == EDGES[-1][0], 30, 'the last price follows')
            day_is_true(sim, hogad, name, venue)
            stats = sim.stats()
            t.check(stats['violations'] == 0, stats)
            print('%s: %d trades, numbers at the edges, one reconnect' % (venue, len(trades)))


main()
