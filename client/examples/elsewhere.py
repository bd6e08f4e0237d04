# SPDX-License-Identifier: MIT
# A window on a machine without hoga (Windows, macOS): books come line by line from another one.
#   python3 elsewhere.py ssh trader@host hoga watch --json upbit:KRW-BTC
#   python3 elsewhere.py wsl hoga watch --json upbit:KRW-BTC
import json
import sys

from PyQt6.QtCore import QProcess
from PyQt6.QtWidgets import QApplication, QLabel

app = QApplication(sys.argv)
label, process = QLabel('connecting'), QProcess()


def on_lines():
    while process.canReadLine():
        book = json.loads(bytes(process.readLine()))
        best = (book['bids'][0][0], book['asks'][0][0]) if book['bids'] and book['asks'] else ('-', '-')
        label.setText('%s  %s  %s / %s' % (book['name'], book['state'], *best))
        print(label.text(), flush=True)


process.readyReadStandardOutput.connect(on_lines)
process.finished.connect(lambda code: label.setText('the connection has ended (%d): not live' % code))
process.start(sys.argv[1], sys.argv[2:])
label.show()
sys.exit(app.exec())
