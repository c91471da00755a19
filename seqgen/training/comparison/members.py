"""Who takes part in a comparison, and with which settings: equal ones, or each as the planner sees fit."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqgen.config import Config
from seqgen.errors import ConfigError
from seqgen.families import architectures, family_of
from seqgen.families.base import Facts

TASK = "language"
# What --equal makes the same for all networks.
EQUAL = ("layers", "hidden", "embedding", "lr", "batch_size", "bptt", "dropout")
HIGHEST_ORDER = 30


@dataclass(frozen=True)
class Member:
    """One run of a comparison: the name of its folder, and the options that `seqgen train` would be given."""

    name: str
    options: Mapping[str, Any]

    @property
    def trained(self) -> bool:
        """Whether a network is trained; a model that only counts takes seconds, whatever the budget."""
        return family_of(Config(task=TASK, arch=self.options["arch"])).network is not None


def archs_named(words: str | None) -> tuple[str, ...]:
    """The architectures that a list with commas names; without one, all that learn texts. Raises ConfigError."""
    known = architectures(TASK)
    if words is None:
        return known
    found = tuple(word.strip() for word in words.split(","))
    for word in found:
        if word in known:
            continue
        close = difflib.get_close_matches(word.lower(), known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"those for texts are {', '.join(known)}"
        raise ConfigError(f"--arch: there is no architecture {word!r}", hint)
    return _once("--arch", found)


def orders_named(words: str | None) -> tuple[int, ...]:
    """The orders that a list with commas names; none without one. Raises ConfigError."""
    if words is None:
        return ()
    parts = [word.strip() for word in words.split(",")]
    for word in parts:
        if not (word.isascii() and word.isdigit() and len(word) < 4 and int(word) <= HIGHEST_ORDER):
            raise ConfigError(f"--order: expected whole numbers from 0 to {HIGHEST_ORDER} with commas between, found {word!r}",
                              "for example --order 1,2,3,6,12")  # fmt: skip
    return _once("--order", tuple(int(word) for word in parts))


def _once(name: str, found: tuple[Any, ...]) -> tuple[Any, ...]:
    """All of them. Raises ConfigError for one that is named twice: it would be the same run."""
    twice = next((one for place, one in enumerate(found) if one in found[:place]), None)
    if twice is not None:
        raise ConfigError(f"{name}: {twice} is named twice", "name each once: the same settings give the same run")
    return found


def members_of(archs: Sequence[str], orders: Sequence[int], options: Mapping[str, Any]) -> tuple[Member, ...]:
    """The members in order; each gets those of the options that mean something to it.

    With `orders`, the model that only counts takes part once for each. Raises ConfigError where there is none.
    """
    found: list[Member] = []
    for arch in archs:
        family = family_of(Config(task=TASK, arch=arch))
        own = {name: value for name, value in options.items() if name not in _ARCHITECTURES_OWN or name in family.settings}
        own |= {"task": TASK, "arch": arch}
        if orders and family.network is None:
            found += [Member(f"{arch}-{order}", {**own, "order": order}) for order in orders]
        else:
            found.append(Member(arch, own))
    if orders and all(member.trained for member in found):
        raise ConfigError("--order belongs to markov, which is not among --arch", "add markov, or leave --order out")
    return tuple(found)


# Options of a comparison that mean nothing to a model that only counts, or to some networks.
_ARCHITECTURES_OWN = frozenset({"minutes", "steps", "seed", *EQUAL})


def equal_settings(facts: Facts) -> dict[str, Any]:
    """The same settings for all networks: of each, the smallest that the planner would choose for any network that learns
    texts, whoever takes part. The smallest rate is the plain RNN's, which has no gates to bound its gradients."""
    planned = []
    for arch in architectures(TASK):
        config = Config(task=TASK, arch=arch)
        if network := family_of(config).network:
            planned.append(network.sized(network.default(network.begin(config, facts), facts), facts, None))
    found = {name: [value for config in planned if (value := getattr(config, name)) is not None] for name in EQUAL}
    return {name: min(values) for name, values in found.items() if values}
