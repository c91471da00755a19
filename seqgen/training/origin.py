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
# The peak rate as a share of that from scratch, and the share of the budget over which the rate rises to it. Found by
# experiment (an LSTM of 192, 1,200 steps of Shakespeare, then 300): where the text is mostly known, a quarter is best for what
# is new (2.686 bits a character; 2.711 at the whole rate) and for what was held out before (2.357; 2.395). Another text needs
# the whole rate: with half of it 0.90 bits of another English text and 0.84 of a Korean one, with the whole 0.64 and 0.55. A
# warm-up of 0.02 is no better, and forgets more.
RATE_OF_KNOWN, RATE_OF_NEW, WARMUP = 0.25, 1.0, 0.1


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


def marked(config: Config, own: Mapping[str, Any]) -> Config:
    """The config of a run that has these settings from another one, with a note of whose they are."""
    return replace(config, set_by={**config.set_by, **dict.fromkeys(own, ORIGIN)})


def paced(config: Config, vocab_size: int, is_known: bool) -> Config:
    """The config with a rate for weights that are trained already, where none is given: a low one for a text that they know."""
    network = family_of(config).network
    if network is None:
        return config
    fresh = network.sized(replace(config, lr=None), Facts(1, vocab_size), None).lr
    assert fresh
    return config.planned(lr=round((RATE_OF_KNOWN if is_known else RATE_OF_NEW) * fresh, 6), warmup=WARMUP)


def facts_of(origin: Run, earlier: int, out: tuple[tuple[int, int], ...]) -> dict[str, Any]:
    """What the new run remembers of it."""
    places = [place for span in out for place in span]
    return {"name": origin.info.name, "content": content_of(origin), "earlier": earlier, "out": places}
