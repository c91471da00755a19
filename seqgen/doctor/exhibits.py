"""The report of an examination as exhibits, for a page: a table of all kinds, then the worst of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seqgen.draw.human import count, plural
from seqgen.draw.panels import Exhibit, Table


def exhibits_of(report: Mapping[str, Any], expected: Sequence[str]) -> list[Exhibit]:
    """Exhibits of a report; `expected` are sentences about the training to come."""
    found = [kind for kind in report["kinds"] if kind["count"]]
    return [
        Exhibit("What was found", [Table("", HEAD, rows_of(report))], [*verdict(report), *report["notes"]], about(report)),
        *(Exhibit(_title(report, kind), [_worst(kind)], [kind["why"].capitalize() + "."]) for kind in found),
        Exhibit("What to expect", [], expected),
    ]


HEAD = ("", "found", "share", "what becomes of them")


def rows_of(report: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A row for each kind, those that were found first."""
    rows: list[tuple[str, ...]] = []
    for kind in sorted(report["kinds"], key=lambda kind: not kind["count"]):
        becomes = "would hurt" if kind["hurts"] else f"left out {kind['left_out']}" if kind["left_out"] else "kept"
        share = _percent(kind["share"]) if kind["count"] else ""
        rows.append((kind["what"], f"{kind['count']:,}", share, becomes if kind["count"] else ""))
    return rows


def about(report: Mapping[str, Any]) -> str:
    """What was examined, in a line."""
    unit = plural(report["read"], "line" if report["kind"] == "text" else "pair")
    return f"{', '.join(report['files'])}: {unit}"


def sides_of(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each side and what it is written in."""
    rows = []
    for name, side in report["sides"].items():
        scripts = ", ".join(f"{script} {_percent(share)}" for script, share in list(side["scripts"].items())[:4])
        words = plural(side["words"], "word") if side["words"] < 1_000 else f"{count(side['words'])} words"
        sizes = f"{count(side['characters'])} characters, {words} between spaces"
        length = f"half of them up to {side['median_characters']:,.0f} characters"
        rows.append((name, f"{sizes}, {length}; alphabet of {side['alphabet']:,}; {scripts or 'no letters'}"))
    return rows


def verdict(report: Mapping[str, Any]) -> list[str]:
    """What would hurt, or that nothing would."""
    return [f"Would hurt: {said}." for said in report["hurts"]] or ["Nothing that would hurt a training was found."]


def place_of(example: Mapping[str, Any]) -> str:
    """Where an example stands: file, line, and what the file calls it."""
    return f"{example['file']}:{example['line']}" + (f" ({example['unit']})" if "unit" in example else "")


def _title(report: Mapping[str, Any], kind: Mapping[str, Any]) -> str:
    return f"{plural(kind['count'], 'line' if report['kind'] == 'text' else 'pair')} {kind['what']}"


def _worst(kind: Mapping[str, Any]) -> Table:
    texts = ("text",) if kind["worst"] and "text" in kind["worst"][0] else ("source", "target")
    rows = [(place_of(one), *(one[text] for text in texts), one["detail"]) for one in kind["worst"]]
    return Table("The worst" if len(rows) < kind["count"] else "", ("where", *texts, "what"), rows)


def _percent(share: float) -> str:
    """A share in percent: only what is all is 100, and only what is nothing is 0."""
    if share < 0.00005:
        return "< 0.01 %"
    if share >= 0.995:
        return "100 %" if share == 1 else "> 99 %"
    return f"{100 * share:.2g} %"
