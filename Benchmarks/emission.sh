#!/usr/bin/env bash
# What a cache costs that a teacher's own training writes: ROUNDS times in turn, the toy Behemoth is trained
# without and with --emit-cache, and as many tokens are cached afterwards with `cache build`. Prints medians
# of CPU and wall seconds. `make build` and `make herd` leave what it needs.
#   ROUNDS=5 STEPS=30 THREADS=2 Benchmarks/emission.sh
#   Benchmarks/emission.sh --small    one round of four steps with a tokenizer of its own: a check, no result
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
fail() { echo "emission.sh: error: $1" >&2; exit "${2:-66}"; }
readonly PROGRAM=.build/release/codistill TEXT=.assets/texts/herd.jsonl
[[ -x $PROGRAM ]] || fail "no $PROGRAM; run: make build"
[[ -f $TEXT ]] || fail "no $TEXT; run: scripts/fetch-texts.sh herd"
PLACE=runs/emission TOKENIZER=runs/herd/tokenizer.json
case "${1:-}" in
  "") ;;
  --small)
    PLACE=runs/emission-small TOKENIZER=runs/emission-small-tokenizer.json ROUNDS=1 STEPS=4
    mkdir -p runs
    rm -f "$TOKENIZER"
    "$PROGRAM" tokenizer train --data .assets/texts/herd/de.jsonl --vocab-size 1024 --output "$TOKENIZER"
    ;;
  *) fail "unknown option '$1'; the only one is --small" 64 ;;
esac
[[ -f $TOKENIZER ]] || fail "no $TOKENIZER; run: make herd"
python3 - "$PROGRAM" "$TEXT" "${ROUNDS:-5}" "${STEPS:-30}" "$PLACE" "$TOKENIZER" "${THREADS:-}" <<'PYTHON'
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

program, text = sys.argv[1:3]
rounds, steps = int(sys.argv[3]), int(sys.argv[4])
place, tokenizer = Path(sys.argv[5]), sys.argv[6]
threads = ["--threads", sys.argv[7]] if sys.argv[7] else []
shutil.rmtree(place, ignore_errors=True)
place.mkdir(parents=True)


def run(name: str, *arguments: str) -> tuple[float, float, float]:
    """The user, system and wall seconds of a command; what it says lies in NAME.log."""
    with (place / f"{name}.log").open("w") as log:
        began = time.monotonic()
        process = subprocess.Popen([program, *arguments, *threads], stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"emission.sh: error: codistill {arguments[0]} ended with {process.returncode}; see {place}/{name}.log")
    return usage.ru_utime, usage.ru_stime, wall


def pretrain(name: str, *more: str) -> tuple[float, float, float]:
    # The schedule must fit into the steps; nothing is evaluated or saved on the way.
    return run(name, "pretrain", "configs/toy/behemoth.yaml", "evaluation=", f"training.steps={steps}",
               "training.warmup_steps=1", "training.decay_steps=1", f"output={place}/{name}", f"tokenizer={tokenizer}", *more)


def manifest(cache: str) -> dict:
    return json.loads((place / cache / "manifest.json").read_text())


ways = ("pretrain", "pretrain --emit-cache", "cache build afterwards")
times: dict[str, list[tuple[float, float, float]]] = {way: [] for way in ways}
for number in range(1, rounds + 1):
    plain, emitting, emitted, built = (f"{name}-{number}" for name in ("plain", "emitting", "emitted", "built"))
    times[ways[0]].append(pretrain(plain))
    times[ways[1]].append(pretrain(emitting, "--emit-cache", str(place / emitted)))
    times[ways[2]].append(run(
        built, "cache", "build", "--teacher", str(place / emitting), "--data", text, "--held-out", "0.02", "--eos",
        "--sequence-length", "256", "--tokens", str(manifest(emitted)["tokens"]), "--tau", "0.05",
        "--output", str(place / built)))
    print(f"round {number} of {rounds}: " + ", ".join(
        f"{way} {sum(times[way][-1][:2]):.2f} CPU s" for way in ways), file=sys.stderr)

caches = {way: manifest(f"{name}-{rounds}") for way, name in ((ways[1], "emitted"), (ways[2], "built"))}
cpu = {way: statistics.median(user + system for user, system, _ in times[way]) for way in ways}
wall = {way: statistics.median(seconds for *_, seconds in times[way]) for way in ways}
print(f"{steps} steps, {caches[ways[1]]['tokens']:,} tokens cached; medians of {rounds}\n")
print("| | CPU s | of pretraining | wall s | of pretraining | bytes a token |")
print("|---|---|---|---|---|---|")
for way in ways:
    size = f"{caches[way]['bytes_per_token']:.1f}" if way in caches else ""
    print(f"| {way} | {cpu[way]:.2f} | {cpu[way] / cpu[ways[0]]:.2f} "
          f"| {wall[way]:.2f} | {wall[way] / wall[ways[0]]:.2f} | {size} |")


def extra(pick) -> float:
    """The median over the rounds of what emitting adds in the same round."""
    return statistics.median(pick(b) - pick(a) for a, b in zip(times[ways[0]], times[ways[1]]))


print()
for name, added, built in (("CPU", extra(lambda t: t[0] + t[1]), cpu[ways[2]]),
                           ("wall", extra(lambda t: t[2]), wall[ways[2]])):
    ratio = f"; a build costs {built / added:.1f} times as much" if added > 0 else ""
    print(f"Emitting adds {added:+.2f} s of {name} time in the median of the rounds{ratio}.")
PYTHON
