"""What a command does not need, it does not load: checked in fresh processes, by what is in sys.modules at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_cli import EXPLAINED

HEAVY = ("torch", "numpy", "rich", "safetensors", "sentencepiece", "ctranslate2", "sacrebleu", "matplotlib")
CODE = """
import sys
from seqgen.cli import main
try:
    main(sys.argv[1:])
except SystemExit as error:
    code = error.code
names = ("torch", "numpy", "rich", "safetensors", "sentencepiece", "ctranslate2", "sacrebleu", "matplotlib",
         "torch._dynamo", "torch._inductor", "sympy")
loaded = [name for name in names if name in sys.modules]
print("LOADED", code, *loaded, file=sys.stderr)
"""


def loaded(*arguments: str) -> tuple[int, set[str]]:
    """Exit code, and which of the heavy modules were loaded."""
    command = [sys.executable, "-c", CODE, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=os.environ)
    words = done.stderr.split("LOADED ")[1].split()
    return int(words[0]), set(words[1:])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["train", "--help"], 0),
        (["train", "--help-all"], 0),
        (["help", "explain", "gates"], 0),
        (["completion", "bash"], 0),
        (["compare", "--help"], 0),
        (["generate", "--help"], 0),
        (["evaluate", "--help"], 0),
        (["translate", "--help"], 0),
        (["score", "--help"], 0),
        (["copies", "--help"], 0),
        (["runs", "--help"], 0),
        (["report", "--help"], 0),
        (["explain", "--help"], 0),
        *((["explain", name, "--help"], 0) for name in EXPLAINED),
        (["explain", "surprise"], 2),
        (["explain", "attention"], 2),
        (["explain", "state", "a", "--at", "b"], 2),
        (["train"], 2),
        (["compare"], 2),
        (["compare", "x", "--steps", "1", "--minutes", "1"], 2),
        (["trian"], 2),
        (["generate", "--no-such-option"], 2),
        (["translate", "--seed", "1"], 2),
        (["evaluate"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_help_and_usage_errors_load_nothing(arguments: list[str], code: int) -> None:
    assert loaded(*arguments) == (code, set())


@pytest.mark.parametrize("model", ["markov", "lstm", "hybrid"])
def test_generate_and_evaluate_run_without_torch(model: str, runs: Path, poem: Path) -> None:
    assert loaded("generate", "-m", str(runs / model), "-p", "The", "-n", "20", "-q") == (0, {"numpy"})
    assert loaded("evaluate", "-m", str(runs / model), str(poem), "-q") == (0, {"numpy"})
    assert "torch" not in loaded("runs", "--runs-dir", str(runs))[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["surprise", "-m", "hybrid", "-p", "The rain"],
        ["gates", "-m", "hybrid", "The rain"],
        ["gates", "-m", "hybrid", "The rain", "--at", "1:3"],
        ["state", "-m", "hybrid", "The rain"],
        ["context", "-m", "hybrid", "The rain"],
    ],
    ids=lambda value: f"{value[0]} --at" if "--at" in value else value[0],
)
def test_looking_inside_needs_no_torch(arguments: list[str], runs: Path) -> None:
    code, modules = loaded("explain", *arguments, "-q", "--runs-dir", str(runs))
    assert code == 0 and modules == {"numpy", "rich"}


def test_shapes_need_no_torch() -> None:
    assert loaded("explain", "shapes", "-q") == (0, {"numpy", "rich"})


def test_an_ordinary_training_loads_nothing_for_beginning_from_another_run(poem: Path, tmp_path: Path) -> None:
    code = CODE.replace(
        "if name in sys.modules]", "if name in sys.modules] + [name for name in sys.modules if 'origin' in name]"
    )
    command = [sys.executable, "-c", code, "train", str(poem), "--arch", "markov", "-o", str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=os.environ)
    assert "seqgen" not in done.stderr.split("LOADED ")[1]


def test_counting_trains_without_torch(poem: Path, tmp_path: Path) -> None:
    code, modules = loaded("train", str(poem), "--arch", "markov", "-o", str(tmp_path / "run"))
    assert code == 0 and "torch" not in modules


def test_training_loads_torch_without_its_compiler(poem: Path, tmp_path: Path) -> None:
    """It takes some seconds to load, and nothing here is compiled."""
    code, modules = loaded("train", str(poem), "--arch", "lstm", "--steps", "2", "-o", str(tmp_path / "run"))
    assert code == 0 and "torch" in modules and not modules & {"torch._dynamo", "torch._inductor", "sympy"}


@pytest.mark.parametrize("command", [["translate"], ["evaluate"], ["score"]], ids=lambda value: value[0])
def test_translating_runs_without_torch_even_cold(
    command: list[str], translation_run: Path, digits: Path, tmp_path: Path
) -> None:
    """Torch is installed, and the engine has no converted model yet."""
    copy = tmp_path / "run"
    shutil.copytree(translation_run, copy, ignore=shutil.ignore_patterns("engine"))
    code, modules = loaded(*command, "-m", str(copy), str(digits), "-q", *(["--all"] if command == ["translate"] else []))
    assert code == 0 and "ctranslate2" in modules and "torch" not in modules and "rich" not in modules
