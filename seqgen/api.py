"""The Python API: what the commands do, for programs.

run = train("corpus.txt", minutes=2)
for piece in run.generate("Once", length=200): print(piece, end="")
run = train("pairs.tsv", minutes=10)
print(run.translate(["A line.", "Another."]))
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqgen import __version__
from seqgen.console import Console
from seqgen.data.record_text import Shown, before_first, beginning, marked_text, split_records
from seqgen.decode.scorer import Scorer
from seqgen.decode.translator import Translator
from seqgen.errors import CheckpointError, ConfigError
from seqgen.evaluation import Evaluation, evaluate_text
from seqgen.formats.given import as_read
from seqgen.formats.names import default_name
from seqgen.generation import GenerateOptions, generate_text, options_of
from seqgen.opening import line_translator, open_never, open_scorer, open_stretches, open_translator, translate_options
from seqgen.run import Run, RunInfo, place_of
from seqgen.tokenizers.base import Tokenizer

if TYPE_CHECKING:
    from seqgen.copies.never import Never
    from seqgen.interrupts import Interrupts
    from seqgen.training.progress import Progress
    from seqgen.training.train import Training

__all__ = ["Model", "__version__", "evaluate", "generate", "open_run", "train", "translate"]


class Model:
    """A run that is open: what it needs is loaded on first use and kept, so that many calls load it once."""

    def __init__(self, run: Run | str | os.PathLike[str]) -> None:
        """A run, or its folder. Raises CheckpointError where the folder holds none."""
        self._run = run if isinstance(run, Run) else Run(Path(run).expanduser())
        self._copied: Never | None = None

    def __repr__(self) -> str:
        return f"<seqgen.Model {str(self.path)!r}: {self.info.config.arch}, {self.info.kind}>"

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self._run.path

    @property
    def info(self) -> RunInfo:
        """What is known of the run: settings, corpus, scores."""
        return self._run.info

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The run's tokenizer."""
        return self._run.tokenizer()

    @cached_property
    def scorer(self) -> Scorer:
        """The language model."""
        return open_scorer(self._run)

    @cached_property
    def stretches(self) -> Sequence[Any]:
        """What is read before a short prompt comes from these parts of the training text; see data/primers.py."""
        return open_stretches(self._run)

    @cached_property
    def translator(self) -> Translator:
        """The engine that translates."""
        return open_translator(self._run)

    def generate(self, prompt: str = "", *, label: str | None = None, **options: Any) -> Iterator[str]:
        """Continue a prompt piece by piece; options are those of GenerateOptions (length, temperature, seed, ...).

        Prompt and stop texts are taken as they are, without escapes, and read as files of the corpus are: line ends, NFC. A run
        of records begins one with the prompt, of a kind that `label` names, and goes on with others behind it.
        """
        import numpy as np

        chosen = options_of(GenerateOptions, **options)
        rng = np.random.default_rng(chosen.seed)
        # Opened here, not at the first piece: errors are raised by this call.
        text = as_read(_text(prompt))
        if records := self.info.config.records:
            known = self.info.corpus.get("labels", {})
            shown = Shown(records, bool(known), label is None)
            begin = beginning(records, known, label, text) + text
            found = generate_text(self.scorer, self.tokenizer, begin, chosen, rng, never=self._never(chosen))
            return (said for piece in found if (said := shown.push(piece.text)))
        if label is not None:
            raise ConfigError(f"label: {self.info.name} has learnt a text, no records")
        never = self._never(chosen)
        pieces = generate_text(self.scorer, self.tokenizer, text, chosen, rng, stretches=self.stretches, never=never)
        return (piece.text for piece in pieces if piece.text)

    def _never(self, options: GenerateOptions) -> Never | None:
        """What may not be copied, made once for many texts."""
        if not options.no_copy:
            return None
        if self._copied is None or self._copied.most != options.no_copy:
            self._copied = open_never(self._run, options.no_copy)
        return self._copied

    def evaluate(self, text: str) -> Evaluation:
        """Score how well the model predicts a text; of a run of records, one of them, or lines."""
        text, records = as_read(_text(text)), self.info.config.records
        if records:
            text = "".join(marked_text([(one, "") for one in split_records(text, records)], records))
        arch, before = self.info.config.arch, before_first(records)
        steps = evaluate_text(self.scorer, self.tokenizer, text, arch=arch, before=before)
        return next(found for _, found in steps if found is not None)

    def translate(self, lines: str | Sequence[str], **options: Any) -> Any:
        """Translate a list of lines to a list, or one text to one text; options are those of TranslateOptions."""
        translator = line_translator(self._run, self.translator, translate_options(self._run, options))
        if isinstance(lines, str):
            return translator.translate([lines])[0].text
        if not isinstance(lines, Iterable):
            _text(lines)
        return [found.text for found in translator.translate(list(lines))]


# What may be given as a run: opened once for many calls, or its folder, which is opened anew at each call.
Opened = Model | Run | str | os.PathLike[str]


def open_run(path: str | os.PathLike[str]) -> Model:
    """The run in a folder, open for many calls. Raises CheckpointError where there is none."""
    return Model(path)


def generate(run: Opened, prompt: str = "", **options: Any) -> Iterator[str]:
    """Continue a prompt with a run, or the run of a folder; see Model.generate."""
    return _model(run).generate(prompt, **options)


def evaluate(run: Opened, text: str) -> Evaluation:
    """Score how well a run, or the run of a folder, predicts a text."""
    return _model(run).evaluate(text)


def translate(run: Opened, lines: str | Sequence[str], **options: Any) -> Any:
    """Translate lines with a run, or the run of a folder; see Model.translate."""
    return _model(run).translate(lines, **options)


def train(
    *inputs: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    init_from: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    progress: Callable[[Progress], None] | bool = False,
    **options: Any,
) -> Model:
    """Train on text files, or on files of pairs; options are the fields of Config (minutes, hidden, ...).

    The run goes to `output`, else to a folder named after the corpus in SEQGEN_RUNS or checkpoints/. An interrupt (Ctrl-C)
    saves what has been learnt and raises KeyboardInterrupt. `init_from` is the name or folder of a run of texts to begin with.
    Raises SeqgenError for what a user can mend.

    Nothing is shown unless `progress` is True: then what `seqgen train` shows comes on stderr, a screen on a terminal and
    lines elsewhere. A function is called instead with each report; see training/progress.py, whose losses are nats a symbol:

        train("corpus.txt", minutes=2, progress=True)
        train("corpus.txt", steps=500, progress=lambda told: print(told.phase, told.step, told.valid))
    """
    from seqgen.interrupts import Interrupts
    from seqgen.training.progress import Finished
    from seqgen.training.train import Request, Training

    if not (callable(progress) or progress in (None, True, False)):
        raise ConfigError(f"progress: expected True, False or a function, found {type(progress).__name__}")

    if not inputs:
        raise ConfigError("nothing to learn from", "name a file")
    names = tuple(os.fspath(name) for name in inputs)
    folder = Path(os.environ.get("SEQGEN_RUNS") or "checkpoints")
    path = Path(output).expanduser() if output is not None else folder / default_name(names)
    begin = None if init_from is None else place_of(os.fspath(init_from), folder)
    request = Request(names, path, options, init_from=begin, overwrite=overwrite)
    with Interrupts() as interrupts:
        training = Training(request, stop=interrupts.asked)
        with _follower(progress, training, interrupts) as follow:
            for told in training.tell():
                if not isinstance(told, Finished):
                    follow(told)
                elif progress is True:
                    Console.from_environment().note(told.message)
    interrupts.deliver()
    return Model(path)


@contextmanager
def _follower(
    progress: Callable[[Progress], None] | bool | None, training: Training, interrupts: Interrupts
) -> Iterator[Callable[[Progress], None]]:
    """What is called with each report. A screen is closed at the end, whatever that is, so that the terminal is as it was."""
    if callable(progress) or not progress:
        yield progress if callable(progress) else lambda told: None
        return
    from seqgen.draw.training.screen import LiveScreen
    from seqgen.training.follower import Follower

    console = Console.from_environment()
    with LiveScreen(console) if console.is_live else nullcontext() as screen:
        follower = Follower(console, screen, f"{training.request.path.name}: {', '.join(training.request.inputs)}", training)
        interrupts.say = follower.say
        yield follower.take
        follower.draw()


def _text(given: object) -> str:
    """What has to be a text. Raises ConfigError where it is none."""
    if isinstance(given, str):
        return given
    hint = "decode it: given.decode()" if isinstance(given, bytes | bytearray) else None
    raise ConfigError(f"expected a text, found {type(given).__name__}", hint)


def _model(run: Opened) -> Model:
    if isinstance(run, Model):
        return run
    if isinstance(run, Run | str | os.PathLike):
        return Model(run)
    raise CheckpointError(f"expected a run or the path of one, found {type(run).__name__}", "seqgen.open_run(path) opens one")
