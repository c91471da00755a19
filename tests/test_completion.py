"""What is offered at Tab: by the protocol, and in a real bash with our script."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seqgen.cli import main

NAMES = ("my run", "내 소설", "plain", "it's")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder of runs none of which can be read, and of what is no run."""
    for name in NAMES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{")
    (tmp_path / "no run").mkdir()
    return tmp_path


def offered(line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shell: str = "bash") -> list[str]:
    """The answer to a shell whose user has typed a line and presses Tab at its end."""
    monkeypatch.setenv("COMP_WORDS", line)
    # fish gives the word itself, the others its place.
    monkeypatch.setenv("COMP_CWORD", line.split(" ")[-1] if shell == "fish" else str(line.count(" ")))
    monkeypatch.setenv("_SEQGEN_COMPLETE", f"{shell}_complete")
    with pytest.raises(SystemExit) as end:
        main([])
    said = capsys.readouterr()
    assert (end.value.code, said.err) == (0, "")
    return said.out.splitlines()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("seqgen tr", ["plain,train", "plain,translate"]),
        ("seqgen help explain ga", ["plain,gates"]),
        ("seqgen train --mi", ["plain,--minutes"]),
        ("seqgen train --arch h", ["plain,hybrid"]),
        ("seqgen completion f", ["plain,fish"]),
        ("seqgen train co", ["file,co"]),
        ("seqgen explain gradients co", ["file,co"]),
        ("seqgen generate --prompt-file ", ["file,"]),
        ("seqgen generate --runs-dir /nowhere -m p", ["file,p"]),
        ("seqgen nonsense x", []),
        ("seqgen train --nonsense --mi", ["plain,--minutes"]),
    ],
)  # fmt: skip
def test_what_is_offered(
    line: str, expected: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert offered(line, capsys, monkeypatch) == expected


@pytest.mark.parametrize("line", ["seqgen generate -m ", "seqgen explain surprise --model ", "seqgen report -m "])
def test_names_of_runs_are_offered_to_each_shell(
    line: str, shelf: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQGEN_RUNS", str(shelf))
    assert offered(line, capsys, monkeypatch) == ["plain,it\\'s", "plain,my\\ run", "plain,plain", "plain,내\\ 소설"]
    assert offered(line, capsys, monkeypatch, "zsh")[1::3] == sorted(NAMES)  # kind, name, help
    assert offered(line, capsys, monkeypatch, "fish") == [f"plain,{name}" for name in sorted(NAMES)]


def test_in_a_real_bash(shelf: Path, tmp_path: Path) -> None:
    ask = r"""
    seqgen() { "$PYTHON" -m seqgen "$@"; }
    source <(seqgen completion bash)
    ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _seqgen_completion seqgen; printf '<%s>' "${COMPREPLY[@]}"; }
    ask seqgen generate -m 'my\ '
    ask seqgen generate -m '"my r'
    ask seqgen generate -m 내
    complete -p seqgen
    """
    environment = {**os.environ, "PYTHON": sys.executable, "SEQGEN_RUNS": str(shelf)}
    done = subprocess.run(["bash", "--norc", "-c", ask], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout == "<my\\ run><my run><내\\ 소설>complete -o nosort -F _seqgen_completion seqgen\n"
    assert done.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["completion", shell])
    assert end.value.code == 0
    assert f"_SEQGEN_COMPLETE={shell}_complete" in capsys.readouterr().out


def test_the_variable_alone_is_explained(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_SEQGEN_COMPLETE", "1")
    with pytest.raises(SystemExit) as end:
        main(["runs"])
    assert end.value.code == 1
    assert "unset _SEQGEN_COMPLETE" in capsys.readouterr().err
