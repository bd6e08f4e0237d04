# SPDX-License-Identifier: MIT
"""python3 -m hoga.qt: order books side by side, and the last trades of a single one."""
from __future__ import annotations

import argparse
import locale
import os
import signal
import sys
from typing import Optional, Sequence

from PyQt6.QtWidgets import QApplication, QHBoxLayout, QWidget

from .qt import LEVELS, OrderBookWidget, TradesWidget


def run(arguments: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog='python3 -m hoga.qt', description='Order books in a window.')
    parser.add_argument('names', nargs='+', metavar='venue:SYMBOL')
    parser.add_argument('--segment', help='read this segment and no other')
    parser.add_argument('--style', choices=('auto', 'korean', 'western'), default='auto')
    parser.add_argument('--levels', type=int, default=LEVELS)
    options = parser.parse_args(arguments)
    try:
        locale.setlocale(locale.LC_ALL, '')
    except locale.Error:
        pass
    if not any(os.environ.get(name) for name in ('DISPLAY', 'WAYLAND_DISPLAY', 'QT_QPA_PLATFORM')):  # Qt would dump core
        print('%s: no display: neither DISPLAY nor WAYLAND_DISPLAY is set: hoga ladder %s shows it in a terminal' %
              (parser.prog, ' '.join(options.names)), file=sys.stderr)
        return 1
    application = QApplication(sys.argv[:1])
    window = QWidget()
    window.setWindowTitle('hoga ' + ' '.join(options.names))
    layout = QHBoxLayout(window)
    layout.setContentsMargins(4, 4, 4, 4)
    books = [OrderBookWidget(name, window, path=options.segment, style=options.style, levels=options.levels)
             for name in options.names]
    for book in books:
        layout.addWidget(book, 3)
    if len(books) == 1:
        layout.addWidget(TradesWidget(books[0], window), 2)
    # This program is ours alone; Python looks for signals whenever the display's timer ticks.
    signal.signal(signal.SIGINT, lambda *_: application.quit())
    signal.signal(signal.SIGTERM, lambda *_: application.quit())
    window.show()
    return application.exec()
