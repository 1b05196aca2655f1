"""Makes what the peers need: PyTorch in an environment of its own, and the teacher's folder."""

import hashlib
import shlex
import shutil
import subprocess
import sys

from paths import (
    ENVIRONMENT, PEERS, PYTHON, ROOT, TEACHER, TEACHER_FOLDER, BenchError, require, say)


def prepare_environment() -> None:
    """Makes the peers' Python environment, unless it is there with the same requirements."""
    requirements = PEERS / "requirements.txt"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    stamp = ENVIRONMENT / "requirements.sha256"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"installing PyTorch into {ENVIRONMENT.name} (about 1.5 GB)")
    run_quietly([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])
    run_quietly([
        str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "-r", str(requirements)])
    stamp.write_text(wanted)


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


def run_quietly(command: list[str]) -> None:
    """Runs a command for what it leaves.

    Raises:
        BenchError: where it fails.
    """
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        last = (result.stderr.strip() or result.stdout.strip() or "no output").splitlines()[-1]
        raise BenchError(f"'{shlex.join(command)}' ended with {result.returncode}: {last}")
