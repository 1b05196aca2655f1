#!/usr/bin/env python3
"""The gains of distilling over hard labels, from the studies that run.sh made.

usage: gains.py [RUNS_FOLDER] > gains.csv      (by default runs/when-it-pays)

A line a text: the corpus's tokens, the passes over it, the student's layers; how much lower the loss of the
distilled student is, in nats, and half of its 95 % interval, as comparison.json has them.
"""

import json
import sys
from pathlib import Path

# The study, its distilled arm, its arm of hard labels; the corpus's tokens, the passes, the layers.
PAIRS = [
    ("epochs", "distilled", "labels-best", 40_960, 4, 6),
    ("targets", "weight-.9", "labels", 40_960, 1, 6),
    ("layers", "twelve+distilled", "twelve+labels", 40_960, 1, 12),
    ("layers", "twenty+distilled", "twenty+labels", 40_960, 1, 20),
    ("corpus-160k", "distilled", "labels-best", 163_840, 1, 6),
]


def gain(report: dict, distilled: str, labels: str) -> tuple[float, float, int] | None:
    """How much lower the distilled arm's loss is on a text; None where the study lacks an arm."""
    for pair in report["pairs"]:
        if {pair["first"], pair["second"]} == {distilled, labels}:
            sign = -1 if pair["first"] == distilled else 1
            return sign * pair["difference"], pair["half_width"], len(pair["seeds"])
    print(f"gains.py: no {distilled} beside {labels}", file=sys.stderr)
    return None


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/when-it-pays")
    print("corpus_tokens,passes,layers,set,gain,half_width,seeds")
    for study, distilled, labels, tokens, passes, layers in PAIRS:
        file = folder / study / "comparison.json"
        if not file.exists():
            print(f"gains.py: no {file}", file=sys.stderr)
            continue
        report = json.loads(file.read_text())
        for text in (report, *report["others"]):
            found = gain(text, distilled, labels)
            if found is None:
                continue
            nats, half_width, seeds = found
            print(f"{tokens},{passes},{layers},{text['set']},{nats:.3f},{half_width:.3f},{seeds}")


if __name__ == "__main__":
    main()
