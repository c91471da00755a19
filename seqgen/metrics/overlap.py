"""How near translations come to references: BLEU, chrF and TER, all by sacreBLEU (Post 2018), with its signatures.

Scores are percentages. A figure means nothing without the settings that made it: each comes with its signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seqgen.errors import ConfigError

METRICS = ("BLEU", "chrF", "TER")
TOKENIZERS = ("13a", "intl", "char", "zh", "none")


@dataclass(frozen=True)
class Score:
    """One figure: the higher the better, except for TER."""

    metric: str
    value: float
    signature: str


def corpus_scores(
    hypotheses: Sequence[str],
    references: Sequence[str],
    *,
    metrics: Sequence[str] = METRICS,
    lowercase: bool = False,
    tokenize: str = "13a",
) -> list[Score]:
    """Scores of a whole text, not the mean over its lines. Raises ConfigError for an unknown tokenizer."""
    found = []
    for name, metric in _metrics(metrics, lowercase, tokenize):
        result = metric.corpus_score(list(hypotheses), [list(references)])
        found.append(Score(name, float(result.score), str(metric.get_signature())))
    return found


def line_scores(
    hypotheses: Sequence[str], references: Sequence[str], *, lowercase: bool = False, tokenize: str = "13a"
) -> list[dict[str, float]]:
    """Scores of each line by itself; BLEU of a line with smoothing and as many n-grams as the line has."""
    metrics = _metrics(METRICS, lowercase, tokenize, sentences=True)
    return [
        {name: float(metric.sentence_score(hypothesis, [reference]).score) for name, metric in metrics}
        for hypothesis, reference in zip(hypotheses, references, strict=True)
    ]


def _metrics(names: Sequence[str], lowercase: bool, tokenize: str, sentences: bool = False) -> list[tuple[str, Any]]:
    """The metrics, in the order in which they were named."""
    if tokenize not in TOKENIZERS:
        raise ConfigError(f"--tokenize: expected one of {', '.join(TOKENIZERS)}, found {tokenize!r}")
    import sacrebleu

    made: dict[str, Any] = {
        "BLEU": lambda: sacrebleu.BLEU(lowercase=lowercase, tokenize=tokenize, effective_order=sentences),
        "chrF": lambda: sacrebleu.CHRF(lowercase=lowercase),
        "TER": lambda: sacrebleu.TER(case_sensitive=not lowercase),
    }
    return [(name, made[name]()) for name in names]
