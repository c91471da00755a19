"""A run folder that exists, and all that is done with it: read, changed, saved, locked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import CheckpointError
from seqgen.files import read_inside, write_inside
from seqgen.run import arrays as array_files
from seqgen.run import door, folder, journal
from seqgen.run.arrays import Arrays, Shapes, checksum
from seqgen.run.info import RunInfo, read_info, write_info
from seqgen.run.staging import settled
from seqgen.tokenizers import load_tokenizer
from seqgen.tokenizers.base import Tokenizer

KEPT_TEXT_BYTES = 64_000_000
_MOST_TOKENIZER_BYTES = 64_000_000


class Run:
    """A run folder that exists. Raises CheckpointError where it is missing, damaged or of another format."""

    def __init__(self, path: Path) -> None:
        self.path = settled(path)
        self.info = read_info(self.path)
        # Called with the run each time it has been saved.
        self.after_commit: Callable[[Run], None] | None = None

    @classmethod
    def create(cls, path: Path, info: RunInfo, tokenizer: Tokenizer) -> Run:
        """Make the folder (or take an empty one) and write what is known before training.

        Raises CheckpointError where that fails; what was written until then is removed.
        """
        made = folder.make(path)
        try:
            tokenizer.save(path)
            files = {name: checksum(data) for name in folder.TOKENIZER if (data := _content(path / name)) is not None}
            write_info(path, replace(info, files={**info.files, **files}))
        except BaseException:
            if not (path / "config.json").exists():
                for name in folder.TOKENIZER:
                    with contextlib.suppress(OSError):
                        (path / name).unlink()
                folder.unmake(made)
            raise
        return cls(path)

    def commit(
        self, saved: Mapping[str, tuple[Mapping[str, NDArray[Any]], Mapping[str, Any] | None]], /, **changes: Any
    ) -> None:
        """Save files of arrays (name -> arrays, notes) and changes of config.json, all at once or not at all.

        The arrays get names of their own, then config.json names them, then those it named before are removed. Raises
        CheckpointError where that fails; the run is then as it was before.
        """
        named = dict(self.info.files)
        written = []
        try:
            for name, (arrays, notes) in saved.items():
                assert name in folder.ARRAYS, name
                data, named[name] = array_files.encode(arrays, notes or {})
                path = self.path / folder.file_of_arrays(name, named[name])
                if named[name] != self.info.files.get(name) or not _is_intact(path, named[name]):
                    written.append(path)
                    write_inside(path, data)
            journal.sync(self.path)
            new = replace(self.info, **{"files": named, **changes})
            write_info(self.path, new)
        except BaseException:
            self._undo(written)
            raise
        self.info = new
        for name in saved:
            folder.remove_stale(self.path, name, keep=self.file_of(name).name)
        if self.after_commit is not None:
            self.after_commit(self)

    def _undo(self, written: list[Path]) -> None:
        """Remove files that were written in vain; those that config.json names stay, as an interrupt may come after it."""
        with contextlib.suppress(CheckpointError):
            self.info = read_info(self.path)
            for path in written:
                if path not in map(self.file_of, self.info.files):
                    with contextlib.suppress(OSError):
                        path.unlink()

    def forget(self, name: str) -> None:
        """Remove the arrays of a name."""
        self.update(files={other: found for other, found in self.info.files.items() if other != name})
        folder.remove_stale(self.path, name, keep="")

    def update(self, **changes: Any) -> None:
        """Change config.json, all at once or not at all."""
        self.commit({}, **changes)

    def save_arrays(self, name: str, arrays: Mapping[str, NDArray[Any]], notes: Mapping[str, Any] | None = None) -> None:
        """Write one file of arrays, with values that belong to exactly these arrays."""
        self.commit({name: (arrays, notes)})

    def tokenizer(self) -> Tokenizer:
        """The tokenizer that made the run's ids. Raises CheckpointError or TokenizerError where its files are damaged."""
        for name in folder.TOKENIZER:
            expected, data = self.info.files.get(name), _content(self.path / name)
            if expected is not None and (data is None or checksum(data) != expected):
                what = "missing" if data is None else "not what was saved"
                raise CheckpointError(f"{self.path / name}: {what}", "the file is damaged; restore it or train anew")
        tokenizer = load_tokenizer(self.path)
        kind = self.info.config.tokenizer
        if tokenizer.kind != kind:
            raise CheckpointError(
                f"{self.path}: tokenizer.json is of kind {tokenizer.kind}, config.json says {kind}",
                "the two files are not from the same run",
            )
        if len(tokenizer) != self.info.vocab_size:
            raise CheckpointError(
                f"{self.path}: tokenizer.json has {len(tokenizer)} symbols, config.json says {self.info.vocab_size}",
                "the two files are not from the same run",
            )
        return tokenizer

    @property
    def awaits_origin(self) -> bool:
        """Whether it was to begin from another run and has nothing of that: it was stopped just after it was created."""
        return bool(self.info.origin) and not set(self.info.files) & set(folder.ARRAYS)

    def file_of(self, name: str) -> Path:
        """Where the arrays of a name are, or would be: "weights", "markov", "state", "text", "primers", "hashes", "origin"."""
        return self.path / folder.file_of_arrays(name, self.info.files.get(name))

    def has(self, name: str) -> bool:
        """Whether arrays of that name have been saved: "weights", "markov", "state", "text", "primers", "hashes", "origin"."""
        return self.file_of(name).is_file()

    def arrays(self, name: str, fits: Callable[[Shapes], None] | None = None) -> Arrays:
        """The arrays of one file, e.g. arrays("weights"); see arrays_and_notes."""
        return self.arrays_and_notes(name, fits)[0]

    def arrays_and_notes(self, name: str, fits: Callable[[Shapes], None] | None = None) -> tuple[Arrays, dict[str, Any]]:
        """The arrays of one file and the values saved with them.

        `fits` is given the shapes by name and raises where they are wrong. Raises CheckpointError where the file is missing
        or damaged, or its numbers are not of the kind that belongs under that name.
        """
        path = self.file_of(name)
        limit = KEPT_TEXT_BYTES + 1_000_000 if name in ("text", "primers", "origin") else array_files.MOST_BYTES
        arrays, notes = array_files.read(path, self.info.files.get(name), fits, limit)
        door.check(name, arrays, self.info.vocab_size, path)
        return arrays, notes

    def shapes(self, name: str) -> Shapes:
        """The shapes of the arrays of one file, without reading them. Raises CheckpointError where it is missing or damaged."""
        return array_files.shapes(self.file_of(name))

    def keep_text(self, train: NDArray[Any], valid: NDArray[Any]) -> bool:
        """Keep the ids for later use if they take no more than KEPT_TEXT_BYTES; return whether they were kept."""
        kept = kept_text(train, valid, self.info.vocab_size)
        if kept is not None:
            self.save_arrays("text", kept)
        return kept is not None

    def log(self, row: Mapping[str, Any]) -> None:
        """Append one row to metrics.jsonl."""
        journal.append(self.path, row)

    def rows(self) -> list[dict[str, Any]]:
        """The rows of metrics.jsonl; lines that are not rows are skipped, figures that are not numbers are None."""
        return journal.rows(self.path)

    def rewind(self, step: int) -> None:
        """Keep one row per step, up to the step of the state that training continues from; -1 where there is no state."""
        journal.rewind(self.path, step)


def kept_text(train: NDArray[Any], valid: NDArray[Any], vocab_size: int) -> dict[str, NDArray[Any]] | None:
    """The ids as a run keeps them, under "text"; None where they take more than KEPT_TEXT_BYTES."""
    smallest = np.min_scalar_type(vocab_size - 1)
    if (len(train) + len(valid)) * smallest.itemsize > KEPT_TEXT_BYTES:
        return None
    return {"train": train.astype(smallest), "valid": valid.astype(smallest)}


def _content(path: Path) -> bytes | None:
    """The content of one of the tokenizer's files, None where there is none."""
    try:
        return read_inside(path, _MOST_TOKENIZER_BYTES)
    except FileNotFoundError:
        return None


def _is_intact(path: Path, expected: str) -> bool:
    """Whether a file of arrays is there and undamaged."""
    try:
        array_files.read(path, expected)
    except CheckpointError:
        return False
    return True
