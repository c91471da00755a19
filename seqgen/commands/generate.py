"""`seqgen generate`: from a prompt to text, as it is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.banning import biases_of, strings_in
from seqgen.commands.grouped import Grouped, GroupedCommand, OneName
from seqgen.commands.options import F, chosen_run, common, model_option, runs_dir_option, threads_with
from seqgen.commands.prompt import prompt_from, prompts_asked_for
from seqgen.commands.records_out import Records
from seqgen.commands.summed import Kind, LineNotes
from seqgen.commands.texts import option_text
from seqgen.console import Console
from seqgen.decode.rules import RULES
from seqgen.draw.human import plural
from seqgen.interrupts import Interrupts

if TYPE_CHECKING:
    from seqgen.data.scripts import LearntScripts
    from seqgen.decode.choices import Choices
    from seqgen.decode.scorer import Ids, Scorer
    from seqgen.generation import GenerateOptions, Piece
    from seqgen.run import Run

UNKNOWN = Kind("not in the model's vocabulary, read as <unk>")

HELP = """Write text with a trained model; nothing but the text goes to stdout.

\b
Examples:
  seqgen generate -p "Once upon a time" -n 500
  echo "KING:" | seqgen generate --temperature 0.8 --stop "\\n\\n"
  seqgen generate -p "I " --line --num-samples 5 --seed 7
  seqgen generate -m checkpoints/books --json -n 50
  seqgen generate --greedy --no-repeat-ngram 32 --no-prompt -p "Once"
  seqgen generate -p "Once" -n 20 --top-k 3 --show-choices 5
  seqgen generate -m names --records-out 20    whole records, as train --records learns
  seqgen generate -i                           one prompt after another

\b
In --prompt and --stop, \\n is a newline, \\t a tab, \\r a carriage return, \\xXX and
\\uXXXX the character of that number, and \\\\ a backslash; all other backslashes
stay. Files and stdin are taken as they are.

Without --prompt, --prompt-file or anything piped in, the text begins where a paragraph
does, or a line. So that a short prompt is not the first that the model ever reads, 32
symbols of the training text are read before it, and not written; see train --keep-text.
Ctrl-C ends the text where it is.
"""


def rule_options(function: F) -> F:
    """An option for each rule of the table that has one, in the table's order."""
    for row in reversed(RULES):
        if row.option:
            function = click.option(row.option_name, *row.flags, row.name, type=type(row.off), default=row.off,
                                    show_default=True, help=row.help, cls=Grouped, group=row.group)(function)  # fmt: skip
    return function


@click.command("generate", cls=GroupedCommand, help=HELP, short_help="Write text with a trained model.")
@model_option
@click.option("-p", "--prompt", help="Text to continue.", cls=OneName)
@click.option("--prompt-file", metavar="FILE", help="Text to continue, from a file; - is stdin.")
@click.option("--no-prompt", is_flag=True, help="Write only what is new, without the prompt.")
@click.option("-n", "--length", "--max-new-tokens", "length", type=int, default=500, show_default=True, cls=OneName,
              help="Symbols to write: characters, bytes or pieces, as the model has them; -1 goes on until Ctrl-C or a "
                   "stop string.")  # fmt: skip
@click.option("--greedy", is_flag=True, help="Always the likeliest symbol.")
@rule_options
@click.option("--samplers", metavar="NAMES", default="", cls=Grouped, group="sampling",
              help='Their order, as "top_k;temperature"; all that are set have to be named. By default '
                   "penalties;dry;temperature;top_k;typ_p;top_p;min_p;xtc.")  # fmt: skip
@click.option("--logit-bias", metavar="SYMBOL(+|-)BIAS", multiple=True, cls=Grouped, group="sampling",
              help="Add to the logit of a symbol, or of an id as --json shows it: e-2, 17+1.5, x-inf "
                   "(repeatable).")  # fmt: skip
@click.option("--ban", metavar="FILE", cls=Grouped, group="sampling",
              help="Never write any of the strings of this file, one a line, not even within words.")  # fmt: skip
@click.option("--best-of", type=int, default=1, show_default=True, cls=Grouped, group="sampling",
              help="Write so many texts and keep that which the model finds likeliest, symbol for symbol; or --num-samples of "
                   "them.")  # fmt: skip
@click.option("--stop", multiple=True, metavar="TEXT", help="End before this text (repeatable).")
@click.option("--line", is_flag=True, help="End at the end of the line.")
@click.option("--num-samples", type=int, default=1, show_default=True, help="Texts to write, side by side.")
@click.option("--records-out", type=click.IntRange(1), metavar="K",
              help="Write K whole records, where the run has learnt such (--records), each of up to -n symbols.")  # fmt: skip
@click.option("--label", metavar="LABEL", help="Of which kind, as the column of --label has it.")
@click.option("--seed", type=click.IntRange(0), help="The same seed gives the same text.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per sample: text, settings, log-probabilities.")
@click.option("--show-choices", metavar="N", type=click.IntRange(1, 1_000),
              help="Show, on stderr or in --json, the N likeliest symbols of each step, and what temperature, top-k, ... make "
                   "of their probabilities.")  # fmt: skip
@click.option("-i", "--interactive", is_flag=True, help="Ask for prompts.")
@click.option("--engine", type=click.Choice(["numpy", "reference"]), default="numpy", show_default=True,
              help="reference: the network as trained, in torch.")  # fmt: skip
@threads_with("one for small networks, else OMP_NUM_THREADS, else all")
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    model: str | None,
    prompt: str | None,
    prompt_file: str | None,
    no_prompt: bool,
    stop: tuple[str, ...],
    logit_bias: tuple[str, ...],
    ban: str | None,
    records_out: int | None,
    label: str | None,
    seed: int | None,
    as_json: bool,
    show_choices: int | None,
    interactive: bool,
    engine: str,
    threads: int | None,
    runs_dir: Path,
    quiet: bool,
    **settings: Any,
) -> None:
    """Parse, generate, stream."""
    import secrets

    from seqgen.generation import GenerateOptions
    from seqgen.opening import enough_threads, open_scorer, open_stretches

    console.quiet = quiet
    stop = tuple(option_text(text, "--stop") for text in stop)
    asked = {**settings, "logit_bias": biases_of(logit_bias), "ban": () if ban is None else strings_in(ban)}
    options = GenerateOptions(stop=stop, seed=secrets.randbits(32) if seed is None else seed, **asked)
    text = "" if interactive else prompt_from(prompt, prompt_file)
    run = chosen_run(console, model, runs_dir)
    whole = Records.of(run, label, records_out)
    options = whole.options(options)
    # A record begins behind the mark of another one, and with nothing else before it.
    opened = open_scorer(run, engine=engine), () if whole.kind else open_stretches(run)
    writer = Writer(console, run, *opened, options, as_json=as_json, with_prompt=not no_prompt, show=show_choices,
                    whole=whole)  # fmt: skip
    # Whoever names a number of threads gets it.
    steps = nullcontext() if threads else enough_threads(run, options.drawn)
    if seed is None and not options.greedy:
        console.note(f"seed: {options.seed} (--seed {options.seed} draws the same again)")
    with steps:
        if interactive:
            with writer.notes:
                for number, line in enumerate(prompts_asked_for(console), 1):
                    writer.write(line, number)
        else:
            writer.write(text).deliver()


class Writer:
    """Writes samples of one model in the way that was asked for."""

    def __init__(
        self,
        console: Console,
        run: Run,
        scorer: Scorer,
        stretches: Sequence[Ids],
        options: GenerateOptions,
        *,
        as_json: bool,
        with_prompt: bool,
        show: int | None = None,
        whole: Records | None = None,
    ) -> None:
        """`show` is how many candidates of each step are shown, None for no steps; `whole` how records are written."""
        import numpy as np

        self.console, self.tokenizer, self.options = console, run.tokenizer(), options
        self.scorer, self.stretches = scorer, stretches
        self.name, self.as_json, self.with_prompt = run.info.name, as_json, with_prompt
        self.show = show
        self.whole = whole or Records()
        self.notes = LineNotes(console, "prompt")
        self.rng = np.random.default_rng(options.seed)

    def write(self, prompt: str, number: int = 0) -> Interrupts:
        """Continue one prompt, of several the one of a `number`; on Ctrl-C, what there is by then is written."""
        from seqgen.generation import generate_text

        self.notes.passed = number
        self._note_foreign(prompt, number)
        choices = self._choices()
        with Interrupts(ends_program=True) as interrupts:
            how = self.options, self.rng, interrupts.asked, self.stretches
            pieces = self.whole.shown(
                generate_text(self.scorer, self.tokenizer, self.whole.before(prompt) + prompt, *how, choices)
            )
            if self.as_json:
                self._write_json(prompt, pieces, choices)
            elif self.options.drawn > 1 or self.whole.count:
                self._write_samples(prompt, pieces)
            else:
                self.console.write(self._shown(prompt))
                for piece in self._noted(pieces):
                    self.console.write(piece.text, flush=True)
                self.console.write("\n", flush=True)
            if choices is not None and not self.as_json:
                from seqgen.commands.choices import note_choices

                note_choices(self.console, self.tokenizer, self.options, prompt, choices)
        return interrupts

    def _note_foreign(self, prompt: str, number: int) -> None:
        """Say that a prompt is in a script that the model has not learnt, or which of its characters are unknown."""
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
        texts = [self._shown(prompt)] * self.options.num_samples
        for piece in self._noted(pieces):
            texts[piece.sample] += piece.text
        self.console.write(self.whole.between.join(texts) + "\n", flush=True)
        self.whole.note_known(self.console, texts)

    def _write_json(self, prompt: str, pieces: Iterable[Piece], choices: Choices | None) -> None:
        texts = [""] * self.options.num_samples
        tokens: list[list[dict[str, Any]]] = [[] for _ in texts]
        ended: set[int] = set()
        for piece in self._noted(pieces):
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
