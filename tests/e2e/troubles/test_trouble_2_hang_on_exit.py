#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trouble 2: the application hangs on exit. Here a window is opened and closed a hundred times, also while hogad stands
still, and each time the program is gone within a second."""

import concurrent.futures
import signal

from troubles import Window, need, t

TIMES = 100
TEXT = '''
import sys
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from hoga.qt import OrderBookWidget
app = QApplication(sys.argv)
book = OrderBookWidget('upbit:KRW-BTC')
wanted = sys.argv[1]
def close():
    if book.state != wanted:  # not yet, or hogad has had no processor for half a second
        QTimer.singleShot(20, close)
        return
    print('closing', book.state, flush=True)
    book.close()
book.show()
QTimer.singleShot(20, close)
app.exec()
'''


def once(hogad, state):
    """How long it took to end, without what it had no processor for."""
    window = Window(hogad, TEXT, state)
    window.until('closing', 60)
    seconds = t.Stopwatch(window.pid).until_end()
    window.ends()
    return seconds


def main():
    need('PyQt6.QtWidgets')
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '100') as sim, t.Hogad(sim) as hogad:
        t.live(hogad, 'upbit:KRW-BTC')
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = list(pool.map(lambda _: once(hogad, 'live'), range(TIMES - 5)))
        hogad.child.send_signal(signal.SIGSTOP)
        runs += [once(hogad, 'down') for _ in range(5)]
        hogad.child.send_signal(signal.SIGCONT)
        print('%d windows, slowest exit %.2f s' % (len(runs), max(runs)))
        t.check(len(runs) == TIMES and max(runs) < 1, runs)


main()
