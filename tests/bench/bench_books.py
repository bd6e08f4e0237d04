# SPDX-License-Identifier: MIT
"""hogad with 1,000 books of 30 published and 500 private levels a side: memory beside the segment, and the CPU it takes
when nothing arrives and when every book changes once a second. The floor: the same daemon with one book.

    HOGA_BUILD=build/release python3 tests/bench/bench_books.py"""
import glob
import json
import os
import platform
import re
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

SECONDS = float(os.environ.get('HOGA_SECONDS', '5'))
MIB = 1 << 20
GOAL_MIB, GOAL_IDLE_PERCENT = 64, 1
pause = threading.Event()


def cpu_percent(pid):
    """Of one core, as the kernel counts it, while SECONDS pass."""
    def cpu_ns():
        total = 0
        for path in glob.glob('/proc/%d/task/*/schedstat' % pid):
            with open(path) as file:
                total += int(file.read().split()[0])
        return total
    start = cpu_ns()
    pause.wait(SECONDS)
    return (cpu_ns() - start) / (SECONDS * 1e9) * 100


def memory(hogad):
    """Resident bytes of every mapping but the segment's and its wake page, and bytes asked for: what would be resident
    if every book were as deep as it may be."""
    resident, is_ours = 0, True
    with open('/proc/%d/smaps' % hogad.pid) as file:
        for line in file:
            if re.match(r'[0-9a-f]+-[0-9a-f]+ ', line):
                is_ours = hogad.segment not in line
            elif is_ours and line.startswith('Rss:'):
                resident += int(line.split()[1]) * 1024
    with open('/proc/%d/status' % hogad.pid) as file:
        asked = [int(line.split()[1]) * 1024 for line in file if line.startswith('VmData:')][0]
    return resident, asked


def run(n_books):
    symbols = ['KRW-M%04d' % i for i in range(n_books)]
    lines = ['symbols = ' + ' '.join(symbols[i:i + 15]) for i in range(15, n_books, 15)]
    with t.Sim('--symbols', ','.join(symbols), '--rate', '1') as sim:
        with t.Hogad(sim, symbols[:15], venue='\n'.join(lines)) as hogad:
            t.wait_until(lambda: t.hoga(hogad, 'check').returncode == 0, 60, 'all live')
            busy = cpu_percent(hogad.pid)
            sim.op('pause')
            idle = cpu_percent(hogad.pid)
            resident, asked = memory(hogad)
    print(json.dumps({'bench': 'books_%d' % n_books, 'resident_mib': round(resident / MIB, 1),
                      'asked_for_mib': round(asked / MIB, 1), 'goal_mib': GOAL_MIB, 'idle_percent': round(idle, 2),
                      'goal_idle_percent': GOAL_IDLE_PERCENT, 'one_update_a_second_percent': round(busy, 2),
                      'host': platform.node()}), flush=True)


run(1)
run(1000)
