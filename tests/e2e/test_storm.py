# SPDX-License-Identifier: MIT
"""Two hundred books lose their place in the same moment, again and again: every one is asked for anew, and no request is
beyond what the venue allows. And what fetched snapshots cost stays inside the weights of a minute."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

LETTERS = 'ABCDEFGHIJKLMNOPQRST'


def n_live(hogad):
    done = t.hoga(hogad, 'ls', '--json')
    return sum(book['state'] == 'live' for book in json.loads(done.stdout)['books']) if done.returncode == 0 else 0


def storm(venue, symbols, n_storms, seconds, most_requests):
    more = '\n'.join('symbols = ' + ' '.join(symbols[at:at + 10]) for at in range(10, len(symbols), 10))
    with t.Sim('--symbols', ','.join(symbols), '--rate', '5', venue=venue) as sim, \
            t.Hogad(sim, symbols=symbols[:10], name=venue, venue=more) as hogad:
        t.wait_until(lambda: n_live(hogad) == len(symbols), seconds, '%s: all live' % venue, 0.2)
        before = sim.stats()
        for _ in range(n_storms):
            n_gaps = t.counters(hogad)['gaps']
            sim.fault('gap:%d' % len(symbols))
            t.wait_until(lambda: t.counters(hogad)['gaps'] >= n_gaps + len(symbols), 20, 'lost their place', 0.05)
            t.wait_until(lambda: n_live(hogad) == len(symbols), seconds, '%s: all live again' % venue, 0.2)
        now = sim.stats()
        t.check(now['violations'] == 0 and t.counters(hogad)['disconnects'] == 0, now)
        n_requests = now['requests'] - before['requests']
        print('%s: %d books, %d storms: %d requests, %d fetches, %d resyncs, %d put off' %
              (venue, len(symbols), n_storms, n_requests, now['rest_requests'] - before['rest_requests'],
               t.counters(hogad)['resyncs'], t.counters(hogad)['resyncs_put_off']), flush=True)
        t.check(n_requests <= most_requests, n_requests)


# Ten symbols a request, once to leave and once to come: 40 a storm, and as many for trades, as books come back.
storm('bybit', ['%s%sUSDT' % (a, b) for a in LETTERS for b in LETTERS[:10]], 2, 60, 2 * 80)
storm('binance-usdm', ['%sAUSDT' % a for a in LETTERS], 2, 60, 0)
