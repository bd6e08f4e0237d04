# SPDX-License-Identifier: MIT
"""Recorded real traffic over a real socket: the simulator serves each Upbit capture, hogad reads and records it, and the
recording replays to exactly the golden's messages. What was recorded is also what the capture replays to."""
import glob
import hashlib
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

APPLIED = ('snapshot', 'update', 'crossed', 'checksum')


def trace(path):
    """By symbol, the first 8 hex digits of each applied message, as in a golden's trace30."""
    done = subprocess.run([t.program('hogad'), '--replay', path, '--venue', 'upbit', '--trace', '--depth', '30'],
                          stdout=subprocess.PIPE, universal_newlines=True, timeout=60)
    t.check(done.returncode == 0, '%s: %d' % (path, done.returncode))
    found = {}
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message['event'] in APPLIED:
            text = ''.join('%s %s %s\n' % (side, p, q) for side, levels in (('b', message['bids']), ('a', message['asks']))
                           for p, q in levels)
            found.setdefault(message['symbol'], []).append(hashlib.sha256(text.encode()).hexdigest()[:8])
    return found


def golden(path):
    body = json.load(open(path))
    if body['kind'] != 'book':
        return None
    body = body.get('variants', {}).get('fit', body)
    return {symbol: [s['trace30'][i:i + 8] for i in range(0, len(s['trace30']), 8)]
            for symbol, s in body['symbols'].items()}


def served(capture, symbols):
    """Serve, record until all was sent and read, and return the recording's path."""
    folder = t.scratch()
    with t.Sim('--replay', capture, '--speed', 'max', '--lossless', '--lenient') as sim:
        with t.Hogad(sim, symbols, arguments=['--record', folder]) as hogad:
            t.wait_until(lambda: sim.stats()['replay']['done'], 60, 'all of it sent: %s' % sim.stats())
            sent = sim.stats()['frames']
            t.wait_until(lambda: frames(hogad) >= sent, 20, 'all %d frames read' % sent)
            t.check(hogad.stop() == 0, 'an orderly end')
    recordings = sorted(glob.glob(os.path.join(folder, 'upbit', '*.jsonl.zst')))
    t.check(len(recordings) == 1, recordings)
    return recordings[0]


def frames(hogad):
    counters = json.loads(t.hoga(hogad, 'stat', '--json').stdout)['counters']
    for counter in counters:
        if counter['name'] == 'frames':
            return int(counter['value'])
    raise AssertionError(counters)


def main():
    captures = sorted(glob.glob(os.path.join(t.captures('upbit'), '*.jsonl*')))
    n = 0
    for capture in captures:
        want = golden(capture.split('.jsonl')[0] + '.golden.json')
        if want is None:
            continue
        name = os.path.basename(capture)
        got = trace(served(capture, list(want)))
        t.check(got == want, '%s: recorded %s, golden %s' % (name, {s: len(v) for s, v in got.items()},
                                                             {s: len(v) for s, v in want.items()}))
        n += sum(len(v) for v in want.values())
        print('%s: equal' % name)
    print('%d messages equal' % n)


main()
