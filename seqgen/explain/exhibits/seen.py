"""What a look inside a model takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seqgen.draw.panels import Exhibit

Record = dict[str, Any]
# What to draw, and the numbers of it for a program.
Seen = tuple[Exhibit, Record]
# Called with what a user should know, and with the share of the work done.
Note = Callable[[str], None]
Tell = Callable[[float], None]
