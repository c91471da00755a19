"""Text that others wrote (names of files and runs, messages of libraries), made harmless for a terminal."""

from __future__ import annotations


def visible(text: str) -> str:
    """Control characters as symbols, so that no text can move the cursor; the newline stays.

    A byte of a file name that is not UTF-8 (PEP 383 keeps it as a lone surrogate) is written as \\xff, another lone
    surrogate as \\ud800.
    """
    if text.isprintable():
        return text
    return "".join(c if c == "\n" or c.isprintable() else _symbol(c) for c in text)


def unobeyed(text: str) -> str:
    """A result on its way to a terminal: only what a terminal would obey is replaced, control characters other than tab,
    newline and carriage return. Joiners, and spaces of all widths, are part of texts and stay."""
    if text.isprintable():
        return text
    return "".join(_symbol(c) if c < " " and c not in "\t\n\r" or "\x7f" <= c < "\xa0" else c for c in text)


def in_a_row(text: str) -> str:
    """A text between others in a row of a table whose columns tabs divide: its own tabs and line ends become symbols."""
    return text.translate({ord(character): _symbol(character) for character in "\t\n\r"})


def _symbol(character: str) -> str:
    """A picture of a control character, from U+2400 on; a middle dot for anything else that cannot be printed."""
    point = ord(character)
    if 0xDC80 <= point <= 0xDCFF:
        return f"\\x{point - 0xDC00:02x}"
    if 0xD800 <= point <= 0xDFFF:
        return f"\\u{point:04x}"
    return chr(0x2400 + point) if point < 0x20 else "·"
