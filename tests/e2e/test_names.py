# SPDX-License-Identifier: MIT
"""Name resolution for real: a name server that is absent, silent, moved or says no, and addresses that do not answer.
The daemon's heart goes on beating all the while."""
import contextlib
import json
import os
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t
from name_server import NameServer

NAME = 'venue.example'
BOOK = 'upbit:KRW-BTC'
# A silent server costs 6 s (daemon/loop/resolve.h), and back-off comes on top.
RECOVERY_SECONDS = 60
# A loop that waited for a resolver or for an address would stand still for 5 s and more (resolv.conf(5), connect(2)). How
# long it merely had no processor is left out.
HEARTBEAT_SECONDS = 2


def stat(hogad):
    done = t.hoga(hogad, 'stat', '--json')
    return json.loads(done.stdout) if done.returncode == 0 else None


def row(hogad):
    shown = stat(hogad)
    return shown['connections'][0] if shown and shown['connections'] else {'state': None, 'reason': None}


def counter(hogad, name):
    return t.counters(hogad)[name]


def is_live(hogad):
    return t.book(hogad, BOOK, '--live')


class Heart:
    """Looks at the heartbeat until it is told to stop; how old the oldest was that it saw, by what hogad did."""

    def __init__(self, hogad):
        self.hogad, self.looks = hogad, []
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def _look(self):
        while not self.is_over.wait(0.05):
            shown = stat(self.hogad)
            if shown and shown['daemon']['heartbeat_age_ns'] is not None:
                self.looks.append((shown['daemon']['heartbeat_age_ns'] / 1e9, t.waited(self.hogad.pid)))

    def _worst(self):
        """The kernel counts a wait for a processor when it has ended: by the next look with a young heartbeat."""
        worst, oldest, fresh = 0, 0, [0]
        for age, waited in self.looks:
            oldest = max(oldest, age)
            if age < 0.2:
                worst, oldest = max(worst, oldest - (waited - fresh[0])), 0
                fresh = fresh[-2:] + [waited]
        return max(worst, oldest)

    def stop(self):
        t.wait_until(lambda: len(self.looks) > 5 and self.looks[-1][0] < 0.2, 30, 'a heart that beats')
        self.is_over.set()
        self.thread.join(60)
        t.check(self._worst() < HEARTBEAT_SECONDS, 'heartbeat was %.1f s old' % self._worst())
        return max(age for age, _ in self.looks) * 1000


class Scene:
    def __init__(self, sim):
        self.url = 'ws://%s:%d/websocket/v1' % (NAME, sim.port)
        self.ca = None
        self.resolv_conf = os.path.join(t.scratch(), 'resolv.conf')

    def resolv(self, line):
        """Replaced as dhclient and resolvconf do it: a new file of that name."""
        with open(self.resolv_conf + '.new', 'w') as file:
            file.write(line)
        os.rename(self.resolv_conf + '.new', self.resolv_conf)

    def hogad(self):
        return t.Hogad(self, daemon='resolv_conf = ' + self.resolv_conf)


def absent_then_there_then_moved(sim):
    scene = Scene(sim)
    # An address that no other test asks from: nobody else is given this port there meanwhile.
    address = '127.1.%d.%d' % (os.getpid() >> 8 & 255, os.getpid() & 255 or 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reserved:
        reserved.bind((address, 0))
        port = reserved.getsockname()[1]
    scene.resolv('nameserver %s:%d\n' % (address, port))
    with scene.hogad() as hogad:
        heart = Heart(hogad)
        t.wait_until(lambda: row(hogad)['reason'] == 'resolve-failed', 15, 'resolve-failed')
        t.wait_until(lambda: counter(hogad, 'resolve_failures') >= 2, 30, 'a second attempt')
        t.check(t.hoga(hogad, 'check').returncode == 1, 'check')
        with NameServer({NAME: ['127.0.0.1']}, address, port):
            t.wait_until(lambda: is_live(hogad), RECOVERY_SECONDS, 'live once the name server is there')
        with NameServer({NAME: ['127.0.0.1']}) as moved:
            sim.fault('drop')  # the old one is gone, and resolv.conf still names it
            t.wait_until(lambda: not is_live(hogad), 10, 'not live')
            scene.resolv(moved.line())
            t.wait_until(lambda: is_live(hogad), RECOVERY_SECONDS, 'live with the other name server')
            t.check(moved.n_queries > 0, 'it was asked')
        print('absent, there, moved: heartbeat at most %.0f ms old' % heart.stop(), flush=True)


def silent(sim):
    scene = Scene(sim)
    with NameServer({NAME: ['127.0.0.1']}, is_silent=True) as server:
        scene.resolv(server.line())
        with scene.hogad() as hogad:
            heart = Heart(hogad)
            t.wait_until(lambda: row(hogad)['reason'] == 'resolve-failed', 15, 'given up')
            server.is_silent = False
            t.wait_until(lambda: is_live(hogad), RECOVERY_SECONDS, 'live once it speaks')
            print('silent: heartbeat at most %.0f ms old' % heart.stop(), flush=True)


def no_such_name(sim):
    scene = Scene(sim)
    with NameServer() as server:
        scene.resolv(server.line())
        with scene.hogad() as hogad:
            t.wait_until(lambda: row(hogad)['reason'] == 'resolve-failed', 15, 'NXDOMAIN')
            t.check('text="no such name"' in hogad.log(), hogad.log())
            server.names[NAME] = ['127.0.0.1']
            t.wait_until(lambda: is_live(hogad), RECOVERY_SECONDS, 'live once the name exists')


def second_address(sim):
    """The first refuses, or takes no connection: the second is used in the same attempt."""
    scene = Scene(sim)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(NameServer({NAME: ['127.0.0.2', '127.0.0.1']}))
        scene.resolv(server.line())
        with scene.hogad() as hogad:
            t.wait_until(lambda: is_live(hogad), 10, 'live by the second address')
            t.check('address=127.0.0.1 ' in hogad.log(), hogad.log())
            t.check('session.refused' not in hogad.log(), hogad.log())
        full = stack.enter_context(socket.socket())
        full.bind(('127.0.0.3', sim.port))
        full.listen(0)
        stack.enter_context(socket.create_connection(('127.0.0.3', sim.port)))  # this one has its place
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(('127.0.0.3', sim.port))
        server.names[NAME] = ['127.0.0.3', '127.0.0.1']
        with scene.hogad() as hogad:
            heart = Heart(hogad)
            t.wait_until(lambda: is_live(hogad), 15, 'live though the first address is dead')
            t.check('session.refused' not in hogad.log(), hogad.log())
            print('dead first address: heartbeat at most %.0f ms old' % heart.stop(), flush=True)


with t.Sim('--symbols', 'KRW-BTC', '--rate', '20') as simulator:
    absent_then_there_then_moved(simulator)
    silent(simulator)
    no_such_name(simulator)
    second_address(simulator)
