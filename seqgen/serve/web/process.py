"""The server's process: a socket, uvicorn, and how it ends. SIGTERM drains: what was asked is answered first, for some seconds.
SIGINT stops within one. A second signal ends at once."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from seqgen.errors import EXIT_INTERRUPTED, ConfigError
from seqgen.interrupts import leave

# Seconds that requests may take to end after SIGTERM, and after SIGINT.
DRAIN, STOP = 30, 1
# Seconds that a model's thread may keep the interpreter from the one that answers; Python's 5 ms would add up in each request.
SWITCH = 0.0005


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises ConfigError where the address cannot be used."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # With its protocol named, so that asyncio knows it for TCP and lets no small packet wait (TCP_NODELAY).
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(2_048)
    except (OSError, UnicodeError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"{host}:{port}: cannot be listened on: {reason}"
        raise ConfigError(message, "name another --port, or 0 for any that is free") from None
    return made


def run(app: ASGIApp, listening: socket.socket, ready: Callable[[], None]) -> int:
    """Serve until a signal comes; the exit code."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="on", ws="none", timeout_keep_alive=60,
        h11_max_incomplete_event_size=65_536, server_header=False, proxy_headers=False,
    )  # fmt: skip
    sys.setswitchinterval(SWITCH)
    server = _Server(config, ready)
    server.run(sockets=[listening])
    return EXIT_INTERRUPTED if server.signalled == signal.SIGINT else 0


class _Server(uvicorn.Server):
    """uvicorn's, which says when it is ready and ends as our commands do."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self.signalled: int | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT end the server; the handlers that were there come back."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal ends the server when its requests have, the second one now."""
        if self.signalled is not None:
            leave() if sig == signal.SIGINT else os._exit(0)
        self.signalled = sig
        self.config.timeout_graceful_shutdown = STOP if sig == signal.SIGINT else DRAIN
        self.should_exit = True
