"""The fields of a request, from wherever a client puts them: the address, a form, JSON; and checked as they are taken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qs

from python_multipart.exceptions import FormParserError as MultipartParseError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from seqgen.serve.refused import Refused

N = TypeVar("N", int, float)
# Until a request has come as a whole.
MOST_SECONDS = 60
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off", "")


class Fields:
    """Name -> value, or a list of values where a name stands several times. Each taker raises Refused for what does not fit."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)
        self.taken: set[str] = set()

    @property
    def names(self) -> set[str]:
        """All that were given."""
        return set(self._values)

    def shown(self) -> dict[str, Any]:
        """What may stand in a log: no key, and of a file its name."""
        given = {name: value for name, value in self._values.items() if name != "api_key"}
        return {name: value.filename if isinstance(value, UploadFile) else value for name, value in given.items()}

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def any(self, name: str) -> Any:
        """The value as it is; None where there is none."""
        self.taken.add(name)
        return self._values.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        """One text."""
        value = self.any(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise _expected(name, "a text", value)
        return value

    def optional(self, name: str) -> str | None:
        """One text, or none."""
        return self.text(name) if name in self else None

    def texts(self, name: str, default: Sequence[str] | None = None) -> list[str]:
        """One text or several."""
        value = self.any(name)
        if value is None and default is not None:
            return list(default)
        found = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in found):
            raise _expected(name, "a text, or a list of texts", value)
        return found

    def number(self, name: str, default: N) -> N:
        """A number of the default's kind; forms hold it as a text."""
        value, kind = self.any(name), type(default)
        if value is None:
            return default
        try:
            if isinstance(value, bool) or (isinstance(value, float) and kind is int and value != int(value)):
                raise ValueError
            return kind(value)
        except (TypeError, ValueError, OverflowError):
            raise _expected(name, "a whole number" if kind is int else "a number", value) from None

    def flag(self, name: str, default: bool = False) -> bool:
        """Yes or no."""
        value = self.any(name)
        if value is None or isinstance(value, bool):
            return bool(default if value is None else value)
        if str(value).lower() in (*_TRUE, *_FALSE):
            return str(value).lower() in _TRUE
        raise _expected(name, "true or false", value)

    def file(self, name: str) -> UploadFile:
        """An uploaded file."""
        value = self.any(name)
        if not isinstance(value, UploadFile):
            raise Refused(400, f"{name}: expected a file, sent as multipart/form-data")
        return value


async def fields_of(request: Request, most: int) -> Fields:
    """All fields of a request; those of the body stand before those of the address. Raises Refused for a body of more than
    `most` bytes, or one that cannot be read."""
    found: dict[str, Any] = {name: _one(request.query_params.getlist(name)) for name in request.query_params}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await _body(request, most)
    if kind == "multipart/form-data":
        return Fields({**found, **await _multipart(request, body)})
    if not body.strip():
        return Fields(found)
    # curl calls everything a form, also the JSON that it was given.
    if kind == "application/x-www-form-urlencoded" and not body.lstrip().startswith(b"{"):
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        return Fields({**found, **{name: _one(values) for name, values in form.items()}})
    try:
        values = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the body is no JSON: {error}") from None
    if not isinstance(values, dict):
        raise Refused(400, f"expected a JSON object, found {type(values).__name__}")
    return Fields({**found, **values})


async def _body(request: Request, most: int) -> bytes:
    """What was sent, of a bounded size: it is counted while it comes."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > most:
        raise _too_large(most)
    parts, size = [], 0
    try:
        async with asyncio.timeout(MOST_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise _too_large(most)
                parts.append(part)
    except TimeoutError:
        raise Refused(408, f"the request did not come within {MOST_SECONDS} s") from None
    except ClientDisconnect:
        raise Refused(400, "the request was cut off") from None
    return b"".join(parts)


async def _multipart(request: Request, body: bytes) -> dict[str, Any]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await MultiPartParser(request.headers, stream(), max_files=1, max_part_size=len(body) + 1).parse()
    except (MultiPartException, MultipartParseError, KeyError, ValueError) as error:
        raise Refused(400, f"the form cannot be read: {error}") from None
    return {name: _one(form.getlist(name)) for name in form}


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _too_large(most: int) -> Refused:
    return Refused(413, f"the request has more than {most:,} bytes")


def _expected(name: str, what: str, found: object) -> Refused:
    shown = "nothing" if found is None else json.dumps(found, ensure_ascii=False, default=str)
    return Refused(400, f"{name}: expected {what}, found {shown if len(shown) <= 100 else shown[:97] + '...'}")
