"""What a text looks like is told from its beginning, at once, whatever stands there."""

from __future__ import annotations

import time

import pytest

from seqgen.formats.looks import what_it_is

ODD = [
    "\n",
    " \n",
    " ",
    "<!-- a -->",
    "<!-- a -->\n",
    "<!--",
    "# a\n",
    "#\n \n",
    "1",
    "1\n",
    "[ ",
    "<?xml ",
    'msgid "',
    '"a"\n',
]


@pytest.mark.parametrize("piece", ODD, ids=repr)
@pytest.mark.parametrize("first", ["", 'msgid "', '[{"', "1\n"])
def test_an_odd_beginning_takes_no_time(piece: str, first: str) -> None:
    begin = time.process_time()
    what_it_is(first + piece * (30_000 // len(piece)) + "x")
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize(
    ("head", "what"),
    [
        ('msgid ""\nmsgstr ""\n', "a PO catalogue"),
        ('\n \n# c\n\nmsgctxt "x"\n"y"\nmsgid "a"\n"b"\nmsgid_plural "s"\nmsgstr[0] "t"\n', "a PO catalogue"),
        (
            '<?xml version="1.0"?>\n<!DOCTYPE tmx>\n<!-- a -- b -->\n<!-- c --><tmx version="1.4">',
            "TMX, a translation memory",
        ),
        ("<!-- c --><xliff>", "XLIFF, pairs in XML"),
        ("<martif>", "TBX, terms in XML"),
        ("\n1\n00:00:01,000 --> 00:00:02,000\n", "SRT subtitles"),
        ("WEBVTT\n", "WebVTT subtitles"),
    ],
)
def test_beginnings_are_known(head: str, what: str) -> None:
    found = what_it_is(head)
    assert found is not None and found.what == what
