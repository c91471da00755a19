"""Ctrl-C as a flag that is read between two symbols, so that what is there can still be printed."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any


class Interrupt:
    """While it is entered, the first Ctrl-C is only noted; a second one raises KeyboardInterrupt at once."""

    def __init__(self) -> None:
        self._asked = False
        self._before: Any = None

    def asked(self) -> bool:
        """Whether somebody wants this to end."""
        return self._asked

    def __enter__(self) -> Interrupt:
        self._before = signal.signal(signal.SIGINT, self._take)
        return self

    def __exit__(self, *_error: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
