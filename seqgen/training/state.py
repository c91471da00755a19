"""Whether a training state that was read fits the training that is to continue from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import CheckpointError
from seqgen.training.trainer import Trainer
from seqgen.weights import check_weights

MOMENTS = ("exp_avg", "exp_avg_sq")


def check_state(trainer: Trainer, arrays: Mapping[str, NDArray[Any]], notes: Mapping[str, Any], where: str) -> None:
    """Raise CheckpointError, naming the file, for arrays whose names or shapes are not the trainer's, and for values that
    no training can have."""
    shapes = {name: tuple(value.shape) for name, value in trainer.model.state_dict().items()}
    for part in ("weights", "best"):
        check_weights(shapes, _of(arrays, part), where)
    learnt = {name: shapes[name] for name in trainer.optimizer.names}
    if trainer.task.config.average:
        check_weights(learnt, _of(arrays, "average"), where)
    muon = trainer.optimizer.muon
    matrices = {} if muon is None else {name: learnt.pop(name) for name in muon.matrices}
    check_weights(matrices, _of(arrays, "optimizer.momentum"), where)
    for moment in MOMENTS:
        # Before the first step there are no moments.
        found = _of(arrays, f"optimizer.{moment}")
        check_weights(learnt if found else {}, found, where)
    steps = _of(arrays, "optimizer.step")
    if any(shape not in ((), (1,)) for shape in steps.values()) or not set(steps) <= set(learnt):
        raise _wrong(where, "optimizer.step: expected one number for each array of weights")
    updates = arrays.get("optimizer.updates")
    if updates is None or updates.shape != (1,) or updates.dtype != np.int64 or not 0 <= int(updates[0]) < 10**15:
        raise _wrong(where, "optimizer.updates: expected one whole number")
    carried = [shape for _, shape in sorted(_of(arrays, "carried").items())]
    if carried and carried != trainer.task.carried_shapes(trainer.model):
        raise _wrong(where, f"the carried state is {carried}, expected {trainer.task.carried_shapes(trainer.model)}")
    _check_notes(notes, where)


def _of(arrays: Mapping[str, NDArray[Any]], part: str) -> dict[str, tuple[int, ...]]:
    """Name -> shape of the arrays of a part."""
    found = {name.removeprefix(f"{part}."): array for name, array in arrays.items() if name.startswith(f"{part}.")}
    return {name: tuple(array.shape) for name, array in found.items()}


def _check_notes(notes: Mapping[str, Any], where: str) -> None:
    """Counters are whole numbers, scores are numbers; what is not known yet is null."""
    for name in ("step_count", "best_step", "misses", "validated_at"):
        value = notes.get(name, 0)
        if type(value) is not int or not -1 <= value < 10**15:
            raise _wrong(where, f"{name}: expected a whole number, found {str(value)[:40]!r}")
    for name, low in (("loss", -1e300), ("rate_scale", 1e-300), ("best_score", -1e300), ("best_valid", -1e300)):
        value = notes.get(name)
        if value is not None and not (type(value) in (int, float) and low <= value <= 1e300):
            raise _wrong(where, f"{name}: expected a number, found {str(value)[:40]!r}")


def _wrong(where: str, what: str) -> CheckpointError:
    return CheckpointError(f"{where}: {what}", "the file is damaged; restore it or train anew")
