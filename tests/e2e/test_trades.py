# SPDX-License-Identifier: MIT
"""Trades and facts of the day from the simulator's socket through hogad to another process: every trade once and in
order, equal to the truth to the last digit, ids above 2^63 and sizes of 1e-8; bursts that lap a reader are counted; a
reconnect says what it may have missed and shows nothing twice; a restart goes on; the day equals the truth; and what is
switched off is not asked for."""
import json
import os
import re
import signal
import sys
import threading
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

NAME = 'upbit:KRW-BTC'


def trades(hogad, n=200, name=NAME):
    done = t.hoga(hogad, 'trades', name, '-j', '-n', str(n))
    t.check(done.returncode == 0, done.stderr)
    return json.loads(done.stdout)['trades']


def same(shown, truth):
    return [(s['id'], s['price'], s['size'], s['side'], int(s['venue_ns']) // 1000000) for s in shown] == \
           [(w['id'], w['price'], w['size'], w['side'], w['timestamp']) for w in truth]


def day(hogad, name=NAME):
    return t.book(hogad, name)['day']


class Tail(t.Process):
    """`hoga trades -f`; every trade that it says, read at once, so that nothing but itself holds it up."""

    def __init__(self, hogad):
        t.Process.__init__(self, t.program('hoga'), 'trades', NAME, '-f', '-j', '--segment', hogad.segment)
        self.seen = []
        self._reader = threading.Thread(target=self._follow, daemon=True)
        self._reader.start()

    def _follow(self):
        for line in self.child.stdout:
            self.seen.append(json.loads(line))

    def wait_more(self, n):
        n += len(self.seen)
        t.wait_until(lambda: len(self.seen) >= n, 60, '%d trades: %s' % (n, self.seen[-1:]))


def settled(sim, hogad):
    """The last trade that the simulator made is shown, and what is shown is equal and whole but where it says so."""
    truth = sim.op('trades', symbol='KRW-BTC')['trades']
    try:
        t.wait_until(lambda: [trade['id'] for trade in trades(hogad, 1)] == [truth[-1]['id']], 30, 'the last trade')
    except AssertionError as error:
        raise AssertionError('%s: shown %s, made %s' % (error, trades(hogad, 3), truth[-5:])) from None
    shown = trades(hogad)
    places = {trade['id']: place for place, trade in enumerate(truth)}
    t.check(same(shown, [truth[places[trade['id']]] for trade in shown]), 'shown %s, truth %s' % (shown[-3:], truth[-3:]))
    for one, next_one in zip(shown, shown[1:]):
        step = places[next_one['id']] - places[one['id']]
        t.check(step == 1 or (step > 1 and next_one['after_gap']), '%s, %s' % (one, next_one))
    return shown


def exact_numbers(sim, hogad):
    for price, size, trade_id in (('116500000', '0.00000001', None), ('0.00000099', '98765432.10000001', None),
                                  ('116539000.5', '25864297.60746318', str(2 ** 53 + 1)), ('1', '1', str(2 ** 63 + 1)),
                                  ('922337203685477580', '0.1', str(2 ** 64 - 1000))):
        sim.op('trade', symbol='KRW-BTC', price=price, size=size, side='sell',
               **({'id': trade_id} if trade_id and int(trade_id) > 17303368620470000 else {}))
    shown = settled(sim, hogad)
    t.check(shown[-1]['id'] == str(2 ** 64 - 1000) and shown[-1]['price'] == '922337203685477580', shown[-1])
    t.check([int(trade['number']) for trade in shown] == list(range(int(shown[0]['number']), int(shown[-1]['number']) + 1)),
            'numbers count up')


def day_is_true(sim, hogad):
    def equal():
        truth, shown = sim.op('day', symbol='KRW-BTC'), day(hogad)
        return all(shown[key] == truth[key] for key in ('last', 'previous_close', 'change', 'open', 'high', 'low', 'volume',
                                                        'value')) and shown
    shown = t.wait_until(equal, 5, 'the day: %s is not %s' % (day(hogad), sim.op('day', symbol='KRW-BTC')))
    t.check(shown['period'] == 'day', shown)
    last = sim.last('KRW-BTC')
    totals = {name: sum(Decimal(level[1]) for level in last[side]) for side, name in (('bids', 'bid_total'), ('asks', 'ask_total'))}

    def with_totals():
        book = t.book(hogad, NAME)
        return all(Decimal(book['day'][name]) == total for name, total in totals.items()) and book
    book = t.wait_until(with_totals, 30, 'the totals %s: %s' % (totals, day(hogad)))
    t.check(book['day']['totals_update'] == book['update'], 'the totals are of this book')
    text = t.hoga(hogad, 'book', NAME, env=dict(os.environ, LC_ALL='C.UTF-8')).stdout
    t.check('last ' in text and 'previous close' in text and "venue's totals: ask" in text, text)
    info = t.hoga(hogad, 'info', NAME, env=dict(os.environ, LC_ALL='C.UTF-8')).stdout
    t.check('previous close' in info and 'asks in all' in info, info)


def lively(sim, hogad):
    """Each trade is shown once, in the order in which it was made, also while another connection takes over."""
    with Tail(hogad) as tail:
        sim.op('resume')
        tail.wait_more(20)
        done = t.hoga(hogad, 'reconnect', 'upbit')
        t.check(done.returncode == 0, done.stderr)
        t.wait_until(lambda: t.counters(hogad)['handovers'] == 1, 15, 'another connection has taken over')
        tail.wait_more(40)
        sim.op('pause')
        last = settled(sim, hogad)[-1]['id']
        t.wait_until(lambda: tail.seen[-1]['id'] == last, 30, 'the last of them')
        seen = list(tail.seen)
    truth = {trade['id']: trade for trade in sim.op('trades', symbol='KRW-BTC')['trades']}
    t.check(all(line['missed'] == 0 for line in seen), 'nothing was missed')
    t.check(not any(line['after_gap'] for line in seen[1:]), 'nor lost')
    t.check(same(seen[-50:], [truth[line['id']] for line in seen[-50:]]), seen[-1])
    ids = [line['id'] for line in seen]
    t.check(len(ids) == len(set(ids)), 'no trade twice')
    numbers = [int(line['number']) for line in seen]
    t.check(numbers == list(range(numbers[0], numbers[0] + len(numbers))), 'in order, none left out')


def laps(sim, hogad):
    """A reader that is stopped while its ring comes round more than once knows by how many it was lapped."""
    with t.Process(t.program('hoga'), 'trades', NAME, '-f', '-j', '--segment', hogad.segment) as tail:
        first = json.loads(tail.line())
        shown = settled(sim, hogad)
        while first['id'] != shown[-1]['id']:
            first = json.loads(tail.line())
        tail.send_signal(signal.SIGSTOP)
        sim.op('trade', symbol='KRW-BTC', price='5', size='1', n=300)
        made = settled(sim, hogad)
        tail.send_signal(signal.SIGCONT)
        after = json.loads(tail.line())
        t.check(int(after['number']) == int(first['number']) + 1 + after['missed'], '%s after %s' % (after, first))
        t.check(after['missed'] == 300 - 128, after)
        t.check(len(made) == 128, '%d are kept' % len(made))
        tail.drain()
    text = t.hoga(hogad, 'trades', NAME, '-n', '3').stdout
    t.check(len(re.findall('#[0-9]+', text)) == 3, text)


def reconnects(sim, hogad):
    """Nothing happened meanwhile: no gap. Something did: the first one after says so, and nothing is shown twice."""
    before = settled(sim, hogad)
    n = sim.stats()['upgrades']
    sim.fault('drop')
    t.wait_until(lambda: sim.stats()['upgrades'] > n and t.book(hogad, NAME, '--live'), 30, 'back again')
    sim.op('trade', symbol='KRW-BTC', price='7', size='1')
    shown = settled(sim, hogad)
    t.check(int(shown[-1]['number']) == int(before[-1]['number']) + 1 and not shown[-1]['after_gap'], shown[-2:])
    n = sim.stats()['upgrades']
    sim.fault('refuse:1000')
    sim.fault('drop')
    t.wait_until(lambda: not t.book(hogad, NAME, '--live'), 30, 'down')
    sim.op('trade', symbol='KRW-BTC', price='8', size='1', n=3)
    sim.fault('refuse:0')
    t.wait_until(lambda: sim.stats()['upgrades'] > n and t.book(hogad, NAME, '--live'), 20, 'back again')
    last = sim.op('trades', symbol='KRW-BTC', n=1)['trades'][0]['id']
    t.wait_until(lambda: trades(hogad, 1)[0]['id'] == last, 10, 'the latest past trade')
    shown = trades(hogad)
    t.check(shown[-1]['after_gap'] and int(shown[-1]['number']) == int(before[-1]['number']) + 2, shown[-2:])
    sim.fault('repeat:4')
    sim.op('trade', symbol='KRW-BTC', price='9', size='1', n=5)
    for _ in range(4):
        sim.step()
    ids = [trade['id'] for trade in t.wait_until(
        lambda: [s for s in trades(hogad) if s['price'] == '9'][4:] and trades(hogad), 5, 'five more')]
    t.check(len(ids) == len(set(ids)), 'each once')


def main():
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '50', '--lenient') as sim:
        sim.op('pause')
        segment = os.path.join(t.scratch(), 'books')
        with t.Hogad(sim, ['KRW-BTC', 'KRW-BTC@10000'], segment=segment) as hogad:
            t.wait_until(lambda: t.book(hogad, NAME, '--live'), 10, 'live')
            lively(sim, hogad)
            day_is_true(sim, hogad)
            reconnects(sim, hogad)
            laps(sim, hogad)
            exact_numbers(sim, hogad)
            t.check(trades(hogad, name=NAME + '@10000') == [], 'a grouped book has no trades of its own')
            grouped = t.wait_until(lambda: [d for d in [day(hogad, NAME + '@10000')] if d['bid_total']], 30, 'its totals')[0]
            t.check(grouped['last'] is None, grouped)
            before = trades(hogad)
        with t.Hogad(sim, ['KRW-BTC'], segment=segment) as hogad:
            t.wait_until(lambda: t.book(hogad, NAME, '--live') and day(hogad)['last'], 10, 'live again')
            t.check(trades(hogad) == before, 'the next daemon shows the last past trade no second time')
        with t.Hogad(sim, ['KRW-BTC'], venue='trades = no\nday = no') as hogad:
            t.wait_until(lambda: t.book(hogad, NAME, '--live'), 10, 'live')
            for _ in range(50):
                sim.step()
            shown = t.wait_until(lambda: [d for d in [day(hogad)] if d['ask_total']], 30, 'totals')[0]
            t.check(trades(hogad) == [] and shown['last'] is None, shown)
        with t.Hogad(sim, ['KRW-BTC'], daemon='trades = 0') as hogad:
            t.wait_until(lambda: t.book(hogad, NAME, '--live'), 10, 'live')
            done = t.hoga(hogad, 'trades', NAME)
            t.check(done.returncode == 1 and 'keeps no trades' in done.stderr, done.stderr)


main()
