"""From a prompt to text: lengths, stop texts, batches, streaming."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen.data.primers import PRIMER
from seqgen.decode.scorer import Ids
from seqgen.decode.translator import TranslateOptions
from seqgen.errors import ConfigError
from seqgen.generation import GenerateOptions, generate_text, options_of
from seqgen.tokenizers.byte import ByteTokenizer
from seqgen.tokenizers.char import CharTokenizer
from tests.fakes import FakeScorer, chain

ALPHABET = CharTokenizer.train(["abcdefgh"])  # "\n" has id 4, a 5, ... h 12


def texts(options: GenerateOptions, prompt: str = "h", seed: int = 0, scorer: FakeScorer | None = None) -> list[str]:
    found = [""] * options.num_samples
    rng = np.random.default_rng(seed)
    for piece in generate_text(scorer or chain(len(ALPHABET)), ALPHABET, prompt, options, rng):
        found[piece.sample] += piece.text
    return found


def test_length_is_obeyed_and_an_empty_prompt_stands_on_a_newline() -> None:
    assert texts(GenerateOptions(length=3), prompt="a") == ["bcd"]
    assert texts(GenerateOptions(length=3), prompt="") == ["abc"]
    assert texts(GenerateOptions(length=0)) == [""]


def test_without_end_it_goes_on_until_a_stop() -> None:
    assert texts(GenerateOptions(length=-1, stop=("fg",)), prompt="\n") == ["abcde"]
    assert texts(GenerateOptions(length=-1, line=True), prompt="a") == ["bcdefgh"]


def test_what_was_held_back_comes_at_the_end() -> None:
    assert texts(GenerateOptions(length=3, stop=("cdx",)), prompt="a") == ["bcd"]


@given(stops=st.lists(st.text("ab\n", min_size=1, max_size=4), min_size=1, max_size=3), seed=st.integers(0, 500))
def test_the_text_is_cut_at_the_first_stop_and_nowhere_else(stops: list[str], seed: int) -> None:
    size = len(ALPHABET)
    scorer = FakeScorer([[0] * 4 + [1, 3, 3] + [0] * (size - 7)] * size)
    options = {"length": 25, "seed": seed}
    whole = texts(GenerateOptions(**options), "a", seed, scorer)[0]
    places = [place for stop in stops if (place := whole.find(stop)) >= 0]
    cut = texts(GenerateOptions(**options, stop=tuple(stops)), "a", seed, scorer)[0]
    # Of two stops that end at the same symbol, the one that begins first counts.
    ends = [whole.find(stop) + len(stop) for stop in stops if stop in whole]
    if not places:
        assert cut == whole
    else:
        first_end = min(ends)
        begins = [p for stop in stops if (p := whole[:first_end].find(stop)) >= 0]
        assert cut == whole[: min(begins)]


def test_samples_stop_on_their_own() -> None:
    size = len(ALPHABET)
    scorer = FakeScorer([[0] * 4 + [1, 1, 1] + [0] * (size - 7)] * size)
    found = texts(GenerateOptions(length=200, num_samples=16, line=True), "a", 1, scorer)
    assert len({len(text) for text in found}) > 1 and not any("\n" in text for text in found)


def test_the_same_seed_gives_the_same_text_and_greedy_needs_none() -> None:
    scorer = FakeScorer(np.ones((len(ALPHABET), len(ALPHABET))).tolist())
    options = GenerateOptions(length=30, num_samples=3)
    assert texts(options, seed=5, scorer=scorer) == texts(options, seed=5, scorer=scorer)
    assert texts(options, seed=5, scorer=scorer) != texts(options, seed=6, scorer=scorer)
    greedy = GenerateOptions(length=5, greedy=True)
    assert texts(greedy, seed=1, scorer=scorer) == texts(greedy, seed=2, scorer=scorer)


def test_special_symbols_are_never_written() -> None:
    scorer = FakeScorer([[10, 10, 10, 10] + [1] * (len(ALPHABET) - 4)] * len(ALPHABET))
    assert "�" not in texts(GenerateOptions(length=300), scorer=scorer)[0]
    assert len(texts(GenerateOptions(length=300), scorer=scorer)[0]) == 300


def test_bytes_come_as_whole_characters() -> None:
    tokenizer = ByteTokenizer()
    wanted = tokenizer.encode("한글!").tolist()
    table = np.zeros((260, 260))
    table[:, 4] = 1e-9
    last = tokenizer.encode("\n")[0]
    for id_ in wanted:
        table[last, id_] = 1
        last = id_
    # "한글" repeats no byte pair with another continuation, so the table spells it.
    pieces = list(generate_text(FakeScorer(table.tolist()), tokenizer, "", GenerateOptions(length=7, greedy=True),
                                np.random.default_rng(0)))  # fmt: skip
    assert "".join(piece.text for piece in pieces) == "한글!"
    assert [piece.text for piece in pieces if piece.text] == ["한", "글", "!"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("length", -2), ("length", 1.5), ("length", "9"), ("temperature", 0.0), ("temperature", float("inf")), ("top_k", -1),
     ("top_k", 2.5), ("top_k", 10**5000), ("top_p", 0.0), ("top_p", float("nan")), ("min_p", -0.1), ("repetition_penalty", 0.0),
     ("num_samples", 0), ("num_samples", 10**10), ("seed", -1), ("stop", ("",)), ("stop", ""), ("stop", (1,))],
    ids=lambda value: str(value)[:20] if not isinstance(value, int) else hex(value)[:20],
)  # fmt: skip
def test_values_out_of_range_are_named(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"--{name.replace('_', '-')}: expected") as caught:
        GenerateOptions(**{name: value})  # type: ignore[arg-type]
    assert len(str(caught.value)) < 200


def test_numpy_numbers_are_numbers() -> None:
    options = GenerateOptions(length=np.int64(3), temperature=np.float32(0.5), top_k=np.int32(2))  # type: ignore[arg-type]
    assert texts(options, prompt="a") == ["bcd"]


def test_one_stop_text_is_one_and_not_its_letters() -> None:
    assert GenerateOptions(stop="item x").stop == ("item x",) == GenerateOptions(stop=["item x"]).stop
    assert texts(GenerateOptions(length=-1, stop="fg"), prompt="\n") == ["abcde"]


def test_stops_are_in_the_form_of_the_corpus_and_without_escapes() -> None:
    assert GenerateOptions(stop=["\ufeffe\u0301\r\n", r"\n"]).stop == ("\u00e9\n", r"\n")
    with pytest.raises(ConfigError, match="not empty"):
        GenerateOptions(stop="\ufeff")


def test_an_option_that_there_is_not_is_named_with_the_nearest() -> None:
    for cls, wrong, right in (
        (GenerateOptions, "temprature", "temperature"),
        (GenerateOptions, "lenght", "length"),
        (TranslateOptions, "beamsize", "beam_size"),
    ):
        with pytest.raises(ConfigError, match=f"no option '{wrong}'; did you mean '{right}'"):
            options_of(cls, **{wrong: 1})
    with pytest.raises(ConfigError, match="no option 'zzz'; the options are length, greedy"):
        GenerateOptions(zzz=1)
    assert options_of(GenerateOptions, top_k=3).rules["top_k"] == 3 and options_of(TranslateOptions, nbest=2).nbest == 2
    assert GenerateOptions(no_repeat_ngram=3).settings["no_repeat_ngram"] == 3


def test_it_can_be_ended_between_two_symbols_and_what_was_held_back_comes() -> None:
    asked = iter([False, False, False, True])
    pieces = generate_text(chain(len(ALPHABET)), ALPHABET, "a", GenerateOptions(length=-1, stop="dx"), np.random.default_rng(0),
                           lambda: next(asked))  # fmt: skip
    assert "".join(piece.text for piece in pieces) == "bcd"


@pytest.mark.parametrize("samples", [1, 3])
def test_extreme_settings_draw_what_can_be_drawn(samples: int) -> None:
    rare = FakeScorer([[1, 1, 1, 1, 1e-30, 1e-25] + [0] * (len(ALPHABET) - 6)] * len(ALPHABET))
    for settings in ({}, {"temperature": 1e-40}, {"temperature": 1e3}, {"top_p": 1e-300}, {"repetition_penalty": 1e3}):
        found = texts(GenerateOptions(length=20, num_samples=samples, **settings), "a", 3, rare)
        assert all(len(text) == 20 and set(text) <= {"a", "\n"} for text in found), settings
    assert texts(GenerateOptions(length=9, temperature=1e-40), "a", 1, rare) == ["a" * 9]


class Recorder(FakeScorer):
    """Remembers what it was given to begin with."""

    def start(self, prompts: Sequence[Ids]) -> NDArray[np.int64]:
        self.read = [ALPHABET.decode(prompt) for prompt in prompts]
        return super().start(prompts)


def recorder() -> Recorder:
    size = len(ALPHABET)
    return Recorder([[0] * 4 + [1] * (size - 4)] * size)


# Each ends differently, so that it is known by its end.
STRETCHES = [ALPHABET.encode("\n".join(["abcdefgh"] * 5) + "abcdefgh"[: n + 1] + "\n") for n in range(8)]


def primed(options: GenerateOptions, prompt: str = "", seed: int = 0, scorer: FakeScorer | None = None) -> list[str]:
    found = [""] * options.num_samples
    pieces = generate_text(scorer or recorder(), ALPHABET, prompt, options, np.random.default_rng(seed), stretches=STRETCHES)
    for piece in pieces:
        found[piece.sample] += piece.text
    return found


def test_each_sample_reads_a_primer_of_its_own_that_follows_from_the_seed() -> None:
    scorer = recorder()
    first = primed(GenerateOptions(length=20, num_samples=8), seed=1, scorer=scorer)
    read = scorer.read
    assert len(set(read)) == 8 and all(len(text) == PRIMER and text.endswith("\n") for text in read)
    assert primed(GenerateOptions(length=20, num_samples=8), seed=1, scorer=scorer) == first and scorer.read == read
    primed(GenerateOptions(length=20, num_samples=8), seed=2, scorer=scorer)
    assert scorer.read != read
    primed(GenerateOptions(length=1, num_samples=20), scorer=scorer)
    assert len(scorer.read) == 20 and len(set(scorer.read)) == 8


def test_greedy_needs_no_seed_for_its_primers() -> None:
    for samples in (1, 3):
        options = GenerateOptions(length=10, greedy=True, num_samples=samples)
        scorer = recorder()
        primed(options, seed=1, scorer=scorer)
        read = scorer.read
        primed(options, seed=2, scorer=scorer)
        assert scorer.read == read and len(set(read)) == samples


def test_a_prompt_follows_its_primer_and_a_long_one_has_none() -> None:
    scorer = recorder()
    for prompt in ("a", "b", "abc", "ha" * 15):
        primed(GenerateOptions(length=3), prompt, scorer=scorer)
        assert len(scorer.read[0]) == PRIMER + len(prompt) and scorer.read[0].endswith(prompt)
    prompt = "ha" * (PRIMER // 2)
    primed(GenerateOptions(length=3, num_samples=2), prompt, scorer=scorer)
    assert scorer.read == [prompt, prompt]
    assert primed(GenerateOptions(length=30), prompt, 5) == texts(GenerateOptions(length=30), prompt, 5, recorder())


def test_nothing_counts_a_primer_as_written() -> None:
    """Not the penalty, not n-grams, not stop texts."""
    size = len(ALPHABET)
    likeliest = FakeScorer([[0] * 4 + [9, 2] + [1] * (size - 6)] * size)  # "\n", which ends every primer
    for rules in ({"repetition_penalty": 1e3}, {"no_repeat_ngram": 1}):
        written = primed(GenerateOptions(length=3, greedy=True, **rules), scorer=likeliest)[0]
        assert written[0] == "\n" and written[1] == "a", rules
        assert primed(GenerateOptions(length=1, greedy=True, **rules), "\n", scorer=likeliest) == ["a"], "a prompt is counted"
    chained = primed(GenerateOptions(length=-1, stop="fg"), scorer=chain(size))
    assert chained == ["abcde"]
    assert primed(GenerateOptions(length=5, stop="h\nabc"), scorer=chain(size)) == ["abcde"], "a stop text begins after it"
    assert primed(GenerateOptions(length=-1, line=True), scorer=chain(size)) == ["abcdefgh"]


def test_the_best_of_several_is_the_likeliest_symbol_for_symbol() -> None:
    scorer, tokenizer = FakeScorer(np.random.default_rng(0).dirichlet(np.ones(10), 10).tolist()), CharTokenizer.train(["abcde"])

    def samples(**options: Any) -> list[tuple[str, float]]:
        chosen = GenerateOptions(length=12, **options)
        found = [["", 0.0] for _ in range(chosen.num_samples)]
        for piece in generate_text(scorer, tokenizer, "a", chosen, np.random.default_rng(5)):
            found[piece.sample] = [found[piece.sample][0] + piece.text, found[piece.sample][1] + piece.log_prob / 12]
        return [(text, score) for text, score in found]

    all_of_them = sorted(samples(num_samples=8), key=lambda sample: -sample[1])
    assert samples(best_of=8) == all_of_them[:1] and samples(best_of=8, num_samples=3) == all_of_them[:3]
    with pytest.raises(ConfigError, match="--best-of 2 are fewer than --num-samples 3"):
        GenerateOptions(best_of=2, num_samples=3)


def test_what_is_banned_is_not_written_and_a_text_ends_where_all_is() -> None:
    scorer, tokenizer = FakeScorer(np.ones((10, 10)).tolist()), CharTokenizer.train(["abcde"])

    def written(prompt: str = "a", **options: Any) -> list[Any]:
        chosen = GenerateOptions(length=400, **options)
        return list(generate_text(scorer, tokenizer, prompt, chosen, np.random.default_rng(1)))

    text = "".join(piece.text for piece in written(ban=["ab", "cde", "e"], logit_bias={"d": -2.0}))
    assert "a" + text != text and "ab" not in "a" + text and "e" not in text
    assert 0 < text.count("d") < text.count("a") / 3
    ended = written(ban=["bb", "ba", "bc", "bd", "be", "b\n"], logit_bias={"b": 2.0}, num_samples=3)
    for sample in range(3):
        pieces = [piece for piece in ended if piece.sample == sample]
        assert [piece.ended for piece in pieces] == [False] * (len(pieces) - 1) + [True]
        assert "".join(piece.text for piece in pieces).endswith("b") and pieces[-1].id is None
    greedy = written(ban=list("abcde\n"), greedy=True)
    assert [(piece.text, piece.ended) for piece in greedy] == [("", True)]
    assert [piece.ended for piece in written(ban=list("abcde\n"))] == [True]
    for name, problem in ("z", "no symbol 'z'"), ("ab", "no symbol 'ab'"), (99, "an id of 0 to 9"):
        with pytest.raises(ConfigError, match=problem):
            written(logit_bias={name: 1.0})
    with pytest.raises(ConfigError, match="expected texts"):
        GenerateOptions(ban=[""])
    with pytest.raises(ConfigError, match="--logit-bias: expected"):
        GenerateOptions(logit_bias={"a": float("inf")})
