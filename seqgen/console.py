"""What a command writes to: results to stdout, everything else to stderr, colour only where somebody sees it.

Messages quote names and texts of others: none of their control characters reaches the terminal.
"""

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
from seqgen.streams import Results
from seqgen.visible import unobeyed, visible

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.text import Text as RichText


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
        """The streams that sys has; colour obeys NO_COLOR and TERM=dumb."""
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

    @property
    def fits(self) -> int | None:
        """Columns that a table of results has to fit: those of a terminal, or of COLUMNS; None where a program reads it."""
        return self.width if self.out_is_terminal or os.environ.get("COLUMNS", "").isdigit() else None

    def write(self, text: str, flush: bool = False) -> None:
        """A result, as it is; on a terminal without the control characters that it would obey.

        Raises ClosedPipeError where nobody reads any more, which ends the program quietly, and SeqgenError where it
        cannot be written; that may also come out at a later flush, at the latest in `close`.
        """
        self.out.write(unobeyed(text) if self.out_is_terminal else text)
        if flush:
            self.out.flush()

    def write_bytes(self, data: bytes) -> None:
        """A result that is a file: its bytes as they are. Raises as `write` does."""
        if isinstance(self.out, Results):
            self.out.write_bytes(data)
            return
        self.out.flush()
        self.out.buffer.write(data)

    def show(self, text: RichText) -> None:
        """A drawing: with its colours on a terminal, as plain text elsewhere."""
        if not self.out_has_colour:
            self.write(text.plain + "\n")
            return
        from rich.console import Console as RichConsole

        RichConsole(file=self.out, highlight=False).print(text, soft_wrap=True)

    def note(self, text: str) -> None:
        """Something worth knowing, on stderr; nothing where quiet was asked for."""
        if not self.quiet:
            self._tell(visible(text) + "\n")

    def error(self, error: SeqgenError) -> None:
        """A failure; never silenced."""
        hint = f"hint: {visible(error.hint)}\n" if error.hint else ""
        self._tell(f"error: {visible(error.message)}\n{hint}")

    def usage(self, text: str) -> None:
        """What the command line's parser says about a usage error; never silenced."""
        self._tell(visible(text))

    def close(self) -> None:
        """Write what is left, so that a full disk or a closed pipe is met here and not at the interpreter's exit."""
        finish = getattr(self.out, "finish", self.out.flush)
        finish()

    def _tell(self, text: str) -> None:
        # A closed stderr or a full disk behind it is no reason to end the work.
        with contextlib.suppress(OSError, ValueError):
            self.err.write(text)
            self.err.flush()

    def rich(self) -> RichConsole:
        """A rich console on stderr, made on first use."""
        if self._rich is None:
            from rich.console import Console as RichConsole

            self._rich = RichConsole(file=self.err, no_color=not self.colour, highlight=False)
        return self._rich

    @contextmanager
    def progress(self, what: str) -> Iterator[Callable[[float], None]]:
        """A line with the share done and the time left, for work that takes over a second; only on a terminal."""
        began = shown = time.monotonic()

        def tell(share: float) -> None:
            nonlocal shown
            now = time.monotonic()
            if self.is_live and now - began > 1 and now - shown > 0.2 and share > 0:
                shown = now
                left = (now - began) * (1 - share) / share
                self._tell(f"\r{visible(what)}: {share:4.0%}, {left:.0f} s left\x1b[K")

        try:
            yield tell
        finally:
            if shown != began:
                self._tell("\r\x1b[K")
