"""What the benchmarks of the server share: a server process, and a client with connections that stay open."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SEQGEN = [sys.executable, "-m", "seqgen"]


class Server:
    """A `seqgen serve` on a free port, or on the one of an earlier one."""

    def __init__(self, *words: object, port: int = 0) -> None:
        self.began = time.perf_counter()
        command = [*SEQGEN, "serve", "--port", str(port), *map(str, words)]
        # Into a file: a pipe would fill.
        with tempfile.NamedTemporaryFile("w+", encoding="utf-8") as said:
            self.process = subprocess.Popen(command, stderr=said)
            while not (found := re.search(r"listening on http://\S+:(\d+)", Path(said.name).read_text(encoding="utf-8"))):
                assert self.process.poll() is None, "the server did not start"
                time.sleep(0.005)
        self.ready = time.perf_counter() - self.began
        self.port = int(found[1])

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()

    def memory(self) -> float:
        """RssAnon in megabytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


class Client:
    """One connection, which is opened again where it was closed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, given: Any = None, *, raw: bytes | None = None, cut: bool = False) -> tuple[int, bytes]:
        """Status and body; with `cut` the connection is closed before the answer (status 0)."""
        body = raw if raw is not None else b"" if given is None else json.dumps(given).encode()
        method = "GET" if given is None and raw is None else "POST"
        reader, writer = await self._open()
        writer.write(_head(method, path, len(body)) + body)
        await writer.drain()
        if cut:
            self.close()
            return 0, b""
        status = int((await reader.readline()).split()[1])
        length, chunked, closes = 0, False, False
        while (line := (await reader.readline()).decode("latin-1").strip().lower()) != "":
            name, _, value = line.partition(":")
            length = int(value) if name == "content-length" else length
            chunked |= name == "transfer-encoding"
            closes |= name == "connection" and "close" in value
        found = b"".join([part async for part in self._chunks(reader)]) if chunked else await reader.readexactly(length)
        if closes:
            self.close()
        return status, found

    async def stream(self, path: str, given: Any) -> tuple[float, int]:
        """Seconds until the first event of a stream, and characters in all."""
        body = json.dumps(given).encode()
        reader, writer = await self._open()
        begin = time.perf_counter()
        writer.write(_head("POST", path, len(body)) + body)
        while (await reader.readline()).strip():
            pass
        first, characters = 0.0, 0
        async for part in self._chunks(reader):
            first = first or time.perf_counter() - begin
            for event in part.decode().split("\n\n"):
                if event.startswith("data: {"):
                    characters += len(json.loads(event[6:])["choices"][0]["text"])
        return first, characters

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 24)
        return self._streams

    @staticmethod
    async def _chunks(reader: asyncio.StreamReader) -> Any:
        while size := int(await reader.readline(), 16):
            yield await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readexactly(2)


def _head(method: str, path: str, size: int) -> bytes:
    fields = ("Host: localhost", "Content-Type: application/json", f"Content-Length: {size}")
    return "\r\n".join([f"{method} {path} HTTP/1.1", *fields, "", ""]).encode()


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
