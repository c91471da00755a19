"""What to do with a run folder that may be there already: begin, go on, or leave it alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqgen.config import Config, continued, differences
from seqgen.errors import CheckpointError, ConfigError
from seqgen.run import Run

# Files that a folder may hold without being somebody's else: our lock, and what a crash of the first write left behind.
OURS = ("lock",)


def open_existing(path: Path, overwrite: bool) -> Run | None:
    """The run in a folder, None for a folder to begin in. Raises CheckpointError where something else lies there."""
    if (path / "config.json").exists():
        return None if overwrite else Run(path)
    others = sorted(p.name for p in path.iterdir() if p.name not in OURS and not p.name.startswith(("tokenizer.", ".")))
    if others:
        raise CheckpointError(
            f"{path}: a folder with other files in it ({', '.join(others[:3])}), not a run", "choose another with -o"
        )
    return None


def check_same(run: Run, given: Config, facts: Mapping[str, Any]) -> None:
    """Raise ConfigError, naming each difference, where a run is asked to go on as something else."""
    found = differences(run.info.config, given)
    if run.info.kind != given.task:
        found.insert(0, f"the task: is {run.info.kind}, asked for {given.task}")
    if run.info.corpus["sha256"] != facts["sha256"]:
        old, new = run.info.corpus, facts
        found.insert(0, f"the corpus: is {_corpus(old)}, asked for {_corpus(new)}")
    elif run.info.corpus["train"] != facts["train"] or run.info.corpus["valid"] != facts["valid"]:
        found.insert(0, "what is held out is another part")
    if found:
        raise ConfigError(
            f"{run.path} is another run; " + "; ".join(found), "choose another folder with -o, or --overwrite this one"
        )


def resumed_config(run: Run, given: Config) -> Config | None:
    """The config to go on with, None where the run has finished and is not asked for more."""
    old = run.info.config
    new = continued(old, given)
    if run.info.finished is None:
        return new
    if new.steps and new.steps > run.info.step:
        return new
    if new.epochs and old.epochs and new.epochs > old.epochs:
        return new
    if new.timed and new.minutes and (not old.minutes or new.minutes > old.minutes):
        return new
    return None


def _corpus(facts: Mapping[str, Any]) -> str:
    return f"{', '.join(facts['names'])} ({facts['symbols']:,} symbols, sha256 {facts['sha256'][:8]})"
