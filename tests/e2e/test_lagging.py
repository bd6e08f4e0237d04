# SPDX-License-Identifier: MIT
"""A venue whose messages come later and later is `lagging` above the limit, until they are in time again; one whose clock
is merely wrong is not. Seen in the book, in the counters and latencies, and in what systemd is told."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t


LAG_MS_MAX = 2000  # more than a busy machine holds anything up


def stat(hogad):
    return json.loads(t.hoga(hogad, 'stat', '--json').stdout)


def counter(hogad, name):
    return [row['value'] for row in stat(hogad)['counters'] if row['name'] == name][0]


def state(hogad, name):
    shown = t.book(hogad, name)
    return (shown['state'], shown['reason']) if shown else None


def run(venue, symbol, skew):
    name = '%s:%s' % (venue, symbol)
    with t.Sim('--symbols', symbol, '--rate', '50', '--fault', 'skew:' + skew, venue=venue) as sim, \
            t.Hogad(sim, symbols=[symbol], name=venue, venue='lag_ms_max = %d' % LAG_MS_MAX) as hogad:
        t.wait_until(lambda: state(hogad, name) == ('live', ''), 30, 'live with a clock that is off by ' + skew)
        t.wait_until(lambda: counter(hogad, 'books_applied') > 50, 30, 'messages in time')
        t.check(counter(hogad, 'lagging') == 0, 'a constant skew is no lag')
        sim.fault('delay:300ms delay@400ms:600ms delay@800ms:5s')
        t.wait_until(lambda: state(hogad, name) == ('lagging', 'venue-delay'), 40, 'lagging')
        t.check(t.hoga(hogad, 'book', name, '--live').returncode == 1, 'nothing that asks for live gets it')
        t.check(t.hoga(hogad, 'check', name).returncode == 1, 'check')
        sim.fault('delay:0s')
        t.wait_until(lambda: state(hogad, name) == ('live', ''), 60, 'in time again')
        t.check(counter(hogad, 'lagging') == 1, 'once: %d' % counter(hogad, 'lagging'))
        t.check(counter(hogad, 'disconnects') == 0, hogad.log())
        rows = [row for row in stat(hogad)['latencies'] if row['name'] == 'lag']
        t.check(rows and rows[0]['max_ns'] > LAG_MS_MAX * 1000000, rows)
        lines = [line for line in hogad.log().splitlines() if 'state=lagging reason=venue-delay' in line]
        t.check(len(lines) == 1, hogad.log())
        print('%s with %s: at most %d ms late' % (venue, skew, rows[0]['max_ns'] // 1000000), flush=True)


run('upbit', 'KRW-BTC', '-3s')
run('okx', 'BTC-USDT', '7s')
