#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trouble 7: a cancelled task's error is swallowed, and the window shows old numbers. Here hogad is killed, stopped and
cut off from its exchange; the window says so within a second, goes on by itself, and never freezes."""

import signal
import time

from troubles import Window, need, t

TEXT = '''
import sys, time
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from hoga.qt import OrderBookWidget
app = QApplication(sys.argv)
book = OrderBookWidget('upbit:KRW-BTC')
book.state_changed.connect(lambda name, state, reason: print('state', state or '-', reason, flush=True))
print('state', book.state or '-', '', flush=True)
last, gap = time.monotonic(), 0.0
def beat():
    global last, gap
    now = time.monotonic()
    gap, last = max(gap, now - last), now
timer = QTimer()
timer.timeout.connect(beat)
timer.start(20)
def went_on(*_):
    global last
    last = time.monotonic()  # we stopped it; that is not its standing still
book.show()
import signal
signal.signal(signal.SIGCONT, went_on)
signal.signal(signal.SIGINT, lambda *_: (print('gap %.3f' % gap, flush=True), app.quit()))
sys.exit(app.exec())
'''
SECONDS = 1


def seen(window, states, what):
    """The window says one of the states within a second of now."""
    began = time.monotonic()
    while window.until('state', SECONDS + 1).split()[1] not in states:
        pass
    seconds = time.monotonic() - began
    print('%-20s seen after %.2f s' % (what, seconds), flush=True)
    t.check(seconds <= SECONDS, '%s: %.2f s' % (what, seconds))


def live_again(window, seconds=10):
    while window.until('state', seconds).split()[1] != 'live':
        pass


def live_since(hogad):
    book = t.book(hogad, 'upbit:KRW-BTC', '--live')
    return book and book['since_ns']


def main():
    need('PyQt6.QtWidgets')
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '50') as sim:
        hogad = t.Hogad(sim)
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 10, 'a live book')
        window = Window(hogad, TEXT)
        live_again(window, 30)
        hogad.child.send_signal(signal.SIGSTOP)
        seen(window, ('down',), 'hogad stands still')
        hogad.child.send_signal(signal.SIGCONT)
        live_again(window)
        sim.fault('http:503:n=2 drop')  # else it is back before the next frame is drawn
        seen(window, ('down', 'stale', 'syncing'), 'the link is cut')
        live_again(window, 20)
        window.child.send_signal(signal.SIGSTOP)  # it looks away
        since = live_since(hogad)
        sim.fault('drop')
        t.wait_until(lambda: live_since(hogad) not in (None, since), 10, 'back already')
        window.child.send_signal(signal.SIGCONT)
        t.check(window.until('state', SECONDS).split()[1] == 'live', 'it was away meanwhile, and the window says so')
        hogad.kill()
        seen(window, ('down',), 'hogad is killed')
        with t.Hogad(sim, segment=hogad.segment) as again:
            live_again(window)
            t.check(again.stop() == 0, 'hogad stops')
        seen(window, ('down',), 'hogad is stopped')
        window.child.send_signal(signal.SIGINT)
        gap = float(window.until('gap').split()[1])
        window.ends()
        t.check(gap < 0.5, 'the window stood still for %.2f s' % gap)


main()
