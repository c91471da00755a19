"""A run: one folder that holds all of a model and of how it came to be.

    config.json           what the run is: settings and who set each, corpus facts, progress, scores, format number
    tokenizer.json        the vocabulary
    tokenizer.model       its pieces, where they are SentencePiece's
    weights.safetensors   the network's best weights (all but markov)
    markov.safetensors    the counts (markov, hybrid)
    state.safetensors     what training needs to go on bit for bit
    text.safetensors      the ids it was trained and validated on, up to 64 MB
    metrics.jsonl         one row a report: step, seconds, losses, samples
    engine                the weights as a faster engine wants them; may be deleted at any time
    lock                  held while a process trains

Each file is written beside its place, synced and renamed, so that a reader never meets half of one. Nothing in the folder
names a path of this machine: copied elsewhere, it works.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.config import Config
from seqgen.errors import CheckpointError, ConfigError
from seqgen.files import write_atomically
from seqgen.lock import lock_file
from seqgen.tokenizers import load_tokenizer
from seqgen.tokenizers.base import Tokenizer

FORMAT = 1
KEPT_TEXT_BYTES = 64_000_000


@dataclass(frozen=True)
class RunInfo:
    """The content of config.json. Times are ISO 8601 in UTC; seconds count over all sittings.

    `corpus` holds names, `given` (the words that named them), sha256, symbols, bytes, train, valid (pairs in a translation
    run, whose longest_source and longest_target are in tokens); `scores` the figures of the last exact scoring; `seconds`
    where the time went, phase by phase; `mix_weight` the network's share in a hybrid.
    """

    kind: str
    name: str
    config: Config
    corpus: Mapping[str, Any]
    created: str
    version: str
    vocab_size: int
    plan: str = ""
    finished: str | None = None
    open: bool = False
    step: int = 0
    mix_weight: float | None = None
    scores: Mapping[str, Any] = field(default_factory=dict)
    baselines: Mapping[str, float] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def elapsed(self) -> float:
        """Seconds spent on the run in all sittings."""
        return sum(self.seconds.values())


class Run:
    """A run folder that exists. Raises CheckpointError where it is missing, damaged or of another format."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.info = _read_info(path)

    @classmethod
    def create(cls, path: Path, info: RunInfo, tokenizer: Tokenizer) -> Run:
        """Make the folder (or take an empty one) and write what is known before training."""
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CheckpointError(f"{path}: cannot make the run folder: {error.strerror}", "choose another with -o") from None
        tokenizer.save(path)
        _write_info(path, info)
        return cls(path)

    def update(self, **changes: Any) -> None:
        """Change config.json, all at once or not at all."""
        self.info = replace(self.info, **changes)
        _write_info(self.path, self.info)

    def tokenizer(self) -> Tokenizer:
        """The tokenizer that made the run's ids."""
        tokenizer = load_tokenizer(self.path)
        if len(tokenizer) != self.info.vocab_size:
            raise CheckpointError(
                f"{self.path}: tokenizer.json has {len(tokenizer)} symbols, config.json says {self.info.vocab_size}",
                "the two files are not of the same run",
            )
        return tokenizer

    def has(self, name: str) -> bool:
        """Whether arrays of that name have been saved: "weights", "markov", "state", "text"."""
        return (self.path / f"{name}.safetensors").is_file()

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """The arrays of one file, e.g. arrays("weights")."""
        return self.arrays_and_notes(name)[0]

    def arrays_and_notes(self, name: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """The arrays of one file and the values saved with them."""
        from safetensors import SafetensorError, safe_open

        path = self.path / f"{name}.safetensors"
        if not path.is_file():
            raise CheckpointError(f"{path}: not there", "has the run been trained to its first save?")
        try:
            with safe_open(path, framework="numpy") as file:
                notes = json.loads((file.metadata() or {}).get("notes", "{}"))
                return {key: file.get_tensor(key) for key in file.keys()}, notes  # noqa: SIM118 - not a dict
        except (SafetensorError, json.JSONDecodeError, OSError) as error:
            raise CheckpointError(f"{path}: cannot be read: {error}", "the file is damaged; restore it or train anew") from None

    def save_arrays(self, name: str, arrays: Mapping[str, NDArray[Any]], notes: Mapping[str, Any] | None = None) -> None:
        """Write one file of arrays, with values that belong to exactly these arrays."""
        from safetensors.numpy import save

        whole = {key: np.ascontiguousarray(array) for key, array in arrays.items()}
        data = save(whole, metadata={"notes": json.dumps(notes or {})})
        write_atomically(self.path / f"{name}.safetensors", data)

    def keep_text(self, train: NDArray[Any], valid: NDArray[Any]) -> bool:
        """Keep the ids for later use, where they take no more than KEPT_TEXT_BYTES; return whether they were kept."""
        smallest = np.min_scalar_type(self.info.vocab_size - 1)
        if (len(train) + len(valid)) * smallest.itemsize > KEPT_TEXT_BYTES:
            return False
        self.save_arrays("text", {"train": train.astype(smallest), "valid": valid.astype(smallest)})
        return True

    def log(self, row: Mapping[str, Any]) -> None:
        """Append one row to metrics.jsonl."""
        try:
            with (self.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        except OSError as error:
            raise CheckpointError(
                f"{self.path / 'metrics.jsonl'}: cannot be written: {error.strerror}", "free some space"
            ) from None

    def rows(self) -> list[dict[str, Any]]:
        """The rows of metrics.jsonl; a last line that a crash left unfinished is passed over."""
        path = self.path / "metrics.jsonl"
        rows = []
        for line in path.read_text(encoding="utf-8").split("\n") if path.is_file() else ():
            try:
                rows.append(json.loads(line))
            except json.JSONDecodeError:
                continue
        return rows

    def rewind(self, step: int) -> None:
        """Drop the rows that were logged after the state which training goes on from."""
        kept = [row for row in self.rows() if row.get("step", 0) <= step]
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept)
        write_atomically(self.path / "metrics.jsonl", text.encode())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second training process out of the folder. Raises CheckpointError when one is in it."""
        with lock_file(self.path / "lock", f"{self.path}: another process is training this run"):
            yield


def clear(path: Path) -> None:
    """Remove the files of a run, and nothing else that may lie in the folder."""
    shutil.rmtree(path / "engine", ignore_errors=True)
    for name in ("config.json", "tokenizer.json", "tokenizer.model", "metrics.jsonl"):
        (path / name).unlink(missing_ok=True)
    for name in ("weights", "markov", "state", "text"):
        (path / f"{name}.safetensors").unlink(missing_ok=True)


def find(model: str, runs_dir: Path) -> Run:
    """The run a user means by a name or a path."""
    path = Path(model)
    candidates = [path, runs_dir / model]
    for candidate in candidates:
        if (candidate / "config.json").is_file():
            return Run(candidate)
    names = [run.info.name for run in all_runs(runs_dir)]
    known = f"runs in {runs_dir}: {', '.join(names)}" if names else f"there are no runs in {runs_dir} yet"
    raise CheckpointError(f"no run {model!r}", known)


def latest(kind: str | None, runs_dir: Path) -> Run:
    """The run of a kind, or of any, that finished last, by its config.json."""
    runs = [run for run in all_runs(runs_dir) if run.info.finished and kind in (None, run.info.kind)]
    if not runs:
        what = f"{kind} run" if kind else "run"
        raise CheckpointError(f"no finished {what} in {runs_dir}", "train one: seqgen train FILE, or name one with -m")
    return max(runs, key=lambda run: run.info.finished or "")


def all_runs(runs_dir: Path) -> list[Run]:
    """Every readable run of a folder, in order of creation."""
    runs = []
    for path in sorted(runs_dir.glob("*/config.json")) if runs_dir.is_dir() else ():
        try:
            runs.append(Run(path.parent))
        except (CheckpointError, ConfigError):
            continue
    return sorted(runs, key=lambda run: run.info.created)


def _read_info(path: Path) -> RunInfo:
    file = path / "config.json"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"{path}: no run here (config.json is missing)", "seqgen runs lists those there are") from None
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{file}: cannot be read: {error}", "the file is damaged; restore it or train anew") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else content
        raise CheckpointError(f"{file}: expected format {FORMAT}, found {found!r}", "use the seqgen version that wrote it")
    try:
        fields = {key: value for key, value in content.items() if key not in ("format", "settings")}
        return RunInfo(config=Config.from_json(content["settings"], content["kind"]), **fields)
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{file}: not the content of a run: {error}", "the file is damaged; train anew") from None


def _write_info(path: Path, info: RunInfo) -> None:
    content = asdict(replace(info, config=Config()))
    del content["config"]
    content = {"format": FORMAT, **content, "settings": info.config.to_json()}
    # A lone surrogate, which a file's name may hold, becomes \udcff, which JSON reads back.
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    write_atomically(path / "config.json", text.encode("utf-8", "backslashreplace"))
