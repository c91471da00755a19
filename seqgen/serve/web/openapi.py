"""What the server offers, in OpenAPI 3.1: made from the endpoints themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from seqgen import __version__
from seqgen.serve.protocols.base import Endpoint, Protocol

BODIES, FILES = ("application/json", "application/x-www-form-urlencoded"), ("multipart/form-data",)


def described(protocols: Sequence[Protocol]) -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, Any] = {}
    for protocol in protocols:
        for endpoint in protocol.endpoints:
            paths[endpoint.path] = {method.lower(): _operation(protocol, endpoint, method) for method in endpoint.methods}
    return {"openapi": "3.1.0", "info": {"title": "seqgen", "version": __version__}, "paths": paths}


def _operation(protocol: Protocol, endpoint: Endpoint, method: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "tags": [protocol.name],
        "summary": endpoint.summary,
        "responses": {"200": {"description": "Done."}, "default": {"description": "Refused, and why."}},
    }
    inside = [_parameter(name, "path", "") for name in re.findall(r"{(\w+)}", endpoint.path)]
    if method == "GET":
        inside += [_parameter(name, "query", told) for name, told in endpoint.taken.items()]
    elif endpoint.taken:
        schema = {"type": "object", "properties": {name: {"description": told} for name, told in endpoint.taken.items()}}
        kinds = FILES if "file" in endpoint.taken else BODIES
        made["requestBody"] = {"content": {kind: {"schema": schema} for kind in kinds}}
    return {**made, "parameters": inside} if inside else made


def _parameter(name: str, place: str, told: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}, "description": told}
