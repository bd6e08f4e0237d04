# SPDX-License-Identifier: MIT
"""SIGTERM and SIGINT end hogad in order within 200 ms, whatever it is doing: exit code 0, and the segment says that it
was stopped. What hogad has no processor for is not counted; a machine under load gets some tries more for the time, never
for the rest."""
import contextlib
import glob
import json
import os
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t
from name_server import NameServer
from sanitized import is_sanitized

STOP_SECONDS = 0.2
TRIES = 8


class Venue:
    """Where a Hogad is to dial, as the simulator says it."""

    def __init__(self, url, ca=None):
        self.url, self.ca = url, ca


def connection(hogad):
    """State and reason of the one connection, or None."""
    done = t.hoga(hogad, 'stat', '--json')
    rows = json.loads(done.stdout)['connections'] if done.returncode == 0 else []
    return (rows[0]['state'], rows[0]['reason']) if rows else None


def until(hogad, *wanted):
    t.wait_until(lambda: connection(hogad) in wanted, 15, 'connection in %s' % (wanted,))


@contextlib.contextmanager
def listener(backlog=16):
    """A TCP port that takes connections into its backlog and never says a word."""
    with socket.socket() as server:
        server.bind(('127.0.0.1', 0))
        server.listen(backlog)
        yield server.getsockname()[1]


@contextlib.contextmanager
def resolving(_):
    with NameServer(is_silent=True) as server:
        path = os.path.join(t.scratch(), 'resolv.conf')
        with open(path, 'w') as file:
            file.write(server.line())
        with t.Hogad(Venue('ws://venue.example:9/'), daemon='resolv_conf = ' + path) as hogad:
            until(hogad, ('syncing', 'resolving'))
            t.wait_until(lambda: server.n_queries, 5, 'a query')
            yield hogad


@contextlib.contextmanager
def connecting(_):
    with listener(0) as port, contextlib.ExitStack() as stack:
        stack.enter_context(socket.create_connection(('127.0.0.1', port)))
        for _ in range(3):  # what does not fit into the backlog: its SYN is dropped
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(('127.0.0.1', port))
        hogad = stack.enter_context(t.Hogad(Venue('ws://127.0.0.1:%d/' % port)))
        until(hogad, ('syncing', 'connecting'))
        yield hogad


@contextlib.contextmanager
def upgrading(_):
    with listener() as port, t.Hogad(Venue('ws://127.0.0.1:%d/' % port)) as hogad:
        until(hogad, ('syncing', 'connecting'))
        yield hogad


@contextlib.contextmanager
def tls_handshaking(_):
    with t.Sim('--symbols', 'KRW-BTC', '--tls') as sim, listener() as port:
        with t.Hogad(Venue('wss://127.0.0.1:%d/' % port, sim.ca)) as hogad:
            until(hogad, ('syncing', 'connecting'))
            yield hogad


@contextlib.contextmanager
def waiting(_):
    with t.Sim('--symbols', 'KRW-BTC') as sim:
        sim.fault('http:429:retry=60:n=9')  # a wait that is sure to last
        with t.Hogad(sim) as hogad:
            until(hogad, ('down', 'http-refused'))
            yield hogad


@contextlib.contextmanager
def idle(_):
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '0') as sim, t.Hogad(sim) as hogad:
        until(hogad, ('live', ''))
        yield hogad


@contextlib.contextmanager
def flowing(arguments):
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '200', *arguments) as sim, t.Hogad(sim) as hogad:
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 10, 'live')
        yield hogad


@contextlib.contextmanager
def peer_frozen(arguments):
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '200', *arguments) as sim, t.Hogad(sim) as hogad:
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 10, 'live')
        sim.send_signal(signal.SIGSTOP)
        try:
            yield hogad
        finally:
            sim.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def recording(folder):
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '200') as sim, t.Hogad(sim, arguments=['--record', folder]) as hogad:
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 10, 'live')
        yield hogad


class Replay(t.Process):
    def __init__(self, capture):
        self.segment = os.path.join(t.scratch(), 'books')
        t.Process.__init__(self, t.program('hogad'), '--replay', capture, '--venue', 'upbit', '--speed', '0.001',
                           '--segment', self.segment)


@contextlib.contextmanager
def replaying(folder):
    capture = sorted(glob.glob(folder + '/**/*.jsonl*', recursive=True))[0]
    with Replay(capture) as hogad:
        hogad.drain()
        t.wait_until(lambda: t.hoga(hogad, 'stat', '--json').returncode == 0, 10, 'a segment')
        yield hogad


def stop(state, argument, number):
    """How long it took, in seconds."""
    with state(argument) as hogad:
        watch = t.Stopwatch(hogad.pid)
        hogad.send_signal(number)
        seconds = watch.until_end()
        code = hogad.wait()
        t.check(code == 0, '%s: exit code %d: %s' % (state.__name__, code, hogad.log()))
        daemon = json.loads(t.hoga(hogad, 'stat', '--json').stdout)['daemon']
        t.check(daemon['stopped'] and not daemon['alive'], '%s: %s' % (state.__name__, daemon))
    return seconds


def starting(number):
    """A signal that is there before the program has begun; blocked until its handlers are in place."""
    config = os.path.join(t.scratch(), 'hoga.conf')
    with open(config, 'w') as file:
        file.write('[upbit]\nsymbols = KRW-BTC\nurl = ws://127.0.0.1:9/\n')
    child = subprocess.Popen([t.program('hogad'), '-c', config, '--segment', config + '.books'],
                             stderr=subprocess.PIPE, universal_newlines=True,
                             preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {number}))
    child.send_signal(number)
    log = child.communicate(timeout=t.STOP_SECONDS)[1]
    t.check(child.returncode == 0 and 'daemon.stopping' in log, 'starting: %d: %s' % (child.returncode, log))


def main():
    for number in (signal.SIGTERM, signal.SIGINT):
        starting(number)
    folder = t.scratch()
    limit = STOP_SECONDS * (3 if is_sanitized() else 1)
    table = [(resolving, None), (connecting, None), (upgrading, None), (tls_handshaking, None), (waiting, None),
             (idle, None), (flowing, []), (flowing, ['--tls']), (peer_frozen, []), (peer_frozen, ['--tls']),
             (recording, folder), (replaying, folder)]
    for state, argument in table:
        for number in (signal.SIGTERM, signal.SIGINT):
            times = []
            while not times or (times[-1] > limit and len(times) < TRIES):
                times.append(stop(state, argument, number))
            print('%-16s %-9s %-7s %s ms' % (state.__name__, argument if isinstance(argument, list) else '',
                                             number.name, ', '.join('%.0f' % (s * 1000) for s in times)), flush=True)
            t.check(min(times) <= limit, '%s: %s s' % (state.__name__, times))


main()
