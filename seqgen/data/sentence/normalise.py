"""Spellings that say the same, made one before a model sees them: in training and in every use, by these functions alone.

Which steps a model was trained with stands in its run's config; the steps are applied in the order of the table. Beyond what
normalisation makes equal, a line has edges (white space and characters without width), which are set aside and put back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from seqgen.data.mending import UNSPACED
from seqgen.tokenizers.base import normalise as nfc

# Without width or ink: byte order marks, zero-width spaces, soft hyphens, direction marks, controls other than tab and newline.
INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f"
# Spaces without width end words in scripts that write no others.
_INVISIBLES = re.compile(f"(?<![{UNSPACED}])\u200b|(?!\u200b)[{INVISIBLE}{CONTROLS}]")
# Joiners belong to the spelling of Arabic and Indic words, and to emoji; elsewhere they are dirt.
_JOINED = "\u0600-\u08ff\u0900-\u0dff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
_JOINERS = re.compile(f"(?<![{_JOINED}])[\u200c\u200d]+|[\u200c\u200d]+(?![{_JOINED}])")
_EDGES = re.compile(rf"\A[\s{INVISIBLE}]*")
_EDGE_CHARACTERS = re.compile(rf"[\s{INVISIBLE}]")
_SPACES = re.compile(r"\s+")
_ASCII_SPACES = re.compile(r"[ \t]{2,}|\t")
_QUOTES = str.maketrans({**dict.fromkeys("’‘‚‛ʼ′`´", "'"), **dict.fromkeys("“”„‟″«»", '"')})
_GUILLEMETS = re.compile(r"«[ \u00a0\u202f]|[ \u00a0\u202f]»")
_DASHES = str.maketrans({**dict.fromkeys("–—―‒‐‑−", "-"), "…": "..."})


class Step(NamedTuple):
    """One kind of spelling that is made equal: in what is read (sources), and in what is written (targets), where at all."""

    source: Callable[[str], str]
    target: Callable[[str], str] | None = None


def _visible(text: str) -> str:
    return _JOINERS.sub("", _INVISIBLES.sub("", text))


# A target keeps its typography: a model is to write it as its corpus does.
STEPS: dict[str, Step] = {
    "nfc": Step(nfc, nfc),
    # No characters without width.
    "invisible": Step(_visible, _visible),
    # One plain space for any white space.
    "spaces": Step(lambda text: _SPACES.sub(" ", text).strip(), lambda text: _ASCII_SPACES.sub(" ", text).strip()),
    # Straight quotes and apostrophes.
    "quotes": Step(lambda text: _GUILLEMETS.sub('"', text).translate(_QUOTES)),
    # One hyphen for all dashes, three full stops for an ellipsis.
    "dashes": Step(lambda text: text.translate(_DASHES)),
}  # fmt: skip


@cache
def steps_of(names: str) -> list[Step]:
    """The steps of a list like "nfc,spaces", in the table's order; config.py checks the names."""
    wanted = names.split(",")
    return [step for name, step in STEPS.items() if name in wanted]


def source_text(text: str, names: str) -> str:
    """A source as the model reads it. Most text is plain ASCII with single spaces, which no step changes."""
    if text.isascii() and text.isprintable() and "  " not in text and text == text.strip() and "`" not in text:
        return text
    for step in steps_of(names):
        text = step.source(text)
    return text


def target_text(text: str, names: str) -> str:
    """A target as the model learns to write it, and is compared with it."""
    if text.isascii() and text.isprintable() and "  " not in text and text == text.strip():
        return text
    for step in steps_of(names):
        text = step.target(text) if step.target else text
    return text


def edges(line: str) -> tuple[str, str, str]:
    """A line as what stands in front, what is to be translated, and what stands behind."""
    first = _EDGES.match(line)
    begin = first.end() if first else 0
    end = len(line)
    while end > begin and _EDGE_CHARACTERS.match(line[end - 1]):
        end -= 1
    return line[:begin], line[begin:end], line[end:]
