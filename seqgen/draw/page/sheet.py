"""The style sheet of a page: light or dark as the reader prefers, readable on a phone and on paper.

Numbers have the colours of seqgen.draw.colours on both.
"""

from __future__ import annotations

from seqgen.draw.colours import ramp, written


def style_sheet() -> str:
    """The whole sheet."""
    return _STYLE.replace("SEQUENTIAL", _stops(signed=False)).replace("DIVERGING", _stops(signed=True))


def _stops(*, signed: bool) -> str:
    return ", ".join(map(written, ramp(signed=signed)))


_STYLE = """\
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1c1c21; --faint: #5d5d66; --line: #d5d5db; --soft: #f4f4f6;
  --link: #2450a8;
  --c0: #1f6fd0; --c1: #cf4f16; --c2: #1d8650; --c3: #a83fb0; --c4: #8f7000; --c5: #087f90; --c6: #c9305f; --c7: #63676e; }
@media (prefers-color-scheme: dark) { :root { --paper: #15161a; --ink: #e8e8ec; --faint: #a2a2ac; --line: #3a3b42;
  --soft: #202127; --link: #9cc0ff;
  --c0: #5aa2f5; --c1: #f58a55; --c2: #4cc088; --c3: #d683dc; --c4: #d8b23c; --c5: #3fc0d2; --c6: #f2789b; --c7: #a8adb6; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Noto Sans",
  "Noto Sans KR", "Noto Sans CJK KR", "Apple SD Gothic Neo", "Malgun Gothic", NanumGothic, sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 1rem 1rem 3rem; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .6rem 0; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 .4rem; padding-top: .8rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
a { color: var(--link); }
nav ul { padding: 0; margin: .8rem 0; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; }
.lead { color: var(--faint); }
.box { overflow-x: auto; }
.box svg { display: block; max-width: 100%; height: auto; margin-bottom: .3rem; }
svg text { fill: currentColor; font-size: 12px; }
svg .axis { font-size: 13px; fill: var(--faint); }
svg text.dark { fill: #101010; }
svg text.light { fill: #f4f4f4; }
svg .frame { fill: none; stroke: var(--line); }
svg .grid { stroke: var(--line); }
svg polyline, .swatch path { fill: none; stroke-width: 2; stroke-linejoin: round; }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); } .c3 { stroke: var(--c3); }
.c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); } .c6 { stroke: var(--c6); } .c7 { stroke: var(--c7); }
circle { fill: var(--paper); stroke-width: 1.5; }
.legend { list-style: none; margin: .2rem 0 1rem; padding: 0; display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; }
.scale { margin: .2rem 0 .8rem; color: var(--faint); font-size: .875rem; }
.bar { display: inline-block; width: 7rem; height: .7rem; margin: 0 .2rem; border: 1px solid var(--line); }
.bar.s { background: linear-gradient(to right, SEQUENTIAL); }
.bar.d { background: linear-gradient(to right, DIVERGING); }
.shaded { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 1.0625rem; line-height: 1.8; }
.shaded span { padding: .15em 0; -webkit-box-decoration-break: clone;
  box-decoration-break: clone; }
.shaded .dark { color: #101010; }
.shaded .light { color: #f4f4f4; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .3rem 0 1rem; }
th, td { padding: .25rem .8rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th, td { vertical-align: top; }
.words { text-align: left; }
td.words { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 9rem; }
th:first-child { text-align: left; font-weight: normal; white-space: normal; min-width: 5.5rem; }
thead th, thead th:first-child { font-weight: 600; color: var(--faint); font-size: .875rem; }
summary { color: var(--link); cursor: pointer; margin: 0 0 1rem; }
pre { background: var(--soft); padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .875rem; }
@media print { .box { overflow: visible; } .box svg { min-width: 0 !important; } section { break-inside: auto; }
  details::details-content { content-visibility: visible; block-size: auto; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""
