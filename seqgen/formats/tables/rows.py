"""What a table of pairs has beside its pairs: a header, quotes around fields, rows with a column too few or too many.

A reader of CSV over the whole file would be no cure: many files have quotes that are characters like any other, of which one
swallows all lines up to the next. So each field is judged by itself, with what all lines say about the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

# A row that is unlike the others is left out, if it is one of few.
FEW = 0.05
# Fields with a comma from which it is concluded that all of them are quoted.
ENOUGH = 3
_TITLES = "source target src tgt trg mt ref text translation original segment sentence source_text target_text"
_CODES = (
    "ar bg bn ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km ko lt lv mk mn mr ms nb nl"
    " nn no pl pt ro ru sk sl sq sr sv sw ta te th tr uk ur uz vi zh"
    " ara bul ces dan deu ell eng epo est fin fra heb hin hrv hun ind ita jpn kor lav lit nld nob pol por ron rus slk slv spa"
    " swe tha tur ukr vie zho cmn"
)
_LANGUAGES = (
    "arabic bulgarian chinese croatian czech danish dutch english estonian finnish french german greek hebrew hindi hungarian"
    " indonesian italian japanese korean latin latvian lithuanian norwegian persian polish portuguese romanian russian serbian"
    " slovak slovenian spanish swedish thai turkish ukrainian vietnamese deutsch français español italiano português русский"
    " 한국어 영어 日本語 英語 中文 polski nederlands svenska"
)
_REGION = re.compile("(?<=^[a-z]{2})[-_][a-z]{2}$")
HEADERS = frozenset(f"{_TITLES} {_CODES} {_LANGUAGES}".split())


@dataclass
class Survey:
    """What all lines say about the columns `left` and `right` (from 0): how many columns they usually have, which lines have
    fewer than needed or more than usual, and which fields are in quotes.
    """

    left: int
    right: int
    rows: int = 0
    header: tuple[str, str] | None = None
    few: list[int] = field(default_factory=list)
    many: list[int] = field(default_factory=list)
    _columns: Counter[int] = field(default_factory=Counter)
    _fields: int = 0
    _quoted: int = 0
    _commas: int = 0
    _quoted_commas: int = 0

    @staticmethod
    def of(lines: Iterable[tuple[int, str]], left: int, right: int) -> Survey:
        """Look at all lines; empty ones are no rows."""
        survey = Survey(left, right)
        counts: list[tuple[int, int]] = []
        for number, line in lines:
            if not line.strip():
                continue
            fields = line.split("\t")
            # Empty columns at the end are none, unless they are an empty side.
            filled = len(fields) if fields[-1] else len(line.rstrip("\t").split("\t"))
            counts.append((number, max(filled, min(len(fields), max(left, right) + 1))))
            if max(left, right) < len(fields):
                survey._see(fields[left], fields[right])
        survey.rows = len(counts)
        survey._columns = Counter(count for _, count in counts)
        usual = survey.usual
        survey.few = [number for number, count in counts if count <= max(left, right)]
        survey.many = [number for number, count in counts if count > max(usual, max(left, right) + 1)]
        return survey

    @property
    def usual(self) -> int:
        """The columns of most rows."""
        return self._columns.most_common(1)[0][0] if self._columns else 0

    def is_rare(self, lines: list[int]) -> bool:
        """Whether rows are few enough to be mistakes."""
        return 0 < len(lines) <= FEW * self.rows

    def is_header(self, left: str, right: str) -> bool:
        """Whether a row is the header, or that of a file that was put behind another."""
        return (left.strip(), right.strip()) == self.header

    def is_quoted(self, text: str) -> bool:
        """Whether the quotes around a field, and the doubled ones in it, are those of a table rather than of a sentence."""
        if not _is_wrapped(text):
            return False
        return '""' in text[1:-1] or self._all_are_quoted or self._commas_are_quoted

    @property
    def _all_are_quoted(self) -> bool:
        return self._fields > ENOUGH and self._quoted >= 0.95 * self._fields

    @property
    def _commas_are_quoted(self) -> bool:
        """Spreadsheets quote what has a comma, and nothing else but what has a quote."""
        return self._commas >= ENOUGH and self._quoted_commas == self._commas

    def _see(self, left: str, right: str) -> None:
        first = not self._fields
        for text in (left, right):
            if not text:
                continue
            self._fields += 1
            wrapped = _is_wrapped(text)
            self._quoted += wrapped
            if "," in text:
                self._commas += 1
                self._quoted_commas += wrapped
        if first and is_header(left, right):
            self.header = (left.strip(), right.strip())


def is_header(left: str, right: str) -> bool:
    """Whether two fields are titles of columns or names of languages rather than a pair."""
    names = [_bare(text) for text in (left, right)]
    return names[0] != names[1] and all(name in HEADERS for name in names)


def unquoted(text: str) -> str:
    """What a field in quotes holds."""
    return text.strip()[1:-1].replace('""', '"')


def _bare(text: str) -> str:
    """A title without what may be around it: quotes, case, a region as in en-US."""
    name = text.strip().strip('"').strip().lower().replace(" ", "_")
    return _REGION.sub("", name)


def _is_wrapped(text: str) -> bool:
    """Whether a field is in quotes and all quotes inside are doubled."""
    text = text.strip()
    return len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1].replace('""', "")
