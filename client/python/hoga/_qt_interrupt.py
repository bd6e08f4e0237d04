# SPDX-License-Identifier: MIT
"""Ctrl+C in somebody else's program that has not said what it does then. Python raises KeyboardInterrupt in whatever Python
code runs next, which in a window is a slot of ours, and PyQt6 ends a program whose slot raises in a core dump. Here it ends
the event loop, as closing the window does. No signal handler is set; a program's own is obeyed."""
from __future__ import annotations

import functools
import sys
import weakref
from typing import Any, Callable, Generator, Iterator, TypeVar

from PyQt6.QtCore import QCoreApplication

Slot = TypeVar('Slot', bound=Callable[..., Any])


def _interrupts() -> Iterator[None]:
    while True:
        try:
            yield
        except KeyboardInterrupt:
            QCoreApplication.quit()
        except Exception:  # of the program's own handler: as PyQt6 does, but for the next ones we are still here
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]


def interrupts_take() -> Callable[[], None]:
    """A slot to be called before all others. Python handles signals where a function begins, before any `try` of it; a
    generator goes on within its `try`. It runs nothing else, so a loop within a loop is no matter."""
    waiting = _interrupts()
    next(waiting)
    return waiting.__next__


def _paintings(widget: 'weakref.ref[Any]') -> Generator[None, Any, None]:
    while True:
        try:
            event = yield
            shown = widget()
            if shown is not None:
                shown._paint(event)
        except KeyboardInterrupt:
            QCoreApplication.quit()
        except Exception:
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        event = shown = None


def painting_take(widget: Any) -> Callable[[Any], None]:
    """In the same way a paintEvent, which comes soon after the timer and takes longest; it calls widget._paint."""
    waiting = _paintings(weakref.ref(widget))
    next(waiting)
    return waiting.send


def interruptible(slot: Slot) -> Slot:
    """For what else Qt calls: the interrupt may come while it runs."""
    @functools.wraps(slot)
    def run(*arguments: Any) -> Any:
        try:
            return slot(*arguments)
        except KeyboardInterrupt:
            QCoreApplication.quit()
            return None
    return run  # type: ignore[return-value]
