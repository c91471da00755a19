"""A slice of each campaign: seconds of what `make campaign` does for an hour. A failure names the command that repeats it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
NAMES = ("kills", "mutants", "fuzz", "streams", "disks", "two")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="trials are forked, weighed and watched as Linux does it")


@pytest.fixture(scope="module")
def slices() -> dict[str, Any]:
    """What each campaign has found; one process for all of them, for its libraries take seconds to load."""
    command = [sys.executable, str(HERE / "everything.py"), "--slice", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["campaign"] for one in found] == list(NAMES), done.stderr
    return {one["campaign"]: one for one in found}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_found(name: str, slices: dict[str, Any]) -> None:
    found = slices[name]
    assert found["trials"]
    said = [f"{one['kind']}\n  {one['again']}\n  {one['command']}\n  {one['said']}" for one in found["faults"]]
    assert not said, "\n".join(said)
