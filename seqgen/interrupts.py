"""Ctrl-C (SIGINT), a request to end (SIGTERM), a terminal that was closed (SIGHUP): as a flag that is read between steps.

The first signal sets the flag, a second one ends at once. A signal that was ignored when the program was started stays
ignored: nohup does that with SIGHUP, and a script's shell with SIGINT for what it starts in the background, so that a
Ctrl-C meant for the foreground does not reach it.

Python runs a handler only once the main thread has returned from the library that it is in, and a library may count or
translate for half a minute. So a thread waits for signals too, through signal.set_wakeup_fd, and can end the program.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, NoReturn

from seqgen.errors import EXIT_INTERRUPTED

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
# timeout(1) and some terminals signal a process and then its whole group: what comes so soon is the same request.
SAME_REQUEST = 0.05
# Seconds that a command with nothing to save may take to clean up; then it ends, whatever it is doing.
GRACE = 0.3
SAID = "stopping after this step and saving; interrupt again to quit at once"


class Interrupts:
    """Signals as a flag, inside a `with` block; the handlers that were there before come back after it.

        with Interrupts() as interrupts:
            train(stop=interrupts.asked)
        interrupts.deliver()

    `ends_program` is for a command line: a second signal ends the process with exit code 130, without waiting for
    threads. Without it a second one raises KeyboardInterrupt, and the program that called us goes on. Only the main
    thread may handle signals: in another one the flag stays down. `say` is called with a sentence at the first signal,
    inside the handler.
    """

    def __init__(self, ends_program: bool = False) -> None:
        self.say: Callable[[str], None] = lambda text: None
        self._ends_program = ends_program
        self._number: int | None = None
        self._taken = 0.0  # when our handler met the first one
        self._seen: float | None = None  # when the watching thread did, which may be earlier
        self._previous: dict[int, Any] = {}
        self._stack = contextlib.ExitStack()

    def asked(self) -> bool:
        """Whether the work was asked to stop."""
        return self._number is not None

    def deliver(self) -> None:
        """Pass the signal, if one came, on to the handler that was there before: to be called after the block, with all saved.

        That raises KeyboardInterrupt after Ctrl-C; SIGTERM ends a program that does not handle it.
        """
        if self._number is not None:
            signal.raise_signal(self._number)

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is not threading.main_thread():
            return self
        for number in SIGNALS:
            # None: a handler in C, which could not be put back.
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._previous[number] = signal.signal(number, self._take)
        if self._ends_program:
            self._stack.enter_context(_watched(self._see))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()
        while self._previous:
            signal.signal(*self._previous.popitem())

    def _take(self, number: int, _frame: FrameType | None) -> None:
        """The handler, in the main thread."""
        now = time.monotonic()
        if self._number is None:
            self._number, self._taken = number, now
            self.say(SAID)
        elif now - self._taken > SAME_REQUEST:
            if self._ends_program:
                leave()
            raise KeyboardInterrupt

    def _see(self, number: int) -> None:
        """In the watching thread, at the time of the signal."""
        now = time.monotonic()
        if number not in self._previous:
            return
        if self._seen is None:
            self._seen = now
        elif now - self._seen > SAME_REQUEST:
            leave(flush=False)


class Ending:
    """Ctrl-C for a command that has nothing to save: a `with` block in which it raises KeyboardInterrupt, and ends the
    program GRACE seconds later, whatever it is doing. `came` tells that an error may be the interrupt in disguise."""

    def __init__(self) -> None:
        self.came = False
        self._over = False
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Ending:
        ours = threading.current_thread() is threading.main_thread()
        if ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._take)
            self._stack.callback(signal.signal, signal.SIGINT, signal.default_int_handler)
            self._stack.enter_context(_watched(self._see))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over = True
        self._stack.close()

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        if self.came:  # a second one: the first is being cleaned up after
            leave(flush=False)
        self.came = True
        raise KeyboardInterrupt

    def _see(self, number: int) -> None:
        """In the watching thread: the main one has some time to end by itself."""
        if number == signal.SIGINT:
            time.sleep(GRACE)
            if not self._over:
                leave(flush=False)


def leave(flush: bool = True) -> NoReturn:
    """End the process with exit code 130, now: threads are not waited for, the terminal gets its cursor back.

    Without `flush`, what stdout has buffered is given up: writing to a reader that does not read would wait.
    """
    for stream in (sys.stderr, sys.stdout)[: 2 if flush else 1]:
        with contextlib.suppress(Exception):
            stream.flush()
    with contextlib.suppress(OSError):
        if os.isatty(2) and os.environ.get("TERM") != "dumb":
            os.write(2, b"\x1b[?25h\n")
    os._exit(EXIT_INTERRUPTED)


@contextmanager
def _watched(see: Callable[[int], None]) -> Iterator[None]:
    """Call `see` with each signal that Python handles, at once, in a thread of its own. Handlers alone have to do on
    Windows, where a wake-up descriptor has to be a socket, and where no descriptor or thread is to be had."""
    writing = None if os.name == "nt" else _watching(see)
    if writing is None:
        yield
        return
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writing)


def _watching(see: Callable[[int], None]) -> int | None:
    """Start the thread; the descriptor that it listens to, which ends it when it is closed."""
    try:
        reading, writing = os.pipe()
    except OSError:
        return None
    os.set_blocking(writing, False)
    try:
        threading.Thread(target=_watch, args=(reading, see), daemon=True, name="signals").start()
    except RuntimeError:
        os.close(reading)
        os.close(writing)
        return None
    return writing


def _watch(reading: int, see: Callable[[int], None]) -> None:
    """Until the other end is closed."""
    # Signals are for the main thread: taken here they would not wake it where it waits.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        while numbers := os.read(reading, 64):
            for number in dict.fromkeys(numbers):
                see(number)
    finally:
        os.close(reading)
