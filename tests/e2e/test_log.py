#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The log under traffic: a line for a change of state and none for a frame, whatever the venue sends; each line is an event
that hogad(8) documents, with its fields; what was not printed is counted."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t  # noqa: E402

FRAMES = 3000
LINES_MAX = 200
LINE = re.compile(r'<([3-7])>([a-z_]+\.[a-z0-9_]+)((?: [a-z0-9_]+=(?:"(?:[^"\\]|\\.)*"|[^ "]+))*)$')
SYMBOLS = ['KRW-BTC', 'KRW-ETH', 'KRW-XRP', 'KRW-SOL', 'KRW-DOGE']


def documented():
    """event -> its fields, of the man page."""
    events = {}
    with open(os.path.join(t.TOP, 'daemon', 'man', 'hogad.8')) as f:
        page = f.read()
    for line in re.findall(r'^\.It Li (\S+\.\S+.*)$', page[page.index('.Sh LOG EVENTS'):page.index('.Sh COUNTERS')], re.M):
        words = line.replace(' Ar ', ' ').split()
        events[words[0]] = set(words[1:])
    return events


def counter(hogad, name):
    done = t.hoga(hogad, 'stat', '-j', '-f', name)
    return json.loads(done.stdout)['counters'][0]['value'] if done.returncode == 0 else 0


def check_lines(log):
    events, seen = documented(), set()
    for line in log.splitlines():
        match = LINE.match(line)
        t.check(match, 'no log line: %r' % line)
        fields = set(re.findall(r' ([a-z0-9_]+)=', re.sub(r'"(?:[^"\\]|\\.)*"', '""', match.group(3)))) - {'repeated'}
        t.check(match.group(2) in events, 'hogad(8) does not have %r' % line)
        t.check(not fields or fields == events[match.group(2)], 'hogad(8) has other fields: %r' % line)
        seen.add(match.group(2))
    return seen


with t.Sim('--rate', '200', '--symbols', ','.join(SYMBOLS)) as sim, t.Hogad(sim, SYMBOLS) as hogad:
    t.live(hogad, 'upbit:KRW-BTC')
    begun = counter(hogad, 'frames')
    for script in ('garbage:500', 'crossed', 'repeat:200', 'reorder:200', 'bigframe:100KB', 'ping:50', 'error:WRONG_FORMAT',
                   'drop'):
        sim.ask('fault', script=script)
        at = counter(hogad, 'frames')
        t.wait_until(lambda a=at: counter(hogad, 'frames') > a + FRAMES / 10, 60, 'frames after %s' % script)
    t.wait_until(lambda: counter(hogad, 'frames') - begun > FRAMES, 60, '%d frames' % FRAMES)
    t.check(counter(hogad, 'frames_refused') >= 500, 'garbage was refused')
t.check(hogad.log().count('\n') < LINES_MAX, '%d lines of log:\n%s' % (hogad.log().count('\n'), hogad.log()[-3000:]))
seen_ = check_lines(hogad.log())
t.check({'session.open', 'session.closed', 'frame.refused', 'daemon.stopping'} <= seen_, seen_)
t.check(re.search(r'frame\.refused.*repeated=\d{3}', hogad.log()), 'repeats are counted:\n' + hogad.log()[-3000:])
