"""Does `train --minutes M` end when it says? Wall clock from process start to exit, idle and beside a busy loop."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from quality import train
from report import data_file, header, table


def main() -> None:
    """Train each budget twice, print where it landed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 2, 5])
    parser.add_argument("--load", choices=["idle", "busy", "both"], default="both")
    arguments = parser.parse_args()
    header("Landing on time")
    rows = []
    for minutes in arguments.minutes:
        for load in ("idle", "busy") if arguments.load == "both" else (arguments.load,):
            busy = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if load == "busy" else None
            try:
                with tempfile.TemporaryDirectory() as folder:
                    options = ["--minutes", str(minutes)]
                    seconds, config = train(data_file("tinyshakespeare.txt"), Path(folder) / "run", options)
            finally:
                if busy:
                    busy.kill()
            rest = {name: value for name, value in config["seconds"].items() if name != "training"}
            rows.append([f"{minutes:g}", load, f"{seconds:.1f}", f"{seconds / minutes / 60 - 1:+.1%}",
                         f"{sum(rest.values()) / seconds:.1%}", f"{config['scores']['valid']['nats_per_char']:.4f}",
                         ", ".join(f"{name} {value:.1f}" for name, value in rest.items())])  # fmt: skip
    table(["minutes", "machine", "seconds", "off by", "not training steps", "nats a character", "of it, seconds"], rows)


if __name__ == "__main__":
    main()
