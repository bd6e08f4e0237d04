# SPDX-License-Identifier: MIT
"""How an OrderBookWidget's book is drawn: head, verdict, rows, spread, foot. Old numbers are faint, and what has no room
says so: a number is cut behind its last digits with a ~, never in silence."""
from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Optional

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPalette

from ._qt_words import _, age, decimals_of, fit, is_korean, number, percent, share
from .ladder import BAR_MAX, FLASH_MAX, Ladder, Row

if TYPE_CHECKING:
    from .qt import OrderBookWidget

NUMBER_COLUMNS_MIN = 12
PERCENT_COLUMNS = 10
MARGIN = 4
FAINT = 0.6


class BookPainter:
    """One drawing of `rows`, what the widget read last."""

    def __init__(self, widget: 'OrderBookWidget', painter: QPainter, ladder: Ladder, rows: list[Row], line: float) -> None:
        self._widget, self._painter, self._ladder, self._rows, self._line = widget, painter, ladder, rows, line
        self._colours, self._width = widget.colours, float(widget.width())
        self._metrics = QFontMetricsF(widget.font())
        self._digit = self._metrics.horizontalAdvance('0')
        self._pen = widget.palette().color(QPalette.ColorRole.WindowText)
        self._columns_measure()

    def draw(self, boundary: int) -> int:
        """Returns: lines that the verdict takes; with two it covers the first row."""
        y = 2 * self._line
        self._head_draw()
        self._painter.setOpacity(1.0 if self._ladder.is_live else FAINT)
        for index in range(len(self._rows) + 1):
            if index == boundary:
                self._spread_draw(y)
                y += self._line
            if index < len(self._rows):
                self._row_draw(self._rows[index], y, *self._texts[index])
                y += self._line
        self._painter.setOpacity(1.0)
        self._foot_draw()
        return self._verdict_draw()

    def _text(self, x: float, y: float, width: float, text: str, is_right: bool = False) -> None:
        flags = Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft)
        if len(text) * self._digit > width or not text.isascii():
            text = QFontMetricsF(self._painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, width)
        self._painter.drawText(QRectF(x, y, width, self._line), flags, text)

    def _fits(self, text: str) -> bool:
        return self._metrics.horizontalAdvance(text) <= self._width - 2 * MARGIN

    # --- head ---

    def _head_draw(self) -> None:
        ladder, painter, plain = self._ladder, self._painter, self._painter.font()
        instrument = ladder.instrument
        other = (instrument.name_korean if is_korean() else instrument.name_english) if instrument else ''
        bold = QFont(plain)
        bold.setBold(True)
        painter.setFont(bold)
        state = QFontMetricsF(bold).horizontalAdvance(ladder.state) + 8
        last = self._last_draw(self._width - state - 8)
        painter.setPen(self._pen)
        self._text(MARGIN, 0, self._width - state - last - 12, ladder.name + ('  ' + other if other else ''))
        painter.setPen(self._colours.bid if ladder.is_live and not self._colours.is_korean else self._pen)
        self._text(self._width - state - 4, 0, state, ladder.state, True)
        painter.setFont(plain)

    def _last_draw(self, right: float) -> float:
        """Last price and its change, up to `right`. Returns: the width taken."""
        day, change = self._ladder.day, self._ladder.last_change_ppm
        if day is None or day.last is None:
            return 0.0
        words = number(day.last, 0) + (' ' + percent(change) if change is not None else '')
        words += ' 24h' if change is not None and day.period == '24h' else ''
        self._painter.setPen(self._pen if not change else self._colours.up if change > 0 else self._colours.down)
        width = QFontMetricsF(self._painter.font()).horizontalAdvance(words) + 2
        self._painter.setOpacity(1.0 if self._ladder.is_live else FAINT)
        self._text(right - width, 0, width, words)
        self._painter.setOpacity(1.0)
        return width + self._digit

    def _verdict_draw(self) -> int:
        ladder, lines, source = self._ladder, 1, self._ladder.source
        words, ground, pen = '%s, %s' % (source, ladder.proof), QColor(0, 0, 0, 0), self._pen
        if not ladder.is_live:
            words = '%s: %s%s' % (_('NOT LIVE'), ladder.state, ': ' + _(ladder.reason_sentence) if ladder.reason else '')
            ground, pen = self._colours.alarm, self._colours.alarm_text
            if source != 'exchange':
                words = '[%s] %s' % (source, words)
            lines = 1 if self._fits(words) else 2
        elif source != 'exchange':
            words = _("source %s: these are not the market's numbers") % source
            if not self._fits(words):
                words = _('%s: not the market') % source
            ground, pen = self._colours.pretend, self._colours.pretend_text
        self._painter.fillRect(QRectF(0, self._line, self._width, lines * self._line), ground)
        self._painter.setPen(pen)
        if lines == 1:
            self._text(MARGIN, self._line, self._width - 2 * MARGIN, words)
        else:
            self._painter.drawText(QRectF(MARGIN, self._line, self._width - 2 * MARGIN, lines * self._line),
                                   Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, words)
        return lines

    # --- rows ---

    def _columns_measure(self) -> None:
        """Decimals of prices and of amounts, width of prices and of percents."""
        known = [row for row in self._rows if row.side]
        self._prices = max((decimals_of(row.price) for row in known), default=0)
        self._amounts = max((decimals_of(row.amount) for row in known), default=0)
        self._texts = [(number(row.price, self._prices), number(row.amount, self._amounts)) if row.side else ('', '')
                       for row in self._rows]
        widest = max([len(price) for price, _amount in self._texts] + [NUMBER_COLUMNS_MIN])
        widest_amount = max((len(amount) for _price, amount in self._texts), default=0)
        self._price_width = self._digit * (widest + 1) + 20
        has_percent = self._widget.has_percent and any(row.change_ppm is not None for row in known)
        self._percent_width = self._digit * PERCENT_COLUMNS if has_percent else 0.0
        if self._width - self._price_width - self._percent_width - 6 < self._digit * widest_amount:
            self._percent_width = 0.0  # the amounts need its room
        self._left = self._price_width + self._percent_width
        self._room = int((self._width - self._left - 6) / self._digit + 0.01)  # columns of an amount

    def _row_draw(self, row: Row, y: float, price: str, amount: str) -> None:
        if not row.side:
            return
        painter, colours, left, line = self._painter, self._colours, self._left, self._line
        painter.fillRect(QRectF(0, y, self._width, line), colours.ground(row.side))
        if row.bar:
            painter.fillRect(QRectF(left, y + 1, (self._width - left - 4) * row.bar / BAR_MAX, line - 2),
                             colours.bar(row.side))
        if row.flash:
            flash = QColor(colours.flash)
            flash.setAlpha(row.flash * 160 // FLASH_MAX)
            painter.fillRect(QRectF(left - 14, y + 1, 12, line - 2), flash)
        self._price_draw(row, y, price)
        painter.setPen(self._pen)
        if row.flash:
            self._text(left - 12, y, 10, '+' if row.flash_way > 0 else '-')
        if len(amount) > self._room:
            amount = fit(row.amount, self._amounts, self._room)
        self._text(left, y, self._width - left - 6, amount, True)

    def _price_draw(self, row: Row, y: float, price: str) -> None:
        painter, colours, palette = self._painter, self._colours, self._widget.palette()
        colour = colours.ask if row.side == 'ask' else colours.bid
        if row.change_ppm and colours.is_korean:
            colour = colours.up if row.change_ppm > 0 else colours.down
        if self._percent_width and row.change_ppm is not None:
            painter.setPen(colour)
            self._text(self._price_width - 14, y, self._percent_width, percent(row.change_ppm), True)
        if row.is_chosen:
            painter.fillRect(QRectF(0, y, self._price_width - 12, self._line), palette.color(QPalette.ColorRole.Highlight))
            colour = palette.color(QPalette.ColorRole.HighlightedText)
        painter.setPen(colour)
        mark = ('>' if row.is_best else ' ') if not row.is_last else '*'
        self._text(2, y, self._price_width - 16, mark + price, True)

    def _spread_draw(self, y: float) -> None:
        ladder, words = self._ladder, _('no spread: a side is empty')
        if ladder.spread is not None:
            words = '%s (%s)' % (_('spread %s') % number(ladder.spread, 0), share(ladder.spread_ppm or 0))
            if ladder.spread_ticks is not None:
                words += _(', ticks %lld').replace('%lld', str(ladder.spread_ticks))
        if ladder.spread_way:
            words = (_('spread above, c: centre  ') if ladder.spread_way < 0 else _('spread below, c: centre  ')) + words
        colour = QColor(self._pen)
        colour.setAlpha(170)
        self._painter.setPen(colour)
        self._painter.drawLine(QPointF(0, y), QPointF(self._width, y))
        self._text(8, y, self._width - 12, words)

    # --- foot ---

    def _order_words(self) -> Optional[str]:
        """What taking everything up to the chosen row would cost."""
        chosen = next((i for i, row in enumerate(self._rows) if row.is_chosen), -1)
        order = self._ladder.order_to(chosen) if chosen >= 0 else None
        if order is None:
            return None
        texts = (_('buy %s at %s on average, %s off'), _('buy %s at %s, %s off')) if order.is_buy else (
            _('sell %s at %s on average, %s off'), _('sell %s at %s, %s off'))
        words = [text % (number(order.filled, 0), number(order.average, 0), share(order.impact_ppm)) for text in texts]
        words.append(words[1].rpartition(', ')[0])  # a number that is cut would be another one
        return next((w for w in words if self._fits(w)), words[-1])

    def _sums_words(self) -> str:
        asks, bids = self._ladder.sums()
        each = int(self._width / self._digit) // 2 - 7  # columns beside the words
        words = _('asks %s  bids %s') % (number(asks, 0), number(bids, 0))
        if not self._fits(words):
            words = _('asks %s  bids %s') % (fit(asks, 0, each), fit(bids, 0, each))
        if self._ladder.imbalance_ppm is None:
            return words
        value = percent(self._ladder.imbalance_ppm)
        return next((w for w in (words + _('  imbalance %s') % value, words + '  ' + value) if self._fits(w)), words)

    def _foot_draw(self) -> None:
        ladder, painter, line = self._ladder, self._painter, self._line
        y = self._widget.height() - 2 * line
        painter.setPen(self._pen)
        self._text(MARGIN, y, self._width - 2 * MARGIN, self._order_words() or self._sums_words())
        if ladder.is_frozen:
            since = datetime.datetime.fromtimestamp(ladder.frozen_ns / 1e9).strftime('%H:%M:%S')
            painter.fillRect(QRectF(0, y + line, self._width, line), self._colours.alarm)
            painter.setPen(self._colours.alarm_text)
            self._text(MARGIN, y + line, self._width - 2 * MARGIN, _('FROZEN since %s, f: go on') % since)
            return
        words = _('changed %s, heard %s') % (age(ladder.changed_age_ns), age(ladder.heard_age_ns))
        if ladder.step:
            words += _(', in steps of ') + ladder.step + (_(' by the venue') if ladder.is_grouped_by_venue else '')
        self._text(MARGIN, y + line, self._width - 2 * MARGIN, words)
