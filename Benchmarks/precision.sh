#!/usr/bin/env bash
# Trains the demo's student in float32 and in bfloat16 on the same three seeds, and prints the held-out
# figures side by side. `make demo` leaves the cache that it needs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ -d runs/demo/cache ]] || { echo "precision.sh: error: no runs/demo/cache; run: make demo" >&2; exit 66; }
for seed in 1 2 3; do
  for bf16 in false true; do
    run="runs/precision/seed-$seed-bf16-$bf16"
    .build/release/codistill distill configs/smollm2/distill.yaml training.seed="$seed" \
      training.steps=40 training.bf16="$bf16" output="$run"
  done
done
python3 - <<'PYTHON'
import json
import statistics
from pathlib import Path


def run(seed: int, bf16: str) -> list[dict]:
    path = Path(f"runs/precision/seed-{seed}-bf16-{bf16}/metrics.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def held_out(records: list[dict]) -> list[float]:
    return [r["held_out_nll"] for r in records if "held_out_nll" in r]


def late_loss(records: list[dict], key: str) -> float:
    return statistics.mean([r[key] for r in records if key in r][-10:])


def rate(records: list[dict]) -> float:
    return statistics.median(r["tokens_per_second"] for r in records if "tokens_per_second" in r)


print("| seed | precision | held-out NLL, step 20 | step 40 | NLL, last ten steps | KL, last ten steps | tokens/s |")
print("|---|---|---|---|---|---|---|")
finals = {}
for seed in (1, 2, 3):
    for name, bf16 in (("float32", "false"), ("bfloat16", "true")):
        records = run(seed, bf16)
        first, last = held_out(records)
        finals[seed, name] = last
        print(f"| {seed} | {name} | {first:.4f} | {last:.4f} | {late_loss(records, 'hard_loss'):.4f} "
              f"| {late_loss(records, 'soft_loss'):.4f} | {rate(records):,.0f} |")
pairs = [finals[seed, "bfloat16"] - finals[seed, "float32"] for seed in (1, 2, 3)]
seeds = statistics.stdev(finals[seed, "float32"] for seed in (1, 2, 3))
print(f"\nHeld-out NLL, bfloat16 less float32: {statistics.mean(pairs):+.4f} in the mean "
      f"({', '.join(f'{pair:+.4f}' for pair in pairs)}); standard deviation over seeds {seeds:.4f}.")
PYTHON
