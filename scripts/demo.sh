#!/usr/bin/env bash
# Caches SmolLM2-135M on a small corpus, the Bible and manuals, and makes a student out of six of its layers.
# Trains the student from the cache for four epochs; on the corpus's hard labels for as many steps; and on hard
# labels at their best: for as many seconds as caching and distilling took, stopped early, the best weights kept.
# Prints tables that compare the three on text of the same kinds and of kinds that none of them saw.
#
#   scripts/demo.sh            at most 6 minutes on two cores, after build and downloads
#   scripts/demo.sh --hour     the same with eight times the corpus, in about an hour
#   scripts/demo.sh --small    the same path in seconds: a check that it works, no result
#
# DEMO_TOKENS sets how many tokens are cached.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
cd "$ROOT"

STEP_TOKENS=1024
EPOCHS=4
CONFIGS=configs/smollm2
CODISTILL=.build/release/codistill

# A number of the JSON object in a file.
json_number() {
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"
}

case "${1:-}" in
  "") RUN=runs/demo TOKENS=${DEMO_TOKENS:-20480} MEASURED=4096 VALIDATED=2048 ;;
  --hour) RUN=runs/hour TOKENS=${DEMO_TOKENS:-163840} MEASURED=16384 VALIDATED=8192 ;;
  --small) RUN=runs/demo-small TOKENS=${DEMO_TOKENS:-4096} MEASURED=512 VALIDATED=256 EPOCHS=1 ;;
  *) fail "unknown option '$1'; the options are --hour and --small" ;;
esac
STEPS=$((TOKENS * EPOCHS / STEP_TOKENS))
[ "$STEPS" -gt 0 ] || fail "DEMO_TOKENS is $TOKENS; a step alone takes $STEP_TOKENS"

scripts/install-dependencies.sh
TEACHER=$(scripts/fetch-teacher.sh)
scripts/fetch-texts.sh limited
say "building"
swift build -c release --product codistill >&2

# Caching counts as time spent on distilling: an old cache would make it look free.
rm -rf "$RUN"
mkdir -p "$RUN"
say "caching $TOKENS tokens of the teacher"
SECONDS=0
"$CODISTILL" cache build --teacher "$TEACHER" --data .assets/texts/limited.jsonl \
  --output "$RUN/cache" --sequence-length 256 --tokens "$TOKENS" --held-out 0.03
CACHING_SECONDS=$SECONDS

SHARED=("cache=$RUN/cache" "training.steps=$STEPS" "training.warmup_steps=$((STEPS / 10))"
  "evaluation.every=$(((STEPS + 7) / 8))" "evaluation.tokens=$VALIDATED")
say "distilling: $STEPS steps, $EPOCHS times the corpus"
"$CODISTILL" distill "$CONFIGS/distill.yaml" "${SHARED[@]}" \
  output="$RUN/comparison/distilled" --json >"$RUN/distill.json"
DISTILLING_SECONDS=$(json_number "$RUN/distill.json" seconds)

# The arms are those of demo.yaml, with what was measured; the distilled run is there already.
BUDGET=$(python3 -c 'import sys; print(round(sum(map(float, sys.argv[1:])), 1))' \
  "$CACHING_SECONDS" "$DISTILLING_SECONDS")
say "hard labels: as many steps, and at their best within $BUDGET s"
HARD="loss: {soft: {schedule: constant, value: 0}}"
"$CODISTILL" compare "$CONFIGS/demo.yaml" output="$RUN/comparison" tokens="$MEASURED" \
  overrides="[$(IFS=,; echo "${SHARED[*]}")]" \
  arms="[{name: distilled, caching_seconds: $CACHING_SECONDS},
    {name: hard-labels, changes: {$HARD, evaluation: {keep: last}}},
    {name: hard-labels-best, changes: {$HARD, evaluation: {patience: 3},
      training: {steps: 1000, max_seconds: $BUDGET}}}]"
