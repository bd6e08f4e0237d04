#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trouble 4: a minor upgrade breaks start-up. Here a reader frozen at ABI 1.0 reads what today's daemon writes, and a
segment of another major is refused in words."""

import shutil
import struct
import subprocess

from troubles import t

ABI_MAJOR_OFFSET = 8


def main():
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '1') as sim, t.Hogad(sim) as hogad:
        def same():
            today = t.book(hogad, 'upbit:KRW-BTC', '--live')
            done = subprocess.run([t.program('old_reader'), hogad.segment, 'upbit', 'KRW-BTC'], capture_output=True,
                                  text=True, check=False)
            t.check(not today or done.returncode == 0, 'the old reader: %s' % done.stderr)
            if not today or not done.stdout:
                return False
            update, n_bids, bid, size = done.stdout.split()
            if update != today['update']:
                return False  # published in between
            scale = 10 ** today['size_decimals']
            t.check(int(bid) == int(today['bids'][0][0]) * 10 ** today['price_decimals'], (done.stdout, today))
            t.check(int(size) == round(float(today['bids'][0][1]) * scale), (done.stdout, today))
            t.check(int(n_bids) == today['n_bids'], (done.stdout, today))
            return True

        t.wait_until(same, 20, 'both readers at the same update')
        other = hogad.segment + '.other'
        shutil.copy(hogad.segment, other)
        with open(other, 'r+b') as f:
            f.seek(ABI_MAJOR_OFFSET)
            f.write(struct.pack('<I', 2))
        done = t.hoga(other, 'ls')
        t.check(done.returncode == 1 and 'ABI' in done.stderr and '2' in done.stderr, done.stderr)


main()
