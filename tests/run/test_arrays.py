"""Files of arrays: the format is safetensors', the bytes are decided by the content, no damage goes unnoticed."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from seqgen.errors import CheckpointError
from seqgen.run.arrays import checksum, encode, read

ARRAYS = {
    "b": np.arange(6, dtype=np.float32).reshape(2, 3),
    "a": np.arange(3, dtype=np.uint8),
    "one": np.array(7.5, dtype=np.float32),
    "none": np.zeros((0, 4), dtype=np.int64),
    "turned": np.arange(6, dtype=np.int64).reshape(2, 3).T,
}
NOTES = {"step": 3, "loss": None, "text": "é\udc80"}


def written(path: Path) -> str:
    data, found = encode(ARRAYS, NOTES)
    path.write_bytes(data)
    return found


def test_what_was_written_is_read(tmp_path: Path) -> None:
    found = written(tmp_path / "x")
    arrays, notes = read(tmp_path / "x", found)
    assert notes == NOTES and set(arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == array.dtype and arrays[name].shape == array.shape
    assert encode(ARRAYS, NOTES) == encode(dict(reversed(ARRAYS.items())), NOTES), "the order is not part of the content"


def test_the_formats_own_library_agrees(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    written(tmp_path / "ours")
    theirs = load_file(tmp_path / "ours")
    assert all(np.array_equal(theirs[name], array) for name, array in ARRAYS.items()) and set(theirs) == set(ARRAYS)
    plain = {name: np.ascontiguousarray(array) for name, array in ARRAYS.items()}
    save_file(plain, tmp_path / "theirs", metadata={"notes": json.dumps({"step": 3})})
    arrays, notes = read(tmp_path / "theirs")
    assert notes == {"step": 3} and all(np.array_equal(arrays[name], array) for name, array in plain.items())


def test_each_flipped_bit_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x"
    found = written(path)
    whole = path.read_bytes()
    for place in [*range(160), *range(160, len(whole), 3)]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError, match=str(path)):
            read(path, found)
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=str(path)):
            read(path, found)
    path.write_bytes(whole)
    with pytest.raises(CheckpointError, match="expected 0000"):
        read(path, "0" * 16)


@given(arrays_of.arrays(np.uint8, st.integers(0, 40_000)), st.data())
def test_checksums_tell_contents_apart(array: np.ndarray, data: st.DataObject) -> None:
    content = array.tobytes()
    assert checksum(content) == checksum(bytearray(content)) != checksum(content + b"\0")
    if content:
        place = data.draw(st.integers(0, len(content) - 1))
        other = bytearray(content)
        other[place] ^= data.draw(st.integers(1, 255))
        assert checksum(other) != checksum(content)
        if len(content) > 9_000:
            assert checksum(content[4096:8192] + content[:4096] + content[8192:]) != checksum(content) or (
                content[:4096] == content[4096:8192]
            )


def header_of(entries: object) -> bytes:
    text = json.dumps(entries).encode() if not isinstance(entries, bytes) else entries
    return struct.pack("<Q", len(text)) + text


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\0" * 7, struct.pack("<Q", 2**63), header_of([]), header_of(b"[" * 100_000), header_of(b'{"a": NaN}'),
        header_of({"a": 1}), header_of({"a": {}}), header_of({"a": {"dtype": "F32", "shape": 1, "data_offsets": [0, 0]}}),
        header_of({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}),
        header_of({"a": {"dtype": "F32", "shape": [-1, -1], "data_offsets": [0, 4]}}) + b"\0" * 4,
        header_of({"a": {"dtype": "F32", "shape": [10**400], "data_offsets": [0, 4]}}) + b"\0" * 4,
        header_of({"a": {"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}}) + b"\0" * 4,
        header_of({"a": {"dtype": "F32", "shape": [1] * 90, "data_offsets": [0, 4]}}) + b"\0" * 4,
        header_of({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4, 8]}}) + b"\0" * 4,
        header_of({"a": {"dtype": ["F32"], "shape": [1], "data_offsets": [0, 4]}}) + b"\0" * 4,
        header_of({"a": {"dtype": "object", "shape": [1], "data_offsets": [0, 4]}}) + b"\0" * 4,
        header_of({"a": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]},
                   "b": {"dtype": "U8", "shape": [2], "data_offsets": [1, 3]}}) + b"\0" * 3,
        header_of({"a": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]}}) + b"\0" * 3,
        header_of({"__metadata__": 1}), header_of({"__metadata__": {"notes": "[]"}}),
        header_of({"__metadata__": {"notes": '{"a": 1' + "0" * 5_000 + "}"}}),
    ],
)  # fmt: skip
def test_whatever_is_no_file_of_arrays_is_an_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(CheckpointError, match="x: cannot be read"):
        read(tmp_path / "x")


def test_shapes_are_shown_before_anything_is_made_of_them(tmp_path: Path) -> None:
    written(tmp_path / "x")
    seen = {}
    read(tmp_path / "x", fits=seen.update)
    assert seen == {name: array.shape for name, array in ARRAYS.items()}
