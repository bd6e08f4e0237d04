#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trouble 1: "no running event loop", locks bound to another thread's loop. Here a QThread, a plain thread, the GUI
thread and a coroutine read at once, each by plain calls."""

from troubles import Window, need, t

TEXT = '''
import sys, threading
from PyQt6.QtCore import QCoreApplication, QThread, QTimer
import hoga
assert 'asyncio' not in sys.modules, 'hoga needs no loop'
N = 2000
counts, problems = {}, []

def read(who):
    try:
        with hoga.open() as segment:
            book = segment['upbit:KRW-BTC']
            last = 0
            for _ in range(N):
                view = book.read(5)
                assert view.bid.price < view.ask.price and view.update >= last, view
                last = view.update
            counts[who] = N
    except Exception as error:
        problems.append((who, repr(error)))

class Reader(QThread):
    def run(self):
        read('QThread')

app = QCoreApplication(sys.argv)
own = hoga.open()
book = own['upbit:KRW-BTC']
qthread, thread = Reader(), threading.Thread(target=read, args=('thread',))
looks = []
timer = QTimer()
timer.timeout.connect(lambda: looks.append(book.read_top().update))
timer.start(1)

def done():
    if qthread.isFinished() and not thread.is_alive() and len(looks) > 5:
        app.quit()

poll = QTimer()
poll.timeout.connect(done)
poll.start(5)
qthread.start()
thread.start()
app.exec()

import asyncio

async def within():
    for _ in range(100):
        if not book.read().is_live:  # hogad has had no processor for half a second
            book.wait(0.5)
    return book.read().state

print('read', counts, problems, len(looks) > 5, asyncio.run(within()), flush=True)
'''


def main():
    need('PyQt6.QtCore')
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '200') as sim, t.Hogad(sim) as hogad:
        t.live(hogad, 'upbit:KRW-BTC')
        window = Window(hogad, TEXT)
        line = window.until('read', 60)
        window.ends()
        t.check(line == "read {'QThread': 2000, 'thread': 2000} [] True live" or
                line == "read {'thread': 2000, 'QThread': 2000} [] True live", line)


main()
