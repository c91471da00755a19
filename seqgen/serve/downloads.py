"""Translated files that wait to be fetched: in memory, under names that nobody guesses, for a while."""

from __future__ import annotations

import re
import secrets
import time
from collections import OrderedDict

# Bytes of all files, and seconds that one is kept.
MOST_BYTES, KEPT = 100_000_000, 1_200.0
_UNSAFE = re.compile(r"[^\w.-]+")


class Downloads:
    """Names -> files; the oldest make room for new ones."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def put(self, name: str, target: str, data: bytes) -> str:
        """Keep a file; its name here, which ends as the given one does."""
        stem, dot, suffix = _UNSAFE.sub("_", name.rpartition("/")[2].rpartition("\\")[2])[-100:].rpartition(".")
        kept = f"{secrets.token_hex(16)}_{stem}_{_UNSAFE.sub('_', target)}{dot}{suffix}"
        self._files[kept] = time.monotonic(), data
        self._forget()
        return kept

    def get(self, name: str) -> bytes | None:
        """A file, where it is still there."""
        self._forget()
        return self._files[name][1] if name in self._files else None

    def _forget(self) -> None:
        size, oldest = sum(len(data) for _, data in self._files.values()), time.monotonic() - KEPT
        for name, (made, data) in list(self._files.items())[:-1]:
            if size > MOST_BYTES or made < oldest:
                size -= len(data)
                del self._files[name]
        if len(self._files) == 1 and next(iter(self._files.values()))[0] < oldest:
            self._files.clear()
