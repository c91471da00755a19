"""Strings that may not be written, whatever the symbols are that would write them.

All is done in UTF-8, where a string stands in a text exactly if its bytes stand in those of the text (RFC 3629, section 1): so
symbols may be characters, bytes or pieces.

Shape legend: N rows, V vocabulary, T ids of history.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqgen.decode.rules.base import Rule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.decode.rules.base import History, Logits, Rows


# Behind these a line begins: BREAKS of tokenizers/base.py, which would load NumPy.
MARKS = (b"\n", b"\x1e", b"\x1f")


def banned(strings: Sequence[str], spellings: Sequence[bytes], before: str = "", first: Sequence[bytes] | None = None) -> Rule:
    """Never a symbol that completes one of these strings, be it begun in what was written or in the prompt `before`.

    `spellings` are the bytes that each id writes, and `first` those where a line begins, if they are others: as
    Tokenizer.spellings and first_spellings give them.
    """
    import numpy as np

    encoded = [string.encode("utf-8", "surrogatepass") for string in strings]
    elsewhere = _Endings(encoded, spellings)
    starting = elsewhere if first is None or first == spellings else _Endings(encoded, first)
    longest = elsewhere.longest
    tails: list[bytes] = []

    def table(tail: bytes) -> _Endings:
        return starting if not tail or tail[-1:] in MARKS else elsewhere

    def apply(logits: Logits, history: History) -> Logits:
        if len(tails) != len(logits):
            tails[:] = [before.encode("utf-8", "surrogatepass")[-longest:]] * len(logits)
        else:
            last = history[:, -1].tolist()
            tails[:] = [(tail + table(tail).spellings[id_])[-longest:] for tail, id_ in zip(tails, last, strict=True)]
        for row, tail in enumerate(tails):
            for ids in table(tail).completing(tail):
                logits[row, ids] = -np.inf
        return logits

    def reorder(rows: Rows) -> None:
        tails[:] = [tails[row] for row in rows] if tails else []

    return Rule(apply, window=1, reorder=reorder, name="ban", bans=True)


class _Endings:
    """Which symbols complete a string, by what was written last."""

    def __init__(self, strings: Sequence[bytes], spellings: Sequence[bytes]) -> None:
        import numpy as np

        self.spellings = spellings
        # The ids that hold a string whole.
        self.whole = np.array([id_ for id_, spelt in enumerate(spellings) if any(s in spelt for s in strings)], dtype=np.intp)
        # What was written of a string -> what is missing.
        self._missing: dict[bytes, set[bytes]] = {}
        for string in strings:
            for cut in range(1, len(string)):
                self._missing.setdefault(string[:cut], set()).add(string[cut:])
        self._lengths = sorted({len(begun) for begun in self._missing})
        self.longest = max(self._lengths, default=1)
        self._found: dict[bytes, NDArray[np.intp]] = {}

    def completing(self, tail: bytes) -> list[NDArray[np.intp]]:
        """The ids that may not follow."""
        begun = [tail[-length:] for length in self._lengths if length <= len(tail)]
        return [self.whole, *(self._ids(one) for one in begun if one in self._missing)]

    def _ids(self, begun: bytes) -> NDArray[np.intp]:
        import numpy as np

        if begun not in self._found:
            missing = tuple(self._missing[begun])
            ids = [id_ for id_, spelt in enumerate(self.spellings) if spelt.startswith(missing)]
            self._found[begun] = np.array(ids, dtype=np.intp)
        return self._found[begun]
