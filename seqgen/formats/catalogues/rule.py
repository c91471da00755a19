"""The rule of a PO header that says which plural form a number takes: an expression of C with one variable, n.

GNU gettext manual, 11.2.6 "Additional functions for plural forms". It is evaluated here, never by Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

_RULE = re.compile(r"Plural-Forms:\s*nplurals\s*=\s*(\d{1,3})\s*;\s*plural\s*=([^;\n]*)", re.IGNORECASE)
_TOKEN = re.compile(r"\s*(\d{1,9}|n|\|\||&&|[=!<>]=|[<>+\-*/%!?:()])")
# Rules of real languages have at most some 200 characters, and few brackets within brackets.
LONGEST, DEEPEST = 1_000, 40
# Numbers that a rule is tried with: the forms of all languages come up.
TRIED = 201
_LEVELS: tuple[dict[str, Callable[[int, int], int]], ...] = (
    {"||": lambda a, b: int(bool(a or b))},
    {"&&": lambda a, b: int(bool(a and b))},
    {"==": lambda a, b: int(a == b), "!=": lambda a, b: int(a != b)},
    {
        "<": lambda a, b: int(a < b),
        ">": lambda a, b: int(a > b),
        "<=": lambda a, b: int(a <= b),
        ">=": lambda a, b: int(a >= b),
    },
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b},
    # Of numbers that are not negative, as in C.
    {"*": lambda a, b: a * b, "/": lambda a, b: a // b, "%": lambda a, b: a % b},
)
Value = Callable[[int], int]


class Rule(NamedTuple):
    """How many `forms` there are, the form for 1, and whether other numbers take it too."""

    forms: int
    one: int
    shared: bool


def rule_in(header: str) -> Rule | None:
    """The rule of a header; None where it has none, or one that is not whole or gives a form that is not there."""
    found = _RULE.search(header)
    if found is None:
        return None
    count = int(found[1])
    try:
        value = parsed(found[2])
        forms = [value(n) for n in range(TRIED)]
    except (ValueError, ZeroDivisionError):
        return None
    if not count or not all(0 <= form < count for form in forms):
        return None
    return Rule(count, forms[1], forms.count(forms[1]) > 1)


def parsed(expression: str) -> Value:
    """The function that an expression is. Raises ValueError for what is none."""
    expression = expression.strip()
    if len(expression) > LONGEST:
        raise ValueError("too long")
    tokens, place = [], 0
    while place < len(expression):
        token = _TOKEN.match(expression, place)
        if token is None:
            raise ValueError(f"unexpected {expression[place]!r}")
        tokens.append(token[1])
        place = token.end()
    parser = _Parser(tokens)
    value = parser.choice(0)
    if parser.tokens:
        raise ValueError(f"unexpected {parser.tokens[-1]!r}")
    return value


class _Parser:
    """By recursive descent, one method for each kind of expression; the next token is the last of the list."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens[::-1]

    def _take(self, *expected: str) -> str | None:
        return self.tokens.pop() if self.tokens and self.tokens[-1] in expected else None

    def _need(self, token: str) -> None:
        if not self._take(token):
            raise ValueError(f"expected {token!r}")

    def choice(self, depth: int) -> Value:
        """condition ? one : other"""
        if depth > DEEPEST:
            raise ValueError("too deep")
        condition = self._level(0, depth)
        if not self._take("?"):
            return condition
        one = self.choice(depth + 1)
        self._need(":")
        other = self.choice(depth + 1)
        return lambda n: one(n) if condition(n) else other(n)

    def _level(self, level: int, depth: int) -> Value:
        if level == len(_LEVELS):
            return self._single(depth)
        value = self._level(level + 1, depth)
        while operator := self._take(*_LEVELS[level]):
            value = _joined(_LEVELS[level][operator], value, self._level(level + 1, depth))
        return value

    def _single(self, depth: int) -> Value:
        if depth > DEEPEST:
            raise ValueError("too deep")
        if self._take("!"):
            value = self._single(depth + 1)
            return lambda n: int(not value(n))
        if self._take("("):
            value = self.choice(depth + 1)
            self._need(")")
            return value
        if self._take("n"):
            return lambda n: n
        if not self.tokens or not self.tokens[-1].isdigit():
            raise ValueError("expected a number or n")
        number = int(self.tokens.pop())
        return lambda n: number


def _joined(operator: Callable[[int, int], int], left: Value, right: Value) -> Value:
    return lambda n: operator(left(n), right(n))
