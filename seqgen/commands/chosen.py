"""`seqgen translate --show-choices`: what stood to choose at each written piece, for people on stderr, else as a field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqgen.commands.choices import SHOWN, WIDTH, choice_lines, records_of, spelt
from seqgen.console import Console
from seqgen.draw.cells import shown, wrapped
from seqgen.opening import open_reader, pair_encoder
from seqgen.translation.choices import choices_of

if TYPE_CHECKING:
    from seqgen.decode.translator import TranslateOptions
    from seqgen.run import Run
    from seqgen.translation.lines import Translated


class TranslationChoices:
    """The choices of translations by one run, `most` candidates of each."""

    def __init__(self, console: Console, run: Run, options: TranslateOptions, most: int) -> None:
        self.console, self.options, self.most = console, options, most
        self.reader, self.encoder, self.tokenizer = open_reader(run), pair_encoder(run), run.tokenizer()
        self._told = 0

    def records(self, one: Translated) -> list[dict[str, Any]]:
        """Those of a line, for a program; `part` counts the pieces of the line that were translated, from 1."""
        return [
            {"part": part, **record}
            for part, answer in enumerate(one.answers, 1)
            for record in records_of(
                self.tokenizer, choices_of(self.reader, self.encoder, answer, self.most, len(self.options.prefix)), "taken"
            )
        ]

    def note(self, number: int, one: Translated) -> None:
        """Say what stood to choose in line `number`; of all lines together only SHOWN pieces are shown."""
        if self._told >= SHOWN or not one.answers:
            return
        lines = [] if self._told else [*wrapped(self._legend(), WIDTH)]
        for answer in one.answers:
            lines += wrapped(f"line {number:,}: {shown(spelt(answer.read))}", WIDTH)
            choices = choices_of(self.reader, self.encoder, answer, self.most, len(self.options.prefix))
            few = choices[: max(0, SHOWN - self._told)]
            self._told += len(few)
            lines += choice_lines(self.tokenizer, few, "", ("model",))
            if len(few) < len(choices) or self._told == SHOWN:
                self._told = SHOWN
                lines.append(f"shown: the first {SHOWN} pieces; --json has all")
                break
        self.console.note("\n".join(lines))

    def _legend(self) -> str:
        """What the figures mean."""
        size = len(self.tokenizer)
        begin = f"choices: the {min(self.most, size)} likeliest of {size:,} pieces at each place, "
        begin += "given the source and what is written before; "
        begin += (
            "a <placeholder> is a number, an address, ... that is put back afterwards; " if self.encoder.placeholders else ""
        )
        if self.options.sample:
            return f"{begin}> was drawn."
        return f"{begin}> is what the search took. It looks for the likeliest sentence, whose pieces need not be the likeliest."
