# SPDX-License-Identifier: MIT
"""From an exchange's send to the book being there, at 1,000 frames a second: hogad (published for any process) against
ccxt pro (its own order book, in its own process), in turn. The exchange is this process: one connection, frames of 30
levels, the time of each send noted by the frame's own timestamp. p50 and p99 are medians over the rounds.

    HOGA_BUILD=build/release CCXT_FROM=/path/with/node_modules/x python3 tests/bench/bench_latency.py"""
import base64
import hashlib
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

ROUNDS = int(os.environ.get('HOGA_ROUNDS', '5'))
SECONDS, HZ = 4, 1000
FIRST_MS = 1790134742106


def frame(sequence):
    units = ','.join('{"ask_price":%d,"bid_price":%d,"ask_size":0.%08d,"bid_size":1.%08d}' %
                     (116539000 + 1000 * i, 116538000 - 1000 * i, 1 + (sequence * 7919 + i) % 99999999, 1 + sequence + i)
                     for i in range(30))
    kind = 'REALTIME' if sequence else 'SNAPSHOT' # ccxt makes its book of the latter
    payload = ('{"type":"orderbook","code":"KRW-BTC","timestamp":%d,"total_ask_size":2.51469375,"total_bid_size":1.63815297,'
               '"orderbook_units":[%s],"stream_type":"%s","level":0}' % (FIRST_MS + sequence, units, kind)).encode()
    return bytes([0x82, 126]) + len(payload).to_bytes(2, 'big') + payload


pause = threading.Event()
FRAMES = [frame(i) for i in range(SECONDS * HZ + 3 * HZ)]


class Exchange:
    """Sends to whoever subscribes first, HZ times a second, from a thread of its own. sent: timestamp in ms to
    (CLOCK_MONOTONIC, CLOCK_REALTIME), taken just before."""

    def __init__(self):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.url = 'ws://127.0.0.1:%d' % self.listener.getsockname()[1]
        self.ca, self.sent, self.is_over = None, {}, threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        connection, head = self.listener.accept()[0], b''
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while b'\r\n\r\n' not in head:
            head += connection.recv(4096)
        key = [l[18:].strip() for l in head.decode().splitlines() if l.lower().startswith('sec-websocket-key:')][0]
        accept = base64.b64encode(hashlib.sha1(key.encode() + b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest())
        connection.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                           b'Sec-WebSocket-Accept: ' + accept + b'\r\n\r\n')
        connection.recv(65536)
        due = time.monotonic_ns()
        try:
            for i, bytes_ in enumerate(FRAMES):
                due += 1000000000 // HZ
                pause.wait(max(0, due - time.monotonic_ns()) / 1e9)
                self.sent[FIRST_MS + i] = (time.monotonic_ns(), time.time_ns())
                connection.sendall(bytes_)
                if self.is_over.is_set():
                    break
        except OSError:
            pass
        connection.close()

    def close(self):
        self.is_over.set()
        self.listener.close()


def run_hogad():
    """As `hoga watch` sees them: the newest each time it looks, each with the moment of its publication."""
    exchange, found = Exchange(), []
    with t.Hogad(exchange, venue='trades = no\nday = no', daemon='catalogue_s = 0') as hogad:
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 10, 'live')
        child = subprocess.Popen([t.program('hoga'), 'watch', '--json', '-d', '1', '--segment', hogad.segment,
                                  'upbit:KRW-BTC'], stdout=subprocess.PIPE)
        threading.Timer(SECONDS, child.terminate).start()
        for line in child.stdout:
            for book in json.loads(line).get('books', [json.loads(line)]):
                found.append((int(book['venue_ns']) // 1000000, int(book['publish_ns'])))
        child.wait()
    exchange.close()
    return sorted(at - exchange.sent[key][1] for key, at in found if key in exchange.sent)


def run_ccxt():
    exchange = Exchange()
    peer = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'peer_ccxt.mjs')
    child = subprocess.Popen(['node', peer, exchange.url, 'times'], stdout=subprocess.PIPE, universal_newlines=True)
    t.check(child.stdout.readline() == 'ready\n', 'ccxt is ready')
    pause.wait(1)  # its code is compiled while it runs
    child.send_signal(10)
    t.check(child.stdout.readline() == 'counting\n', 'ccxt counts')
    pause.wait(SECONDS)
    child.terminate()
    times = json.loads(child.stdout.readline())['times']
    child.wait()
    exchange.close()
    return sorted(at - exchange.sent[key][0] for key, at in times[HZ:] if key in exchange.sent)


def has_ccxt():
    if not shutil.which('node'):
        return False
    peer = "require('module').createRequire(process.env.CCXT_FROM || process.cwd() + '/x')('ccxt')"
    return subprocess.run(['node', '-e', peer], stderr=subprocess.DEVNULL).returncode == 0


def row(name, runs):
    p50 = statistics.median(run[len(run) // 2] for run in runs)
    p99 = statistics.median(run[len(run) * 99 // 100] for run in runs)
    print(json.dumps({'bench': 'latency_%s_1000hz' % name, 'n': sum(map(len, runs)), 'p50_us': round(p50 / 1000, 1),
                      'p99_us': round(p99 / 1000, 1), 'host': platform.node()}), flush=True)
    return p50, p99


def main():
    peers = has_ccxt()
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(run_hogad())
        if peers:
            theirs.append(run_ccxt())
    a = row('hogad', ours)
    if not peers:
        print(json.dumps({'bench': 'latency_ccxt_1000hz', 'skipped': 'ccxt is not installed (CCXT_FROM)'}))
    else:
        b = row('ccxt', theirs)
        print(json.dumps({'bench': 'latency_ratio_1000hz', 'p50_ratio': round(a[0] / b[0], 3),
                          'p99_ratio': round(a[1] / b[1], 3), 'goal_p99_ratio': 0.25}), flush=True)
    print(json.dumps({'bench': 'cryptofeed', 'skipped': 'cryptofeed is neither in Debian nor in npm'}), flush=True)


main()
