"""Whole processes: how long the tool takes to start, and to load a teacher."""

import statistics
import subprocess
import time
from pathlib import Path

from paths import CODISTILL, ROOT, TEACHER, BenchError, require, say
from tables import heading, spread, table


def measure_startup(scratch: Path, runs: int) -> dict[str, object]:
    """Times the processes, prints their table, and returns every measurement."""
    require(CODISTILL, "build")
    require(TEACHER, "teacher")
    commands = {
        "`codistill --help`": [str(CODISTILL), "--help"],
        "`codistill logits`, SmolLM2-135M from GGUF": [
            str(CODISTILL), "logits", "--model", str(TEACHER), "--tokens", "1,2,3",
            "--output", str(scratch / "logits.safetensors")]}
    say("whole processes")
    seconds = {name: [timed(command) for _ in range(runs)] for name, command in commands.items()}
    rows = [[name, spread((1000 * value for value in taken), ",.1f")]
            for name, taken in seconds.items()]
    title = heading(f"Whole processes, {runs} runs each")
    print(f"\n{title}\n\n{table(['', 'ms'], rows)}", flush=True)
    return {
        name: {"command": commands[name], "seconds": taken,
               "median_seconds": statistics.median(taken)}
        for name, taken in seconds.items()}


def timed(command: list[str]) -> float:
    """The seconds from the start of a process to its end."""
    start = time.perf_counter()
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - start
    if result.returncode != 0:
        last = (result.stderr.strip() or "no output").splitlines()[-1]
        raise BenchError(f"'{command[0]} {command[1]}' ended with {result.returncode}: {last}")
    return taken
