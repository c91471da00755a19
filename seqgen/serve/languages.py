"""Which of the served languages a client means, and which of them a text is written in."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from seqgen.formats.languages import matches, parts

# English names of codes: ISO 639-1, as the Library of Congress lists them.
NAMES = dict(
    pair.split(":")
    for pair in (
        "ar:Arabic bg:Bulgarian ca:Catalan cs:Czech cy:Welsh da:Danish de:German el:Greek en:English eo:Esperanto es:Spanish"
        " et:Estonian eu:Basque fa:Persian fi:Finnish fr:French ga:Irish gl:Galician he:Hebrew hi:Hindi hr:Croatian"
        " hu:Hungarian id:Indonesian is:Icelandic it:Italian ja:Japanese ka:Georgian kk:Kazakh km:Khmer ko:Korean"
        " lt:Lithuanian lv:Latvian mk:Macedonian mn:Mongolian mr:Marathi ms:Malay nb:Norwegian_(Bokmål) nl:Dutch"
        " nn:Norwegian_(Nynorsk) no:Norwegian pl:Polish pt:Portuguese ro:Romanian ru:Russian sk:Slovak sl:Slovenian"
        " sq:Albanian sr:Serbian sv:Swedish sw:Swahili ta:Tamil te:Telugu th:Thai tr:Turkish uk:Ukrainian ur:Urdu uz:Uzbek"
        " vi:Vietnamese zh:Chinese"
    ).split()
)


class Detected(NamedTuple):
    """A language, and how sure that is, from 0 to 100."""

    language: str
    confidence: float


def name_of(code: str) -> str:
    """The English name of a language; a code that is not known is its own name."""
    language, *rest = parts(code)
    name = NAMES.get(language, code).replace("_", " ")
    return f"{name} ({'-'.join(rest).upper()})" if rest and language in NAMES else name


def meant(wanted: str, codes: Iterable[str]) -> list[str]:
    """Those of the codes that a client's code stands for, the nearest first: en, en-US and EN_us all mean a plain en."""
    fitting = [code for code in codes if matches(wanted, code) or matches(code, wanted)]
    return sorted(fitting, key=lambda code: parts(code) != parts(wanted))


def detect(text: str, codes: Sequence[str]) -> list[Detected]:
    """The languages of codes that a text may be in, the likeliest first. Where nothing can be told, all are equally likely."""
    known = [code for code in codes if parts(code)[0] in _identifier().labels]
    rest = [code for code in codes if code not in known]
    if not known:
        return [Detected(code, round(100 / len(rest), 1)) for code in rest]
    languages = tuple(sorted({parts(code)[0] for code in known}))
    # Varieties of one language are not told apart.
    ranks = {languages[0]: 1.0} if len(languages) == 1 else dict(_among(languages).rank(text))
    found = [Detected(code, round(100 * float(ranks[parts(code)[0]]), 1)) for code in known]
    return [*sorted(found, key=lambda one: -one.confidence), *(Detected(code, 0.0) for code in rest)]


@cache
def _identifier() -> Any:
    """The identifier of languages, which takes a second to load."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def _among(languages: tuple[str, ...]) -> Any:
    """The same, of a few languages."""
    identifier = copy.copy(_identifier())
    identifier.set_languages(list(languages))
    return identifier
