# SPDX-License-Identifier: MIT
"""Upbit's grouped books (level, 모아보기) beside the raw ones of the same codes on one connection: each is its own
instrument and equals its truth, a grouped one what this test itself makes of the simulator's raw book of that time. A
level that the venue does not have is silence, and found out."""
import os
import signal
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

# The simulator groups by 10 and 100 ticks: of 1000, 0.1 and 0.00001 won.
GROUPED = {'KRW-BTC@10000': 'KRW-BTC', 'KRW-BTC@100000': 'KRW-BTC', 'KRW-DOGE@1': 'KRW-DOGE',
           'KRW-SHIB@0.0001': 'KRW-SHIB'}
RAW = ['KRW-BTC', 'KRW-DOGE', 'KRW-SHIB', 'BTC-XRP']
UNSUPPORTED = 'KRW-BTC@777'


def plain(number):
    text = '{:f}'.format(number)
    return text.rstrip('0').rstrip('.') if '.' in text else text


def grouped(side, step, is_ask):
    """Bids go down to the step, asks up to it; sizes at one price are added."""
    levels = {}
    for price, size in side:
        steps = Decimal(price) / step
        whole = steps.to_integral_value('ROUND_CEILING' if is_ask else 'ROUND_FLOOR')
        levels[whole * step] = levels.get(whole * step, 0) + Decimal(size)
    return [[plain(price), plain(levels[price])] for price in sorted(levels, reverse=not is_ask)][:30]


def shown(sim, hogad, name):
    """The live book, once it was found equal to its truth; None while it is not live."""
    book = t.book(hogad, 'upbit:' + name, '--live')
    if not book:
        return None
    code, _, level = name.partition('@')
    truth = sim.truth(code, int(book['venue_ns']) // 1000000)
    for side in ('bids', 'asks'):
        want = grouped(truth[side], Decimal(level), side == 'asks') if level else truth[side][:30]
        t.check(book[side] == want, '%s %s: %s is not %s' % (name, side, book[side], want))
    return book


def main():
    names = RAW + list(GROUPED) + [UNSUPPORTED]
    with t.Sim('--symbols', ','.join(RAW), '--rate', '100') as sim, t.Hogad(sim, names) as hogad:
        for name in RAW + list(GROUPED):
            t.wait_until(lambda: shown(sim, hogad, name), 30, 'live ' + name)
        for _ in range(25):
            for name in RAW + list(GROUPED):
                t.wait_until(lambda: shown(sim, hogad, name), 30, name)
        fewer, more = (len(t.book(hogad, 'upbit:' + name)['bids']) for name in ('KRW-BTC@100000', 'KRW-BTC'))
        t.check(0 < fewer < more, 'a grouped side is shorter: %d, %d' % (fewer, more))

        # A request replaces the one before: what it leaves out ends, what it keeps goes on, whatever still arrives.
        sim.fault('oldset')
        hogad.write_config(sim, ['KRW-BTC@10000', 'KRW-DOGE', UNSUPPORTED])
        hogad.send_signal(signal.SIGHUP)
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC') is None, 30, 'the raw book to go')
        t.wait_until(lambda: shown(sim, hogad, 'KRW-BTC@10000') and shown(sim, hogad, 'KRW-DOGE'), 30, 'the kept ones')
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-DOGE@1') is None, 30, 'the grouped one of a raw book that stays to go')

        def unsupported():
            book = t.book(hogad, 'upbit:' + UNSUPPORTED)
            return book and (book['state'], book['reason']) == ('failed', 'no-snapshot')

        t.wait_until(unsupported, 60, 'a level that is not there is found out')
        t.wait_until(lambda: shown(sim, hogad, 'KRW-BTC@10000'), 30, 'and the others go on')
        stats = sim.stats()
        t.check(stats['upgrades'] == 1 and stats['request_violations'] == 0, 'one connection, in budget: %s' % stats)


main()
