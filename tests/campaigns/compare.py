"""Whether two folders hold the same, times of day and seconds apart."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

# Fields that hold times, and the digests of files that do.
TIMES = frozenset({"created", "finished", "seconds", "seen", "saved"})
DIGESTS = frozenset({"checksum", "checksums", "digest", "digests", "files"})


def contents(folder: Path) -> dict[str, str]:
    """Name -> what is there, comparable: every file of a folder and of those in it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        found[str(path.relative_to(folder))] = _content(path)
    return found


def differences(found: dict[str, str], expected: dict[str, str]) -> list[str]:
    """What is missing, what is too much, what is another; the first place where it differs."""
    said = [f"missing {name}" for name in expected.keys() - found.keys()]
    said += [f"left over {name}" for name in found.keys() - expected.keys()]
    for name in sorted(expected.keys() & found.keys()):
        if found[name] != expected[name]:
            said.append(f"other {name}: {_first(found[name], expected[name])}")
    return said


def snapshot(folder: Path) -> dict[str, str]:
    """Name -> kind, size and digest of everything below: what must not change."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        kind = stat.filemode(status.st_mode)
        if path.is_symlink():
            found[str(path)] = f"{kind} {os.readlink(path)}"
        elif path.is_file():
            found[str(path)] = f"{kind} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        else:
            found[str(path)] = kind
    return found


def _content(path: Path) -> str:
    if path.is_symlink():
        return f"link to {os.readlink(path)}"
    if path.is_dir():
        return "folder"
    if not path.is_file():
        return "no file"
    data = path.read_bytes()
    try:
        if path.suffix == ".json":
            return json.dumps(_timeless(json.loads(data)), sort_keys=True)
        if path.suffix == ".jsonl":
            return "\n".join(json.dumps(_timeless(json.loads(line)), sort_keys=True) for line in data.split(b"\n")[:-1])
        if path.suffix == ".safetensors":
            return _arrays(data)
    except (ValueError, KeyError) as error:
        return f"damaged: {error}"
    return hashlib.sha256(data).hexdigest()


def _arrays(data: bytes) -> str:
    """A line an array: type, shape, digest; and the notes."""
    size = int.from_bytes(data[:8], "little")
    header, body = json.loads(data[8 : 8 + size]), data[8 + size :]
    lines = []
    for name, entry in sorted(header.items()):
        if name == "__metadata__":
            notes = {key: json.loads(value) if value[:1] in "{[" else value for key, value in entry.items()}
            lines.append(f"notes {json.dumps(_timeless(notes), sort_keys=True)}")
        else:
            begin, end = entry["data_offsets"]
            lines.append(f"{name} {entry['dtype']} {entry['shape']} {hashlib.sha256(body[begin:end]).hexdigest()[:12]}")
    return "\n".join(lines)


def _timeless(value: Any) -> Any:
    """JSON without the fields of times; of "finished" only whether it has."""
    if isinstance(value, list):
        return [_timeless(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _timeless(one) for key, one in value.items() if key not in TIMES and key not in DIGESTS}
    if "finished" in value:
        kept["finished"] = value["finished"] is not None
    return kept


def _first(found: str, expected: str) -> str:
    """A few characters from where two texts part."""
    at = next((i for i, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b), min(len(found), len(expected)))
    begin = max(0, at - 30)
    return f"...{found[begin : at + 30]!r} for ...{expected[begin : at + 30]!r}"
