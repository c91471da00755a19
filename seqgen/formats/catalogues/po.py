"""PO and POT, gettext's catalogues: a message, its context, its translation, one for each plural form.

GNU gettext manual, chapter 3 (The Format of PO Files). The header says the encoding and the rule for plurals; it is no unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from seqgen.data.encodings import guessed
from seqgen.formats.catalogues.rule import Rule, rule_in
from seqgen.formats.document import Document
from seqgen.formats.units import Edit, State, Unit

_LINE = re.compile(r"([^\r\n]*+)(\r?\n|\r|\Z)")
_KEYWORD = re.compile(r"[ \t]*(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d{1,3})\])?)[ \t]*(?=\")")
_STRING = re.compile(r"[ \t]*\"((?:[^\"\\]|\\.)*+)\"[ \t]*")
_CHARSET = re.compile(rb"Content-Type:[^\"\\]*?charset=([\w.:-]+)", re.I)
_ESCAPE = re.compile(r"\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)")
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
# gettext breaks longer lines, at spaces.
WIDTH = 76


@dataclass
class _Entry:
    """A message as it stands: texts by keyword, where each is (from its first quote to its last), its flags and their line."""

    line: int = 0
    texts: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    flags: tuple[int, int] | None = None
    fuzzy: bool = False
    begin: int = 0
    notes: list[str] = field(default_factory=list)


class Slot(NamedTuple):
    """Where a translation goes, text[start:stop], behind `before`; the line end of the file; where the line of flags stands, or
    is to be put; what it says, and whether that is "fuzzy"."""

    start: int
    stop: int
    before: str
    line_end: str
    flags: tuple[int, int]
    said: str
    fuzzy: bool


def declared(head: bytes) -> str | None:
    """The encoding that the header names."""
    found = _CHARSET.search(head)
    return found[1].decode("ascii") if found else None


def units(document: Document) -> Iterator[Unit]:
    """The messages, a unit for each plural form; obsolete ones are kept. Raises CorpusError for a line that is none of a PO."""
    text = document.raw(declared, otherwise=guessed)
    rule: Rule | None = None
    for entry in _entries(document, text):
        if entry is None:
            yield Unit(0, "", "", state="kept", why="obsolete")
        elif not entry.texts.get("msgid") and "msgctxt" not in entry.texts:
            rule = rule_in(entry.texts.get("msgstr", ""))
        else:
            yield from _units(text, entry, rule)


def _entries(document: Document, text: str) -> Iterator[_Entry | None]:
    """The entries in their order; None for an obsolete one."""
    entry, key, place, number = _Entry(), "", 0, 0
    while place < len(text):
        line = _LINE.match(text, place)
        assert line is not None  # it matches anything
        number, start, place = number + 1, place, line.end()
        said = line[1].strip()
        keyword = _KEYWORD.match(line[1])
        begins = said.startswith("#") or (keyword is not None and keyword[1] in ("msgctxt", "msgid"))
        if begins and any(name.startswith("msgstr") for name in entry.texts):
            yield entry
            entry, key = _Entry(), ""
        if said.startswith("#"):
            if re.match(r"#~\s*msgid\s", said):
                yield None
            _comment(entry, said, start, line.end())
            continue
        string = _STRING.fullmatch(line[1], keyword.end() if keyword else 0)
        if not said and key.startswith("msgstr"):
            key = ""
        if not said:
            continue
        if string is None or (keyword is None and not key):
            raise document.error(number, f"not a line of a PO catalogue: {said[:60]!r}", "is a quote missing?")
        if keyword is not None:
            key = keyword[1]
            entry.line = entry.line or number
            entry.begin = entry.begin if entry.texts else start
            entry.places[key] = (start + line[1].index('"', keyword.end() - 1), 0)
            entry.texts[key] = ""
        entry.texts[key] += _ESCAPE.sub(_said, string[1])
        entry.places[key] = (entry.places[key][0], start + line[1].rindex('"') + 1)
    if entry.texts:
        yield entry


def _comment(entry: _Entry, said: str, start: int, stop: int) -> None:
    if said.startswith("#,"):
        entry.flags = (start, stop)
        entry.fuzzy = "fuzzy" in [flag.strip() for flag in said[2:].split(",")]
    elif said.startswith("#."):
        entry.notes.append(said[2:].strip())


def _units(text: str, entry: _Entry, rule: Rule | None) -> Iterator[Unit]:
    context = entry.texts.get("msgctxt", "")
    notes = " · ".join([context, *entry.notes] if context else entry.notes)
    plural = entry.texts.get("msgid_plural")
    forms = [name for name in entry.texts if name.startswith("msgstr")]
    if plural is not None:
        forms = [f"msgstr[{number}]" for number in range(max(len(forms), rule.forms if rule else 0))]
    for number, form in enumerate(forms):
        # The form for 1 is the singular's, but where all numbers have that form.
        is_one = rule is not None and number == rule.one and rule.forms > 1
        source = entry.texts.get("msgid", "") if plural is None or is_one else plural
        found = entry.texts.get(form, "")
        state, why = _state(found, entry.fuzzy)
        if plural is not None and rule is None:
            state, why = ("done", "") if found else ("kept", "a plural without a rule in the header")
        yield Unit(entry.line, context, source, found, state, why, notes, slot=_slot(text, entry, form))


def _state(found: str, fuzzy: bool) -> tuple[State, str]:
    if not found:
        return "new", "not translated"
    return ("unsure", "fuzzy") if fuzzy else ("done", "")


def _slot(text: str, entry: _Entry, form: str) -> Slot:
    end = "\r\n" if "\r\n" in text[:2000] else "\n"
    flags = entry.flags or (entry.begin, entry.begin)
    said = text[flags[0] : flags[1]]
    if form in entry.places:
        return Slot(*entry.places[form], "", end, flags, said, entry.fuzzy)
    last = max(stop for name, (_, stop) in entry.places.items() if name.startswith("msgstr") or name == "msgid_plural")
    return Slot(last, last, f"{end}{form} ", end, flags, said, entry.fuzzy)


def edits(unit: Unit, translation: str, review: bool = True) -> list[Edit]:
    """The translation in its quotes, as gettext would break it, and the flag "fuzzy" where somebody should look at it."""
    slot: Slot = unit.slot
    if slot is None or translation == unit.target:
        return []
    made = [Edit(slot.start, slot.stop, slot.before + _quoted(translation, slot.line_end))]
    if slot.fuzzy == review:
        return made
    if not slot.said:
        return [Edit(*slot.flags, f"#, fuzzy{slot.line_end}"), *made]
    end = slot.said[len(slot.said.rstrip("\r\n")) :]
    flags = [flag.strip() for flag in slot.said.strip()[2:].split(",") if flag.strip() and flag.strip() != "fuzzy"]
    flags = ["fuzzy", *flags] if review else flags
    return [Edit(*slot.flags, f"#, {', '.join(flags)}{end}" if flags else ""), *made]


def _quoted(text: str, line_end: str) -> str:
    """A text between quotes: in one line, or a line for each of its own and of at most WIDTH characters."""
    lines = [_escaped(line) for line in re.findall(r"[^\n]*\n|[^\n]+", text)]
    if len(lines) <= 1 and len("".join(lines)) <= WIDTH - len('msgstr ""'):
        return f'"{"".join(lines)}"'
    wrapped = [part for line in lines for part in _wrapped(line)]
    return line_end.join(['""', *(f'"{part}"' for part in wrapped)])


def _wrapped(line: str) -> list[str]:
    """A line in parts that fit, each with the space that it ends in; an escape is never torn."""
    parts = [""]
    for word in re.findall(r"(?:\\.|[^ \\])* *", line):
        if parts[-1] and len(parts[-1] + word.rstrip()) > WIDTH:
            parts.append("")
        parts[-1] += word
    return parts


def _escaped(text: str) -> str:
    named = {value: name for name, value in _NAMED.items()}
    return re.sub(r'[\\"\n\t\r\a\b\f\v]', lambda found: "\\" + named.get(found[0], found[0]), text)


def _said(found: re.Match[str]) -> str:
    sign = found[1]
    if sign[0] in "01234567":
        return chr(int(sign, 8))
    return chr(int(sign[1:], 16)) if sign[0] == "x" and len(sign) > 1 else _NAMED.get(sign, sign)
