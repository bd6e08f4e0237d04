# SPDX-License-Identifier: MIT
"""Books that are kept less deep than the venue's: no level is ever shown live in a place that is not its own, and a book
that has shrunk near to what is not known is fetched anew, by REST without a pause, else by a new subscription."""
import json
import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

DEPTH = 20  # shown; the simulator's books have 64 levels, of which half as many again as are shown are kept
LINES = 500


def judged(sim, hogad, venue, symbol):
    """So many live books against the truth of their time; how many were looked at, and how many lines were not live."""
    child = subprocess.Popen([t.program('hoga'), 'watch', '--json', '-n', str(LINES), '-d', str(DEPTH), '--segment',
                              hogad.segment, '%s:%s' % (venue, symbol)], stdout=subprocess.PIPE)
    killer = threading.Timer(90, child.kill)
    killer.start()
    live = other = 0
    for line in child.stdout:
        document = json.loads(line)
        for book in document.get('books', [document]):
            if book['state'] != 'live':
                other += 1
                continue
            live += 1
            if book['venue_ns'] is None:  # a snapshot of spot has no time: it must be one of those kept
                sim.op('holds', symbol=symbol, bids=book['bids'][:DEPTH], asks=book['asks'][:DEPTH])
                continue
            truth = sim.op('truth', symbol=symbol, timestamp=int(book['venue_ns']) // 1000000)
            for side in ('bids', 'asks'):
                t.check(book[side] == truth[side][:DEPTH], '%s: %s of %s' % (venue, side, book['venue_ns']))
    killer.cancel()
    t.check(child.wait() == 0, 'so many changes in time')
    return live, other


def run(venue, symbol, count):
    with t.Sim('--symbols', symbol, '--rate', '100', venue=venue) as sim:
        with t.Hogad(sim, [symbol], name=venue, venue='levels_max = 1', daemon='depth = %d' % DEPTH) as hogad:
            t.live(hogad, '%s:%s' % (venue, symbol))
            # Prices wander until levels of the best have gone for good.
            before = sim.stats()[count]
            live, other = judged(sim, hogad, venue, symbol)
            t.wait_until(lambda: sim.stats()[count] > before, 90, 'fetched anew')
            more, rest = judged(sim, hogad, venue, symbol)
            t.check(live + more > LINES, '%d of %d lines live' % (live + more, 2 * LINES))
            stats = sim.stats()
            t.check(stats['violations'] == 0, stats)
            print('%s: %d live books equal, %d not live, %d times fetched anew' %
                  (venue, live + more, other + rest, stats[count] - before), flush=True)


run('binance', 'BTCUSDT', 'rest_requests')
run('binance-usdm', 'BTCUSDT', 'rest_requests')
run('okx', 'BTC-USDT', 'requests')
