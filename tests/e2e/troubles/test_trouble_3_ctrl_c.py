#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trouble 3: Ctrl+C ends in a core dump. Here SIGINT and SIGTERM end `python3 -m hoga.qt` with 0, and so they end the
tool that follows a book."""

import signal
import time

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


def main():
    need('PyQt6.QtWidgets')
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '100') as sim, t.Hogad(sim) as hogad:
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 10, 'a live book')
        for number in (signal.SIGINT, signal.SIGTERM) * 3:
            window = Window(hogad, TEXT)
            window.until('shown', 30)
            began = time.monotonic()
            window.child.send_signal(number)
            window.ends(0)
            t.check(time.monotonic() - began < 1, 'at once: %.2f s' % (time.monotonic() - began))
        watch = t.Process(t.program('hoga'), 'watch', 'upbit:KRW-BTC', '--segment', hogad.segment)
        watch.line()
        t.check(watch.stop(signal.SIGINT) == 0, 'hoga watch')


main()
