"""Which encoding bytes that are not UTF-8 may be in: candidates are tried, and judged by how usual what they make of it is.

A candidate has to decode everything, strictly. Its score is the share of the characters beyond ASCII that are usual in what
is written in that encoding: the frequent letters of its languages, syllables or characters. A wrong encoding makes rare
characters of common ones, so the right one stands out after some words.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

# How much is judged; all of it has to decode.
JUDGED = 200_000
_WORD = re.compile(r"[^\W\d_]+")
_SIGN = re.compile("(?<=[a-z])[‚„…‹›°§€£©®•“”«»‘](?=[a-z])")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
# These say little: every Western encoding has them, at other places.
PUNCTUATION = "‘’‚“”„–—…«»‹›°§€£©®·•\u00a0"


class Candidate(NamedTuple):
    """An encoding, what is usual in it and the share of that which makes it plausible.

    `mixed`: its letters stand among those of ASCII in the same words, as they do in languages of the Latin script. `weight`
    says how much its share counts beside those of others.
    """

    encoding: str
    usual: frozenset[str]
    least: float
    mixed: bool = False
    weight: float = 1.0


HANGUL = (
    "이다는을의에가고하지은를나도로사리한기자어서아인시수대보해라있그일게것들부만정스들었니요면장안여주연제마않없거상무내려할때"
    "모구전소오세생우성비중말러야미바라신습동적원과으까야네드더공왜했좋싶람랑많음간날집와저번좀너같겠"
)
KANA = "".join(map(chr, [*range(0x3041, 0x3094), *range(0x30A1, 0x30F7)])) + "、。・ー「」的日本人一大年中上私見言出"
SIMPLIFIED = (
    "的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家十用发天如然作"
    "方成者多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没公从，。、：；？！“”《》"
)
TRADITIONAL = (
    "的一是不了人我在有他這為之大來以個中上們到說國和地也子時道出而要於就下得可你年生自會那後能對著事其裡所去行過家十用發天如然作"
    "方成者多日都三小軍二無同麼經法當起與好看學進種將還分此心前面又定見只主沒公從，。、：；？！「」《》"
)
# Of the Latin script, what each language writes beyond ASCII; the last one is several of them in one text.
LATIN = {
    "french": "éèàçêâôûîïëùüœæÉÈÀÇÊÂÔÎŒ",
    "german": "äöüßÄÖÜéè",
    "iberian": "áéíóúñüçãõâêôàºªÁÉÍÓÚÑÇ¿¡",
    "italian": "àèéìòùÀÈÉÌÒÙ",
    "nordic": "åäöæøéÅÄÖÆØáíóúýðþÁÍÓÚÝÐÞ",
    "western": "éèàçêâôûîïëùüöäßñáíóúåæøœãõìòÉÈÀÇÊÜÖÄÅÆØŒÑÁÍÓÚ¿¡ºª",
}
CENTRAL = {
    "czech": "áčďéěíňóřšťúůýžľĺŕôäÁČĎÉĚÍŇÓŘŠŤÚŮÝŽĽ",
    "polish": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
    "hungarian": "áéíóöőúüűÁÉÍÓÖŐÚÜŰ",
    "croatian": "čćđšžČĆĐŠŽ",
    "romanian": "ăâîşţĂÂÎŞŢ",
}
TURKISH = "ışğçöüâîûİŞĞÇÖÜ"
RUSSIAN = "оеаинтсрвлкмпуяыьдгзбОПВНСКМД"
CYRILLIC = RUSSIAN + "йхжчшюёіїєґџљњјћђъІЈ"
GREEK = "αοιετσνηυρπκμλςάόίέδήγύώΑΟΤΕΣΗΠΜ"
# A text of several languages has the usual letters of all: that says less for it.
ALL = 0.9


def _of(encoding: str, usual: str, least: float, mixed: bool = False, weight: float = 1.0) -> Candidate:
    return Candidate(encoding, frozenset(usual), least, mixed, weight)


def _latin(encodings: str, languages: dict[str, str]) -> tuple[Candidate, ...]:
    return tuple(
        _of(encoding, letters, 0.75, mixed=True, weight=ALL if name == "western" else 1.0)
        for encoding in encodings.split()
        for name, letters in languages.items()
    )


# In order of preference where two are as good. Wider encodings stand for those that they contain: cp949 for EUC-KR, cp932 for
# Shift-JIS, gb18030 for GB2312 and GBK.
CANDIDATES = (
    _of("cp949", HANGUL + ".,?!", 0.3),
    _of("euc_jp", KANA, 0.3),
    _of("cp932", KANA, 0.3),
    _of("gb18030", SIMPLIFIED, 0.2),
    _of("big5", TRADITIONAL, 0.2),
    _of("cp950", TRADITIONAL, 0.2),
    *_latin("latin-1 cp1252 iso8859-15", LATIN),
    *_latin("cp1250 iso8859-2", CENTRAL),
    *_latin("cp1254", {"turkish": TURKISH}),
    *_latin("mac_roman cp850", LATIN),
    *_latin("cp852", CENTRAL),
    *(_of(encoding, CYRILLIC, 0.7) for encoding in ("cp1251", "koi8_r", "cp866", "iso8859-5", "mac_cyrillic")),
    *(_of(encoding, GREEK, 0.7) for encoding in ("cp1253", "iso8859-7")),
    _of("cp1255", "אבגדהוזחטיכלמנסעפצקרשתםןץףך", 0.8),
    _of("cp1256", "ابتجحخدرزسشصعغفقكلمنهويةأإىء،", 0.8),
    _of("cp874", "กขคงจชดตทนบปผพมยรลวสหอะาิีึืุูเแโใไ่้์ั็", 0.8),
)


def guessed(data: bytes | bytearray) -> str | None:
    """The encoding under which bytes make a plausible text, all of them; None where none does."""
    if b"\0" in data:
        return wide(data)
    if b"\x1b$" in data and (found := _escaped(data)):
        return found
    if _decodes(data, "utf-8"):
        return "utf-8"
    scores = []
    for place, candidate in enumerate(CANDIDATES):
        text = _decodes(data, candidate.encoding)
        score = _score(text[:JUDGED], candidate) if text else 0.0
        if score >= candidate.least:
            scores.append((round(score * candidate.weight, 2), -place, candidate.encoding))
    return max(scores)[2] if scores else None


def wide(data: bytes | bytearray) -> str | None:
    """Which of UTF-16 and UTF-32, little or big endian and without a byte order mark; None for anything else."""
    found = []
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        text = _decodes(data, encoding)[:JUDGED]
        # Of the wrong order of bytes, spaces and line ends are the first to suffer.
        plain = sum(character in " \n\r.,、。，" or character.isascii() for character in text)
        if plain and not _CONTROL.search(text) and _assigned(text):
            found.append((plain, encoding))
    return max(found)[1] if found else None


def _assigned(text: str) -> bool:
    """Whether hardly any character of a text is one that Unicode has not assigned."""
    return sum(unicodedata.category(character) in ("Cn", "Co", "Cs") for character in text[:10_000]) <= len(text[:10_000]) / 100


def _escaped(data: bytes | bytearray) -> str | None:
    """Which of the encodings that switch character sets with ESC."""
    for encoding in ("iso2022_jp", "iso2022_jp_2", "iso2022_kr"):
        text = _decodes(data, encoding)
        if text and not text.isascii() and not _CONTROL.search(text):
            return encoding
    return None


def _decodes(data: bytes | bytearray, encoding: str) -> str:
    """All of the bytes as text; empty where they are not in the encoding."""
    try:
        return data.decode(encoding)
    except UnicodeError:
        return ""


def _score(text: str, candidate: Candidate) -> float:
    """The share of the characters beyond ASCII that are usual, 0 where the text cannot be in that encoding."""
    if text.isascii() or _CONTROL.search(text) or not (_mixes(text) if candidate.mixed else _is_apart(text)):
        return 0.0
    letters = [character for character in text if not character.isascii() and character not in PUNCTUATION]
    if not letters:
        return float(candidate.mixed)
    return sum(character in candidate.usual for character in letters) / len(letters)


def _mixes(text: str) -> bool:
    """Whether letters beyond ASCII stand among others in their words, capitals only where words begin, and no other signs
    inside words."""
    letters = beyond = 0
    odd = len(_SIGN.findall(text))
    for word in _WORD.findall(text):
        if word.isascii() or len(word) == 1:
            continue
        letters += len(word)
        beyond += sum(not letter.isascii() for letter in word)
        odd += any(a.islower() and b.isupper() and not b.isascii() for a, b in zip(word, word[1:], strict=False))
    return beyond <= 0.6 * letters + 1 and odd <= beyond / 10


def _is_apart(text: str) -> bool:
    """Whether letters beyond ASCII make words of their own."""
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    letters = sum(map(len, words))
    return (
        bool(words)
        and letters >= 1.5 * len(words)
        and sum(not letter.isascii() for word in words for letter in word) >= 0.5 * letters
    )
