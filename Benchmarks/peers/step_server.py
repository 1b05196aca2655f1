"""What both of PyTorch's peers share: timing some steps in a row, or serving them one by one."""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import torch
from protocol import WARM_UP_STEPS, answer, serve


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
        serve(
            facts | {"torch": torch.__version__, "threads": torch.get_num_threads()},
            lambda: {"seconds": timed(step), "tokens": tokens})
        return
    seconds = [timed(step) for _ in range(options.steps)]
    answer(facts | {
        "tokens_per_second": tokens / statistics.median(seconds),
        "best_tokens_per_second": tokens / min(seconds)})


def timed(step: Callable[[], None]) -> float:
    """The seconds of one step."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start
