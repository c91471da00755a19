"""What attributes of HTML say to people: descriptions of pictures, tooltips, hints in forms, labels that are read out.

WHATWG, HTML, sections 4.8.3 (alt), 3.2.6 (title), 4.10.5 (placeholder) and 4.2.5 (meta); WAI-ARIA 1.2, aria-label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from seqgen.formats.units import Edit, Unit

# By the elements that have them; without elements: by all, but those in which they are names for programs.
_SAID = {
    "alt": frozenset({"img", "area", "input"}),
    "placeholder": frozenset({"input", "textarea"}),
    "title": frozenset[str](),
    "aria-label": frozenset[str](),
}
# What a page is about, shown where the page is not.
_ABOUT = frozenset({"description", "og:title", "og:description", "twitter:title", "twitter:description"})
_NAMES = frozenset({"link", "style", "meta", "script"})
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]++)(?:\s*+=\s*+(\"[^\"]*+\"|'[^']*+'|[^\s\"'=<>`]++))?")


class Slot(NamedTuple):
    """Where a value stands, with its quotes: text[start:stop]; the `quote` that it gets."""

    start: int
    stop: int
    quote: str


def attributes(page: str, name: str, start: int, stop: int) -> Iterator[Unit]:
    """The units of a start tag, page[start:stop], of an element of this name: what has a letter in it."""
    if name[0] in "/!" or "=" not in page[start:stop]:
        return
    found = list(_ATTRIBUTE.finditer(page, start + 1 + len(name), stop))
    is_description = name == "meta" and any(
        one[1].lower() in ("name", "property") and one[2] and one[2].strip("\"' ").lower() in _ABOUT for one in found
    )
    for one in found:
        called = one[1].lower()
        if not one[2] or not (_is_said(name, called) or (is_description and called == "content")):
            continue
        quote = one[2][0] if one[2][0] in "\"'" else ""
        said = unescape(re.sub(r"\r\n?", "\n", one[2][1:-1] if quote else one[2]))
        if any(map(str.isalpha, said)):
            yield Unit(0, called, said, slot=Slot(*one.span(2), quote or '"'))


def _is_said(name: str, called: str) -> bool:
    elements = _SAID.get(called)
    return elements is not None and (name in elements if elements else name not in _NAMES)


def with_attributes(slot: Slot, translation: str) -> list[Edit]:
    """A translation as the value, in quotes."""
    text = translation.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\u00a0", "&nbsp;")
    text = text.replace("\n", "&#10;").replace("\r", "&#13;").replace(slot.quote, "&#39;" if slot.quote == "'" else "&quot;")
    return [Edit(slot.start, slot.stop, slot.quote + text + slot.quote)]
