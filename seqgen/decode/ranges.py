"""Whether a setting is a number of its kind and in its range; errors name the option as the user knows it."""

from __future__ import annotations

import numbers

from seqgen.errors import ConfigError


def option_name(name: str) -> str:
    """A setting as it is written on the command line."""
    return "--" + name.replace("_", "-")


def check_number(
    name: str, value: object, kind: type, least: float, most: float, *, above: bool = False, hint: str | None = None
) -> None:
    """Raise ConfigError for what is not a number of this kind (int or float), or not from `least` to `most`.

    `above`: `least` itself is excluded.
    """
    is_kind = isinstance(value, numbers.Integral if kind is int else numbers.Real) and not isinstance(value, bool)
    # Written so that NaN, which is neither below nor above anything, fails.
    if not (is_kind and (least < value if above else least <= value) and value <= most):  # type: ignore[operator]
        word = "" if is_kind else "a whole number, " if kind is int else "a number, "
        bound = "above " if above else ""
        raise ConfigError(f"{option_name(name)}: expected {word}{bound}{least:,} to {most:,}, found {shown(value)}", hint)


def shown(value: object) -> str:
    """A value for a message: only the beginning of one with thousands of digits."""
    text = hex(value) if isinstance(value, int) and abs(value) >= 10**40 else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
