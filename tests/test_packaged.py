"""The runs that come with seqgen: found from anywhere, also in a wheel, behind the user's own; and what `seqgen demo` says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from seqgen.cli import main
from seqgen.errors import CheckpointError
from seqgen.run import find, latest, packaged
from tests.conftest import ROOT

BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"


def run(words: list[str]) -> int:
    with pytest.raises(SystemExit) as done:
        main(words)
    assert isinstance(done.value.code, int)
    return done.value.code


def test_found_by_name_behind_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mine = Path("checkpoints")
    for name in ("tiny-english", "checkpoints/tiny-english"):
        assert find(name, mine).path == packaged()["tiny-english"]
    with pytest.raises(CheckpointError):
        find("elsewhere/tiny-english", mine)
    shutil.copytree(packaged()["tiny-english-rnn"], mine / "tiny-english")
    assert find("tiny-english", mine).path == mine / "tiny-english"


def test_never_the_last_run_but_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CheckpointError) as missing:
        latest("translation", tmp_path)
    assert "-m tiny-english-french" in str(missing.value.hint)
    with pytest.raises(CheckpointError) as unfit:
        latest("language", tmp_path, lambda run: run.info.config.arch == "gru")
    assert "-m tiny-english-gru" in str(unfit.value.hint)
    with pytest.raises(CheckpointError, match="no run") as misspelt:
        find("tiny-englsh", tmp_path)
    assert "tiny-english" in str(misspelt.value.hint)
    assert run(["runs", "--runs-dir", str(tmp_path)]) == 0
    told = capsys.readouterr()
    assert told.out == "" and all(name in told.err for name in packaged())
    assert run(["runs", "--runs-dir", str(ROOT / "checkpoints")]) == 0
    assert "-m" not in capsys.readouterr().err


def test_demo_keeps_results_and_talk_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["demo"]) == 0
    loud = capfd.readouterr()
    assert run(["demo", "--quiet"]) == 0
    quiet = capfd.readouterr()
    assert quiet.out == loud.out and quiet.err == "" and not list(tmp_path.iterdir())
    assert (
        loud.out.startswith("TOBY: ")
        and "Le vieux marin voit 3 bateaux.\n" in loud.out
        and "'it' looks at 'animal'" in loud.out
    )
    assert "seqgen train FILE" in loud.err


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel, built from a copy: a build leaves folders behind."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("out")
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "seqgen", source / "seqgen", ignore=shutil.ignore_patterns("__pycache__"))
    for name in packaged():
        shutil.copytree(ROOT / "checkpoints" / name, source / "checkpoints" / name)
    # Neither a converted model nor a lock belongs in it.
    (source / "checkpoints/tiny-english-french/engine").mkdir(exist_ok=True)
    (source / "checkpoints/tiny-english/lock").touch()
    built = subprocess.run([sys.executable, "-c", BUILD, str(out)], cwd=source, capture_output=True, text=True, timeout=120)
    if built.returncode:
        pytest.skip(f"no wheel can be built here: {built.stderr.strip().splitlines()[-1]}")
    wheel = next(out.glob("*.whl"))
    assert wheel.stat().st_size < 10_000_000
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(out / "site")
    return out / "site"


def test_a_wheel_has_them_and_every_command_of_the_demo_works(installed: Path, tmp_path: Path) -> None:
    runs = installed / "seqgen" / "tiny"
    assert {path.name for path in runs.iterdir()} == set(packaged())
    before = sorted(runs.rglob("*"))
    assert not [path for path in before if path.name in ("engine", "lock")]
    done = shell("seqgen demo", installed, tmp_path)
    shown = re.findall(r"^\$ (.*)", done.stderr, re.MULTILINE)
    again = [shell(command, installed, tmp_path).stdout for command in shown]
    assert len(again) == 3 and "".join(again) == done.stdout
    (tmp_path / "FILE").write_text((ROOT / "corpora/english.txt").read_text(encoding="utf-8")[:5_000], encoding="utf-8")
    later = re.findall(r"^  (seqgen .*?)(?:   .*)?$", done.stderr, re.MULTILINE)
    assert len(later) == 4
    for command in later:
        shell(command.replace("--minutes 2", "--arch markov"), installed, tmp_path)
    assert (tmp_path / "attention.svg").exists() and (tmp_path / "checkpoints/FILE").is_dir()
    # Nothing has been written beside them.
    assert sorted(runs.rglob("*")) == before


def shell(command: str, site: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command as a user types it, in a folder, with the wheel's package."""
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("SEQGEN_RUNS", None)
    typed = re.sub(r"\bseqgen (?=[a-z])", lambda _: f"'{sys.executable}' -m seqgen ", command)
    done = subprocess.run(typed, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done
