#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""client/FRONTENDS.md: its programs are those of client/examples, word by word, and each shows a live book."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'troubles'))
from troubles import PYTHON, environment, need, t  # noqa: E402

EXAMPLES = os.path.join(t.TOP, 'client', 'examples')


def page_is_true():
    with open(os.path.join(t.TOP, 'client', 'FRONTENDS.md'), encoding='utf-8') as f:
        page = f.read()
    for name, lines_max in (('ladder.c', 36), ('ladder.py', 18), ('elsewhere.py', 29)):
        with open(os.path.join(EXAMPLES, name), encoding='utf-8') as f:
            source = f.read().rstrip('\n')
        t.check(source in page, 'FRONTENDS.md has another %s' % name)
        t.check(len(source.split('\n')) <= lines_max, '%s has grown' % name)


def in_c(hogad):
    done = subprocess.run([t.program('example_ladder'), 'upbit:KRW-BTC', '3'], env=dict(os.environ, HOGA_SEGMENT=hogad.segment),
                          capture_output=True, text=True, timeout=60, check=False)
    lines = done.stdout.split('\n')
    t.check(done.returncode == 0 and sum(line.startswith('ask ') for line in lines) >= 9, (done.returncode, done.stdout[-500:]))
    return 'upbit:KRW-BTC live ' in lines


def in_python(hogad, *command, wanted):
    window = t.Process(PYTHON, '-B', *command, env=environment(hogad), name='window')
    t.wait_until(lambda: wanted in window.line(60), 60, wanted)
    window.kill()


def main():
    page_is_true()
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '50') as sim, t.Hogad(sim) as hogad:
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 30, 'a live book')
        t.wait_until(lambda: in_c(hogad), 30, 'three books, one of them live')
        need('PyQt6.QtWidgets')
        in_python(hogad, os.path.join(EXAMPLES, 'ladder.py'), 'upbit:KRW-BTC', wanted='upbit:KRW-BTC live')
        in_python(hogad, os.path.join(EXAMPLES, 'elsewhere.py'), t.program('hoga'), 'watch', '--json', 'upbit:KRW-BTC',
                  '--segment', hogad.segment, wanted='upbit:KRW-BTC  live')


main()
