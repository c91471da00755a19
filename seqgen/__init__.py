"""seqgen: train a small sequence model on your own text or sentence pairs, then generate and translate in the shell.

The Python API is what __all__ lists; everything else may change between versions.

    import seqgen
    run = seqgen.train("corpus.txt", minutes=2)
    run = seqgen.open_run("checkpoints/corpus")
    text = "".join(run.generate("Once upon", length=200))
    scores = run.evaluate("other text")
    lines = seqgen.train("pairs.tsv", minutes=10).translate(["A line."])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqgen.api import Model, evaluate, generate, open_run, train, translate

__version__ = "0.4.0"
__all__ = ["Model", "__version__", "evaluate", "generate", "open_run", "train", "translate"]


def __getattr__(name: str) -> Any:
    """Load the API on first use: `import seqgen` alone costs nothing."""
    if name in __all__:
        from seqgen import api

        return getattr(api, name)
    raise AttributeError(f"module 'seqgen' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The names of the API."""
    return list(__all__)
