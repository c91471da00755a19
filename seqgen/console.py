"""The process's streams: results to stdout, everything else to stderr, colour only where somebody sees it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from seqgen.errors import SeqgenError

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.text import Text as RichText


class ClosedPipeError(Exception):
    """Nobody reads the results any more: no failure, but the end. (click would make an exit code of 1 of an OSError.)"""


@dataclass
class Console:
    """What a command may write to. Made once, passed down; tests make their own on other streams."""

    out: TextIO
    err: TextIO
    colour: bool = False
    quiet: bool = False
    _rich: RichConsole | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, no_color: bool = False) -> Console:
        """The process's own streams. Text is UTF-8 whatever the locale says; colour obeys NO_COLOR and TERM=dumb."""
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure:
                reconfigure(encoding="utf-8", errors="replace")
        colour = not (no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb")
        return cls(sys.stdout, sys.stderr, colour=colour)

    @property
    def is_live(self) -> bool:
        """Whether a screen may be drawn on stderr."""
        return self.err.isatty() and not self.quiet and os.environ.get("TERM") != "dumb"

    @property
    def out_is_terminal(self) -> bool:
        """Whether results are read by a person."""
        return self.out.isatty()

    @property
    def out_has_colour(self) -> bool:
        """Whether results may be coloured."""
        return self.colour and self.out_is_terminal

    @property
    def width(self) -> int:
        """Columns of the terminal; 80 where there is none."""
        return shutil.get_terminal_size((80, 24)).columns

    def write(self, text: str, flush: bool = False) -> None:
        """A result, as it is. A closed pipe raises ClosedPipeError, which ends the program quietly."""
        try:
            self.out.write(text)
            if flush:
                self.out.flush()
        except BrokenPipeError:
            raise ClosedPipeError from None

    def show(self, text: RichText) -> None:
        """A drawn result: with its colours on a terminal, as plain text elsewhere."""
        if not self.out_has_colour:
            self.write(text.plain + "\n")
            return
        from rich.console import Console as RichConsole

        RichConsole(file=self.out, highlight=False).print(text, soft_wrap=True)

    def note(self, text: str) -> None:
        """Something worth knowing, on stderr; silent where quiet was asked for."""
        if not self.quiet:
            # Who closes the log has seen enough of it; that is no reason to end the work.
            with contextlib.suppress(BrokenPipeError):
                self.err.write(text + "\n")
                self.err.flush()

    def error(self, error: SeqgenError) -> None:
        """A failure; never silenced."""
        self.err.write(f"error: {error.message}\n")
        if error.hint:
            self.err.write(f"hint: {error.hint}\n")
        self.err.flush()

    def close(self) -> None:
        """Flush what is left, so that a closed pipe is met here and not at the interpreter's exit."""
        self.write("", flush=True)

    def rich(self) -> RichConsole:
        """A rich console on stderr, made on first use."""
        if self._rich is None:
            from rich.console import Console as RichConsole

            self._rich = RichConsole(file=self.err, no_color=not self.colour, highlight=False)
        return self._rich

    @contextmanager
    def progress(self, what: str) -> Iterator[Callable[[float], None]]:
        """A line with share done and time left, for work that takes over a second; only on a terminal."""
        began = shown = time.monotonic()

        def tell(share: float) -> None:
            nonlocal shown
            now = time.monotonic()
            if self.is_live and now - began > 1 and now - shown > 0.2 and share > 0:
                shown = now
                left = (now - began) * (1 - share) / share
                self.err.write(f"\r{what}: {share:4.0%}, {left:.0f} s left\x1b[K")
                self.err.flush()

        try:
            yield tell
        finally:
            if shown != began:
                self.err.write("\r\x1b[K")
                self.err.flush()
