# SPDX-License-Identifier: MIT
"""The segment and its books, for Python programs: exact decimals, the verdict with every price, no thread, no event
loop, nothing to stop at exit."""
from __future__ import annotations

import ctypes as c
import errno
import os
import threading
import time
import weakref
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Iterator, NamedTuple, Optional, Sequence

from . import _native as n
from ._facts import Connection, Daemon, Day, Instrument, Trade, day_of, decimal_of, trade_of, when, word
from ._errors import Error, NotCarried, TimedOut, WrongThread, failed, no_segment, not_carried, refused

if TYPE_CHECKING:
    import numpy

_TRIES = 1000  # readings that a writer may lap before it is an error
_SLICE_NS = 250_000_000  # of a wait, so that a signal that another thread got ends it too


class Level(NamedTuple):
    price: Decimal
    size: Decimal


class RawLevel(NamedTuple):
    """Mantissas: price / 10^price_decimals, size / 10^size_decimals."""
    price: int
    size: int


class View:
    """One consistent reading of a book: its levels and the verdict on them. Look at `state` first: the numbers are the
    last verified ones, whatever it says."""

    __slots__ = ('name', '_book', 'bids', 'asks', '_raw')

    def __init__(self, name: str, book: n.Book, bids: Sequence[Any], asks: Sequence[Any], raw: bool) -> None:
        self.name = name
        self._book = book
        self.bids = bids  # best first
        self.asks = asks
        self._raw = raw

    @property
    def state(self) -> str:
        """'live', or what else: empty syncing stale gap crossed lagging down halted failed."""
        return word(n.lib.hoga_state_word, self._book.state)

    @property
    def is_live(self) -> bool:
        return self._book.state == 2

    @property
    def reason(self) -> str:
        """Why it is not live, a word; '' for none."""
        return word(n.lib.hoga_reason_word, self._book.reason)

    @property
    def reason_sentence(self) -> str:
        return word(n.lib.hoga_reason_sentence, self._book.reason)

    @property
    def source(self) -> str:
        """'exchange', 'simulator' or 'replay'."""
        return word(n.lib.hoga_source_word, self._book.source)

    @property
    def proof(self) -> str:
        """What `live` rests on: 'sequence', 'checksum', 'snapshot-only' or 'none'."""
        return word(n.lib.hoga_proof_word, self._book.proof)

    def _level(self, level: n.Level) -> Any:
        if level.size == 0:
            return None
        if self._raw:
            return RawLevel(level.price, level.size)
        return Level(decimal_of(level.price, self.price_decimals), decimal_of(level.size, self.size_decimals))

    @property
    def bid(self) -> Any:
        """The best bid, or None where that side is empty."""
        return self._level(self._book.bid)

    @property
    def ask(self) -> Any:
        return self._level(self._book.ask)

    @property
    def mid(self) -> Optional[Decimal]:
        if not self._book.bid.size or not self._book.ask.size:
            return None
        return decimal_of((self._book.bid.price + self._book.ask.price) * 5, self.price_decimals + 1)

    @property
    def spread(self) -> Optional[Decimal]:
        if not self._book.bid.size or not self._book.ask.size:
            return None
        return decimal_of(self._book.ask.price - self._book.bid.price, self.price_decimals)

    price_decimals = property(lambda self: self._book.price_decimals)
    size_decimals = property(lambda self: self._book.size_decimals)
    n_bids = property(lambda self: self._book.n_bids, doc='levels in the segment, also where fewer were asked for')
    n_asks = property(lambda self: self._book.n_asks)
    update = property(lambda self: self._book.update, doc='grows with every publication')
    applied = property(lambda self: self._book.applied)
    epoch = property(lambda self: self._book.epoch)
    since_ns = property(lambda self: self._book.since_ns)
    venue_ns = property(lambda self: self._book.venue_ns)
    recv_ns = property(lambda self: self._book.recv_ns)
    publish_ns = property(lambda self: self._book.publish_ns)
    changed_age_ns = property(lambda self: self._book.changed_age_ns, doc='since the levels last changed, -1 never')
    heard_age_ns = property(lambda self: self._book.heard_age_ns, doc='since its connection gave a sign of life, -1 never')
    since = property(lambda self: when(self._book.since_ns))
    venue_time = property(lambda self: when(self._book.venue_ns))

    def __repr__(self) -> str:
        return '<hoga.View %s %s%s bid=%s ask=%s update=%d>' % (self.name, self.state,
                                                               ' ' + self.reason if self.reason else '',
                                                               self.bid and self.bid.price, self.ask and self.ask.price,
                                                               self.update)


class Book:
    """One book of a segment: segment['upbit:KRW-BTC']. It is found again by itself when the daemon came back with
    another layout; when hogad no longer carries it, reading raises NotCarried."""

    def __init__(self, segment: 'Segment', name: str, book_id: int, depth: int) -> None:
        self._segment = segment
        self.name = name
        self._id = book_id
        self._depth = depth
        self._head = n.Book()
        self._bids = (n.Level * depth)()
        self._asks = (n.Level * depth)()
        self._seen = (0, 0)

    @property
    def depth(self) -> int:
        """Levels a side that the segment can hold."""
        return self._depth

    @property
    def update(self) -> int:
        """One load: has anything been published since? The verdict can change without it (a dead daemon)."""
        return n.lib.hoga_update(self._segment._handle(), self._id)

    def _again(self) -> None:
        fresh = self._segment[self.name]
        self._id, self._depth, self._bids, self._asks = fresh._id, fresh._depth, fresh._bids, fresh._asks

    def _fill(self, depth: int) -> None:
        handle, r = self._segment._handle(), 0
        for _ in range(_TRIES):
            if depth:
                r = n.lib.hoga_read(handle, self._id, 0, self._head, self._bids, self._asks, min(depth, self._depth))
            else:
                r = n.lib.hoga_read_top(handle, self._id, 0, self._head)
            if r == -errno.ESTALE:
                self._again()
            elif r != -errno.EAGAIN:
                break
        if r < 0:
            raise failed(self.name, r)
        self._seen = (self._head.update, self._head.state)

    def _copy(self) -> n.Book:
        return n.Book.from_buffer_copy(self._head)

    def read(self, depth: Optional[int] = None, raw: bool = False) -> View:
        """One consistent book, at most `depth` levels a side, with Decimals; raw: with integers (RawLevel)."""
        wanted = self._depth if depth is None else max(1, depth)
        self._fill(wanted)
        head = self._copy()
        n_bids, n_asks = min(wanted, head.n_bids, self._depth), min(wanted, head.n_asks, self._depth)
        if raw:
            bids: list[Any] = [RawLevel(level.price, level.size) for level in self._bids[:n_bids]]
            asks: list[Any] = [RawLevel(level.price, level.size) for level in self._asks[:n_asks]]
        else:
            p, s = head.price_decimals, head.size_decimals
            bids = [Level(decimal_of(level.price, p), decimal_of(level.size, s)) for level in self._bids[:n_bids]]
            asks = [Level(decimal_of(level.price, p), decimal_of(level.size, s)) for level in self._asks[:n_asks]]
        return View(self.name, head, bids, asks, raw)

    def read_top(self, raw: bool = False) -> View:
        """Best bid and ask with the verdict, no levels."""
        self._fill(0)
        return View(self.name, self._copy(), [], [], raw)

    def arrays(self, depth: Optional[int] = None) -> tuple[View, 'numpy.ndarray', 'numpy.ndarray']:
        """(view, bids, asks): int64 arrays of shape (n, 2), [:, 0] prices and [:, 1] sizes, mantissas at
        view.price_decimals and view.size_decimals. Needs numpy."""
        import numpy

        wanted = self._depth if depth is None else max(1, depth)
        self._fill(wanted)
        head = self._copy()
        sides = []
        for levels, count in ((self._bids, head.n_bids), (self._asks, head.n_asks)):
            count = min(wanted, count, self._depth)
            sides.append(numpy.frombuffer(memoryview(levels), dtype=numpy.int64, count=2 * count).reshape(count, 2).copy())
        return View(self.name, head, [], [], True), sides[0], sides[1]

    def wait(self, timeout: Optional[float] = None, since: Optional[View] = None) -> bool:
        """Sleep until the book or its verdict differs from what was read last (or from `since`). The interpreter lock is
        free meanwhile. Returns: True it does; False `timeout` seconds have passed. Ctrl+C raises KeyboardInterrupt."""
        return self._segment._wait([self], timeout, since) is not None

    def trades(self, count: int = 64) -> list[Trade]:
        """The last trades, oldest first, at most `count` and what the segment keeps. [] where there are none."""
        place = c.c_uint64(n.TRADES_LAST)
        return self._trades(place, count)[0]

    def trades_since(self, number: int, count: int = 256) -> tuple[list[Trade], int, int]:
        """(trades from number `number` on, oldest first, the number to ask for next, how many were overwritten before
        they could be read). Begin with 0 for the oldest there is."""
        place = c.c_uint64(number)
        found, missed = self._trades(place, count)
        return found, place.value, missed

    def _trades(self, place: c.c_uint64, count: int) -> tuple[list[Trade], int]:
        handle, raw, missed = self._segment._handle(), (n.Trade * count)(), c.c_uint64(0)
        r = 0
        for _ in range(_TRIES):
            r = n.lib.hoga_trades(handle, self._id, place, raw, count, missed)
            if r == -errno.ESTALE:
                self._again()
            elif r != -errno.EAGAIN:
                break
        if r == -errno.ENOTSUP:
            return [], 0
        if r < 0:
            raise failed(self.name, r)
        return [trade_of(t) for t in raw[:r]], missed.value

    def day(self) -> Optional[Day]:
        """Last price, previous close, change ... as far as the venue says; None where hogad keeps no such facts."""
        raw = n.Day()
        r = 0
        for _ in range(_TRIES):
            r = n.lib.hoga_day(self._segment._handle(), self._id, raw)
            if r == -errno.ESTALE:
                self._again()
            elif r != -errno.EAGAIN:
                break
        if r == -errno.ENOTSUP:
            return None
        if r < 0:
            raise failed(self.name, r)
        return day_of(raw)

    def instrument(self) -> Optional['Instrument']:
        """What the venue lists of it, or None."""
        return self._segment.instrument(self.name)

    def __repr__(self) -> str:
        return '<hoga.Book %s>' % self.name


class Lease:
    """Books that hogad carries for as long as this is held: `with segment.subscribe('upbit:KRW-XRP'): ...`. Closing it,
    forgetting it or dying gives them back; hogad keeps them for a little while longer."""

    def __init__(self, segment: 'Segment', names: Sequence[str], timeout: float) -> None:
        self.names = tuple(names)
        self._fd = c.c_int(-1)
        problem = n.Problem()
        words = (c.c_char_p * len(names))(*[name.encode() for name in names])
        r = n.lib.hoga_subscribe(segment._handle(), words, len(names), int(timeout * 1e9), self._fd, problem)
        if r < 0:
            raise refused(-r, problem.what.decode(errors='replace'), problem.why.decode(errors='replace'),
                          problem.remedy.decode(errors='replace'))
        self._closer = weakref.finalize(self, os.close, self._fd.value)

    def fileno(self) -> int:
        """Readable when hogad has gone: then the lease is over."""
        return self._fd.value

    def close(self) -> None:
        self._closer()

    def __enter__(self) -> 'Lease':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Segment:
    """An open segment. It belongs to the thread that opened it; other threads open their own. Closing is a courtesy:
    there is nothing to stop."""

    def __init__(self, path: Optional[str] = None, wait: Optional[float] = 0) -> None:
        handle, problem = c.c_void_p(), n.Problem()
        name = os.fsencode(path) if path is not None else None
        if wait == 0:
            r = n.lib.hoga_open(handle, name, problem)
        else:
            r = self._open_wait(handle, name, wait, problem)
        if r < 0:
            raise no_segment(-r, problem.what.decode(errors='replace'), problem.why.decode(errors='replace'),
                             problem.remedy.decode(errors='replace'))
        self._pointer: Optional[int] = handle.value
        self._thread = threading.get_ident()
        self._pid = os.getpid()
        self._closer = weakref.finalize(self, n.lib.hoga_close, handle.value)

    @staticmethod
    def _open_wait(handle: c.c_void_p, name: Optional[bytes], wait: Optional[float], problem: n.Problem) -> int:
        end = None if wait is None else time.monotonic() + wait
        while True:  # in slices, so that Ctrl+C is heard
            left = _SLICE_NS if end is None else max(0, min(_SLICE_NS, int((end - time.monotonic()) * 1e9)))
            r = n.lib.hoga_open_wait(handle, name, left, problem)
            if r not in (-errno.ETIMEDOUT, -errno.EINTR) or (r == -errno.ETIMEDOUT and end is not None and
                                                             time.monotonic() >= end):
                return r

    def _handle(self) -> int:
        if self._pointer is None:
            raise Error('the segment was closed')
        if threading.get_ident() != self._thread:
            raise WrongThread('a segment belongs to the thread that opened it: open another one here (hoga.open())')
        return self._pointer

    def close(self) -> None:
        self._pointer = None
        self._closer()

    def __enter__(self) -> 'Segment':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- books ---

    def __getitem__(self, name: str) -> Book:
        found, info = n.Id(), n.Info()
        r = n.lib.hoga_find(self._handle(), name.encode(), found)
        if r == 0:
            r = n.lib.hoga_info(self._handle(), found, info)
        if r == -errno.EINVAL:
            raise NotCarried('%s: a name is venue:SYMBOL, such as upbit:KRW-BTC' % name, errno.EINVAL)
        if r < 0:
            raise not_carried(name, self.names())
        return Book(self, info.name.decode(), found.value, info.depth)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and n.lib.hoga_find(self._handle(), name.encode(), n.Id()) == 0

    def names(self) -> list[str]:
        """The names of all books that hogad carries, in the directory's order."""
        handle, count = self._handle(), 0
        ids = (n.Id * 0)()
        for _ in range(_TRIES):
            count = n.lib.hoga_list(handle, ids, len(ids))
            if 0 <= count <= len(ids):
                break
            ids = (n.Id * max(count, 16))()
        if count < 0:
            raise failed('the directory', count)
        info, names = n.Info(), []
        for book_id in ids[:count]:
            if n.lib.hoga_info(handle, book_id, info) == 0:
                names.append(info.name.decode())
        return names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def get(self, name: str) -> Optional[Book]:
        """The book, or None where hogad does not carry it."""
        try:
            return self[name]
        except NotCarried:
            return None

    def wait(self, books: Sequence[Book], timeout: Optional[float] = None) -> Optional[Book]:
        """Sleep until one of these books differs from what was read of it last. Returns it, or None after `timeout`."""
        return self._wait(list(books), timeout, None)

    def _wait(self, books: list[Book], timeout: Optional[float], since: Optional[View]) -> Optional[Book]:
        end = None if timeout is None else time.monotonic() + timeout
        count = len(books)
        while True:
            seen = [(since.update, since._book.state)] if since is not None else [book._seen for book in books]
            ids = (n.Id * count)(*[book._id for book in books])
            updates = (c.c_uint64 * count)(*[update for update, _ in seen])
            states = (c.c_uint8 * count)(*[state for _, state in seen])
            left = _SLICE_NS if end is None else max(0, min(_SLICE_NS, int((end - time.monotonic()) * 1e9)))
            r = n.lib.hoga_wait_any(self._handle(), ids, count, updates, states, left)
            if r >= 0:
                return books[r]
            if r == -errno.ESTALE:
                for book in books:
                    book._again()
                return books[0]
            if r not in (-errno.ETIMEDOUT, -errno.EINTR):
                raise failed('waiting', r)
            if end is not None and time.monotonic() >= end:
                return None

    def subscribe(self, *names: str, timeout: float = 5) -> Lease:
        """Ask hogad to carry these books; they appear once it does (hoga.Segment.get, or a ladder, finds them)."""
        return Lease(self, names, timeout)

    # --- the rest ---

    def instrument(self, name: str) -> Optional[Instrument]:
        """What the venue lists under this name, subscribed or not; None if it lists no such thing."""
        raw = n.Instrument()
        return Instrument(raw) if n.lib.hoga_catalogue_find(self._handle(), name.encode(), raw) == 0 else None

    def instruments(self) -> Iterator[Instrument]:
        """All that the venues list, in no order."""
        row, raw = c.c_uint32(0), n.Instrument()
        while True:
            r = n.lib.hoga_catalogue_next(self._handle(), row, raw)
            if r == 0:
                return
            if r > 0:
                yield Instrument(raw)

    @property
    def daemon(self) -> Daemon:
        raw = n.Daemon()
        r = n.lib.hoga_daemon(self._handle(), raw)
        if r < 0:
            raise failed('the daemon', r)
        return Daemon(raw.version.decode(), os.fsdecode(raw.path), (raw.abi_major, raw.abi_minor), raw.epoch, raw.pid,
                      bool(raw.is_alive), bool(raw.is_stopped), word(n.lib.hoga_source_word, raw.source),
                      raw.heartbeat_age_ns, raw.depth, raw.n_books)

    def connections(self) -> list[Connection]:
        found: list[Connection] = []
        raw, index = n.Connection(), 0
        while True:
            r = n.lib.hoga_connection(self._handle(), index, raw)
            index += 1
            if r == -errno.ERANGE:
                return found
            if r == 0:
                found.append(Connection(raw.venue.decode(), word(n.lib.hoga_state_word, raw.state),
                                        word(n.lib.hoga_reason_word, raw.reason),
                                        word(n.lib.hoga_source_word, raw.source), raw.n_books, raw.heard_age_ns,
                                        raw.round_trip_ns, raw.n_connects, raw.blind_ms_max))

    def counters(self) -> dict[str, int]:
        found: dict[str, int] = {}
        raw, index = n.Counter(), 0
        while n.lib.hoga_counter(self._handle(), index, raw) == 0:
            found[raw.name.decode()] = raw.value
            index += 1
        return found

    def __repr__(self) -> str:
        return '<hoga.Segment %s>' % ('closed' if self._pointer is None else self.daemon.path)


def open(path: Optional[str] = None, wait: Optional[float] = 0) -> Segment:  # noqa: A001 - hoga.open reads well
    """Open the segment at `path`, or by the library's rule (HOGA_SEGMENT, one's own daemon, /run/hoga/main/books). wait:
    seconds to wait for one that is not there yet, None for ever. Raises NoSegment or TimedOut, in words."""
    return Segment(path, wait)


__all__ = ['Book', 'Connection', 'Daemon', 'Day', 'Instrument', 'Lease', 'Level', 'RawLevel', 'Segment', 'TimedOut',
           'Trade', 'View', 'open']
