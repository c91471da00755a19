"""A request that is not answered: why, in words and as a status of HTTP (RFC 9110, section 15)."""

from __future__ import annotations


class Refused(Exception):
    """`retry_after` are seconds after which the same request may be answered."""

    def __init__(self, status: int, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.retry_after = status, message, retry_after


def busy(retry_after: int = 2) -> Refused:
    """Too much is waiting already."""
    return Refused(503, "too many requests are waiting; try again later", retry_after)
