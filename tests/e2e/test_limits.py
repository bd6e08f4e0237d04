# SPDX-License-Identifier: MIT
"""Limits that exchanges set an address, judged by a simulator that enforces them: connections at a time, messages of all
connections together, hundreds of requests at once where nothing limits them."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t
import ws_client


def connection(hogad):
    done = t.hoga(hogad, 'stat', '--json')
    rows = json.loads(done.stdout)['connections'] if done.returncode == 0 else []
    return rows[0] if rows else {'state': None, 'reason': None}


def all_live(hogad):
    return t.hoga(hogad, 'check').returncode == 0


def more_connections_than_allowed():
    """Coinone closes the 21st of an address with 4290, whoever holds the others (coinone.md, Limits)."""
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '20', venue='coinone') as sim:
        others = [ws_client.Client(sim.url) for _ in range(20)]
        with t.Hogad(sim, ['KRW-BTC'], name='coinone') as hogad:
            t.wait_until(lambda: connection(hogad)['reason'] == 'too-many-connections', 10, 'said in words')
            for other in others[:2]:
                other.close()
            t.live(hogad, 'coinone:KRW-BTC')  # when there is room
        t.check(sim.stats()['connection_violations'] >= 1, sim.stats())
        for other in others[2:]:
            other.close()


def hundreds_at_once(venue, symbols, seconds, connections):
    with t.Sim('--symbols', ','.join(symbols), '--rate', '1', venue=venue) as sim:
        lines = ['symbols = ' + ' '.join(symbols[i:i + 10]) for i in range(10, len(symbols), 10)]
        with t.Hogad(sim, symbols[:10], name=venue, venue='\n'.join(lines)) as hogad:
            t.wait_until(lambda: all_live(hogad), seconds, 'all live', 0.1)
            stats, n_lost = sim.stats(), t.counters(hogad)['disconnects']
            # Coinbase closes one that has asked for nothing in 5 s, which a hogad without a processor may not have.
            t.check(stats['upgrades'] == connections + n_lost and stats['violations'] == 0, (stats, n_lost))
            print('%s: %d books, %d messages on %d connections, no violation' %
                  (venue, len(symbols), stats['requests'], connections), flush=True)


more_connections_than_allowed()
hundreds_at_once('coinone', ['KRW-A%03d' % i for i in range(363)], 10, 3)
hundreds_at_once('coinbase', ['A%03d-USD' % i for i in range(400)], 30, 3)
hundreds_at_once('coinbase-adv', ['A%03d-USD' % i for i in range(400)], 30, 3)
hundreds_at_once('kraken', ['A%03d/USD' % i for i in range(600)], 30, 3)
