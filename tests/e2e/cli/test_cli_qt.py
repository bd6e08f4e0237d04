#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""OrderBookWidget as somebody else's program has it: each row's click is its price, a name that is none ends no program,
update numbers fit Qt's int, numbers without room say so, old numbers are fainter than live ones, and
without a display there are words."""

import os
import subprocess

from cli_support import FAILED, LIVE, Segment, environment, t

PYTHON = '/usr/bin/python3'
PROGRAM = '''
import sys
from decimal import Decimal
from PyQt6.QtCore import QPoint, Qt, pyqtSlot
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from hoga._qt_words import fit, share
from hoga.qt import OrderBookWidget

app = QApplication(sys.argv)
book = OrderBookWidget('upbit:KRW-BTC', levels=4)
states, clicked, updates = [], [], []


@pyqtSlot(str, int)
def on_update(name, update):
    updates.append(update)


def wait(is_done):
    for _ in range(2000):
        if is_done():
            return
        QTest.qWait(20)
    raise SystemExit('not within 40 s: %s' % states)


def say(*what):
    print(*what, flush=True)


def darkest():
    image = book.grab().toImage()
    line = book.height() / (2 * 4 + 5)
    return min(image.pixelColor(x, y).lightness() for y in range(int(5 * line), int(8 * line)) for x in range(4, book.width() - 4))


book.state_changed.connect(lambda *words: states.append(words))
book.price_clicked.connect(lambda *words: clicked.append(words))
book.book_updated.connect(on_update)
book.show()
wait(lambda: book.state == 'live')
rows = book.ladder.rows()
wanted = [(book.name, row.price, row.side) for row in rows if row.side]
was = -1
for y in range(book.height()):
    if book.row_at(y) != was:
        was = book.row_at(y)
        QTest.mouseClick(book, Qt.MouseButton.LeftButton, pos=QPoint(30, y + 2))
say('clicks', clicked == wanted and len(wanted) == 5, clicked)

QTest.keyClick(book, Qt.Key.Key_Escape)
wait(lambda: book.state == 'live')
bright = darkest()
say('ready')
sys.stdin.readline()
wait(lambda: book.state == 'failed')
say('faint', darkest() > bright + 20, bright, darkest())
sys.stdin.readline()
wait(lambda: book.state == 'live')

for name in ('foo', '', 'upbit:Q99' + 'Y' * 90):
    book.set_book(name)
    QTest.qWait(50)
    say('name', book.name == name and book.state == '-' and book.row_at(book.height() // 2) < 0, states[-1])
book.set_book('upbit:KRW-BTC')
wait(lambda: book.state == 'live')

type(book.ladder).update_number = property(lambda ladder: 2 ** 33 + 5)
sys.stdin.readline()
wait(lambda: updates and updates[-1] == 5)
say('update', all(number >= 0 for number in updates))

value = Decimal('987654321098.125')
say('fit', [fit(value, 3, n) for n in (19, 18, 16, 15, 13, 12)] == [
    '987,654,321,098.125', '987,654,321,098.1~', '987,654,321,098~', '987654321098.1~', '987654321098~', '#' * 12])
say('share', [share(n) for n in (26, 999, 4000, 0)] == ['0.0026 %', '0.0999 %', '0.40 %', '0.00 %'])
say('end')
'''


def main():
    done = subprocess.run([PYTHON, '-c', 'import PyQt6.QtTest'], capture_output=True, text=True, check=False)
    if done.returncode:
        t.skip('%s: %s' % (PYTHON, done.stderr.strip().split('\n')[-1]))
    bids, asks = '1165000:5,1164000:10', '1166000:3,1167000:12,1168000:123456789012'
    folder = t.scratch()
    os.chmod(folder, 0o700)
    with Segment() as segment:
        segment.book('KRW-BTC', bids, asks, LIVE)
        env = environment(segment, HOGA_LIBRARY=os.path.join(t.BUILD, 'client', 'lib', 'libhoga.so.0'), XDG_RUNTIME_DIR=folder,
                          PYTHONPATH=os.path.join(t.TOP, 'client', 'python'), PYTHONDONTWRITEBYTECODE='1',
                          QT_QPA_PLATFORM='offscreen')
        program = subprocess.Popen([PYTHON, '-c', PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        steps = [lambda: segment.book('KRW-BTC', bids, asks, FAILED, 3), lambda: segment.book('KRW-BTC', bids, asks, LIVE),
                 lambda: segment.book('KRW-BTC', bids, asks.replace('12,', '13,'), LIVE)]
        said = {}
        for line in program.stdout:
            word, _, rest = line.strip().partition(' ')
            said[word] = rest
            t.check(rest.startswith('True') or word in ('ready', 'end'), line)
            if word in ('ready', 'faint') or (word == 'name' and len(steps) == 1 and 'Q99' in rest):
                steps.pop(0)()
                program.stdin.write('\n')
                program.stdin.flush()
        t.check(program.wait(t.STOP_SECONDS) == 0 and 'end' in said, said)
        for name in ('QT_QPA_PLATFORM', 'DISPLAY', 'WAYLAND_DISPLAY'):
            env.pop(name, None)
        done = subprocess.run([PYTHON, '-m', 'hoga.qt', 'upbit:KRW-BTC'], env=env, capture_output=True, text=True, check=False)
        t.check(done.returncode == 1 and 'no display' in done.stderr and 'hoga ladder upbit:KRW-BTC' in done.stderr, done)


main()
