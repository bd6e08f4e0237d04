# SPDX-License-Identifier: MIT
"""What the eight troubles of a one-process window share: a real simulator and daemon, and Python programs with PyQt6 of
Debian's interpreter, drawn offscreen, which say line by line what happens to them."""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'support'))
import hoga_test as t  # noqa: E402

PYTHON = '/usr/bin/python3'
MODULE = os.path.join(t.TOP, 'client', 'python')
LIBRARY = os.path.join(t.BUILD, 'client', 'lib', 'libhoga.so.0')
# Begins a program that measures itself: seconds for which it was ready to run and had no processor, as t.waited().
WAITED = '''
def waited():
    try:
        with open('/proc/self/schedstat') as f:
            return int(f.read().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
'''


def environment(hogad, **more):
    env = {'HOGA_LIBRARY': LIBRARY, 'PYTHONPATH': MODULE, 'QT_QPA_PLATFORM': 'offscreen', 'LC_ALL': 'C.UTF-8',
           'XDG_RUNTIME_DIR': t.scratch(), 'HOGA_SEGMENT': getattr(hogad, 'segment', hogad), 'PYTHONDONTWRITEBYTECODE': '1',
           'PYTHONUNBUFFERED': '1'}
    os.chmod(env['XDG_RUNTIME_DIR'], 0o700)
    env.update(more)
    return env


def need(*modules):
    done = subprocess.run([PYTHON, '-c', 'import ' + ', '.join(modules)], capture_output=True, text=True, check=False)
    if done.returncode:
        t.skip('%s: %s' % (PYTHON, done.stderr.strip().split('\n')[-1]))


class Window(t.Process):
    """A Python program; `text` is its source."""

    def __init__(self, hogad, text, *arguments, **more):
        self.file = os.path.join(t.scratch(), 'window.py')
        with open(self.file, 'w') as f:
            f.write(text)
        t.Process.__init__(self, PYTHON, self.file, *arguments, env=environment(hogad, **more), name='window')

    def until(self, wanted, seconds=10):
        """Lines up to the one that begins with `wanted`; that one."""
        deadline = time.monotonic() + max(seconds, t.LEAST_SECONDS)
        while True:
            line = self.line(max(0.01, deadline - time.monotonic()))
            if line.startswith(wanted):
                return line

    def ends(self, code=0, seconds=60):
        """It ends by itself, with this code and no word of a crash."""
        found = self.wait(seconds)
        log = self.log()
        t.check(found == code, 'the window ended with %d: %s' % (found, log[-4000:]))
        t.check('Traceback' not in log and 'core dumped' not in log, log[-4000:])
        self._close()
