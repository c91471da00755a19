"""Work in a background thread that nobody has to wait for: it ends with the process, and waiting for it can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# Seconds between checks whether the user has asked to stop.
LOOK = 0.05


class Stopped(Exception):
    """The user asked to stop during a wait."""


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
        """What the call returned; raises what it raised, or Stopped if `stop` becomes true first."""
        while not self._done.wait(LOOK):
            if stop():
                raise Stopped
        if self._error is not None:
            raise self._error
        found: Any = self._found
        return found  # type: ignore[no-any-return]
