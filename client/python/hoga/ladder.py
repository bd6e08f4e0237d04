# SPDX-License-Identifier: MIT
"""What an order-book window (호가창) shows, worked out by libhoga without a window: rows around the spread, sums, bars,
changes, flashes, order arithmetic. hoga.qt draws it; any other toolkit can.

    ladder = hoga.ladder.Ladder(segment, 'upbit:KRW-BTC', rows=20)
    if ladder.update():
        for row in ladder.rows():
            ...
"""
from __future__ import annotations

import ctypes as c
import errno
import weakref
from decimal import Decimal
from typing import NamedTuple, Optional

from . import _native as n
from ._errors import Error, failed
from ._facts import EXACT, Day, Instrument, Trade, day_of, decimal_of, trade_of
from ._segment import Segment

ASK, BID = 1, 2
SIDE_WORDS = {ASK: 'ask', BID: 'bid'}
FLASH_MAX, BAR_MAX = 255, 1000
_MONEY, _TOTAL = 1, 2


class Row(NamedTuple):
    """A row of the window. `side` '' : nothing is known here, and nothing else means anything."""
    side: str
    price: Decimal
    size: Decimal
    money: Decimal
    total_size: Decimal
    total_money: Decimal
    amount: Decimal  # what the column of amounts shows of these four
    change_ppm: Optional[int]  # against the previous close; 10000 is 1 %
    bar: int  # 0..BAR_MAX, share of the largest amount shown
    flash: int  # 0..FLASH_MAX, its size has just changed
    flash_way: int
    is_best: bool
    is_last: bool
    is_chosen: bool


class Order(NamedTuple):
    """What an order would cost that takes the book as it stands."""
    is_buy: bool
    is_partly: bool
    is_below_minimum: Optional[bool]  # None: the venue's minimum is not known
    size: Decimal
    filled: Decimal
    average: Decimal
    worst: Decimal
    impact_ppm: int
    money: Decimal
    fee: Decimal
    sum: Decimal


def _fee_e8(fee: Decimal) -> int:
    return int(fee.scaleb(8, context=EXACT))


class Ladder:
    """Belongs to its segment's thread."""

    def __init__(self, segment: Segment, name: str, rows: int = 20) -> None:
        pointer = c.c_void_p()
        if n.lib.hoga_ladder_new(segment._handle(), pointer) < 0:
            raise MemoryError('a ladder')
        self.segment = segment
        self._pointer = pointer.value
        self._closer = weakref.finalize(self, n.lib.hoga_ladder_free, pointer.value)
        self._view = n.lib.hoga_ladder_view(pointer.value).contents
        self.name = name
        self.set_rows(rows)

    def _check(self) -> Optional[int]:
        self.segment._handle()
        return self._pointer

    def close(self) -> None:
        """Before its segment is closed; forgetting it is no harm."""
        self._closer()
        self._pointer = None

    @property
    def name(self) -> str:
        return self._view.name.decode()

    @name.setter
    def name(self, name: str) -> None:
        if n.lib.hoga_ladder_name_set(self._check(), name.encode()) < 0:
            raise Error('%s: a name is venue:SYMBOL, such as upbit:KRW-BTC' % name, errno.EINVAL)

    def update(self) -> bool:
        """Read what is new: True, draw it anew."""
        return n.lib.hoga_ladder_update(self._check(), 0) > 0

    # --- the view ---

    @property
    def is_found(self) -> bool:
        return bool(self._view.is_found)

    @property
    def state(self) -> str:
        return n.lib.hoga_state_word(self._view.state).decode()

    @property
    def since_ns(self) -> int:
        """Since when the book is in that state, CLOCK_REALTIME."""
        return int(self._view.book.since_ns)

    @property
    def is_live(self) -> bool:
        return bool(self._view.is_found) and self._view.state == 2

    @property
    def reason(self) -> str:
        return n.lib.hoga_reason_word(self._view.reason).decode()

    @property
    def reason_sentence(self) -> str:
        return n.lib.hoga_reason_sentence(self._view.reason).decode()

    @property
    def source(self) -> str:
        return n.lib.hoga_source_word(self._view.source).decode()

    @property
    def proof(self) -> str:
        return n.lib.hoga_proof_word(self._view.book.proof).decode()

    is_frozen = property(lambda self: bool(self._view.is_frozen))
    frozen_ns = property(lambda self: self._view.frozen_ns, doc='since when the rows stand still, CLOCK_REALTIME')
    is_grouped_by_venue = property(lambda self: bool(self._view.is_grouped_by_venue))
    update_number = property(lambda self: self._view.book.update)
    changed_age_ns = property(lambda self: self._view.book.changed_age_ns)
    heard_age_ns = property(lambda self: self._view.book.heard_age_ns)
    step = property(lambda self: self._view.step.decode())
    wanted = property(lambda self: self._view.wanted.decode())
    boundary = property(lambda self: self._view.boundary, doc='index of the first row below the spread')
    spread_way = property(lambda self: self._view.spread_way, doc='-1: the spread is above the rows, 1 below, 0 between')
    n_rows = property(lambda self: self._view.n_rows)
    is_money = property(lambda self: bool(self._view.column & _MONEY))
    is_total = property(lambda self: bool(self._view.column & _TOTAL))

    @property
    def spread(self) -> Optional[Decimal]:
        return decimal_of(self._view.spread, self._view.book.price_decimals) if self._view.has_spread else None

    @property
    def spread_ppm(self) -> Optional[int]:
        return self._view.spread_ppm if self._view.has_spread else None

    @property
    def spread_ticks(self) -> Optional[int]:
        return self._view.spread_ticks if self._view.has_spread_ticks else None

    @property
    def imbalance_ppm(self) -> Optional[int]:
        return self._view.imbalance_ppm if self._view.has_imbalance else None

    def sums(self) -> tuple[Decimal, Decimal]:
        """(asks, bids) of all kept levels, in what the column of amounts shows: size or money."""
        v = self._view
        if self.is_money:
            return decimal_of(int(v.ask_money), v.money_decimals), decimal_of(int(v.bid_money), v.money_decimals)
        return decimal_of(int(v.ask_size), v.size_decimals), decimal_of(int(v.bid_size), v.size_decimals)

    @property
    def instrument(self) -> Optional[Instrument]:
        return Instrument(self._view.instrument) if self._view.has_instrument else None

    @property
    def day(self) -> Optional[Day]:
        """None where nothing of the day is known."""
        return day_of(self._view.day) if self._view.has_day else None

    @property
    def last_change_ppm(self) -> Optional[int]:
        """The last price against the previous close; 10000 is 1 %."""
        return self._view.last_change_ppm if self._view.has_last_change else None

    def trades(self) -> list[Trade]:
        """The last ones, newest first."""
        return [trade_of(self._view.trades[i]) for i in range(self._view.n_trades)]

    def row(self, index: int) -> Row:
        v = self._view
        if not 0 <= index < v.n_rows:
            raise IndexError(index)
        r = v.rows[index]
        size, money = decimal_of(int(r.size), v.size_decimals), decimal_of(int(r.money), v.money_decimals)
        total_size = decimal_of(int(r.total_size), v.size_decimals)
        total_money = decimal_of(int(r.total_money), v.money_decimals)
        amount = decimal_of(int(r.amount), v.amount_decimals)
        return Row(SIDE_WORDS.get(r.side, ''), decimal_of(r.price, v.price_decimals), size, money, total_size,
                   total_money, amount, r.change_ppm if r.has_change else None, r.bar, r.flash, r.flash_way,
                   bool(r.is_best), bool(r.is_last), bool(r.is_chosen))

    def rows(self) -> list[Row]:
        """From the highest price down."""
        return [self.row(i) for i in range(self._view.n_rows)]

    # --- what is shown ---

    def set_rows(self, count: int) -> None:
        n.lib.hoga_ladder_rows_set(self._check(), count)

    def set_column(self, money: bool = False, total: bool = False) -> None:
        n.lib.hoga_ladder_column_set(self._check(), (_MONEY if money else 0) | (_TOTAL if total else 0))

    def set_group(self, step: Optional[str]) -> None:
        """A decimal above 0; None or '': every level on its own."""
        if n.lib.hoga_ladder_group_set(self._check(), (str(step) if step else '').encode()) < 0:
            raise Error('%s: a step is a decimal above 0' % step, errno.EINVAL)

    def move_group(self, by: int) -> None:
        n.lib.hoga_ladder_group_move(self._check(), by)

    def steps(self) -> list[str]:
        found = ((c.c_char * n.DECIMAL_SIZE) * n.LADDER_STEPS_MAX)()
        count = n.lib.hoga_ladder_steps(self._check(), found)
        return [found[i].value.decode() for i in range(count)]

    def freeze(self, is_frozen: bool) -> None:
        n.lib.hoga_ladder_freeze(self._check(), is_frozen)

    def centre(self) -> None:
        n.lib.hoga_ladder_centre(self._check())

    def scroll(self, rows: int) -> None:
        n.lib.hoga_ladder_scroll(self._check(), rows)

    def pointer(self, row: int) -> None:
        """The price under the pointer keeps its row; -1: the pointer is elsewhere."""
        n.lib.hoga_ladder_pointer(self._check(), row)

    def choose(self, row: int) -> None:
        n.lib.hoga_ladder_choose(self._check(), row)

    def _order(self, raw: n.LadderOrder) -> Order:
        v = self._view
        p, s = v.book.price_decimals, v.book.size_decimals
        return Order(bool(raw.is_buy), bool(raw.is_partly), bool(raw.is_below_minimum) if raw.has_minimum else None,
                     decimal_of(raw.size, s), decimal_of(raw.filled, s), decimal_of(raw.average, raw.average_decimals),
                     decimal_of(raw.worst, p), raw.impact_ppm, decimal_of(int(raw.money), p + s),
                     decimal_of(int(raw.fee), p + s), decimal_of(int(raw.sum), p + s))

    def order(self, is_buy: bool, size: Decimal, fee: Decimal = Decimal(0)) -> Order:
        """Taking `size` now, `fee` of it all (Decimal('0.0005') is 0.05 %). Raises Error: nothing there to take."""
        mantissa = size.scaleb(self._view.book.size_decimals, context=EXACT)
        if mantissa != mantissa.to_integral_value(context=EXACT):
            raise Error('%s: finer than the sizes of this book' % size, errno.ERANGE)
        raw = n.LadderOrder()
        r = n.lib.hoga_ladder_order(self._check(), is_buy, int(mantissa), _fee_e8(fee), raw)
        if r < 0:
            raise failed(self.name, r)
        return self._order(raw)

    def order_to(self, row: int, fee: Decimal = Decimal(0)) -> Optional[Order]:
        """Taking all up to this row; None where there is nothing."""
        raw = n.LadderOrder()
        r = n.lib.hoga_ladder_order_to(self._check(), row, _fee_e8(fee), raw)
        return self._order(raw) if r == 0 else None
