"""Many small maps as one: side by side with a gap between them, and made smaller where there is no room.

Shape legend: M, N rows and columns of maps; R rows, C columns of each.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def tiled(values: Array) -> Array:
    """Maps [M, N, R, C] as one map [M R + M - 1, N C + N - 1], with an empty (NaN) row or column between neighbours."""
    many, across, rows, columns = values.shape
    room = np.full((many, across, rows + 1, columns + 1), np.nan)
    room[:, :, :rows, :columns] = values
    whole = room.transpose(0, 2, 1, 3).reshape(many * (rows + 1), across * (columns + 1))  # [M, R + 1, N, C + 1]
    return whole[: max(0, len(whole) - 1), : max(0, whole.shape[1] - 1)]


def fitted(values: Array, most: int) -> tuple[Array, int]:
    """Maps of at most `most` columns, and how many cells, down and across, each cell is the largest of."""
    columns = values.shape[-1]
    factor = max(1, -(-columns // max(1, most)))
    return (values, 1) if factor == 1 else (_pooled(values, factor), factor)


def _pooled(values: Array, factor: int) -> Array:
    """The largest number of each square of cells, NaN where it has none."""
    many, across, rows, columns = values.shape
    down, right = -(-rows // factor), -(-columns // factor)
    room = np.full((many, across, down * factor, right * factor), np.nan)
    room[:, :, :rows, :columns] = values
    squares = room.reshape(many, across, down, factor, right, factor)
    pooled: Array = np.fmax.reduce(np.fmax.reduce(squares, axis=5), axis=3)
    return pooled
