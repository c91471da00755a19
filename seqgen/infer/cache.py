"""A run's model as CTranslate2 wants it: converted once, kept in the run's folder under the hash of its weights.

The folder `engine` may be deleted at any time. Where it cannot be written, the model is converted in memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from seqgen.infer.ct2 import Files, convert, engine_version
from seqgen.run import Run
from seqgen.weights import TransformerShape

FOLDER = "engine"


def converted(run: Run, shape: TransformerShape) -> Path | Files:
    """The folder of a run's converted model, else its files. Raises CheckpointError where its weights are damaged."""
    weights = run.path / "weights.safetensors"
    digest = hashlib.sha256(weights.read_bytes()).hexdigest() if weights.is_file() else "none"
    folder = run.path / FOLDER / f"{digest[:16]}-{engine_version()}"
    if (folder / "model.bin").is_file():
        return folder
    files = convert(shape, run.arrays("weights"), str(weights))
    return folder if _keep(files, folder) else files


def _keep(files: Files, folder: Path) -> bool:
    """Write the files beside their place and rename them; return whether that worked."""
    temporary = None
    try:
        folder.parent.mkdir(exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new-"))
        temporary.chmod(folder.parent.stat().st_mode & 0o777)
        for name, data in files.items():
            (temporary / name).write_bytes(data)
        for old in folder.parent.iterdir():
            if old not in (folder, temporary) and not old.name.startswith("."):
                shutil.rmtree(old, ignore_errors=True)
        os.replace(temporary, folder)
        return True
    except OSError:
        # Another process may have put the same model there meanwhile.
        return (folder / "model.bin").is_file()
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                shutil.rmtree(temporary)
