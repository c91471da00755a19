"""Work in a thread beside, which nobody has to wait for: it ends with the process, and whoever waits can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# Seconds between two looks whether somebody has asked to stop.
LOOK = 0.05


class Stopped(Exception):
    """The user has asked to stop while something was waited for."""


class Beside(Generic[T]):
    """A call in a daemon thread. (A pool's threads are waited for when the interpreter ends, however long they take.)"""

    def __init__(self, work: Callable[..., T], *arguments: Any) -> None:
        self._found: T | None = None
        self._error: BaseException | None = None
        self._done = threading.Event()
        threading.Thread(target=self._run, args=(work, arguments), daemon=True).start()

    def _run(self, work: Callable[..., T], arguments: tuple[Any, ...]) -> None:
        try:
            self._found = work(*arguments)
        except BaseException as error:  # raised again where the result is asked for
            self._error = error
        finally:
            self._done.set()

    def result(self, stop: Callable[[], bool] = lambda: False) -> T:
        """What the call returned, or its exception. Raises Stopped where `stop` becomes true first."""
        while not self._done.wait(LOOK):
            if stop():
                raise Stopped
        if self._error is not None:
            raise self._error
        found: Any = self._found
        return found  # type: ignore[no-any-return]
