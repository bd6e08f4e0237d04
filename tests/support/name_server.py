# SPDX-License-Identifier: MIT
"""A small name server on UDP loopback for tests: A records from a table, NXDOMAIN for what is not in it, or silence.
Source: RFC 1035 section 4."""
import socket
import struct
import threading

TYPE_A = 1


class NameServer:
    """`names` maps a lower-case name to a list of IPv4 addresses; it may be changed at any time."""

    def __init__(self, names=None, address='127.0.0.1', port=0, is_silent=False):
        self.names = dict(names or {})
        self.is_silent = is_silent
        self.n_queries = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.address, self.port = self.socket.getsockname()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def line(self):
        """As resolv.conf wants it; libevent knows ports there."""
        return 'nameserver %s:%d\n' % (self.address, self.port)

    def _serve(self):
        while True:
            try:
                message, sender = self.socket.recvfrom(512)
            except OSError:
                return
            self.n_queries += 1
            answer = None if self.is_silent or len(message) < 17 else self._answer(message)
            if answer:
                try:
                    self.socket.sendto(answer, sender)
                except OSError:
                    return

    def _answer(self, message):
        labels, at = [], 12
        while message[at]:
            labels.append(message[at + 1:at + 1 + message[at]].decode('ascii').lower())
            at += 1 + message[at]
        kind, = struct.unpack('>H', message[at + 1:at + 3])
        question = message[12:at + 5]
        name = '.'.join(labels)
        addresses = self.names.get(name, []) if kind == TYPE_A else []
        flags = 0x8180 if name in self.names else 0x8183
        head = message[:2] + struct.pack('>HHHHH', flags, 1, len(addresses), 0, 0)
        records = b''.join(struct.pack('>HHHIH', 0xc00c, TYPE_A, 1, 1, 4) + socket.inet_aton(a) for a in addresses)
        return head + question + records

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
        self.thread.join(5)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.close()
