"""Makes docs/train.svg: the live screen of a real training run, as rich exports it.

python docs/make_picture.py corpora/english.txt --minutes 2
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path

from rich.console import Console as RichConsole

from seqgen.console import Console
from seqgen.draw.training.screen import render
from seqgen.training.follower import Follower
from seqgen.training.progress import Progress
from seqgen.training.train import Request, Training

WIDTH, HEIGHT = 100, 30


def main() -> None:
    """Train, and keep the screen as it is when four fifths of the time are gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--minutes", type=float, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(arguments.file).stem
        training = Training(Request((arguments.file,), path, {"minutes": arguments.minutes}))
        follower = Follower(Console(sys.stdout, sys.stderr, quiet=True), None, f"{path.name}: {arguments.file}", training)
        for told in training.tell():
            if isinstance(told, Progress):
                follower.take(told)
                if told.report and told.total and told.elapsed > 0.8 * told.total:
                    break
        console = RichConsole(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
        console.print(render(follower.view, WIDTH, HEIGHT))
        console.save_svg(str(Path(__file__).parent / "train.svg"), title=f"seqgen train {arguments.file}")


if __name__ == "__main__":
    main()
