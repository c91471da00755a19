"""What happens in a child: its streams, folder and limits are set, seqgen's main is run, the interpreter's end imitated."""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import resource
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

# A child that runs away is stopped here, above what a trial may weigh.
ADDRESS_SPACE = 3 << 30


def live(
    arguments: list[str | bytes],
    cwd: Path,
    streams: tuple[int | None, int | None, int | None],
    files: list[int],
    environment: dict[str, str],
    before: Callable[[], None] | None,
    seconds: float,
) -> None:
    """All that happens in the child; never returns.

    `streams` are descriptors for 0, 1 and 2, None where it is closed; -1 is the file in memory of `files`, whose last one is
    for what the child has to say about itself.
    """
    code = 70
    report = files[2]
    try:
        report = os.dup2(files[2], 200)
        reading, out, err = streams
        for target, found in ((0, reading), (1, files[0] if out == -1 else out), (2, files[1] if err == -1 else err)):
            if found is None:
                os.close(target)
            else:
                os.dup2(found, target)
        os.closerange(3, 200)
        os.closerange(201, 1024)
        faulthandler.enable(report)
        faulthandler.dump_traceback_later(seconds, file=report)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        size, resident = (int(pages) * resource.getpagesize() for pages in Path("/proc/self/statm").read_text().split()[:2])
        os.write(report, json.dumps({"base": resident}).encode() + b"\n")
        resource.setrlimit(resource.RLIMIT_AS, (size + ADDRESS_SPACE,) * 2)
        os.environ.update(environment)
        os.chdir(cwd)
        tempfile.tempdir = None
        _make_streams()
        if before is not None:
            before()
        code = _command([os.fsdecode(word) for word in arguments], report)
    except BaseException as error:  # noqa: BLE001 - the child must not go on as its parent
        _tell(report, error)
        with contextlib.suppress(BaseException):
            os.write(2, traceback.format_exc().encode())
    os._exit(code)


def _make_streams() -> None:
    """sys's streams, as the interpreter makes them at its start: None where a descriptor is closed."""
    made = []
    for number, mode, errors in ((0, "r", "surrogateescape"), (1, "w", "surrogateescape"), (2, "w", "backslashreplace")):
        try:
            os.fstat(number)
            made.append(open(number, mode, encoding="utf-8", errors=errors, closefd=False))
        except OSError:
            made.append(None)
    sys.stdin, sys.stdout, sys.stderr = made
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = made  # type: ignore[misc]
    if sys.stderr is not None:
        sys.stderr.reconfigure(line_buffering=True, write_through=True)


def _command(arguments: list[str], report: int) -> int:
    """seqgen's main, watched; the interpreter's end, imitated."""
    from seqgen import cli

    group_main = cli.cli.main

    def watched(*words: object, **options: object) -> object:
        try:
            return group_main(*words, **options)  # type: ignore[call-overload]
        except BaseException as error:
            if not _is_planned(error):
                _tell(report, error)
            raise

    cli.cli.main = watched  # type: ignore[method-assign, assignment]
    code: int | str | None = 0
    try:
        cli.main(arguments)
    except SystemExit as error:
        code = error.code  # type: ignore[assignment]
    except BaseException as error:  # noqa: BLE001 - whatever it is, it has escaped
        _tell(report, error)
        with contextlib.suppress(Exception):
            sys.stderr.write(traceback.format_exc())
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException as error:  # noqa: BLE001 - the interpreter says "Exception ignored" and exits with 120
            if stream is sys.stdout:
                _tell(report, error, "at the interpreter's exit: ")
            code = 120
    return code if isinstance(code, int) else 0 if code is None else 1


def _is_planned(error: BaseException) -> bool:
    """Whether main is to make a message, or an exit code, of it."""
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        return True
    return any(kind.__module__.partition(".")[0] in ("seqgen", "click") for kind in type(error).__mro__)


def _tell(report: int, error: BaseException, prefix: str = "") -> None:
    """Write down what escaped, with the deepest place in seqgen."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/seqgen/" in frame.filename] or frames
    at = place(ours[-1].filename, str(ours[-1].lineno), ours[-1].name) if ours else "?"
    with contextlib.suppress(OSError):
        os.write(report, json.dumps({"escaped": f"{prefix}{type(error).__name__} at {at}"}).encode() + b"\n")


def place(file: str, line: str, name: str) -> str:
    """A place in the code, short where it is ours."""
    short = file.rpartition("/seqgen/")[2]
    return f"seqgen/{short}:{line} {name}" if "/seqgen/" in file else f"{file}:{line} {name}"
