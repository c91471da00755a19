"""The report: one page that holds everything, tells the commands to repeat, and opens in a browser."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from seqgen.commands.report import default_output
from seqgen.draw.page.document import page
from seqgen.errors import ConfigError
from seqgen.explain.history import command_given, command_planned, history_of, last_pair
from seqgen.run import Run
from tests.conftest import ROOT, Seqgen


class Outline(HTMLParser):
    """Headings and tags of a page; every tag that is opened must be closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "link", "br", "img", "hr"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data.strip())


def made(seqgen: Seqgen, run: Path, folder: Path, *arguments: str) -> str:
    done = seqgen("report", "-q", "-m", run, "-o", folder / "page.html", *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{folder / 'page.html'}\n" and not done.stderr
    return (folder / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("model", ["markov", "lstm", "hybrid"])
def test_a_page_about_a_language_run(model: str, runs: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    page = made(seqgen, runs / model, tmp_path)
    outline = Outline()
    outline.feed(page)
    assert not outline.wrong and not outline.open
    assert outline.headings[1] == "In short", "the verdict comes first"
    # What was trained how is for those who read to the end.
    assert outline.headings[-2:] == ["The run", "Commands"]
    assert page.index("<p>Every character that was held out") < page.index("bits a held-out character")
    assert page.count("baseline: counting") == 0 and page.count("counting alone") == (model != "lstm")
    assert ("more rows</summary>" in page) == (model != "lstm"), "a row for each symbol is folded"
    wanted = {"Scores", "Surprise", f"Context of {model}"}
    wanted |= {"Learning", "Samples over time"} if model != "markov" else set()
    assert wanted <= set(outline.headings)
    if model != "markov":
        assert outline.headings[2:5] == ["Learning", "Samples over time", "Scores"], "curve and samples come first"
    assert any("LSTM" in heading for heading in outline.headings) == (model != "markov")
    assert "poem.txt" in page and "seqgen train poem.txt" in page
    assert not re.search(r'(?:src|href)=(?!"#)|url\(|@import|<script', page), "nothing is fetched"


def test_a_page_about_a_translation_run(translation_run: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    page = made(seqgen, translation_run, tmp_path, "-p", "1 2 <b>3", "--target", "one two three")
    outline = Outline()
    outline.feed(page)
    assert not outline.wrong and {"In short", "Surprise", "Learning", "Scores"} <= set(outline.headings)
    assert any(heading.startswith("Attention: 1 2 <b>3 → ") for heading in outline.headings)
    assert "BLEU" in page and "<b>" not in page
    assert "Attention" in made(seqgen, translation_run, tmp_path)


def test_the_commands_repeat_the_run(runs: Path, seqgen: Seqgen, poem: Path, tmp_path: Path) -> None:
    run = Run(runs / "lstm")
    assert command_given(run) == "seqgen train poem.txt --steps 30 --arch lstm --hidden 32 --batch-size 4 --bptt 32"
    for command in (command_given(run), command_planned(run)):
        words = command.replace("poem.txt", str(poem)).split()[1:]
        done = seqgen(*words, "-o", tmp_path / "again", "--overwrite", "-q")
        assert done.returncode == 0, done.stderr
        assert run.info.files["weights"] == Run(tmp_path / "again").info.files["weights"]


def test_curves_are_bits_like_the_scores() -> None:
    for name in ("tiny-english", "tiny-english-french"):
        run = Run(ROOT / "checkpoints" / name)
        scores = run.info.scores["valid"]
        exact = scores.get("bits_per_char", scores.get("nats_per_token", 0) / math.log(2))
        # The approximation on the way and the exact scoring at the end are of the same weights.
        assert history_of(run).valid[-1] == pytest.approx(exact, rel=0.2)


def test_files_are_named_as_they_were_given(seqgen: Seqgen, digits: Path, tmp_path: Path) -> None:
    rows = [line.split("\t") for line in digits.read_text().splitlines()[:60]]
    for name, column in (("s.txt", 0), ("t.txt", 1)):
        (tmp_path / name).write_text("".join(row[column] + "\n" for row in rows), encoding="utf-8")
    options = ["--arch", "transformer", "--layers", "1", "--hidden", "8", "--tokenizer", "char", "--lr", "0.00123456789"]
    sides = ["--src", tmp_path / "s.txt", "--tgt", tmp_path / "t.txt"]
    assert seqgen("train", *sides, "-o", tmp_path / "run", "--steps", 2, *options, "-q").returncode == 0
    given = command_given(Run(tmp_path / "run"))
    assert given.startswith("seqgen train --src s.txt --tgt t.txt ") and "--lr 0.00123456789" in given
    # A model that has hardly learnt writes pieces that no tokenizer would: the page is of its own ids.
    assert seqgen("report", "-q", "-m", tmp_path / "run", "-p", "1 é 2", "-o", tmp_path / "a.html").returncode == 0
    assert seqgen("report", "-m", tmp_path / "run", "-o", tmp_path / "a.png").returncode == 2
    assert seqgen("report", "-m", tmp_path / "run", "-p", "1 " * 300, "-o", tmp_path / "a.html").returncode == 1
    poem = (tmp_path / "poem.txt").write_text("some text to count. " * 20)
    done = seqgen("train", "-", "--arch", "markov", "-o", tmp_path / "piped", "-q", stdin=(tmp_path / "poem.txt").read_bytes())
    assert poem and done.returncode == 0
    assert command_given(Run(tmp_path / "piped")) == "seqgen train - --arch markov < TEXT"


def test_the_last_pair_is_a_source_and_its_reference() -> None:
    history = history_of(Run(ROOT / "checkpoints" / "tiny-english-french"))
    source, reference = last_pair(history)
    pairs = (ROOT / "corpora" / "english-french.train.tsv").read_text(encoding="utf-8").splitlines()
    assert f"{source}\t{reference}" in pairs
    assert last_pair(history_of(Run(ROOT / "checkpoints" / "tiny-english"))) == ("", None)
    assert len(history.seconds) == len(history.samples) and history.scores["BLEU"][-1] > 90


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("checkpoints/books", "books.html"),
        ("checkpoints/내 책", "내-책.html"),
        ("a/.hidden", "hidden.html"),
        ("a/-o", "o.html"),
        ("a/x\x1b[31m\ny", "x-31m-y.html"),
        ("a/x/../y", "y.html"),
        ("a/" + "책" * 85, "책" * 66 + ".html"),
        ("a/\udcff.\udcff", "report.html"),
        ("/", "report.html"),
    ],
)
def test_the_page_is_named_after_the_folder_and_is_here(
    folder: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_output(Path(folder)) == Path(name)
    Path(name).write_text(page("seqgen: former", []), encoding="utf-8")
    assert default_output(Path(folder)) == Path(name), "a report may be written again"


def test_what_is_no_report_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = page("seqgen: former", [])
    Path("elsewhere").write_text(report)
    for make in (
        lambda path: path.write_text("my own page"),
        lambda path: path.write_text(page("Attention", [])),
        lambda path: path.write_text("<!-- mine -->" + report),
        lambda path: path.write_text(""),
        lambda path: path.symlink_to("elsewhere"),
        lambda path: path.symlink_to("nowhere"),
        lambda path: path.mkdir(),
        lambda path: os.mkfifo(path),
    ):
        path = Path("books.html")
        make(path)
        with pytest.raises(ConfigError, match=r"^books.html: .* not a report") as caught:
            default_output(Path("runs/books"))
        assert "-o" in str(caught.value.hint)
        path.rmdir() if path.is_dir() else path.unlink()


def test_names_in_a_run_of_a_stranger_lead_nowhere_and_stay_text(seqgen: Seqgen, tmp_path: Path) -> None:
    """Folder, run, corpus, files: each may say what it likes."""
    evil = "../../out<script>alert(1)</script>\x1b[31m\"'&\ud800"
    for model in ("tiny-english", "tiny-english-french"):
        path = tmp_path / "runs" / f"{model}<b>"
        shutil.copytree(ROOT / "checkpoints" / model, path, ignore=shutil.ignore_patterns("engine"))
        content = json.loads((path / "config.json").read_text(encoding="utf-8"))
        content |= {"name": evil.replace("/", ""), "plan": evil, "version": evil, "baselines": {evil: 2.0}}
        content["corpus"] |= {"names": [evil], "given": [evil], "sha256": evil}
        (path / "config.json").write_text(json.dumps(content), encoding="utf-8")
        here = tmp_path / "a" / "b" / "c"
        here.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([sys.executable, "-m", "seqgen", "report", "-q", "-m", path], cwd=here, capture_output=True,
                              env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
        assert (done.returncode, done.stderr, done.stdout.decode()) == (0, b"", f"{model}-b.html\n")
        text = (here / f"{model}-b.html").read_text(encoding="utf-8")
        outline = Outline()
        outline.feed(text)
        assert not outline.wrong and not outline.open and "<script" not in text and "<b>" not in text and "\x1b" not in text
        assert text.count("&lt;script&gt;alert(1)") > 2
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file() and "runs" not in path.parts}
    assert files == {"a/b/c/tiny-english-b.html", "a/b/c/tiny-english-french-b.html"}


@pytest.fixture(scope="module")
def browser() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no chromium here (Debian: apt install chromium)")
    return found


@pytest.mark.parametrize("width", [390, 1200])
def test_it_opens_in_a_browser(width: int, browser: str, seqgen: Seqgen, tmp_path: Path) -> None:
    page, frame, picture = (tmp_path / name for name in ("page.html", "frame.html", "page.png"))
    assert seqgen("report", "-q", "-m", ROOT / "checkpoints/tiny-english-french", "-o", page).returncode == 0
    # Headless windows are never as narrow as a phone, but a frame may be: what is in it lays itself out for its width.
    frame.write_text(
        f"""<iframe id=f src=page.html width={width} height=800 style="border:0"></iframe><script>
        f.onload = () => document.title = 'WIDTH ' + f.contentDocument.documentElement.scrollWidth</script>"""
    )
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
               "--allow-file-access-from-files", f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=5000",
               "--window-size=1300,1000"]  # fmt: skip
    done = subprocess.run([*command, "--dump-dom", frame.as_uri()], capture_output=True, text=True, timeout=100)
    found = re.search(r"<title>WIDTH (\d+)</title>", done.stdout)
    assert done.returncode == 0 and found, done.stdout[:500]
    assert int(found[1]) <= width, "nothing sticks out"
    assert "CONSOLE" not in done.stderr, "no errors on the console"
    subprocess.run([*command, f"--screenshot={picture}", page.as_uri()], capture_output=True, timeout=100)
    assert picture.stat().st_size > 20_000
