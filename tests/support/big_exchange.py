# SPDX-License-Identifier: MIT
"""An exchange of a few lines whose books are of several megabytes: Coinbase's snapshot over a WebSocket, Binance's by
REST, their levels in order or not, their JSON with blanks or without."""

import base64
import hashlib
import json
import random
import socket
import threading
import time


def rows(is_bid, size, order):
    """As many levels as fit, best first or in any order."""
    n = size // 40
    steps = list(range(n))
    if order == 'unsorted':
        random.Random(1).shuffle(steps)
    return [['%.2f' % (60000 - (i + 1) / 100 if is_bid else 60000 + i / 100), '%d.%08d' % (1 + i % 90, i)] for i in steps]


def documents(size, order):
    """Coinbase's snapshot and Binance's answer, each of some `size` bytes."""
    separators = (', ', ': ') if order == 'spaced' else (',', ':')
    bids, asks = rows(True, size // 2, order), rows(False, size // 2, order)
    pushed = json.dumps({'type': 'snapshot', 'product_id': 'BTC-USD', 'bids': bids, 'asks': asks,
                         'time': '2026-08-16T23:37:03.745044Z'}, separators=separators)
    fetched = json.dumps({'lastUpdateId': 1027024, 'bids': bids, 'asks': asks}, separators=separators)
    return pushed.encode(), fetched.encode()


def frame(payload):
    n = len(payload)
    head = bytes([0x81, 127]) + n.to_bytes(8, 'big') if n > 65535 else bytes([0x81, 126]) + n.to_bytes(2, 'big')
    return head + payload


class Exchange:
    """WebSocket and REST on one port. Who subscribes is sent all of `pushed` at once, again and again with `pause_s` in
    between (None: once); who fetches is given `fetched`."""

    def __init__(self, pushed, fetched, pause_s=0.3):
        self.pushed, self.fetched, self.n_sent = b''.join(map(frame, pushed)), fetched, 0
        self.pause_s, self.is_over, self.open = pause_s, threading.Event(), []
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            head = b''
            while b'\r\n\r\n' not in head:
                more = connection.recv(4096)
                if not more:
                    return
                head += more
            key = [line[19:].strip() for line in head.decode().splitlines() if line.lower().startswith('sec-websocket-key:')]
            try:
                self._answer(connection, key)
            except OSError:
                pass

    def _answer(self, connection, key):
        if not key and self.fetched is None:  # the instrument list, which is nobody's concern here
            connection.sendall(b'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
            return
        if not key:
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n' % len(self.fetched) + self.fetched)
            self.n_sent += 1
            return
        accept = base64.b64encode(hashlib.sha1(key[0].encode() + b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest())
        connection.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                           b'Sec-WebSocket-Accept: ' + accept + b'\r\n\r\n')
        connection.recv(65536)
        self.open.append(connection)
        connection.settimeout(0.05)
        next_s = time.monotonic()
        while not self.is_over.is_set():
            if self.pause_s is not None and time.monotonic() >= next_s or self.pause_s is None and next_s > 0:
                connection.settimeout(30)
                connection.sendall(self.pushed)
                connection.settimeout(0.05)
                self.n_sent += 1
                next_s = time.monotonic() + self.pause_s if self.pause_s is not None else 0
            if self.pause_s != 0:
                self._pong(connection)

    @staticmethod
    def _pong(connection):
        """One ping is answered, if there is one; the client's frames are short and masked."""
        try:
            data = connection.recv(4096)
        except socket.timeout:
            return
        if data and data[0] & 15 == 9:
            n = data[1] & 127
            payload = bytes(byte ^ data[2 + i % 4] for i, byte in enumerate(data[6:6 + n]))
            connection.sendall(bytes([0x8a, n]) + payload)
        elif not data:
            raise OSError('the client has gone')

    def drop(self):
        """Every WebSocket, in the middle of whatever it is sent."""
        for connection in self.open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.open = []

    def close(self):
        self.is_over.set()
        self.listener.close()
        self.drop()
