"""The page: what it asks the server for, and how it is to use in a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Seqgen
from tests.serve.conftest import Serve, Server, eventually

CLIENTS, AXE = ROOT / ".venv/clients/bin/python", ROOT / ".venv/clients/node_modules/axe-core/axe.min.js"
CHROMIUM = shutil.which("chromium")
PAGE = ROOT / "seqgen/serve/page"


def test_every_file_is_sent_with_its_kind_and_nothing_else_is(server: Server) -> None:
    index = server.ask("/")
    assert index.status == 200 and index.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in index.headers["content-security-policy"]
    for path in PAGE.iterdir():
        if path.suffix in (".js", ".css", ".svg"):
            assert server.ask(f"/page/file/{path.name}").body == path.read_bytes()
    for name in ("__init__.py", "..%2f__init__.py", "gone.js", "%2e%2e", "index.html%00"):
        assert server.ask(f"/page/file/{name}").status == 404


def test_nothing_is_asked_for_elsewhere() -> None:
    for path in PAGE.iterdir():
        if path.suffix in (".js", ".css", ".html"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"https?://|//[a-z]+\.", text), path.name


def test_every_text_is_there_in_both_languages() -> None:
    texts = re.findall(
        r'^  "?([\w-]+)"?: \[\s*("[^"]+"|`[^`]+`),\s*("[^"]+")', (PAGE / "say.js").read_text(encoding="utf-8"), re.M
    )
    known = {name for name, _, _ in texts}
    used = set(re.findall(r'data-(?:say|label|title)="([\w-]+)"', (PAGE / "index.html").read_text(encoding="utf-8")))
    used |= set(re.findall(r'say\("([\w-]+)"\)', "".join(path.read_text(encoding="utf-8") for path in PAGE.glob("*.js"))))
    used |= set(re.findall(r'^  \["(\w+)", ', (PAGE / "write.js").read_text(encoding="utf-8"), re.M))
    assert used <= known, used - known
    assert all(re.search("[가-힣]", korean) for _, _, korean in texts)
    # What stands in the page before the script runs is the English text.
    for name, text in re.findall(r'data-say="([\w-]+)"[^>]*>([^<]+)<', (PAGE / "index.html").read_text(encoding="utf-8")):
        assert (name, f'"{text}"') in {(known, english) for known, english, _ in texts}, name


def test_words_links_and_probabilities(server: Server) -> None:
    given = {"model": "tiny-english-french", "text": "The old sailor sees 3 boats.\n\nA dog runs at a.b@c.example now."}
    lines = server.ask("/page/translate", given).json["lines"]
    assert [len(line["source"]) for line in lines] == [6, 0, 6]
    first = lines[0]
    assert " ".join(word["text"] for word in first["words"]) == first["text"] and first["text"] not in first["others"]
    assert all(word["p"] is None or 0 <= word["p"] <= 1 for line in lines for word in line["words"])
    assert all(word["p"] > 0.5 for word in first["words"])
    assert [0, 0] in first["links"] and [4, 4] in first["links"]
    assert any(word["p"] is None and "a.b@c.example" in word["text"] for word in lines[2]["words"])


def test_looks_inside(server: Server) -> None:
    page = server.ask("/page/look", {"model": "tiny-english-french", "text": "The old sailor sees 3 boats."}).json["page"]
    assert page.startswith("<!DOCTYPE html>") and "marin" in page and "<svg" in page
    assert "<svg" in server.ask("/page/look", {"model": "hybrid", "text": "The rain"}).json["page"]
    for wrong, status in (({"model": "gone", "text": "a"}, 404), ({"model": "hybrid", "text": " "}, 400),
                          ({"model": "hybrid", "text": "x" * 5_000}, 413)):  # fmt: skip
        assert server.ask("/page/look", wrong).status == status
    assert server.ask("/page/translate", {"model": "hybrid", "text": "a"}).status == 404


def test_a_training_is_watched_to_its_end(serve: Serve, tmp_path: Path, poem: Path, seqgen: Seqgen, runs: Path) -> None:
    shutil.copytree(runs / "markov", tmp_path / "markov")
    server = serve("--runs-dir", tmp_path)
    assert server.ask("/page/models").json["trainings"] == [] and server.ask("/page/training?name=markov").status == 404
    training = _train(tmp_path / "poem", poem, 0.5)
    try:
        assert eventually(lambda: server.ask("/page/models").json["trainings"] == ["poem"])
        assert eventually(lambda: server.ask("/page/training?name=poem").json.get("step", 0) > 0, 60)
        found = server.ask("/page/training?name=poem").json
        assert found["left"] > 0 and not found["finished"] and "<svg" in found["page"]
    finally:
        training.terminate()
        training.wait(60)
    done = seqgen("train", poem, "-o", tmp_path / "poem", "--minutes", "0.05")
    assert done.returncode == 0, done.stderr
    assert server.ask("/page/training?name=poem").json["finished"] and "poem" in _models(server)


def _train(run: Path, text: Path, minutes: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "seqgen", "train", text, "-o", run, "--arch", "gru", "--hidden", "16"]
    return subprocess.Popen([*command, "--minutes", str(minutes), "--threads", "1", "--quiet"])


def _models(server: Server) -> list[str]:
    found: list[str] = []
    eventually(lambda: found.extend(one["name"] for one in server.ask("/page/models").json["models"]) or "poem" in found)
    return found


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")
@pytest.mark.skipif(not CLIENTS.exists() or not AXE.exists(), reason="make test installs Playwright and axe-core, with npm")
def test_in_a_browser(serve: Serve, tmp_path: Path, poem: Path) -> None:
    shutil.copytree(ROOT / "checkpoints", tmp_path / "runs")
    server = serve("--runs-dir", tmp_path / "runs")
    training = _train(tmp_path / "runs/poem", poem, 1.5)
    try:
        assert eventually(lambda: (tmp_path / "runs/poem/metrics.jsonl").exists(), 60)
        command = [CLIENTS, ROOT / "tests/serve/browser.py", str(CHROMIUM), server.url, AXE, tmp_path]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, env={**os.environ, "HOME": str(tmp_path)})
    finally:
        training.kill()
        training.wait()
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["console"] == [] and found["elsewhere"] == [] and found["violations"] == [] and found["wide"] == []
    words = found["translate"]
    assert words["words"] == "Le vieux marin voit 3 bateaux.".split() and sorted(words["linked"]) == ["old", "vieux"]
    assert len(words["kept"]) == 1 and "http://a.example" in words["kept"][0]
    assert words["others"] > 0 and words["likely"].endswith("%") and words["walked"] == "marin"
    text = found["write"]
    assert text["first"].startswith("TOBY: ") and text["second"][:16] == text["first"][:16]
    assert text["second"][16] == {"␣": " ", "⏎": "\n"}.get(text["taken"], text["taken"]) and text["second"] != text["first"]
    assert len(text["shares"]) == 10 and text["by_key"] == 1 and 5 < text["stopped"] < 2_000
    assert any("looks" in title.lower() or "attention" in title.lower() for title in found["inside"]["tiny-english-french"])
    assert any(title.startswith("LSTM") for title in found["inside"]["tiny-english"])
    assert found["training"]["name"] == "poem" and found["training"]["said"].startswith("step ") and found["training"]["parts"]
    assert found["korean"] == found["remembered"] == "번역" and found["lang"] == "ko"
    assert len(list(tmp_path.glob("*-dark-390.png"))) == 4
