"""The tiny runs that come with seqgen, for first tries wherever one stands: in the package, or beside it in a checkout.

They are found by name where the user's own folder has none of that name, are never the last run, and nothing is written
beside those in the package: whoever installed it may be somebody else, and `pip uninstall` leaves what it did not bring.
"""

from __future__ import annotations

from pathlib import Path

from seqgen.run import folder

# setup.py and MANIFEST.in name the same.
NAMES = ("tiny-english", "tiny-english-french", "tiny-english-gru", "tiny-english-rnn")
_PACKAGE = Path(__file__).resolve().parent.parent
_INSTALLED = _PACKAGE / "tiny"
_CHECKOUT = _PACKAGE.parent / "checkpoints"


def packaged() -> dict[str, Path]:
    """The folders of the runs that come with seqgen, by name."""
    place = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return {name: place / name for name in NAMES if folder.is_run(place / name)}


def is_packaged(path: Path) -> bool:
    """Whether a run's folder is part of the installed package, where nothing may be written."""
    return path.resolve().parent == _INSTALLED
