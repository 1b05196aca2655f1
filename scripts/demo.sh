#!/usr/bin/env bash
# Caches SmolLM2-135M on a small corpus, and makes a student out of twenty of its layers. Trains the student
# from the cache, two passes over the corpus; then on hard labels alone for as many steps; then on hard
# labels for as many seconds as caching and distilling took together. Prints the table that compares
# the three, on text of the corpus's kinds and on text of kinds that no student saw.
#
#   scripts/demo.sh             at most 6 minutes on two cores, after build and downloads
#   scripts/demo.sh --seeds     three seeds, 8,192 predictions a text, for intervals: about 20 minutes
#   scripts/demo.sh --adapted   first adapts the teacher to the corpus, compares a student of it, too, whose
#                               time has the adapting in it; that of the labels has not
#   scripts/demo.sh --small     the same path in seconds: a check that it works, no result
#
# Options may be given together.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
cd "$ROOT"

CONFIGS=configs/smollm2
ADAPTED='' THREE='' SMALL=''
for option in "$@"; do
  case "$option" in
    --adapted) ADAPTED=1 ;;
    --seeds) THREE=1 ;;
    --small) SMALL=1 ;;
    *) fail "unknown option '$option'; the options are --seeds, --adapted and --small" ;;
  esac
done
RUN=runs/demo TOKENS=6144 EPOCHS=2 EVALUATION_TOKENS=1024 COMPARISON_TOKENS=3072 EVERY=6
SEEDS=() CHANGES=()
if [ "$ADAPTED" ]; then RUN=runs/adapted; fi
if [ "$THREE" ]; then RUN+=-seeds COMPARISON_TOKENS=8192 SEEDS=("seeds=[1, 2, 3]" jobs=2); fi
if [ "$SMALL" ]; then
  RUN+=-small TOKENS=2048 EPOCHS=1 EVALUATION_TOKENS=256 COMPARISON_TOKENS=256 EVERY=2
  CHANGES=(training.warmup_steps=1)
fi

# A run's entry in the comparison: its name, its config, the seconds that were spent before its training,
# and changes to the config.
run_entry() {
  local name=$1 config=$2 before=$3 changes
  shift 3
  changes=$(IFS=,; echo "$*")
  echo "{name: $name, config: $CONFIGS/$config.yaml, caching_seconds: $before, overrides: [$changes]}"
}

# A number of the JSON object in a file.
json_number() {
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"
}

# Caches what a teacher says of the corpus; a twentieth of its documents stays held out.
cache() {
  codistill cache build --teacher "$1" --data .assets/texts/limited.jsonl --output "$2" \
    --sequence-length 256 --tokens "$TOKENS" --held-out 0.05
}

scripts/install-dependencies.sh
TEACHER=$(scripts/fetch-teacher.sh)
scripts/fetch-texts.sh limited
say "building"
swift build -c release --product codistill >&2

# Caching counts as time spent on distilling: an old cache would make it look free.
rm -rf "$RUN"
mkdir -p "$RUN"
SECONDS=0
cache "$TEACHER" "$RUN/cache"
CACHING_SECONDS=$SECONDS

SHARED=(cache="$RUN/cache" training.epochs="$EPOCHS" evaluation.every="$EVERY"
  evaluation.tokens="$EVALUATION_TOKENS" ${CHANGES[@]+"${CHANGES[@]}"})
codistill distill "$CONFIGS/distill.yaml" "${SHARED[@]}" \
  output="$RUN/comparison/distilled${SEEDS:+/seed-1}" --json >"$RUN/distill.json"
DISTILLING_SECONDS=$(json_number "$RUN/distill.json" seconds)
RUNS=("$(run_entry distilled distill "$CACHING_SECONDS" "${SHARED[@]}")")

if [ "$ADAPTED" ]; then
  SECONDS=0
  codistill pretrain "$CONFIGS/adapt.yaml" "${SHARED[@]/#cache=/data.cache=}" output="$RUN/teacher"
  cache "$RUN/teacher" "$RUN/adapted-cache"
  RUNS+=("$(run_entry distilled-adapted distill "$SECONDS" "${SHARED[@]}" \
    cache="$RUN/adapted-cache" initialize.from="$RUN/teacher")")
fi

# A step on hard labels takes about as long as one of distillation.
LONGER=$(python3 -c 'import sys; epochs, caching, distilling = map(float, sys.argv[1:])
print(round(epochs * (caching + distilling) / distilling, 2))' \
  "$EPOCHS" "$CACHING_SECONDS" "$DISTILLING_SECONDS")
say "comparing with hard labels: $EPOCHS epochs, and $LONGER in about the same time"
RUNS+=("$(run_entry hard-labels hard 0 "${SHARED[@]}")"
  "$(run_entry hard-labels-longer hard 0 "${SHARED[@]}" training.epochs="$LONGER")")
codistill compare "$CONFIGS/demo.yaml" output="$RUN/comparison" \
  sets.seen.tokens="$COMPARISON_TOKENS" sets.unseen.tokens="$COMPARISON_TOKENS" \
  runs="[$(IFS=,; echo "${RUNS[*]}")]" ${SEEDS[@]+"${SEEDS[@]}"}
