"""What pyproject.toml cannot say: a wheel carries the tiny runs of checkpoints/ inside the package, as seqgen/tiny/.

An editable install copies nothing: seqgen/run/packaged.py finds them in the checkout.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

TINY = ("tiny-english", "tiny-english-french", "tiny-english-gru", "tiny-english-rnn")
FILES = [
    file
    for name in TINY
    for file in sorted(Path("checkpoints", name).iterdir())
    if file.suffix in (".json", ".jsonl", ".model", ".safetensors")
]


class WithTinyRuns(build_py):
    """The package, and the tiny runs: their files, without a lock or a converted model."""

    def run(self) -> None:
        """Build, then copy."""
        super().run()
        if not self.editable_mode:
            for file in FILES:
                self.mkpath(str(self._copied(file).parent))
                self.copy_file(str(file), str(self._copied(file)))

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """What is installed."""
        own = [] if self.editable_mode else [str(self._copied(file)) for file in FILES]
        return [*super().get_outputs(include_bytecode), *own]

    def _copied(self, file: Path) -> Path:
        return Path(self.build_lib, "seqgen", "tiny", file.parent.name, file.name)


setup(cmdclass={"build_py": WithTinyRuns})
