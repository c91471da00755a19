"""The Python API: what the commands do, for programs.

run = train("corpus.txt", minutes=2)
for piece in generate(run, "Once", length=200): print(piece, end="")
run = train("pairs.tsv", minutes=10)
print(translate(run, ["A line.", "Another."]))
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from seqgen import __version__
from seqgen.backend import line_translator, longest_translation, open_scorer, open_translator
from seqgen.config import from_options
from seqgen.decode.translator import TranslateOptions
from seqgen.errors import CheckpointError
from seqgen.evaluation import Evaluation, evaluate_text
from seqgen.formats.names import default_name, looks_like_pairs
from seqgen.generation import GenerateOptions, generate_text
from seqgen.run import Run
from seqgen.threads import available_cpus

__all__ = ["__version__", "evaluate", "generate", "open_run", "train", "translate"]


def open_run(path: str | Path) -> Run:
    """The run in a folder. Raises CheckpointError where there is none."""
    return Run(Path(path))


def generate(run: Run, prompt: str = "", **options: Any) -> Iterator[str]:
    """Continue a prompt piece by piece; options are those of GenerateOptions (length, temperature, seed, ...)."""
    import numpy as np

    chosen = GenerateOptions(**options)
    rng = np.random.default_rng(chosen.seed)
    for piece in generate_text(open_scorer(run), run.tokenizer(), prompt, chosen, rng):
        if piece.text:
            yield piece.text


def evaluate(run: Run, text: str) -> Evaluation:
    """Score how well a run predicts a text."""
    steps = evaluate_text(open_scorer(run), run.tokenizer(), text, arch=run.info.config.arch)
    return next(found for _, found in steps if found is not None)


def translate(run: Run, lines: Sequence[str], **options: Any) -> list[str]:
    """Translate lines, one for each; options are those of TranslateOptions (beam_size, length_penalty, ...)."""
    chosen = TranslateOptions(**{"max_length": longest_translation(run), **options})
    translator = line_translator(run, open_translator(run, threads=available_cpus()), chosen)
    return [found.text for found in translator.translate(lines)]


def train(*inputs: str | Path, output: str | Path | None = None, overwrite: bool = False, **options: Any) -> Run:
    """Train on text files, or on files of pairs (*.tsv, *.jsonl); options are the fields of Config (minutes, hidden, ...).

    Raises SeqgenError for what a user can mend.
    """
    from seqgen.training.train import Request, Training

    names = tuple(str(name) for name in inputs)
    task = "translation" if looks_like_pairs(names) else "language"
    path = Path(output) if output is not None else Path("checkpoints") / default_name(names)
    training = Training(Request(names, path, from_options(task, **options), overwrite=overwrite))
    for _ in training.tell():
        pass
    if training.run is None:
        raise CheckpointError(f"{path}: no run was made")
    return training.run
