"""docs/serve.md and the command's help: every command of theirs is run against a server, and answers."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
from pathlib import Path

from seqgen.commands.serve import HELP
from tests.conftest import ROOT, Seqgen
from tests.serve.conftest import Serve

PAGE = (ROOT / "docs/serve.md").read_text(encoding="utf-8")
CATALOGUE = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "A dog runs."\nmsgstr ""\n'


def test_every_command_of_the_page(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "messages.po").write_text(CATALOGUE, encoding="utf-8")
    subprocess.run(["cp", "-r", ROOT / "checkpoints", tmp_path / "checkpoints"], check=True)
    commands = re.findall(r"^\$ (.+)$", PAGE, re.M)
    begins = [command for command in commands if command.startswith("seqgen serve")]
    asks = [command for command in commands if command.startswith("curl")]
    assert len(begins) == 1 and len(asks) == 8 and len(commands) == 9
    server = serve(*shlex.split(begins[0])[2:], cwd=tmp_path)
    shown = PAGE.partition(begins[0] + "\n")[2].partition("\n```")[0].splitlines()
    assert server.said == [re.sub(r":8080", f":{server.port}", line) for line in shown]
    for command in asks:
        there = command.replace("localhost:8080", f"localhost:{server.port}")
        done = subprocess.run(["bash", "-c", there], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and done.stdout and "error" not in done.stdout, (command, done.stdout)
    assert (tmp_path / "checkpoints/tiny-english-french/corrections.jsonl").is_file()


def test_the_examples_of_the_help(serve: Serve, seqgen: Seqgen) -> None:
    examples = [line.strip() for line in HELP.splitlines() if line.strip().startswith("curl")]
    server = serve("-m", f"{ROOT / 'checkpoints/tiny-english-french'}=en-ko", "-m", ROOT / "checkpoints/tiny-english")
    assert len(examples) == 2
    for example in examples:
        there = example.replace("localhost:8080", f"localhost:{server.port}")
        done = subprocess.run(["bash", "-c", there], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and done.stdout and "error" not in done.stdout, done.stdout
    for words in re.findall(r"^  seqgen (serve[^\n]*?)(?:   .*)?$", HELP, re.M):
        done = seqgen(*shlex.split(words), "--help")
        assert done.returncode == 0


def test_the_service_file_starts_what_there_is(seqgen: Seqgen) -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(
        "\n".join(line[4:] for line in PAGE.partition("seqgen.service`")[2].splitlines() if line.startswith("    "))
    )
    words = shlex.split(unit["Service"]["ExecStart"])
    assert words[0].endswith("/seqgen") and unit["Install"]["WantedBy"] == "default.target"
    assert seqgen(*words[1:], "--help").returncode == 0
