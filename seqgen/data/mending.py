"""What texts have by accident: byte order marks inside, line ends of other systems, characters that nobody sees; taken out
and counted, so that it can be said."""

from __future__ import annotations

import re

from seqgen.draw.human import plural

BOM = "\ufeff"
# Without width, and without a meaning of their own: word joiners, soft hyphens, and spaces without width except in scripts
# that write no spaces (Thai, Lao, Burmese, Khmer), where they end words. Joiners (U+200C, U+200D) belong to the spelling.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
INVISIBLE = re.compile(f"[\ufeff\u2060\u00ad]|(?<![{UNSPACED}])\u200b")


def mended(text: str) -> tuple[str, list[str]]:
    """A text with "\\n" line ends, without byte order marks and zeros, and what was changed to get there, in words."""
    changes = []
    if marks := text.count(BOM):
        starts = text.startswith(BOM)
        text = text.replace(BOM, "")
        inside = marks - starts
        changes += ["a byte order mark was removed"] if starts else []
        mark = "byte order mark inside the text was", "byte order marks inside the text were"
        changes += [f"{plural(inside, *mark)} removed"] if inside else []
    if zeros := text.count("\0"):
        text = text.replace("\0", "")
        changes.append(f"{plural(zeros, 'NUL character was', 'NUL characters were')} removed")
    if "\r" in text:
        text, ends = _line_ends(text)
        changes += ends
    if text.endswith("\x1a"):
        text = text.rstrip("\x1a")
        changes.append("the end-of-file mark of DOS was removed")
    return text, changes


def barely_mended(text: str) -> tuple[str, list[str]]:
    """The same for a byte order mark in front and CRLF only: what versions before 0.5 did, and what --no-clean leaves."""
    changes = []
    if text.startswith(BOM):
        text = text[1:]
        changes.append("a byte order mark was removed")
    if count := text.count("\r\n"):
        text = text.replace("\r\n", "\n")
        changes.append(f"{plural(count, 'CRLF line ending')} became LF")
    return text, changes


def _line_ends(text: str) -> tuple[str, list[str]]:
    """The line ends of other systems: CRLF, CRCRLF (written by two conversions) and CR, where it ends the lines."""
    changes = []
    for end, name in (("\r\r\n", "CRCRLF"), ("\r\n", "CRLF")):
        if count := text.count(end):
            text = text.replace(end, "\n")
            changes.append(f"{plural(count, f'{name} line ending')} became LF")
    if count := text.count("\r"):
        # Where it is not what ends the lines, a line more would shift all pairs behind it.
        is_end = count > text.count("\n")
        text = text.replace("\r", "\n" if is_end else " ")
        ends = "CR line ending became LF", "CR line endings became LF"
        inside = "CR inside a line became a space", "CR inside lines became spaces"
        changes.append(plural(count, *(ends if is_end else inside)))
    return text, changes
