# SPDX-License-Identifier: MIT
"""hogad at 5,000 frames a second, its connection cut now and then: resident memory and descriptors stay where they were,
frames go on. Ten seconds; HOGA_SOAK_SECONDS says how long, an hour with tests/run --long. Prints a sample a minute."""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t
from sanitized import is_sanitized

LONG = bool(os.environ.get('HOGA_LONG'))
SECONDS = float(os.environ.get('HOGA_SOAK_SECONDS', '3600' if LONG else '10'))
SYMBOLS = ['KRW-S%02d' % i for i in range(25)]
RATE = 130  # books a second and symbol; trades come on top
GROWTH_KIB = 256  # of the highest in the last third over the highest in the middle one
CUT_SECONDS = 30
ROWS_LEAST = 9
STILL_SECONDS = 5  # a loaded machine lets a process stand for a while
EVERY = max(1, min(10, SECONDS / 60))


def sample(hogad):
    """Seconds, resident KiB, descriptors, frames so far."""
    with open('/proc/%d/status' % hogad.pid) as file:
        rss = next(int(line.split()[1]) for line in file if line.startswith('VmRSS'))
    frames = t.counters(hogad)['frames']
    return time.monotonic(), rss, len(os.listdir('/proc/%d/fd' % hogad.pid)), frames


def soak(sim, hogad):
    pause, rows, cut, told = threading.Event(), [], time.monotonic(), 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end or len(rows) < ROWS_LEAST:
        rows.append(sample(hogad))
        if rows[-1][0] - told >= (60 if LONG else 10) or len(rows) == 1:
            told = rows[-1][0]
            print('%6.0f s %6d KiB %3d descriptors %10d frames' % (told - rows[0][0], *rows[-1][1:]), flush=True)
        if time.monotonic() - cut > CUT_SECONDS:
            cut = time.monotonic()
            sim.fault('drop')
        pause.wait(EVERY)
    rows.append(sample(hogad))
    return rows


def judge(rows):
    third = len(rows) // 3
    middle, last = rows[third:2 * third], rows[2 * third:]
    growth = max(r[1] for r in last) - max(r[1] for r in middle)
    rate = (rows[-1][3] - rows[0][3]) / (rows[-1][0] - rows[0][0])
    print('%.0f s, %.0f frames a second, %d to %d KiB resident, last third %+d KiB over the middle one, descriptors %d to '
          '%d' % (rows[-1][0] - rows[0][0], rate, min(r[1] for r in rows), max(r[1] for r in rows), growth,
                  min(r[2] for r in rows), max(r[2] for r in rows)))
    t.check(growth <= GROWTH_KIB, 'memory grows by %d KiB' % growth)
    t.check(max(r[2] for r in last) <= max(r[2] for r in middle) + 1, 'descriptors are left')
    for a in rows:
        later = [b for b in rows if b[0] - a[0] >= STILL_SECONDS][:1]
        t.check(not later or later[0][3] > a[3], 'frames stood still: %s' % rows)


def main():
    if is_sanitized():
        t.skip('a sanitizer keeps freed memory')
    with t.Sim('--symbols', ','.join(SYMBOLS), '--rate', str(RATE), '--lenient') as sim:
        lines = ['symbols = ' + ' '.join(SYMBOLS[i:i + 10]) for i in range(0, len(SYMBOLS), 10)]
        with t.Hogad(sim, SYMBOLS[:1], venue='\n'.join(lines)) as hogad:
            t.wait_until(lambda: t.hoga(hogad, 'check').returncode == 0, 30, 'all live')
            judge(soak(sim, hogad))


main()
