"""Who may import whom: one total order of rooms, held for every import, at module top or inside functions; and inside a room
an order of its own where it matters."""

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
    ("serve",),
    ("api",),
    ("explain",),
    ("training",),
    ("opening",),
    ("families",),
    ("generation", "translation", "evaluation", "adapting"),
    ("copies",),
    ("nn", "infer"),
    ("markov",),
    ("decode",),
    ("weights",),
    ("run",),
    ("doctor",),
    ("formats",),
    ("data",),
    ("tokenizers",),
    ("metrics",),
    ("draw",),
    ("console", "config", "lock", "threads"),
    ("files",),
    ("streams", "interrupts", "paths", "visible"),
    ("errors",),
)
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}
TORCH_ROOMS = ("nn", "training")
LIGHT = {"rich", "matplotlib", "sentencepiece", "safetensors", "ctranslate2", "sacrebleu", "py3langid"}  # inside functions only
SERVER = {"starlette", "uvicorn", "anyio", "python_multipart"}  # the extra, which only one room needs

# Inside rooms, from the highest to the lowest; a name with a slash stands for all that is in it, "" for what no other name
# means. Those of one line may not import each other, but files of one folder may.
INSIDE = {
    "explain": (("report",), ("exhibits/",), ("",), ("subjects",)),
    "draw": (("terminal/", "picture/", "page/", "training/"), ("",)),
    "training": (("comparison/",), ("train",), ("language/", "translation/"), ("",)),
}
# What commands may share. All else in commands/ is a command, which nobody may import, or a part of one command.
SHARED = {"choices", "completing", "grouped", "lazy", "options", "reading", "showing", "summed", "texts", "together"}
MOST_FILES = 12  # in a folder that has no rooms inside


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
        forbidden = LIGHT if room == "serve" else LIGHT | SERVER
        found += [f"{where} imports {name} at its top" for name in sorted(top & forbidden)]
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


def inside(package: Path, room: str) -> Iterator[tuple[str, str]]:
    """Who imports whom in a room: paths in it without .py, of a folder's __init__ that of the folder."""
    files = {"/".join(path.relative_to(package / room).with_suffix("").parts) for path in (package / room).rglob("*.py")}
    for name in sorted(files):
        tree = ast.parse((package / room / f"{name}.py").read_text(encoding="utf-8"))
        for imported in imports(tree):
            parts = imported.split(".")
            if parts[:2] == ["seqgen", room]:
                # The last part may be a name in the file that those before it make.
                found = next(
                    (p for p in ("/".join(parts[2:]), "/".join(parts[2:-1])) if p in files or f"{p}/__init__" in files), ""
                )
                yield name.removesuffix("/__init__"), found


def misplaced(package: Path) -> list[str]:
    """What files do inside their room that its order forbids."""
    found = []
    for room, order in INSIDE.items():
        rank = {name: number for number, names in enumerate(order) for name in names}

        def place(name: str, rank: dict[str, int] = rank) -> str:
            folder = f"{name.split('/')[0]}/"
            return name if name in rank else folder if folder in rank else ""

        for one, other in inside(package, room):
            above, below = place(one), place(other)
            if above != below and rank[below] <= rank[above]:
                found.append(f"{room}/{one} imports {room}/{other}")
    return found


def entangled(package: Path) -> list[str]:
    """Which files of commands/ import a command, a part of another one, or, where all share them, what is not shared."""
    pairs = {(one, other) for one, other in inside(package, "commands") if other not in ("", one)}
    files = {
        path.relative_to(package / "commands").with_suffix("").as_posix(): path for path in (package / "commands").rglob("*.py")
    }
    commands = {name for name, path in files.items() if "\ndef command(" in path.read_text(encoding="utf-8")}
    owners = {other: {one for one, imported in pairs if imported == other} for _, other in pairs}
    return [
        f"commands/{one} imports commands/{other}"
        for one, other in sorted(pairs)
        if other in commands or (other not in SHARED and (len(owners[other]) > 1 or one in SHARED))
    ]


def crowded(package: Path) -> list[str]:
    """Folders of many files without rooms."""
    folders = [path for path in package.rglob("*") if path.is_dir() and (path / "__init__.py").is_file()]
    return [
        str(folder.relative_to(package))
        for folder in folders
        if sum(path.name != "__init__.py" for path in folder.glob("*.py")) > MOST_FILES
        and not any((path / "__init__.py").is_file() for path in folder.iterdir())
    ]


def test_rooms_are_in_order_inside() -> None:
    assert misplaced(PACKAGE) == []


def test_commands_do_not_import_each_other() -> None:
    assert entangled(PACKAGE) == []
    assert {"options", "lazy", "showing"} <= {path.stem for path in (PACKAGE / "commands").glob("*.py")}


def test_large_folders_have_rooms() -> None:
    assert list(crowded(PACKAGE)) == []


def test_violations_inside_would_be_found(tmp_path: Path) -> None:
    for name, text in (
        ("commands/score", "from seqgen.commands.evaluate import command\n"),
        ("commands/report", "def f():\n    from seqgen.commands.explain import gates\n"),
        ("commands/explain/gates", "from seqgen.commands.explain.surprise import command\n\n\ndef command(): ...\n"),
        ("commands/explain/surprise", "from seqgen.commands import options, score_parts\n\n\ndef command(): ...\n"),
        ("commands/generate", "from seqgen.commands.score_parts import read\n"),
        ("commands/score_parts", ""),
        ("commands/options", "from seqgen.commands.train_parts import common\n"),
        ("commands/train_parts", "from seqgen.commands.options import common\n"),
        ("commands/evaluate", "from seqgen.commands.options import common\n\n\ndef command(): ...\n"),
        ("commands/runs", "from seqgen.commands.runs_parts import rows\n\n\ndef command(): ...\n"),
        ("commands/runs_parts", "from seqgen.commands.options import common\n"),
        ("draw/cells", "from seqgen.draw.terminal.table import table_lines\n"),
        ("draw/page/document", "from seqgen.draw.terminal import table\n"),
        ("draw/terminal/table", "from seqgen.draw.cells import Line\nfrom seqgen.draw.terminal.heat import heat_lines\n"),
        ("draw/terminal/heat", ""),
        ("explain/gates", "from seqgen.explain.exhibits.recurrent import gates\n"),
        ("explain/subjects", "from seqgen.explain.gates import check_gated\n"),
        (
            "explain/exhibits/recurrent/gates",
            "from seqgen.explain.report import page_of\nfrom seqgen.explain.gates import check_gated\n",
        ),
        ("explain/report", "from seqgen.explain.exhibits.recurrent.gates import see\n"),
    ):
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(text, encoding="utf-8")
    assert len(entangled(tmp_path)) == 6 and len(misplaced(tmp_path)) == 5
    for number in range(MOST_FILES + 1):
        (tmp_path / "draw" / "page" / f"x{number}.py").touch()
        (tmp_path / "draw" / f"x{number}.py").touch()
    assert crowded(tmp_path) == ["draw/page"], "draw has rooms"


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_rooms_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300 and path.name not in ("utils.py", "helpers.py")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and not node.decorator_list:
            assert (node.end_lineno or 0) - node.lineno < 60, f"{node.name} is too long"
    assert text.lstrip().startswith('"""'), "the first thing a file says is what it is for"
