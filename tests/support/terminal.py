# SPDX-License-Identifier: MIT
"""A terminal that tests look at: tmux without its configuration, on a socket of its own. `with` ends it.

    with Terminal(80, 24, 'screen') as terminal:
        terminal.run('hoga top')
        terminal.until(lambda lines: 'live' in lines[0], 'a head')
        terminal.keys('q')"""

import os
import shutil
import subprocess
import unicodedata

import hoga_test as t


def columns(text):
    """How many columns a text takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in text)


class Terminal:
    def __init__(self, width, height, term='screen', env=None):
        if not shutil.which('tmux'):
            t.skip('tmux is not installed')
        self.socket = os.path.join(t.scratch(), 'tmux')
        # tmux itself always speaks UTF-8 here; what runs in it gets the environment of the test.
        inner = {k: v for k, v in os.environ.items() if not k.startswith(('LC_', 'LANG', 'TMUX', 'NO_COLOR'))}
        inner.update({'LC_ALL': 'C.UTF-8'}, **(env or {}))
        inner['TERM'] = term
        words = ['env', '-i'] + ['%s=%s' % item for item in inner.items()] + ['/bin/sh']
        self.tmux('new-session', '-d', '-x', str(width), '-y', str(height), *words)
        self.until(lambda lines: any(line.strip() for line in lines), 'a prompt')

    def tmux(self, *words):
        done = subprocess.run(['tmux', '-S', self.socket, '-f', '/dev/null', *words], capture_output=True, text=True,
                              env=dict(os.environ, LC_ALL='C.UTF-8'), timeout=60)
        t.check(done.returncode == 0, 'tmux %s: %s' % (words, done.stderr))
        return done.stdout

    def lines(self, *options):
        return self.tmux('capture-pane', '-p', *options).split('\n')

    def ask(self, variable):
        return self.tmux('display-message', '-p', '#{%s}' % variable).strip()

    def keys(self, *names):
        self.tmux('send-keys', *names)

    def text(self, text):
        self.tmux('send-keys', '-l', text)

    def run(self, line):
        self.text(line)
        self.keys('Enter')

    def resize(self, width, height):
        self.tmux('resize-window', '-x', str(width), '-y', str(height))

    def until(self, predicate, what, seconds=40, is_promised=False):
        """The lines of the first screen of which the predicate is true."""
        seen = []

        def look():
            seen[:] = self.lines()
            return predicate(seen)
        try:
            (t.wait_promised if is_promised else t.wait_until)(look, seconds, what, every=0.03)
        except AssertionError as error:
            raise AssertionError('%s; the screen:\n%s' % (error, '\n'.join(seen))) from None
        return list(seen)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # First what runs in it, for good: LeakSanitizer, at the end of a program whose terminal goes at that moment, was
        # seen to wait for itself for ever.
        subprocess.run(['pkill', '-KILL', '-P', self.ask('pane_pid')], capture_output=True, timeout=60, check=False)
        subprocess.run(['tmux', '-S', self.socket, 'kill-server'], capture_output=True, timeout=60)
