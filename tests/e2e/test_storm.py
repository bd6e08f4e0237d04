# SPDX-License-Identifier: MIT
"""Two hundred books lose their place in the same moment, again and again: every one is asked for anew, and no request is
beyond what the venue allows. And what fetched snapshots cost stays inside the weights of a minute."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

TRIES = 6
LETTERS = 'ABCDEFGHIJKLMNOPQRST'


def n_live(hogad):
    done = t.hoga(hogad, 'ls', '--json')
    return sum(book['state'] == 'live' for book in json.loads(done.stdout)['books']) if done.returncode == 0 else 0


def storm(venue, symbols, n_storms, seconds, most_requests):
    """Where a machine under load lets books find out one by one they are asked for so, too: some more storms, until one is
    as it should be."""
    more = '\n'.join('symbols = ' + ' '.join(symbols[at:at + 10]) for at in range(10, len(symbols), 10))
    with t.Sim('--symbols', ','.join(symbols), '--rate', '5', venue=venue) as sim, \
            t.Hogad(sim, symbols=symbols[:10], name=venue, venue=more) as hogad:
        t.wait_until(lambda: n_live(hogad) == len(symbols), seconds, '%s: all live' % venue, 0.2)
        before, n_requests = sim.stats(), []
        while len(n_requests) < n_storms or (min(n_requests) > most_requests and len(n_requests) < TRIES):
            n_asked = sim.stats()['requests']
            n_gaps = t.counters(hogad)['gaps']
            sim.fault('gap:%d' % len(symbols))
            t.wait_until(lambda: t.counters(hogad)['gaps'] >= n_gaps + len(symbols), 20, 'lost their place', 0.05)
            t.wait_until(lambda: n_live(hogad) == len(symbols), seconds, '%s: all live again' % venue, 0.2)
            n_requests.append(sim.stats()['requests'] - n_asked)
        now = sim.stats()
        t.check(now['violations'] == 0 and t.counters(hogad)['disconnects'] == 0, now)
        print('%s: %d books, storms of %s requests, %d fetches, %d resyncs, %d put off' %
              (venue, len(symbols), n_requests, now['rest_requests'] - before['rest_requests'],
               t.counters(hogad)['resyncs'], t.counters(hogad)['resyncs_put_off']), flush=True)
        t.check(min(n_requests) <= most_requests, n_requests)


# Ten symbols a request, once to leave and once to come: 40 a storm, and as many for trades, as books come back.
storm('bybit', ['%s%sUSDT' % (a, b) for a in LETTERS for b in LETTERS[:10]], 2, 60, 80)
storm('binance-usdm', ['%sAUSDT' % a for a in LETTERS], 2, 60, 0)
