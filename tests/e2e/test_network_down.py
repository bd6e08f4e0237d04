# SPDX-License-Identifier: MIT
"""The network is down when the daemon starts, comes up later, and is lost again under an open connection. In a network
namespace of its own, whose loopback is the network; its name server is at the usual port."""
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t
from name_server import NameServer

BOOK = 'upbit:KRW-BTC'
PORT = 18080
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1  # Source: netdevice(7)


def network(is_up):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        now = fcntl.ioctl(any_socket, SIOCGIFFLAGS, struct.pack('16sh14x', b'lo', 0))
        flags = struct.unpack('16sh14x', now)[1]
        flags = flags | IFF_UP if is_up else flags & ~IFF_UP
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack('16sh14x', b'lo', flags))


def row(hogad):
    done = t.hoga(hogad, 'stat', '--json')
    rows = json.loads(done.stdout)['connections'] if done.returncode == 0 else []
    return rows[0] if rows else {'state': None, 'reason': None}


class Venue:
    url = 'ws://venue.example:%d/websocket/v1' % PORT
    ca = None


def inside():
    resolv_conf = os.path.join(t.scratch(), 'resolv.conf')
    with t.Hogad(Venue, daemon='resolv_conf = ' + resolv_conf) as hogad:
        t.wait_until(lambda: row(hogad)['reason'] == 'resolve-failed', 15, 'no network, no resolv.conf')
        network(True)
        with open(resolv_conf, 'w') as file:
            file.write('nameserver 127.0.0.1\n')
        with NameServer({'venue.example': ['127.0.0.1']}, port=53), \
                t.Sim('--symbols', 'KRW-BTC', '--rate', '20', '--listen', '127.0.0.1:%d' % PORT):
            start = time.monotonic()
            t.live(hogad, BOOK)
            print('live %.1f s after the network came up' % (time.monotonic() - start), flush=True)
            blind = row(hogad)['blind_ms_max'] / 1000
            network(False)
            seconds, seen = t.seen_within(lambda: row(hogad), blind + 1, 'a lost network')
            print('lost: seen after %.1f s: %s' % (seconds, seen['reason']), flush=True)
            t.check(hogad.is_running(), hogad.log())
            network(True)
            t.live(hogad, BOOK)


def main():
    if 'inside' in sys.argv[1:]:
        inside()
        return
    probe = subprocess.run(['unshare', '--map-root-user', '--net', 'true'], stderr=subprocess.PIPE, check=False)
    if probe.returncode != 0:
        t.skip('no network namespace: ' + probe.stderr.decode().strip())
    done = subprocess.run(['unshare', '--map-root-user', '--net', sys.executable, '-B', __file__, 'inside'], check=False)
    sys.exit(done.returncode)


main()
