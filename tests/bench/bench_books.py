# SPDX-License-Identifier: MIT
"""hogad with 1,000 books of 30 published and 500 private levels a side: memory beside the segment, and the CPU it takes
when nothing arrives and when every book changes once a second. The floor: the same daemon with one book. Then as many of
all venues mixed, and how long it takes from the start until all are live: connections and requests are paced as each
venue wants it, and the slowest of them says how long.

    HOGA_BUILD=build/release python3 tests/bench/bench_books.py"""
import glob
import json
import os
import platform
import re
import sys
import threading
import time

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


MIXED = {'upbit': 'KRW-M%04d', 'bithumb': 'KRW-M%04d', 'coinone': 'KRW-M%04d', 'korbit': 'm%04d_krw',
         'binance': 'M%04dUSDT', 'binance-usdm': 'M%04dUSDT', 'binance-coinm': 'M%04dUSD_PERP', 'okx': 'M%04d-USDT',
         'bybit': 'M%04dUSDT', 'bybit-linear': 'M%04dUSDT', 'bitget': 'M%04dUSDT', 'gateio': 'M%04d_USDT',
         'kraken': 'M%04d/USD', 'coinbase': 'M%04d-USD', 'coinbase-adv': 'M%04d-USD'}


def mixed(n_books):
    """So many books of all venues in one daemon."""
    sims, sections, n_left = [], [], n_books
    try:
        for at, (venue, form) in enumerate(MIXED.items()):
            n = n_left // (len(MIXED) - at)
            n_left -= n
            symbols = [form % i for i in range(n)]
            sims.append(t.Sim('--symbols', ','.join(symbols), '--rate', '1', venue=venue))
            sections += ['[%s]' % venue, 'url = ' + sims[-1].url] if sections else []
            sections += ['symbols = ' + ' '.join(symbols[i:i + 8]) for i in range(0, n, 8)]
        began = time.monotonic()
        with t.Hogad(sims[0], [MIXED['upbit'] % 0], daemon='catalogue_s = 0', venue='\n'.join(sections)) as hogad:
            first = t.wait_until(lambda: live(hogad) > 0 and time.monotonic() - began, 60, 'the first')
            t.wait_until(lambda: live(hogad) >= n_books, 240, 'all live', 0.1)
            start = time.monotonic() - began
            busy = cpu_percent(hogad.pid)
            for sim in sims:
                sim.op('pause')
            idle = cpu_percent(hogad.pid)
            resident, asked = memory(hogad)
    finally:
        for sim in sims:
            sim.stop()
    print(json.dumps({'bench': 'books_mixed_%d' % n_books, 'venues': len(MIXED), 'resident_mib': round(resident / MIB, 1),
                      'asked_for_mib': round(asked / MIB, 1), 'goal_mib': GOAL_MIB, 'idle_percent': round(idle, 2),
                      'goal_idle_percent': GOAL_IDLE_PERCENT, 'one_update_a_second_percent': round(busy, 2),
                      'first_live_s': round(first, 2), 'all_live_s': round(start, 2), 'host': platform.node()}), flush=True)


def live(hogad):
    done = t.hoga(hogad, 'ls', '--json')
    return sum(book['state'] == 'live' for book in json.loads(done.stdout)['books']) if done.returncode == 0 else 0


run(1)
run(1000)
mixed(1000)
