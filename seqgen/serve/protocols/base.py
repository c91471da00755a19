"""What a protocol is: endpoints, and the shape of its errors. A new one is a file here and a row of PROTOCOLS."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from seqgen.serve.service import Service
from seqgen.serve.web.fields import Fields

# Bytes of a request that holds no file.
MOST_BYTES = 4_000_000


@dataclass
class Call:
    """A request, and what answers it."""

    request: Request
    fields: Fields
    service: Service

    async def gone(self) -> bool:
        """Whether the client has gone away."""
        return await self.request.is_disconnected()

    def address(self, path: str) -> str:
        """The address of a path of this server, as the client has called it."""
        return f"{self.request.url.scheme}://{self.request.headers.get('host', '127.0.0.1')}{path}"


class Endpoint(NamedTuple):
    """A path: `fields` gives those that it takes, with what they mean. `is_open`: any web page may call it where the server
    answers this machine alone; `needs_no_key`: it tells nothing."""

    path: str
    methods: tuple[str, ...]
    answer: Callable[[Call], Awaitable[Response]]
    summary: str
    fields: Mapping[str, str] | Callable[[], Mapping[str, str]] = {}
    is_open: bool = False
    needs_no_key: bool = False
    most_bytes: int = MOST_BYTES

    @property
    def taken(self) -> Mapping[str, str]:
        """The fields that it takes."""
        return self.fields() if callable(self.fields) else self.fields


class Protocol(NamedTuple):
    """`error` makes the body of a refused request; `keyless` is the status where the key is missing or wrong."""

    name: str
    endpoints: tuple[Endpoint, ...]
    error: Callable[[int, str], Any]
    keyless: int = 403
