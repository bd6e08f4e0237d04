# SPDX-License-Identifier: MIT
"""One connection flat out, and at 1,000 frames a second: hogad (whole road, to the segment) against ccxt pro on the
same simulator and the same walk, in turn. Messages a second and the CPU a message costs, as the kernel counts it
(/proc/PID/schedstat, all threads). Medians of several rounds, ratios of the same round; a peer that is not installed is
printed as skipped. Each asks in its own way: hogad for Upbit's SIMPLE form, ccxt for the default one.

Flat out the line says who was the limit: whose share of a processor was 90 % or more, and `neither` where both waited
for each other or for the machine. At 1,000 a second the bare epoll receiver (bench_bare.c, hogad's own pipeline and nothing
around it) stands beside them: what it costs is what a processor costs that sleeps between messages.

    HOGA_BUILD=build/release CCXT_FROM=/path/with/node_modules/x python3 tests/bench/bench_flatout.py

CCXT_FROM: any file name in a folder whose node_modules holds ccxt (npm install ccxt). HOGA_ROUNDS: 5."""
import collections
import glob
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

ROUNDS = int(os.environ.get('HOGA_ROUNDS', '5'))
SECONDS = 3
LIMIT = 0.9
pause = threading.Event()
Run = collections.namedtuple('Run', 'rate cost share sim_share frame_size')


def cpu_ns(pid):
    total = 0
    for path in glob.glob('/proc/%d/task/*/schedstat' % pid):
        with open(path) as file:
            total += int(file.read().split()[0])
    return total


def measure(sim, pid, count):
    """A Run of SECONDS; `count` says how many messages were handled so far."""
    before = sim.stats()
    n, cpu, sim_cpu, at = count(), cpu_ns(pid), cpu_ns(sim.pid), time.monotonic_ns()
    pause.wait(SECONDS)
    took, sim_cpu, cpu = time.monotonic_ns() - at, cpu_ns(sim.pid) - sim_cpu, cpu_ns(pid) - cpu
    n = count() - n
    after = sim.stats()
    return Run(n / took * 1e9, cpu / n, cpu / took, sim_cpu / took,
               (after['bytes'] - before['bytes']) / max(1, after['frames'] - before['frames']))


def simulator(arguments):
    return t.Sim('--symbols', 'KRW-BTC', '--lenient', *arguments)


def run_hogad(arguments):
    with simulator(arguments) as sim, t.Hogad(sim, venue='trades = no\nday = no') as hogad:
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 10, 'live')
        return measure(sim, hogad.pid, lambda: t.counters(hogad)['books_applied'])


def run_bare(arguments):
    """It counts nothing itself: what the simulator sends, it takes."""
    with simulator(arguments) as sim:
        segment = os.path.join(t.scratch(), 'books')
        bare = subprocess.Popen([t.program('bench_bare'), sim.url, segment], stderr=subprocess.DEVNULL)
        try:
            t.wait_until(lambda: sim.stats()['frames'] > 10, 10, 'it is fed')
            return measure(sim, bare.pid, lambda: sim.stats()['frames'])
        finally:
            bare.kill()
            bare.wait()


def run_ccxt(arguments):
    peer = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'peer_ccxt.mjs')
    with simulator(arguments) as sim:
        child = subprocess.Popen(['node', peer, sim.url], stdout=subprocess.PIPE, universal_newlines=True)
        t.check(child.stdout.readline() == 'ready\n', 'ccxt is ready')

        def count():
            child.send_signal(12)  # SIGUSR2
            return int(child.stdout.readline())
        try:
            pause.wait(1)  # its code is compiled while it runs
            return measure(sim, child.pid, count)
        finally:
            child.terminate()
            child.communicate()


def has_ccxt():
    if not shutil.which('node'):
        return False
    peer = "require('module').createRequire(process.env.CCXT_FROM || process.cwd() + '/x')('ccxt')"
    return subprocess.run(['node', '-e', peer], stderr=subprocess.DEVNULL).returncode == 0


def limit(name, run):
    return name if run.share >= LIMIT else 'simulator' if run.sim_share >= LIMIT else 'neither'


def row(name, rate, runs):
    middle = Run(*(statistics.median(values) for values in zip(*runs)))
    line = {'bench': 'flatout_%s_%s' % (name, rate), 'n': len(runs), 'messages_per_s': round(middle.rate),
            'cpu_ns_per_message': round(middle.cost), 'bytes_per_frame': round(middle.frame_size),
            'cpu_share': round(middle.share, 2), 'simulator_cpu_share': round(middle.sim_share, 2)}
    if rate == 'max':
        line['limit'] = limit(name, middle)
    print(json.dumps(dict(line, host=platform.node())), flush=True)


def ratio(of, to, what):
    """Of the same rounds, so that what the machine did meanwhile befell both."""
    return round(statistics.median(getattr(a, what) / getattr(b, what) for a, b in zip(of, to)), 2)


def bench(rate, arguments, peers):
    runs = {name: [] for name in peers}
    for _ in range(ROUNDS):
        for name, run in peers.items():
            runs[name].append(run(arguments))
    for name in peers:
        row(name, rate, runs[name])
    return runs


def main():
    ccxt = {'ccxt': run_ccxt} if has_ccxt() else {}
    flat = bench('max', ['--rate', 'max', '--lossless'], dict(hogad=run_hogad, **ccxt))
    slow = bench('1000hz', ['--rate', '1000'], dict(hogad=run_hogad, bare_epoll=run_bare, **ccxt))
    print(json.dumps({'bench': 'flatout_floor_1000hz', 'cpu_ratio': ratio(slow['hogad'], slow['bare_epoll'], 'cost')}))
    if not ccxt:
        print(json.dumps({'bench': 'flatout_ccxt', 'skipped': 'ccxt is not installed (CCXT_FROM)'}))
        return
    print(json.dumps({'bench': 'flatout_ratio_max', 'messages_ratio': ratio(flat['hogad'], flat['ccxt'], 'rate'),
                      'goal_messages_ratio': 5, 'cpu_ratio': ratio(flat['ccxt'], flat['hogad'], 'cost')}))
    print(json.dumps({'bench': 'flatout_ratio_1000hz', 'cpu_ratio': ratio(slow['ccxt'], slow['hogad'], 'cost'),
                      'goal_cpu_ratio': 10}), flush=True)


main()
