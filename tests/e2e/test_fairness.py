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
TRIES = 3
WAIT_MS_MAX = 500
QUIET = 'binance:BTCUSDT'


def stat(hogad):
    done = t.hoga(hogad, 'stat', '--json')
    return json.loads(done.stdout) if done.returncode == 0 else None


def counter(shown, name):
    return [row['value'] for row in shown['counters'] if row['name'] == name][0]


class Control:
    def __init__(self, hogad):
        self.client = socket.socket(socket.AF_UNIX)
        self.client.settimeout(60)
        self.client.connect(hogad.segment + '.ask')
        self.answers = self.client.makefile()

    def ask_ms(self):
        start = time.monotonic()
        self.client.sendall(b'{"verb":"status"}\n')
        t.check(json.loads(self.answers.readline())['ok'], 'status')
        return (time.monotonic() - start) * 1000


def kept_waiting_ms(hogad):
    """For how long hogad's loop, and this judge, were runnable and had no processor, ever: nothing that a flood does."""
    return (t.waited(hogad.pid) + t.waited()) * 1000


def flooded(hogad, control):
    """For so many seconds: how long the control socket and the heartbeat waited at most, beside what the machine did."""
    start, waits, hearts = time.monotonic(), [], []
    was_kept = kept_waiting_ms(hogad)
    while time.monotonic() - start < SECONDS:
        before = kept_waiting_ms(hogad)
        asked_ms = control.ask_ms()
        waits.append(asked_ms - (kept_waiting_ms(hogad) - before))
        shown = stat(hogad)
        now = kept_waiting_ms(hogad)
        hearts.append(shown['daemon']['heartbeat_age_ns'] / 1e6 - (now - was_kept))
        was_kept = before
        states = {(row['venue'], row['state']) for row in shown['connections'] if not t.is_silent(row)}
        t.check(states <= {('upbit', 'live'), ('binance', 'live')}, states)
    print('beside a flood: control at most %.1f ms of %d, heartbeat at most %.0f ms old' % (max(waits), len(waits),
                                                                                            max(hearts)), flush=True)
    return max(waits), max(hearts)


def main():
    with t.Sim('--symbols', 'KRW-BTC,KRW-ETH', '--rate', 'max', '--lossless') as flood, \
            t.Sim('--symbols', 'BTCUSDT', '--rate', '20', venue='binance') as quiet, \
            t.Hogad(flood, symbols=['KRW-BTC', 'KRW-ETH'], daemon='catalogue_s = 0',
                    venue='[binance]\nsymbols = BTCUSDT\nurl = ' + quiet.url) as hogad:
        t.wait_until(lambda: t.book(hogad, QUIET, '--live') and t.book(hogad, 'upbit:KRW-BTC', '--live'), 60, 'live')
        control = Control(hogad)
        before, made = stat(hogad), quiet.last('BTCUSDT')['seq']
        applied = t.book(hogad, QUIET)['applied']
        for n in range(TRIES):  # a machine under load gets three for the time, never for the rest
            if max(flooded(hogad, control)) < WAIT_MS_MAX:
                break
            t.check(n + 1 < TRIES, 'the loop was kept for more than %d ms in each of %d tries' % (WAIT_MS_MAX, TRIES))
        made_since = quiet.last('BTCUSDT')['seq'] - made
        t.wait_promised(lambda: t.book(hogad, QUIET)['applied'] - applied >= made_since, 1, 'the quiet one is not starved')
        after = stat(hogad)
        frames = counter(after, 'frames') - counter(before, 'frames')
        round_trip = [row['round_trip_ns'] / 1e6 for row in after['connections'] if row['venue'] == 'binance'][0]
        print('%d frames beside %d books of the quiet one, ping %.1f ms' % (frames, made_since, round_trip), flush=True)
        t.check(frames > 20 * made_since, 'a flood: %d frames, %d' % (frames, made_since))
        t.check(counter(after, 'disconnects') == 0 and counter(after, 'gaps') == 0, hogad.log())


main()
