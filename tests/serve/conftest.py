"""A real server on a free port, and what speaks to it in plain HTTP."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.conftest import ROOT

pytest.importorskip("starlette", reason="the extra seqgen[serve] is not installed")
pytest.importorskip("uvicorn", reason="the extra seqgen[serve] is not installed")


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """A running `seqgen serve`; `said` are the lines of its stderr so far."""

    process: subprocess.Popen[str]
    port: int
    said: list[str] = field(default_factory=list)
    reader: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, given: Any = None, *, method: str | None = None, **headers: str) -> Reply:
        """GET, or POST of JSON (a dict or list), of a form (pairs as a tuple), or of bytes."""
        body: bytes | None = None
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(given, bytes):
            body = given
        elif isinstance(given, tuple):
            body = urlencode(given).encode()
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif given is not None:
            body = json.dumps(given).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method or ("GET" if body is None else "POST"), path, body, sent)
            reply = connection.getresponse()
            return Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
        finally:
            connection.close()

    def stop(self, signal: int = 15) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(signal)
        return self.process.wait(60)

    def end(self) -> None:
        """Kill it, and close what was read from."""
        self.process.kill()
        self.process.wait()
        if self.reader is not None:
            self.reader.join()
        if self.process.stderr is not None:
            self.process.stderr.close()


Serve = Callable[..., Server]


def start(*arguments: object, cwd: Path | None = None) -> Server:
    """A server on a free port, once it listens."""
    command = [sys.executable, "-m", "seqgen", "serve", "--port", "0", *map(str, arguments)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd=cwd)
    assert process.stderr is not None
    server = Server(process, 0)
    for line in process.stderr:
        server.said.append(line.rstrip("\n"))
        if found := re.search(r"listening on http://\S+:(\d+)", line):
            server.port = int(found[1])
            break
    stderr = process.stderr
    server.reader = threading.Thread(target=lambda: server.said.extend(line.rstrip("\n") for line in stderr), daemon=True)
    server.reader.start()
    return server


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers of one's own, which end with the test."""
    started: list[Server] = []

    def begin(*arguments: object, cwd: Path | None = None) -> Server:
        started.append(start(*arguments, cwd=cwd))
        assert started[-1].port, started[-1].said
        return started[-1]

    yield begin
    for server in started:
        server.end()


@pytest.fixture(scope="session")
def server(runs: Path, translation_run: Path) -> Iterator[Server]:
    """One server for many tests: rows of digits to words, sentences, and two models that write."""
    french = ROOT / "checkpoints/tiny-english-french"
    made = start("-m", f"{translation_run}=en-de", "-m", f"{french}=en-fr", "-m", runs / "hybrid", "-m", runs / "markov")
    assert made.port, made.said
    yield made
    made.end()


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether something comes true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return False
