"""What `seqgen check` says of the training to come: how much there is, and about how much time and memory it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqgen.draw.human import count, duration, plural, size

# Target tokens, and symbols of a text, that are learnt a second on two cores, as plans of five minutes and more have them in
# benchmarks/RESULTS.md; another machine differs.
TOKENS, CHARACTERS = 9_000, 30_000
PASSES = 10
# Letters of a token of 4,000 pieces, about; where a letter is a syllable or a word, fewer.
LETTERS, SYLLABLES = 4.0, 1.6
# torch and the libraries around it, and what a character of a corpus takes while it is read (bytes).
BASE, A_CHARACTER = 600_000_000, 8
# How much is enough: pairs and characters, and what to expect below. Nothing is foretold above.
ENOUGH = {
    "pairs": ((1_000, "sentences are learnt by heart at best"), (10_000, "enough for texts that all are of one kind"),
              (100_000, "enough for texts of a few kinds (Multi30k, captions of photographs, has 29,000)")),
    "text": ((100_000, "words at best; a model that counts (--arch markov) gets most out of it"),
             (1_000_000, "enough for a style (the works of Shakespeare that are often used have 1.1 M)")),
}  # fmt: skip
PLENTY = "plenty for a model of the size that is planned here"


def expected(report: Mapping[str, Any], train: str) -> list[str]:
    """Sentences: how much of it there is, time and memory, and what to do next: the command `train`."""
    if report["kind"] == "text":
        characters = report["sides"]["text"]["characters"]
        much, passes = f"{count(characters)} characters", characters * PASSES / CHARACTERS
        memory = BASE + A_CHARACTER * characters
        enough = next((said for limit, said in ENOUGH["text"] if characters < limit), PLENTY)
    else:
        sides = report["sides"]
        characters = sum(side["characters"] for side in sides.values())
        tokens = _tokens(sides["target"])
        much, passes = plural(report["clean"], "clean pair"), tokens * PASSES / TOKENS
        memory = BASE + A_CHARACTER * characters + _network(report, tokens)
        enough = next((said for limit, said in ENOUGH["pairs"] if report["clean"] < limit), PLENTY)
    return [
        f"How much: {much}: {enough}.",
        f"Time: about {duration(passes)} for ten passes on two cores; train takes the minutes that it is given.",
        f"Memory: about {size(memory)}.",
        f"Next: {train} --dry-run (measures this machine, shows the plan)",
    ]


def _tokens(side: Mapping[str, Any]) -> float:
    """About how many tokens a side has."""
    letters = {"Hangul", "Chinese characters", "Japanese letters"}
    share: float = sum(part for name, part in side["scripts"].items() if name in letters)
    return float(side["characters"]) * (share / SYLLABLES + (1 - share) / LETTERS)


def _network(report: Mapping[str, Any], tokens: float) -> int:
    """About how many bytes the network that is planned takes while it is trained."""
    from seqgen.families.base import Facts
    from seqgen.families.transformer import TRANSFORMER
    from seqgen.training.merge import begun
    from seqgen.training.translation.material import planned_size

    facts = Facts(int(tokens), planned_size(["".join(map(chr, range(report["sides"]["target"]["alphabet"])))], report["clean"]))
    network = TRANSFORMER.network
    assert network is not None
    config = network.begin(begun({}, "translation"), facts)
    return network.memory(network.sized(network.default(config, facts), facts, float(PASSES)), facts)
