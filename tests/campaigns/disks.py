"""Disks that fill, at every size from nothing up: one message, exit 1, and nothing lost.

The disk is a small file system in memory where this user may mount one, else a limit on the size of each file. Afterwards
there is room again, and the same command succeeds.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from breaking import save_always
from campaign import Campaign, main, workplace, write_corpora
from children import Outcome, Streams, run
from kills import DIGITS, GENERATE, NETWORK, OTHER, OUT, PAIRS, TEXT, TRANSLATE

PAGE = 4096
NEW_TEXT = ["train", TEXT, "--order", "2", "--steps", "3", *NETWORK, *OUT]
NEW_PAIRS = ["train", DIGITS, "--tokenizer", "char", "--steps", "3", *PAIRS, *OUT]
MARKOV = ["train", OTHER, "--arch", "markov", "--order", "3", *OUT]
# name -> (what is there before, the command, what has to answer afterwards)
SCENES: dict[str, tuple[list[list[str]], list[str], list[str] | None]] = {
    "creation": ([], NEW_TEXT, None),
    "creation of pairs": ([], NEW_PAIRS, None),
    "creation by counting": ([], MARKOV, None),
    "creation of pairs in pieces": ([], ["train", DIGITS, "--vocab-size", "320", "--steps", "2", *PAIRS, *OUT], None),
    "going on": ([NEW_TEXT], [*NEW_TEXT, "--steps", "6"], GENERATE),
    "pairs going on": ([NEW_PAIRS], [*NEW_PAIRS, "--steps", "6"], TRANSLATE),
    "overwriting": ([MARKOV], [*NEW_TEXT, "--overwrite"], GENERATE),
    "overwriting pairs": ([NEW_PAIRS], [*NEW_PAIRS, "--overwrite", "--seed", "2"], TRANSLATE),
    "conversion": ([NEW_PAIRS, ["DELETE", "run/engine"]], TRANSLATE, TRANSLATE),
    "report": ([MARKOV], ["report", "-m", "run", "-o", "page.html"], GENERATE),
    "picture": ([MARKOV], ["explain", "surprise", "-m", "run", "-p", "The rain", "-o", "page.png"], GENERATE),
    "results": ([MARKOV], ["generate", "-m", "run", "-n", "9000", "--seed", "1"], GENERATE),
}
# Where a save that succeeded before the disk was full may answer from now on.
MAY_CHANGE = {"going on", "pairs going on", "overwriting", "overwriting pairs"}


def work(campaign: Campaign) -> None:
    """Each scene at sizes between nothing and enough."""
    with workplace() as base:
        mountable = _mountable(base)
        campaign.figures["disk"] = "a file system of its own" if mountable else "a limit on the size of files"
        ready: dict[str, int] = {}
        for number in campaign.numbers():
            name = list(SCENES)[number % len(SCENES)]
            folder = base / name.replace(" ", "-")
            if name not in ready:
                ready[name] = _prepare(folder, name)
            rng = campaign.rng(number)
            room = rng.randrange(0, ready[name] + PAGE)
            files = rng.randrange(0, 8) if rng.random() < 0.3 else None
            trial(campaign, folder, name, number, room, files, mountable)


def _mountable(base: Path) -> bool:
    """Whether this user may mount."""
    try:
        with _mounted(base / "mount", 100 * PAGE):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextmanager
def _mounted(path: Path, size: int) -> Iterator[None]:
    path.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={max(PAGE, size)}", "tmpfs", path], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def _prepare(folder: Path, name: str) -> int:
    """Make what is there before; return the bytes that the command adds."""
    before, command, _ = SCENES[name]
    begun, done = folder / "begun", folder / "done"
    write_corpora(begun / "corpora")
    for words in before:
        if words[0] == "DELETE":
            shutil.rmtree(begun / words[1], ignore_errors=True)
        else:
            assert execute(begun, words).code == 0
    shutil.copytree(begun, done)
    execute(done, command)
    largest = max((path.stat().st_size for path in (done / "run").rglob("*") if path.is_file()), default=0)
    return max(PAGE, _used(done) - _used(begun)) + largest // PAGE * PAGE


def _used(folder: Path) -> int:
    """Bytes in whole pages."""
    return sum(-(-path.stat().st_size // PAGE) * PAGE for path in folder.rglob("*") if path.is_file())


def execute(folder: Path, command: list[str], limit: int | None = None, out: int | None = -1) -> Outcome:
    """A command in a folder, saving after every step."""

    def before() -> None:
        save_always()
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    temporary = folder.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    return run(
        command, cwd=folder, before=before, environment={"TMPDIR": str(temporary)}, streams=Streams(b"", out), seconds=60
    )


def trial(campaign: Campaign, folder: Path, name: str, number: int, room: int, files: int | None, mountable: bool) -> None:
    """One scene with so much room beside what is there, or with room for so many files."""
    place = folder / "place"
    shutil.rmtree(place, ignore_errors=True)
    if not mountable:
        shutil.copytree(folder / "begun", place)
        _play(campaign, place, name, number, limit=max(PAGE, room // 4), make_room=lambda: None)
        return
    begun = folder / "begun"
    with _mounted(place, 1 << 30):
        shutil.copytree(begun, place, dirs_exist_ok=True)
        statistics = os.statvfs(place)
        used = (statistics.f_blocks - statistics.f_bfree) * statistics.f_frsize

        inodes = statistics.f_files - statistics.f_ffree

        def resize(size: int, most: int) -> None:
            subprocess.run(["mount", "-o", f"remount,size={size},nr_inodes={most}", place], check=True)

        if files is None:
            resize(used + room // PAGE * PAGE, 1 << 20)
        else:
            resize(1 << 30, inodes + files)
        said = f"{room:,} bytes free; " if files is None else f"{files} files free; "
        _play(campaign, place, name, number, limit=None, make_room=lambda: resize(1 << 30, 1 << 20), said=said)


def _play(
    campaign: Campaign, place: Path, name: str, number: int, *, limit: int | None, make_room: Callable[[], None], said: str = ""
) -> None:
    _, command, use = SCENES[name]
    there = {path.name for path in place.iterdir()}
    answer = execute(place, use, limit).out if use and use != command and (place / "run").exists() else None
    out = os.open(place / "results", os.O_WRONLY | os.O_CREAT) if name == "results" else -1
    done = execute(place, command, limit, out)
    if out != -1:
        os.close(out)
        (place / "results").unlink()
    said = f"{said}exit {done.code}\n{done.said[-300:]}"
    if done.escaped:
        campaign.fault(f"{name}: {done.escaped}", number, command, said)
    elif done.code not in (0, 1):
        campaign.fault(f"{name}: exit {done.code}", number, command, said)
    elif done.code == 1 and len(re.findall(r"(?m)^error: ", done.said)) != 1:
        campaign.fault(f"{name}: exit 1 without one message", number, command, said)
    campaign.note(f"exit {done.code}")
    if done.code:
        _left(campaign, place, name, number, there, said)
    if use and answer is not None:
        again = execute(place, use, limit)
        kept = again.out == answer or not done.code or name in MAY_CHANGE
        if again.code or again.escaped or not kept:
            campaign.fault(f"{name}: the model that was there does not answer as before", number, use, f"{said}\n{again.said}")
    make_room()
    last = execute(place, command)
    if last.code or last.escaped:
        campaign.fault(f"{name}: with room again: {last.escaped or last.code}", number, command, f"{said}\n{last.said}")


def _left(campaign: Campaign, place: Path, name: str, number: int, there: set[str], said: str) -> None:
    """Nothing is left where nothing was, but a run that can go on; nothing half-written anywhere."""
    for path in place.rglob("*"):
        if path.name.startswith(".") and not path.name.startswith(".run"):
            kind = re.sub(r"[a-z0-9_]{8}$", "*", path.name)
            campaign.fault(f"{name}: leaves {kind}", number, SCENES[name][1], said)
    for extra in {path.name for path in place.iterdir()} - there:
        # Begun beside the old one: the same command goes on with it.
        begun = "--overwrite" in SCENES[name][1] and extra.startswith(".run")
        if begun or (extra == "run" and (place / "run" / "config.json").is_file()):
            continue
        campaign.fault(f"{name}: leaves {extra}", number, SCENES[name][1], said)


if __name__ == "__main__":
    main("disks", 330, work, __doc__ or "")
