# SPDX-License-Identifier: MIT
"""One connection flat out, and at 1,000 frames a second: hogad (whole road, to the segment) against ccxt pro on the same
simulator, in turn. Messages a second and the CPU a message costs, as the kernel counts it (/proc/PID/schedstat, all
threads). Medians of several rounds; a peer that is not installed is printed as skipped.

    HOGA_BUILD=build/release CCXT_FROM=/path/with/node_modules/x python3 tests/bench/bench_flatout.py

CCXT_FROM: any file name in a folder whose node_modules holds ccxt (npm install ccxt)."""
import glob
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

ROUNDS = int(os.environ.get('HOGA_ROUNDS', '5'))
SECONDS = 3
pause = threading.Event()


def cpu_ns(pid):
    total = 0
    for path in glob.glob('/proc/%d/task/*/schedstat' % pid):
        with open(path) as file:
            total += int(file.read().split()[0])
    return total


def applied(hogad):
    for counter in json.loads(t.hoga(hogad, 'stat', '--json').stdout)['counters']:
        if counter['name'] == 'books_applied':
            return int(counter['value'])
    raise AssertionError('no counter books_applied')


def run_hogad(arguments):
    with t.Sim('--symbols', 'KRW-BTC', '--lenient', *arguments) as sim, t.Hogad(sim, venue='trades = no\nday = no') as hogad:
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 10, 'live')
        n, cpu = applied(hogad), cpu_ns(hogad.pid)
        pause.wait(SECONDS)
        n, cpu = applied(hogad) - n, cpu_ns(hogad.pid) - cpu
    return n / SECONDS, cpu / n


def run_ccxt(arguments):
    peer = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'peer_ccxt.mjs')
    with t.Sim('--symbols', 'KRW-BTC', '--lenient', *arguments) as sim:
        child = subprocess.Popen(['node', peer, sim.url], stdout=subprocess.PIPE, universal_newlines=True)
        t.check(child.stdout.readline() == 'ready\n', 'ccxt is ready')
        child.send_signal(10)  # SIGUSR1: count from here
        t.check(child.stdout.readline() == 'counting\n', 'ccxt counts')
        cpu = cpu_ns(child.pid)
        pause.wait(SECONDS)
        cpu = cpu_ns(child.pid) - cpu
        child.terminate()
        n = json.loads(child.stdout.readline())['messages']
        child.wait()
    return n / SECONDS, cpu / n


def has_ccxt():
    if not shutil.which('node'):
        return False
    peer = "require('module').createRequire(process.env.CCXT_FROM || process.cwd() + '/x')('ccxt')"
    return subprocess.run(['node', '-e', peer], stderr=subprocess.DEVNULL).returncode == 0


def row(name, rate, runs):
    rates, costs = zip(*runs)
    print(json.dumps({'bench': 'flatout_%s_%s' % (name, rate), 'n': len(runs),
                      'messages_per_s': round(statistics.median(rates)),
                      'cpu_ns_per_message': round(statistics.median(costs)), 'host': platform.node()}), flush=True)
    return statistics.median(rates), statistics.median(costs)


def main():
    peers = has_ccxt()
    for rate, arguments in (('max', ['--rate', 'max', '--lossless']), ('1000hz', ['--rate', '1000'])):
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(run_hogad(arguments))
            if peers:
                theirs.append(run_ccxt(arguments))
        a = row('hogad', rate, ours)
        if not peers:
            print(json.dumps({'bench': 'flatout_ccxt_%s' % rate, 'skipped': 'ccxt is not installed (CCXT_FROM)'}))
            continue
        b = row('ccxt', rate, theirs)
        print(json.dumps({'bench': 'flatout_ratio_%s' % rate, 'messages_ratio': round(a[0] / b[0], 2),
                          'goal_messages_ratio': 5 if rate == 'max' else None, 'cpu_ratio': round(b[1] / a[1], 2),
                          'goal_cpu_ratio': 10 if rate != 'max' else None}), flush=True)


main()
