# SPDX-License-Identifier: MIT
"""Books in asyncio: `async for view in hoga.aio.watch('upbit:KRW-BTC')`. A module of its own; hoga and hoga.qt never
import it. It works in whatever loop runs it (asyncio's own, qasync's), starts no thread and no task: an iterator that is
cancelled, or whose loop is closed, leaves nothing pending."""
from __future__ import annotations

import asyncio
from typing import AsyncIterator, Optional

from ._errors import NotCarried
from ._segment import Segment, View
from ._segment import open as _open

LOOK_SECONDS = 0.005  # between two looks at the update number: one load each
VERDICT_SECONDS = 0.1  # a dead daemon publishes nothing, so the verdict is looked at too


async def watch(name: str, *, segment: Optional[Segment] = None, depth: Optional[int] = None, raw: bool = False,
                look_seconds: float = LOOK_SECONDS) -> AsyncIterator[View]:
    """A view now, and one whenever the book or its verdict has changed: the newest, never a queue of old ones. A book
    that hogad does not carry any more raises NotCarried."""
    own = segment is None
    opened = _open() if segment is None else segment
    try:
        book = opened[name]
        view = book.read(depth, raw)
        yield view
        loop = asyncio.get_running_loop()
        looked = loop.time()
        while True:
            await asyncio.sleep(look_seconds)
            is_changed = book.update != view.update
            if not is_changed and loop.time() - looked >= VERDICT_SECONDS:
                top = book.read_top()
                is_changed = (top.update, top.state, top.reason) != (view.update, view.state, view.reason)
                looked = loop.time()
            if is_changed:
                view = book.read(depth, raw)
                looked = loop.time()
                yield view
    finally:
        if own:
            opened.close()


async def until_live(name: str, *, segment: Optional[Segment] = None, look_seconds: float = LOOK_SECONDS) -> View:
    """The first live view; waits for a book that is not carried yet as well."""
    own = segment is None
    opened = _open() if segment is None else segment
    try:
        while True:
            try:
                view = opened[name].read()
                if view.is_live:
                    return view
            except NotCarried:
                pass
            await asyncio.sleep(look_seconds)
    finally:
        if own:
            opened.close()
