"""`seqgen runs`: as wide as the terminal, sorted and filtered, one in full, removed and renamed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from seqgen.cli import main
from seqgen.run import Run, latest
from tests.conftest import ROOT
from tests.run.made import made

TINY = ROOT / "checkpoints"


def ran(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(["runs", *map(str, words)])
    out, err = capsys.readouterr()
    return int(end.value.code or 0), out, err


@pytest.mark.parametrize("width", [10, 40, 80, 200])
def test_the_table_fits(
    width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    many = made(tmp_path / "a-name-that-is-so-long-that-it-fits-nowhere-at-all-1")
    many.update(corpus={**many.info.corpus, "names": [f"chapter, {number}.txt" for number in range(40)]})
    made(tmp_path / "한글-이름-아주-긴-이름-그래도-끝이-보인다-2", "markov")
    monkeypatch.setenv("COLUMNS", str(width))
    code, out, _ = ran(capsys, "--runs-dir", tmp_path)
    lines = out.splitlines()
    assert code == 0 and len(lines) == 3 and max(map(cell_len, lines)) <= width
    names = [line.split("  ")[0] for line in lines[1:]]
    assert width < 200 or ("chapter, 0.txt + 39 more" in out and names == [path.name for path in sorted(tmp_path.iterdir())])
    assert width in (10, 200) or all("…" in name and name[-1] == end for name, end in zip(names, "12", strict=True))


def test_a_program_gets_whole_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    made(tmp_path / ("x" * 200))
    assert "x" * 200 in ran(capsys, "--runs-dir", tmp_path)[1]


def test_sorted_and_filtered(capsys: pytest.CaptureFixture[str]) -> None:
    def names(*words: str) -> list[str]:
        return [json.loads(line)["name"] for line in ran(capsys, "--runs-dir", TINY, "--json", *words)[1].splitlines()]

    tiny = [f"tiny-english{end}" for end in ("", "-french", "-gru", "-rnn")]
    assert names("--sort", "name") == tiny
    assert names("--sort", "score") == [tiny[0], tiny[2], tiny[3], tiny[1]]
    assert names("--sort", "size") == [tiny[1], tiny[0], tiny[2], tiny[3]]
    assert names("--arch", "gru") == names("*-gr?") == [tiny[2]]
    assert sorted(names("*rnn", "tiny-english")) == [tiny[0], tiny[3]]
    assert "no runs of --arch markov" in ran(capsys, "--runs-dir", TINY, "--arch", "markov")[2]
    assert ran(capsys, "--runs-dir", TINY, "x*")[0] == 1 and ran(capsys, "--arch", "x")[0] == 2


def test_what_only_counts_has_counts(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["arch"]: row for row in map(json.loads, ran(capsys, "--runs-dir", runs, "--json")[1].splitlines())}
    counted = len(Run(runs / "markov").arrays("markov")["prob"])
    assert rows["markov"]["counts"] == counted > rows["markov"]["contexts"] > 0 == rows["markov"]["parameters"]
    assert "counts" not in rows["lstm"] and rows["hybrid"]["counts"] and rows["hybrid"]["parameters"] > 0
    assert " counts " in ran(capsys, "--runs-dir", runs)[1]


@pytest.mark.parametrize("name", ["tiny-english", "tiny-english-french", "tiny-english-rnn"])
def test_one_in_full(name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = ran(capsys, name, "--runs-dir", TINY)
    record = json.loads(ran(capsys, name, "--runs-dir", TINY, "--json")[1])
    arrays = Run(TINY / name).arrays("weights")
    assert code == 0 and max(map(cell_len, out.splitlines())) <= 80
    assert sum(record["parameters"].values()) == sum(array.size for array in arrays.values())
    for part in ("Settings", "Parameters", "Samples over time", "Where the time went", "On the disk", "plan: ", "Vocabulary: "):
        assert part in out
    assert all(part in out for part in record["parameters"]) and record["curve"]["train"] and record["files"]["config.json"]
    assert {"option": "--layers", "by": "given" if name == "tiny-english-french" else "planned"}.items() <= next(
        setting for setting in record["settings"] if setting["option"] == "--layers"
    ).items()


def test_removing_asks_and_is_all_or_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", "my-book"):
        made(tmp_path / name)
    code, _, err = ran(capsys, "--rm", "one", "--runs-dir", tmp_path)
    assert code == 1 and "--yes removes without asking" in err
    assert ran(capsys, "--rm", "one", "three", "-y", "--runs-dir", tmp_path)[0] == 1 and (tmp_path / "one").exists()
    monkeypatch.setattr("seqgen.commands.runs.stdin_is_terminal", lambda: True)
    asked: list[str] = []
    for answer, left in (("n", True), ("", True), ("y", False)):
        monkeypatch.setattr("click.termui.visible_prompt_func", lambda _prompt, answer=answer: asked.append(_prompt) or answer)
        code, _, err = ran(capsys, "--rm", "one", "t*", "--runs-dir", tmp_path)
        assert (
            code == 0 and ("nothing was removed" in err) == left == (tmp_path / "one").exists() == (tmp_path / "two").exists()
        )
    assert f"{tmp_path / 'one'}: hybrid, 5 steps, " in err + "".join(asked) and "Remove 2 runs for good" in err + "".join(asked)
    code, out, err = ran(capsys, "--rm", "my-book", "--yes", "--runs-dir", tmp_path)
    assert code == 0 and not out and "removed" in err and list(tmp_path.iterdir()) == []


def test_renaming(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(tmp_path / "one")
    code, _, err = ran(capsys, "--rename", "one", "new name", "--runs-dir", tmp_path)
    assert code == 0 and err == f"{tmp_path / 'one'} is now {tmp_path / 'new-name'}\n"
    assert latest(None, tmp_path).path == tmp_path / "new-name"
    assert ran(capsys, "--rename", "one", "--runs-dir", tmp_path)[0] == 2


def test_the_folder_that_one_is_in_has_a_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path / "one")
    monkeypatch.chdir(tmp_path / "one")
    assert ran(capsys, ".")[1].startswith("one: ")
    assert ran(capsys, "--rm", ".", "--yes")[0] == 0 and list(tmp_path.iterdir()) == []


def test_damaged_ones_are_listed_in_a_line_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("good", "나쁜-것"):
        made(tmp_path / name)
    config = tmp_path / "나쁜-것" / "config.json"
    config.write_bytes(config.read_bytes()[:300])
    monkeypatch.setenv("COLUMNS", "40")
    code, out, _ = ran(capsys, "--runs-dir", tmp_path)
    assert code == 0 and "good" in out and out.splitlines()[-1].startswith("나쁜-것: damaged: ")
    assert max(map(cell_len, out.splitlines())) <= 40
    rows = [json.loads(line) for line in ran(capsys, "--runs-dir", tmp_path, "--json")[1].splitlines()]
    assert [row["name"] for row in rows] == ["good", "나쁜-것"] and "cannot be read" in rows[1]["damaged"]
    assert ran(capsys, "나쁜-것", "--runs-dir", tmp_path)[0] == 1


def test_options_of_a_list_do_not_go_with_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--sort", "date"], ["--arch", "lstm"], ["--yes"], ["--rm", "--json"], ["--rm", "--rename"]):
        assert ran(capsys, "tiny-english", *words, "--runs-dir", TINY)[0] == 2
