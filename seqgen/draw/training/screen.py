"""The live screen of a training run: where it is, how it goes, what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seqgen.console import Console
from seqgen.draw.human import count, duration, visible
from seqgen.draw.training.braille import MARK, Points, curve, scale

if TYPE_CHECKING:
    from rich.console import RenderableType

SMALLEST = 12
# The share of the time so far whose fall is left out of the curve: it would leave no room for the rest.
FALL = 0.15
# The most of the screen's lines that the plan may take.
PLAN_SHARE = 0.2


@dataclass(frozen=True)
class TrainingView:
    """All that the screen shows. Losses are bits a `unit`; series are (seconds or steps, bits); `scores` are percentages.

    `about` says in plain words what is going on. `train` and `valid` are losses of the same network; where it is mixed with a
    Markov model, `mixed` is the last held-out loss of both, and `best` the lowest of what the run will be used as. `unseen` is
    the part of the last held-out loss that characters cost which training has never seen. `smoothed` says that the training
    loss is of smoothed targets, and so lies above the other. `rate` is in units a second.
    """

    title: str
    about: str = ""
    plan: str = ""
    unit: str = "character"
    phase: str = "reading"
    fraction: float = 0.0
    elapsed: float = 0.0
    total: float | None = None
    step: int = 0
    steps: int | None = None
    eta: float | None = None
    rate: float = 0.0
    lr: float = 0.0
    train: tuple[tuple[float, float], ...] = ()
    valid: tuple[tuple[float, float], ...] = ()
    unseen: float = 0.0
    mixed: float | None = None
    best: float | None = None
    smoothed: bool = False
    scores: tuple[tuple[str, float], ...] = ()
    baselines: tuple[tuple[str, float], ...] = ()
    sample: str = ""
    notes: tuple[str, ...] = ()


def compared(view: TrainingView) -> str:
    """The score compared with those of counting and packing on the same text."""
    if not view.baselines:
        return ""
    known = ", ".join(f"{name} gets {bits:.3f}" for name, bits in view.baselines)
    here = f", you are at {view.best:.3f}" if view.best is not None else ""
    return f"{known} bits a character{here}"


def losses(view: TrainingView) -> list[tuple[str, str]]:
    """The last losses by name, all in bits a unit; those that are approximate end with ≈."""
    found = [("training, smoothed" if view.smoothed else "training", f"{view.train[-1][1]:.3f}")] if view.train else []
    if view.valid:
        found.append(("held-out", f"{view.valid[-1][1]:.3f}≈"))
        found += [] if view.mixed is None else [("with counting", f"{view.mixed:.3f}≈")]
        found += [("of it for characters never seen", f"{view.unseen:.3f}")] if view.unseen else []
        found += [] if view.best is None else [("best", f"{view.best:.3f}")]
    return found


def render(view: TrainingView, width: int, height: int) -> RenderableType:
    """The screen in `width` x `height` cells; the curve takes the space that is left, the sample gives way first."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.text import Text

    inner = width - 4
    head = [*_folded(view.about, inner, "bold"), *_folded(view.plan, inner, "dim", max(1, int(PLAN_SHARE * height)))]
    body = [_bar(view, inner), *_figures(view, inner), *_folded(compared(view), inner, "cyan")]
    notes = [Text(visible(note), style="yellow", no_wrap=True, overflow="ellipsis") for note in view.notes[-2:]]
    left = height - 2 - len(head) - len(body) - len(notes)
    sample_lines = min(6, max(0, left - 8)) if view.sample else 0
    plot = max(0, min(14, left - (sample_lines + 1 if sample_lines else 0) - 3))
    parts: list[Any] = [*head, *body]
    if plot >= 3:
        parts += _plot(view, inner, plot)
    if sample_lines:
        parts.append(Text("─ a sample " + "─" * max(0, inner - 11), style="dim"))
        parts += _sample(view.sample, inner, sample_lines)
    return Panel(Group(*parts, *notes), title=Text(visible(view.title), style="bold"), border_style="dim", width=width)


def _bar(view: TrainingView, width: int) -> RenderableType:
    """A bar, the share of the budget used, and the time left."""
    from rich.text import Text

    share = view.elapsed / view.total if view.total else view.fraction
    share = min(1.0, max(0.0, share))
    if view.total:
        where = f" {share:4.0%}  {duration(view.elapsed)} of {duration(view.total)}"
    else:
        where = f" {share:4.0%}  step {view.step:,}" + (f" of {view.steps:,}" if view.steps else "")
    where += f"  {view.phase}" if view.phase != "training" else ""
    where += f"  {duration(view.eta)} left" if view.eta is not None else ""
    # Where there is no room for a bar that says more than the number, there is none.
    cells = width - len(where) if width - len(where) >= 4 else 0
    full = round(share * cells)
    text = Text.assemble(("━" * full, "bold green"), ("╌" * (cells - full), "dim"), where if cells else where.lstrip())
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _figures(view: TrainingView, width: int) -> list[RenderableType]:
    """Losses, scores and speed, each with its name, in as many lines as they take."""
    from rich.text import Text

    known = losses(view)
    styles = {"held-out": "bold magenta", "with counting": "bold magenta", "best": "bold"}
    phrases = [Text(f"bits a {view.unit}:", style="dim")] if known else []
    phrases += [Text.assemble((f"{name} ", "dim"), (value, styles.get(name, ""))) for name, value in known]
    phrases += [Text.assemble((f"{name} ", "dim"), (f"{value:.1f}", "bold magenta")) for name, value in view.scores]
    if view.rate:
        phrases.append(Text.assemble(f"{count(view.rate)} ", (f"{view.unit}s a second", "dim")))
        phrases.append(Text.assemble(("learning rate ", "dim"), f"{view.lr:.1e}"))
    lines = [Text("", no_wrap=True, overflow="ellipsis")]
    for phrase in phrases:
        if lines[-1] and lines[-1].cell_len + 2 + phrase.cell_len > width:
            lines.append(Text("", no_wrap=True, overflow="ellipsis"))
        lines[-1].append_text(Text("  ") + phrase if lines[-1] else phrase)
    return [*lines]


def _plot(view: TrainingView, width: int, height: int) -> list[RenderableType]:
    """The two losses over time, in minutes or steps."""
    from rich.text import Text

    end = view.total if view.total else float(view.steps) if view.steps else None
    last = max((x for x, _ in (*view.train, *view.valid)), default=0.0)
    first = min((x for x, _ in (*view.train, *view.valid)), default=0.0)
    begin = first + FALL * (last - first)
    lines = curve(_steady(view.train, begin), _steady(view.valid, begin), width, height, end=end)
    size, unit = (1.0, " steps") if not view.total else (1.0, " s") if view.total < 120 else (60.0, " min")
    legend = f"{'bits':>5}  ⠒ training  {MARK} held-out, approximate"
    drawn = []
    for line in [legend, *lines, scale((end or last) / size, unit, width)]:
        text = Text(line, no_wrap=True, overflow="crop")
        text.highlight_regex(MARK, "bold magenta")
        text.highlight_regex(r"[⠁-⣿]+", "green")
        drawn.append(text)
    return [*drawn]


def _steady(points: Points, begin: float) -> Points:
    """A loss without its first fall, from `begin` on."""
    later = [point for point in points if point[0] >= begin]
    return later if len(later) > 1 else points


def _folded(text: str, width: int, style: str, most: int | None = None) -> list[RenderableType]:
    """A text in lines of at most `width` cells, the last of `most` ending with … where there are more; none for no text."""
    from rich.text import Text

    lines = list(Text(visible(text), style=style, overflow="fold").wrap(_wrapper(), width)) if text else []
    if most is not None and len(lines) > most:
        lines[most - 1].truncate(width - 1)
        lines[most - 1].append("…")
    return [*lines[:most]]


def _sample(sample: str, width: int, lines: int) -> list[RenderableType]:
    """The first lines of a sample, as wide as they may be."""
    from rich.text import Text

    wrapped: list[Text] = []
    for line in visible(sample).split("\n"):
        wrapped += list(Text(line).wrap(_wrapper(), width)) or [Text("")]
    return [*wrapped[:lines], *[Text("")] * (lines - len(wrapped))]


def _wrapper() -> Any:
    """rich needs a console to wrap text; which one does not matter."""
    from rich import get_console

    return get_console()


class LiveScreen:
    """Shows views on a terminal's stderr until it is closed; the last frame stays."""

    def __init__(self, console: Console) -> None:
        from rich.live import Live

        self._console = console.rich()
        self._live = Live(console=self._console, auto_refresh=False, transient=False)
        self._size = self._console.size

    def __enter__(self) -> LiveScreen:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, view: TrainingView) -> None:
        """Draw one frame; the caller decides how often."""
        size = self._console.size
        if size != self._size:
            self._size = size
            self._begin_anew(size.height)
        # A window can be as narrow as one column; what does not fit is cut.
        self._live.update(render(view, max(SMALLEST, size.width), max(0, size.height - 1)), refresh=True)

    def keep(self, text: str) -> None:
        """Print a text above the frame, where it stays and scrolls as others do."""
        from rich.text import Text

        self._console.print(Text(visible(text)), soft_wrap=True)

    def _begin_anew(self, height: int) -> None:
        """Leave the frames so far to the scrollback: a terminal that has another size has broken their lines, and nobody knows
        where they begin."""
        from rich.control import Control
        from rich.live import Live

        self._live.stop()
        self._console.line(height)
        self._console.control(Control.home())
        self._live = Live(console=self._console, auto_refresh=False, transient=False)
        self._live.start()
