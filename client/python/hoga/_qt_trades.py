# SPDX-License-Identifier: MIT
"""The last trades (체결) of an OrderBookWidget's book, newest first; it draws when its book does."""
from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Optional

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPalette
from PyQt6.QtWidgets import QWidget

from ._facts import Trade
from ._qt_words import _, number

if TYPE_CHECKING:
    from .qt import OrderBookWidget


class TradesWidget(QWidget):
    """Beside `book`: time, price and size; + bought, - sold by the taker."""

    def __init__(self, book: 'OrderBookWidget', parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._book = book
        self._newest = 0
        self.setFont(book.font())
        self.setAccessibleName(_('last trades'))
        book.trades_changed.connect(self._look)

    def _trades(self) -> list[Trade]:
        return self._book.ladder.trades() if self._book.ladder else []

    def _look(self) -> None:
        trades = self._trades()
        newest = trades[0].number if trades else 0
        if newest != self._newest:
            self._newest = newest
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(int(QFontMetricsF(self.font()).horizontalAdvance('0') * 36), self._book.sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.sizeHint().width(), 0)

    def paintEvent(self, event: Optional[QPaintEvent]) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setFont(self.font())
        palette = self.palette()
        colours = self._book.colours
        line, width = QFontMetricsF(self.font()).height() + 3, float(self.width())
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        price_right = QFontMetricsF(self.font()).horizontalAdvance('0') * 23
        trades = self._trades()
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        painter.drawText(QRectF(4, 0, width - 8, line), left, _('last trades'))
        if not trades:
            painter.drawText(QRectF(4, line, width - 8, line), left, _('none known'))
        for index, trade in enumerate(trades[:max(0, int(self.height() / line) - 1)]):
            y = line * (index + 1)
            when = datetime.datetime.fromtimestamp((trade.venue_ns or trade.recv_ns) / 1e9).strftime('%H:%M:%S')
            painter.setPen(palette.color(QPalette.ColorRole.WindowText))
            painter.drawText(QRectF(4, y, width - 8, line), left, when)
            painter.setPen(colours.up if trade.side == 'buy' else colours.down)
            mark = {'buy': '+', 'sell': '-'}.get(trade.side, ' ')
            painter.drawText(QRectF(4, y, price_right, line), right, mark + number(trade.price, 0))
            painter.drawText(QRectF(4, y, width - 8, line), right, number(trade.size, 0))
        painter.end()
