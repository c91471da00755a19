"""Values that nobody expects, and their way into a JSON document."""

from __future__ import annotations

import random
from typing import Any

# Would rename a terminal's window: nothing that stands in a run may ever reach one like this.
MARK = "\x1b]0;TAKEN\x07"


def odd_value(rng: random.Random, old: Any = None) -> Any:
    """A value that nobody expects; sometimes one near to the old."""
    if isinstance(old, (int, float)) and not isinstance(old, bool) and rng.random() < 0.4:
        return rng.choice((-old, old + 1, old - 1, old * 1000, old / 3, str(old), float(old), 0, -1))
    if isinstance(old, str) and rng.random() < 0.3:
        return rng.choice((old + "x", old[:-1], old.upper(), old * 1000, ""))
    if isinstance(old, list) and rng.random() < 0.4:
        return rng.choice((old[:-1], old + old, old[::-1], [old], old + [None], [[]] * len(old)))
    return rng.choice(
        (None, True, False, 0, 1, -1, 7, 2**31, 2**63, 10**30, -(10**18), 0.5, -0.5, 1e308, float("nan"), float("inf"),
         -float("inf"), "", "x", "0", "1e9", "../../outside/file", "/etc/passwd", "a\x00b", "\ud800", MARK, "\n\n", [], {}, [1],
         ["x"], [[]], {"a": 1}, [None] * 5, "é" * 1000, {"value": 3}, "hybrid", "transformer", "translation", "byte")
    )  # fmt: skip


def change_json(document: Any, rng: random.Random) -> str:
    """Change one place of a document in place; return which."""
    path: list[str | int] = []
    while True:
        keys: list[str | int] = list(document) if isinstance(document, dict) else list(range(len(document)))
        if not keys:
            break
        key = rng.choice(keys)
        inner = document[key]
        path.append(key)
        if not isinstance(inner, (dict, list)) or not inner or rng.random() < 0.2:
            how = rng.random()
            if how < 0.15:
                del document[key]
                return f"without {'.'.join(map(str, path))}"
            if how < 0.2 and isinstance(document, dict):
                document[f"{key}x"] = inner
                return f"with {'.'.join(map(str, path))}x"
            document[key] = odd_value(rng, inner)
            return f"{'.'.join(map(str, path))} = {str(document[key])[:40]!r}"
        document = inner
    return "an empty document"
