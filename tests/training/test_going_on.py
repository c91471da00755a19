"""Going on with a run: the shortest command is right, the printed one runs as it is, and no run becomes another one."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from seqgen.cli import main
from seqgen.errors import ConfigError
from seqgen.run import Run
from seqgen.training.train import Request, Training
from tests.conftest import POEM

TEXT = ["--hidden", "8", "--batch-size", "2", "--bptt", "16"]
PAIRS = ["--hidden", "16", "--layers", "1", "--ffn", "32", "--heads", "2", "--max-tokens", "300"]

Cli = Callable[..., tuple[int, str]]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run the command line in this process, as if that had just begun; the exit code, and what was said on stderr."""
    monkeypatch.setattr("seqgen.training.budget.process_age", lambda: 0.0)

    def run(*arguments: object) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        return int(ended.value.code or 0), capsys.readouterr().err

    return run


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a text, pairs and two sides, under names that a shell has to be told with care; we are in it."""
    folder = tmp_path / "it's my text"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "po em.txt").write_text(POEM * 6, encoding="utf-8")
    (folder / "-dash.txt").write_text(POEM * 6, encoding="utf-8")
    (folder / "own 'valid'.txt").write_text(POEM, encoding="utf-8")
    rows = [(f"{a} {b}", f"{b} {a} {a}") for a in "abcdefghij" for b in "klmnopqrst"] * 3
    (folder / "pairs.tsv").write_text("".join(f"{s}\t{t}\n" for s, t in rows), encoding="utf-8")
    (folder / "valid.tsv").write_text("a k\tk a a\nb l\tl b b\n", encoding="utf-8")
    (folder / "s.en").write_text("".join(f"{s}\n" for s, _ in rows), encoding="utf-8")
    (folder / "t.de").write_text("".join(f"{t}\n" for _, t in rows), encoding="utf-8")
    return folder


KINDS: dict[str, list[str]] = {
    "characters": ["po em.txt", *TEXT, "--arch", "lstm", "--steps", "4"],
    "bytes": ["po em.txt", *TEXT, "--tokenizer", "byte", "--steps", "4"],
    "pieces of a text": ["po em.txt", *TEXT, "--tokenizer", "unigram", "--arch", "gru", "--steps", "4"],
    "pieces under their other name": [
        "po em.txt",
        "--valid",
        "own 'valid'.txt",
        *TEXT,
        "--tokenizer",
        "sentencepiece",
        "--steps",
        "4",
    ],
    "epochs": ["po em.txt", *TEXT, "--arch", "gru", "--epochs", "1"],
    "minutes": ["po em.txt", *TEXT, "--arch", "rnn", "--minutes", "0.04"],
    "a name that begins with a dash": ["./-dash.txt", *TEXT, "--arch", "rnn", "--steps", "4"],
    "held-out text of its own": ["po em.txt", "--valid", "own 'valid'.txt", *TEXT, "--arch", "rnn", "--steps", "4"],
    "pieces": ["pairs.tsv", *PAIRS, "--steps", "4"],
    "reversed characters": ["pairs.tsv", *PAIRS, "--tokenizer", "char", "--reverse", "--steps", "4"],
    "two files": ["--src", "s.en", "--tgt", "t.de", *PAIRS, "--steps", "4"],
    "held-out pairs of their own": ["pairs.tsv", "--valid", "valid.tsv", *PAIRS, "--steps", "4"],
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_printed_command_goes_on(kind: str, cli: Cli, corpus: Path) -> None:
    code, said = cli("train", *KINDS[kind], "-o", "a run's folder")
    assert code == 0, said
    before = Run(Path("a run's folder")).info
    printed = next(line for line in said.split("next:")[1].splitlines() if "seqgen train" in line)
    code, said = cli(*shlex.split(printed)[1:])
    assert code == 0, said
    after = Run(Path("a run's folder")).info
    assert after.step > before.step and after.finished != before.finished
    kept = ("arch", "tokenizer", "reverse", "columns", "hidden", "valid_frac", "task")
    assert all(getattr(after.config, name) == getattr(before.config, name) for name in kept)
    assert after.corpus == before.corpus and after.vocab_size == before.vocab_size


@pytest.mark.parametrize("kind", ["bytes", "reversed characters", "held-out text of its own"])
def test_the_shortest_command_goes_on(kind: str, cli: Cli, corpus: Path) -> None:
    cli("train", *KINDS[kind], "-o", "run")
    code, said = cli("train", KINDS[kind][0], "-o", "run", "--steps", "6")
    assert code == 0, said
    assert Run(Path("run")).info.step == 6


def test_held_out_files_that_the_run_has_not_kept_are_asked_for(cli: Cli, corpus: Path) -> None:
    cli("train", *KINDS["held-out pairs of their own"], "-o", "run")
    code, said = cli("train", "pairs.tsv", "-o", "run", "--steps", "6")
    assert code == 1 and "separate held-out files" in said
    hint = next(line for line in said.splitlines() if line.startswith("hint:"))
    command = shlex.split(hint[hint.index("seqgen train") :])
    assert command[:5] == ["seqgen", "train", "pairs.tsv", "--valid", "valid.tsv"]
    assert cli(*command[1:])[0] == 0 and Run(Path("run")).info.step == 6


@pytest.mark.parametrize(
    ("first", "later", "step"),
    [(["--steps", "4"], ["--minutes", "{}"], None), (["--epochs", "1"], ["--minutes", "{}"], None),
     (["--minutes", "0.03"], ["--steps", "2000"], 2000), (["--steps", "4"], ["--epochs", "1"], None)],
)  # fmt: skip
def test_a_budget_of_another_kind_goes_on(first: list[str], later: list[str], step: int | None, cli: Cli, corpus: Path) -> None:
    options = ["po em.txt", *TEXT, "--arch", "rnn", "-o", "run"]
    cli("train", *options, *first)
    before = Run(Path("run")).info
    later = [word.format(before.elapsed / 60 + 0.05) for word in later]  # on a busy machine the first took its time
    code, said = cli("train", *options, *later)
    assert code == 0, said
    after = Run(Path("run")).info  # it opens, and so it does for every command
    assert after.step > before.step and (step is None or after.step == step)
    assert [name for name in ("minutes", "steps", "epochs") if getattr(after.config, name) is not None] == [later[0][2:]]
    # Both budgets are totals over all sittings.
    assert after.elapsed > before.elapsed
    assert cli("runs", "--runs-dir", ".")[0] == 0


def test_runs_that_were_left_with_two_budgets_open(cli: Cli, corpus: Path) -> None:
    """An earlier version wrote that both had come from the command line, and then refused to read it."""
    cli("train", *KINDS["characters"], "-o", "run")
    path = Path("run/config.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["settings"]["minutes"] = {"value": 0.06, "by": "command line"}
    content["settings"]["steps"] = {"value": None, "by": "command line"}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert Run(Path("run")).info.config.minutes == 0.06
    assert cli("train", "po em.txt", "-o", "run", "--steps", "6")[0] == 0


def test_bytes_stay_bytes_where_the_tokenizer_is_not_named_again(cli: Cli, corpus: Path) -> None:
    """Counting again with characters would replace the counts of bytes by those of another vocabulary."""
    options = ["po em.txt", "--arch", "markov", "-o", "run"]
    cli("train", *options, "--tokenizer", "byte")
    before = Run(Path("run")).info
    code, said = cli("train", *options)
    assert code == 0 and "nothing more to count" in said
    assert Run(Path("run")).info == before and len(Run(Path("run")).tokenizer()) == 260


@pytest.mark.parametrize(
    ("kind", "later", "message"),
    [
        ("characters", ["--tokenizer", "byte"], "--tokenizer: is char, asked for byte"),
        ("characters", ["--hidden", "9", "--seed", "2"], "--hidden: is 8, asked for 9; --seed: is 1, asked for 2"),
        ("characters", ["--valid-frac", "0.2"], "--valid-frac: is 0.1, asked for 0.2"),
        ("characters", ["--valid", "own 'valid'.txt"], "another part is held out"),
        ("characters", ["--task", "translation"], "--task: is language, asked for translation"),
        ("pieces", ["--columns", "2,1"], "--columns: is not set, asked for 2,1"),
        ("pieces", ["--reverse"], "--reverse: is off, asked for on"),
        ("pieces", ["--no-clean"], "--clean: is on, asked for off"),
    ],
)
def test_what_is_given_and_differs_is_an_error(kind: str, later: list[str], message: str, cli: Cli, corpus: Path) -> None:
    cli("train", *KINDS[kind], "-o", "run")
    before = {path.name: path.read_bytes() for path in Path("run").iterdir() if path.is_file()}
    code, said = cli("train", KINDS[kind][0], "-o", "run", "--steps", "9", *later)
    assert code == 1 and message in said and "--overwrite" in said
    assert {path.name: path.read_bytes() for path in Path("run").iterdir() if path.is_file()} == before


def test_held_out_text_is_known_by_its_hash_not_its_length(cli: Cli, corpus: Path) -> None:
    cli("train", *KINDS["held-out text of its own"], "-o", "run")
    Path("own 'valid'.txt").write_text(POEM[::-1], encoding="utf-8")
    code, said = cli("train", "po em.txt", "--valid", "own 'valid'.txt", "-o", "run", "--steps", "6")
    assert code == 1 and "another part is held out" in said


def test_a_stop_before_anything_was_learnt_leaves_nothing(corpus: Path) -> None:
    request = Request(("po em.txt",), Path("deep/er/run"), {"steps": 4, "hidden": 8})
    told = list(Training(request, stop=lambda: True).tell())
    assert not told[-1].done and "begins again" in told[-1].message  # type: ignore[union-attr]
    assert not Path("deep").exists()


def test_a_misspelt_option_of_the_api_is_named(corpus: Path) -> None:
    request = Request(("po em.txt",), Path("run"), {"hiden": 8})
    with pytest.raises(ConfigError, match="did you mean hidden"):
        list(Training(request).tell())
    assert not Path("run").exists()


OVER = ["--overwrite", "-o", "run"]


def begun_over(steps: int, at: int) -> None:
    """Begin to overwrite, and press Ctrl-C at a step."""
    seen = [0]
    options = {"steps": steps, "hidden": 8, "batch_size": 2, "bptt": 16, "arch": "rnn"}
    for told in Training(Request(("po em.txt",), Path("run"), options, overwrite=True), stop=lambda: seen[0] >= at).tell():
        seen[0] = max(seen[0], getattr(told, "step", 0))


def test_overwriting_goes_on_where_it_was_interrupted(cli: Cli, corpus: Path) -> None:
    """Until the new run has a model, the old one answers; afterwards the same command goes on with the new one."""
    cli("train", *KINDS["bytes"], "-o", "run")
    options = [*TEXT, "--arch", "rnn", "--steps", "8", *OVER]
    begun_over(8, at=3)
    interrupted = Run(Path("run")).info
    assert interrupted.config.arch == "rnn" and interrupted.step == 3 and not interrupted.finished
    assert not list(corpus.glob(".run*")), "the new run has taken the old one's place, which is gone"
    code, said = cli("train", "po em.txt", *options)
    assert code == 0 and "continuing run at step 3" in said, said
    assert Run(Path("run")).info.finished
    code, said = cli("train", "po em.txt", *options)
    assert code == 0 and "continuing" not in said, "what has finished is overwritten"


def test_overwriting_with_something_else_begins_anew(cli: Cli, corpus: Path) -> None:
    cli("train", *KINDS["bytes"], "-o", "run")
    begun_over(8, at=3)
    Path("po em.txt").write_text(POEM * 5, encoding="utf-8")
    code, said = cli("train", "po em.txt", *TEXT, "--arch", "rnn", "--steps", "8", *OVER)
    assert code == 0 and "continuing" not in said, said
    begun_over(9, at=3)
    code, said = cli("train", "po em.txt", *TEXT, "--arch", "gru", "--steps", "8", *OVER)
    assert code == 0 and "continuing" not in said and Run(Path("run")).info.config.arch == "gru"
    begun_over(9, at=3)
    Path("po em.txt").write_text(POEM * 6, encoding="utf-8")
    code, said = cli("train", "po em.txt", "-o", "run", "--steps", "9")
    assert code == 1 and "the corpus: is" in said, "without --overwrite another corpus is an error"


@pytest.mark.parametrize(("kind", "place"), [("text", "run"), ("text", ".run.new"), ("pairs", "run"), ("sides", "run")])
def test_overwriting_from_a_pipe_reads_it_once(kind: str, place: str, cli: Cli, corpus: Path) -> None:
    """Whether what is being overwritten learns from the same corpus is known only when it has been read."""
    words = {
        "text": ["-", "--arch", "rnn", *TEXT],
        "pairs": ["-", "--task", "translation", *PAIRS],
        "sides": ["--src", "-", "--tgt", "t.de", *PAIRS],
    }[kind]
    first, other = {
        "text": (POEM * 6, POEM * 5),
        "pairs": (Path("pairs.tsv").read_text(), Path("pairs.tsv").read_text().replace("a", "ab")),
        "sides": (Path("s.en").read_text(), Path("s.en").read_text().replace("a", "ab")),
    }[kind]

    def piped(text: str) -> tuple[int, str]:
        reading, writing = os.pipe()  # holds all of it
        os.write(writing, text.encode())
        os.close(writing)
        before = os.dup(0)
        os.dup2(reading, 0)
        try:
            return cli("train", *words, "--steps", "4", *OVER)
        finally:
            os.dup2(before, 0)
            os.close(before)
            os.close(reading)

    cli("train", "po em.txt", *TEXT, "--arch", "rnn", "--steps", "2", "-o", "run")
    assert piped(first)[0] == 0
    # As if it had been interrupted.
    Run(Path("run")).update(replaces=True, finished=None, open=True)
    if place != "run":
        Path("run").rename(place)
        cli("train", "po em.txt", *TEXT, "--arch", "rnn", "--steps", "2", "-o", "run")
    code, said = piped(other)
    assert code == 0 and "continuing" not in said and "empty" not in said, said
    hashed = Run(Path("run")).info.corpus["sha256"]
    code, said = piped(other)
    assert code == 0 and Run(Path("run")).info.corpus["sha256"] == hashed


def test_what_is_refused_keeps_the_old_run_as_it_is(cli: Cli, corpus: Path) -> None:
    cli("train", *KINDS["bytes"], "-o", "run")
    before = {path.name: path.read_bytes() for path in Path("run").iterdir()}
    for wrong in (["--heads", "2"], ["--vocab-size", "9"], ["--encoding", "klingon"], ["--valid", "none.txt"]):
        assert cli("train", "po em.txt", *OVER, *wrong)[0] == 1
    assert {path.name: path.read_bytes() for path in Path("run").iterdir()} == before and not list(corpus.glob(".run*"))
    Path("mine").mkdir()
    Path("mine/config.json").write_text('{"format": 1, "name": "somebody\'s"}', encoding="utf-8")
    code, said = cli("train", "po em.txt", "-o", "mine", "--overwrite")
    assert code == 1 and "not a run" in said and [path.name for path in Path("mine").iterdir()] == ["config.json"]


def test_a_run_that_has_finished_says_once_how_to_go_on_and_a_dry_run_says_the_same(cli: Cli, corpus: Path) -> None:
    code, said = cli("train", *KINDS["characters"], "-o", "run")
    assert code == 0, said
    command = "seqgen train 'po em.txt' -o run --steps 8"
    code, said = cli("train", "po em.txt", "-o", "run", "--steps", "3")
    assert code == 0 and said.count(command) == 1 and "next:" in said
    code, said = cli("train", "po em.txt", "-o", "run", "--dry-run")
    assert code == 0 and "run has finished" in said and said.count(command) == 1 and "plan:" not in said
    code, said = cli("train", "po em.txt", "-o", "run", "--steps", "5", "--dry-run")
    assert code == 0 and "time: 5 steps" in said and "next:" not in said


def test_counts_that_are_gone_are_counted_again(cli: Cli, corpus: Path) -> None:
    command = ("train", "po em.txt", "--arch", "markov", "-o", "run")
    assert cli(*command)[0] == 0
    lost = Run(Path("run")).file_of("markov")
    before = lost.read_bytes()
    lost.unlink()
    code, said = cli(*command)
    assert code == 0 and "run is ready" in said and lost.read_bytes() == before
    code, said = cli(*command)
    assert code == 0 and "run has finished" in said


def test_an_encoding_has_several_names(cli: Cli, corpus: Path) -> None:
    command = ("train", "po em.txt", "--arch", "markov", "-o", "run")
    assert cli(*command)[0] == 0
    assert cli(*command, "--encoding", "UTF8")[0] == 0
    code, said = cli(*command, "--encoding", "latin-1")
    assert code == 1 and "--encoding: is utf-8, asked for latin-1" in said
    code, said = cli(*command, "--encoding", "no\0ne")
    assert code == 1 and "--encoding: is utf-8, asked for" in said


def test_a_range_is_said_in_full(cli: Cli, corpus: Path) -> None:
    for option, value, said in (("--seed", "-1", "from 0 to 4,294,967,295"), ("--minutes", "0", "above 0 to 1,000,000"),
                                ("--average", "1", "from 0 to 0.99999")):  # fmt: skip
        assert f"{option}: expected {said}, found {value}" in cli("train", "po em.txt", option, value)[1]


def test_a_model_without_the_state_of_its_training_is_not_begun_anew(cli: Cli, corpus: Path) -> None:
    """So are runs that were copied without what only training needs, as the committed ones."""
    cli("train", *KINDS["characters"], "-o", "run")
    Run(Path("run")).file_of("state").unlink()
    before = {path.name: path.read_bytes() for path in Path("run").iterdir()}
    code, said = cli("train", "po em.txt", "-o", "run", "--steps", "8")
    assert code == 1 and "the state of its training is missing" in said
    assert {path.name: path.read_bytes() for path in Path("run").iterdir()} == before
    assert cli("generate", "-m", "run", "-n", "3")[0] == 0


def test_what_may_be_changed_is_changed(cli: Cli, corpus: Path) -> None:
    """The text is kept or dropped, whether or not there is anything left to learn."""
    cli("train", *KINDS["characters"], "-o", "run")
    for options, is_kept in ((["--no-keep-text"], False), (["--keep-text"], True), (["--no-keep-text", "--steps", "6"], False)):
        assert cli("train", "po em.txt", "-o", "run", *options)[0] == 0
        for name in ("text", "primers"):
            assert Run(Path("run")).has(name) == is_kept, options
            assert bool(list(Path("run").glob(f"{name}-*"))) == is_kept


def test_a_default_that_is_spelt_out_is_no_difference(cli: Cli, corpus: Path) -> None:
    cli("train", *KINDS["pieces"], "-o", "run")
    assert cli("train", "pairs.tsv", "-o", "run", "--columns", "1,2", "--encoding", "UTF8", "--steps", "5")[0] == 0
    assert cli("train", "pairs.tsv", "-o", "run", "--columns", "2,1", "--steps", "6")[0] == 1


def test_damaged_counts_are_counted_again(cli: Cli, corpus: Path) -> None:
    cli("train", *KINDS["bytes"], "-o", "run")
    path = Run(Path("run")).file_of("markov")
    content = bytearray(path.read_bytes())
    path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    assert cli("generate", "-m", "run", "-n", "3")[0] == 1
    assert cli("train", "po em.txt", "-o", "run", "--steps", "6")[0] == 0
    assert cli("generate", "-m", "run", "-n", "3")[0] == 0 and path.read_bytes() == content
