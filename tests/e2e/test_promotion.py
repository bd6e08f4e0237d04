# SPDX-License-Identifier: MIT
"""A connection dies while another is to take over: that one is the connection from then on, without a dial more. Books that
it has proven are live without interruption; the others say so until they are right again; and no price is ever wrong."""
import atexit
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

# Numbers of the venue and a book by REST; a pushed snapshot, then numbers; whole books alone.
VENUES = [('binance', ['BTCUSDT', 'SHIBBTC']), ('okx', ['BTC-USDT', 'SATS-BTC']), ('bybit', ['BTCUSDT', 'SHIBUSDC']),
          ('upbit', ['KRW-BTC', 'BTC-XRP'])]
RATE = 40
# After so many messages of the new connection, which is the first to be sent each.
POINTS = (0, 1, 2, 5)


class Scene:
    """Both books live; `dead` makes their connection die in mid hand-over."""

    def __init__(self, venue, symbols):
        self.venue, self.symbols = venue, symbols
        self.names = ['%s:%s' % (venue, symbol) for symbol in symbols]

    def __enter__(self):
        self.sim = t.Sim('--symbols', ','.join(self.symbols), '--rate', str(RATE), venue=self.venue)
        self.hogad = t.Hogad(self.sim, symbols=self.symbols, name=self.venue, venue='trades = no')
        self.wait_live()
        return self

    def __exit__(self, *error):
        self.hogad.__exit__(*error)
        self.sim.__exit__(*error)

    def live(self, i):
        return t.book(self.hogad, self.names[i], '--live')

    def wait_live(self):
        """With what has arrived from now on, which has a time of the venue (what is fetched may have none)."""
        def is_new(book):
            return book and book['venue_ns'] and int(book['recv_ns']) > now
        now = time.time_ns()
        t.wait_until(lambda: all(is_new(self.live(i)) for i in (0, 1)), 10, 'live')

    def n_dials(self):
        return self.sim.stats()['upgrades']

    def n_promoted(self):
        return t.counters(self.hogad)['promotions']

    def replace(self):
        def carrying():
            return [row for row in self.hogad.admin(verb='status')['connections'] if row['books'] > 0]
        rows = t.wait_until(lambda: len(carrying()) == 1 and carrying(), 30, 'one connection')
        answer = self.hogad.admin(verb='reconnect', connection=rows[0]['connection'])
        t.check(answer['ok'] and answer['make_before_break'], answer)

    def judge(self, n_dials):
        """All is well on the new connection, and its books are those of the market."""
        self.wait_live()
        t.check(self.n_dials() == n_dials, 'no dial more: %d, %d' % (self.n_dials(), n_dials))
        for i in (0, 1):
            book = t.wait_until(lambda: [b for b in [self.live(i)] if b and b['venue_ns']], 30, 'live')[0]
            truth = self.sim.truth(self.symbols[i], int(book['venue_ns']) // 1000000)
            t.check(book['bids'] == truth['bids'][:30] and book['asks'] == truth['asks'][:30], (book, truth))
        t.check(self.sim.stats()['violations'] == 0, self.sim.stats())


def while_collecting(scene):
    """The first book has been proven, the second is silent: the first is never interrupted, the second comes anew. Where
    hogad has not read what the new connection brought, when the old one is cut, there is nothing proven: once more."""
    n = scene.n_promoted()
    t.wait_until(lambda: is_unbroken(scene), 30, 'the first book was proven in time')
    return scene.n_promoted() - n


def is_unbroken(scene):
    n_dials = scene.n_dials() + 1
    since = t.live(scene.hogad, scene.names[0])['since_ns']
    scene.sim.fault('mute:' + scene.symbols[1])
    oracle = subprocess.Popen([t.program('handover_oracle'), scene.hogad.segment, scene.names[0]], stdout=subprocess.PIPE)
    atexit.register(oracle.kill)  # also where a check fails
    t.check(oracle.stdout.readline() == b'ready\n', 'the oracle follows')
    scene.replace()
    t.wait_until(lambda: scene.n_dials() == n_dials, 5, 'dialed')
    frames = scene.sim.stats()['frames']
    t.wait_until(lambda: scene.sim.stats()['frames'] > frames + 20, 5, 'the new one brings its part')
    n = scene.n_promoted()
    scene.sim.fault('dropold')
    t.wait_until(lambda: scene.n_promoted() > n, 5, 'promoted')
    line = [line for line in scene.hogad.log().splitlines() if 'connection.promoted' in line][-1]
    t.check('books=2' in line, line)
    is_proven = 'unbroken=1' in line
    if is_proven:
        now = time.time_ns()
        first = t.wait_until(lambda: [b for b in [scene.live(0)] if b and int(b['recv_ns']) > now], 30, 'it goes on')[0]
        t.check(first['since_ns'] == since, 'live as if nothing had been')
        second = t.wait_until(lambda: [b for b in [t.book(scene.hogad, scene.names[1])] if not t.is_silent(b)], 30, 'hogad')[0]
        t.check(second['state'] == 'syncing' or (scene.venue == 'binance' and int(second['since_ns']) > int(since)), second)
    oracle.send_signal(signal.SIGTERM)
    seen = json.loads(oracle.communicate(timeout=60)[0])
    t.check(seen['backwards'] == 0 and seen['time_backwards'] == 0, seen)
    t.check(not is_proven or (seen['not_live'] == 0 and seen['moves'] == 1), seen)
    scene.sim.fault('mute:' + scene.symbols[1])
    scene.judge(n_dials)
    return is_proven


def while_dialing(scene):
    """Nothing was asked of it: it opens, is asked, and brings all."""
    n_dials, n = scene.n_dials() + 1, scene.n_promoted()
    scene.sim.fault('stall:60s')
    scene.replace()
    t.wait_until(lambda: scene.n_dials() == n_dials, 5, 'the upgrade is answered, and held back')
    scene.sim.fault('dropold')
    t.wait_until(lambda: scene.n_promoted() > n, 5, 'promoted')
    books = json.loads(t.hoga(scene.hogad, 'ls', '--json').stdout)['books']
    t.check(len(books) == 2 and not any(book['state'] == 'live' for book in books), 'nobody is told that it is live')
    scene.sim.fault('stall:0s')
    scene.judge(n_dials)


def at(scene, point):
    """The second book is silent, so that the hand-over waits for it."""
    n_dials, n = scene.n_dials() + 1, scene.n_promoted()
    scene.sim.fault('mute:%s dropold:%d' % (scene.symbols[1], point))
    scene.replace()
    t.wait_until(lambda: scene.n_promoted() > n, 5, 'promoted at %d' % point)
    scene.sim.fault('mute:' + scene.symbols[1])
    scene.judge(n_dials)


def main():
    for venue, symbols in VENUES:
        start = time.monotonic()
        with Scene(venue, symbols) as scene:
            n = while_collecting(scene)
            while_dialing(scene)
            for point in POINTS:
                at(scene, point)
            t.check(scene.n_promoted() == n + 1 + len(POINTS), scene.hogad.log())
            print('%s: %.1f s' % (venue, time.monotonic() - start), flush=True)


main()
