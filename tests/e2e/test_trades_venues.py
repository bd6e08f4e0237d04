# SPDX-License-Identifier: MIT
"""Trades of bithumb, coinone, korbit, kraken and coinbase, each as its sheet has them, from the simulator's socket to
`hoga trades`: exact, in order, the taker's side the right way round, past ones once and said to be older, none twice after
a reconnect where the venue numbers them; no limit broken by asking for them. What Bithumb, Coinone and Korbit say of the
day, to the last digit, and nothing that they do not say; Bithumb's side totals."""
import json
import os
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

# Venue, market, past trades a subscription begins with, and whether a trade is known again.
VENUES = [
    ('bithumb', 'KRW-BTC', 1, False),
    ('coinone', 'KRW-BTC', 0, True),
    ('korbit', 'btc_krw', 5, True),
    ('kraken', 'BTC/USD', 50, True),
    ('coinbase', 'BTC-USD', 1, True),
    ('coinbase-adv', 'BTC-USD', 20, True),
]
NUMBERS = [('116500000', '0.00000001', 'buy'), ('0.00000099', '98765432.10000001', 'sell'),
           ('116539000.5', '25864297.60746318', 'buy'), ('1', '1000000000000', 'sell')]


FACTS = ('last', 'previous_close', 'change', 'open', 'high', 'low', 'volume', 'value')
# Over what the venue's facts are counted, and which of them it does not give for that.
DAYS = {'bithumb': ('day', ()), 'coinone': ('day', ('volume', 'value')), 'korbit': ('24h', ('previous_close',))}


class Scene:
    def __init__(self, sim, hogad, venue, symbol):
        self.sim, self.hogad, self.symbol, self.name = sim, hogad, symbol, '%s:%s' % (venue, symbol)

    def trades(self, n=200):
        done = t.hoga(self.hogad, 'trades', self.name, '-j', '-n', str(n))
        return json.loads(done.stdout)['trades'] if done.returncode == 0 else []

    def made(self, n=200):
        return self.sim.op('trades', symbol=self.symbol, n=n)['trades']

    def trade(self, price, size, side, n=1):
        self.sim.op('trade', symbol=self.symbol, price=price, size=size, side=side, n=n)

    def live(self):
        return t.book(self.hogad, self.name, '--live')

    def settled(self, n):
        """So many are shown, and they are the last that were made."""
        want = [(w['id'], w['price'], w['size'], w['side'], w['timestamp']) for w in self.made(n)]

        def shown():
            return [(s['id'], s['price'], s['size'], s['side'], int(s['venue_ns']) // 1000000) for s in self.trades()]
        t.wait_until(lambda: shown()[-n:] == want, 10, '%s: %s is not %s' % (self.name, shown()[-3:], want[-3:]))
        return self.trades()


def day_of(scene, verb):
    done = t.hoga(scene.hogad, verb, scene.name, '--json')
    t.check(done.returncode == 0, done.stderr)
    return json.loads(done.stdout)['books'][0]['day']


def day_is_true(scene, venue):
    period, not_given = DAYS[venue]
    for verb in ('book', 'info'):
        def equal():
            truth, shown = scene.sim.op('day', symbol=scene.symbol), day_of(scene, verb)
            return all(shown[fact] == (None if fact in not_given else truth[fact]) for fact in FACTS) and \
                int(shown['last_ns'] or 0) // 1000000 == scene.made(1)[0]['timestamp'] and shown
        day = t.wait_until(equal, 10, '%s: %s is not %s' % (scene.name, day_of(scene, verb),
                                                            scene.sim.op('day', symbol=scene.symbol)))
        t.check(day['period'] == period, day)
        if verb == 'book':
            t.wait_until(lambda: (' 24h' in t.hoga(scene.hogad, verb, scene.name).stdout.splitlines()[2]) == (period == '24h'),
                         30, 'a change of 24 hours is marked as one')


def bithumb_s_totals(scene):
    last = scene.sim.last(scene.symbol)
    totals = {key: sum(Decimal(level[1]) for level in last[side][:15]) for side, key in (('bids', 'bid_total'), ('asks', 'ask_total'))}
    t.wait_until(lambda: {key: Decimal(t.book(scene.hogad, scene.name)['day'][key] or 0) for key in totals} == totals, 30,
                 '%s is not %s' % (t.book(scene.hogad, scene.name)['day'], totals))


def run(venue, symbol, n_past, is_known):
    with t.Sim('--symbols', symbol, '--rate', '50', venue=venue) as sim:
        sim.op('pause')
        for i in range(60):
            sim.op('trade', symbol=symbol, price=str(1000 + i), size='1.5', side='buy' if i % 3 else 'sell')
        with t.Hogad(sim, [symbol], name=venue) as hogad:
            scene = Scene(sim, hogad, venue, symbol)
            t.wait_until(scene.live, 10, 'live')
            if n_past:
                t.check(len(scene.settled(n_past)) == n_past, 'the past ones, each once')
            else:
                t.wait_until(lambda: scene.trade('5', '1', 'buy') or scene.trades(1), 10, 'the first one', every=0.2)
            n_shown = len(scene.settled(len(scene.trades())))
            for price, size, side in NUMBERS:
                scene.trade(price, size, side)
            t.check(len(scene.settled(n_shown + len(NUMBERS))) == n_shown + len(NUMBERS), 'and each that follows')
            if venue in DAYS:
                day_is_true(scene, venue)
            if venue == 'bithumb':
                bithumb_s_totals(scene)
            sim.op('resume')
            made = sim.op('trades', symbol=symbol, n=1)['made']
            t.wait_until(lambda: sim.op('trades', symbol=symbol, n=1)['made'] > made + 30, 30, 'a lively market')
            sim.op('pause')
            scene.settled(30)
            if venue in DAYS:
                day_is_true(scene, venue)
            n = sim.stats()['upgrades']
            sim.fault('drop')
            t.wait_until(lambda: sim.stats()['upgrades'] > n and scene.live(), 20, 'back again')
            # Where no past ones come first, those made before the request arrived are not to be had.
            t.wait_until(lambda: scene.trade('7', '1', 'sell') or scene.trades(1)[-1:] and scene.trades(1)[-1]['price'] == '7', 10, 'trades again',
                         every=0.2)
            shown = scene.trades()
            ids = [trade['id'] for trade in shown]
            t.check(not is_known or len(ids) == len(set(ids)), 'none twice')
            if venue in DAYS:
                day_is_true(scene, venue)
            t.check(sim.stats()['violations'] == 0, sim.stats())
            print('%s: %d trades, %d past' % (venue, sim.op('trades', symbol=symbol, n=1)['made'], n_past), flush=True)


for row in VENUES:
    run(*row)
