"""Paths as users write them."""

from __future__ import annotations

import os
from pathlib import Path


def expanded(path: str | os.PathLike[str]) -> Path:
    """`path` with a leading "~" or "~name" replaced by that user's home folder.

    A shell does that only outside quotes, and not after the "=" of an option, so that "~/models" reaches us as it is.
    Where something of that very name exists (a folder called "~"), or the user is unknown, the path stays as it is.
    """
    given = Path(path)
    if not given.parts or not given.parts[0].startswith("~") or os.path.lexists(given.parts[0]):
        return given
    return Path(os.path.expanduser(given))
