"""Fonts for pictures: DejaVu Sans comes with matplotlib, Hangul with whatever this machine has."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Iterable
from typing import Any

# The usual fonts with Hangul of Linux, Windows and macOS.
_WANTED = ("DejaVu Sans", "NanumGothic", "Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic", "Apple SD Gothic Neo", "UnDotum")


def families() -> list[str]:
    """Which of the fonts are installed, in the order in which they are searched for a character."""
    from matplotlib.font_manager import fontManager

    # Naming a missing one would be logged once for every text.
    found = [name for name in _WANTED if name in fontManager.get_font_names()]
    if len(found) > 1 or not _learn_new_fonts():
        return found
    return [name for name in _WANTED if name in fontManager.get_font_names()]


def _learn_new_fonts() -> bool:
    """Add fonts installed since matplotlib made its list; whether there were any."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    new = set(findSystemFonts()) - {font.fname for font in fontManager.ttflist}
    for path in sorted(new):
        # A file that is not a font cannot be drawn with, but is no reason to stop.
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            fontManager.addfont(path)
    return bool(new)


def settings(names: list[str]) -> dict[str, Any]:
    """matplotlib's settings for these fonts; an SVG names the generic family last, for readers who have none of them."""
    return {"font.family": [*names, "sans-serif"], "font.sans-serif": names[:1] or ["DejaVu Sans"]}


def even(names: Iterable[str]) -> list[str]:
    """The same fonts after one whose letters are equally wide."""
    return ["DejaVu Sans Mono", *names]


def remedy(absent: Iterable[str]) -> str:
    """What to install for Hangul, Chinese characters and kana, which a bare Linux most often lacks; "" for other scripts."""
    if not any(_is_cjk(character) for character in absent):
        return ""
    return "install fonts-noto-cjk, for Korean alone fonts-nanum (Debian, Ubuntu; macOS and Windows come with such fonts), or: "


def _is_cjk(character: str) -> bool:
    name = unicodedata.name(character, "")
    return name.startswith(("HANGUL", "CJK", "HIRAGANA", "KATAKANA"))


def missing(texts: Iterable[str], names: list[str]) -> list[str]:
    """The characters of the texts that none of the fonts can draw."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    left = {character for text in texts for character in text if not character.isspace()}
    for name in names:
        if not left:
            break
        left -= {chr(point) for point in get_font(findfont(FontProperties(family=name))).get_charmap()}
    return sorted(left)
