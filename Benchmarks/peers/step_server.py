"""What both peers share: timing some steps in a row, or serving them one by one to bench.py.

A step server makes two untimed steps and prints a JSON line of facts. For every line `step` on
standard input it makes one more and prints a JSON line of what that took; `quit` ends it. Where it
cannot compute as it is told, the line of facts says why under `unavailable`, and it ends.
"""

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

WARM_UP_STEPS = 2


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that `apply` and `run` read."""
    parser.add_argument("--threads", type=int, help="how many threads (default: PyTorch's choice)")
    parser.add_argument(
        "--reduced", action="store_true", help="float32 products by mkldnn of bfloat16 operands")
    parser.add_argument("--steps", type=int, default=6, help="timed steps, after two others")
    parser.add_argument("--serve", action="store_true", help="serve steps on standard input")


def apply(options: argparse.Namespace) -> None:
    """Sets how PyTorch computes; ends the process where it cannot compute so."""
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.reduced:
        x = torch.rand(256, 256)
        full = x @ x
        torch.backends.mkldnn.matmul.fp32_precision = "bf16"
        if torch.equal(full, x @ x):
            answer({"unavailable": "PyTorch multiplies in full float32 on this processor"})
            sys.exit()


def run(
    options: argparse.Namespace, step: Callable[[], None], tokens: int, facts: dict[str, object]
) -> None:
    """Warms up, then serves steps or times some and prints the summary."""
    for _ in range(WARM_UP_STEPS):
        step()
    if options.serve:
        serve(step, tokens, facts)
        return
    seconds = [timed(step) for _ in range(options.steps)]
    answer(facts | {
        "tokens_per_second": tokens / statistics.median(seconds),
        "best_tokens_per_second": tokens / min(seconds)})


def serve(step: Callable[[], None], tokens: int, facts: dict[str, object]) -> None:
    """Answers every `step` until `quit` or the end of input."""
    answer(facts | {
        "ready": True, "torch": torch.__version__, "threads": torch.get_num_threads()})
    for line in sys.stdin:
        request = line.strip()
        if request == "quit":
            return
        if request != "step":
            sys.exit(f"standard input: found '{request}'; requests are step and quit")
        answer({"seconds": timed(step), "tokens": tokens, "peak_rss_bytes": peak_rss_bytes()})


def timed(step: Callable[[], None]) -> float:
    """The seconds of one step."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def answer(value: dict[str, object]) -> None:
    """Prints a line of JSON."""
    print(json.dumps(value), flush=True)


def peak_rss_bytes() -> int:
    """The largest resident size of this process; `getrusage` would count its parent's, too."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
