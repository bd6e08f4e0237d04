#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`hoga stat`, once and again and again: what was added since the report before, exactly, and its rates."""

import json
import re
import signal
import subprocess

from cli_support import HOGA, Segment, environment, hoga, t, validated


def reports(segment, *words):
    return subprocess.Popen([HOGA, 'stat', *words], env=environment(segment), stdout=subprocess.PIPE, text=True,
                            stdin=subprocess.DEVNULL)


def what_is_added_is_told_once(segment):
    with reports(segment, '-j', '-i', '100') as stat:
        first = validated(stat.stdout.readline())
        t.check('since_elapsed_ns' not in first and 'since' not in first['counters'][0], 'nothing came before the first')
        segment.say('count', 7)
        for _ in range(10):
            segment.say('took', 3000)
        counted, timed, last = 0, 0, first
        while counted < 7 or timed < 10:
            now = validated(stat.stdout.readline())
            counted += now['counters'][0]['since']
            timed += now['latencies'][0]['since']['count']
            t.check(now['counters'][0]['value'] - last['counters'][0]['value'] == now['counters'][0]['since'], 'exactly')
            t.check(now['since_elapsed_ns'] > 0, 'over a time')
            if now['latencies'][0]['since']['count']:
                t.check(3000 <= now['latencies'][0]['since']['p50_ns'] <= 3375, now['latencies'])
            last = now
        t.check(counted == 7 and timed == 10, (counted, timed))
        t.check(last['latencies'][0]['count'] == first['latencies'][0]['count'] + 10, 'totals go on')
        stat.send_signal(signal.SIGINT)
        t.check(stat.wait(t.STOP_SECONDS) == 0, 'Ctrl+C ends it with 0')


def people_see_rates(segment):
    out = hoga(segment, 'stat', '-n', '2', '-i', '100')[0]
    t.check(out.count('COUNTER ') == 2 and out.count('PER SECOND') == 1, out)
    t.check(re.search(r'^frames +[\d,]+ +0\.0 +messages received', out, re.M), out)
    t.check(out.count('upbit/') == 0 and len(re.findall(r'^upbit +live', out, re.M)) == 2, out)
    lines = hoga(segment, 'stat', '-j', '-n', '3', '-i', '100', '-f', 'frames')[0].split('\n')
    t.check(len(lines) == 4 and all(json.loads(line)['latencies'] == [] for line in lines[:3]), lines)
    once = hoga(segment, 'stat', '-n', '1')[0]
    t.check('PER SECOND' not in once and 'frames' in once, once)
    for wrong in (('-i', '99'), ('-i', '60001'), ('-i', 'x'), ('-n', '0')):
        hoga(segment, 'stat', *wrong, code=2)


def a_reader_that_goes_ends_it(segment):
    with reports(segment, '-i', '100') as stat:
        stat.stdout.readline()
        stat.stdout.close()
        t.check(stat.wait(t.STOP_SECONDS) == 0, 'a closed pipe is quiet')


with Segment() as seg:
    seg.book('KRW-BTC')
    what_is_added_is_told_once(seg)
    people_see_rates(seg)
    a_reader_that_goes_ends_it(seg)
    seg.stop()
    t.check(hoga(seg, 'stat')[0].startswith('hogad was stopped'), 'a dead daemon is said')
