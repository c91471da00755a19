"""Paths as users write them."""

from __future__ import annotations

import os
from pathlib import Path


def expanded(path: str | os.PathLike[str]) -> Path:
    """`path` with a leading "~" or "~name" replaced by that user's home folder.

    A shell does that only outside quotes, and not behind the "=" of an option, so that "~/models" comes to us as it
    is. Something of that very name that is there (a folder called "~") stays meant; so does a name without a home.
    """
    given = Path(path)
    if not given.parts or not given.parts[0].startswith("~") or os.path.lexists(given.parts[0]):
        return given
    return Path(os.path.expanduser(given))
