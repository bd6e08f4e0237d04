# SPDX-License-Identifier: MIT
# A front end in fifteen lines: PyQt6, with the row that was clicked on its standard output.
import sys

from PyQt6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
from hoga.qt import OrderBookWidget

app = QApplication(sys.argv)
window, said = QWidget(), QLabel('click a price')
layout = QVBoxLayout(window)
book = OrderBookWidget(sys.argv[1] if len(sys.argv) > 1 else 'upbit:KRW-BTC')
book.state_changed.connect(lambda name, state, reason: print(name, state, reason, flush=True))
book.price_clicked.connect(lambda name, price, side: said.setText('%s %s %s' % (name, side, price)))
layout.addWidget(book)
layout.addWidget(said)
window.show()
sys.exit(app.exec())
