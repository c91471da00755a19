"""What users have on their disks and in their pipes: texts, pairs and records with everything that may be wrong with them."""

from __future__ import annotations

import gzip
import json
import os
import random
from pathlib import Path

POEM = (
    "The rain began at six o'clock,\nthe rain went on till nine;\nit drummed upon the kitchen clock\nand on the washing line.\n"
)
DEEP = "[" * 2000 + "]" * 2000


def clean(kind: str, rng: random.Random) -> bytes:
    """Lines of the kind that a suffix promises: text, tsv or jsonl."""
    lines = POEM.split("\n")[:-1] * rng.choice((1, 8, 12))
    if kind == "tsv":
        return "".join(f"{i} {i % 7}\t{i % 7} {i} {'ab'[i % 2]}\n" for i in range(rng.choice((2, 30, 60)))).encode()
    if kind == "jsonl":
        fields = rng.choice((("source", "target"), ("1", "2"), ("en", "fr"), ("source", "score"), ("source", "translation")))
        return "".join(
            json.dumps({fields[0]: f"{i} a", fields[1]: f"b {i}"}) + "\n" for i in range(rng.choice((2, 40)))
        ).encode()
    return ("\n".join(lines) + "\n").encode()


def dirty(data: bytes, kind: str, rng: random.Random) -> bytes:
    """The same with one or two things wrong, or something else altogether."""
    for _ in range(rng.choice((0, 1, 1, 1, 2))):
        data = _spoiled(data, kind, rng)
    return data


def _spoiled(data: bytes, kind: str, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    inserted = rng.choice((
        b"\x00", b"\x00" * 50, b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
        "\u2028\u0085\x0b\x0c".encode(), b"\r", b"\r\n",
        "e\u0301\u0300\u0301".encode() * 20, "\U0001f469\u200d\U0001f680".encode(), "\u202e\u200f".encode(),
        b"\x1b[31m", b"\n\n\n",
        b"\t", b"\t\t\t", b" " * 3000, b"x" * 30_000, "가".encode() * 50, b"<unk></s><pad>", "\u2581".encode() * 5,
        b"\xef\xbb\xbf", b"\x1a",
        b'{"source": "\\ud800", "target": "\\udfff"}\n', b'{"source": 1e400, "target": NaN}\n',
        b'{"source": ["a"], "target": {}}\n',
        b'{"source": "a"', b"7\n", b"null\n", b'"x"\n', DEEP.encode() + b"\n",
        b'{"source": "a", "source": "b", "target": null}\n',
        b'{"source": "a", "translation": "kept", "score": 7}\n', b"1" * 5000 + b"\n",
    ))  # fmt: skip
    how = rng.random()
    if how < 0.7:
        return data[:at] + inserted + data[at:]
    return rng.choice((
        b"", b"\n", b" ", b"\xef\xbb\xbf" + data, b"\xef\xbb\xbf", data.decode("utf-8", "replace").encode("utf-16"), data[:at],
        data.replace(b"\n", b"\r\n"), data.replace(b"\n", b"\r"), data.replace(b"\n", b""), data.replace(b"\t",
        b" "), rng.randbytes(200),
        bytes(range(256)), data.replace(b" ", b"\x00"), inserted, data * 3, data.rstrip(b"\n"), b"\n" * 200,
    ))  # fmt: skip


def write_input(folder: Path, rng: random.Random) -> str | bytes:
    """Make an input in a folder, usually a file; return the word that names it."""
    kind = rng.choice(("txt", "txt", "tsv", "tsv", "jsonl"))
    data = dirty(clean(kind, rng), kind, rng)
    how = rng.random()
    if how < 0.62:
        name: str | bytes = rng.choice(("in", "in", "in", "a b", "-", "--", "ü", "a'b\"c", "*", "a\nb", "..x")) + f".{kind}"
        if rng.random() < 0.1:
            name = b"\xff\xfe." + kind.encode()
        _write(folder, name, data)
        # A name that looks like an option is given as users would have to.
        return b"./" + name if isinstance(name, bytes) else f"./{name}"
    if how < 0.78:
        packed = gzip.compress(data, 1)
        packed = rng.choice(
            (packed, packed, packed[: len(packed) // 2], packed[:5], packed + b"junk", data, packed + packed, b"")
        )
        if rng.random() < 0.15:
            # Four gigabytes in four megabytes; half of them one that is small enough to be read.
            packed = gzip.compress(bytes(10_000_000 if rng.random() < 0.5 else 100_000), 9)
            packed *= 400 if len(packed) > 5_000 else 1
        if len(packed) > 20 and rng.random() < 0.3:
            at = rng.randrange(len(packed))
            packed = packed[:at] + bytes([packed[at] ^ 255]) + packed[at + 1 :]
        _write(folder, f"in.{kind}.gz", packed)
        return f"in.{kind}.gz"
    if how < 0.86:
        return _odd_place(folder, kind, data, rng)
    return rng.choice(("-", "-", "missing.txt", "", "/dev/null", ".", "runs", "runs/hybrid",
    "runs/hybrid/config.json", "/proc/self/mem",
                       "~/in.txt", "x" * 300, "http://example.org/x.txt", "in.txt/below", "\x7f", "nul\x01"))  # fmt: skip


def _odd_place(folder: Path, kind: str, data: bytes, rng: random.Random) -> str:
    """Not a plain file."""
    how = rng.choice(("folder", "empty folder", "loop", "closed", "link"))
    path = folder / f"odd{len(os.listdir(folder))}.{kind}"
    if how == "folder":
        path.mkdir(exist_ok=True)
        _write(path, f"one.{kind}", data)
        _write(path, "two.txt", data)
    elif how == "empty folder":
        path.mkdir(exist_ok=True)
    elif how == "loop":
        path.symlink_to(path.name)
    elif how == "link":
        _write(folder, f"other.{kind}", data)
        path.symlink_to(f"other.{kind}")
    else:
        path.write_bytes(data)
        path.chmod(0)
    return path.name


def _write(folder: Path, name: str | bytes, data: bytes) -> None:
    with open(os.path.join(os.fsencode(folder), os.fsencode(name)), "wb") as file:
        file.write(data)
