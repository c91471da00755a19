"""The Python API: what the commands do, for programs.

run = train("corpus.txt", minutes=2)
for piece in run.generate("Once", length=200): print(piece, end="")
run = train("pairs.tsv", minutes=10)
print(run.translate(["A line.", "Another."]))
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from seqgen import __version__
from seqgen.decode.scorer import Scorer
from seqgen.decode.translator import Translator
from seqgen.errors import CheckpointError, ConfigError
from seqgen.evaluation import Evaluation, evaluate_text
from seqgen.formats.given import as_read
from seqgen.formats.names import default_name
from seqgen.generation import GenerateOptions, generate_text, options_of
from seqgen.opening import line_translator, open_scorer, open_stretches, open_translator, translate_options
from seqgen.run import Run, RunInfo
from seqgen.tokenizers.base import Tokenizer

__all__ = ["Model", "__version__", "evaluate", "generate", "open_run", "train", "translate"]


class Model:
    """A run that is open: what it needs is loaded on first use and kept, so that many calls load it once."""

    def __init__(self, run: Run | str | os.PathLike[str]) -> None:
        """A run, or its folder. Raises CheckpointError where the folder holds none."""
        self._run = run if isinstance(run, Run) else Run(Path(run).expanduser())

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

    def generate(self, prompt: str = "", **options: Any) -> Iterator[str]:
        """Continue a prompt piece by piece; options are those of GenerateOptions (length, temperature, seed, ...).

        Prompt and stop texts are taken as they are, without escapes, and read as files of the corpus are: line ends, NFC.
        """
        import numpy as np

        chosen = options_of(GenerateOptions, **options)
        rng = np.random.default_rng(chosen.seed)
        # Opened here, not at the first piece: errors are raised by this call.
        text = as_read(_text(prompt))
        pieces = generate_text(self.scorer, self.tokenizer, text, chosen, rng, stretches=self.stretches)
        return (piece.text for piece in pieces if piece.text)

    def evaluate(self, text: str) -> Evaluation:
        """Score how well the model predicts a text."""
        steps = evaluate_text(self.scorer, self.tokenizer, as_read(_text(text)), arch=self.info.config.arch)
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
    overwrite: bool = False,
    progress: Callable[[Any], None] | None = None,
    **options: Any,
) -> Model:
    """Train on text files, or on files of pairs; options are the fields of Config (minutes, hidden, ...).

    The run goes to `output`, else to a folder named after the corpus in SEQGEN_RUNS or checkpoints/; `progress` is called with
    what training reports as it runs. An interrupt (Ctrl-C) saves what has been learnt and raises KeyboardInterrupt. Raises
    SeqgenError for what a user can mend.
    """
    from seqgen.interrupts import Interrupts
    from seqgen.training.train import Request, Training

    if not inputs:
        raise ConfigError("nothing to learn from", "name a file")
    names = tuple(os.fspath(name) for name in inputs)
    folder = Path(os.environ.get("SEQGEN_RUNS") or "checkpoints")
    path = Path(output).expanduser() if output is not None else folder / default_name(names)
    request = Request(names, path, options, overwrite=overwrite)
    with Interrupts() as interrupts:
        _tell(Training(request, stop=interrupts.asked), progress)
    interrupts.deliver()
    return Model(path)


def _tell(training: Any, progress: Callable[[Any], None] | None) -> None:
    """Train to the end, or to an interrupt."""
    for told in training.tell():
        if progress is not None:
            progress(told)


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
