"""What `seqgen generate` writes: one text as it comes, several when they are whole, or JSON; with notes on what was odd."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from seqgen.commands.reading import read_text
from seqgen.commands.records_out import Records
from seqgen.commands.summed import Kind, LineNotes
from seqgen.console import Console
from seqgen.draw.human import plural
from seqgen.interrupts import Interrupts

if TYPE_CHECKING:
    from seqgen.copies.never import Never
    from seqgen.copies.report import Copies
    from seqgen.data.scripts import LearntScripts
    from seqgen.decode.choices import Choices
    from seqgen.decode.scorer import Ids, Scorer
    from seqgen.generation import GenerateOptions, Piece
    from seqgen.run import Run

# Fewer characters in a row are often the same by chance.
LEAST_COPIED = 20
UNKNOWN = Kind("not in the model's vocabulary, read as <unk>")


class Writer:
    """Writes samples of one model in the way that was asked for."""

    def __init__(
        self,
        console: Console,
        run: Run,
        options: GenerateOptions,
        records: tuple[str | None, int | None, bool] = (None, None, False),
        *,
        engine: str = "numpy",
        as_json: bool = False,
        with_prompt: bool = True,
        show: int | None = None,
        with_copies: bool = False,
    ) -> None:
        """`records` are the label, how many, and whether only new ones; `show` is how many candidates of each step are shown,
        None for no steps. Raises ConfigError and CheckpointError for what the run has not."""
        import numpy as np

        from seqgen.config import BINARY
        from seqgen.opening import open_copies, open_never, open_scorer, open_stretches

        self.console, self.run, self.tokenizer = console, run, run.tokenizer()
        self.whole = Records.of(run, *records)
        self.options = self.whole.options(options)
        self.scorer: Scorer = open_scorer(run, engine=engine)
        # A record begins behind the mark of another one, and with nothing else before it.
        self.stretches: Sequence[Ids] = () if self.whole.kind else open_stretches(run)
        self.never: Never | None = open_never(run, options.no_copy) if options.no_copy else None
        self.copies: Copies | None = open_copies(run, LEAST_COPIED, "--copies") if with_copies else None
        if self.copies is not None and self.copies.doubt:
            console.note(self.copies.doubt)
        self.name, self.as_json, self.with_prompt, self.show = run.info.name, as_json, with_prompt, show
        self.is_binary = run.info.config.encoding == BINARY
        self.notes = LineNotes(console, "prompt")
        self.rng = np.random.default_rng(options.seed)

    def read(self, file: str) -> None:
        """Learn from a file first. Raises CorpusError for what cannot be read, CheckpointError for a run that cannot learn."""
        from seqgen.data.primers import stretches_of
        from seqgen.data.record_text import before_first
        from seqgen.evaluation import conditioned, score_in_pieces
        from seqgen.opening import open_adapted, open_adapting

        text = read_text(self.console, [file], "utf-8", run=self.run).text
        if unknown := self.tokenizer.unknown(text):
            count = sum(character in set(unknown) for character in text)
            self.console.note(f"{plural(count, 'character')} of {file} ({len(unknown):,} different): {UNKNOWN.text}")
        ids, adapting, done = conditioned(self.tokenizer, text, before_first(self.whole.kind)), open_adapting(self.run), 0
        with self.console.progress(f"reading {file}") as progress:
            for piece in score_in_pieces(adapting, ids):
                progress((done := done + len(piece)) / len(ids))
        self.scorer = open_adapted(self.run, adapting, ids)
        if not self.whole.kind:
            self.stretches = stretches_of(ids, self.tokenizer) or self.stretches

    def write(self, prompt: str, number: int = 0) -> Interrupts:
        """Continue one prompt, of several the one of a `number`; on Ctrl-C, what there is by then is written."""
        self.notes.passed = number
        self._note_foreign(prompt, number)
        choices = self._choices()
        with Interrupts(ends_program=True) as interrupts:
            draw = partial(self._drawn, prompt, interrupts.asked, choices)
            pieces = self.whole.written(draw, prompt, self.options, self.console)
            if self.as_json:
                self._write_json(prompt, pieces, choices)
            elif self.options.drawn > 1 or self.whole.count:
                self._write_samples(prompt, pieces)
            else:
                self._put(self._shown(prompt))
                texts = []
                for piece in self._noted(pieces):
                    texts.append(piece.text)
                    self._put(piece.text)
                self._put("" if self.is_binary else "\n")
                self._note_copies(prompt, ["".join(texts)])
            if choices is not None and not self.as_json:
                from seqgen.commands.choices import note_choices

                note_choices(self.console, self.tokenizer, self.options, prompt, choices)
        return interrupts

    def _put(self, text: str) -> None:
        """Write text, or the bytes that its characters stand for."""
        if self.is_binary:
            self.console.write_bytes(text.encode("latin-1"))
        else:
            self.console.write(text, flush=True)

    def _drawn(
        self, prompt: str, is_over: Callable[[], bool], choices: Choices | None, options: GenerateOptions
    ) -> Iterator[Piece]:
        """The pieces of samples, as the model gives them."""
        from seqgen.generation import generate_text

        begin = self.whole.before(prompt) + prompt
        how = options, self.rng, is_over, self.stretches, choices, self.never
        return generate_text(self.scorer, self.tokenizer, begin, *how)

    def _note_copies(self, prompt: str, texts: Sequence[str]) -> None:
        """Say how much of each text, which follows the prompt, is copied."""
        for number, text in enumerate(texts if self.copies is not None else (), 1):
            assert self.copies is not None
            which = f"sample {number}: " if len(texts) > 1 else ""
            self.console.note(which + self.copies.of(prompt + text, len(prompt)).sentence())

    def _note_foreign(self, prompt: str, number: int) -> None:
        """Say that a prompt is in a script that the model has not learnt, or which of its characters are unknown."""
        if self.is_binary:
            return
        if prompt and (script := self.scripts.foreign(prompt)):
            told = self.scripts.told(script)
            self.notes.add(Kind(told), "", number, f"{'' if number else 'the prompt is '}{told}: {self.scripts.known()}")
        elif unknown := self.tokenizer.unknown(prompt):
            shown = " ".join(repr(c) for c in unknown[:8])
            text = f"{UNKNOWN.text}: {shown}{' ...' if len(unknown) > 8 else ''}"
            self.notes.add(UNKNOWN, "", number, text)

    @cached_property
    def scripts(self) -> LearntScripts:
        """What the model has learnt: by its vocabulary, or, where that is bytes, by what it keeps of its training text."""
        from seqgen.data.scripts import LearntScripts

        seen = self.tokenizer.characters()
        if seen is None:
            seen = frozenset("".join(map(self.tokenizer.decode, self.stretches))) or None
        return LearntScripts(seen)

    def _choices(self) -> Choices | None:
        """An observer of what stands to choose, where that is to be shown."""
        if self.show is None:
            return None
        from seqgen.commands.choices import watch_of

        return watch_of(self.options, self.show, self.as_json)

    def _shown(self, prompt: str) -> str:
        """What each sample begins with."""
        return prompt if self.with_prompt else ""

    def _noted(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The same pieces; a note says where a text ends because nothing was allowed to follow."""
        made: dict[int, int] = {}
        for piece in pieces:
            yield piece
            if piece.id is not None:
                made[piece.sample] = made.get(piece.sample, 0) + 1
            if piece.ended:
                which = f"sample {piece.sample + 1}" if self.options.num_samples > 1 else "the text"
                count = plural(made.get(piece.sample, 0), "symbol")
                self.console.note(f"{which} ends after {count}: each symbol that could follow is banned")

    def _write_samples(self, prompt: str, pieces: Iterable[Piece]) -> None:
        """Whole samples, in order, with an empty line between them: streaming several at once would mix them up."""
        texts: list[str] = [""] * self.whole.least(self.options)
        for piece in self._noted(pieces):
            texts += [""] * (piece.sample + 1 - len(texts))
            texts[piece.sample] += piece.text
        between, end = ("", "") if self.is_binary else (self.whole.between, "\n")
        self._put(between.join(self._shown(prompt) + text for text in texts) + end)
        self.whole.note_known(self.console, [prompt + text for text in texts])
        self._note_copies(prompt, texts)

    def _write_json(self, prompt: str, pieces: Iterable[Piece], choices: Choices | None) -> None:
        texts: list[str] = [""] * self.whole.least(self.options)
        tokens: list[list[dict[str, Any]]] = [[] for _ in texts]
        ended: set[int] = set()
        for piece in self._noted(pieces):
            texts += [""] * (piece.sample + 1 - len(texts))
            tokens += [[] for _ in range(piece.sample + 1 - len(tokens))]
            texts[piece.sample] += piece.text
            if piece.ended:
                ended.add(piece.sample)
            if piece.id is not None:
                symbol = self.tokenizer.symbol(piece.id)
                tokens[piece.sample].append({"id": piece.id, "symbol": symbol, "log_prob": piece.log_prob})
        records = (
            {"model": self.name, **({"prompt": prompt} if self.with_prompt else {}), "sample": number, "text": text,
             "seed": self.options.seed, "settings": self.options.settings, "tokens": chosen,
             **({"ended": "nothing was allowed to follow"} if number in ended else {}),
             **({} if self.copies is None else {"copies": self.copies.of(prompt + text, len(prompt)).record()}),
             **self._shown_choices(choices, number)}
            for number, (text, chosen) in enumerate(zip(texts, tokens, strict=True))
        )  # fmt: skip
        self.console.write("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), flush=True)

    def _shown_choices(self, choices: Choices | None, sample: int) -> dict[str, Any]:
        """The field of a sample's choices, where they were asked for."""
        if choices is None:
            return {}
        from seqgen.commands.choices import records_of

        return {"choices": records_of(self.tokenizer, choices.found.get(sample, []))}
