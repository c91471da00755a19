"""What --show-choices of `generate` and `translate` writes: for people a few lines a step, for programs a record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from seqgen.config import PIECES
from seqgen.console import Console
from seqgen.decode.ranges import option_name
from seqgen.decode.rules import RULES
from seqgen.draw.cells import clusters, label, padded, shown, wrapped
from seqgen.tokenizers.base import REPLACEMENT, SENTINELS

if TYPE_CHECKING:
    from seqgen.decode.choices import Candidate, Choice, Choices
    from seqgen.generation import GenerateOptions
    from seqgen.tokenizers.base import Tokenizer

# Steps that people are shown: more nobody reads.
SHOWN = 200
MOST_CANDIDATES = 1_000
# Rules that have an option without being declared among the settings.
BANS = ("ban", "logit_bias", "no_copy")
WIDTH = 80
# Cells of the columns: the symbol, the two probabilities.
NAME, MODEL, DRAWN = 34, 10, 13


def watch_of(options: GenerateOptions, most: int, everything: bool) -> Choices:
    """An observer of the samples that the options ask for: of the first steps, unless `everything` is wanted."""
    from seqgen.decode.choices import Choices

    return Choices(most) if everything else Choices(most, max(1, SHOWN // options.num_samples), SHOWN)


def note_choices(console: Console, tokenizer: Tokenizer, options: GenerateOptions, prompt: str, found: Choices) -> None:
    """Say what stood to choose while samples were written."""
    from seqgen.tokenizers.certain import Beginning

    if not found.found:
        return
    begin = Beginning.of(tokenizer, prompt)
    before = tokenizer.decode(begin.ids) if begin.taken_back else prompt
    lines = [*wrapped(_legend(options, found.most, len(tokenizer)), WIDTH)]
    columns = ("model", "after rules" if options.greedy else "drawn from")
    for sample, choices in sorted(found.found.items()):
        if options.num_samples > 1:
            lines.append(f"sample {sample + 1} of {options.num_samples}")
        lines += choice_lines(tokenizer, choices, before, columns, begun=begin.ids[-1:].tolist())
    if found.is_cut:
        which = f"of each of the first {len(found.found)} samples" if options.num_samples > 1 else "of this text"
        lines.append(f"shown: the first {found.steps} steps {which}; --json has all")
    console.note("\n".join(lines))


def _legend(options: GenerateOptions, most: int, size: int) -> str:
    """What the columns mean, and which rules are in force."""
    rules = [row for row in RULES if row.make and row.option and options.rules[row.name] != row.off]
    rules = [row for row in rules if not (options.greedy and row.draws)]
    named = ", ".join(f"{row.option_name} {options.rules[row.name]:g}" for row in rules)
    begin = f'choices: at each step the {min(most, size)} likeliest of {size:,} symbols. "model" is what the model says'
    after = f"what {named} made of it" if named else "the same without what is never written, as no rule is in force"
    if options.greedy:
        return f'{begin}, "after rules" {after}; > was taken: --greedy always takes the largest.'
    return f'{begin}, "drawn from" {after}; > was drawn.'


def choice_lines(
    tokenizer: Tokenizer,
    choices: Sequence[Choice],
    before: str,
    columns: Sequence[str],
    first: int = 1,
    begun: Sequence[int] = (),
) -> Iterator[str]:
    """The lines of choices, one after another, each headed by its number and what is written `before` it; the first column is
    the model's probability, the second, where there is one, that which was drawn from. `begun` are the last ids of it."""
    decoder = tokenizer.decoder()
    for id_ in begun:
        decoder.push(id_)
    for number, choice in enumerate(choices, first):
        place = f"{number:>4}  after {_end(before, NAME - 15)}" if before else f"{number:>4}  at the beginning"
        heads = "".join(padded(name, width, right=True) for name, width in zip(columns, (MODEL, DRAWN), strict=False))
        yield padded(place, NAME) + heads + ("  given, not chosen" if choice.given else "")
        for candidate in choice.candidates:
            is_taken = candidate.id == choice.taken
            # Of one that is not among the likeliest, where it stands.
            last = f"  rank {choice.rank:,}" if is_taken and choice.rank > len(choice.candidates) else ""
            yield _row(name_of(tokenizer, candidate.id), candidate, len(columns) > 1, is_taken) + last
        if choice.others.id:
            yield _row(f"{choice.others.id:,} others", choice.others, len(columns) > 1, False)
        before += decoder.push(choice.taken)


def _row(name: str, candidate: Candidate, two: bool, is_taken: bool) -> str:
    """One candidate."""
    text = padded(f"    {'>' if is_taken else ' '} {name}", NAME) + padded(_percent(candidate.p), MODEL, right=True)
    if not two:
        return text
    removed = candidate.removed_by
    if removed is None:
        return text + padded(_percent(candidate.drawn_from or 0.0), DRAWN, right=True)
    named = removed in {*BANS, *(row.name for row in RULES)}
    others = {"prompt": "does not go on as the prompt"}
    by = f"by {option_name(removed)}" if named else others.get(removed, "never written")
    return f"{text}{padded('removed', DRAWN, right=True)}  {by}"


def name_of(tokenizer: Tokenizer, id_: int) -> str:
    """A symbol in one line: white space visible, a part of a character as the byte that it is."""
    text = "" if tokenizer.kind in PIECES else tokenizer.decode([id_])
    return "".join(clusters(label(text if len(text) == 1 and text != REPLACEMENT else tokenizer.symbol(id_))))


def spelt(text: str) -> str:
    """A text in which placeholders have the names of their symbols."""
    return text.translate({ord(sentinel): f"<placeholder{number}>" for number, sentinel in enumerate(SENTINELS)})


def _end(text: str, width: int) -> str:
    """The end of a text in quotes, in at most `width` cells."""
    from rich.cells import cell_len

    text = spelt(text)
    characters = clusters(shown(text[-width:]))
    is_cut = len(text) > width
    while cell_len("".join(characters)) > width - 2 - is_cut:
        characters.pop(0)
        is_cut = True
    return f'"{"…" * is_cut}{"".join(characters)}"'


def _percent(p: float) -> str:
    """A probability in percent: only what is certain is 100, and only what cannot be is 0."""
    if 0 < p < 0.0005:
        return "< 0.1 %"
    return "> 99.9 %" if 0.9995 <= p < 1 else f"{100 * p:.1f} %"


def records_of(tokenizer: Tokenizer, choices: Sequence[Choice], name: str = "drawn") -> list[dict[str, Any]]:
    """For a program: of each step the id that was taken, under `name`, its rank, and the candidates."""
    return [
        {
            name: choice.taken,
            "rank": choice.rank,
            **({"given": True} if choice.given else {}),
            "candidates": [_candidate_record(tokenizer, candidate) for candidate in choice.candidates],
        }
        for choice in choices
    ]


def _candidate_record(tokenizer: Tokenizer, candidate: Candidate) -> dict[str, Any]:
    """Without rules there is only one probability."""
    record: dict[str, Any] = {"id": candidate.id, "symbol": tokenizer.symbol(candidate.id), "p": candidate.p}
    if candidate.drawn_from is not None:
        record["drawn_from"] = candidate.drawn_from
    if candidate.removed_by is not None:
        record["removed_by"] = candidate.removed_by
    return record
