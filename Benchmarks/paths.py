"""Where things lie, what a failure is, and how progress is told."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "Benchmarks" / "peers"
ENVIRONMENT = ROOT / ".venv-peers"
# The peers' interpreter, where PyTorch is installed already.
GIVEN_PYTHON = os.environ.get("CODISTILL_PEERS_PYTHON")
PYTHON = Path(GIVEN_PYTHON) if GIVEN_PYTHON else ENVIRONMENT / "bin" / "python"
# The folder of llama.cpp: cmake, its source and what is built of it.
LLAMA_ENVIRONMENT = ROOT / ".venv-llama"
LLAMA = LLAMA_ENVIRONMENT / "build/llama_teacher"
BENCH = ROOT / ".build/benchmarks/release/codistill-bench"
CODISTILL = ROOT / ".build/release/codistill"
TEACHER = ROOT / ".assets/SmolLM2-135M-Instruct.Q4_1.gguf"
TEACHER_FOLDER = ROOT / ".assets/peers/SmolLM2-135M-Instruct"
TEXTS = ROOT / ".assets/texts/web.jsonl"
RUNS = ROOT / "runs/bench"


class BenchError(Exception):
    """Why the measurement cannot go on, in one line."""


def require(path: Path, target: str) -> None:
    """Fails unless something is at the path, naming the make target that brings it."""
    if not path.exists():
        raise BenchError(f"{path.relative_to(ROOT)} is missing; run: make {target}")


def say(message: str) -> None:
    """Reports progress."""
    print(message, file=sys.stderr, flush=True)
