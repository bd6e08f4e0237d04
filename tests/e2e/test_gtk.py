#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hoga-gtk under Xvfb: it shows, ends in order on signals and on q, draws only rows that change, costs next to nothing
while nothing does, goes on when hogad comes back, and says wrong usage in words."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cli'))
from cli_support import LIVE, Segment  # noqa: E402

import hoga_test as t  # noqa: E402

HZ = os.sysconf('SC_CLK_TCK')


class Screen(t.Process):
    """An X server of its own; it chooses its number itself."""

    def __init__(self):
        if not shutil.which('Xvfb') or not shutil.which('xdotool'):
            t.skip('Xvfb and xdotool are not both installed')
        read, write = os.pipe()
        os.set_inheritable(write, True)
        self.folder = t.scratch()
        # Without -noreset it begins anew when a window goes, and the next one may come in between.
        self.child = subprocess.Popen(['Xvfb', '-displayfd', str(write), '-screen', '0', '1000x900x24', '-nolisten', 'tcp',
                                       '-noreset'],
                                      pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as f:
            self.display = ':' + f.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait(30)


class Window(t.Process):
    def __init__(self, screen, segment, *arguments):
        runtime = t.scratch()
        os.chmod(runtime, 0o700)
        env = {'DISPLAY': screen.display, 'GDK_BACKEND': 'x11', 'GSK_RENDERER': 'cairo', 'LC_ALL': 'C.UTF-8',
               'G_MESSAGES_DEBUG': 'all', 'NO_AT_BRIDGE': '1', 'GTK_A11Y': 'none', 'XDG_RUNTIME_DIR': runtime,
               'DBUS_SESSION_BUS_ADDRESS': 'unix:path=' + os.path.join(runtime, 'none'), 'HOME': runtime}
        self.screen = screen
        t.Process.__init__(self, t.program('hoga-gtk'), '--segment', segment, *arguments, env=env)
        self.drain()
        t.wait_until(self.shown, 60, 'a window', every=0.1)

    def xdotool(self, *words):
        return subprocess.run(['xdotool', *words], env=dict(os.environ, DISPLAY=self.screen.display), text=True,
                              capture_output=True, check=False, timeout=60)

    def shown(self):
        return self.xdotool('search', '--onlyvisible', '--pid', str(self.pid)).stdout.strip() or \
            self.xdotool('search', '--onlyvisible', '--name', 'hoga').stdout.strip()

    def ticks(self):
        with open('/proc/%d/stat' % self.pid) as f:
            words = f.read().rsplit(')', 1)[1].split()
        return int(words[11]) + int(words[12])

    def ends(self):
        t.check(self.wait(30) == 0, self.log())
        words = self.log()
        t.check('CRITICAL' not in words and 'Gtk-WARNING' not in words, words)
        self._close()
        return [tuple(map(int, found)) for found in re.findall(r'rows drawn (\d+), kept (\d+)', words)]


def ends_in_order(screen, segment):
    for way in (signal.SIGINT, signal.SIGTERM, 'q'):
        window = Window(screen, segment.path, 'upbit:KRW-BTC')
        if way == 'q':
            window.xdotool('mousemove', '200', '300', 'key', 'q')
        else:
            window.child.send_signal(way)
        window.ends()


def draws_what_changes(screen, segment):
    window = Window(screen, segment.path, 'upbit:KRW-BTC')
    pause = threading.Event()
    pause.wait(1.5)  # start-up and the first flashes are over
    before, began = window.ticks(), time.monotonic()
    pause.wait(2)
    share = (window.ticks() - before) / HZ / (time.monotonic() - began)
    print('idle: %.1f %% of a core' % (100 * share))
    for size in range(40):  # of a busy machine's frames some show several at once
        segment.book('KRW-BTC', '100:%d,99:6,98:900' % (5 + size), '101:7,102:8', LIVE)
        pause.wait(0.05)
    window.child.send_signal(signal.SIGINT)
    (drawn, kept), = [pair for pair in window.ends() if sum(pair)]
    print('rows drawn %d, kept %d' % (drawn, kept))
    t.check(kept > 2 * drawn, 'rows that did not change were drawn: %d drawn, %d kept' % (drawn, kept))


def waits_for_its_segment(screen):
    path = os.path.join(t.scratch(), 'books')
    window = Window(screen, path, 'upbit:KRW-BTC')
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '20') as sim, t.Hogad(sim, segment=path):
        t.wait_until(lambda: t.book(path, 'upbit:KRW-BTC', '--live'), 30, 'a live book')
        t.wait_until(lambda: path + '' in open('/proc/%d/maps' % window.pid).read(), 30, 'the window maps the segment')
    window.child.send_signal(signal.SIGTERM)
    window.ends()


def says_wrong_usage():
    for wrong in (('--style', 'blue'), ('nocolon',), ('--nothing',)):
        done = subprocess.run([t.program('hoga-gtk'), *wrong], capture_output=True, text=True, check=False, timeout=60,
                              env=dict(os.environ, LC_ALL='C.UTF-8'))
        t.check(done.returncode != 0 and done.stderr, (wrong, done))
    done = subprocess.run([t.program('hoga-gtk'), '--version'], capture_output=True, text=True, check=False, timeout=60)
    t.check(re.match(r'hoga-gtk [0-9.]+\n', done.stdout), done)


def main():
    t.program('hoga-gtk')
    says_wrong_usage()
    with Screen() as screen:
        for part in (ends_in_order, draws_what_changes):
            with Segment() as segment:
                segment.book('KRW-BTC', '100:5,99:6,98:900', '101:7,102:8', LIVE)
                part(screen, segment)
        waits_for_its_segment(screen)


main()
