# SPDX-License-Identifier: MIT
"""What can go wrong, as exceptions whose text says what, why and what to do."""
from __future__ import annotations

import difflib
import errno as _errno
from typing import Iterable


class Error(Exception):
    """Anything of hoga's that goes wrong. `errno`: the library's number, above 0; 0 where it has none."""

    def __init__(self, text: str, errno: int = 0) -> None:
        super().__init__(text)
        self.errno = errno


class NoSegment(Error):
    """There is no segment (yet), or it may not be read, or it is of another version."""


class NotCarried(Error, KeyError):
    """hogad does not carry this book."""

    def __str__(self) -> str:
        return str(self.args[0])


class WrongThread(Error):
    """A segment belongs to the thread that opened it."""


class TimedOut(Error, TimeoutError):
    """It did not come in time."""


def no_segment(error: int, what: str, why: str, remedy: str) -> Error:
    text = ': '.join(part for part in (what, why, remedy) if part)
    if error == _errno.ETIMEDOUT:
        return TimedOut(text, error)
    return NoSegment(text, error)


def refused(error: int, what: str, why: str, remedy: str) -> Error:
    text = ': '.join(part for part in (what, why, remedy) if part)
    if error == _errno.ETIMEDOUT:
        return TimedOut(text, error)
    return NotCarried(text, error) if error == _errno.ENOENT else Error(text, error)


def not_carried(name: str, names: Iterable[str]) -> NotCarried:
    near = difflib.get_close_matches(name.lower(), {n.lower(): n for n in names}, n=1)
    spelt = {n.lower(): n for n in names}
    hint = 'did you mean %s?' % spelt[near[0]] if near else 'segment.subscribe(%r) asks hogad for it' % name
    return NotCarried('%s: hogad does not carry it: %s' % (name, hint), _errno.ENOENT)


def failed(doing: str, r: int) -> Error:
    error = -r
    words = {
        _errno.EAGAIN: 'it changes faster than it can be read: try again',
        _errno.ESTALE: 'another book has its place now: look it up again',
        _errno.EBADMSG: 'the segment is damaged: restart hogad',
    }
    return Error('%s: %s' % (doing, words.get(error, _errno.errorcode.get(error, str(error)))), error)
