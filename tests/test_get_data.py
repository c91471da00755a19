"""The fetcher takes what it expects and nothing else."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def fetch(folder: Path, *entries: str) -> subprocess.CompletedProcess[str]:
    script = str(ROOT / "benchmarks" / "get_data.py")
    return subprocess.run([sys.executable, script, str(folder), *entries], capture_output=True, text=True)


def test_fetch_check_and_refuse(tmp_path: Path) -> None:
    source = tmp_path / "source.txt"
    source.write_text("some text\n", encoding="utf-8")
    good = hashlib.sha256(source.read_bytes()).hexdigest()
    folder = tmp_path / "data"
    entry = f"text.txt={source.as_uri()}#{good}"
    assert fetch(folder, entry).stdout == "text.txt: fetched\n"
    assert fetch(folder, entry).stdout == "text.txt: is there\n"
    refused = fetch(folder, f"other.txt={source.as_uri()}#{'0' * 64}")
    assert refused.returncode == 1 and "SHA-256 differs" in refused.stderr and not (folder / "other.txt").exists()
    (folder / "text.txt").write_text("changed", encoding="utf-8")
    assert "not the file expected" in fetch(folder, entry).stderr
    assert "cannot be fetched" in fetch(folder, f"gone.txt={(tmp_path / 'gone').as_uri()}#{good}").stderr
