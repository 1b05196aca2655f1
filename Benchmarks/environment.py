"""Makes what the peers need: PyTorch in an environment of its own, and the teacher's folder."""

import hashlib
import shlex
import shutil
import subprocess
import sys
import time

from paths import (
    ENVIRONMENT, GIVEN_PYTHON, PEERS, PYTHON, ROOT, TEACHER, TEACHER_FOLDER, BenchError, require,
    say)


def prepare_environment(limit: int | None = None) -> bool:
    """Makes the peers' Python environment, unless it is there with the same requirements.

    True where it is there in the end. Installing is given up after `limit` seconds; what pip has
    fetched by then stays in its own cache.
    """
    if GIVEN_PYTHON:
        try:
            run_quietly([GIVEN_PYTHON, "-c", "import accelerate, gguf, torch, transformers"])
        except BenchError as error:
            raise BenchError(f"{error}; CODISTILL_PEERS_PYTHON names an interpreter with all of "
                             f"{(PEERS / 'requirements.txt').relative_to(ROOT)}") from None
        return True
    requirements = PEERS / "requirements.txt"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    stamp = ENVIRONMENT / "requirements.sha256"
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    say(f"installing PyTorch into {ENVIRONMENT.name} (about 1.5 GB)")
    ends = None if limit is None else time.monotonic() + limit
    try:
        run_quietly([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], ends)
        run_quietly([
            str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "-r", str(requirements)], ends)
    except subprocess.TimeoutExpired:
        say(f"PyTorch is not installed after {limit} s: going on without the peers")
        return False
    stamp.write_text(wanted)
    return True


def prepare_teacher() -> None:
    """Makes the Hugging Face folder of the teacher that the peer loads."""
    if TEACHER_FOLDER.exists():
        return
    require(TEACHER, "teacher")
    say("saving the teacher for PyTorch")
    unfinished = TEACHER_FOLDER.with_name(TEACHER_FOLDER.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    run_quietly([
        str(PYTHON), str(PEERS / "save_teacher.py"), str(TEACHER), str(unfinished)])
    unfinished.rename(TEACHER_FOLDER)


def run_quietly(command: list[str], ends: float | None = None) -> None:
    """Runs a command for what it leaves.

    Raises:
        BenchError: where it fails.
        subprocess.TimeoutExpired: where it has not ended by the monotonic time `ends`.
    """
    timeout = None if ends is None else max(1.0, ends - time.monotonic())
    try:
        result = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=timeout)
    except OSError as error:
        raise BenchError(f"{command[0]}: {error.strerror}") from error
    if result.returncode != 0:
        last = (result.stderr.strip() or result.stdout.strip() or "no output").splitlines()[-1]
        raise BenchError(f"'{shlex.join(command)}' ended with {result.returncode}: {last}")
