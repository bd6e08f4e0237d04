# SPDX-License-Identifier: MIT
"""What systemd is told, over a socket as it gives one: READY=1 when the segment can be opened and not before, STATUS in
words, WATCHDOG=1 at half the interval asked for, RELOADING=1 with its time and READY=1 after it, STOPPING=1."""
import os
import re
import signal
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

WATCHDOG_MS = 400
TRIES = 10  # a machine under load wakes hogad late now and then; one of these times it does not
SO_TIMESTAMPNS = 35  # Source: asm-generic/socket.h; also the kind of what it brings, a struct timespec


class Manager:
    """systemd's end of $NOTIFY_SOCKET."""

    def __init__(self):
        self.path = os.path.join(t.scratch(), 'notify')
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.bind(self.path)
        self.heard, self.at = [], 0.0

    def until(self, wanted, seconds=60):
        """The next datagram that matches; what came before it is kept in `heard`."""
        deadline = time.monotonic() + seconds
        while True:
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                text, more, _, _ = self.socket.recvmsg(4096, socket.CMSG_SPACE(16))
            except socket.timeout:
                raise AssertionError('no %s within %g s: %s' % (wanted, seconds, self.heard[-20:])) from None
            text = text.decode()
            self.at = [a + b / 1e9 for a, b in (struct.unpack('qq', data) for _, kind, data in more if kind == SO_TIMESTAMPNS)][0]
            self.heard.append(text)
            if re.search(wanted, text, re.M):
                return text


def watchdog_ms(manager, n=10):
    """The mean time between two signs of life, by when they were sent."""
    manager.until('^WATCHDOG=1$')
    start = manager.at
    for _ in range(n):
        manager.until('^WATCHDOG=1$')
    return (manager.at - start) * 1000 / n


def main():
    manager = Manager()
    env = {'NOTIFY_SOCKET': manager.path, 'WATCHDOG_USEC': str(WATCHDOG_MS * 1000)}
    with t.Sim('--symbols', 'KRW-BTC,KRW-ETH', '--rate', '20') as sim, t.Hogad(sim, env=env) as hogad:
        manager.until('^READY=1$')
        t.check(not any('WATCHDOG' in text or 'STATUS' in text for text in manager.heard), manager.heard)
        done = t.hoga(hogad, 'stat', '--json')
        t.check(done.returncode == 0, 'the segment can be opened as soon as READY is said: %s' % done.stderr)
        t.check(manager.until('^STATUS=').startswith('STATUS=0/1 live, upbit '), manager.heard)
        manager.until('^STATUS=1/1 live(, worst lag [0-9]+[.][0-9] ms)?$')

        means_ms = []
        while not means_ms or (not 0.35 * WATCHDOG_MS < means_ms[-1] < 0.75 * WATCHDOG_MS and len(means_ms) < TRIES):
            means_ms.append(watchdog_ms(manager))
        t.check(0.35 * WATCHDOG_MS < means_ms[-1] < 0.75 * WATCHDOG_MS, 'WATCHDOG=1 every %s ms' % means_ms)

        hogad.write_config(sim, ['KRW-BTC', 'KRW-ETH'])
        before_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        hogad.send_signal(signal.SIGHUP)
        said = int(re.search(r'MONOTONIC_USEC=(\d+)', manager.until('^RELOADING=1$')).group(1))
        t.check(before_us <= said <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000, said)
        manager.until('^READY=1$')
        manager.until('^STATUS=2/2 live(, worst lag [0-9]+[.][0-9] ms)?$')
        hogad.write_config(sim, ['KRW-BTC'], venue='nonsense = 1')
        hogad.send_signal(signal.SIGHUP)
        manager.until('^RELOADING=1$')
        manager.until('^READY=1$')  # a refused file ends the reload as well

        sim.fault('http:503:n=99 drop')
        manager.until('^STATUS=0/2 live(, worst lag [0-9]+[.][0-9] ms)?, upbit (closed|connection-lost|http-refused)')
        manager.until('^WATCHDOG=1$')  # a dead venue is no reason to be killed
        hogad.send_signal(signal.SIGTERM)
        manager.until('^STOPPING=1$')
        t.check(hogad.wait() == 0, hogad.log())
        manager.socket.close()


main()
