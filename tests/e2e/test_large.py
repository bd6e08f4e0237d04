# SPDX-License-Identifier: MIT
"""Books of 5 MB, which are decoded beside the loop: what comes behind one on its connection is taken after it, in
whatever order its levels stand; a connection that ends meanwhile, and a daemon that is stopped, end in order. Of 1 MB with
a sanitizer: that thread lets everybody go first, and was seen to take more than a minute for 3.5 MB at load 30."""
import json
import os
import signal
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import big_exchange
import hoga_test as t
from sanitized import is_sanitized

SIZE = (1 if is_sanitized() else 5) << 20
LONG = 150  # seconds: see above
NAME = 'coinbase:BTC-USD'


def updates(n):
    """Each moves the best bid: only the last of all in order leaves this one."""
    return [json.dumps({'type': 'l2update', 'product_id': 'BTC-USD', 'time': '2026-08-16T23:37:04.%06dZ' % i,
                        'changes': [['buy', '60000.%02d' % (i - 1), '0'], ['buy', '60000.%02d' % i, '7']]}).encode()
            for i in range(1, n + 1)]


def config(exchange, venue, symbol):
    return {'symbols': [symbol], 'name': venue, 'daemon': 'catalogue_s = 0',
            'venue': 'url = ws://127.0.0.1:%d/ws' % exchange.port}


def followed(order):
    pushed, _ = big_exchange.documents(SIZE, order)
    asks_gone = {'type': 'l2update', 'product_id': 'BTC-USD', 'time': '2026-08-16T23:37:03.9Z',
                 'changes': [['sell', '60000.%02d' % i, '0'] for i in range(100)]}
    exchange = big_exchange.Exchange([pushed, json.dumps(asks_gone).encode()] + updates(99), None, None)
    with t.Hogad(None, **config(exchange, 'coinbase', 'BTC-USD')) as hogad:
        want = [['60000.99', '7'], ['59999.99', '1'], ['59999.98', '2.00000001']]
        book = t.wait_until(lambda: shows(hogad, want), LONG, '%s: %s' % (order, want))
        t.check(book['asks'][0] == ['60001', '11.000001'], book['asks'][:2])
        t.check(len(book['bids']) == 30, len(book['bids']))
    exchange.close()
    print('%s: 100 updates behind a snapshot of %d bytes' % (order, len(pushed)), flush=True)


def shows(hogad, bids):
    book = t.book(hogad, NAME, '--live')
    return book if book and book['bids'][:len(bids)] == bids else None


def fetched():
    _, body = big_exchange.documents(SIZE, 'unsorted')
    exchange = big_exchange.Exchange([], body, None)
    with t.Hogad(None, **config(exchange, 'binance', 'BTCUSDT')) as hogad:
        book = t.wait_until(lambda: t.book(hogad, 'binance:BTCUSDT', '--live'), LONG, 'live')
        t.check(book['bids'][:2] == [['59999.99', '1'], ['59999.98', '2.00000001']] and len(book['bids']) == 30, book['bids'])
        t.check(book['proof'] == 'snapshot-only', book)
    exchange.close()
    print('by REST: %d bytes' % len(body), flush=True)


def cut_off():
    """Connections that end in the middle, twenty times; then it is stopped while such a book is under way."""
    pushed, _ = big_exchange.documents(SIZE, 'spaced')
    exchange = big_exchange.Exchange([pushed], None, 0)
    pause = threading.Event()
    with t.Hogad(None, **config(exchange, 'coinbase', 'BTC-USD')) as hogad:
        t.wait_until(lambda: t.book(hogad, NAME, '--live'), LONG, 'live')
        for i in range(20):
            exchange.drop()
            pause.wait(0.01 * (i % 5))
        t.wait_until(lambda: t.book(hogad, NAME, '--live'), LONG, 'live again')
        hogad.send_signal(signal.SIGTERM)
        t.wait_promised(lambda: not hogad.is_running(), 5, 'an end within its bound')
        t.check(hogad.wait() == 0, 'an orderly end')
    exchange.close()
    print('cut off and stopped', flush=True)


for order in ('sorted', 'unsorted', 'spaced'):
    followed(order)
fetched()
cut_off()
