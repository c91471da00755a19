"""From a thread that works to the event loop that answers: few wake-ups, however much comes."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Outbox(Generic[Item]):
    """Items from any thread, taken in the loop that made the box."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._items: deque[Item] = deque()
        self._there = asyncio.Event()
        self._told = False

    def put(self, item: Item) -> None:
        """Add an item, and wake whoever waits."""
        self._items.append(item)
        if not self._told:
            self._told = True
            with contextlib.suppress(RuntimeError):  # the loop has ended, and with it whoever waited
                self._loop.call_soon_threadsafe(self._there.set)

    async def take(self, until: float) -> list[Item]:
        """What has come; waits until something has, but not beyond a time of the loop's clock."""
        ends = self._loop.call_at(until, self._there.set)
        try:
            await self._there.wait()
        finally:
            ends.cancel()
        self._there.clear()
        self._told = False
        found = []
        while self._items:
            found.append(self._items.popleft())
        return found
