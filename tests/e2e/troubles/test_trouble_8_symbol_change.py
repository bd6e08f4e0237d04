#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trouble 8: changing the symbol needs a delayed call to dodge the loop. Here a window changes it a thousand times within
a minute, at once each time, and never shows one book's price under another's name."""

from troubles import WAITED, Window, need, t

TEXT = WAITED + '''
import resource, sys, time
from decimal import Decimal
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from hoga.qt import OrderBookWidget
RANGES = {'upbit:KRW-BTC': (50_000_000, 300_000_000), 'upbit:KRW-ETH': (1_000_000, 20_000_000), 'upbit:KRW-XRP': (300, 30_000)}
app = QApplication(sys.argv)
book = OrderBookWidget('upbit:KRW-BTC')
book.show()
names, wrong, n, began, lost = list(RANGES), [], 0, time.monotonic(), waited()
first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

def change():
    global n, first
    name = names[n % 3]
    book.set_book(name)
    low, high = RANGES[name]
    prices = [row.price for row in book.ladder.rows() if row.side]
    is_silent = book.ladder.reason == 'daemon-silent'  # has had no processor for half a second
    if not (book.state == 'live' or is_silent) or not prices or not all(low < price < high for price in prices):
        wrong.append((n, name, book.state, book.ladder.reason, prices[:2]))
    n += not is_silent
    if n == 100:
        first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if n == 1000:
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - first
        print('changed', n, wrong[:3], time.monotonic() - began - (waited() - lost) < 60, grown < 4096, grown, flush=True)
        app.quit()

timer = QTimer()
timer.timeout.connect(change)
timer.start(5)
app.exec()
'''


def main():
    need('PyQt6.QtWidgets')
    symbols = ('KRW-BTC', 'KRW-ETH', 'KRW-XRP')
    with t.Sim('--symbols', ','.join(symbols), '--rate', '50') as sim, t.Hogad(sim, symbols) as hogad:
        for symbol in symbols:
            t.live(hogad, 'upbit:' + symbol)
        window = Window(hogad, TEXT)
        line = window.until('changed', 150)
        window.ends()
        t.check(line.startswith('changed 1000 [] True True'), line)


main()
