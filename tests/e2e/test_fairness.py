# SPDX-License-Identifier: MIT
"""One connection floods as fast as it is read: another venue's books, its pings, the heartbeat and the control socket have
their turn all the same, because what one connection gets in a turn of the loop is bounded (daemon/net/ws.h)."""
import json
import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

SECONDS = 4
QUIET = 'binance:BTCUSDT'


def stat(hogad):
    done = t.hoga(hogad, 'stat', '--json')
    return json.loads(done.stdout) if done.returncode == 0 else None


def counter(shown, name):
    return [row['value'] for row in shown['counters'] if row['name'] == name][0]


class Control:
    def __init__(self, hogad):
        self.client = socket.socket(socket.AF_UNIX)
        self.client.settimeout(10)
        self.client.connect(hogad.segment + '.ask')
        self.answers = self.client.makefile()

    def ask_ms(self):
        start = time.monotonic()
        self.client.sendall(b'{"verb":"status"}\n')
        t.check(json.loads(self.answers.readline())['ok'], 'status')
        return (time.monotonic() - start) * 1000


def main():
    with t.Sim('--symbols', 'KRW-BTC,KRW-ETH', '--rate', 'max', '--lossless') as flood, \
            t.Sim('--symbols', 'BTCUSDT', '--rate', '20', venue='binance') as quiet, \
            t.Hogad(flood, symbols=['KRW-BTC', 'KRW-ETH'], daemon='catalogue_s = 0',
                    venue='[binance]\nsymbols = BTCUSDT\nurl = ' + quiet.url) as hogad:
        t.wait_until(lambda: t.book(hogad, QUIET, '--live') and t.book(hogad, 'upbit:KRW-BTC', '--live'), 15, 'live')
        control = Control(hogad)
        before, made = stat(hogad), quiet.last('BTCUSDT')['seq']
        applied = t.book(hogad, QUIET)['applied']
        start, waits, hearts, states = time.monotonic(), [], [], set()
        while time.monotonic() - start < SECONDS:
            waits.append(control.ask_ms())
            shown = stat(hogad)
            hearts.append(shown['daemon']['heartbeat_age_ns'] / 1e6)
            states |= {(row['venue'], row['state']) for row in shown['connections']}
        seconds = time.monotonic() - start
        after = stat(hogad)
        frames = counter(after, 'frames') - counter(before, 'frames')
        n_applied, n_made = t.book(hogad, QUIET)['applied'] - applied, quiet.last('BTCUSDT')['seq'] - made
        round_trip = [row['round_trip_ns'] / 1e6 for row in after['connections'] if row['venue'] == 'binance'][0]
        print('%d frames/s beside: control at most %.1f ms of %d, heartbeat at most %.0f ms old, ping %.1f ms, %d of %d books'
              % (frames / seconds, max(waits), len(waits), max(hearts), round_trip, n_applied, n_made), flush=True)
        t.check(frames / seconds > 2000, 'a flood: %d frames/s' % (frames / seconds))
        t.check(max(hearts) < 500, 'heartbeat: %s' % hearts)
        t.check(max(waits) < 500, 'control: %s' % waits)
        t.check(states == {('upbit', 'live'), ('binance', 'live')}, states)
        t.check(n_applied >= n_made - 20, 'the quiet one is not starved: %d of %d' % (n_applied, n_made))
        t.check(counter(after, 'disconnects') == 0 and counter(after, 'gaps') == 0, hogad.log())


main()
