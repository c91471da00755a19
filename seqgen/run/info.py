"""config.json: what a run is. Whatever is read from it is checked here, field by field, before it is trusted."""

from __future__ import annotations

import math
import os
import re
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from seqgen.config import TASKS, Config
from seqgen.errors import CheckpointError, SeqgenError
from seqgen.files import parse_json, read_inside, to_json, write_inside
from seqgen.metrics.overlap import TOKENIZERS as BLEU_TOKENIZERS

NAME = "config.json"
# Figures, among the scores, of the held-out text of the run that this one was begun from.
BEFORE, AFTER = "earlier_before", "earlier_after"
# Runs of format 1 name their big files without a checksum; they are read as well.
FORMAT, FORMATS = 2, (1, 2)
# A list of the hundred thousand files of a corpus takes less.
MOST_BYTES = 8_000_000
MOST_ENTRIES = 10_000
# All characters of Unicode and the special symbols; there are never that many subwords.
MOST_SYMBOLS = 1_200_000


@dataclass(frozen=True)
class RunInfo:
    """The content of config.json. Times are ISO 8601 in UTC; seconds count over all sittings.

    `corpus` holds names, `given` (the words that named them), sha256, symbols, bytes, train, valid (pairs in a translation
    run, whose longest_source and longest_target are in tokens and whose BLEU has the bleu_tokenizer; older runs have 13a);
    `scores` the figures of the last exact scoring; `seconds` where the time went, phase by phase; `mix_weight` the network's
    share in a hybrid. `finished` is when it last finished, `open` whether it has been continued since, `replaces` whether it
    was begun in the place of another run and has not finished yet. `files` has the checksum of each file that belongs to these
    values, under the names of its arrays (folder.ARRAYS) and under the names of the tokenizer's files; `model` names
    those of the arrays that make up the model; older runs have neither. `origin` is that of a run begun from another one: its
    name, a hash of its `content`, how many characters of the corpus are its text (`earlier`), and which of them it held out
    (`out`, as beginnings and ends).
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
    step: int = 0
    mix_weight: float | None = None
    scores: Mapping[str, Any] = field(default_factory=dict)
    baselines: Mapping[str, float] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    open: bool = False
    replaces: bool = False
    files: Mapping[str, str] = field(default_factory=dict)
    model: tuple[str, ...] = ()
    origin: Mapping[str, Any] = field(default_factory=dict)

    @property
    def retained(self) -> tuple[float, float] | None:
        """Bits a character that the held-out text of the run it was begun from cost before and after; None where not known."""
        found = [self.scores.get(name, {}).get("bits_per_char") for name in (BEFORE, AFTER)]
        return None if None in found else (found[0], found[1])

    @property
    def elapsed(self) -> float:
        """Seconds spent on the run in all sittings."""
        return sum(self.seconds.values())


def read_info(folder: Path) -> RunInfo:
    """The content of a folder's config.json. Raises CheckpointError where it is missing, damaged or of another format."""
    path = folder / NAME
    try:
        content = parse_json(read_inside(path, MOST_BYTES))
    except FileNotFoundError:
        raise CheckpointError(f"{folder}: no run here ({NAME} is missing)", "seqgen runs lists the runs there are") from None
    except ValueError as error:
        raise CheckpointError(f"{path}: cannot be read: {error}", "the file is damaged; restore it or train anew") from None
    return _checked(content, path)


def write_info(folder: Path, info: RunInfo) -> None:
    """Write config.json, all at once. Figures that are not finite, which JSON cannot hold, are left out."""
    content = asdict(replace(info, config=Config()))
    del content["config"]
    if not info.origin:
        # Older versions, which know no such field, go on reading all other runs.
        del content["origin"]
    for name in ("scores", "baselines"):
        content[name] = _finite(content[name])
    content = {"format": FORMAT, **content, "settings": info.config.to_json()}
    write_inside(folder / NAME, to_json(content, indent=1) + b"\n")


def _checked(content: Any, path: Path) -> RunInfo:
    if not isinstance(content, dict) or content.get("format") not in FORMATS:
        found = content.get("format") if isinstance(content, dict) else content
        raise CheckpointError(
            f"{path}: expected format {' or '.join(map(str, FORMATS))}, found {_short(found)}",
            "use the seqgen version that wrote it",
        )
    values = {name: value for name, value in content.items() if name not in ("format", "settings")}
    for name in values:
        if name not in _FIELDS:
            raise _wrong(path, f"unknown field {_short(name)}")
    for name, (expected, fits) in _FIELDS.items():
        if name not in values and name in _REQUIRED:
            raise _wrong(path, f"{name} is missing")
        if name in values and not fits(values[name]):
            raise _wrong(path, f"{name}: expected {expected}, found {_short(values[name])}")
    config = _config(content.get("settings"), values["kind"], path)
    if config.task != values["kind"]:
        raise _wrong(path, f"a {values['kind']} run with --arch {config.arch}")
    return RunInfo(config=config, **{**values, "model": tuple(values.get("model", ()))})


def _config(settings: Any, task: str, path: Path) -> Config:
    """The settings, whose types and ranges Config checks itself."""
    try:
        return Config.from_json(settings, task)
    except SeqgenError as error:
        raise CheckpointError(f"{path}: {error.message}", error.hint) from None


def _wrong(path: Path, what: str) -> CheckpointError:
    return CheckpointError(f"{path}: not the content of a run: {what}", "the file is damaged; restore it or train anew")


def _short(value: Any) -> str:
    """A value in a message: as much of it as a line holds."""
    return reprlib.repr(value)


def _finite(value: Any) -> Any:
    """A value without the entries of its objects that are not finite."""
    if not isinstance(value, Mapping):
        return value
    return {k: _finite(v) for k, v in value.items() if not (isinstance(v, float) and not math.isfinite(v))}


def _is_whole(value: Any, low: int = 0, high: int = 10**15) -> bool:
    return type(value) is int and low <= value <= high


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and -1e300 <= value <= 1e300


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_name(value: Any) -> bool:
    """Whether a text is the name of one file or folder, with nothing that leads elsewhere."""
    separators = [part for part in (os.sep, os.altsep, "\0") if part]
    return isinstance(value, str) and value not in ("", ".", "..") and not any(part in value for part in separators)


def _is_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _maps(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, dict) and len(value) <= MOST_ENTRIES and all(map(fits, value.values()))


def _is_scores(value: Any) -> bool:
    """Figures part by part, and how they were computed."""

    def part(name: str, found: Any) -> bool:
        if name == "signature":
            return _is_text(found) or _maps(found, _is_text)
        return _maps(found, _is_number)

    return isinstance(value, dict) and len(value) <= 100 and all(part(*item) for item in value.items())


def _is_corpus(value: Any) -> bool:
    """The facts of a corpus: those that this version uses are checked, others may be anything."""

    def texts(found: Any) -> bool:
        return isinstance(found, list) and all(map(_is_text, found))

    def plain(found: Any) -> bool:
        return found is None or isinstance(found, bool) or _is_text(found) or _is_number(found) or texts(found)

    known: dict[str, Callable[[Any], bool]] = {"names": texts, "given": texts, "sha256": _is_text}
    whole = ("symbols", "bytes", "train", "valid", "longest_source", "longest_target", "joined_source")
    known |= dict.fromkeys(whole, _is_whole)
    known["bleu_tokenizer"] = BLEU_TOKENIZERS.__contains__
    known["number_marks"] = _are_number_marks
    known["numbers_kept"] = lambda found: isinstance(found, bool)
    known["digit_words"] = lambda found: _maps(found, texts) and all(re.fullmatch(r"\d", digit) for digit in found)
    return (
        _maps(value, lambda found: plain(found) or _maps(found, plain))
        and all(fits(value[name]) for name, fits in known.items() if name in value)
        and {"names", "sha256", "symbols", "train", "valid"} <= set(value)
    )


def _is_origin(value: Any) -> bool:
    """Which run another one was begun from, and what of the corpus that one had."""
    if not isinstance(value, dict) or set(value) != {"name", "content", "earlier", "out"}:
        return False
    places, earlier = value["out"], value["earlier"]
    is_placed = _is_whole(earlier) and isinstance(places, list) and all(_is_whole(place, high=earlier) for place in places)
    return (
        _is_name(value["name"])
        and _is_text(value["content"])
        and is_placed
        and len(places) % 2 == 0
        and places == sorted(places)
    )


def _are_number_marks(value: Any) -> bool:
    """Marks between digits, and what becomes of them."""
    return (
        isinstance(value, dict)
        and all(re.fullmatch(r"(group|decimal) \D", name) for name in value)
        and all(_is_text(mark) and re.fullmatch(r"\D?", mark) for mark in value.values())
    )


# Field -> what is expected of it, in words and as a check.
_FIELDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "kind": (" or ".join(TASKS), lambda value: value in TASKS),
    "name": ("the name of a folder", _is_name),
    "corpus": ("the facts of a corpus", _is_corpus),
    "created": ("a time with a time zone", _is_time),
    "version": ("a string", _is_text),
    "vocab_size": (f"1 to {MOST_SYMBOLS:,}", lambda value: _is_whole(value, 1, MOST_SYMBOLS)),
    "plan": ("a string", _is_text),
    "finished": ("a time with a time zone, or null", lambda value: value is None or _is_time(value)),
    "step": ("a number of steps", _is_whole),
    "mix_weight": ("0 to 1, or null", lambda value: value is None or (_is_number(value) and 0 <= value <= 1)),
    "scores": ("figures by part", _is_scores),
    "baselines": ("figures by name", lambda value: _maps(value, _is_number)),
    "seconds": ("seconds by phase", lambda value: _maps(value, lambda found: _is_number(found) and found >= 0)),
    "model": (
        "names of arrays",
        lambda value: (
            isinstance(value, list) and all(_is_text(name) and re.fullmatch("[a-z]{1,20}", name) is not None for name in value)
        ),
    ),
    "origin": ("the run it was begun from", _is_origin),
    "open": ("true or false", lambda value: type(value) is bool),
    "replaces": ("true or false", lambda value: type(value) is bool),
    "files": (
        "checksums by file",
        lambda value: _maps(value, lambda found: _is_text(found) and re.fullmatch("[0-9a-f]{16}", found) is not None),
    ),
}
_REQUIRED = {f.name for f in fields(RunInfo) if f.default is MISSING and f.default_factory is MISSING} - {"config"}
