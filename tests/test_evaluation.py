"""Scores are numbers, or an error."""

from __future__ import annotations

import numpy as np
import pytest

from seqgen.errors import EngineError
from seqgen.evaluation import score_pairs


class Damaged:
    """A translator whose weights are finite and whose products are not."""

    def score(self, sources: list[np.ndarray], targets: list[np.ndarray]) -> list[np.ndarray]:
        return [np.array([-1.0, np.nan], dtype=np.float32) for _ in sources]


def test_what_is_no_number_is_an_error_not_a_score() -> None:
    ids = [np.array([1, 2], dtype=np.int32)]
    with pytest.raises(EngineError, match="not numbers"):
        score_pairs(Damaged(), ids, ids)  # type: ignore[arg-type]
    assert score_pairs(Damaged(), [np.zeros(5_000, dtype=np.int32)], ids) == [None]  # type: ignore[arg-type]
