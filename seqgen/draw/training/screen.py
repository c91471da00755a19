"""The live screen of a training run: where it is, how it goes, what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seqgen.console import Console
from seqgen.draw.human import count, duration, visible
from seqgen.draw.training.braille import MARK, Points, curve

if TYPE_CHECKING:
    from rich.console import RenderableType

SMALLEST = 12


@dataclass(frozen=True)
class TrainingView:
    """All that the screen shows. Losses are bits a symbol; series are (seconds or steps, bits); `scores` are percentages.
    `unseen` is the part of the last held-out loss that characters cost which training has never seen. `smoothed` says that
    the training loss is of smoothed targets, and so lies above the other."""

    title: str
    plan: str = ""
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
    network: float | None = None
    best: float | None = None
    smoothed: bool = False
    scores: tuple[tuple[str, float], ...] = ()
    baselines: tuple[tuple[str, float], ...] = ()
    sample: str = ""
    notes: tuple[str, ...] = ()


def verdict(view: TrainingView) -> str:
    """The score compared with those of counting and packing on the same text."""
    if not view.baselines:
        return ""
    known = ", ".join(f"{name} gets {bits:.3f}" for name, bits in view.baselines)
    here = f", you are at {view.best:.3f}" if view.best is not None else ""
    return f"{known} bits a character{here}"


def render(view: TrainingView, width: int, height: int) -> RenderableType:
    """The screen in `width` x `height` cells; the curve takes the space that is left, the sample gives way first."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.text import Text

    inner = width - 4
    head = [Text(visible(view.plan), style="dim", overflow="fold")] if view.plan else []
    head_lines = len(head and head[0].wrap(_wrapper(), inner))
    body = [_bar(view, inner), _figures(view), *([Text(verdict(view), style="cyan")] if view.baselines else [])]
    notes = [Text(visible(note), style="yellow", no_wrap=True, overflow="ellipsis") for note in view.notes[-2:]]
    left = height - 2 - head_lines - len(body) - len(notes)
    sample_lines = min(6, max(0, left - 7)) if view.sample else 0
    plot = max(0, min(14, left - (sample_lines + 1 if sample_lines else 0) - 2))
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
    cells = max(4, width - len(where))
    full = round(share * cells)
    return Text.assemble(("━" * full, "bold green"), ("╌" * (cells - full), "dim"), where)


def _figures(view: TrainingView) -> RenderableType:
    """Losses and speed in one line."""
    from rich.text import Text

    parts: list[tuple[str, str] | str] = []
    if view.train:
        parts += [("train, smoothed " if view.smoothed else "train ", "dim"), (f"{view.train[-1][1]:.3f}", "bold"), "  "]
    if view.valid:
        parts += [("valid ", "dim"), (f"{view.valid[-1][1]:.3f}", "bold magenta"), ("≈ ", "dim"), " "]
        if view.unseen:
            parts += [("unseen ", "dim"), f"{view.unseen:.3f} of it  "]
        if view.best is not None:
            parts += [("best ", "dim"), (f"{view.best:.3f}", "bold"), "  "]
    for name, value in view.scores:
        parts += [(f"{name} ", "dim"), (f"{value:.1f}", "bold magenta"), "  "]
    if view.network is not None:
        parts += [("network alone ", "dim"), f"{view.network:.3f}  "]
    if view.rate:
        parts += [f"{count(view.rate)} ", ("symbols/s  ", "dim"), ("rate ", "dim"), f"{view.lr:.1e}"]
    text = Text.assemble(*parts) if parts else Text("")
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _plot(view: TrainingView, width: int, height: int) -> list[RenderableType]:
    """The two losses over time."""
    from rich.text import Text

    end = view.total if view.total else float(view.steps) if view.steps else None
    lines = curve(_steady(view.train), view.valid, width, height, end=end)
    legend = f"{'bits':>5}  ⠒ train  {MARK} held-out, approximate"
    drawn = []
    for line in [legend, *lines]:
        text = Text(line, no_wrap=True, overflow="crop")
        text.highlight_regex(MARK, "bold magenta")
        text.highlight_regex(r"[⠁-⣿]+", "green")
        drawn.append(text)
    return [*drawn]


def _steady(points: Points) -> Points:
    """The training loss without its first tenth, whose fall would leave no room for the rest."""
    return points[len(points) // 10 :] if len(points) > 40 else points


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

    def __enter__(self) -> LiveScreen:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, view: TrainingView) -> None:
        """Draw one frame; the caller decides how often."""
        size = self._console.size
        # A window can be as narrow as one column; what does not fit is cut.
        self._live.update(render(view, max(SMALLEST, size.width), max(0, size.height - 1)), refresh=True)

    def keep(self, text: str) -> None:
        """Print a text above the frame, where it stays and scrolls as others do."""
        from rich.text import Text

        self._console.print(Text(visible(text)), soft_wrap=True)
