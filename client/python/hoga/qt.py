# SPDX-License-Identifier: MIT
"""An order-book window (호가창) for PyQt6: `OrderBookWidget`, and `python3 -m hoga.qt upbit:KRW-BTC`.

The widget reads shared memory in the GUI's own thread, from one QTimer at display rate; while nothing has changed that
is one comparison. It has no thread, no event loop of its own, no signal handler and no network code; Ctrl+C ends the
application's event loop, unless the program says otherwise. Left alone it
shows what is wrong in words, and goes on by itself when it is well again: hogad not started, restarted, stopped, the
book not carried yet."""
from __future__ import annotations

import sys
from decimal import Decimal
from typing import Optional, Sequence

from PyQt6.QtCore import QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (QFontDatabase, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QResizeEvent,
                         QWheelEvent)
from PyQt6.QtWidgets import QWidget

from ._errors import Error, NoSegment
from ._qt_interrupt import interruptible, interrupts_take, painting_take
from ._qt_paint import BookPainter
from ._qt_trades import TradesWidget
from ._qt_words import Colours, _, is_korean
from ._segment import Lease, Segment
from ._segment import open as _open
from .ladder import Ladder, Row

RATE_HZ = 30
LOOK_FOR_SEGMENT_MS = 500
LEVELS = 15
NO_NAME = ':'  # what no book bears
UPDATE_BITS = 0x7fffffff


class OrderBookWidget(QWidget):
    """One order book.

    name      'upbit:KRW-BTC'
    segment   an open hoga.Segment of this thread; without one the widget opens its own, at `path` or by hoga's rule,
              and keeps looking for one that is not there yet
    levels    a side
    style     'korean', 'western' or 'auto' (after the language)
    rate_hz   how often a second it looks whether something has changed
    subscribe hold a lease on books that hogad does not carry (hoga.Segment.subscribe), while they are shown

    Signals:

    price_clicked(name: str, price: Decimal, side: str)   a row was clicked; side is 'ask' or 'bid', the row's
    state_changed(name: str, state: str, reason: str)     'live', or what else; '-' hogad does not carry the book, '' there
                                                          is no segment. The first comes as soon as the loop runs
    book_updated(name: str, update: int)                  at most once a display frame, when there is a newer book;
                                                          `update` in 31 bits, as Qt's int has: ladder.update_number whole
    trades_changed()                                      the ladder's last trades may be others

    `ladder` is what is shown, as numbers (hoga.ladder.Ladder): read it in a slot of book_updated; None without a segment.
    """

    price_clicked = pyqtSignal(str, Decimal, str)
    book_updated = pyqtSignal(str, int)
    trades_changed = pyqtSignal()
    # name, state ('' no segment, '-' not carried), reason; 'live' once more if it was not live between two looks
    state_changed = pyqtSignal(str, str, str)

    def __init__(self, name: str, parent: Optional[QWidget] = None, *, segment: Optional[Segment] = None,
                 path: Optional[str] = None, levels: int = LEVELS, style: str = 'auto', rate_hz: int = RATE_HZ,
                 subscribe: bool = True) -> None:
        super().__init__(parent)
        self._name, self._path, self._levels, self._subscribe = name, path, levels, subscribe
        self._segment, self._is_own = segment, segment is None
        self._ladder: Optional[Ladder] = None
        self._lease: Optional[Lease] = None
        self._problem = ''
        self._update, self._state, self._live_since_ns = 0, ('?', ''), 0
        self._group: Optional[str] = None
        self._money = self._total = False
        self._style = style
        self._colours = Colours(True, False)
        self.has_percent = True  # percent column; `p` shows and hides it
        self._rows: list[Row] = []
        self._verdict_lines = 1
        self._name_problem = ''
        self._looked_ms = LOOK_FOR_SEGMENT_MS
        self._lease_problem = ''
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(_('order book') + ' ' + name)
        self._colours_make()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(max(1, 1000 // rate_hz))
        self._timer.timeout.connect(interrupts_take())
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        if type(self).paintEvent is OrderBookWidget.paintEvent:  # else a program's own comes first
            setattr(self, 'paintEvent', painting_take(self))
        QTimer.singleShot(0, self._tick)  # not here: whoever made the widget connects its signals first

    # --- what a program asks of it ---

    @property
    def name(self) -> str:
        return self._name

    def set_book(self, name: str) -> None:
        """Another book, at once. What is no name is shown in words, and raises nothing."""
        self._name = name
        self._group = None
        self._lease = None
        self._lease_problem = ''
        self._update, self._state = 0, ('?', '')
        self.setAccessibleName(_('order book') + ' ' + name)
        if self._ladder:
            self._name_take(self._ladder)
        self._tick()

    @property
    def state(self) -> str:
        """'live' ...; '-' not carried, '' no segment."""
        return self._state[0]

    @property
    def colours(self) -> Colours:
        return self._colours

    @property
    def ladder(self) -> Optional[Ladder]:
        """The view model, None while there is no segment."""
        return self._ladder

    def set_group(self, step: Optional[str]) -> None:
        self._group = step
        if self._ladder:
            self._ladder.set_group(step)

    def set_column(self, money: bool = False, total: bool = False) -> None:
        self._money, self._total = money, total
        if self._ladder:
            self._ladder.set_column(money, total)

    def set_levels(self, levels: int) -> None:
        self._levels = max(1, levels)
        self._rows_fit()

    def set_style(self, style: str) -> None:
        """'korean', 'western' or 'auto'."""
        self._style = style
        self._colours_make()
        self.update()

    def freeze(self, is_frozen: bool) -> None:
        if self._ladder:
            self._ladder.freeze(is_frozen)

    def centre(self) -> None:
        if self._ladder:
            self._ladder.centre()

    # --- reading ---

    def _segment_look(self) -> None:
        """Without a segment: look for one now and then; say why there is none."""
        self._looked_ms += self._timer.interval()
        if self._looked_ms < LOOK_FOR_SEGMENT_MS:
            return
        self._looked_ms = 0
        try:
            self._segment = _open(self._path)
        except Error as error:
            if str(error) != self._problem:
                self._problem = str(error)
                self.update()
            self._state_say('', 'no-segment')

    def _name_take(self, ladder: Ladder) -> None:
        """What is no name at all is said where the book would be: it may be half typed."""
        self._name_problem = ''
        try:
            ladder.name = self._name
        except Error as error:
            self._name_problem = str(error)
            self._rows = []
            self.update()

    def _ladder_make(self, segment: Segment) -> None:
        self._ladder = Ladder(segment, NO_NAME, 2 * self._levels)
        self._name_take(self._ladder)
        self._ladder.set_column(self._money, self._total)
        if self._group:
            self._ladder.set_group(self._group)
        self._problem = ''
        self._rows_fit()

    def _lease_take(self, ladder: Ladder, segment: Segment) -> None:
        """Ask hogad for what it does not carry; what it says is shown. Once a name: it would say the same again."""
        wanted = self._name if not ladder.is_found else ladder.wanted
        if not wanted or not self._subscribe or self._lease_problem or (self._lease and wanted in self._lease.names):
            return
        try:
            self._lease = segment.subscribe(wanted, timeout=0.05)
        except Error as error:
            self._lease_problem = str(error)
            self.update()

    def _state_say(self, state: str, reason: str, live_since_ns: int = 0) -> None:
        """Live again since another time is news as well: it was something else between two looks."""
        if (state, reason, live_since_ns) != (*self._state, self._live_since_ns):
            self._state, self._live_since_ns = (state, reason), live_since_ns
            self.state_changed.emit(self._name, state, reason)

    @interruptible
    def _tick(self) -> None:
        if self._segment is None:
            self._segment_look()
        if self._segment is None:
            return
        if self._ladder is None:
            self._ladder_make(self._segment)
        ladder = self._ladder
        assert ladder is not None
        if self._name_problem:
            self._state_say('-', '')
            return
        is_changed = ladder.update()
        if not ladder.is_found or ladder.wanted:
            self._lease_take(ladder, self._segment)
        if not is_changed:
            self._ages_draw()
            return
        self._rows = ladder.rows()
        self.trades_changed.emit()
        self._state_say(ladder.state if ladder.is_found else '-', ladder.reason,
                        ladder.since_ns if ladder.is_live else 0)
        if ladder.is_found and ladder.update_number != self._update:
            self._update = ladder.update_number
            self.book_updated.emit(self._name, self._update & UPDATE_BITS)
        self.update()

    def _ages_draw(self) -> None:
        """Ages move where prices do not: the last line, four times a second."""
        self._looked_ms += self._timer.interval()
        if self._looked_ms >= 250:
            self._looked_ms = 0
            self.update(0, int(self.height() - self._line()), self.width(), int(self._line()) + 1)

    # --- geometry ---

    def _line(self) -> float:
        return QFontMetricsF(self.font()).height() + 3

    def _n_fixed(self) -> int:
        return 5  # title, verdict, spread, sums, ages

    def _rows_fit(self) -> None:
        if self._ladder is None:
            return
        fit = int(self.height() / self._line()) - self._n_fixed()
        self._ladder.set_rows(max(2, min(2 * self._levels, fit)))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        width = QFontMetricsF(self.font()).horizontalAdvance('0') * 52
        return QSize(int(width), int(self._line() * (2 * self._levels + self._n_fixed())) + 4)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(int(QFontMetricsF(self.font()).horizontalAdvance('0') * 36), int(self._line() * (self._n_fixed() + 4)))

    def resizeEvent(self, event: Optional[QResizeEvent]) -> None:  # noqa: N802
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._rows_fit()

    def _top(self) -> float:
        return 2 * self._line()

    def row_at(self, y: float) -> int:
        """The row of the ladder at this height, -1 for none."""
        if self._ladder is None or not self._rows:
            return -1
        line = int((y - self._top()) // self._line())
        boundary = self._boundary()
        if y < self._top() + (self._verdict_lines - 1) * self._line() or line == boundary:
            return -1
        row = line if line < boundary else line - 1
        return row if row < len(self._rows) else -1

    def _boundary(self) -> int:
        ladder = self._ladder
        if ladder is None:
            return 0
        return 0 if ladder.spread_way < 0 else len(self._rows) if ladder.spread_way > 0 else ladder.boundary

    # --- mouse and keys ---

    @interruptible
    def mouseMoveEvent(self, event: Optional[QMouseEvent]) -> None:  # noqa: N802
        if event is not None and self._ladder:
            self._ladder.pointer(self.row_at(event.position().y()))

    def leaveEvent(self, event: object) -> None:  # noqa: N802
        if self._ladder:
            self._ladder.pointer(-1)

    @interruptible
    def mousePressEvent(self, event: Optional[QMouseEvent]) -> None:  # noqa: N802
        if event is None or self._ladder is None or event.button() != Qt.MouseButton.LeftButton:
            return
        row = self.row_at(event.position().y())
        if row < 0 or not self._rows[row].side:
            return
        self._ladder.choose(row)
        self.price_clicked.emit(self._name, self._rows[row].price, self._rows[row].side)

    @interruptible
    def wheelEvent(self, event: Optional[QWheelEvent]) -> None:  # noqa: N802
        if event is not None and self._ladder and event.angleDelta().y():
            self._ladder.scroll(3 if event.angleDelta().y() > 0 else -3)

    @interruptible
    def keyPressEvent(self, event: Optional[QKeyEvent]) -> None:  # noqa: N802
        if event is None or self._ladder is None:
            return
        ladder = self._ladder
        key = event.text()
        if key == 'c':
            ladder.centre()
        elif key == 'f':
            ladder.freeze(not ladder.is_frozen)
        elif key in ('g', 'G'):
            ladder.move_group(1 if key == 'g' else -1)
            self._group = ladder.step or None
        elif key == 't':
            self.set_column(self._money, not self._total)
        elif key == 'm':
            self.set_column(not self._money, self._total)
        elif key == 'p':
            self.has_percent = not self.has_percent
            self.update()
        elif key == 'k':
            self.set_style('western' if self._colours.is_korean else 'korean')
        elif key in ('+', '-'):
            self.set_levels(self._levels + (1 if key == '+' else -1))
        elif event.key() == Qt.Key.Key_Escape:
            ladder.choose(-1)
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            half = max(1, len(self._rows) // 2)
            ladder.scroll(half if event.key() == Qt.Key.Key_PageUp else -half)
        else:
            super().keyPressEvent(event)

    # --- drawing ---

    def _colours_make(self) -> None:
        is_dark = self.palette().color(QPalette.ColorRole.Window).lightness() < 128
        self._colours = Colours(self._style == 'korean' or (self._style == 'auto' and is_korean()), is_dark)

    def changeEvent(self, event: object) -> None:  # noqa: N802 - the desktop went dark
        self._colours_make()
        super().changeEvent(event)  # type: ignore[arg-type]

    def paintEvent(self, event: Optional[QPaintEvent]) -> None:  # noqa: N802
        self._paint(event)

    def _paint(self, _event: Optional[QPaintEvent]) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        if self._ladder is None:
            self._words_draw(painter, _('no segment'), self._problem)
        elif self._name_problem:
            self._words_draw(painter, self._name, self._name_problem)
        elif not self._ladder.is_found:
            self._words_draw(painter, self._name, self._lease_problem or _('hogad does not carry it'))
        else:
            book = BookPainter(self, painter, self._ladder, self._rows, self._line())
            self._verdict_lines = book.draw(self._boundary())
        painter.end()

    def _words_draw(self, painter: QPainter, title: str, words: str) -> None:
        line = self._line()
        painter.fillRect(QRectF(0, 0, self.width(), line), self._colours.alarm)
        painter.setPen(self._colours.alarm_text)
        painter.drawText(QRectF(4, 0, self.width() - 8, line), Qt.AlignmentFlag.AlignVCenter, title)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(QRectF(4, line + 4, self.width() - 8, self.height() - line - 4),
                         Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, words)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """The program `python3 -m hoga.qt`."""
    from ._qt_main import run

    return run(arguments)


__all__ = ['Colours', 'NoSegment', 'OrderBookWidget', 'TradesWidget', 'main']

if __name__ == '__main__':
    sys.exit(main())
