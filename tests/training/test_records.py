"""Records: each a text of its own, held out as a whole, mixed between passes, written whole."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import open_run
from seqgen.data.record_text import (
    END,
    LABEL_END,
    PARAGRAPHS,
    Shuffled,
    beginning,
    end_of,
    held_out,
    marked_text,
    records_in,
    split_records,
)
from seqgen.data.text import streams
from seqgen.errors import ConfigError, CorpusError
from seqgen.evaluation import conditioned
from seqgen.formats.document import Wanted
from seqgen.formats.records import read_records
from seqgen.formats.sources import LIMIT, Sources
from seqgen.opening import open_scorer
from seqgen.run import Run
from tests.conftest import Seqgen

TEXTS = st.text(st.sampled_from("ab가😀 \t\x1e\x1f,\"'"), min_size=1, max_size=9).filter(lambda text: text.strip())
NAMES = sorted(
    {a + b for a in "Al Be Ca Do El Fa Gi Ha Iv Jo Ka Li Ma".split() for b in "an bert cia dra na rik sa ton".split()}
)


@given(st.lists(TEXTS, max_size=9))
def test_lines_make_the_text_again(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    found = split_records(text, "lines")
    assert found == lines
    made = marked_text([(one, "") for one in found], "lines")
    assert "".join(made) == text.replace(END, "").replace(LABEL_END, "")


@given(st.lists(st.tuples(TEXTS, st.sampled_from(["", "haiku", "a b"])), max_size=9))
def test_records_come_back_from_a_text_of_them(records: list[tuple[str, str]]) -> None:
    text = "".join(marked_text(records, PARAGRAPHS))
    assert text.count(END) == len(records) and text.count(LABEL_END) == sum(bool(label) for _, label in records)
    plain = [one.replace(END, "").replace(LABEL_END, "") for one, _ in records]
    assert records_in(text, PARAGRAPHS) == [one for one in plain if one]


def test_paragraphs_and_files() -> None:
    assert split_records("\n\na\nb\n \n\t\nc\n\n\n", "paragraphs") == ["a\nb", "c"]
    assert split_records("a\n\nb\n", "files") == ["a\n\nb"] and split_records(" \n", "files") == []
    assert (beginning("lines", {}), beginning("csv:x", {"a b": 1}, "a b")) == ("\n", f"{END}a b{LABEL_END}")
    with pytest.raises(ConfigError, match="no label 'c' was learnt"):
        beginning("csv:x", {"a b": 1}, "c")
    with pytest.raises(ConfigError, match="a record begins with its label"):
        beginning("csv:x", {"a b": 1}, prompt="The")


@given(st.lists(TEXTS, min_size=1, max_size=30), st.integers(0, 3), st.integers(0, 9))
def test_each_pass_has_all_records_in_an_order_of_its_own(records: list[str], seed: int, epoch: int) -> None:
    ids = np.array([ord(character) for text in marked_text([(one, "") for one in records], PARAGRAPHS) for character in text])
    order = Shuffled(ids, ord(END), seed)
    found = "".join(map(chr, order.of(epoch)))
    assert sorted(found.split(END)) == sorted("".join(map(chr, ids)).split(END)) and len(found) == len(ids)
    assert np.array_equal(order.of(epoch), Shuffled(ids, ord(END), seed).of(epoch))


def test_streams_read_the_order_of_their_pass() -> None:
    ids = np.array([ord(character) for name in NAMES for character in name + "\n"])
    order = Shuffled(ids, 10, 3)
    first, *_ = streams(ids, 2, 8, step=0, seed=3, order=order.of)
    assert "".join(map(chr, first[0])) in "".join(map(chr, order.of(0)))
    assert not np.array_equal(order.of(0), order.of(1))


def test_records_are_held_out_by_what_they_say() -> None:
    fifth = held_out(NAMES, 0.2)
    shuffled = random.Random(1).sample(NAMES, len(NAMES))
    assert dict(zip(NAMES, fifth, strict=True)) == dict(zip(shuffled, held_out(shuffled, 0.2), strict=True))
    assert 0.08 < sum(fifth) / len(NAMES) < 0.35 and len({name[0] for name, out in zip(NAMES, fifth, strict=True) if out}) > 4


def test_columns_and_labels(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text,kind\n"one\ntwo",haiku\nthree,news\n,news\n', "utf-8")
    (tmp_path / "a.jsonl").write_text('{"t": {"x": "one"}, "k": "a"}\n{"t": {"x": "two"}, "k": "b"}\n', "utf-8")

    def read(name: str, records: str, label: str | None = None) -> list[str]:
        return read_records(Sources([str(tmp_path / name)], "text", "utf-8", Wanted(), LIMIT), records, label)[0]

    assert read("a.csv", "csv:text", "kind") == [f"haiku{LABEL_END}one\ntwo{END}", f"news{LABEL_END}three{END}"]
    assert read("a.jsonl", "jsonl:t.x", "k") == [f"a{LABEL_END}one{END}", f"b{LABEL_END}two{END}"]
    for records, label, error, said in (
        ("csv:nowhere", None, ConfigError, "no column 'nowhere'"),
        ("jsonl:nowhere", None, CorpusError, "no text in the field 'nowhere'"),
        ("words", None, ConfigError, "--records: expected lines, paragraphs, files"),
        ("lines", "kind", ConfigError, "--label needs"),
    ):
        with pytest.raises(error, match=said):
            read("a.jsonl" if records.startswith("jsonl") else "a.csv", records, label)


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory, seqgen: Seqgen) -> Path:
    """A model of names, sorted in their file, each there twice."""
    folder = tmp_path_factory.mktemp("records")
    (folder / "names.txt").write_text("".join(f"{name}\n{name}\n" for name in NAMES), "utf-8")
    options = ("--records", "lines", "--arch", "markov")
    done = seqgen("train", folder / "names.txt", *options, "-o", folder / "run")
    assert done.returncode == 0, done.stderr
    assert f"{len(NAMES)} records are there before; all of the same are on one side" in done.stderr
    assert "--records-out 10" in done.stderr
    return folder


def test_looks_inside_read_a_record_as_training_did(seqgen: Seqgen, tmp_path: Path) -> None:
    """Behind the mark of another one: what explain surprise says it costs is what evaluate says."""
    poem = "\n\n".join(f"{name} said\nit was {name}" for name in NAMES)
    (tmp_path / "poems.txt").write_text(poem, "utf-8")
    call = ("--records", "paragraphs", "--arch", "markov", "-o", tmp_path / "run")
    assert seqgen("train", tmp_path / "poems.txt", *call).returncode == 0
    looked = json.loads(seqgen("explain", "surprise", "-m", tmp_path / "run", "-p", "Al said", "--json", "-q").stdout)
    run = Run(tmp_path / "run")
    ids, scorer = conditioned(run.tokenizer(), "Al said", END), open_scorer(run)
    log_probs, _ = scorer.score(ids, scorer.start([ids[:1]]))
    assert looked["bits"] == pytest.approx(-float(log_probs.sum()) / np.log(2), rel=1e-5)
    assert json.loads(seqgen("explain", "context", "-m", run.path, "Al said", "--json", "-q").stdout)["model"] == "run"


@pytest.mark.parametrize("tokenizer", ["bpe", "unigram"])
def test_records_of_pieces_begin_and_end_as_others_do(tokenizer: str, seqgen: Seqgen, tmp_path: Path) -> None:
    """The mark is a symbol of its own, in no piece; the word that begins a record is the piece that it is elsewhere."""
    rows = [{"text": f"{name} said\nit was {name}", "kind": "ends" if name[-1] == "t" else "goes on"} for name in NAMES]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    options = ("--records", "jsonl:text", "--label", "kind", "--tokenizer", tokenizer, "--vocab-size", 330, "--arch", "markov")
    done = seqgen("train", tmp_path / "a.jsonl", *options, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    opened = Run(tmp_path / "run").tokenizer()
    text = f"ends{LABEL_END}Al said\nit was Al{END}goes on{LABEL_END}  Be {END}"
    ids = opened.encode(text)
    assert opened.decode(ids) == text
    parts = re.split(f"([{END}{LABEL_END}])", text)
    assert ids.tolist() == [id_ for part in parts for id_ in opened.encode(part).tolist()]
    call = ("generate", "-m", tmp_path / "run", "--label", "ends", "--seed", 1, "-q", "-T", 0.3)
    records = seqgen(*call, "--records-out", 5).stdout.removesuffix("\n").split("\n\n")
    assert len(records) == 5 and sum("said\nit was" in record for record in records) > 2 and LABEL_END not in "".join(records)
    assert seqgen(*call, "--records-out", 1, "-p", "Jo").stdout.startswith("Jo")
    new = seqgen(*call, "--records-out", 3, "--new-records").stdout.removesuffix("\n").split("\n\n")
    learnt = records_in(opened.decode(Run(tmp_path / "run").arrays("text")["train"]), "jsonl:text")
    assert len(new) == 3 and not set(learnt) & set(new) and {row["text"] for row in rows} > set(learnt)


def test_only_new_records_where_these_are_wanted(seqgen: Seqgen, named: Path, tmp_path: Path) -> None:
    """None of them is in the training text, also behind a prompt; how many were drawn is said; there may be none."""
    run = named / "run"
    learnt = set(records_in(Run(run).tokenizer().decode(Run(run).arrays("text")["train"]), "lines"))
    for prompt in ([], ["-p", "J"]):
        done = seqgen("generate", "-m", run, "--records-out", 40, "--new-records", "--seed", 1, *prompt)
        assert done.returncode == 0 and len(lines := done.stdout.splitlines()) == 40 and not learnt & set(lines)
        assert "records were drawn for 40 new ones" in done.stderr
    record = json.loads(seqgen("generate", "-m", run, "--records-out", 1, "--new-records", "--json", "-q").stdout)
    assert record["text"] not in learnt and record["sample"] == 0
    for options in (["--new-records"], ["--new-records", "--records-out", 2, "--greedy"]):
        assert seqgen("generate", "-m", run, *options).returncode == 2
    (tmp_path / "one.txt").write_text("ab\n" * 400, "utf-8")
    assert (
        seqgen("train", tmp_path / "one.txt", "--records", "lines", "--arch", "markov", "-o", tmp_path / "one").returncode == 0
    )
    done = seqgen("generate", "-m", tmp_path / "one", "--records-out", 3, "--new-records", "--top-k", 1)
    assert done.returncode == 0 and "for 0 new ones" in done.stderr and "try --temperature" in done.stderr


def test_whole_records_are_written(seqgen: Seqgen, named: Path) -> None:
    run = named / "run"
    done = seqgen("generate", "-m", run, "--records-out", 30, "--seed", 1)
    lines = done.stdout.splitlines()
    assert len(lines) == 30 and all(line and len(line) < 20 for line in lines) and len({line[:1] for line in lines}) > 5
    there = sum(line in NAMES for line in lines)
    held = {name for name, out in zip(NAMES, held_out([f"{name}\n" for name in NAMES], 0.1), strict=True) if out}
    assert f"{there - sum(line in held for line in lines)} of 30 records" in done.stderr
    many = seqgen("generate", "-m", run, "--records-out", 400, "-T", 3, "-n", 12, "-q").stdout.splitlines()
    assert len(many) == 400 and all(many)
    begun = seqgen("generate", "-m", run, "--records-out", 5, "-p", "Jo", "--seed", 1, "-q").stdout.splitlines()
    assert len(begun) == 5 and all(line.startswith("Jo") for line in begun)
    found = [json.loads(line) for line in seqgen("generate", "-m", run, "--records-out", 2, "--json").stdout.splitlines()]
    assert len(found) == 2 and not any("\n" in one["text"] for one in found)
    going = seqgen("generate", "-m", run, "-n", 60, "--seed", 3, "-q").stdout
    assert going.count("\n") > 4 and len(going) == 61
    assert "".join(open_run(run).generate("Jo", length=30, seed=1)).splitlines()[0] != ""
    assert "no label 'x' was learnt" in seqgen("generate", "-m", run, "--label", "x").stderr
    assert "10,000" in seqgen("generate", "-m", run, "--records-out", 20_000).stderr.replace("10000", "10,000")
    corpus = Run(run).info.corpus
    assert corpus["train"] + corpus["valid"] == 2 * sum(len(name) + 1 for name in NAMES)


def test_records_are_scored(seqgen: Seqgen, named: Path) -> None:
    (named / "more.txt").write_text("Alan\n\nJosa\n", "utf-8")
    found = json.loads(seqgen("evaluate", "-m", named / "run", named / "more.txt", "--json").stdout)
    assert found["records"] == 2 and found["chars"] == 10
    assert found["nats_per_record"] == pytest.approx(found["nats_per_char"] * 5)
    assert "nats a record, 2 records" in seqgen("evaluate", "-m", named / "run", named / "more.txt").stdout


def test_a_run_goes_on_with_its_own_records(seqgen: Seqgen, named: Path) -> None:
    options = ("--arch", "gru", "--layers", 1, "--hidden", 16, "--batch-size", 8, "-o", named / "gru")
    assert seqgen("train", named / "names.txt", "--records", "lines", *options, "--steps", 8).returncode == 0
    # What is not said is as the run has it; another kind of records would be another text.
    done = seqgen("train", named / "names.txt", "-o", named / "gru", "--steps", 12)
    assert done.returncode == 0 and Run(named / "gru").info.step == 12
    other = seqgen("train", named / "names.txt", "-o", named / "gru", "--steps", 14, "--records", "paragraphs")
    assert other.returncode == 1 and "--records: is lines, asked for paragraphs" in other.stderr


def test_labels_are_a_condition(seqgen: Seqgen, tmp_path: Path) -> None:
    rng = random.Random(2)
    rows = ["text,kind"] + [
        f"{'x' * rng.randint(3, 8)},short" if n % 2 else f'"{"yz" * 5}\n{"zy" * 4}",long' for n in range(300)
    ]
    (tmp_path / "a.csv").write_text("\n".join(rows) + "\n", "utf-8")
    options = ("--records", "csv:text", "--label", "kind", "--arch", "markov", "--order", 6, "-o", tmp_path / "run")
    assert seqgen("train", tmp_path / "a.csv", *options).returncode == 0
    assert Run(tmp_path / "run").info.corpus["labels"].keys() == {"short", "long"}
    likely = ("-q", "--seed", 1, "-T", 0.3)
    short = seqgen("generate", "-m", tmp_path / "run", "--records-out", 5, "--label", "short", *likely).stdout.split("\n\n")
    assert len(short) == 5 and all(set(text.strip()) == {"x"} for text in short)
    long = seqgen("generate", "-m", tmp_path / "run", "--records-out", 2, "--label", "long", *likely).stdout
    assert "x" not in long and end_of("csv:text") not in long and LABEL_END not in long
    mixed = seqgen("generate", "-m", tmp_path / "run", "-n", 200, *likely).stdout
    assert "short" not in mixed and LABEL_END not in mixed and "\n\n" in mixed
    wrong = seqgen("generate", "-m", tmp_path / "run", "--label", "haiku")
    assert wrong.returncode == 1 and "the labels are" in wrong.stderr and "long" in wrong.stderr
    # A prompt would be taken for a label.
    assert "name it before a prompt" in seqgen("generate", "-m", tmp_path / "run", "-p", "yz").stderr
    begun = seqgen("generate", "-m", tmp_path / "run", "-p", "xx", "--label", "short", "--records-out", 3, *likely).stdout
    assert all(text.startswith("xx") for text in begun.rstrip("\n").split("\n\n"))
    python = open_run(tmp_path / "run")
    assert "".join(python.generate("xx", label="short", length=9, seed=1, temperature=0.3)).startswith("x")
    with pytest.raises(ConfigError, match="name it before a prompt"):
        python.generate("xx")


def test_one_record_is_scored_as_it_was_learnt(seqgen: Seqgen, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n\n".join(["one two\nthree", "four five\nsix"] * 90), "utf-8")
    options = ("--records", "paragraphs", "--arch", "markov", "--order", 6, "-o", tmp_path / "run")
    assert seqgen("train", tmp_path / "a.txt", *options).returncode == 0
    (tmp_path / "b.txt").write_text("one two\nthree\n", "utf-8")
    found = json.loads(seqgen("evaluate", "-m", tmp_path / "run", tmp_path / "b.txt", "--json").stdout)
    # Every other record begins so; after a newline none does, which would cost 3 nats more.
    assert found["records"] == 1 and found["nats_per_record"] < 2.5
    assert open_run(tmp_path / "run").evaluate("one two\nthree").total.nats == pytest.approx(found["nats_per_record"])
