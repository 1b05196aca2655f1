"""Step servers: what bench.py measures, each a process that makes a step when asked."""

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from machine import features
from paths import PYTHON, ROOT, RUNS, BenchError

Answer: TypeAlias = dict[str, object]

# PyTorch at its best: glibc's allocator returns its large blocks to the system after every step, and a
# virtual machine is slow to give them back. Told to keep them, PyTorch is up to twice as fast.
MEMORY_KEPT = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "17179869184",
    "MALLOC_TOP_PAD_": "1073741824"}


class Unavailable(BenchError):
    """Why a server cannot compute as it is told here."""


class Server:
    """A running step server; it has warmed up when the constructor returns."""

    def __init__(self, name: str, command: Sequence[str], scratch: Path) -> None:
        self.name, self.command = name, list(command)
        self.environment = environment(self.command, scratch)
        # A file, not a second pipe: a pipe that nobody reads meanwhile would stop the process.
        self._log = tempfile.TemporaryFile("w+")
        try:
            self._process = subprocess.Popen(
                self.command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=self._log, text=True, env=os.environ | self.environment)
        except OSError as error:
            raise BenchError(f"{command[0]}: {error.strerror}; run: make bench") from error
        try:
            self.facts = self._answer()
            if "unavailable" in self.facts:
                raise Unavailable(self.facts["unavailable"])
        except BaseException:
            self.close()
            raise

    def step(self) -> Answer:
        """Has the server make one step; what it says of it."""
        try:
            self._process.stdin.write("step\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # It has ended; the next line says why.
        return self._answer()

    def _answer(self) -> Answer:
        line = self._process.stdout.readline()
        if not line:
            raise BenchError(
                f"'{shlex.join(self.command)}' ended with {self._process.wait()}: {self._last()}")
        try:
            return json.loads(line)
        except ValueError:
            raise BenchError(
                f"'{shlex.join(self.command)}' printed no JSON: {line.strip()[:100]}") from None

    def _last(self) -> str:
        self._log.seek(0)
        return (self._log.read().strip() or "no output").splitlines()[-1]

    def close(self) -> None:
        """Ends the process: by the end of its input, or by force when that does not help."""
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def environment(command: Sequence[str], scratch: Path) -> dict[str, str]:
    """What is added for a server: where its caches and compiled kernels go, which outlive the scratch folder.

    PyTorch keeps its memory, the others have the allocator as it comes. Debian's OpenBLAS takes newer AMD processors for a Haswell, which would halve the limit.
    """
    core = {"OPENBLAS_CORETYPE": "SkylakeX"} if "avx512f" in features() else {}
    kept = MEMORY_KEPT if command[0] == str(PYTHON) else {}
    return core | kept | {
        "TMPDIR": str(scratch), "TORCHINDUCTOR_CACHE_DIR": str(RUNS / "torchinductor")}


def open_all(
    stack: ExitStack, commands: dict[str, Sequence[str]], scratch: Path
) -> list[Server]:
    """Starts servers one after the other, so that none warms up beside another."""
    return [
        stack.enter_context(Server(name, command, scratch)) for name, command in commands.items()]
