# SPDX-License-Identifier: MIT
"""Every way in which a connection can fail to be made, or die: a door before the simulator goes wrong in one way after the
other. Each has its word in the connection's row and in one log line, is tried again after a pause that obeys the door,
and the book is live again when the door is well. All doors are tried at once, each with a daemon of its own."""
import contextlib
import email.utils
import json
import os
import re
import select
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

BOOK = 'upbit:KRW-BTC'
HEAD_END = b'\r\n\r\n'


# --- doors: each is given a connected socket and does its harm ---------------------------------------------------------

def close(client, _door):
    client.recv(4096)


def reset(client, _door):
    client.recv(4096)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


def silent(client, door):
    door.over.wait(30)
    client.recv(1)


def answer(text):
    def act(client, _door):
        client.recv(4096)
        client.sendall(text.replace('\n', '\r\n').encode() + HEAD_END)
        client.recv(1)
    return act


def refuse(status, head=''):
    return answer('HTTP/1.1 %d X\nContent-Length: 0%s' % (status, head))


def refuse_until(seconds):
    """Retry-After as a date, beside a clock of its own that is wrong by years."""
    def act(client, door):
        now = 1000000000
        head = '\nDate: %s\nRetry-After: %s' % (email.utils.formatdate(now, usegmt=True),
                                                email.utils.formatdate(now + seconds, usegmt=True))
        refuse(503, head)(client, door)
    return act


def opened(after):
    """The upgrade is the simulator's, and so is the first book; then."""
    def act(client, door):
        with socket.create_connection(('127.0.0.1', door.sim.port)) as venue:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            door.carry(client, venue, lambda: door.n_bytes > 6000)
            after(client, door)
    return act


def frame(opcode, payload):
    return bytes([0x80 | opcode, len(payload)]) + payload


def after_close(code, text):
    def act(client, door):
        client.sendall(frame(8, struct.pack('>H', code) + text))
        door.over.wait(1)
    return act


def after_end(_client, _door):
    pass


def after_reset(client, _door):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


def after_rubbish(client, door):
    client.sendall(b'\x83\x02{}')  # opcode 3 is reserved: RFC 6455 section 5.2
    door.over.wait(1)


class Door:
    """Listens, harms `n` connections, and carries the others to the simulator."""

    def __init__(self, sim, act, n=2, context=None, well=None):
        self.sim, self.act, self.n, self.context, self.well = sim, act, n, context, well
        self.over, self.times, self.n_bytes = threading.Event(), [], 0
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.url = '%s://127.0.0.1:%d/websocket/v1' % ('wss' if context else 'ws', self.port)
        self.ca = None
        if act is not None:
            self.open()

    def open(self):
        self.listener.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                threading.Thread(target=self._serve, args=(client, time.monotonic()), daemon=True).start()

    def _serve(self, client, now):
        self.times.append(now)
        is_harm = len(self.times) <= self.n
        context = self.context if is_harm else self.well or self.context
        self.n_bytes = 0
        with contextlib.suppress(OSError, ssl.SSLError), client:
            if context == 'shut':
                client.recv(1)
                return
            if context is not None:
                client = context.wrap_socket(client, server_side=True)
            with client:
                if is_harm:
                    self.act(client, self)
                    return
                with socket.create_connection(('127.0.0.1', self.sim.port)) as venue:
                    self.carry(client, venue, self.over.is_set)

    def carry(self, client, venue, is_over):
        pairs = {client: venue, venue: client}
        while not is_over():
            pending = isinstance(client, ssl.SSLSocket) and client.pending() > 0
            for end in [client] if pending else select.select([client, venue], [], [], 0.2)[0]:
                data = end.recv(65536)
                if not data:
                    return
                self.n_bytes += len(data) if end is venue else 0
                pairs[end].sendall(data)

    def close(self):
        self.over.set()
        self.listener.close()


# --- certificates ------------------------------------------------------------------------------------------------------

def openssl(*words):
    subprocess.run(['openssl'] + list(words), check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Authority:
    """A certificate authority of this test, and contexts with certificates of it."""

    def __init__(self):
        self.folder = t.scratch()
        self.ca = os.path.join(self.folder, 'ca.pem')
        self.key = os.path.join(self.folder, 'key.pem')
        openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test authority', '-days', '30',
                '-keyout', self.key, '-out', self.ca)

    def context(self, name, alternative, days):
        base = os.path.join(self.folder, name)
        with open(base + '.ext', 'w') as file:
            file.write('subjectAltName=' + alternative)
        openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=' + name, '-keyout', base + '.key',
                '-out', base + '.csr')
        openssl('x509', '-req', '-in', base + '.csr', '-CA', self.ca, '-CAkey', self.key, '-CAcreateserial',
                '-days', str(days), '-extfile', base + '.ext', '-out', base + '.pem')
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(base + '.pem', base + '.key')
        return context


# --- cases -------------------------------------------------------------------------------------------------------------

class Case:
    """`reason` is the word expected; `text` a part of the log line; `pause` the least seconds between two attempts; and
    `status` what the row says of HTTP."""

    def __init__(self, name, act, reason, text='', pause=0.0, status=0, **door):
        self.name, self.act, self.reason, self.text, self.pause = name, act, reason, text, pause
        self.status, self.door_words, self.is_open = status, door, reason in OPEN_REASONS


OPEN_REASONS = ('closed-by-venue', 'connection-lost', 'protocol-error')


def cases(right, foreign):
    well = right.context('right', 'IP:127.0.0.1', 30)
    yield Case('nobody listens', None, 'connect-failed')
    yield Case('closed unanswered', close, 'connect-failed')
    yield Case('reset unanswered', reset, 'connect-failed')
    yield Case('no answer', silent, 'connect-timeout', n=1)
    for status in (401, 403, 404, 451, 500, 502, 503):
        yield Case('HTTP %d' % status, refuse(status), 'http-refused', 'status=%d' % status, status=status)
    yield Case('HTTP 301', refuse(301, '\nLocation: ws://127.0.0.1:9/'), 'http-refused', 'status=301', status=301)
    yield Case('HTTP 429', refuse(429), 'http-refused', 'status=429', 5, 429, n=1)
    yield Case('HTTP 429, seconds', refuse(429, '\nRetry-After: 2'), 'http-refused', 'status=429', 2, 429)
    yield Case('HTTP 503, a date', refuse_until(3), 'http-refused', 'status=503', 3, 503)
    yield Case('HTTP 418, seconds', refuse(418, '\nRetry-After: 2'), 'http-refused', 'status=418', 2, 418)
    yield Case('a wrong answer to the upgrade', answer('HTTP/1.1 101 X\nUpgrade: websocket\nConnection: Upgrade\n'
                                                        'Sec-WebSocket-Accept: AAAA'), 'protocol-error')
    yield Case('no HTTP', answer('SSH-2.0-OpenSSH'), 'connect-timeout', n=1)
    yield Case('another authority', close, 'tls-failed', context=foreign.context('foreign', 'IP:127.0.0.1', 30), well=well)
    yield Case('another name', close, 'tls-failed', context=right.context('name', 'DNS:venue.example', 30), well=well)
    yield Case('another address', close, 'tls-failed', context=right.context('address', 'IP:127.0.0.2', 30), well=well)
    yield Case('expired', close, 'tls-failed', 'expired', context=right.context('expired', 'IP:127.0.0.1', -1), well=well)
    yield Case('closed while TLS is agreed on', close, 'tls-failed', context='shut', well=well)
    yield Case('closed with a code', opened(after_close(1001, b'maintenance')), 'closed-by-venue', 'code=1001')
    yield Case('closed without a code', opened(lambda c, d: (c.sendall(frame(8, b'')), d.over.wait(1))),
               'closed-by-venue', 'code=0')
    yield Case('ended', opened(after_end), 'connection-lost')
    yield Case('reset', opened(after_reset), 'connection-lost')
    yield Case('ended with TLS', opened(after_end), 'connection-lost', context=well)
    yield Case('rubbish', opened(after_rubbish), 'protocol-error')


def row(hogad):
    done = t.hoga(hogad, 'stat', '--json')  # refused while hogad is still starting
    rows = json.loads(done.stdout)['connections'] if done.returncode == 0 else []
    return rows[0] if rows else {}


SMALL = 'books_max = 16\ncatalogue_max = 0\ncatalogue_s = 0'  # there are many at a time, and /tmp may be small


class Trial:
    def __init__(self, case, sim, authority):
        self.case = case
        words = dict({'n': 2}, **case.door_words)
        self.n = words['n']
        if case.pause >= 2:  # until its row has been looked at
            words['n'] = sys.maxsize
        self.door = Door(sim, case.act, **words)
        if self.door.context is not None:
            self.door.url = self.door.url.replace('ws://', 'wss://') if 'wss' not in self.door.url else self.door.url
            self.door.ca = authority.ca
        self.hogad = t.Hogad(self.door, daemon=SMALL)
        self.begun = time.monotonic()

    def lines(self):
        event = 'session.closed' if self.case.is_open and self.case.name != 'a wrong answer to the upgrade' \
            else 'session.refused'
        return [line for line in self.hogad.log().splitlines() if event in line]

    def judge(self):
        case = self.case
        line = t.wait_until(self.lines, 60, '%s: no line: %s' % (case.name, self.hogad.log()))[0]
        t.check('reason=%s ' % case.reason in line and case.text in line, '%s: %s' % (case.name, line))
        if case.act is None:
            t.wait_until(lambda: row(self.hogad).get('reason') in (case.reason, 'connecting'), 30, row(self.hogad))
            self.door.n = 0
            self.door.open()
        t.wait_until(lambda: t.book(self.hogad, BOOK, '--live'), 90, '%s: live again: %s' % (case.name, self.hogad.log()))
        pauses = [b - a for a, b in zip(self.door.times, self.door.times[1:])]
        # Counted from when the door took the connection: it answers later, so the pause is a little less than seen.
        t.check(all(pause >= case.pause for pause in pauses[:self.door.n]), '%s: %s' % (case.name, pauses))
        t.check(self.hogad.is_running(), case.name)
        waits = [int(word) for word in re.findall(r'wait_ms=(\d+)', self.hogad.log())]
        print('%-30s %-16s attempts %d, waits %s ms' % (case.name, case.reason, len(self.door.times), waits), flush=True)
        return waits

    def close(self):
        self.hogad.__exit__(None, None, None)
        self.door.close()


def reason_in_row(trial):
    """While it waits, the row says why: asked of those that wait long enough for a tool to be started. Their doors are
    well after that, or after as many attempts as the case wants."""
    seen = t.wait_until(lambda: [r for r in [row(trial.hogad)] if r.get('state') == 'down' and not t.is_silent(r)], 60,
                        'down')[0]
    t.check(seen['reason'] == trial.case.reason and seen['http_status'] == trial.case.status, seen)
    trial.door.n = max(trial.n, len(trial.door.times))


def impossible():
    """A connection that the kernel refuses to begin: lws gives none."""
    class Nowhere:
        url, ca = 'ws://255.255.255.255:9/websocket/v1', None

    with t.Hogad(Nowhere, daemon=SMALL) as hogad:
        t.wait_until(lambda: hogad.log().count('session.refused') >= 2, 60, 'tried again: ' + hogad.log())
        t.check('reason=connect-failed ' in hogad.log(), hogad.log())
        t.wait_until(lambda: row(hogad).get('state') in ('down', 'syncing'), 30, row(hogad))


def main():
    right, foreign = Authority(), Authority()
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '20', '--lenient') as sim:
        table = list(cases(right, foreign))
        trials = [Trial(case, sim, right) for case in table]
        for trial in trials:
            if trial.case.pause >= 2:
                reason_in_row(trial)
        waits = sum((trial.judge() for trial in trials), [])
        for trial in trials:
            trial.close()
        first = [wait for wait in waits if wait <= 500]
        t.check(len(set(first)) > len(first) // 3, 'jitter: %s' % first)
    impossible()


main()
