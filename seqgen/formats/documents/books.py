"""Text of e-books (epub) and of text documents (odt): read, not written."""

from __future__ import annotations

import posixpath
import re
from html import unescape
from urllib.parse import unquote

from seqgen.formats.document import Document
from seqgen.formats.documents import html
from seqgen.formats.documents.zips import member, opened
from seqgen.formats.inline import without_marks

_ROOT = re.compile(r"<rootfile\b[^>]*\bfull-path\s*=\s*[\"']([^\"']+)")
_ITEM = re.compile(r"<(?:\w+:)?item\b[^>]*>")
_SPINE = re.compile(r"<(?:\w+:)?itemref\b[^>]*\bidref\s*=\s*[\"']([^\"']+)")
_ATTRIBUTE = re.compile(r"\b(id|href|media-type)\s*=\s*[\"']([^\"']*)")
_BLOCK = re.compile(r"<text:(p|h)\b[^>]*?(?:/>|>(.*?)</text:\1>)", re.S)
_ASIDE = re.compile(r"<text:note\b.*?</text:note>|<office:annotation\b.*?</office:annotation>", re.S)
_SPACES = re.compile(r"<text:s(?:\s+text:c=\"(\d{1,3})\")?\s*/>")


def epub(document: Document) -> str:
    """The chapters of an e-book, in their order, a line for each block. Raises CorpusError for what is none."""
    name = document.name
    with opened(document.taken(), name) as archive:
        container = member(archive, "META-INF/container.xml", name).decode("utf-8", "replace")
        root = _ROOT.search(container)
        if root is None:
            raise document.error(1, "META-INF/container.xml names no book")
        book = member(archive, root[1], name).decode("utf-8", "replace")
        items = {item["id"]: item for tag in _ITEM.finditer(book) if "id" in (item := dict(_ATTRIBUTE.findall(tag[0])))}
        texts = []
        for found in _SPINE.finditer(book):
            item = items.get(found[1], {})
            if "html" in item.get("media-type", ""):
                place = posixpath.normpath(posixpath.join(posixpath.dirname(root[1]), unquote(unescape(item.get("href", "")))))
                page = member(archive, place, name).decode("utf-8", "replace").removeprefix("\ufeff")
                texts.append("".join(f"{without_marks(unit.source, unit.marks)}\n" for unit in html.units_of(page)))
    return _counted(document, "\n".join(texts))


def odt(document: Document) -> str:
    """The paragraphs and headings of a text document, a line each. Raises CorpusError for what is none."""
    with opened(document.taken(), document.name) as archive:
        xml = member(archive, "content.xml", document.name).decode("utf-8", "replace")
    lines = []
    for block in _BLOCK.finditer(xml):
        said = re.sub(
            r"<text:note\b.*?</text:note>|<office:annotation\b.*?</office:annotation>", "", block[2] or "", flags=re.S
        )
        said = _SPACES.sub(lambda found: " " * int(found[1] or 1), said)
        said = re.sub(r"<text:(?:tab|line-break)\s*/>", " ", said)
        lines.append(unescape(re.sub(r"<[^>]*>", "", said)).strip())
    return _counted(document, "".join(f"{line}\n" for line in lines if line))


def _counted(document: Document, text: str) -> str:
    document.characters = len(text)
    return text
