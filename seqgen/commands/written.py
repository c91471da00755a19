"""What `seqgen translate` writes for each line: text, scores, JSON, or a record with fields added."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from seqgen.commands.summed import Kind, LineNotes
from seqgen.console import Console
from seqgen.data.scripts import LearntScripts
from seqgen.draw.human import plural
from seqgen.errors import SeqgenError

if TYPE_CHECKING:
    from seqgen.commands.chosen import TranslationChoices
    from seqgen.data.lines import Line, LineSource
    from seqgen.translation.lines import LineTranslator, Translated


# --strict has to say which lines came back: those are an error.
LOST = Kind("the translation loses something that must survive; the line stands as it is", names_all=True)
CUT = Kind("the translation was cut")
SHORT = Kind("the translation is unusually short; something may be missing")


@dataclass(frozen=True)
class Form:
    """The form of input and output lines."""

    nbest: int
    scores: bool
    alignment: bool
    as_json: bool
    jsonl: bool
    field: str
    into: str | None

    def name(self, what: str) -> str:
        """The name of a field: each of several translations of one record has its own."""
        if self.into is None:
            return what
        return self.into if what == "translation" else f"{self.into}_{what}"

    @property
    def added(self) -> list[str]:
        """The fields that are written; a record gets what was asked for, a line of --json always its score."""
        wanted = {
            "translation": True,
            "score": self.scores or not self.jsonl,
            "alignment": self.alignment,
            "nbest": self.nbest > 1,
        }
        return [what for what, is_wanted in wanted.items() if is_wanted]


class Writer:
    """Writes what a translator makes of lines, in the form that was asked for; `choices` say what stood to choose."""

    def __init__(
        self,
        console: Console,
        lines: LineTranslator,
        form: Form,
        strict: bool,
        choices: TranslationChoices | None = None,
    ) -> None:
        self.console, self.lines, self.form, self.strict, self.choices = console, lines, form, strict, choices
        self.notes = LineNotes(console)
        self.scripts = LearntScripts(lines.encoder.tokenizer.characters())
        self._refused = 0

    def write(self, source: LineSource, size: int = 0) -> None:
        """Everything that a source gives, flushed piece by piece; `size` is its size in bytes, 0 if unknown."""
        if self.form.jsonl:
            from seqgen.data.records import RecordReader

            source = RecordReader(source, self.form.field, [self.form.name(what) for what in self.form.added])
        done = 0
        with self.notes, self.console.progress("translating") as progress:
            for found in self.lines.stream(source):
                self.console.write("".join(self._form(line, one) for line, one in found), flush=True)
                self.notes.passed += len(found)
                if self.choices is not None and not self.form.as_json:
                    for line, one in found:
                        self.choices.note(line.number, one)
                done += sum(len(line.raw.encode("utf-8", "replace")) + 1 for line, _ in found)
                # On a terminal the translations themselves are what moves.
                if size and not self.console.out_is_terminal:
                    progress(min(1.0, done / size))
        if self._refused:
            lines = plural(self._refused, "line")
            raise SeqgenError(
                f"--strict: {lines} could not be translated with everything kept, and came back as they are",
                "the notes above say which; without --strict what is lost is put where the alignment says",
            )

    def _form(self, line: Line, one: Translated) -> str:
        """What is printed for a line."""
        from seqgen.translation.lines import Candidate

        if self.strict and one.repaired:
            self._refused += 1
            one = replace(one, candidates=(Candidate(one.source, 0.0),) * len(one.candidates), cut_at=0, short=False)
            notes = [self._note(line, LOST)]
        else:
            notes = self._notes(line, one)
        if self.form.jsonl:
            from seqgen.data.records import with_fields

            return (with_fields(line.raw, self._fields(one)) if line.raw.strip() else "") + "\n"
        if self.form.as_json:
            record = {"source": one.source, **self._fields(one), "repaired": one.repaired}
            if notes:
                record["notes"] = notes
            if self.choices is not None:
                record["choices"] = self.choices.records(one)
            return json.dumps(record, ensure_ascii=False) + "\n"
        return self._rows(line, one)

    def _rows(self, line: Line, one: Translated) -> str:
        """The translations of a line as plain text."""
        rows = []
        for candidate in one.candidates:
            parts = [str(line.number)] if self.form.nbest > 1 else []
            parts += [f"{candidate.score:.4f}"] if self.form.scores else []
            parts.append(candidate.text)
            parts += [" ".join(f"{s}-{t}" for s, t in candidate.alignment)] if self.form.alignment else []
            rows.append("\t".join(parts) + "\n")
        return "".join(rows)

    def _notes(self, line: Line, one: Translated) -> list[str]:
        """Say what is odd about a line or its translation."""
        notes = []
        if script := self.scripts.foreign_line(self.lines.encoder, one.source):
            told = self.scripts.told(script)
            notes.append(self._note(line, Kind(told), f"{told}: {self.scripts.known()}"))
        if one.cut_at:
            notes.append(self._note(line, CUT, f"the translation was cut at {plural(one.cut_at, 'token')}"))
        elif one.short:
            short = f"{plural(len(one.text), 'character')} for {len(one.source):,}"
            notes.append(self._note(line, SHORT, f"the translation is unusually short ({short}); something may be missing"))
        return notes

    def _note(self, line: Line, kind: Kind, text: str = "") -> str:
        """Note it among those of its kind; what a record says of it."""
        return self.notes.add(kind, line.stream, line.place, text)

    def _fields(self, one: Translated) -> dict[str, Any]:
        """What is added to a record."""
        inside = [
            {
                "translation": candidate.text,
                "score": candidate.score,
                **({"alignment": [list(link) for link in candidate.alignment]} if self.form.alignment else {}),
            }
            for candidate in one.candidates
        ]
        values = {**inside[0], "nbest": inside}
        return {self.form.name(what): values[what] for what in self.form.added}
