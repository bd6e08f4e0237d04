#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trouble 7: a cancelled task's error is swallowed, and the window shows old numbers. Here hogad is killed, stopped and
cut off from its exchange; the window says so within a second, goes on by itself, and never freezes."""

import signal
import threading
import time

from troubles import WAITED, Window, need, t

TEXT = WAITED + '''
import signal, sys, time
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from hoga.qt import OrderBookWidget
app = QApplication(sys.argv)
book = OrderBookWidget('upbit:KRW-BTC')
def say(state, reason):
    print('state', state or '-', time.monotonic(), waited(), reason, flush=True)
book.state_changed.connect(lambda name, state, reason: say(state, reason))
say(book.state, '')
last, lost, gap = time.monotonic(), waited(), 0.0
def beat():
    global last, lost, gap
    now, now_lost = time.monotonic(), waited()
    gap = max(gap, now - last - (now_lost - lost))
    last, lost = now, now_lost
timer = QTimer()
timer.timeout.connect(beat)
timer.start(20)
def went_on(*_):
    global last, lost
    last, lost = time.monotonic(), waited()  # we stopped it; that is not its standing still
book.show()
signal.signal(signal.SIGCONT, went_on)
signal.signal(signal.SIGINT, lambda *_: (print('gap %.3f' % gap, flush=True), app.quit()))
sys.exit(app.exec())
'''
SECONDS = 1


class Told(Window):
    """The window; what it says is kept, with the time by its own clock."""

    def __init__(self, hogad, text):
        Window.__init__(self, hogad, text)
        self.told = []
        self._reader = threading.Thread(target=self._follow, daemon=True)
        self._reader.start()

    def _follow(self):
        for line in self.child.stdout:
            self.told.append(line.decode().split())

    def states(self):
        """Each as (state, when, seconds without a processor until then)."""
        return [(words[1], float(words[2]), float(words[3])) for words in list(self.told) if words[0] == 'state']

    def since(self, began, states):
        """What it has said since then, when it was one of these; what it had said before if it still was one of them."""
        before = [said for said in self.states() if said[1] < began][-1:]
        return [said for said in before if said[0] in states] or \
            [said for said in self.states() if said[1] >= began and said[0] in states]

    def wait_live(self, began=0.0):
        t.wait_until(lambda: self.since(began, ('live',)) and self.states()[-1][0] == 'live', 60, 'live again')


def seen(window, states, what, act):
    """The window says one of the states within a second of what is done, without what it had no processor for."""
    began, lost = time.monotonic(), t.waited(window.pid)
    act()
    _, when, until = t.wait_until(lambda: window.since(began, states), 60, what)[0]
    seconds = max(0, when - began - max(0, until - lost))
    print('%-20s seen after %.2f s' % (what, seconds), flush=True)
    t.check(seconds <= SECONDS, '%s: %.2f s' % (what, seconds))


def live_since(hogad):
    book = t.book(hogad, 'upbit:KRW-BTC', '--live')
    return book and book['since_ns']


def looks_away(sim, hogad, window):
    """It stands still while the book goes and comes back; what it says then."""
    since = t.wait_until(lambda: live_since(hogad), 60, 'live')
    window.child.send_signal(signal.SIGSTOP)
    sim.fault('drop')
    t.wait_until(lambda: live_since(hogad) not in (None, since), 60, 'back already')
    began = time.monotonic()
    window.child.send_signal(signal.SIGCONT)
    t.wait_until(lambda: [said for said in window.states() if said[1] >= began and said[0] == 'live'], 60,
                 'it was away meanwhile, and the window says so')


def main():
    need('PyQt6.QtWidgets')
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '50') as sim:
        hogad = t.Hogad(sim)
        t.live(hogad, 'upbit:KRW-BTC')
        window = Told(hogad, TEXT)
        window.wait_live()
        seen(window, ('down',), 'hogad stands still', lambda: hogad.child.send_signal(signal.SIGSTOP))
        hogad.child.send_signal(signal.SIGCONT)
        window.wait_live(time.monotonic())
        # Else it is back before the next frame is drawn.
        seen(window, ('down', 'stale', 'syncing'), 'the link is cut', lambda: sim.fault('http:503:n=2 drop'))
        t.wait_until(lambda: sim.stats()['upgrades'] >= 2, 60, 'dialed anew')
        window.wait_live(time.monotonic())
        looks_away(sim, hogad, window)
        window.wait_live()
        seen(window, ('down',), 'hogad is killed', hogad.kill)
        with t.Hogad(sim, segment=hogad.segment) as again:
            window.wait_live(time.monotonic())
            seen(window, ('down',), 'hogad is stopped', lambda: t.check(again.stop() == 0, 'hogad stops'))
        window.child.send_signal(signal.SIGINT)
        gap = float(t.wait_until(lambda: [words for words in list(window.told) if words[0] == 'gap'], 60, 'its gap')[0][1])
        window.ends()
        t.check(gap < 0.5, 'the window stood still for %.2f s' % gap)


main()
