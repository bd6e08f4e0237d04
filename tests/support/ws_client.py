# SPDX-License-Identifier: MIT
"""A small WebSocket client (RFC 6455) for tests: blocking with deadlines, every frame visible, rules breakable.
Standard library only; Python 3.9 and later."""

import base64
import hashlib
import os
import select
import socket
import ssl
import struct
import time
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """The upgrade was answered with something else than 101."""

    def __init__(self, status, headers, body):
        Exception.__init__(self, 'HTTP %d' % status)
        self.status, self.headers, self.body = status, headers, body


class Ended(Exception):
    """The peer ended the connection; is_reset tells a reset from an orderly end."""

    def __init__(self, is_reset):
        Exception.__init__(self, 'reset' if is_reset else 'end of stream')
        self.is_reset = is_reset


class Client:
    def __init__(self, url, ca=None, headers=(), seconds=60, path=None):
        parts = urlsplit(url)
        self.seconds = seconds
        self.buffer = b''
        self.socket = socket.create_connection((parts.hostname, parts.port), seconds)
        try:
            if parts.scheme == 'wss':
                context = ssl.create_default_context(cafile=ca)
                self.socket = context.wrap_socket(self.socket, server_hostname=parts.hostname)
            self._upgrade(path or parts.path, parts.netloc, headers)
        except BaseException:
            self.socket.close()
            raise

    def _upgrade(self, path, host, headers):
        key = base64.b64encode(os.urandom(16)).decode()
        lines = ['GET %s HTTP/1.1' % path, 'Host: ' + host, 'Upgrade: websocket', 'Connection: Upgrade',
                 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: ' + key] + list(headers)
        self.socket.sendall(('\r\n'.join(lines) + '\r\n\r\n').encode())
        deadline = time.monotonic() + self.seconds
        while b'\r\n\r\n' not in self.buffer:
            self._fill(deadline)
        head, self.buffer = self.buffer.split(b'\r\n\r\n', 1)
        first, *rest = head.decode('latin-1').split('\r\n')
        self.headers = {k.strip().lower(): v.strip() for k, v in (line.split(':', 1) for line in rest)}
        status = int(first.split()[1])
        if status != 101:
            size = int(self.headers.get('content-length', 0))
            while len(self.buffer) < size:
                self._fill(deadline)
            raise Refused(status, self.headers, self.buffer[:size])
        digest = hashlib.sha1((key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').encode()).digest()
        if self.headers.get('sec-websocket-accept') != base64.b64encode(digest).decode():
            raise Refused(status, self.headers, b'wrong Sec-WebSocket-Accept')

    def _fill(self, deadline):
        pending = self.socket.pending() if isinstance(self.socket, ssl.SSLSocket) else 0
        left = max(0, deadline - time.monotonic())
        if not pending and not select.select([self.socket], [], [], left)[0]:
            raise TimeoutError('nothing arrived in time')
        try:
            self.socket.settimeout(max(0.001, left))
            more = self.socket.recv(65536)
        except ConnectionResetError:
            raise Ended(True) from None
        except ssl.SSLEOFError:
            raise Ended(False) from None
        if not more:
            raise Ended(False)
        self.buffer += more

    def _take(self, n, deadline):
        while len(self.buffer) < n:
            self._fill(deadline)
        taken, self.buffer = self.buffer[:n], self.buffer[n:]
        return taken

    def frame(self, seconds=None):
        """One frame as (opcode, is_final, payload)."""
        deadline = time.monotonic() + (self.seconds if seconds is None else seconds)
        while len(self.buffer) < 2:
            self._fill(deadline)
        first, size = self.buffer[0], self.buffer[1]
        if size & 0x80 or first & 0x70:
            raise ValueError('a server masks nothing and sets no reserved bits')
        width = {126: 2, 127: 8}.get(size, 0)
        while len(self.buffer) < 2 + width:
            self._fill(deadline)
        if width:
            size = int.from_bytes(self.buffer[2:2 + width], 'big')
        while len(self.buffer) < 2 + width + size:
            self._fill(deadline)
        return first & 15, bool(first & 0x80), self._take(2 + width + size, deadline)[2 + width:]

    def message(self, seconds=None):
        """The next data message as (opcode, payload, number of fragments); pings are answered, a close is raised."""
        opcode, payload, n = 0, b'', 0
        while True:
            kind, is_final, part = self.frame(seconds)
            if kind == PING:
                self.send(part, PONG)
            elif kind == CLOSE:
                raise Closed(part)
            elif kind != PONG:
                opcode = opcode or kind
                payload += part
                n += 1
                if is_final:
                    return opcode, payload, n

    def send(self, payload, opcode=TEXT, final=True, mask=True):
        self.socket.sendall(self.framed(payload, opcode, final, mask))

    def framed(self, payload, opcode=TEXT, final=True, mask=True):
        """The bytes of a frame: several can be sent in one piece."""
        payload = payload.encode() if isinstance(payload, str) else payload
        size = len(payload)
        head = bytes([(0x80 if final else 0) | opcode])
        bit = 0x80 if mask else 0
        if size < 126:
            head += bytes([bit | size])
        elif size < 65536:
            head += struct.pack('>BH', bit | 126, size)
        else:
            head += struct.pack('>BQ', bit | 127, size)
        if mask:
            key = os.urandom(4)
            pad = (key * (size // 4 + 1))[:size]
            masked = int.from_bytes(payload, 'big') ^ int.from_bytes(pad, 'big')
            head, payload = head + key, masked.to_bytes(size, 'big') if size else b''
        return head + payload

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


class Closed(Exception):
    """The peer sent a close frame."""

    def __init__(self, payload):
        self.code = int.from_bytes(payload[:2], 'big') if len(payload) >= 2 else None
        self.reason = payload[2:]
        Exception.__init__(self, 'close %s' % self.code)
