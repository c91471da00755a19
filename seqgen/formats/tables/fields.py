"""Fields of JSON records by their path: "text", or "translation.en" for {"translation": {"en": ...}}."""

from __future__ import annotations

from typing import Any


def at(record: Any, path: str) -> Any:
    """What stands at a path; None where nothing does. A key that has a dot itself is taken first."""
    if isinstance(record, dict) and path in record:
        return record[path]
    for key in path.split("."):
        if not isinstance(record, dict):
            return None
        record = record.get(key)
    return record


def paths(record: Any, before: str = "") -> list[str]:
    """The paths of all texts in a record, in their order."""
    if isinstance(record, str):
        return [before]
    if not isinstance(record, dict):
        return []
    return [path for key, value in record.items() for path in paths(value, f"{before}.{key}" if before else str(key))]
