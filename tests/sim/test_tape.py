# SPDX-License-Identifier: MIT
"""hoga-sim's trades and tickers as Upbit speaks them: first the latest past trade, then each as it is made; ids rise;
the day follows from the trades, by this test's own arithmetic; what is asked for exactly is sent exactly."""

import json
import os
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

import hoga_test as t  # noqa: E402
from ws_client import Client  # noqa: E402

SHORT = {'ty': 'type', 'cd': 'code', 'tms': 'timestamp', 'ttms': 'trade_timestamp', 'tp': 'trade_price',
         'tv': 'trade_volume', 'ab': 'ask_bid', 'pcp': 'prev_closing_price', 'c': 'change', 'cp': 'change_price',
         'scp': 'signed_change_price', 'sid': 'sequential_id', 'st': 'stream_type', 'op': 'opening_price',
         'hp': 'high_price', 'lp': 'low_price', 'atv': 'acc_trade_volume', 'atp': 'acc_trade_price'}


def client(sim, *types, form='DEFAULT'):
    connection = Client(sim.url, sim.ca)
    connection.send(json.dumps([{'ticket': 't'}] + [{'type': kind, 'codes': ['KRW-BTC']} for kind in types] +
                               [{'format': form}]))
    return connection


def message(connection):
    def long(pairs):
        return {SHORT.get(key, key): value for key, value in pairs}
    value = json.loads(connection.message()[1], parse_float=str, parse_int=str, object_pairs_hook=long)
    return value[0] if isinstance(value, list) else value


def check_day(sim, day, trades):
    prices = [Decimal(trade['price']) for trade in trades]
    truth = sim.op('day', symbol='KRW-BTC')
    close = Decimal(truth['previous_close'])
    for key, name, value in (('trade_price', 'last', prices[-1]), ('high_price', 'high', max(prices)),
                             ('low_price', 'low', min(prices)), ('opening_price', 'open', prices[0]),
                             ('signed_change_price', 'change', prices[-1] - close),
                             ('acc_trade_volume', 'volume', sum(Decimal(trade['size']) for trade in trades)),
                             ('acc_trade_price', 'value',
                              sum(Decimal(trade['price']) * Decimal(trade['size']) for trade in trades))):
        t.check(Decimal(day[key]) == Decimal(truth[name]) == value, '%s: %s, %s, %s' % (key, day[key], truth[name], value))
    word = 'EVEN' if prices[-1] == close else 'RISE' if prices[-1] > close else 'FALL'
    t.check(day['change'] == word, day['change'])


def trades_come_as_they_are_made(form):
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '0') as sim:
        sim.op('trade', symbol='KRW-BTC', price='116500000', size='0.5', side='buy')
        with client(sim, 'trade', 'ticker', form=form) as c:
            first = message(c)
            t.check((first['type'], first['stream_type'], first['ask_bid']) == ('trade', 'SNAPSHOT', 'BID'), first)
            t.check(message(c)['type'] == 'ticker', 'and the day so far')
            made = 1
            while made < 20:
                sim.step()
                trades = sim.op('trades', symbol='KRW-BTC')
                for truth in trades['trades'][made:]:
                    trade, day = message(c), message(c)
                    t.check((trade['stream_type'], day['stream_type']) == ('REALTIME', 'REALTIME'), trade)
                    t.check(trade['sequential_id'] == truth['id'] and int(truth['id']) > 2 ** 53, trade)
                    t.check(Decimal(trade['trade_price']) == Decimal(truth['price']), trade)
                    t.check(Decimal(trade['trade_volume']) == Decimal(truth['size']), trade)
                    t.check(trade['ask_bid'] == ('BID' if truth['side'] == 'buy' else 'ASK'), trade)
                    book = sim.last('KRW-BTC')
                    best = book['asks' if truth['side'] == 'buy' else 'bids'][0]
                    t.check(truth['price'] == best[0] and Decimal(truth['size']) <= Decimal(best[1]), 'in the spread')
                made = trades['made']
            check_day(sim, day, trades['trades'])
            ids = [int(trade['id']) for trade in trades['trades']]
            t.check(ids == sorted(set(ids)), 'ids rise')


def exactly_what_is_asked_for():
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '0') as sim, client(sim, 'trade', form='SIMPLE') as c:
        sim.op('trade', symbol='KRW-BTC', price='0.00000099', size='0.00000001', side='sell', id=str(2 ** 63 + 5))
        trade = message(c)
        t.check((trade['trade_price'], trade['trade_volume']) == ('9.9E-7', '1.0E-8'), trade)
        t.check(trade['sequential_id'] == str(2 ** 63 + 5), trade)
        t.check(not sim.ask('trade', symbol='KRW-BTC', price='1', size='1', id='7')['ok'], 'ids do not fall')
        sim.op('trade', symbol='KRW-BTC', price='1', size='2', n=100)
        t.check(len({message(c)['sequential_id'] for _ in range(100)}) == 100, 'a burst')
        t.check(len(sim.op('trades', symbol='KRW-BTC', n=7)['trades']) == 7, 'the last seven')


for form in ('DEFAULT', 'SIMPLE', 'SIMPLE_LIST'):
    trades_come_as_they_are_made(form)
exactly_what_is_asked_for()
