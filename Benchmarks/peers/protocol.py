"""The protocol between bench.py and the peers that it measures, in Python alone.

A step server makes two untimed steps and prints a JSON line of facts. For every line `step` on
standard input it makes one more and prints a JSON line of what that took; `quit` ends it. Where it
cannot compute as it is told, the line of facts says why under `unavailable`, and it ends.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

WARM_UP_STEPS = 2


def serve(facts: dict[str, object], step: Callable[[], dict[str, object]]) -> None:
    """Announces the facts, then answers every `step` until `quit` or the end of input.

    A step returns its `seconds` and `tokens`.
    """
    answer(facts | {"ready": True})
    for line in sys.stdin:
        request = line.strip()
        if request == "quit":
            return
        if request != "step":
            sys.exit(f"standard input: found '{request}'; requests are step and quit")
        answer(step() | {"peak_rss_bytes": peak_rss_bytes()})


def answer(value: dict[str, object]) -> None:
    """Prints a line of JSON."""
    print(json.dumps(value), flush=True)


def peak_rss_bytes() -> int:
    """The largest resident size of this process; `getrusage` would count its parent's, too."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
