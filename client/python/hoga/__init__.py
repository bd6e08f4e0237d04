# SPDX-License-Identifier: MIT
"""Live order books from shared memory.

    import hoga
    segment = hoga.open()
    book = segment['upbit:KRW-BTC']
    view = book.read()
    if view.is_live:
        print(view.bid.price, view.ask.price)

Pure ctypes over libhoga: no compiled part, no thread, no event loop, nothing to stop at exit. hoga.qt has a window,
hoga.aio an asynchronous iterator, hoga.ladder the arithmetic of an order-book window; none of them is imported here."""
from ._errors import Error, NoSegment, NotCarried, TimedOut, WrongThread
from ._native import LibraryError, __version__
from ._segment import (Book, Connection, Daemon, Day, Instrument, Lease, Level, RawLevel, Segment, Trade, View, open)  # noqa: A004

__all__ = ['Book', 'Connection', 'Daemon', 'Day', 'Error', 'Instrument', 'Lease', 'Level', 'LibraryError', 'NoSegment',
           'NotCarried', 'RawLevel', 'Segment', 'TimedOut', 'Trade', 'View', 'WrongThread', '__version__', 'open']
