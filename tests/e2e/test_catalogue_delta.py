# SPDX-License-Identifier: MIT
"""The instrument lists of OKX, Bybit, Bitget and Gate over a socket: a pattern becomes all the markets that match it,
each with its tick, in however many answers the list comes; and what Gate's list has not is unknown at once, though its
socket acknowledges it."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

# Venue, pattern, what it means, the tick of one of them.
VENUES = [
    ('okx', '*-USDT*', {'BTC-USDT', 'ETH-USDT-SWAP', 'PEPE-USDT'}, ('PEPE-USDT', '0.000000001')),
    ('bybit', '*', {'BTCUSDT', '1000PEPEUSDT', 'SHIBUSDC'}, ('SHIBUSDC', '0.00000001')),
    ('bybit-linear', '*USDT', {'BTCUSDT', '1000PEPEUSDT'}, ('BTCUSDT', '0.01')),
    ('bitget', '*', {'BTCUSDT', 'VVSUSDT', 'MAVUSDT'}, ('MAVUSDT', '0.00001')),
    ('gateio', '*_USDT', {'BTC_USDT', 'PEPE_USDT', 'QTUM3S_USDT'}, ('BTC_USDT', '0.1')),
]


def states(hogad):
    done = t.hoga(hogad, 'ls', '--json')
    return {book['symbol']: book['state'] for book in json.loads(done.stdout)['books']} if done.returncode == 0 else {}


def instrument(hogad, name):
    done = t.hoga(hogad, 'info', name, '--json')
    document = json.loads(done.stdout) if done.returncode == 0 else {}
    rows = document.get('instruments') or [book['instrument'] for book in document.get('books', [])]
    return rows[0] if rows else {}


for venue, pattern, want, (symbol, tick) in VENUES:
    with t.Sim('--rate', '10', venue=venue) as sim:
        with t.Hogad(sim, [pattern], name=venue) as hogad:
            t.wait_until(lambda: states(hogad) == {one: 'live' for one in want}, 30, '%s %s' % (venue, states(hogad)))
            shown = instrument(hogad, '%s:%s' % (venue, symbol))
            t.check([row['tick'] for row in shown['ticks']] == [tick] and shown['listed'] == 'trading', shown)
            t.check(sim.stats()['violations'] == 0, sim.stats())
            print('%s: %s is %s' % (venue, pattern, ' '.join(sorted(want))), flush=True)

with t.Sim('--symbols', 'BTC_USDT', '--rate', '10', venue='gateio') as sim:
    with t.Hogad(sim, ['BTC_USDT', 'NOPE_USDT'], name='gateio') as hogad:
        t.wait_until(lambda: states(hogad).get('BTC_USDT') == 'live', 30, 'the one that there is')
        book = t.wait_until(lambda: [b for b in [t.book(hogad, 'gateio:NOPE_USDT')] if b and b['state'] == 'failed'], 30,
                            'the other one fails')[0]
        t.check(book['reason'] == 'symbol-unknown', book)  # at once: a venue that is merely silent has another reason
        print('gateio: NOPE_USDT', book['reason'])
