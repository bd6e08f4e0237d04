# SPDX-License-Identifier: MIT
"""hogad killed again and again, as soon as it is there: what it has spent of a venue's budgets is remembered, so that the
simulator, which counts and enforces them, has nothing to complain of; and it is live in the end."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

KILLS = 12
SYMBOLS = ['BTC-USDT', 'SATS-BTC']


def main():
    segment = os.path.join(t.scratch(), 'books')
    with t.Sim('--symbols', ','.join(SYMBOLS), '--rate', '20', venue='okx') as sim:
        begun = time.monotonic()
        for n in range(KILLS):
            hogad = t.Hogad(sim, symbols=SYMBOLS, name='okx', segment=segment)
            t.wait_until(lambda: sim.stats()['upgrades'] > n, 30, 'dialed once more, when it was its turn')
            hogad.kill()
        seconds, stats = time.monotonic() - begun, sim.stats()
        last_ns = time.time_ns()  # for half a second what the one killed last has left still counts as live
        with t.Hogad(sim, symbols=SYMBOLS, name='okx', segment=segment) as hogad:
            t.wait_until(lambda: all(int((t.book(hogad, 'okx:' + s, '--live') or {}).get('recv_ns', 0)) > last_ns
                                     for s in SYMBOLS), 20, 'live')
        print('%d lives in %.1f s, %d dials' % (KILLS, seconds, stats['upgrades']))
        t.check(stats['upgrades'] >= KILLS, stats)
        t.check(sim.stats()['violations'] == 0, sim.stats())
        t.check(os.stat(segment + '.spent').st_mode & 0o777 == 0o600, 'hogad alone may read what was spent')


main()
