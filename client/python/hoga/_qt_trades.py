# SPDX-License-Identifier: MIT
"""The last trades (체결) of an OrderBookWidget's book, newest first; it draws when its book does."""
from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Optional

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPalette
from PyQt6.QtWidgets import QWidget

from ._facts import Trade
from ._qt_interrupt import interruptible, painting_take
from ._qt_words import _, decimals_of, fit, number

if TYPE_CHECKING:
    from .qt import OrderBookWidget

TIME_COLUMNS = 9  # "22:45:13 "
PRICE_COLUMNS_MIN = 8


class TradesWidget(QWidget):
    """Beside `book`: time, price and size; + bought, - sold by the taker."""

    def __init__(self, book: 'OrderBookWidget', parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._book = book
        self._newest = 0
        self.setFont(book.font())
        self.setAccessibleName(_('last trades'))
        if type(self).paintEvent is TradesWidget.paintEvent:
            setattr(self, 'paintEvent', painting_take(self))
        book.trades_changed.connect(self._look)

    def _trades(self) -> list[Trade]:
        return self._book.ladder.trades() if self._book.ladder else []

    @interruptible
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
        self._paint(event)

    def _paint(self, _event: Optional[QPaintEvent]) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        palette = self.palette()
        colours = self._book.colours
        metrics = QFontMetricsF(self.font())
        line, width, digit = metrics.height() + 3, float(self.width()), metrics.horizontalAdvance('0')
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        trades = self._trades()[:max(0, int(self.height() / line) - 1)]
        decimals = max((decimals_of(trade.size) for trade in trades), default=0)
        prices = max((len(number(trade.price, 0)) for trade in trades), default=0) + 1
        price_right = digit * (TIME_COLUMNS + max(prices, PRICE_COLUMNS_MIN))
        columns = int((width - 8 - price_right) / digit) - 1  # for sizes
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        painter.drawText(QRectF(4, 0, width - 8, line), left, _('last trades'))
        if not trades:
            painter.drawText(QRectF(4, line, width - 8, line), left, _('none known'))
        for index, trade in enumerate(trades):
            y = line * (index + 1)
            when = datetime.datetime.fromtimestamp((trade.venue_ns or trade.recv_ns) / 1e9).strftime('%H:%M:%S')
            painter.setPen(palette.color(QPalette.ColorRole.WindowText))
            painter.drawText(QRectF(4, y, width - 8, line), left, when)
            painter.setPen(colours.up if trade.side == 'buy' else colours.down)
            mark = {'buy': '+', 'sell': '-'}.get(trade.side, ' ')
            painter.drawText(QRectF(4, y, price_right, line), right, mark + number(trade.price, 0))
            painter.drawText(QRectF(4, y, width - 8, line), right, fit(trade.size, decimals, columns))
        painter.end()
