"""Codes of languages, matched as people mean them: en takes en-US, pt_BR is pt-BR, eng is en (BCP 47, ISO 639)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

# Codes of three letters (ISO 639-2 and -3) whose languages have one of two.
_LONG = (
    "ara:ar bul:bg cat:ca ces:cs cze:cs chi:zh cmn:zh dan:da deu:de dut:nl ell:el eng:en epo:eo est:et eus:eu fas:fa"
    " fin:fi fra:fr fre:fr ger:de gle:ga glg:gl gre:el heb:he hin:hi hrv:hr hun:hu ind:id isl:is ita:it jpn:ja kat:ka"
    " kaz:kk khm:km kor:ko lav:lv lit:lt mar:mr mkd:mk mon:mn msa:ms nld:nl nob:nb nno:nn nor:no pol:pl por:pt ron:ro"
    " rum:ro rus:ru slk:sk slv:sl spa:es sqi:sq srp:sr swe:sv swa:sw tam:ta tel:te tha:th tur:tr ukr:uk urd:ur uzb:uz"
    " vie:vi zho:zh"
)
SHORT = dict(pair.split(":") for pair in _LONG.split())
_CODES = frozenset(SHORT.values())
_PARTS = re.compile(r"[-_]")
_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?(?:[-_](?:[A-Za-z]{2}|\d{3}))?(?:[-_][\w]{1,8})*")


@lru_cache(maxsize=1024)
def parts(code: str) -> tuple[str, ...]:
    """A code's language, in two letters where it has these, script and region, in lower case."""
    language, *rest = _PARTS.split(code.strip().lower())
    return (SHORT.get(language, language), *rest)


def spelt(code: str) -> str:
    """A code as it is usually written: EN is en, pt_br pt-BR, zh-HANT zh-Hant."""
    language, *rest = _PARTS.split(code.strip())
    return "-".join([language.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)])


def is_code(text: str) -> bool:
    """Whether a text is the code of a common language, perhaps with a script or a region."""
    return bool(_CODE.fullmatch(text.strip())) and parts(text)[0] in _CODES


def matches(wanted: str, code: str) -> bool:
    """Whether a language is the wanted one, or a variety of it: en takes en-US; en-GB takes en-GB and a plain en, not en-US."""
    one, other = parts(wanted), parts(code)
    return one[0] == other[0] and (set(one[1:]) <= set(other[1:]) or len(other) == 1)


def best(wanted: str, codes: Sequence[str]) -> int | None:
    """The place of the code that fits best: exactly, else with nothing more than asked for, else the first that matches."""
    return _best(wanted, tuple(codes))


@lru_cache(maxsize=1024)
def _best(wanted: str, codes: tuple[str, ...]) -> int | None:
    fitting = [place for place, code in enumerate(codes) if code.strip() and matches(wanted, code)]
    return min(fitting, key=lambda place: (parts(codes[place]) != parts(wanted), len(parts(codes[place])), place), default=None)
