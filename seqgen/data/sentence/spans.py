"""Parts of a text that no model should touch: tags, addresses, paths, format specifiers, codes, emoji, numbers, and characters
that training has never seen. A table of patterns finds them; what touches is one span.

Nothing here is slow on odd text: repeats are possessive or begin only after another character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from seqgen.data.mending import UNSPACED
from seqgen.data.sentence.edits import Edit, edited


class Span(NamedTuple):
    """text[start:stop]; `kind` is the name of a pattern, or "unseen"."""

    start: int
    stop: int
    kind: str


_EMOJI = (
    "\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297"
    "\u3299\U0001f000-\U0001faff"
)
_ONE_EMOJI = rf"[{_EMOJI}][\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]*+"
_SUFFIXES = (
    "txt|md|csv|tsv|jsonl?|ya?ml|xml|html?|css|js|ts|py|java|c|cpp|h|rs|go|sh|exe|dll|pdf|docx?|xlsx?|pptx?|odt|epub|zip|gz|tar|"
    "png|jpe?g|gif|svg|mp[34]|wav|avi|ini|conf|log|sql|bak"
)
# The first that fits decides. Where a script writes particles behind a word, they are no part of what is ASCII.
PATTERNS = {
    "tag": r"</?[A-Za-z][\w:.\-]*+(?:\s[^<>]*+|/)?>|<!--(?:(?!-->)[^<])*+-->",
    "entity": r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});",
    "url": r"(?<![A-Za-z0-9])(?i:(?:https?|ftp|file)://|www\.)[^\s<>\"“”«»。，、]++",
    "email": r"(?<![\w.+\-])[\w.+\-]++@[A-Za-z0-9\-]++(?:\.[A-Za-z0-9\-]++)++|(?<![\w@])@[A-Za-z0-9_]{2,}+",
    "format": r"\$t\([^()\s]*+\)|\$?\{\{[^{}]*+\}\}|\$?\{[^{}\s]*+\}|%%"
              r"|%(?:\d+\$)?(?:\(\w+\))?[\-+#0]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa@](?![A-Za-z])",
    "path": r"[A-Za-z]:\\[^\s<>\"|?*]*+|(?<![\w/\\.~:\-])(?:~|\.{1,2})?/[A-Za-z_.~][A-Za-z0-9_.+@%~/\-]*+",
    "file": rf"(?<![A-Za-z0-9_/\\.\-])(?=[A-Za-z0-9_\-./]*\.(?:{_SUFFIXES})(?![A-Za-z0-9_]))"
            r"[A-Za-z0-9_\-]++(?:[./][A-Za-z0-9_\-]++)*+",
    "emoji": rf"[0-9#*]\ufe0f?\u20e3|{_ONE_EMOJI}(?:\u200d{_ONE_EMOJI})*+",
    "code": r"(?<![A-Za-z0-9_\-])(?:(?=[A-Z0-9\-_]*[A-Z])(?=[A-Z\-_]*\d)[A-Z0-9]++(?:[\-_][A-Z0-9]++)*+"
            r"|[A-Za-z0-9]*+_[A-Za-z0-9_]++)(?![A-Za-z0-9_])",
    "number": r"(?<!\d)\d{1,3}(?:[ \u00a0\u202f\u2009'’]\d{3})+(?!\d)(?:[.,]\d++)?|\d++(?:[.,:/\-–]\d++)*+",
}  # fmt: skip
_PATTERN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in PATTERNS.items()))
# A text without any of these has no span, but perhaps characters that are unknown.
_MARKS = re.compile(rf"[0-9@&<%{{$/\\_]|\.[A-Za-z]|[{_EMOJI}]|\d")
_WORD_CHARACTER = re.compile(rf"[^\W{UNSPACED}\u3040-\u30ff\u3400-\u9fff]")
_END = ".,;:!?'’…"
_BRACKETS = {")": "(", "]": "[", "}": "{"}


def spans(text: str, unseen: Callable[[str], set[str]]) -> list[Span]:
    """The spans of a text in order; those that touch are one, tags apart. `unseen` says which characters of it no model
    can read."""
    found = list(_matches(text)) if _MARKS.search(text) else []
    unknown = unseen(text)
    return _touching(text, _with_unseen(text, found, unknown) if unknown else found)


def _matches(text: str) -> Iterator[Span]:
    for match in _PATTERN.finditer(text):
        kind = match.lastgroup or ""
        stop = _address_end(match.group()) + match.start() if kind in ("url", "path") else match.end()
        yield Span(match.start(), stop, kind)


def _address_end(address: str) -> int:
    """Where an address ends: before the marks that end a sentence, a bracket that it has not opened, or a particle."""
    begin = address.find("://") + 3 if "://" in address else 0
    path = address.find("/", begin)
    host = re.match(r"[!-~]*", address[begin:] if path < 0 else address[begin:path])
    stop = begin + host.end() if host and (path < 0 or begin + host.end() < path) else len(address)
    while stop > 1 and (address[stop - 1] in _END or (opened := _BRACKETS.get(address[stop - 1], ""))):
        if address[stop - 1] not in _END and address.count(opened, 0, stop) >= address.count(address[stop - 1], 0, stop):
            break
        stop -= 1
    return stop


def _with_unseen(text: str, found: list[Span], unknown: set[str]) -> list[Span]:
    """The spans, and those of unknown characters outside them: of the whole word, where the script has words."""
    pattern = re.compile("[" + re.escape("".join(sorted(unknown))) + "]+")
    # What is taken looks like white space, which is never unknown.
    free = edited(text, [Edit(span.start, span.stop, " " * (span.stop - span.start)) for span in found])
    more: list[Span] = []
    reached = 0
    for match in pattern.finditer(free):
        start, stop = max(match.start(), reached), match.end()
        if start >= stop:
            continue
        if _WORD_CHARACTER.match(free[start]):
            while start > reached and _WORD_CHARACTER.match(free[start - 1]):
                start -= 1
        if _WORD_CHARACTER.match(free[stop - 1]):
            while stop < len(free) and _WORD_CHARACTER.match(free[stop]):
                stop += 1
        more.append(Span(start, stop, "unseen"))
        reached = stop
    return sorted([*found, *more])


def _touching(text: str, found: list[Span]) -> list[Span]:
    """The spans, those that touch as one, and unseen words with a space between them."""
    joined: list[Span] = []
    for span in found:
        last = joined[-1] if joined else None
        if last is None or "tag" in (last.kind, span.kind):
            joined.append(span)
        elif last.stop == span.start:
            kind = last.kind if last.kind != "number" else span.kind
            joined[-1] = Span(last.start, span.stop, kind)
        elif last.kind == span.kind == "unseen" and text[last.stop : span.start] == " " and _are_words(text, last, span):
            joined[-1] = Span(last.start, span.stop, "unseen")
        else:
            joined.append(span)
    return joined


def _are_words(text: str, left: Span, right: Span) -> bool:
    return bool(_WORD_CHARACTER.match(text[left.stop - 1]) and _WORD_CHARACTER.match(text[right.start]))
