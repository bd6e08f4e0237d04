# SPDX-License-Identifier: MIT
"""What exchanges say of themselves, in words at the connection and at the books: maintenance that is announced and then
ends the connection; one bad symbol among many, which the venue does not name."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

TRIES = 5

def maintenance_is_said():
    """kraken.md, "Messages": status, system maintenance."""
    with t.Sim('--symbols', 'BTC/USD', '--rate', '20', venue='kraken') as sim:
        with t.Hogad(sim, ['BTC/USD'], name='kraken') as hogad:
            t.live(hogad, 'kraken:BTC/USD')
            reasons = []
            watch = t.Watch(hogad, ['kraken:BTC/USD'], lambda book: reasons.append(book['reason']))
            for _ in range(TRIES):  # who sleeps through it finds out that nobody answers any more
                reasons.clear()
                sim.fault('maintenance:60s')
                t.wait_until(lambda: {'maintenance', 'http-refused'} & set(reasons), 30, 'readers are told')
                sim.fault('maintenance:0s')
                t.live(hogad, 'kraken:BTC/USD')  # when the venue is open again
                if 'maintenance' in reasons:
                    break
            t.check('maintenance' in reasons, 'readers are told why: %s' % set(reasons))
            watch.stop()
            t.check(sim.stats()['violations'] == 0, sim.stats())


def one_bad_symbol_that_is_not_named():
    """coinbase.md: an error of Advanced Trade has a message alone, and its request subscribes nobody. Without the list,
    which would tell."""
    good = ['A%02d-USD' % i for i in range(30)]
    with t.Sim('--symbols', ','.join(good), '--rate', '5', venue='coinbase-adv') as sim:
        with t.Hogad(sim, good[:15], venue='symbols = ' + ' '.join(['A14X-USD'] + good[15:]),
                     daemon='catalogue_s = 0', name='coinbase-adv') as hogad:
            def found():
                done = t.hoga(hogad, 'ls', '--json')
                books = json.loads(done.stdout)['books'] if done.returncode == 0 else []
                return {b['symbol']: (b['state'], b['reason']) for b in books if b['state'] != 'live'}
            t.wait_until(lambda: found() == {'A14X-USD': ('failed', 'request-refused')}, 20, 'only the bad one fails')
            stats = sim.stats()
            t.check(stats['violations'] == 0 and stats['upgrades'] == 1, stats)
            print('31 books, one bad: %d messages' % stats['requests'], flush=True)


maintenance_is_said()
one_bad_symbol_that_is_not_named()
