# SPDX-License-Identifier: MIT
"""hoga-sim copies from the message before whatever has not changed of it: each message is true of its own book all the
same, and spelled as a message of its own would be. One connection alone sees it done; a second one that wants another
form makes every message be spelled anew."""
import itertools
import json
import os
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

import hoga_test as t  # noqa: E402
from ws_client import Client  # noqa: E402

KEYS = {'DEFAULT': ('timestamp', 'orderbook_units', 'ask_price', 'bid_price', 'ask_size', 'bid_size'),
        'SIMPLE': ('tms', 'obu', 'ap', 'bp', 'as', 'bs')}


def subscribed(sim, code, form):
    client = Client(sim.url)
    client.send(json.dumps([{'ticket': 'rows'}, {'type': 'orderbook', 'codes': [code]}, {'format': form}]))
    return client


def read(client, form):
    """Timestamp and rows of the next message, each number as it is spelled."""
    book = json.loads(client.message()[1], parse_float=str, parse_int=str)
    when, units, *names = KEYS[form]
    return int(book[when]), [[unit[name] for name in names] for unit in book[units]]


def plain(text):
    value = format(Decimal(text), 'f')
    return value.rstrip('0').rstrip('.') if '.' in value else value


def is_true(sim, symbol, depth, stamp, rows):
    truth = sim.truth(symbol, stamp)
    for name, price, size in (('asks', 0, 2), ('bids', 1, 3)):
        side = [[plain(row[price]), plain(row[size])] for row in rows if row[price] != '0']
        t.check(len(rows) == depth and side == truth[name][:depth], '%s of %s at %d' % (name, symbol, stamp))


def walk(form, code, is_shared):
    """What one connection is sent of the same seed's walk; with is_shared beside another one of the other form."""
    symbol, depth = code.split('.')[0], int((code + '.30').split('.')[1])
    rows = []
    with t.Sim('--symbols', symbol, '--rate', '0', '--seed', '7') as sim, subscribed(sim, code, form) as client:
        other = subscribed(sim, code, 'SIMPLE' if form == 'DEFAULT' else 'DEFAULT') if is_shared else None
        t.wait_until(lambda: sim.stats()['frames'] == 1 + is_shared, 10, 'all have their snapshot')
        sim.step(symbol, n=150)
        for best, next_best, ask, sizes in (('100', '99', '100.5', ('1', '1.5', '2')),  # a thin side
                                            ('1000', '990', '1005', ('1', '1.5', '2')),  # the same digits, other prices
                                            ('1000', '990', '1005', ('0.1', '0.15', '0.2'))):  # and other sizes
            sim.set(symbol, [[best, sizes[0]], [next_best, sizes[1]]], [[ask, sizes[2]]])
        sim.step(symbol, n=2)
        for _ in range(1 + 150 + 3 + 2):
            stamp, found = read(client, form)
            is_true(sim, symbol, depth, stamp, found)
            rows.append(found)
        if other:
            other.close()
    return rows


for form, code in itertools.product(KEYS, ('KRW-BTC', 'BTC-ITAM', 'KRW-DOGE.5')):
    t.check(walk(form, code, False) == walk(form, code, True), '%s of %s is spelled alike' % (form, code))
    print('ok', form, code, flush=True)
