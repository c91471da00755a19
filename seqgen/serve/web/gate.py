"""Who may ask: the gate before all endpoints. It looks at the head of a request alone.

A page of some other site that a user has open can send requests to this machine, and with a name of its own that leads here
(DNS rebinding) it can read the answers. So the Host header has to be a number, localhost or a name that was allowed, and what
changes or tells something is refused to other origins.
"""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seqgen.serve.refused import Refused, busy

# Requests that are being answered, of all clients and of one.
MOST_AT_ONCE, MOST_OF_ONE = 512, 256
# What a browser is told that asks first; Authorization has to be named.
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "*, Authorization",
    "Access-Control-Max-Age": "600",
}


class Reported(NamedTuple):
    """A request that is over: `status` is 0 where the client went away; `texts` are its fields, where these were to be kept."""

    method: str
    path: str
    status: int
    seconds: float
    texts: Mapping[str, Any] | None = None


Report = Callable[[Reported], None]


@dataclass(frozen=True)
class Entry:
    """What the gate lets in: names of hosts, origins of pages, keys (none: nobody needs one); `is_local`: only this machine
    reaches the server."""

    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    keys: tuple[str, ...] = ()
    is_local: bool = True

    def is_host(self, given: str) -> bool:
        """Whether a Host header may be right."""
        name = urlsplit(f"//{given}").hostname or ""
        if name == "localhost" or name in self.hosts:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def has_key(self, *given: str | None) -> bool:
        """Whether one of these is a key, or none is needed."""
        found = [one.encode() for one in given if one]
        return not self.keys or any(hmac.compare_digest(one, key.encode()) for one in found for key in self.keys)


def key_in(headers: Headers) -> str | None:
    """The key that a client sends in a header, as OpenAI's, DeepL's and others do."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme in ("Bearer", "DeepL-Auth-Key") else headers.get("x-api-key")


class Gate:
    """An ASGI application around another: refuses, counts, reports."""

    def __init__(
        self,
        app: ASGIApp,
        entry: Entry,
        is_open: Callable[[str], bool],
        refusal: Callable[[str, Refused], Response],
        report: Report,
    ) -> None:
        """`is_open` says of a path whether any page may call it; `refusal` gives a path's answer to a refused request; `report`
        hears of each request."""
        self._app, self._entry, self._is_open, self._refusal, self._report = app, entry, is_open, refusal, report
        self._of: Counter[str] = Counter()
        self._count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, path, began = Headers(scope=scope), scope["path"], time.monotonic()
        origin = headers.get("origin")
        allowed = self._allowed(headers, path)
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if allowed:
                    made = MutableHeaders(scope=message)
                    made["Access-Control-Allow-Origin"] = allowed
                    made.add_vary_header("Origin")
            await send(message)

        client = (scope.get("client") or ("",))[0]
        try:
            if scope["method"] == "OPTIONS" and allowed and "access-control-request-method" in headers:
                await Response(status_code=204, headers=PREFLIGHT)(scope, receive, answer)
            elif (refused := self._refused(headers, origin, allowed, client)) is not None:
                await self._refusal(path, refused)(scope, receive, answer)
            else:
                self._count += 1
                self._of[client] += 1
                try:
                    await self._app(scope, receive, answer)
                finally:
                    self._count -= 1
                    self._of[client] -= 1
        finally:
            texts = scope.get("state", {}).get("texts")
            self._report(Reported(scope["method"], path, status, time.monotonic() - began, texts))

    def _allowed(self, headers: Headers, path: str) -> str | None:
        """The origins that a browser is told may read the answer."""
        origin = headers.get("origin")
        if origin is None:
            return None
        if origin in self._entry.origins:
            return origin
        return "*" if self._entry.is_local and not self._entry.keys and self._is_open(path) else None

    def _refused(self, headers: Headers, origin: str | None, allowed: str | None, client: str) -> Refused | None:
        host = headers.get("host", "")
        if not self._entry.is_host(host):
            return Refused(403, f"host {host!r} is not served here; seqgen serve --allow-host NAME allows a name")
        if origin is not None and not allowed and urlsplit(origin).netloc != host:
            return Refused(403, f"pages of {origin} may not ask this; seqgen serve --allow-origin ORIGIN allows them")
        if self._count >= MOST_AT_ONCE:
            return busy()
        if self._of[client] >= MOST_OF_ONE:
            return Refused(429, f"more than {MOST_OF_ONE} requests of one client at once", 1)
        return None
