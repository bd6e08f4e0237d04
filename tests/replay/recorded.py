#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""recorded.py HOGAD HOGA_SIM: the simulator serves a capture over a real socket, hogad records what arrives, and the
recording replays to the trace of the capture. Once ended in order, once killed."""
import glob
import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HOGAD = HOGA_SIM = None
SECONDS = 70
N_FRAMES = 500


def capture_make(path):
    """Books of two markets that move, in the spellings Upbit uses, with control characters and other scripts beside."""
    dice = random.Random(11)
    price = {'KRW-BTC': 116539000, 'BTC-XRP': 1234}
    with open(path, 'w', encoding='utf-8') as file:
        now = 1790134742000000000
        for i in range(N_FRAMES):
            now += dice.randrange(1000000)
            code = dice.choice(sorted(price))
            price[code] += dice.randrange(-3, 4)
            units = [{'ask_price': price[code] + 1 + n, 'bid_price': price[code] - n,
                      'ask_size': dice.randrange(1, 10 ** 9) / 1e8, 'bid_size': dice.randrange(1, 10 ** 9) / 1e8}
                     for n in range(dice.randrange(1, 31))]
            text = json.dumps({'type': 'orderbook', 'code': code, 'timestamp': now // 1000000, 'note': '한\t"\\\x7f',
                               'orderbook_units': units, 'stream_type': 'REALTIME'}, ensure_ascii=i % 2 == 0)
            file.write(json.dumps({'t': now, 'ev': 'rx', 'url': None, 'text': text}) + '\n')


def trace(path):
    done = subprocess.run([HOGAD, '--replay', path, '--venue', 'upbit', '--trace'], capture_output=True, text=True,
                          timeout=SECONDS)
    assert (done.returncode, done.stderr) == (0, ''), (done.returncode, done.stderr)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    for m in told:
        del m['line']
    return told


def until(what):
    deadline = time.monotonic() + SECONDS
    while not what():
        if time.monotonic() > deadline:
            return False
        select.select([], [], [], 0.05)
    return True


class Recorded(unittest.TestCase):
    def record(self, folder, number):
        served, config = os.path.join(folder, 'served.jsonl'), os.path.join(folder, 'hoga.conf')
        capture_make(served)
        sim = subprocess.Popen([HOGA_SIM, '--venue', 'upbit', '--symbols', 'KRW-BTC,BTC-XRP', '--replay', served,
                                '--speed', 'max'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = sim.stdout.readline().split()[1]
            with open(config, 'w', encoding='ascii') as file:
                file.write('[upbit]\nsymbols = KRW-BTC,BTC-XRP\nurl = %s\n' % url)
            folder_of_records = os.path.join(folder, 'record')
            daemon = subprocess.Popen([HOGAD, '-c', config, '--segment', os.path.join(folder, 'books'), '--record',
                                       folder_of_records], stderr=subprocess.PIPE, text=True)
            try:
                self.assertTrue(until(lambda: self.n_recorded(folder_of_records) >= N_FRAMES), 'frames are missing')
                daemon.send_signal(number)
                daemon.communicate(timeout=SECONDS)
                self.assertEqual(daemon.returncode, 0 if number == signal.SIGTERM else -number)
            finally:
                daemon.kill()
                daemon.communicate()
        finally:
            sim.kill()
            sim.communicate()
        return served, sorted(glob.glob(os.path.join(folder_of_records, 'upbit', '*.jsonl.zst')))

    def n_recorded(self, folder):
        return sum(len(trace(path)) for path in glob.glob(os.path.join(folder, 'upbit', '*.jsonl.zst')))

    def test_a_recording_replays_to_the_trace_of_what_was_served(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            with self.subTest(number), tempfile.TemporaryDirectory() as folder:
                served, recordings = self.record(folder, number)
                self.assertEqual(len(recordings), 1)
                wanted, got = trace(served), trace(recordings[0])
                self.assertEqual(len(wanted), N_FRAMES)
                self.assertEqual(got[:N_FRAMES], wanted)


if __name__ == '__main__':
    HOGA_SIM = os.path.abspath(sys.argv.pop(2))
    HOGAD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
