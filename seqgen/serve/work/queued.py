"""Files and pages, whose lines wait in the same queue as all others."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, wait

from seqgen.errors import CorpusError
from seqgen.formats import FORMATS, Format
from seqgen.formats.document import Document, Wanted
from seqgen.serve.work.translating import LINE_ENDS, Asked, Translating
from seqgen.translation.files import Choice, FileInHand
from seqgen.translation.lines import Translated

# Lines of a text that wait at once.
TOGETHER = 1_000
# How often it is looked whether the work was given up, in seconds.
OFTEN = 0.2


class Queued:
    """What `translate` calls for lines of a file, in a thread of its own; `cancelled` ends it."""

    def __init__(self, translating: Translating) -> None:
        self._translating = translating
        self.cancelled = threading.Event()

    def translate(self, lines: Sequence[str]) -> list[Translated]:
        """Translate lines. Raises CancelledError, and Refused where too many wait."""
        future = self._translating.submit(lines, Asked())
        while not wait([future], OFTEN).done:
            if self.cancelled.is_set():
                future.cancel()
                raise CancelledError
        return future.result()

    def file(self, name: str, data: bytes, row: Format, wanted: Wanted) -> bytes:
        """The same file with translations. Raises CorpusError for what is not of its format, or holds nothing to translate."""
        return FileInHand.of(name, data, row, wanted).translate(self, Choice())

    def lines(self, name: str, data: bytes) -> bytes:
        """The same text with each line translated, in the encoding and with the line ends that it has. Raises CorpusError."""
        document = Document(name, data, "utf-8", Wanted(), exact=True)
        parts = LINE_ENDS.split(document.raw())
        for start in range(0, len(parts), 2 * TOGETHER):
            some = slice(start, start + 2 * TOGETHER, 2)
            parts[some] = [found.text for found in self.translate(parts[some])]
        return document.written("".join(parts))

    def page(self, text: str) -> str:
        """A piece of HTML with its text translated and its tags where they belong."""
        # An encoding that it names is that of the file it came from.
        found = Wanted(), "utf-8-sig"
        try:
            file = FileInHand.of("text", text.encode("utf-8", "replace"), FORMATS["html"], *found)
        except CorpusError:  # nothing to translate
            return text
        return file.translate(self, Choice()).decode("utf-8-sig", "replace")
