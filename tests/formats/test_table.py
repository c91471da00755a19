"""The table of formats: each row is whole, and a new row is all that a new format takes."""

from __future__ import annotations

import gzip
import inspect
from collections.abc import Callable
from pathlib import Path

import pytest

from seqgen.cli import main
from seqgen.errors import CorpusError
from seqgen.formats import FORMATS, Format, format_of, formats_help, formats_table, function, reading_format, suffixes
from seqgen.formats.document import Document
from seqgen.formats.names import default_name, looks_like_pairs
from seqgen.formats.read import read_pairs, read_texts, read_two_files
from seqgen.run import Run
from tests.formats.units.inhand import docx, zipped

Train = Callable[..., Run]
# What a file of each format may look like: two pairs, or any text.
EXAMPLES: dict[str, str | bytes] = {
    "plain": "one\ntwo\n",
    "markdown": "# one\n\n*two*\n",
    "html": "<p>one</p><p>two</p>",
    "docx": docx("".join(f"<w:p><w:r><w:t>{word}</w:t></w:r></w:p>" for word in ("one", "two"))),
    "po": 'msgid "one"\nmsgstr "un"\n\nmsgid "two"\nmsgstr "deux"\n',
    "tmx": '<tmx><tu><tuv lang="en"><seg>one</seg></tuv><tuv lang="fr"><seg>un</seg></tuv></tu>'
    '<tu><tuv lang="en"><seg>two</seg></tuv><tuv lang="fr"><seg>deux</seg></tuv></tu></tmx>',
    "xliff": "<xliff><trans-unit><source>one</source><target>un</target></trans-unit>"
    "<trans-unit><source>two</source><target>deux</target></trans-unit></xliff>",
    "qt": "<TS><message><source>one</source><translation>un</translation></message>"
    "<message><source>two</source><translation>deux</translation></message></TS>",
    "android": '<resources><string name="a">one</string><string name="b">two</string></resources>',
    "odt": zipped(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<text:p>one</text:p><text:p>two</text:p>"}
    ),
    "epub": zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<rootfile full-path="b.opf"/>',
            "b.opf": '<item id="a" href="a.html" media-type="application/xhtml+xml"/><itemref idref="a"/>',
            "a.html": "<p>one</p><p>two</p>",
        }
    ),
    "tsv": "one\tun\ntwo\tdeux\n",
    "jsonl": '{"source": "one", "target": "un"}\n{"source": "two", "target": "deux"}\n',
    "json": '{"a": {"one": "{}"}, "n": 1, "two": "{}"}',
    "properties": "# x\na = {}\nb: {}\n",
    "csv": 'source;target\none;un\n"two";deux\n',
    "srt": "1\n00:00:01,000 --> 00:00:02,000\n{}\n\n2\n00:00:03,000 --> 00:00:04,000\n{}\n",
    "ass": "[Events]\nFormat: Start, End, Text\nDialogue: 0:00:01.00,0:00:02.00,{}\nDialogue: 0:00:03.00,0:00:04.00,{}\n",
}
UNITS = "".join(f"<unit><one>row {n}</one>\n<other>r\xe9\n{n}</other></unit>\n" for n in range(300))
XML = f'<?xml version="1.0" encoding="latin-1"?>\n<all>{UNITS}</all>'.encode("latin-1")


@pytest.mark.parametrize("name", FORMATS)
def test_each_row_is_whole(name: str, tmp_path: Path) -> None:
    row = FORMATS[name]
    assert row.help and len(row.help) < 100 and row.help in formats_table()
    assert row.suffixes and all("." in s and s == s.lower() for s in row.suffixes)
    for place in filter(None, (row.reader, row.units, row.also)):
        assert list(inspect.signature(function(place)).parameters) == ["document"]
    if row.edits:
        assert list(inspect.signature(function(row.edits)).parameters) == ["unit", "translation", "review"]
    if row.paired:
        assert len(inspect.signature(function(row.paired)).parameters) == 4
    for suffix in row.suffixes:
        for spelled in (suffix, suffix.upper(), suffix + ".gz"):
            assert format_of("a.b" + spelled) is row
            assert default_name(["a b" + spelled]) == "a-b"
            path = tmp_path / f"x{spelled}"
            example = EXAMPLES[name]
            data = example if isinstance(example, bytes) else example.replace("{}", "one", 1).replace("{}", "two", 1).encode()
            path.write_bytes(gzip.compress(data) if spelled.endswith(".gz") else data)
            assert looks_like_pairs([str(path)]) == (row.kind == "pairs")
            if row.kind == "pairs":
                assert read_pairs([str(path)]).sources == ("one", "two") and read_pairs([str(path)]).targets == ("un", "deux")
            else:
                assert read_texts([str(path)]).text == "one\ntwo\n"


def test_the_page_of_formats_has_this_table() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
    assert formats_table() in page
    edited = sum(bool(row.edits) for row in FORMATS.values())
    assert f"{len(FORMATS)} kinds of files are read for training, {edited} of them are translated in place." in page


def test_no_two_rows_claim_a_suffix() -> None:
    claimed = [*suffixes("text"), *suffixes("pairs")]
    assert len(claimed) == len(set(claimed)) and ".gz" not in claimed


def test_a_stream_is_judged_by_how_it_begins() -> None:
    jsonl, tsv, plain = FORMATS["jsonl"], FORMATS["tsv"], FORMATS["plain"]
    for name, head, kind, expected in (
        ("stdin", '\n {"source"', "pairs", jsonl),
        ("/dev/fd/63", "{", "pairs", jsonl),
        ("stdin", "one\tun", "pairs", tsv),
        ("a.dat", "{", "pairs", jsonl),
        ("a.dat", "{0} cats\tchats", "pairs", tsv),
        ("a.tsv", "{", "pairs", tsv),  # A name that says something is taken at its word.
        ("folder.d/pairs", "{", "pairs", jsonl),
        ("a.tsv", "{", "text", plain),
        ("stdin", "{", "text", plain),
    ):
        assert reading_format(kind, name, head) is expected, (name, head)
    assert Document("x", '\ufeff{"ö"'.encode("utf-16"), "utf-16").head == '{"ö"'


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> None:
    """A format of each kind, known from its row alone."""
    units = Format("pairs", (".units", ".un"), "tests.formats.invented:records", "pairs: units of XML", begins="<?xml")
    monkeypatch.setitem(FORMATS, "units", units)
    monkeypatch.setitem(FORMATS, "framed", Format("text", (".framed",), "tests.formats.invented:text", "a text in a frame"))


@pytest.fixture
def train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Train:
    """`seqgen train` with a few more words, in this process."""

    def run(path: Path, *options: str) -> Run:
        with pytest.raises(SystemExit) as done:
            main(["train", str(path), "-o", str(tmp_path / "run"), "--overwrite", *options])
        assert done.value.code == 0, capsys.readouterr().err
        return Run(tmp_path / "run")

    return run


def everywhere(folder: Path, name: str, data: bytes) -> list[Path]:
    """One content as a file, behind .gz, and in a folder beside what is none of it."""
    (folder / "in" / "below").mkdir(parents=True)
    places = [folder / name, folder / f"{name}.gz", folder / "in" / "below" / name]
    for path in places:
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    (folder / "in" / "notes.doc").write_text("no\n", encoding="utf-8")
    return [places[0], places[1], folder / "in"]


@pytest.mark.usefixtures("invented")
def test_a_format_of_pairs_takes_one_row(tmp_path: Path, train: Train) -> None:
    assert ".units .un" in formats_help() and "`.units` `.un`" in formats_table()
    options = ["--steps", "1", "--layers", "1", "--hidden", "8", "--ffn", "8", "--heads", "1", "--tokenizer", "char"]
    hashes = set()
    for path in everywhere(tmp_path, "a.units", XML):
        assert looks_like_pairs([str(path)])
        run = train(path, *options)
        assert run.info.kind == "translation" and run.info.corpus["train"] + run.info.corpus["valid"] == 300
        assert run.info.corpus["names"] == [path.name if path.is_file() else "a.units"]
        hashes.add(run.info.corpus["sha256"])
    assert len(hashes) == 1
    pairs = read_pairs([str(tmp_path / "a.units")])
    assert (pairs.sources[7], pairs.targets[7]) == ("row 7", "ré\n7")
    broken = tmp_path / "broken.units"
    broken.write_bytes(XML[:-4])
    with pytest.raises(CorpusError, match=r"broken.units:902: not XML"):
        read_pairs([str(broken)])


@pytest.mark.usefixtures("invented")
def test_a_format_of_texts_takes_one_row(tmp_path: Path, train: Train) -> None:
    content = "FRAME\n" + "the rain went on\n" * 100 + "FRAME\n"
    for path in everywhere(tmp_path, "a.framed", content.encode()):
        assert not looks_like_pairs([str(path)])
        run = train(path, "--arch", "markov")
        assert run.info.kind == "language" and run.info.corpus["bytes"] == 1_700
    sides = [str(tmp_path / "a.framed")] * 2
    assert len(read_two_files(sides[0], sides[1])) == 100
