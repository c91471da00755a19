"""A run's model in CTranslate2's format: converted once, kept in the run's folder under the checksum of its weights.

The folder `engine` may be deleted at any time. A kept model has a list of its files with their checksums: one without a
list, or whose files differ from it, is converted again. Where the folder cannot be written, is a link to somewhere else, or
is part of the installed package, the model is converted in memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from pathlib import Path

from seqgen.errors import SeqgenError
from seqgen.files import parse_json, read_inside, to_json
from seqgen.infer.ct2 import Files, convert, engine_version
from seqgen.lock import folder_held
from seqgen.run import Run, folder, is_packaged
from seqgen.run.arrays import checksum
from seqgen.weights import TransformerShape

MANIFEST = "manifest.json"
_FILE = re.compile(r"[\w-]+\.(bin|json|txt)")
_MOST_FILES = 20


def converted(run: Run, shape: TransformerShape) -> Files:
    """The files of a run's converted model. Raises CheckpointError where its weights are missing or damaged."""
    place = run.path / folder.ENGINE / f"{_weights_of(run)}-{engine_version()}"
    _sweep(run.path)
    if files := _kept(place):
        return files
    weights = run.arrays("weights")
    files = convert(shape, weights, str(run.file_of("weights")))
    if not is_packaged(run.path):
        _keep(files, place)
    return files


def _weights_of(run: Run) -> str:
    """16 digits that identify the weights of a run; older runs do not record them."""
    if stated := run.info.files.get("weights"):
        return stated
    try:
        return hashlib.sha256(read_inside(run.file_of("weights"), 2**36)).hexdigest()[:16]
    except FileNotFoundError:
        return "none"


def _kept(place: Path) -> Files | None:
    """The files of a kept model; None where there is none, or it is incomplete."""
    if not (folder.is_folder(place.parent) and folder.is_folder(place)):
        return None
    try:
        stated = parse_json(read_inside(place / MANIFEST, 100_000))
        if not isinstance(stated, dict) or not 0 < len(stated) <= _MOST_FILES or not all(map(_FILE.fullmatch, stated)):
            return None
        files = {name: read_inside(place / name, 2**36) for name in stated}
    except (SeqgenError, OSError, ValueError):
        return None
    return files if stated == {name: checksum(data) for name, data in files.items()} else None


def _keep(files: Files, place: Path) -> None:
    """Write the files beside their place and rename them, if possible; then remove the models of other weights."""
    engine = place.parent
    fresh = engine / f".new-{secrets.token_hex(4)}"
    try:
        with contextlib.suppress(FileExistsError):
            engine.mkdir()
        if not folder.is_folder(engine):
            return
        fresh.mkdir()
        with folder_held(fresh):
            for name, data in files.items():
                (fresh / name).write_bytes(data)
            manifest = {name: checksum(data) for name, data in files.items()}
            (fresh / MANIFEST).write_bytes(to_json(manifest) + b"\n")
            for old in folder.engines(engine.parent):
                if folder.CONVERTED.fullmatch(old.name):
                    _remove(old)
            os.replace(fresh, place)
    except OSError:
        # The folder cannot be written, or another process has put the same model there in the meantime.
        pass
    finally:
        folder.remove_folder(fresh)


def _sweep(run: Path) -> None:
    """Remove what killed conversions left: what is being written is held by its process, and so is left alone."""
    for engine in folder.engines(run):
        if folder.CONVERTING.fullmatch(engine.name):
            with folder_held(engine) as is_abandoned:
                if is_abandoned:
                    folder.remove_folder(engine)


def _remove(old: Path) -> None:
    """Remove a converted model; it is renamed first, so that no reader meets half of it."""
    aside = old.with_name(f".new-{secrets.token_hex(4)}")
    os.rename(old, aside)
    folder.remove_folder(aside)
