# SPDX-License-Identifier: MIT
"""What is known beside the books: instruments, the daemon, its connections; and how numbers become Decimals."""
from __future__ import annotations

import datetime
from decimal import Context, Decimal
from typing import Any, NamedTuple, Optional

from . import _native as n

EXACT = Context(prec=80)


def decimal_of(mantissa: int, decimals: int) -> Decimal:
    """mantissa / 10^decimals, exactly, whatever the program's decimal context is."""
    return Decimal(mantissa).scaleb(-decimals, context=EXACT)


def word(function: Any, number: int) -> str:
    return function(number).decode()


def when(ns: int) -> Optional[datetime.datetime]:
    """To the microsecond, in UTC; the _ns of the same name is exact."""
    if ns <= 0:
        return None
    return datetime.datetime.fromtimestamp(ns // 1_000_000_000, datetime.timezone.utc) + datetime.timedelta(
        microseconds=ns // 1000 % 1_000_000)


class Instrument:
    """One instrument as its venue lists it. What the venue does not give is None or empty, never guessed."""

    def __init__(self, raw: n.Instrument) -> None:
        self.name = raw.name.decode(errors='replace')
        self.venue = raw.venue.decode(errors='replace')
        self.symbol = raw.symbol.decode(errors='replace')
        self.base = raw.base.decode(errors='replace')
        self.quote = raw.quote.decode(errors='replace')
        self.status = raw.status.decode(errors='replace')
        self.name_korean = raw.name_korean.decode(errors='replace')
        self.name_english = raw.name_english.decode(errors='replace')
        self.cautions = raw.cautions.decode(errors='replace').split()
        self.listed = word(n.lib.hoga_listed_word, raw.listed)
        self.has_investment_caution = bool(raw.warnings & 1) if raw.has_warnings else None
        self.has_caution = bool(raw.warnings & 2) if raw.has_warnings else None
        self.lot = decimal_of(raw.lot, raw.lot_decimals) if raw.has_lot else None
        self.size_min = decimal_of(raw.size_min, raw.size_min_decimals) if raw.has_size_min else None
        self.value_min = decimal_of(raw.value_min, raw.value_min_decimals) if raw.has_value_min else None
        self.ticks = [(decimal_of(t.from_, raw.tick_decimals), decimal_of(t.tick, raw.tick_decimals))
                      for t in raw.ticks[:raw.n_ticks]]
        self.groups = [decimal_of(g, raw.group_decimals) for g in raw.groups[:raw.n_groups]]
        self.fetched_ns = raw.fetched_ns

    def tick(self, price: Decimal) -> Optional[Decimal]:
        """The tick at this price, None if it is not known."""
        found = None
        for start, tick in self.ticks:
            if start <= price:
                found = tick
        return found

    def __repr__(self) -> str:
        return '<hoga.Instrument %s %s>' % (self.name, self.listed)


class Daemon(NamedTuple):
    version: str
    path: str
    abi: tuple[int, int]
    epoch: int
    pid: int
    is_alive: bool
    is_stopped: bool
    source: str
    heartbeat_age_ns: int
    depth: int
    n_books: int


class Connection(NamedTuple):
    venue: str
    state: str
    reason: str
    source: str
    n_books: int
    heard_age_ns: int
    round_trip_ns: int
    n_connects: int
    blind_ms_max: int


class Trade(NamedTuple):
    """One trade (체결)."""
    number: int  # counting up in this segment; a hole is what a burst overwrote
    id: int  # the venue's own, 0 unknown
    price: Decimal
    size: Decimal
    side: str  # the taker's: 'buy', 'sell' or 'unknown'
    venue_ns: int
    recv_ns: int
    update: int  # of the book that it follows
    is_after_gap: bool  # trades may be missing before it


class Day(NamedTuple):
    """What the venue says of the day; None is what it does not say."""
    last: Optional[Decimal]
    previous_close: Optional[Decimal]
    change: Optional[Decimal]
    open: Optional[Decimal]
    high: Optional[Decimal]
    low: Optional[Decimal]
    volume: Optional[Decimal]
    value: Optional[Decimal]
    bid_total: Optional[Decimal]
    ask_total: Optional[Decimal]
    period: str  # of change, open, high, low, volume and value: 'day', '24h' or 'unknown'
    last_ns: int
    recv_ns: int


def trade_of(raw: n.Trade) -> Trade:
    return Trade(raw.number, raw.id, decimal_of(raw.price, raw.price_decimals), decimal_of(raw.size, raw.size_decimals),
                 word(n.lib.hoga_side_word, raw.side), raw.venue_ns, raw.recv_ns, raw.update, bool(raw.is_after_gap))


def day_of(raw: n.Day) -> Day:
    def fact(f: n.Fact) -> Optional[Decimal]:
        return decimal_of(f.mantissa, f.decimals) if f.is_known else None

    return Day(fact(raw.last), fact(raw.previous_close), fact(raw.change), fact(raw.open), fact(raw.high), fact(raw.low),
               fact(raw.volume), fact(raw.value), fact(raw.bid_total), fact(raw.ask_total),
               word(n.lib.hoga_period_word, raw.period), raw.last_ns, raw.recv_ns)
