# SPDX-License-Identifier: MIT
"""Recorded real traffic over a real socket: the simulator serves each Upbit capture, hogad reads and records it, and the
recording replays to exactly the golden's messages. What was recorded is also what the capture replays to."""
import glob
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t


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
            t.wait_until(lambda: sim.stats()['replay']['done'], 90, 'all of it sent: %s' % sim.stats())
            sent = sim.stats()['frames']
            t.wait_until(lambda: t.counters(hogad)['frames'] >= sent, 20, 'all %d frames read' % sent)
            t.check(hogad.stop() == 0, 'an orderly end')
    recordings = sorted(glob.glob(os.path.join(folder, 'upbit', '*.jsonl.zst')))
    t.check(len(recordings) == 1, recordings)
    return recordings[0]


def main():
    captures = sorted(glob.glob(os.path.join(t.captures('upbit'), '*.jsonl*')))
    n = 0
    for capture in captures:
        want = golden(capture.split('.jsonl')[0] + '.golden.json')
        if want is None:
            continue
        name = os.path.basename(capture)
        got = t.trace(served(capture, list(want)), 'upbit')
        t.check(got == want, '%s: recorded %s, golden %s' % (name, {s: len(v) for s, v in got.items()},
                                                             {s: len(v) for s, v in want.items()}))
        n += sum(len(v) for v in want.values())
        print('%s: equal' % name)
    print('%d messages equal' % n)


main()
