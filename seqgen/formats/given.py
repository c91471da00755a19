"""A text that is given itself, as a prompt or a stop text is, rather than in a file: read as files are."""

from __future__ import annotations

from seqgen.data.mending import mended
from seqgen.tokenizers.base import normalise


def as_read(text: str) -> str:
    """The text as a model would have met it in a file of its corpus: "\\n" line ends, no byte order mark, NFC."""
    return normalise(mended(text)[0])
