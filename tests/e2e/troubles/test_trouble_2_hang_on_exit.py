#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trouble 2: the application hangs on exit. Here a window is opened and closed a hundred times, also while hogad stands
still, and each time the program is gone within a second."""

import concurrent.futures
import signal
import time

from troubles import Window, need, t

TIMES = 100
TEXT = '''
import sys
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from hoga.qt import OrderBookWidget
app = QApplication(sys.argv)
book = OrderBookWidget('upbit:KRW-BTC')
def close():
    print('closing', book.state, flush=True)
    book.close()
book.show()
QTimer.singleShot(20, close)
app.exec()
'''


def once(hogad):
    window = Window(hogad, TEXT)
    state = window.until('closing', 30).split()[1]
    began = time.monotonic()
    window.ends()
    return state, time.monotonic() - began


def main():
    need('PyQt6.QtWidgets')
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '100') as sim, t.Hogad(sim) as hogad:
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 10, 'a live book')
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = list(pool.map(lambda _: once(hogad), range(TIMES - 5)))
        hogad.child.send_signal(signal.SIGSTOP)
        runs += [once(hogad) for _ in range(5)]
        hogad.child.send_signal(signal.SIGCONT)
        slowest = max(seconds for _, seconds in runs)
        print('%d windows, slowest exit %.2f s' % (len(runs), slowest))
        t.check(len(runs) == TIMES and slowest < 1, slowest)
        t.check({state for state, _ in runs[:-5]} == {'live'}, {state for state, _ in runs})
        t.check(runs[-1][0] == 'down', runs[-1])


main()
