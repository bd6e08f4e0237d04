# SPDX-License-Identifier: MIT
"""What a snapshot of 5 MB on one connection costs the others: frames of Upbit at 1,000 a second, timed from the kernel's
receive to publish, while Coinbase pushes such a snapshot and Binance gives one by REST, again and again; beside it the
same frames with nothing else going on. Goal: at most 5 ms more. `spaced` is the same JSON with blanks, which takes the
decoder's general road.

    HOGA_BUILD=build/release python3 tests/bench/bench_delay.py"""
import json
import os
import platform
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import big_exchange
import hoga_test as t

SECONDS = float(os.environ.get('HOGA_SECONDS', '4'))
GOAL_MS = 5
pause = threading.Event()


def delays_ms(hogad):
    """From the kernel's receive to publish, of every book that `watch` sees in so many seconds."""
    child = subprocess.Popen([t.program('hoga'), 'watch', '--json', '--segment', hogad.segment, 'upbit:KRW-BTC'],
                             stdout=subprocess.PIPE)
    threading.Timer(SECONDS, child.terminate).start()
    found = []
    for line in child.stdout:
        document = json.loads(line)
        for book in document.get('books', [document]):
            if book['state'] == 'live':
                found.append((int(book['publish_ns']) - int(book['recv_ns'])) / 1e6)
    child.wait()
    return sorted(found)


def report(name, found, n_snapshots, base_ms):
    worst = found[-1] if found else -1
    print(json.dumps({'bench': 'delay_' + name, 'n': len(found), 'snapshots': n_snapshots,
                      'p50_ms': round(found[len(found) // 2], 3), 'p99_ms': round(found[len(found) * 99 // 100], 3),
                      'max_ms': round(worst, 3), 'undisturbed_max_ms': round(base_ms, 3), 'goal_ms': GOAL_MS,
                      'host': platform.node()}), flush=True)


def run(name, venue, order, base_ms):
    pushed, fetched = big_exchange.documents(5 << 20, order)
    exchange = big_exchange.Exchange([pushed] if venue == 'coinbase' else [], fetched if venue == 'binance' else None)
    symbol = 'BTC-USD' if venue == 'coinbase' else 'BTCUSDT'
    section = '[%s]\nsymbols = %s\nurl = ws://127.0.0.1:%d/ws' % (venue, symbol, exchange.port) if venue else ''
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '1000') as sim:
        with t.Hogad(sim, ['KRW-BTC'], venue=section, daemon='catalogue_s = 0') as hogad:
            t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 10, 'live')
            found = delays_ms(hogad)
            if venue:
                t.check(exchange.n_sent > 0, 'nothing was sent')
    exchange.close()
    report(name, found, exchange.n_sent, base_ms if base_ms is not None else found[-1])
    return found[-1]


base = run('undisturbed', '', 'sorted', None)
for order in ('sorted', 'unsorted', 'spaced'):
    run('pushed_' + order, 'coinbase', order, base)
    run('fetched_' + order, 'binance', order, base)
