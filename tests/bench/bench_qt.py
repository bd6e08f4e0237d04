#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""One window two ways: fed inside its own process by an asyncio loop in the GUI's thread (a WebSocket client, json and
Decimal, as such windows are written), and through hogad and shared memory. Both draw the same widget at 30 Hz from the
same simulator. Per rate, rounds interleaved, medians:

age_p99_us     of the books that are drawn: from the frame's arrival to when the window could read it. Through hoga that
               is the kernel's time of arrival to publication; inside the process, where nobody asks the kernel, the
               frame's own time (in ms) to the end of its decoding, less the least of the run, which favours the peer.
cpu_percent    of the window's process, of one core
books_per_s    that reached the window's process or its segment"""

import json
import os
import statistics
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'e2e', 'troubles'))
from troubles import Window, need, t  # noqa: E402

RATES = (100, 1000, 5000)
SECONDS, ROUNDS = 5, 3

COMMON = '''
import json, os, sys, time
from decimal import Decimal
from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QFontDatabase, QPainter
from PyQt6.QtWidgets import QApplication, QWidget
SECONDS = float(sys.argv[1])
ages, draws = [], [0]

class Plain(QWidget):
    """Thirty rows of text: as cheap as a window can be, the same both ways."""
    rows = []
    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        for i, (price, size) in enumerate(self.rows):
            painter.drawText(4, 14 * (i + 1), '%16s %18s' % (price, size))
        painter.end()
        draws[0] += 1

app = QApplication(sys.argv)
window = Plain()
window.resize(360, 460)
window.show()
began = os.times()

def done(n_books):
    times = os.times()
    ages.sort()
    print('result', json.dumps({'ages_ns': ages, 'cpu_s': times.user + times.system - began.user - began.system, 'books': n_books,
                                'draws': draws[0]}), flush=True)
    app.quit()
'''

HOGA = COMMON + '''
import hoga
segment = hoga.open()
book = segment['upbit:KRW-BTC']
first, seen = book.read_top().applied, [0]
def tick():
    if book.update == seen[0]:
        return
    view = book.read(15)
    seen[0] = view.update
    ages.append(view.publish_ns - view.recv_ns)
    window.rows = [(l.price, l.size) for l in reversed(view.asks)] + [(l.price, l.size) for l in view.bids]
    window.update()
timer = QTimer()
timer.timeout.connect(tick)
timer.start(33)
QTimer.singleShot(int(SECONDS * 1000), lambda: done(book.read_top().applied - first))
sys.exit(app.exec())
'''

ASYNCIO = COMMON + '''
import asyncio, websockets
latest, n = [None, 0, 0], [0]
async def feed(url):
    async with websockets.connect(url, max_size=None) as ws:
        await ws.send(json.dumps([{'ticket': 'b'}, {'type': 'orderbook', 'codes': ['KRW-BTC']}]))
        async for frame in ws:
            message = json.loads(frame, parse_float=Decimal, parse_int=Decimal)
            if message.get('type') != 'orderbook':
                continue
            units = message['orderbook_units'][:15]
            latest[0] = ([(u['ask_price'], u['ask_size']) for u in reversed(units)] +
                         [(u['bid_price'], u['bid_size']) for u in units])
            latest[1] = n[0] = n[0] + 1
            latest[2] = time.time_ns() - int(message['timestamp']) * 1_000_000
async def pump(task):
    """The GUI's events in the loop's own turn, as qasync does it; draws at 30 Hz."""
    end, shown, due = time.monotonic() + SECONDS, 0, 0.0
    while time.monotonic() < end:
        app.processEvents()
        if time.monotonic() >= due and latest[1] != shown:
            due, shown = time.monotonic() + 0.033, latest[1]
            ages.append(latest[2])
            window.rows = latest[0]
            window.update()
        await asyncio.wait({task}, timeout=0.001)
async def main():
    task = asyncio.create_task(feed(sys.argv[2]))
    await pump(task)
    task.cancel()
    least = min(ages, default=0)
    ages[:] = [age - least for age in ages]
    done(n[0])
    os._exit(0)  # the loop would wait for the connection's close
asyncio.run(main())
'''


def run(hogad, text, *arguments):
    window = Window(hogad, text, str(SECONDS), *arguments)
    line = window.until('result', SECONDS + 60)
    window.ends()
    return json.loads(line.split(' ', 1)[1])


def percentile(values, share):
    return values[min(len(values) - 1, int(len(values) * share))] if values else None


def measure(sim, hogad):
    found = {'hoga': [], 'asyncio': []}
    for _ in range(ROUNDS):
        for way, text, more in (('hoga', HOGA, ()), ('asyncio', ASYNCIO, (sim.url,))):
            found[way].append(run(hogad, text, *more))
    return found


def main():
    need('PyQt6.QtWidgets', 'websockets')
    for rate in RATES:
        with t.Sim('--symbols', 'KRW-BTC', '--rate', str(rate)) as sim, t.Hogad(sim, venue='trades = no\nday = no') as hogad:
            t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 10, 'a live book')
            for way, rounds in measure(sim, hogad).items():
                p99 = [percentile(r['ages_ns'], 0.99) for r in rounds]
                cpu = [100 * r['cpu_s'] / SECONDS for r in rounds]
                books = [r['books'] / SECONDS for r in rounds]
                print(json.dumps({'bench': 'window_%s_%d' % (way, rate), 'rounds': ROUNDS, 'seconds': SECONDS,
                                  'age_p99_us': round(statistics.median(p99) / 1000),
                                  'cpu_percent': round(statistics.median(cpu), 1),
                                  'books_per_s': round(statistics.median(books))}), flush=True)


if __name__ == '__main__':
    main()
