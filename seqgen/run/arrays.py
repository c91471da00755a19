"""Files of named arrays, in the safetensors format, each with its own checksum.

The format (https://huggingface.co/docs/safetensors): eight bytes with the length of a header, the header in JSON, the numbers.
It is read and written here rather than by its library because files of a run folder are opened without following links,
are checked before they are trusted, and have the same bytes whenever they hold the same content.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Mapping
from io import FileIO
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import CheckpointError
from seqgen.files import load_inside, open_inside, parse_json, to_json

Arrays = dict[str, NDArray[Any]]
Shapes = dict[str, tuple[int, ...]]

DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
          "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1"}  # fmt: skip
_NAMES = {dtype: name for name, dtype in DTYPES.items()}
DIGITS = 16
# The checksum is at the same place in each file that has one: after these bytes.
_BEGIN = b'{"__metadata__": {"checksum": "'
_PLACE = slice(8 + len(_BEGIN), 8 + len(_BEGIN) + DIGITS)
_ROW = 512
_MOST_HEADER = 8_000_000
MOST_BYTES = 2**36


def checksum(data: bytes | bytearray) -> str:
    """16 hexadecimal digits that tell damaged bytes from whole ones, and one content from another.

    The bytes are read as rows of 64-bit numbers; the checksum is the SHA-256 of the sums of rows and columns. Damage to
    fewer than four of the numbers always changes a sum. It guards against damage, not against forgery, and is 5 to 50 times
    as fast as SHA-256 of everything: checking must not delay a command noticeably.
    """
    whole = len(data) // (8 * _ROW) * _ROW
    words = np.frombuffer(data, dtype="<u8", count=whole).reshape(-1, _ROW)  # [rows, 512]
    digest = hashlib.sha256(len(data).to_bytes(8, "little"))
    for sums in (words.sum(axis=0, dtype="<u8"), words.sum(axis=1, dtype="<u8")):
        digest.update(np.ascontiguousarray(sums).data)
    digest.update(memoryview(data)[8 * whole :])
    return digest.hexdigest()[:DIGITS]


def encode(arrays: Mapping[str, NDArray[Any]], notes: Mapping[str, Any]) -> tuple[bytearray, str]:
    """The content of a file of arrays, with the values that belong to exactly these, and its checksum."""
    whole = {name: _plain(array) for name, array in arrays.items()}
    header: dict[str, Any] = {"__metadata__": {"checksum": "0" * DIGITS, "notes": to_json(dict(notes)).decode()}}
    # The widest numbers first, so that each array begins at a multiple of its numbers' size.
    order = sorted(whole, key=lambda name: (-whole[name].itemsize, name))
    place = 0
    for name in order:
        array = whole[name]
        end = place + array.nbytes
        header[name] = {"dtype": _NAMES[array.dtype.str], "shape": list(array.shape), "data_offsets": [place, end]}
        place = end
    text = to_json(header)
    text += b" " * (-len(text) % 8)
    data = bytearray(len(text).to_bytes(8, "little") + text)
    for name in order:
        data += whole[name].reshape(-1).view(np.uint8).data
    found = checksum(data)
    data[_PLACE] = found.encode()
    return data, found


def read(
    path: Path,
    expected: str | None = None,
    fits: Callable[[Shapes], None] | None = None,
    limit: int = MOST_BYTES,
) -> tuple[Arrays, dict[str, Any]]:
    """The arrays of a file and the values saved with them.

    `expected` is the checksum that the file has to have; None for files of older runs, which have none. `fits` is given the
    shapes before any array is made, and raises where they are wrong. Raises CheckpointError where the file is
    missing or damaged.
    """
    try:
        data = load_inside(path, limit)
    except FileNotFoundError:
        unsaved, lost = "has the run been trained up to its first save?", "the run is damaged; restore the file or train anew"
        raise CheckpointError(f"{path}: missing", unsaved if expected is None else lost) from None
    _verify(path, data, expected)
    header, begin = _header(path, data)
    metadata = header.pop("__metadata__", {})
    try:
        notes = parse_json(str(metadata.get("notes", "{}")).encode())
        if not isinstance(notes, dict):
            raise ValueError("its notes are not an object")
        places = _places(header, len(data) - begin)
    except (ValueError, TypeError, AttributeError) as error:
        _damaged(path, error)
    except KeyError as error:
        _damaged(path, f"an array without {error}")
    if fits is not None:
        fits({name: shape for name, (_, shape, _) in places.items()})
    arrays = {
        name: np.frombuffer(data, dtype=dtype, count=math.prod(shape), offset=begin + place).reshape(shape)
        for name, (dtype, shape, place) in places.items()
    }
    return arrays, notes


def shapes(path: Path) -> Shapes:
    """The shapes of a file's arrays, read from its header alone. Raises CheckpointError where it is missing or damaged."""
    try:
        with FileIO(open_inside(path), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            begin = bytearray(file.read(8))
            begin += file.read(min(int.from_bytes(begin, "little"), _MOST_HEADER))
        header, start = _header(path, begin)
        header.pop("__metadata__", None)
        return {name: shape for name, (_, shape, _) in _places(header, size - start).items()}
    except FileNotFoundError:
        raise CheckpointError(f"{path}: missing", "the run is damaged; restore the file or train anew") from None
    except (ValueError, TypeError, AttributeError, KeyError, OSError) as error:
        _damaged(path, error)


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """An array whose bytes are those of the file. (np.ascontiguousarray alone makes a vector of a single number.)"""
    plain = np.ascontiguousarray(array).reshape(array.shape)
    return plain.astype(plain.dtype.newbyteorder("<"), copy=False)


def _verify(path: Path, data: bytearray, expected: str | None) -> None:
    """Compare the checksum stored in a file, if there is one, with the file and with the expected one."""
    stated = bytes(data[_PLACE]).decode("latin-1") if data[8 : _PLACE.start] == _BEGIN else None
    if stated is None and expected is None:
        return
    if stated is not None:
        data[_PLACE] = b"0" * DIGITS
    found = checksum(data)
    if not found == stated == (expected or found):
        _damaged(path, f"its checksum is {found}, expected {expected or stated}")


def _header(path: Path, data: bytearray) -> tuple[dict[str, Any], int]:
    """The header, and where the numbers begin."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(len(data) - 8, _MOST_HEADER):
        _damaged(path, "its header is cut off")
    try:
        header = parse_json(data[8 : 8 + length])
    except ValueError as error:
        _damaged(path, f"its header: {error}")
    if not isinstance(header, dict):
        _damaged(path, "its header is not an object")
    return header, 8 + length


def _places(header: dict[str, Any], size: int) -> dict[str, tuple[str, tuple[int, ...], int]]:
    """Name -> (dtype, shape, place); raises ValueError where these do not follow one another up to the end."""
    found = {}
    ends = []
    for name, entry in header.items():
        dtype, shape, (begin, end) = DTYPES.get(str(entry["dtype"])), entry["shape"], entry["data_offsets"]
        if dtype is None or len(shape) > 8 or not all(type(n) is int and n >= 0 for n in (*shape, begin, end)):
            raise ValueError(f"{name}: not the description of an array")
        if end - begin != math.prod(shape) * np.dtype(dtype).itemsize or end > size:
            raise ValueError(f"{name}: its place and its shape do not agree")
        found[name] = (dtype, tuple(shape), begin)
        ends.append((begin, end))
    ends.sort()
    if [begin for begin, _ in ends] != [0, *(end for _, end in ends)][: len(ends)] or (ends[-1][1] if ends else 0) != size:
        raise ValueError("its arrays do not follow one another")
    return found


def _damaged(path: Path, reason: object) -> NoReturn:
    raise CheckpointError(f"{path}: cannot be read: {reason}", "the file is damaged; restore it or train anew")
