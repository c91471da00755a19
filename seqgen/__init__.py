"""seqgen: train a small sequence model on your own text or sentence pairs, then generate and translate in the shell.

The Python API is these five functions; everything else may change between versions.

    import seqgen
    run = seqgen.train("corpus.txt", minutes=2)
    run = seqgen.open_run("checkpoints/corpus")
    text = "".join(seqgen.generate(run, "Once upon", length=200))
    scores = seqgen.evaluate(run, "other text")
    lines = seqgen.translate(seqgen.train("pairs.tsv", minutes=10), ["A line."])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqgen.api import evaluate, generate, open_run, train, translate

__version__ = "0.3.0"
__all__ = ["__version__", "evaluate", "generate", "open_run", "train", "translate"]


def __getattr__(name: str) -> Any:
    """Load the API on first use: `import seqgen` alone costs nothing."""
    if name in __all__:
        from seqgen import api

        return getattr(api, name)
    raise AttributeError(f"module 'seqgen' has no attribute {name!r}")
