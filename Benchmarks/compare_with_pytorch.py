#!/usr/bin/env python3
"""Measures Codistill's caching and training step against PyTorch, and prints a table.

Ours and the peer run in turn, each as a process of its own, so that what else happens on the
machine meets both alike. Every rate is read from the JSON object that a program prints; peak memory
is what the kernel counted for the process. The table gives medians, and the ratio pair by pair.

usage: compare_with_pytorch.py [--pairs 3] [--only caching] [--only training] …
"""

import argparse
import hashlib
import json
import os
import platform
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "Benchmarks" / "peers"
ENVIRONMENT = ROOT / ".venv-peers"
PYTHON = ENVIRONMENT / "bin" / "python"
CODISTILL = ".build/release/codistill"
TEACHER = ".assets/SmolLM2-135M-Instruct.Q4_1.gguf"
TEXTS = ".assets/texts/web.jsonl"
TEACHER_FOLDER = ".assets/peers/SmolLM2-135M-Instruct"
RUNS = "runs/benchmark"


@dataclass
class Measurement:
    """What one process did."""

    tokens_per_second: float
    peak_rss_bytes: int


@dataclass
class Comparison:
    """One job that ours and the peer do, each by a command."""

    name: str
    ours: list[str]
    peer: list[str]
    # What our command writes; it must not find what an earlier one wrote.
    output: str
    # Files that the job needs beside the programs, and what makes them.
    needs: dict[str, str] = field(default_factory=dict)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=3, help="how often each program runs")
    parser.add_argument(
        "--only", action="append", choices=["caching", "training", "training-8192"],
        help="a job to measure; may be given more than once (default: all that can run)")
    parser.add_argument("--codistill", default=CODISTILL, help="the program to measure")
    parser.add_argument(
        "--caching-tokens", type=int, default=8192, help="tokens that ours caches in a run")
    parser.add_argument(
        "--training-command", default="distill",
        help="our subcommand for the student, with options (default: distill)")
    parser.add_argument(
        "--peer-options", default="", help="options for the peers, such as --bf16")
    parser.add_argument(
        "--output", default=f"{RUNS}/results.json", help="where the measurements go, as JSON")
    return parser.parse_args()


def comparisons(options: argparse.Namespace) -> dict[str, Comparison]:
    """Every job, by its name on the command line."""
    peer_options = shlex.split(options.peer_options)

    def training(name: str, config: str, vocabulary: int, needs: dict[str, str]) -> Comparison:
        student = [str(PYTHON), str(PEERS / "torch_student.py"), "--vocabulary", str(vocabulary)]
        return Comparison(
            name=name,
            ours=[options.codistill, *shlex.split(options.training_command),
                  f"Benchmarks/{config}.yaml", "--json"],
            peer=student + peer_options, output=f"{RUNS}/{config}", needs=needs)

    return {
        "caching": Comparison(
            name="caching SmolLM2-135M",
            ours=cache_command(
                options, f"{RUNS}/measured-cache", length=512, tokens=options.caching_tokens),
            peer=[str(PYTHON), str(PEERS / "torch_teacher.py"), TEACHER_FOLDER, *peer_options],
            output=f"{RUNS}/measured-cache",
            needs={TEACHER: "make teacher", TEXTS: "make texts"}),
        "training": training(
            "training step, V = 49,152", "student", 49152,
            needs={TEACHER: "make teacher", TEXTS: "make texts"}),
        "training-8192": training(
            "training step, V = 8,192", "student-8192", 8192,
            needs={"runs/herd/cache": "make herd"}),
    }


def cache_command(
    options: argparse.Namespace, output: str, length: int, tokens: int
) -> list[str]:
    """Our command that caches the teacher."""
    return [
        options.codistill, "cache", "build", "--teacher", TEACHER, "--data", TEXTS,
        "--output", output, "--sequence-length", str(length), "--tokens", str(tokens), "--json"]


def fail(message: str) -> None:
    """Ends the program with one line."""
    sys.exit(f"compare_with_pytorch.py: error: {message}")


def say(message: str) -> None:
    """Reports progress."""
    print(message, file=sys.stderr, flush=True)


def run_quietly(command: list[str]) -> None:
    """Runs a command for what it leaves; where it fails, so does this program."""
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        last = (result.stderr.strip() or result.stdout.strip() or "no output").splitlines()[-1]
        fail(f"'{shlex.join(command)}' ended with {result.returncode}: {last}")


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
    folder = ROOT / TEACHER_FOLDER
    if folder.exists():
        return
    say("saving the teacher for PyTorch")
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    run_quietly([
        str(PYTHON), str(PEERS / "save_teacher.py"), str(ROOT / TEACHER), str(unfinished)])
    unfinished.rename(folder)


def prepare_targets(options: argparse.Namespace) -> None:
    """Makes the cache that the student of V = 49,152 learns from."""
    if (ROOT / RUNS / "cache").exists():
        return
    say("caching the student's targets")
    run_quietly(cache_command(options, f"{RUNS}/cache", length=256, tokens=20480))


def measure(command: list[str]) -> Measurement:
    """Runs a command by itself and reads what it reports, and what the kernel counted."""
    # A file, not a second pipe: a pipe that nobody reads meanwhile would stop the process.
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        output = process.stdout.read()
        # Unlike `wait`, this returns the resources that the one process used.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        last = (log.read().strip() or "no output").splitlines()[-1]
    if process.returncode != 0:
        fail(f"'{shlex.join(command)}' ended with {process.returncode}: {last}")
    try:
        rate = float(json.loads(output)["tokens_per_second"])
    except (ValueError, KeyError, TypeError):
        fail(f"'{shlex.join(command)}' printed no JSON object with tokens_per_second")
    return Measurement(rate, usage.ru_maxrss * 1024)


def measure_pairs(
    comparison: Comparison, pairs: int
) -> tuple[list[Measurement], list[Measurement]]:
    """Runs ours and the peer in turn."""
    ours, peer = [], []
    for number in range(1, pairs + 1):
        shutil.rmtree(ROOT / comparison.output, ignore_errors=True)
        ours.append(measure(comparison.ours))
        peer.append(measure(comparison.peer))
        say(f"{comparison.name}, pair {number} of {pairs}: ours "
            f"{ours[-1].tokens_per_second:.0f}, PyTorch {peer[-1].tokens_per_second:.0f} tokens/s")
    return ours, peer


def ratios(ours: list[Measurement], peer: list[Measurement], key: str) -> list[float]:
    """Ours over the peer's, pair by pair."""
    return [getattr(a, key) / getattr(b, key) for a, b in zip(ours, peer, strict=True)]


def row(comparison: Comparison, ours: list[Measurement], peer: list[Measurement]) -> str:
    """A comparison's line of the table."""
    def median(values: list[Measurement], key: str) -> float:
        return statistics.median(getattr(value, key) for value in values)

    def pairwise(key: str) -> str:
        values = ratios(ours, peer, key)
        return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"

    speed, memory = "tokens_per_second", "peak_rss_bytes"
    return (
        f"| {comparison.name} | {median(ours, speed):,.0f} | {median(peer, speed):,.0f} "
        f"| {pairwise(speed)} | {median(ours, memory) / 1e6:,.0f} "
        f"| {median(peer, memory) / 1e6:,.0f} | {pairwise(memory)} |")


def processor() -> str:
    """The processor's name, as the kernel gives it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": processor(), "cores": os.cpu_count(), "memory_bytes": pages * size,
        "system": f"{platform.system()} {platform.machine()}", "load_at_start": os.getloadavg()[0]}


def runnable(jobs: dict[str, Comparison], only: list[str] | None) -> dict[str, Comparison]:
    """The jobs that were asked for, or else all whose files are there."""
    chosen = {}
    for key in only or jobs:
        missing = [path for path in jobs[key].needs if not (ROOT / path).exists()]
        if not missing:
            chosen[key] = jobs[key]
            continue
        message = f"{jobs[key].name} needs {missing[0]}; run: {jobs[key].needs[missing[0]]}"
        if only:
            fail(message)
        say(f"left out: {message}")
    return chosen


def main() -> None:
    options = arguments()
    os.chdir(ROOT)
    if shutil.which(options.codistill) is None:
        fail(f"no {options.codistill}; run: make build")
    jobs = runnable(comparisons(options), options.only)
    prepare_environment()
    if "caching" in jobs:
        prepare_teacher()
    if "training" in jobs:
        prepare_targets(options)
    report: dict[str, object] = {"machine": machine(), "peer_options": options.peer_options}
    if report["machine"]["load_at_start"] > 0.5:
        say("the machine is busy with something else: the figures will be too low, and unsteady")
    rows = []
    for key, comparison in jobs.items():
        ours, peer = measure_pairs(comparison, options.pairs)
        report[key] = {
            "ours": [asdict(value) for value in ours], "peer": [asdict(value) for value in peer],
            "speed_ratios": ratios(ours, peer, "tokens_per_second"),
            "memory_ratios": ratios(ours, peer, "peak_rss_bytes")}
        rows.append(row(comparison, ours, peer))
    output = ROOT / options.output
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=2) + "\n")
    print("| job | ours, tokens/s | PyTorch, tokens/s | ratio by pair | ours, MB | PyTorch, MB "
          "| ratio by pair |\n|---|---|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
