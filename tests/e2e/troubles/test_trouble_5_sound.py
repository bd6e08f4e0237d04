#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trouble 5: a media player made in a coroutine crashes. Here a QMediaPlayer lives in the GUI's own thread and plays
while the book is updated a thousand times a second; no asyncio and no network code is in the program."""

from troubles import Window, need, t

TEXT = '''
import math, os, struct, sys, time, wave
from PyQt6.QtCore import QTimer, QUrl
from PyQt6.QtMultimedia import QAudioOutput, QMediaPlayer
from PyQt6.QtWidgets import QApplication
from hoga.qt import OrderBookWidget
path = os.path.join(sys.argv[1], 'beep.wav')
with wave.open(path, 'wb') as f:
    f.setnchannels(1)
    f.setsampwidth(2)
    f.setframerate(8000)
    f.writeframes(b''.join(struct.pack('<h', int(9000 * math.sin(i / 3))) for i in range(8000)))
app = QApplication(sys.argv)
book = OrderBookWidget('upbit:KRW-BTC')
player, output = QMediaPlayer(), QAudioOutput()
player.setAudioOutput(output)
player.setSource(QUrl.fromLocalFile(path))
updates, statuses = [], set()
book.book_updated.connect(lambda name, update: updates.append(update))
player.mediaStatusChanged.connect(lambda status: statuses.add(status.name))
book.show()
player.play()
def again():
    player.stop()
    player.play()
timer = QTimer()
timer.timeout.connect(again)
timer.start(200)
ends = time.monotonic() + 60
def end():
    # Three seconds of it, and as many more as a machine under load takes for so many.
    if time.monotonic() < ends and not (len(updates) > 30 and updates[-1] - updates[0] > 1000 and statuses):
        QTimer.singleShot(200, end)
        return
    loops = [m for m in ('asyncio', 'ssl', 'hoga.aio') if m in sys.modules]
    print('played', len(updates) > 30, updates[-1] - updates[0] > 1000, sorted(statuses)[:3] != [], loops, flush=True)
    player.stop()
    book.close()
    app.quit()
QTimer.singleShot(3000, end)
app.exec()
'''


def main():
    need('PyQt6.QtMultimedia')
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '1000') as sim, t.Hogad(sim) as hogad:
        t.live(hogad, 'upbit:KRW-BTC')
        window = Window(hogad, TEXT, t.scratch())
        line = window.until('played', 60)
        window.ends()
        t.check(line == 'played True True True []', line)


main()
