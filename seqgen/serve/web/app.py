"""The application: every endpoint of every protocol behind the gate; errors in each protocol's own shape, never a traceback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import CancelledError

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp

from seqgen.errors import SeqgenError
from seqgen.serve.protocols.base import Call, Endpoint, Protocol
from seqgen.serve.protocols.table import PROTOCOLS
from seqgen.serve.refused import Refused
from seqgen.serve.service import Service
from seqgen.serve.web.fields import fields_of
from seqgen.serve.web.gate import Entry, Gate, Report, key_in
from seqgen.serve.web.openapi import described

# Seconds between two looks at what is open.
TIDYING = 5
Fault = Callable[[BaseException], None]


def application(service: Service, entry: Entry, report: Report, fault: Fault) -> ASGIApp:
    """The whole server. `report` hears of each request, `fault` of errors that are ours."""
    table = [(protocol, endpoint) for protocol in PROTOCOLS for endpoint in protocol.endpoints]
    routes = [
        Route(endpoint.path, _answer(service, entry, protocol, endpoint, fault), methods=list(endpoint.methods))
        for protocol, endpoint in table
    ]

    async def description(request: Request) -> Response:
        return JSONResponse(described(PROTOCOLS))

    def found(path: str) -> tuple[Protocol, Endpoint] | None:
        scope = {"type": "http", "path": path, "method": "GET", "root_path": ""}
        return next((one for route, one in zip(routes, table, strict=True) if route.matches(scope)[0] is not Match.NONE), None)

    def refusal(path: str, refused: Refused) -> Response:
        known = found(path)
        return _refusal(known[0] if known else _nearest(path), refused)

    async def unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        known = found(request.url.path)
        message = f"no {request.method} {request.url.path} here; /openapi.json lists what there is"
        return _refusal(known[0] if known else _nearest(request.url.path), Refused(error.status_code, message))

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        tidying = asyncio.create_task(_tidy(service))
        yield
        tidying.cancel()
        service.models.close()

    app = Starlette(
        routes=[*routes, Route("/openapi.json", description)],
        exception_handlers={HTTPException: unknown},
        lifespan=lifespan,
    )
    return Gate(app, entry, lambda path: bool((known := found(path)) and known[1].is_open), refusal, report)


def _answer(
    service: Service, entry: Entry, protocol: Protocol, endpoint: Endpoint, fault: Fault
) -> Callable[[Request], Awaitable[Response]]:
    """What answers an endpoint's requests."""

    async def answer(request: Request) -> Response:
        try:
            fields = await fields_of(request, endpoint.most_bytes)
            request.state.texts = fields.shown()
            sent = fields.any("api_key")
            given = key_in(request.headers), sent if isinstance(sent, str) else None
            if not endpoint.needs_no_key and not entry.has_key(*given):
                raise Refused(protocol.keyless, "no key, or a wrong one")
            return await endpoint.answer(Call(request, fields, service))
        except Refused as refused:
            return _refusal(protocol, refused)
        except SeqgenError as error:
            return _refusal(protocol, Refused(400, str(error)))
        except CancelledError:
            return _refusal(protocol, Refused(503, "the request was given up", 1))
        except Exception as error:  # ours: said on stderr, where whoever runs the server sees it
            fault(error)
            return _refusal(protocol, Refused(500, f"internal error: {type(error).__name__}"))

    return answer


async def _tidy(service: Service) -> None:
    """Close what nobody uses, also where nobody asks for anything."""
    while True:
        await asyncio.sleep(TIDYING)
        await to_thread.run_sync(service.models.all)


def _refusal(protocol: Protocol, refused: Refused) -> Response:
    headers = {} if refused.retry_after is None else {"Retry-After": str(refused.retry_after)}
    return JSONResponse(protocol.error(refused.status, refused.message), refused.status, headers=headers)


def _nearest(path: str) -> Protocol:
    """The protocol whose paths begin like a path that is none of them, else the first."""
    head = f"/{path.strip('/').partition('/')[0]}/"
    return next((one for one in PROTOCOLS for endpoint in one.endpoints if f"{endpoint.path}/".startswith(head)), PROTOCOLS[0])
