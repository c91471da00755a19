"""What the arrays of a run have to be, by the name of their file; counts are checked where a model is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import CheckpointError


def check(name: str, arrays: Mapping[str, NDArray[Any]], vocab_size: int, path: Path) -> None:
    """Raise CheckpointError, naming the file, for arrays that cannot be weights, a state of training or a text."""
    if name == "weights":
        _check_floats(arrays, path)
    elif name == "state":
        # The weights in training may be about to explode, which training notices and undoes; those it goes back to may
        # not.
        _check_floats({key: array for key, array in arrays.items() if key.startswith("best.")}, path)
        _check_kinds({key: array for key, array in arrays.items() if not key.startswith("best.")}, path)
    elif name == "text":
        _check_ids(arrays, ("train", "valid"), vocab_size, path)
    elif name == "origin":
        _check_ids(arrays, ("valid",), vocab_size, path)
    elif name == "hashes":
        bits = arrays.get("bits")
        if bits is None or bits.ndim != 1 or bits.dtype != np.uint8 or len(bits) < 8 or len(bits) & (len(bits) - 1):
            raise _wrong(path, "bits: expected bytes, a power of two of them")
    elif name == "primers":
        _check_ids(arrays, ("ids",), vocab_size, path)
        ends = arrays.get("ends", np.zeros(0))
        if ends.ndim != 1 or ends.dtype.kind != "u" or not len(ends) or ends[-1] != len(arrays["ids"]):
            raise _wrong(path, f"ends: expected places up to {len(arrays['ids']):,}")
        if np.any(np.diff(ends.astype(np.int64), prepend=0) <= 0):
            raise _wrong(path, "ends: expected places one after another")


def _check_floats(arrays: Mapping[str, NDArray[Any]], path: Path) -> None:
    for key, array in arrays.items():
        if array.dtype != np.float32:
            raise _wrong(path, f"{key}: expected numbers of type float32, found {array.dtype}")
        if not np.isfinite(array).all():
            raise _wrong(path, f"{key}: expected numbers, found {array[~np.isfinite(array)][0]} among them")


def _check_kinds(arrays: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Counters are whole numbers, everything else is as wide as the weights."""
    for key, array in arrays.items():
        if array.dtype not in (np.float32, np.int64):
            raise _wrong(path, f"{key}: expected numbers of type float32 or int64, found {array.dtype}")


def _check_ids(arrays: Mapping[str, NDArray[Any]], keys: tuple[str, ...], vocab_size: int, path: Path) -> None:
    for key in keys:
        ids = arrays.get(key)
        if ids is None or ids.ndim != 1 or ids.dtype.kind != "u":
            raise _wrong(path, f"{key}: expected a row of ids")
        if len(ids) and int(ids.max()) >= vocab_size:
            raise _wrong(path, f"{key}: expected ids below {vocab_size:,}, found {int(ids.max()):,}")


def _wrong(path: Path, what: str) -> CheckpointError:
    return CheckpointError(f"{path}: {what}", "the file is damaged; restore it or train anew")
