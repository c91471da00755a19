"""Requests that share a translation model: nobody waits for a large one, nothing depends on what is beside it, and what nobody
waits for is given up."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

import pytest

from seqgen.opening import open_lines
from seqgen.run import Run
from seqgen.serve.models import Given, Models
from seqgen.serve.refused import Refused
from seqgen.serve.work.translating import MOST_WAITING, Asked, Translating
from seqgen.translation.lines import LineTranslator, Translated


@pytest.fixture(scope="module")
def lines(translation_run: Path) -> LineTranslator:
    return open_lines(Run(translation_run), {}, threads=2)


def rows(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(str(rng.randrange(10)) for _ in range(rng.randrange(1, 9))) for _ in range(count)]


def test_each_request_gets_what_it_would_get_alone(lines: LineTranslator) -> None:
    translating = Translating(lines, 2)
    asked = [
        (rows(count, seed), Asked(1 + seed % 3, seed % 2 == 0)) for seed, count in enumerate((1, 300, 2, 40, 1, 7, 120, 0, 64))
    ]
    futures = [translating.submit(*one) for one in asked]
    for (texts, wanted), future in zip(asked, futures, strict=True):
        alone = Translating(lines, 1).submit(texts, wanted).result(60)
        assert [one.candidates for one in future.result(60)] == [one.candidates for one in alone]
    translating.close()


def test_a_line_does_not_wait_for_a_file(lines: LineTranslator) -> None:
    translating = Translating(lines, 2)
    large = translating.submit(rows(4_000, 1), Asked())
    time.sleep(0.2)
    for number in range(10):
        small = translating.submit(rows(1, 100 + number), Asked())
        small.result(30)
        assert not large.done()
    assert len(large.result(120)) == 4_000
    translating.close()


def test_what_is_cancelled_frees_its_place(lines: LineTranslator) -> None:
    translating = Translating(lines, 2)
    given_up = [translating.submit(rows(5_000, seed), Asked()) for seed in range(4)]
    for future in given_up:
        future.cancel()
    began = time.monotonic()
    translating.submit(rows(1, 9), Asked()).result(30)
    assert time.monotonic() - began < 5
    with pytest.raises(Refused):
        translating.submit(["1"] * (MOST_WAITING + 1), Asked())
    translating.close()


class _Broken:
    """A translator that fails for one line."""

    def __init__(self, lines: LineTranslator) -> None:
        self._lines, self.options, self.encoder, self.translator = lines, lines.options, lines.encoder, lines.translator

    def translate(self, texts: list[str]) -> list[Translated]:
        if "7 7 7" in texts:
            raise MemoryError
        return self._lines.translate(texts)


class _Watched:
    """A translator that keeps what it was given together."""

    def __init__(self, lines: LineTranslator) -> None:
        self._lines, self.options, self.encoder, self.translator = lines, lines.options, lines.encoder, lines.translator
        self.rounds: list[list[str]] = []

    def translate(self, texts: list[str]) -> list[Translated]:
        self.rounds.append(list(texts))
        return self._lines.translate(texts)


@pytest.mark.parametrize("precision", ["int8", "float32"])
def test_single_lines_of_one_length_are_translated_together(
    translation_run: Path, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = open_lines(Run(translation_run), {}, precision=precision, threads=2)
    watched: Any = _Watched(lines)
    translating = Translating(watched, 2)
    monkeypatch.setattr(translating, "_translator", lambda asked: watched)
    content = rows(200, 3)
    for future in [translating.submit([text], Asked()) for text in content]:
        future.result(60)
    translating.close()
    assert sorted(text for texts in watched.rounds for text in texts) == sorted(content)
    lengths = [{len(ids) for ids in lines.encoder.sources(texts)} for texts in watched.rounds]
    # In float32 the engine computes all lengths side by side.
    assert all(len(found) == 1 for found in lengths) == (precision == "int8")
    assert len(watched.rounds) < 100


def test_an_error_reaches_who_asked_and_the_next_is_answered(lines: LineTranslator) -> None:
    translating = Translating(lines, 1)
    broken: Any = _Broken(lines)
    translating._of[Asked()] = broken  # one kind of request fails
    failed: Future[list[Translated]] = translating.submit(["1"] * 500 + ["7 7 7"], Asked())
    with pytest.raises(MemoryError):
        failed.result(60)
    assert translating.submit(["1 2"], Asked()).result(60)[0].text == "one two"
    translating.close()


def test_threads_end_when_all_is_done(lines: LineTranslator) -> None:
    before = threading.active_count()
    translating = Translating(lines, 2)
    future = translating.submit(rows(200, 3), Asked())
    translating.close()
    assert not wait([future], 60).not_done
    until = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.02)
    assert threading.active_count() <= before
    with pytest.raises(Refused):
        translating.submit(["1"], Asked())


def test_an_unused_model_is_closed(translation_run: Path, tmp_path: Path) -> None:
    models = Models([Given("digits", translation_run)], tmp_path, unload_after=0.2)
    (model,) = models.all()
    model.translating(1, "auto").submit(["1"], Asked()).result(30)
    assert model.is_open
    time.sleep(0.8)
    models.all()
    assert not model.is_open
    assert model.translating(1, "auto").submit(["1 2"], Asked()).result(30)[0].text == "one two"
