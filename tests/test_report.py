"""The report: one page that holds everything, tells the commands to repeat, and opens in a browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

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
    wanted = {"The run", "Scores", "Surprise"}
    wanted |= {"Context"} if model != "lstm" else set()
    wanted |= {"Learning", "Samples over time"} if model != "markov" else set()
    assert wanted <= set(outline.headings)
    assert any("LSTM" in heading for heading in outline.headings) == (model != "markov")
    assert "poem.txt" in page and "seqgen train poem.txt" in page
    assert not re.search(r'(?:src|href)=(?!"#)|url\(|@import|<script', page), "nothing is fetched"


def test_a_page_about_a_translation_run(translation_run: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    page = made(seqgen, translation_run, tmp_path, "-p", "1 2 <b>3", "--target", "one two three")
    outline = Outline()
    outline.feed(page)
    assert not outline.wrong and {"Surprise", "Learning", "Scores"} <= set(outline.headings)
    assert any(heading.startswith("Attention: 1 2 <b>3 → ") for heading in outline.headings)
    assert "BLEU" in page and "<b>" not in page
    assert "Attention" in made(seqgen, translation_run, tmp_path)


def test_the_commands_repeat_the_run(runs: Path, seqgen: Seqgen, poem: Path, tmp_path: Path) -> None:
    run = Run(runs / "lstm")
    assert command_given(run) == "seqgen train poem.txt --arch lstm --hidden 32 --batch-size 4 --bptt 32 --steps 30"
    for command in (command_given(run), command_planned(run)):
        words = command.replace("poem.txt", str(poem)).split()[1:]
        done = seqgen(*words, "-o", tmp_path / "again", "--overwrite", "-q")
        assert done.returncode == 0, done.stderr
        first, second = (
            path.read_bytes() for path in (run.path / "weights.safetensors", tmp_path / "again/weights.safetensors")
        )
        assert first == second


def test_the_last_pair_is_a_source_and_its_reference() -> None:
    history = history_of(Run(ROOT / "checkpoints" / "tiny-english-french"))
    source, reference = last_pair(history)
    assert source.startswith("Nora says") and reference is not None and reference.startswith("Nora dit")
    assert last_pair(history_of(Run(ROOT / "checkpoints" / "tiny-english"))) == ("", None)
    assert len(history.seconds) == len(history.samples) and history.scores["BLEU"][-1] > 90


@pytest.mark.parametrize("width", [390, 1200])
def test_it_opens_in_a_browser(width: int, seqgen: Seqgen, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no chromium here (Debian: apt install chromium)")
    path = tmp_path / "page.html"
    assert seqgen("report", "-q", "-m", ROOT / "checkpoints/tiny-english-french", "-o", path).returncode == 0
    # The page itself says how wide it came out: a script of the test's own writes it where --dump-dom shows it.
    probe = "<script>document.title = 'WIDTH ' + document.documentElement.scrollWidth</script></body>"
    path.write_text(path.read_text(encoding="utf-8").replace("</body>", probe), encoding="utf-8")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
               f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},2000"]  # fmt: skip
    done = subprocess.run([*command, "--dump-dom", path.as_uri()], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0
    found = re.search(r"<title>WIDTH (\d+)</title>", done.stdout)
    assert found, done.stdout[:500]
    # Headless Chromium does not make windows narrower than 500.
    assert int(found[1]) <= max(width, 500)
    assert "CONSOLE" not in done.stderr, "no errors on the console"
    picture = tmp_path / "page.png"
    subprocess.run([*command, f"--screenshot={picture}", path.as_uri()], capture_output=True, timeout=100)
    assert picture.stat().st_size > 20_000
