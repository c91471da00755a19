"""From a thread that works to the event loop that answers: few wake-ups, however much comes."""

from __future__ import annotations

import asyncio
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

    def put(self, item: Item, wake: bool = True) -> None:
        """Add an item; `wake` whoever waits, else it waits for the next one."""
        self._items.append(item)
        if wake and not self._told:
            self._told = True
            try:
                self._loop.call_soon_threadsafe(self._there.set)
            except RuntimeError:  # the loop has ended, and with it whoever waited
                pass

    async def take(self, seconds: float) -> list[Item]:
        """What has come; waits until something has, but no longer than so long."""
        try:
            await asyncio.wait_for(self._there.wait(), seconds)
        except TimeoutError:
            pass
        self._there.clear()
        self._told = False
        found = []
        while self._items:
            found.append(self._items.popleft())
        return found
