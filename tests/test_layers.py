"""Who may import whom: one total order of rooms, held for every import, at module top or inside functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "seqgen"

# From the highest to the lowest; rooms of one line may not import each other.
ORDER = (
    ("__main__",),
    ("cli",),
    ("commands",),
    ("api",),
    ("explain",),
    ("training",),
    ("backend",),
    ("generation", "translation", "evaluation"),
    ("nn", "infer"),
    ("markov",),
    ("decode",),
    ("weights",),
    ("run",),
    ("data",),
    ("tokenizers",),
    ("metrics",),
    ("draw",),
    ("console", "config", "lock", "threads"),
    ("files",),
    ("errors",),
)
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}
TORCH_ROOMS = ("nn", "training")
LIGHT = {"rich", "matplotlib", "sentencepiece", "safetensors", "ctranslate2", "sacrebleu"}  # imported inside functions only


def imports(tree: ast.AST, top_only: bool = False) -> Iterator[str]:
    """The full names of imported modules; what stands under `if TYPE_CHECKING` loads nothing."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            # `from seqgen.training import network` names a module as well as `import seqgen.training.network`.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        elif not (top_only and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)):
            yield from imports(node, top_only)


def violations(package: Path) -> list[str]:
    """What the tree does that the order forbids."""
    found = []
    for path in sorted(package.rglob("*.py")):
        room = path.relative_to(package).parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        where = path.relative_to(package)
        if room not in RANK:
            found.append(f"{where}: a room that the order does not know")
            continue
        for name in imports(tree):
            parts = name.split(".")
            if (
                parts[0] == "seqgen"
                and len(parts) > 1
                and parts[1] in RANK
                and parts[1] != room
                and RANK[parts[1]] <= RANK[room]
            ):
                found.append(f"{where} imports {name}")
        top = {name.split(".")[0] for name in imports(tree, top_only=True)}
        if "torch" in top and room not in TORCH_ROOMS:
            found.append(f"{where} imports torch at its top")
        found += [f"{where} imports {name} at its top" for name in sorted(top & LIGHT)]
    return found


def test_the_order_is_held() -> None:
    assert violations(PACKAGE) == []


def test_a_violation_would_be_found(tmp_path: Path) -> None:
    for room, text in (
        ("data", "def f():\n    from seqgen.training import train\n"),
        ("nn", "import seqgen.infer.rnn\n"),
        ("infer", "import torch\n"),
        ("draw", "from rich.text import Text\n"),
        ("attic", ""),
    ):
        (tmp_path / room).mkdir()
        (tmp_path / room / "x.py").write_text(text, encoding="utf-8")
    assert len(violations(tmp_path)) == 5


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_rooms_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300 and path.name not in ("utils.py", "helpers.py")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and not node.decorator_list:
            assert (node.end_lineno or 0) - node.lineno < 60, f"{node.name} is too long"
    assert text.lstrip().startswith('"""'), "the first thing a file says is what it is for"
