#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trouble 3: Ctrl+C ends in a core dump. Here SIGINT and SIGTERM end `python3 -m hoga.qt` with 0, and so they end the
tool that follows a book; and SIGINT ends the event loop of a program that has a widget and has not said what it does
then, while the handler stays Python's and no widget is kept alive."""

import signal

from troubles import Window, need, t

TEXT = '''
import sys
from PyQt6.QtCore import QTimer
from hoga import _qt_main, qt
made = qt.OrderBookWidget.showEvent
def shown(self, event):
    made(self, event)
    QTimer.singleShot(0, lambda: print('shown', flush=True))
qt.OrderBookWidget.showEvent = shown
sys.exit(_qt_main.run(['upbit:KRW-BTC']))
'''

PLAIN = '''
import functools, gc, signal, sys, weakref
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
signal.signal(signal.SIGINT, signal.default_int_handler)  # as at a shell, whoever started the test
from hoga.qt import OrderBookWidget, TradesWidget
app = QApplication(sys.argv)
gc.disable()
gone = OrderBookWidget('upbit:KRW-BTC')
watched = weakref.ref(gone)
del gone
book = OrderBookWidget('upbit:KRW-BTC')
trades = TradesWidget(book)
seen = []
def on_state(name, state, reason):
    if state == 'live' and not seen:
        seen.append(state)
        is_python_s = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        # No function of this program's own: it would have to catch what comes while it runs.
        QTimer.singleShot(100, functools.partial(print, 'shown', is_python_s, watched() is None, flush=True))
book.state_changed.connect(on_state)
book.show()
trades.show()
sys.exit(app.exec())
'''


def main():
    need('PyQt6.QtWidgets')
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '100') as sim, t.Hogad(sim) as hogad:
        t.live(hogad, 'upbit:KRW-BTC')
        for number in (signal.SIGINT, signal.SIGTERM) * 3:
            window = Window(hogad, TEXT)
            window.until('shown', 30)
            watch = t.Stopwatch(window.pid)
            window.child.send_signal(number)
            seconds = watch.until_end()
            window.ends(0)
            t.check(seconds < 1, 'at once: %.2f s' % seconds)
        for _ in range(4):
            window = Window(hogad, PLAIN)
            t.check(window.until('shown', 30) == 'shown True True', 'no handler, no widget kept')
            window.child.send_signal(signal.SIGINT)
            window.ends(0)
        watch = t.Process(t.program('hoga'), 'watch', 'upbit:KRW-BTC', '--segment', hogad.segment)
        watch.line()
        t.check(watch.stop(signal.SIGINT) == 0, 'hoga watch')


main()
