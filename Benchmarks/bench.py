#!/usr/bin/env python3
"""Measures Codistill: against PyTorch and llama.cpp, step by step in turn, how it scales, or what its caches lose.

Every timed step stands between two measurements of the machine's limit; fidelity is not timed.
Tables go to standard output, every single measurement and the curves to runs/bench.

usage: bench.py [compare | scaling | fidelity] [--only NAME] [--rounds 7] [--tokens 131072] [--small]
"""

import argparse
import datetime
import json
import shlex
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import comparison
import fidelity
import scaling
import startup
import tokenizing
from machine import machine
from paths import BENCH, RUNS, BenchError, require, say
from scale import FULL, SMALL
from servers import Server

COMPARISONS = [*comparison.JOBS, "tokenizing", "startup"]
NAMES = {
    "compare": COMPARISONS, "scaling": list(scaling.CURVES), "fidelity": list(fidelity.TEACHERS)}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "what", nargs="?", choices=list(NAMES), default="compare",
        help="ours against the peers (default), the curves, or size against fidelity")
    parser.add_argument(
        "--only", action="append", metavar="NAME",
        help=f"one of {', '.join(COMPARISONS)}, of the curves {', '.join(scaling.CURVES)}, or of "
        f"{', '.join(fidelity.TEACHERS)}; may be given more than once")
    parser.add_argument("--rounds", type=int, help="steps of each (default: 7)")
    parser.add_argument(
        "--tokens", type=int,
        help="the predictions over which fidelity is measured (default: 131072)")
    parser.add_argument(
        "--small", action="store_true",
        help="run everything once on tiny shapes: a check that it works, no result")
    parser.add_argument(
        "--output", type=Path, help="where every measurement goes, as JSON (default: runs/bench)")
    options = parser.parse_args()
    options.scale = SMALL if options.small else FULL
    if options.rounds is None:
        options.rounds = 1 if options.small else 7
    if options.tokens is None:
        options.tokens = 1024 if options.small else 131_072
    known = NAMES[options.what]
    for name in options.only or []:
        if name not in known:
            parser.error(f"--only {name}: {options.what} has {', '.join(known)}")
    if options.rounds < 1:
        parser.error("--rounds takes at least 1")
    if options.tokens < 1:
        parser.error("--tokens takes at least 1")
    options.only = options.only or known
    return options


def measurements(
    options: argparse.Namespace, limit: Server, scratch: Path, programs: list[str]
) -> dict[str, Callable[[], object]]:
    """What is to be measured, in order, by name."""
    scale = options.scale
    if options.what == "scaling":
        return {name: lambda curve=scaling.CURVES[name]: curve(limit, scratch, scale)
                for name in options.only}
    jobs = {name: lambda make=comparison.JOBS[name]: comparison.compare(
        make(scale), limit, options.rounds, scratch, programs) for name in options.only if name in comparison.JOBS}
    if "tokenizing" in options.only:
        jobs["tokenizing"] = lambda: tokenizing.measure_tokenizing(
            limit, scratch, options.rounds, scale)
    if "startup" in options.only:
        jobs["startup"] = lambda: startup.measure_startup(scratch, scale.startup_runs)
    return jobs


def default_output(options: argparse.Namespace, name: str) -> Path:
    """Where results go; a run in small never takes the place of a real one."""
    return RUNS / f"{name}{'-small' if options.small else ''}.json"


def write(path: Path, report: dict[str, object]) -> None:
    """Replaces the file of results; after every job, so that an end by force loses one at most."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.write_text(json.dumps(report, indent=1) + "\n")
    unfinished.replace(path)


def run(options: argparse.Namespace) -> None:
    """Measures everything that was asked for."""
    require(BENCH, "bench")
    report: dict[str, object] = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": shlex.join(["bench.py", *sys.argv[1:]]), "machine": machine()}
    if options.what == "fidelity":
        measure_fidelity(options, report)
        return
    if report["machine"]["load_at_start"] > 0.5 and not options.small:
        say("the machine is busy with something else: the figures will be too low, and unsteady")
    programs: list[str] = []
    if options.what == "compare" and set(options.only) & set(comparison.JOBS):
        programs = comparison.prepare(options.only, options.scale)
    output = options.output or default_output(
        options, "results" if options.what == "compare" else "scaling")
    RUNS.mkdir(parents=True, exist_ok=True)
    # On the disk of the repository: /tmp may be memory, and caching is timed with its writing.
    with tempfile.TemporaryDirectory(dir=RUNS, prefix="scratch-") as folder:
        scratch = Path(folder)
        with Server("limit", [str(BENCH), "limit"], scratch) as limit:
            report["limit"] = limit.facts
            for name, measure in measurements(options, limit, scratch, programs).items():
                report[name] = measure()
                write(output, report)
    say(f"every measurement: {output}")


def measure_fidelity(options: argparse.Namespace, report: dict[str, object]) -> None:
    """Measures size against fidelity for each teacher."""
    output = options.output or default_output(options, "fidelity")
    for name in options.only:
        report[name] = fidelity.measure(name, options.tokens, options.scale)
        write(output, report)
    say(f"every measurement: {output}")


def main() -> None:
    # A kill ends like Ctrl-C: servers are closed, the scratch folder goes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(arguments())
    except BenchError as error:
        sys.exit(f"bench.py: error: {error}")
    except KeyboardInterrupt:
        sys.exit("bench.py: interrupted")


if __name__ == "__main__":
    main()
