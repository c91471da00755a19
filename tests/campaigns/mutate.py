"""What may be wrong with a run folder: bits, JSON values, arrays, kinds of files, links to elsewhere, names.

Each mutation changes one file of a folder and says what it did; all of it follows from the generator that is passed in.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from odd import MARK, change_json

DEEP = "[" * 3000 + "]" * 3000


def mutate(run: Path, outside: Path, rng: random.Random) -> tuple[str, str, str]:
    """Change one thing; return the kind of mutation, the file, and what was done in words."""
    kinds: list[tuple[int, Callable[[Path, Path, random.Random], tuple[str, str]]]] = [
        (5, _json), (4, _arrays), (3, _bytes), (2, _files), (2, _links), (2, _names),
    ]  # fmt: skip
    kind = rng.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])[0]
    try:
        name, said = kind(run, outside, rng)
    except (OSError, ValueError, RecursionError) as error:  # a second mutation may not fit what the first has left
        name, said = "", f"nothing: {type(error).__name__}"
    return kind.__name__.strip("_"), name, said


def _pick(run: Path, rng: random.Random, *suffixes: str) -> Path | None:
    """One file of the folder; the engine's seldom."""
    found = [p for p in sorted(run.rglob("*")) if p.is_file() and not p.is_symlink() and (not suffixes or p.suffix in suffixes)]
    found = [path for path in found if path.name != "lock"]
    if not found:
        return None
    return rng.choices(found, [1 if "engine" in path.parts else 3 for path in found])[0]


def _name(run: Path, path: Path) -> str:
    return str(path.relative_to(run))


def _bytes(run: Path, outside: Path, rng: random.Random) -> tuple[str, str]:
    """Flipped, cut, longer, emptied, another file's."""
    path = _pick(run, rng)
    if path is None:
        return "", "nothing"
    data = bytearray(path.read_bytes())
    how = rng.choice(("flip", "flip", "flip", "cut", "cut", "longer", "empty", "zeros", "other", "noise"))
    if how == "flip" and data:
        for _ in range(rng.choice((1, 1, 2, 8))):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif how == "cut":
        del data[rng.randrange(len(data) + 1) :]
    elif how == "longer":
        data += rng.randbytes(rng.choice((1, 7, 300)))
    elif how == "empty":
        data = bytearray()
    elif how == "zeros" and data:
        at = rng.randrange(len(data))
        data[at : at + 64] = bytes(len(data[at : at + 64]))
    elif how == "other":
        other = _pick(run, rng)
        data = bytearray(other.read_bytes()) if other else data
    elif how == "noise" and data:
        at = rng.randrange(len(data))
        data[at : at + 16] = rng.randbytes(len(data[at : at + 16]))
    path.write_bytes(data)
    return _name(run, path), how


def _json(run: Path, outside: Path, rng: random.Random) -> tuple[str, str]:
    """One value of config.json, of a tokenizer, of a row, of the notes of arrays."""
    path = run / "config.json" if rng.random() < 0.6 else _pick(run, rng, ".json", ".jsonl")
    if path is None or path.is_symlink() or not path.is_file():
        return "", "nothing"
    text = path.read_text(encoding="utf-8", errors="replace")
    if rng.random() < 0.06:
        said, text = rng.choice((
            ("nested deeply", DEEP), ("a list", "[]"), ("a number", "7"), ("null", "null"), ("a string", '"x"'),
            ("many keys", "{" + ",".join(f'"k{i}":{i}' for i in range(300_000)) + "}"), ("a huge number", "1" * 5000),
            ("huge", " " * 20_000_000 + text), ("deep inside", text.replace("{", '{"x":' + DEEP + ",", 1)),
            ("twice", text.replace("{", '{"format": 1, "kind": "x",', 1)), ("with a BOM", "\ufeff" + text),
        ))  # fmt: skip
        path.write_text(text, encoding="utf-8")
        return _name(run, path), said
    lines = text.split("\n") if path.suffix == ".jsonl" else [text]
    at = rng.randrange(max(1, len(lines) - 1))
    try:
        document = json.loads(lines[at])
    except (ValueError, RecursionError):
        return _name(run, path), "was none any more"
    said = change_json(document, rng) if isinstance(document, (dict, list)) else "no document"
    lines[at] = json.dumps(document)
    path.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    return _name(run, path), said


def _arrays(run: Path, outside: Path, rng: random.Random) -> tuple[str, str]:
    """One array of another type, shape or content, one missing, one too much; or the notes."""
    from safetensors import safe_open
    from safetensors.numpy import save_file

    path = _pick(run, rng, ".safetensors")
    if path is None:
        return "", "nothing"
    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
            notes = dict(file.metadata() or {})
    except Exception:  # noqa: BLE001 - mutated before
        return _name(run, path), "was damaged already"
    if not arrays or (rng.random() < 0.1 and notes):
        said = _change_notes(notes, rng)
    else:
        name = rng.choice(sorted(arrays))
        said = f"{name}: {_change_array(arrays, name, rng)}"
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path, metadata=notes or None)
    return _name(run, path), said


def _change_notes(notes: dict[str, str], rng: random.Random) -> str:
    key = rng.choice(sorted(notes) or ["notes"])
    try:
        document = json.loads(notes.get(key, "{}"))
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, (dict, list)) and document and rng.random() < 0.7:
        said = change_json(document, rng)
        notes[key] = json.dumps(document)
        return f"note {said}"
    notes[key] = rng.choice(("", "{", "[]", "null", DEEP, '{"step": NaN}', '{"seconds": 3}', "7"))
    return f"notes {notes[key][:20]}"


def _change_array(arrays: dict[str, Any], name: str, rng: random.Random) -> str:
    """Another array in the place of one."""
    array = arrays[name]
    how = rng.choice(("missing", "extra", "dtype", "shape", "content", "content", "content", "swapped"))
    if how == "missing":
        del arrays[name]
    elif how == "extra":
        arrays[rng.choice((f"{name}.more", "x", "", "a/b", name.upper()))] = np.zeros(3, dtype=np.float32)
    elif how == "swapped":
        other = rng.choice(sorted(arrays))
        arrays[name], arrays[other] = arrays[other], arrays[name]
        how = f"swapped with {other}"
    elif how == "dtype":
        kind = rng.choice((np.float64, np.float16, np.int8, np.int64, np.int32, np.uint8, np.bool_))
        with np.errstate(all="ignore"):
            arrays[name] = array.astype(kind)
        how = f"as {np.dtype(kind)}"
    elif how == "shape":
        how, arrays[name] = _reshaped(array, rng)
    else:
        how, arrays[name] = _refilled(array, rng)
    return how


def _reshaped(array: Any, rng: random.Random) -> tuple[str, Any]:
    choices = [("flat", array.reshape(-1)), ("deeper", array[None]), ("none", array[:0] if array.ndim else array.reshape(1)),
               ("turned", array.T), ("longer", np.concatenate([array, array]) if array.ndim else array.reshape(1)),
               ("shorter", array[: len(array) // 2] if array.ndim else array.reshape(1)),
               ("one number", array.reshape(-1)[0] if array.size else array)]  # fmt: skip
    how, found = rng.choice(choices)
    return how, np.asarray(found)


def _refilled(array: Any, rng: random.Random) -> tuple[str, Any]:
    """Other numbers of the same type and shape."""
    found = array.copy()
    if not found.size:
        return "empty", found
    flat, at = found.reshape(-1), rng.randrange(found.size)
    whole = rng.random() < 0.5
    if found.dtype.kind == "f":
        value = rng.choice((np.nan, np.inf, -np.inf, 1e38, -1e38, 7.0, 0.0, 5.0))
        said = f"{'all' if whole else 'one'} {value}"
    else:
        info = np.iinfo(found.dtype) if found.dtype.kind in "iu" else None
        value = 1 if info is None else rng.choice((info.max, info.min, 0, 1, info.max // 2, min(at, info.max)))
        said = f"{'all' if whole else 'one'} {value}"
        if rng.random() < 0.3:
            order = np.random.default_rng(rng.randrange(2**32)).permutation(found.size)
            return "shuffled", flat[order].reshape(found.shape)
    if whole:
        flat[:] = value
    else:
        flat[at] = value
    return said, found


def _files(run: Path, outside: Path, rng: random.Random) -> tuple[str, str]:
    """Not a file any more, or none at all."""
    path = _pick(run, rng)
    if path is None:
        return "", "nothing"
    name, how = (
        _name(run, path),
        rng.choice(("missing", "missing", "folder", "full folder", "fifo", "socket", "device", "closed")),
    )
    if how == "closed":
        path.chmod(0)
        return name, how
    path.unlink()
    if how == "folder":
        path.mkdir()
    elif how == "full folder":
        (path / "inside").mkdir(parents=True)
        (path / "inside" / "file").write_text("x")
    elif how == "fifo":
        os.mkfifo(path)
    elif how == "socket":
        where, here = os.getcwd(), path.parent
        os.chdir(here)
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
        os.chdir(where)
    elif how == "device":
        try:
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, rng.choice((5, 7, 3))))
        except PermissionError:
            path.symlink_to("/dev/zero")
    return name, how


def _links(run: Path, outside: Path, rng: random.Random) -> tuple[str, str]:
    """A link to something outside: of a file, of the engine's folder, of a name that training writes to."""
    how = rng.choice(("file", "file", "zero", "full", "loop", "engine", "lock", "metrics", "dangling"))
    if how == "engine":
        if (run / "engine").is_symlink():
            (run / "engine").unlink()
        shutil.rmtree(run / "engine", ignore_errors=True)
        (run / "engine").symlink_to(outside / "engine")
        return "engine", "linked to a folder outside"
    path = run / {"lock": "lock", "metrics": "metrics.jsonl"}.get(how, "x")
    if how not in ("lock", "metrics"):
        path = _pick(run, rng) or run / "x"
    name = _name(run, path)
    target = {"zero": Path("/dev/zero"), "full": Path("/dev/full"), "loop": path, "lock": outside / "new-lock",
              "metrics": outside / "file", "dangling": outside / "made"}.get(how, outside / "run" / path.name)  # fmt: skip
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    return name, f"linked: {how}"


def _names(run: Path, outside: Path, rng: random.Random) -> tuple[str, str]:
    """A name that leads elsewhere or speaks to the terminal, wherever the run keeps one."""
    path = run / "config.json"
    if path.is_symlink() or not path.is_file():
        return "", "nothing"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        name = rng.choice(
            ("../../outside/file", str(outside / "file"), MARK, "a" * 5000, "a\nb", "..", "", "a\x00b", "-x", "\u202e")
        )
        where = rng.choice(("name", "plan", "version", "names", "given", "signature"))
        if where in ("names", "given"):
            document["corpus"][where] = [name]
        elif where == "signature":
            document["scores"] = {**document["scores"], "signature": name}
        else:
            document[where] = name
    except (OSError, ValueError, KeyError, TypeError):
        return "config.json", "was damaged already"
    path.write_text(json.dumps(document), encoding="utf-8")
    return "config.json", f"{where} = {name[:20]!r}"
