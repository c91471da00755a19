"""Notes about lines: the first of a kind at once, all of them summed up at the end."""

from __future__ import annotations

import io

import pytest

from seqgen.commands.summed import NAMED, Kind, LineNotes
from seqgen.console import Console
from seqgen.errors import CorpusError
from seqgen.streams import ClosedPipeError

CUT, LOST = Kind("the translation was cut"), Kind("something is lost", names_all=True)


def console(quiet: bool = False) -> Console:
    return Console(io.StringIO(), io.StringIO(), quiet=quiet)


def told(where: Console) -> list[str]:
    """The lines on stderr so far."""
    assert isinstance(where.err, io.StringIO)
    return where.err.getvalue().splitlines()


def test_one_note_stands_alone_and_at_once() -> None:
    to = console()
    with LineNotes(to) as notes:
        notes.passed = 3
        assert notes.add(CUT, "a.txt", 1200, "the translation was cut at 9 tokens") == "the translation was cut at 9 tokens"
        assert told(to) == ["a.txt:1200: the translation was cut at 9 tokens"]
    assert len(told(to)) == 1


@pytest.mark.parametrize("count", [2, NAMED, NAMED + 1, 5_000])
def test_many_are_summed_up_each_kind_by_itself(count: int) -> None:
    to = console()
    with LineNotes(to) as notes:
        notes.passed = 10_000
        for place in range(1, count + 1):
            notes.add(CUT, "stdin", place)
            notes.add(LOST, "stdin", 2 * place)
        assert told(to) == ["stdin:1: the translation was cut", "stdin:2: something is lost"]
    cut, lost = told(to)[2:]
    assert cut.startswith(f"{count:,} of 10,000 lines: the translation was cut (lines 1, 2")
    assert cut.endswith(", ...)") == (count > NAMED) and cut.count(", ") < NAMED + 1
    assert lost.endswith(f"{2 * count:,})"), "what is an error names every line"


def test_places_of_several_files_have_their_names() -> None:
    to = console()
    with LineNotes(to) as notes:
        notes.passed = 9
        for stream, place in (("a.txt", 2), ("a.txt", 4), ("b.txt", 1)):
            notes.add(CUT, stream, place)
    assert told(to)[-1] == "3 of 9 lines: the translation was cut (a.txt: lines 2, 4; b.txt: lines 1)"


def test_pairs_and_prompts_are_called_so_and_one_of_one_has_no_number() -> None:
    to = console()
    with LineNotes(to, "pair") as notes:
        notes.passed = 2
        notes.add(CUT, "", 1)
        notes.add(CUT, "", 2)
        notes.add(LOST, "", 0)
    assert told(to) == [
        "pair 1: the translation was cut", "something is lost", "2 of 2 pairs: the translation was cut (pairs 1, 2)"
    ]  # fmt: skip


@pytest.mark.parametrize(("end", "is_summed_up"), [(KeyboardInterrupt, True), (CorpusError, True), (ClosedPipeError, False)])
def test_whatever_ends_it(end: type[BaseException], is_summed_up: bool) -> None:
    to = console()
    with pytest.raises(end), LineNotes(to) as notes:
        notes.add(CUT, "stdin", 1)
        notes.add(CUT, "stdin", 3)
        notes.passed = 3
        raise end("x")
    assert (told(to)[-1] == "2 of 3 lines: the translation was cut (lines 1, 3)") == is_summed_up
    assert len(told(to)) == 1 + is_summed_up


def test_quiet_says_nothing() -> None:
    to = console(quiet=True)
    with LineNotes(to) as notes:
        notes.add(CUT, "stdin", 1)
        notes.add(CUT, "stdin", 2)
    assert not told(to)
