#!/usr/bin/env bash
# Caches SmolLM2-135M on English text and makes a student out of six of its layers. Trains the student
# from the cache, then on hard labels alone for as many steps, then on hard labels for as many seconds
# as caching and distilling took together. Prints the table that compares the three.
#
#   scripts/demo.sh            at most 6 minutes on two cores, after build and downloads
#   scripts/demo.sh --hour     the same with eleven times the tokens, in about an hour
#   scripts/demo.sh --small    the same path in seconds: a check that it works, no result
#
# DEMO_TOKENS sets how many tokens are cached; each is trained on once.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
cd "$ROOT"

STEP_TOKENS=1024
CONFIGS=configs/smollm2
CODISTILL=.build/release/codistill

# A run's entry in the comparison: its name, its config, the seconds that its cache took, and changes
# to the config.
run_entry() {
  local name=$1 config=$2 caching=$3 changes
  shift 3
  changes=$(IFS=,; echo "$*")
  echo "{name: $name, config: $CONFIGS/$config.yaml, caching_seconds: $caching, overrides: [$changes]}"
}

# A number of the JSON object in a file.
json_number() {
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"
}

case "${1:-}" in
  "") RUN=runs/demo TOKENS=${DEMO_TOKENS:-40960} EVALUATION_TOKENS=4096 EVERY=20 ;;
  --hour) RUN=runs/hour TOKENS=${DEMO_TOKENS:-460800} EVALUATION_TOKENS=16384 EVERY=100 ;;
  --small) RUN=runs/demo-small TOKENS=${DEMO_TOKENS:-4096} EVALUATION_TOKENS=512 EVERY=2 ;;
  *) fail "unknown option '$1'; the options are --hour and --small" ;;
esac
STEPS=$((TOKENS / STEP_TOKENS))
[ "$STEPS" -gt 0 ] || fail "DEMO_TOKENS is $TOKENS; a step alone takes $STEP_TOKENS"

scripts/install-dependencies.sh
TEACHER=$(scripts/fetch-teacher.sh)
scripts/fetch-texts.sh web
say "building"
swift build -c release --product codistill >&2

# Caching counts as time spent on distilling: an old cache would make it look free.
rm -rf "$RUN"
mkdir -p "$RUN"
say "caching $TOKENS tokens of the teacher"
SECONDS=0
"$CODISTILL" cache build --teacher "$TEACHER" --data .assets/texts/web.jsonl \
  --output "$RUN/cache" --sequence-length 256 --tokens "$TOKENS" --held-out 0.02
CACHING_SECONDS=$SECONDS

SHARED=(training.steps="$STEPS" training.warmup_steps="$((STEPS / 10))"
  evaluation.every="$EVERY" evaluation.tokens="$EVALUATION_TOKENS")
# Over hundreds of steps a learning rate that falls at the end gains more than it costs.
if [ "$RUN" = runs/hour ]; then
  SHARED+=(training.lr_scheduler_type=warmup_stable_decay training.decay_steps="$((STEPS / 5))")
fi
CACHED=("${SHARED[@]}" cache="$RUN/cache")
say "distilling: $STEPS steps"
"$CODISTILL" distill "$CONFIGS/distill.yaml" "${CACHED[@]}" \
  output="$RUN/comparison/distilled" --json >"$RUN/distill.json"
DISTILLING_SECONDS=$(json_number "$RUN/distill.json" seconds)

# A step on hard labels takes about as long as one of distillation.
LONGER=$(python3 -c 'import sys; steps, caching, distilling = map(float, sys.argv[1:])
print(max(int(steps), round(steps * (caching + distilling) / distilling)))' \
  "$STEPS" "$CACHING_SECONDS" "$DISTILLING_SECONDS")
say "comparing with hard labels: $STEPS steps, and $LONGER steps in about the same time"
"$CODISTILL" compare "$CONFIGS/demo.yaml" output="$RUN/comparison" tokens="$EVALUATION_TOKENS" \
  runs="[$(run_entry distilled distill "$CACHING_SECONDS" "${CACHED[@]}"),
    $(run_entry hard-labels hard 0 "${CACHED[@]}"),
    $(run_entry hard-labels-longer hard-text 0 "${SHARED[@]}" training.steps="$LONGER")]"
