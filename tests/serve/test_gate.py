"""Who may ask: hosts, origins, keys, sizes."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from seqgen.serve.web.gate import MOST_OF_ONE
from tests.conftest import Seqgen
from tests.serve.conftest import Serve, Server, eventually

FORM = (("q", "1 2 3"), ("source", "en"), ("target", "de"))


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "localhost.evil.example", "", "127.0.0.1.evil.example"])
def test_another_name_is_not_served(server: Server, host: str) -> None:
    for path in ("/translate?q=1&source=en&target=de", "/v1/models", "/openapi.json", "/health"):
        assert server.ask(path, Host=host).status == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1:8080", "[::1]:80", "192.168.1.7"])
def test_numbers_and_localhost_are(server: Server, host: str) -> None:
    assert server.ask("/health", Host=host).status == 200


def test_pages_may_translate_and_nothing_else(server: Server) -> None:
    for path, given in (("/translate", FORM), ("/languages", None), ("/detect", FORM[:1])):
        reply = server.ask(path, given, Origin="https://page.example")
        assert reply.status == 200 and reply.headers["access-control-allow-origin"] == "*"
        first = server.ask(path, method="OPTIONS", Origin="https://page.example", Access_Control_Request_Method="POST")
        assert first.status == 204 and first.headers["access-control-allow-origin"] == "*"
    for path, given in (("/suggest", (*FORM, ("s", "x"))), ("/v1/models", None), ("/frontend/settings", None)):
        reply = server.ask(path, given, Origin="https://page.example")
        assert reply.status == 403 and "access-control-allow-origin" not in reply.headers
        assert (
            server.ask(path, method="OPTIONS", Origin="https://page.example", Access_Control_Request_Method="POST").status
            >= 400
        )
    assert server.ask("/v1/models", Origin=server.url).status == 200  # the server's own page


def test_named_origins_and_hosts(serve: Serve, runs: Path) -> None:
    server = serve("-m", runs / "markov", "--allow-origin", "https://page.example/", "--allow-host", "Writer.Example")
    reply = server.ask("/v1/models", Origin="https://page.example")
    assert reply.status == 200 and reply.headers["access-control-allow-origin"] == "https://page.example"
    assert server.ask("/v1/models", Origin="https://other.example").status == 403
    assert server.ask("/v1/models", Host="writer.example:80").status == 200


def test_keys(serve: Serve, runs: Path, translation_run: Path, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("first\n\n  second \n", encoding="utf-8")
    server = serve("-m", f"{translation_run}=en-de", "-m", runs / "markov", "--api-key-file", tmp_path / "keys")
    assert server.ask("/health").status == 200
    for path, given, status in (("/translate", FORM, 403), ("/v1/completions", {"prompt": "a"}, 401), ("/v2/usage", None, 403)):
        assert server.ask(path, given).status == status
        assert server.ask(path, given, Authorization="Bearer third").status == status
        assert server.ask(path, given, Authorization="Bearer second").status == 200
        assert server.ask(path, given, Authorization="DeepL-Auth-Key first").status == 200
    assert server.ask("/translate", (*FORM, ("api_key", "first"))).status == 200
    assert server.ask("/translate", {**dict(FORM), "api_key": "wrong"}).status == 403
    # A page that is open in a browser does not know the key, but must not be told that it may ask.
    assert "access-control-allow-origin" not in server.ask("/translate", FORM, Origin="https://page.example").headers


def test_other_addresses_want_a_key_or_a_word(seqgen: Seqgen, runs: Path, serve: Serve) -> None:
    done = seqgen("serve", "-m", runs / "markov", "--host", "0.0.0.0", "--port", "0")
    assert done.returncode == 1 and "--api-key-file" in done.stderr and "--without-key" in done.stderr
    assert serve("-m", runs / "markov", "--host", "0.0.0.0", "--without-key").ask("/health").status == 200


def test_sizes_are_limited(server: Server) -> None:
    long = {"q": "1 2 3 " * 50_000, "source": "en", "target": "de"}
    assert server.ask("/translate", long).status == 413
    assert server.ask("/translate", {"q": ["1"] * 1_001, "source": "en", "target": "de"}).status == 413
    assert server.ask("/translate", b"x" * 5_000_000).status == 413
    assert server.ask("/v1/completions", {"model": "markov", "prompt": "x" * 300_000}).status == 413
    assert server.ask("/translate?q=" + "x" * 100_000).status >= 400
    assert server.ask("/health").status == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET /translate\r\n\r\n",
        b"POST /translate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
        b"POST /translate HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /translate HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /%ff%fe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /translate?q=%ff&source=en&target=de HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_nonsense_and_requests_that_are_cut_off(server: Server, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65_536)
    assert b"Traceback" not in answer and b"root:" not in answer
    assert server.ask("/health").status == 200


STRANGE = ('{"q": "\\ud800", "source": "en", "target": "de"}', "[" * 100_000, '{"q": NaN}', "null", "[]", '"a"')


@pytest.mark.parametrize("body", STRANGE, ids=range(len(STRANGE)))
def test_strange_json(server: Server, body: str) -> None:
    reply = server.ask("/translate", body.encode(), Content_Type="application/json")
    assert reply.status in (200, 400) and "internal" not in reply.body.decode()


def test_no_text_is_logged_and_no_traceback(server: Server) -> None:
    server.ask("/translate?q=secret7&source=en&target=de")
    server.ask("/v1/completions", {"model": "markov", "prompt": "secret8"})
    assert eventually(lambda: any("/v1/completions 200" in line for line in server.said))
    assert not [line for line in server.said if "secret" in line or "Traceback" in line or "internal" in line]


def test_texts_are_logged_where_that_is_wanted(serve: Serve, runs: Path) -> None:
    server = serve("-m", runs / "markov", "--log-texts")
    server.ask("/v1/completions", {"prompt": "secret8", "api_key": "mine", "max_tokens": 3})
    assert eventually(lambda: any("secret8" in line for line in server.said))
    assert not [line for line in server.said if "mine" in line]


def test_too_many_at_once_are_told_to_come_again(serve: Serve, runs: Path) -> None:
    server = serve("-m", runs / "markov")
    head = b"POST /translate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{"
    waiting = [socket.create_connection(("127.0.0.1", server.port), timeout=10) for _ in range(MOST_OF_ONE)]
    try:
        for connection in waiting:
            connection.sendall(head)
        assert eventually(lambda: server.ask("/health").status == 429)
        assert int(server.ask("/health").headers["retry-after"]) > 0
    finally:
        for connection in waiting:
            connection.close()
    assert eventually(lambda: server.ask("/health").status == 200)
