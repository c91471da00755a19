"""How near translations come to references: BLEU, chrF and TER, all by sacreBLEU (Post 2018), with its signatures.

Scores are percentages. A figure means nothing without the settings that made it: each comes with its signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seqgen.errors import ConfigError
from seqgen.metrics.script import CHINESE, JAPANESE, KOREAN, UNSPACED

METRICS = ("BLEU", "chrF", "TER")
DEFAULT = "13a"
TOKENIZERS = (DEFAULT, "intl", "char", "zh", "ja-mecab", "ko-mecab", "none")
# Tokenizers that need packages of their own, and the name under which pip installs these with sacreBLEU.
EXTRAS = {"ja-mecab": "sacrebleu[ja]", "ko-mecab": "sacrebleu[ko]"}
# Words of the longest line that TER looks at: the time that it takes to try moving words grows with the cube of them.
TER_WORDS = 250
# What fits a script; for any other the default.
_FITTING = {CHINESE: "zh", JAPANESE: "ja-mecab", KOREAN: "ko-mecab", UNSPACED: "char"}


@dataclass(frozen=True)
class Score:
    """One figure: the higher the better, except for TER, which leaves out lines that are too long for it."""

    metric: str
    value: float
    signature: str
    left_out: int = 0


def corpus_scores(
    hypotheses: Sequence[str],
    references: Sequence[str],
    *,
    metrics: Sequence[str] = METRICS,
    lowercase: bool = False,
    tokenize: str = DEFAULT,
    ideographs: bool = False,
) -> list[Score]:
    """Scores of a whole text, not the mean over its lines; `tokenize` is of BLEU, `ideographs` has TER take each for a word.

    TER is missing where all lines are too long. Raises ConfigError for a tokenizer that is unknown or not installed.
    """
    found = []
    lines = list(zip(hypotheses, references, strict=True))
    for name, metric in _metrics(metrics, lowercase, tokenize, ideographs):
        kept = lines if name != "TER" else [line for line in lines if _fits_ter(line, ideographs)]
        if kept or not lines:
            result = metric.corpus_score([line[0] for line in kept], [[line[1] for line in kept]])
            found.append(Score(name, float(result.score), str(metric.get_signature()), len(lines) - len(kept)))
    return found


def line_scores(
    hypotheses: Sequence[str],
    references: Sequence[str],
    *,
    lowercase: bool = False,
    tokenize: str = DEFAULT,
    ideographs: bool = False,
) -> list[dict[str, float | None]]:
    """Scores of each line by itself; BLEU of a line with smoothing and as many n-grams as the line has.

    TER is None for a line that is too long for it.
    """
    metrics = _metrics(METRICS, lowercase, tokenize, ideographs, sentences=True)
    return [
        {
            name: float(metric.sentence_score(line[0], [line[1]]).score)
            if name != "TER" or _fits_ter(line, ideographs)
            else None
            for name, metric in metrics
        }
        for line in zip(hypotheses, references, strict=True)
    ]


def _fits_ter(line: tuple[str, str], ideographs: bool) -> bool:
    """Whether neither side has too many words for TER; an ideograph is one."""
    return max(len(side) if ideographs else len(side.split()) for side in line) <= TER_WORDS


def fitting_tokenizer(script: str) -> tuple[str, str | None]:
    """The tokenizer of BLEU for texts in a script, and a note about it where it is not the default.

    13a finds words by spaces: without these a sentence is one word, and BLEU is 0 however good the translation. What needs
    packages that are not installed here is replaced by "char", which compares characters.
    """
    wanted = _FITTING.get(script, DEFAULT)
    if wanted == DEFAULT:
        return DEFAULT, None
    if wanted not in EXTRAS or is_installed(wanted):
        return wanted, f"the targets are in {script}: BLEU's tokenizer is {wanted}"
    return "char", f"the targets are in {script}: BLEU's tokenizer is char; {wanted} needs pip install '{EXTRAS[wanted]}'"


def is_installed(tokenize: str) -> bool:
    """Whether a tokenizer of sacreBLEU can be made here."""
    import sacrebleu

    try:
        sacrebleu.BLEU(tokenize=tokenize)
    # Packages or dictionaries are missing (RuntimeError), or others than sacreBLEU expects (AssertionError, ...).
    except Exception:
        return False
    return True


def check_tokenizer(tokenize: str, otherwise: str = "") -> None:
    """Raise ConfigError for a tokenizer that is unknown, or needs packages that are not installed; then `otherwise` ends
    the hint."""
    if tokenize not in TOKENIZERS:
        raise ConfigError(f"--tokenize: expected one of {', '.join(TOKENIZERS)}, found {tokenize!r}")
    if tokenize in EXTRAS and not is_installed(tokenize):
        raise ConfigError(f"BLEU's tokenizer {tokenize} is not installed here", f"pip install '{EXTRAS[tokenize]}'{otherwise}")


def _metrics(
    names: Sequence[str], lowercase: bool, tokenize: str, ideographs: bool, sentences: bool = False
) -> list[tuple[str, Any]]:
    """The metrics, in the order in which they were named."""
    check_tokenizer(tokenize)
    import sacrebleu

    made: dict[str, Any] = {
        "BLEU": lambda: sacrebleu.BLEU(lowercase=lowercase, tokenize=tokenize, effective_order=sentences),
        "chrF": lambda: sacrebleu.CHRF(lowercase=lowercase),
        # Its support of ideographs is a part of its normalisation.
        "TER": lambda: sacrebleu.TER(case_sensitive=not lowercase, normalized=ideographs, asian_support=ideographs),
    }
    return [(name, made[name]()) for name in names]
