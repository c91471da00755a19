"""The run that another one is begun from: found, checked, and what the new one inherits. It is only ever read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqgen.config import OPTIONS, PIECES, Config
from seqgen.errors import CheckpointError, ConfigError
from seqgen.families import family_of
from seqgen.families.base import Facts
from seqgen.run import Run
from seqgen.run.arrays import encode
from seqgen.run.staging import is_whole
from seqgen.training.merge import differences

ORIGIN = "origin"
# A trained network is not begun with the rate of a fresh one: that undoes in its first steps what was learnt. Found by
# experiment; see benchmarks/going_on.py.
RATE, WARMUP = 0.5, 0.05


def origin_of(path: Path, new: Path) -> Run:
    """The run to begin another one from, which is to be at `new`. Raises ConfigError for a run of pairs or the new run itself,
    and CheckpointError for one that is missing, damaged or has no model yet."""
    run = Run(path)
    if run.path.resolve() == new.resolve():
        raise ConfigError(
            f"--init-from {path} is the run that is to be made",
            f"choose another folder with -o; or leave --init-from out, to continue {path}",
        )
    if run.info.kind != "language":
        raise ConfigError(f"--init-from {path}: a run of pairs, expected one of texts", "leave --init-from out")
    if not is_whole(run.path):
        raise CheckpointError(
            f"--init-from {path}: it has no model yet, or has lost it",
            "let its training go on first, or leave --init-from out",
        )
    return run


def content_of(run: Run) -> str:
    """A hash of what makes up a run's model."""
    family = family_of(run.info.config)
    names = [name for name, is_there in (("weights", family.network is not None), ("markov", family.counts)) if is_there]
    # Older runs do not name the checksums of their files.
    found = [run.info.files.get(name) or encode(run.arrays(name), {})[1] for name in names]
    return hashlib.sha256(" ".join(found).encode()).hexdigest()[:16]


def check_origin(run: Run, origin: Run) -> None:
    """Raise ConfigError where a run that is continued was not begun from this one as it is now."""
    begun, name = run.info.origin, origin.info.name
    hint = "leave --init-from out to go on with it, or --overwrite begins anew"
    if not begun:
        raise ConfigError(f"{run.path} was not begun from another run, asked for {name}", hint)
    if begun["content"] != content_of(origin):
        other = f"{name} as it was before" if begun["name"] == name else str(begun["name"])
        raise ConfigError(f"{run.path} was begun from {other}, asked for {name} as it is now", hint)


def inherited(origin: Run, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a new run has from it: those of its model, and what its records are. Raises ConfigError, naming each
    difference, where others are chosen."""
    old = origin.info.config
    names = [name for name, declared in OPTIONS.items() if name in ("task", "arch") or declared.group == "model"]
    found = differences(old, {name: value for name, value in chosen.items() if name in names})
    if found:
        raise ConfigError(
            f"--init-from {origin.path} has another network; " + "; ".join(found), "leave these out: the new run has its own"
        )
    own = (
        {"arch", "tokenizer"} | (family_of(old).settings & set(names)) | ({"vocab_size"} if old.tokenizer in PIECES else set())
    )
    if old.records and "column" not in chosen:
        # Which records are held out is decided by each alone: with the same share the same ones stay held out.
        own |= {"valid_frac"} if old.valid_frac else set()
        own |= set() if "records" in chosen else {"records", "label"}
    return {name: getattr(old, name) for name in sorted(own - set(chosen)) if getattr(old, name) is not None}


def gentle(config: Config, own: Mapping[str, Any], vocab_size: int) -> Config:
    """The config of a run that begins where another one ended: who set its settings, and a lower rate than from scratch."""
    config = replace(config, set_by={**config.set_by, **dict.fromkeys(own, ORIGIN)})
    network = family_of(config).network
    if network is None:
        return config
    fresh = network.sized(replace(config, lr=None), Facts(1, vocab_size), None).lr
    assert fresh
    return config.planned(lr=round(RATE * fresh, 6), warmup=WARMUP)


def facts_of(origin: Run, earlier: int, out: tuple[tuple[int, int], ...]) -> dict[str, Any]:
    """What the new run remembers of it."""
    places = [place for span in out for place in span]
    return {"name": origin.info.name, "content": content_of(origin), "earlier": earlier, "out": places}
