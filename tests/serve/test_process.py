"""The process: how it starts, what it takes up, how it ends, what it keeps."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from seqgen.serve.corrections import NAME
from tests.conftest import Seqgen
from tests.serve.conftest import Serve, Server, eventually

FORM = (("q", "3 4 5 1"), ("source", "en"), ("target", "de"))


def corrections(run: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (run / NAME).read_text(encoding="utf-8").splitlines()]


def correct(server: Server, number: int) -> int:
    fields = (("q", f"{number} 4"), ("s", f"No. {number}"), ("source", "en"), ("target", "de"))
    return server.ask("/suggest", fields).status


def test_all_runs_there_are(serve: Serve, runs: Path) -> None:
    server = serve("--runs-dir", runs)
    assert [one["id"] for one in server.ask("/v1/models").json["data"]] == ["hybrid", "lstm", "markov"]
    assert server.ask("/v1/completions", {"model": "lstm", "prompt": "a"}).status == 200


def test_nothing_is_loaded_that_is_not_needed(runs: Path, translation_run: Path) -> None:
    code = """
import asyncio, sys, json
from pathlib import Path
from seqgen.serve.web.app import application
from seqgen.serve.web.gate import Entry
from seqgen.serve.models import Given, Languages, Models
from seqgen.serve.service import Limits, Service
models = Models([Given("w", Path(sys.argv[1])), Given("t", Path(sys.argv[2]), Languages("en", "de"))], Path("."))
service = Service(models, Limits(), 1)
application(service, Entry(), lambda *_: None, print)
models.all()
early = sorted(name for name in ("torch", "ctranslate2", "rich", "py3langid", "matplotlib") if name in sys.modules)
async def gone(): return False
print(asyncio.run(service.translate(["3 4"], "en", "de", gone))[0].texts)
print(early, "torch" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, runs / "lstm", translation_run], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["('three four',)", "[] False"]


def test_a_run_without_languages_is_told_how_to_name_them(serve: Serve, translation_run: Path) -> None:
    reply = serve("-m", translation_run).ask("/translate", FORM)
    assert reply.status == 400 and f"seqgen serve -m {translation_run.name}=en-ko" in reply.json["error"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("-m", "gone"), 1, "no run 'gone'"),
        (("-m", "{runs}/hybrid=en-de"), 1, "translates from no language"),
        (("-m", "{runs}/hybrid", "-m", "{runs}/hybrid"), 1, "two runs are called hybrid"),
        (("-m", "{runs}/hybrid=x"), 2, "expected RUN or RUN=en-ko"),
        (("-m", "{runs}/hybrid", "--allow-host", "http://me"), 2, "expected a name without scheme and port"),
        (("-m", "{runs}/hybrid", "--allow-origin", "example.org"), 2, "expected a site as https://example.org"),
        (("-m", "{runs}/hybrid", "--api-key-file", "gone"), 1, "gone: cannot be read"),
        (("-m", "{runs}/hybrid", "--host", "nowhere.invalid", "--without-key"), 1, "nowhere.invalid:"),
        (("--runs-dir", "{runs}/hybrid/nothing", "--api-key-file", os.devnull), 1, "holds no key"),
    ],
)
def test_what_cannot_be_served(seqgen: Seqgen, runs: Path, words: tuple[str, ...], code: int, said: str) -> None:
    done = seqgen("serve", "--port", "0", *(word.format(runs=runs) for word in words))
    assert done.returncode == code and said in done.stderr and "Traceback" not in done.stderr


def test_a_port_that_is_taken(seqgen: Seqgen, server: Server, runs: Path) -> None:
    done = seqgen("serve", "-m", runs / "markov", "--port", server.port)
    assert done.returncode == 1 and f"127.0.0.1:{server.port}: cannot be listened on" in done.stderr and "--port" in done.stderr


def test_the_extra_is_missing(runs: Path, tmp_path: Path) -> None:
    code = """
import sys
import importlib.util as u
found = u.find_spec
u.find_spec = lambda name, package=None: None if name == "starlette" else found(name, package)
from seqgen.cli import main
main(["serve", "-m", sys.argv[1]])
"""
    done = subprocess.run([sys.executable, "-c", code, runs / "markov"], capture_output=True, text=True)
    assert done.returncode == 1 and "not installed: starlette" in done.stderr and "pip install 'seqgen[serve]'" in done.stderr


def test_sigterm_answers_first_and_sigint_stops(serve: Serve, runs: Path) -> None:
    for number, code in ((signal.SIGTERM, 0), (signal.SIGINT, 130)):
        server, found = serve("-m", runs / "hybrid"), []
        asked = {"model": "hybrid", "prompt": "a", "max_tokens": 2_000 if number == signal.SIGTERM else 90_000}
        thread = threading.Thread(target=lambda: found.append(_quietly(server, asked)))  # noqa: B023
        thread.start()
        time.sleep(0.3)
        began = time.monotonic()
        assert server.stop(number) == code
        thread.join()
        if number == signal.SIGTERM:
            assert found == [200]
        else:
            assert time.monotonic() - began < 10


def _quietly(server: Server, asked: dict[str, object]) -> int:
    try:
        return server.ask("/v1/completions", asked).status
    except OSError:
        return 0


def test_a_second_signal_ends_at_once(serve: Serve, runs: Path) -> None:
    server = serve("-m", runs / "hybrid")
    threading.Thread(
        target=_quietly, args=(server, {"model": "hybrid", "prompt": "a", "max_tokens": 90_000}), daemon=True
    ).start()
    time.sleep(0.5)
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    began = time.monotonic()
    server.stop(signal.SIGINT)
    assert time.monotonic() - began < 2


def test_a_new_run_of_that_name_is_taken_up(serve: Serve, runs: Path, tmp_path: Path, seqgen: Seqgen, poem: Path) -> None:
    shutil.copytree(runs / "markov", tmp_path / "m")
    server = serve("--runs-dir", tmp_path)
    asked = {"model": "m", "prompt": "Who", "max_tokens": 40, "temperature": 0}
    before = server.ask("/v1/completions", asked).json["choices"][0]["text"]
    text = tmp_path / "other.txt"
    text.write_text("Who knows? Nobody here, and nobody there. " * 60, encoding="utf-8")
    done = seqgen("train", text, "-o", tmp_path / "m", "--arch", "markov", "--overwrite")
    assert done.returncode == 0, done.stderr
    assert eventually(lambda: server.ask("/v1/completions", asked).json["choices"][0]["text"] != before)
    done = seqgen("train", poem, "-o", tmp_path / "new", "--arch", "markov")
    assert eventually(lambda: len(server.ask("/v1/models").json["data"]) == 2)
    shutil.rmtree(tmp_path / "new")
    assert eventually(lambda: len(server.ask("/v1/models").json["data"]) == 1)


def test_a_damaged_run_does_no_harm_to_the_one_that_is_open(serve: Serve, runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "markov", tmp_path / "m")
    server = serve("--runs-dir", tmp_path)
    asked = {"model": "m", "prompt": "Who", "max_tokens": 40, "seed": 1}
    before = server.ask("/v1/completions", asked).json["choices"][0]["text"]
    (tmp_path / "m/config.json").write_text("{", encoding="utf-8")
    time.sleep(1)
    assert server.ask("/v1/completions", asked).json["choices"][0]["text"] == before


def test_a_model_is_closed_after_a_time_without_use(serve: Serve, runs: Path) -> None:
    server = serve("-m", runs / "markov", "--unload-after", "0.01")
    asked = {"prompt": "Who", "max_tokens": 20, "seed": 1}
    before = server.ask("/v1/completions", asked).json["choices"][0]["text"]
    time.sleep(1.5)
    server.ask("/v1/models")
    assert server.ask("/v1/completions", asked).json["choices"][0]["text"] == before


def test_corrections_are_kept_whatever_happens(
    serve: Serve, translation_run: Path, tmp_path: Path, seqgen: Seqgen, digits: Path
) -> None:
    run = tmp_path / "digits"
    shutil.copytree(translation_run, run)
    server = serve("-m", f"{run}=en-de")
    assert [correct(server, number) for number in range(20)] == [200] * 20
    server.process.kill()
    server.process.wait()
    # What a crash may leave: half of a line.
    with open(run / NAME, "a", encoding="utf-8") as file:
        file.write('{"source": "half')
    server = serve("-m", f"{run}=en-de")
    assert correct(server, 20) == 200
    assert corrections(run) == [{"source": f"{number} 4", "target": f"No. {number}"} for number in range(21)]
    for wrong in ({"q": "", "s": "x"}, {"q": "x", "s": " "}, {"q": "x"}, {"q": "x" * 300_000, "s": "y"}):
        assert server.ask("/suggest", {**wrong, "source": "en", "target": "de"}).status in (400, 413)
    options = ["--layers", "1", "--hidden", "32", "--ffn", "64", "--max-tokens", "800", "--steps", "5", "--threads", "1"]
    done = seqgen("train", digits, run / NAME, "-o", run, "--overwrite", *options)
    assert done.returncode == 0, done.stderr
    assert len(corrections(run)) == 21 and corrections(run)[20] == {"source": "20 4", "target": "No. 20"}


def test_corrections_of_many_at_once_are_all_whole(serve: Serve, translation_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "digits"
    shutil.copytree(translation_run, run)
    server = serve("-m", f"{run}=en-de")
    threads = [
        threading.Thread(target=lambda first=first: [correct(server, number) for number in range(first, first + 10)])
        for first in range(0, 80, 10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(pair["target"][4:]) for pair in corrections(run)) == list(range(80))


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_run_that_cannot_be_written(serve: Serve, translation_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "digits"
    shutil.copytree(translation_run, run)
    run.chmod(0o555)
    try:
        reply = serve("-m", f"{run}=en-de").ask("/suggest", {"q": "1", "s": "one", "source": "en", "target": "de"})
    finally:
        run.chmod(0o755)
    assert reply.status == 400 and "cannot be" in reply.json["error"]


def test_a_run_whose_corrections_are_a_link_elsewhere(serve: Serve, translation_run: Path, tmp_path: Path) -> None:
    run, other = tmp_path / "digits", tmp_path / "other"
    shutil.copytree(translation_run, run)
    other.write_text("mine\n", encoding="utf-8")
    (run / NAME).symlink_to(other)
    reply = serve("-m", f"{run}=en-de").ask("/suggest", {"q": "1", "s": "one", "source": "en", "target": "de"})
    assert reply.status == 400 and other.read_text(encoding="utf-8") == "mine\n"


def test_openapi_describes_every_endpoint(server: Server) -> None:
    from seqgen.serve.protocols.table import PROTOCOLS

    found = server.ask("/openapi.json").json
    assert found["openapi"].startswith("3.1") and set(found["paths"]) == {one.path for p in PROTOCOLS for one in p.endpoints}
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            reply = server.ask(path.replace("{name}", "x"), b"{}" if method == "post" else None)
            assert reply.status != 405, (path, method)
            assert operation["summary"]


def test_json_logs(serve: Serve, runs: Path) -> None:
    server = serve("-m", runs / "markov", "--log", "json")
    server.ask("/v1/models?secret=1")
    assert eventually(lambda: any(line.startswith("{") for line in server.said))
    row = json.loads(next(line for line in server.said if line.startswith("{")))
    assert row["path"] == "/v1/models" and row["status"] == 200 and row["ms"] >= 0 and "secret" not in json.dumps(row)
