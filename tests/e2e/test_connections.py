# SPDX-License-Identifier: MIT
"""More books than a few connections hold: 300 of OKX, 29 on each of eleven connections, all live; every connection replaced
while the market moves, and no book shown otherwise than live and right; all cut at once, and dialed inside the venue's
budget. What would be too many is refused in words that name the limit."""
import atexit
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

SYMBOLS = ['A%03d-USDT' % i for i in range(300)]
NAMES = ['okx:' + symbol for symbol in SYMBOLS]
N_CARRYING = 11  # of 29 books each


def wrapped(symbols):
    return '\n'.join('symbols = ' + ' '.join(symbols[i:i + 10]) for i in range(0, len(symbols), 10))


def carriers(hogad):
    return [row for row in hogad.admin(verb='status')['connections'] if row['books'] > 0]


class Judge:
    """Every book that is shown live is the simulator's of that time; once in its words, again in its levels."""

    def __init__(self, sim, hogad):
        self.sim, self.seen, self.wrong, self.not_live, self.n = sim, set(), [], [], 0
        self.watch = t.Watch(hogad, NAMES, self._look)

    def _look(self, book):
        if t.is_silent(book):
            return
        if book['state'] != 'live':
            self.not_live.append((book['symbol'], book['state'], book['reason']))
        elif book['venue_ns'] not in (None, '0'):
            self._judge(book)

    def _judge(self, book):
        truth = self.sim.ask('truth', symbol=book['symbol'], timestamp=int(book['venue_ns']) // 1000000)
        self.n += 1
        self.seen.add(book['symbol'])
        if not truth['ok'] or book['bids'] != truth['bids'][:30] or book['asks'] != truth['asks'][:30]:
            self.wrong.append((book, truth))

    def stop(self):
        self.watch.stop()
        t.check(not self.wrong, self.wrong[:1])
        return self.n


def replaced_one_after_the_other(sim, hogad):
    """All of them, by an operator: make before break, with one that was kept for it."""
    judge = Judge(sim, hogad)
    t.wait_until(lambda: len(judge.seen) == len(SYMBOLS), 60, 'every book was judged once')
    oracle = subprocess.Popen([t.program('handover_oracle'), hogad.segment] + NAMES, stdout=subprocess.PIPE)
    atexit.register(oracle.kill)
    t.check(oracle.stdout.readline() == b'ready\n', 'the oracle follows')
    before, n_dials = t.counters(hogad), sim.stats()['upgrades']
    old = [row['connection'] for row in carriers(hogad)]
    for connection in old:
        answer = hogad.admin(verb='reconnect', connection=connection)
        t.check(answer['ok'] and answer['make_before_break'], answer)
    t.wait_until(lambda: t.counters(hogad)['handovers'] == before['handovers'] + N_CARRYING, 90, 'all handed over', 0.1)
    judge.seen.clear()
    t.wait_until(lambda: len(judge.seen) == len(SYMBOLS), 60, 'and every book goes on')
    n = judge.stop()
    oracle.send_signal(signal.SIGTERM)
    seen = json.loads(oracle.communicate(timeout=60)[0])
    t.check(seen['not_live'] == 0 and seen['backwards'] == 0 and seen['time_backwards'] == 0, seen)
    t.check(seen['moves'] == len(SYMBOLS) and not judge.not_live, (seen, judge.not_live[:3]))
    now = t.counters(hogad)
    t.check(now['gaps'] == before['gaps'] and now['disconnects'] == 0 and now['handover_sequences_lost'] == 0, now)
    t.check(now['handover_failures'] == 0 and sim.stats()['upgrades'] == n_dials + N_CARRYING, (now, sim.stats()))
    rows = carriers(hogad)
    t.check(len(rows) == N_CARRYING and sum(row['books'] for row in rows) == len(SYMBOLS), rows)
    shown = json.loads(t.hoga(hogad, 'stat', '--json').stdout)['connections']
    t.check(sorted(row['n_books'] for row in shown if row['n_books']) == sorted(row['books'] for row in rows), shown)
    print('%d connections replaced, %d books judged, none wrong; %d reads, all live' % (N_CARRYING, n, seen['reads']),
          flush=True)


def cut_at_once(sim, hogad):
    """The venue drops them all: eleven dials at three a second, and all are live again."""
    n_dials = sim.stats()['upgrades']
    sim.fault('drop')
    well = time.time_ns()
    t.wait_until(lambda: sim.stats()['upgrades'] >= n_dials + N_CARRYING, 60, 'all dialed')
    t.wait_until(lambda: t.hoga(hogad, 'check').returncode == 0, 60, 'all live', 0.1)
    print('all %d live again after %.1f s' % (len(SYMBOLS), (time.time_ns() - well) / 1e9), flush=True)


def compared_when_still(sim, hogad):
    """What stands in the segment when the market stands still is what the market is."""
    sim.op('pause')
    for name, symbol in zip(NAMES, SYMBOLS):
        last = sim.last(symbol)

        def is_level(name=name, last=last):
            book = t.book(hogad, name, '--live')
            return book and book['bids'] == last['bids'][:30] and book['asks'] == last['asks'][:30]
        t.wait_until(is_level, 30, name)
    sim.op('resume')


def grown_and_shrunk(sim, hogad):
    """A reload takes books away and brings them back; connections go and come with them."""
    for n, connections in ((40, 2), (300, N_CARRYING)):
        hogad.write_config(sim, SYMBOLS[:1], venue=wrapped(SYMBOLS[1:n]))
        answer = hogad.admin(verb='reload')
        t.check(answer['ok'] and answer['books'] == n, answer)
        t.wait_until(lambda: t.hoga(hogad, 'check').returncode == 0, 60, 'live', 0.1)
        rows = carriers(hogad)
        t.check(sum(row['books'] for row in rows) == n, rows)
        t.check(len(rows) <= N_CARRYING and all(row['books'] <= 29 for row in rows) and len(rows) >= connections, rows)


def refused_in_words():
    """Before anything is dialed."""
    for venue, symbols, words in (('okx', ['A%04d-USDT' % i for i in range(8000)], ('8000 markets', '256 in all')),
                                  ('coinone', ['KRW-A%04d' % i for i in range(4000)], ('21 connections', 'allows 20'))):
        folder = t.scratch()
        path = os.path.join(folder, 'hoga.conf')
        with open(path, 'w') as file:
            file.write('[daemon]\nbooks_max = 9000\n[%s]\n%s\n' % (venue, wrapped(symbols)))
        done = subprocess.run([t.program('hogad'), '-c', path, '--check-config'], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, universal_newlines=True, timeout=60)
        t.check(done.returncode != 0 and all(word in done.stderr for word in words), done.stderr)
        print(done.stderr.strip(), flush=True)


def main():
    refused_in_words()
    with t.Sim('--symbols', ','.join(SYMBOLS), '--rate', '1', venue='okx') as sim:
        with t.Hogad(sim, SYMBOLS[:1], name='okx', venue=wrapped(SYMBOLS[1:])) as hogad:
            start = time.monotonic()
            t.wait_until(lambda: t.hoga(hogad, 'check').returncode == 0, 60, 'all live', 0.1)
            t.check(len(carriers(hogad)) == N_CARRYING and sim.stats()['upgrades'] == N_CARRYING, sim.stats())
            print('%d books live after %.1f s' % (len(SYMBOLS), time.monotonic() - start), flush=True)
            replaced_one_after_the_other(sim, hogad)
            compared_when_still(sim, hogad)
            cut_at_once(sim, hogad)
            compared_when_still(sim, hogad)
            grown_and_shrunk(sim, hogad)
            t.check(sim.stats()['violations'] == 0, sim.stats())


main()
