#!/usr/bin/env bash
# Trains the demo's student in float32 and in bfloat16 on the same three seeds, and prints the held-out
# figures side by side. `make demo` leaves the cache that it needs.
#   Benchmarks/precision.sh --small    two steps of one seed from `scripts/demo.sh --small`: a check, no result
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
fail() { echo "precision.sh: error: $2" >&2; exit "$1"; }
CACHE=runs/demo/cache MAKER="make demo" PLACE=runs/precision SEEDS="1 2 3"
CHANGES=()
case "${1:-}" in
  "") ;;
  --small)
    CACHE=runs/demo-small/cache MAKER="scripts/demo.sh --small" PLACE=runs/precision-small SEEDS="1"
    CHANGES=(training.epochs=0.25 training.batch_size=1 training.warmup_steps=0
      evaluation.every=1 evaluation.tokens=512)
    rm -rf "$PLACE"
    ;;
  *) fail 64 "unknown option '$1'; the only one is --small" ;;
esac
[[ -d $CACHE ]] || fail 66 "no $CACHE; run: $MAKER"
for seed in $SEEDS; do
  for bf16 in false true; do
    .build/release/codistill distill configs/smollm2/distill.yaml training.seed="$seed" \
      ${CHANGES[@]+"${CHANGES[@]}"} cache="$CACHE" training.bf16="$bf16" output="$PLACE/seed-$seed-bf16-$bf16"
  done
done
python3 - "$PLACE" $SEEDS <<'PYTHON'
import json
import statistics
import sys
from pathlib import Path

place, seeds = Path(sys.argv[1]), [int(seed) for seed in sys.argv[2:]]


def run(seed: int, bf16: str) -> list[dict]:
    path = place / f"seed-{seed}-bf16-{bf16}/metrics.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def held_out(records: list[dict]) -> list[float]:
    return [r["held_out_nll"] for r in records if "held_out_nll" in r]


def late_loss(records: list[dict], key: str) -> float:
    return statistics.mean([r[key] for r in records if key in r][-10:])


def rate(records: list[dict]) -> float:
    return statistics.median(r["tokens_per_second"] for r in records if "tokens_per_second" in r)


print("| seed | precision | held-out NLL, one evaluation before the end | at the end | NLL, last ten steps | KL, last ten steps | tokens/s |")
print("|---|---|---|---|---|---|---|")
finals = {}
for seed in seeds:
    for name, bf16 in (("float32", "false"), ("bfloat16", "true")):
        records = run(seed, bf16)
        *_, first, last = held_out(records)
        finals[seed, name] = last
        print(f"| {seed} | {name} | {first:.4f} | {last:.4f} | {late_loss(records, 'hard_loss'):.4f} "
              f"| {late_loss(records, 'soft_loss'):.4f} | {rate(records):,.0f} |")
pairs = [finals[seed, "bfloat16"] - finals[seed, "float32"] for seed in seeds]
deviation = statistics.stdev(finals[seed, "float32"] for seed in seeds) if len(seeds) > 1 else float("nan")
print(f"\nHeld-out NLL, bfloat16 less float32: {statistics.mean(pairs):+.4f} in the mean "
      f"({', '.join(f'{pair:+.4f}' for pair in pairs)}); standard deviation over seeds {deviation:.4f}.")
PYTHON
