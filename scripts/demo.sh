#!/usr/bin/env bash
# Caches SmolLM2-135M on English text, makes a student out of six of its layers, trains the student
# from the cache and again on hard labels alone, and prints the table that compares the two.
#
#   scripts/demo.sh            about 6 minutes on two cores, after build and downloads
#   scripts/demo.sh --small    the same path in seconds: a check that it works, no result
#
# DEMO_TOKENS sets how many tokens are cached.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
cd "$ROOT"

OVERRIDES=()
case "${1:-}" in
  "")
    RUN=runs/demo
    TOKENS=${DEMO_TOKENS:-61440}
    ;;
  --small)
    RUN=runs/demo-small
    TOKENS=${DEMO_TOKENS:-4096}
    OVERRIDES=(output="$RUN" cache="$RUN/cache" training.steps=4 training.warmup_steps=1
      evaluation.every=2 evaluation.tokens=512 compare.data.tokens=512)
    ;;
  *) fail "unknown option '$1'; the only one is --small" ;;
esac

scripts/install-dependencies.sh
TEACHER=$(scripts/fetch-teacher.sh)
scripts/fetch-texts.sh web
say "building"
swift build -c release --product codistill >&2
CODISTILL=.build/release/codistill

# Caching counts as time spent on distilling: an old cache would make it look free.
rm -rf "$RUN"
mkdir -p "$RUN"
say "caching $TOKENS tokens of the teacher"
"$CODISTILL" cache build --teacher "$TEACHER" --data .assets/texts/web.jsonl \
  --output "$RUN/cache" --sequence-length 256 --tokens "$TOKENS" --held-out 0.02
say "training and comparing"
"$CODISTILL" compare configs/smollm2/demo.yaml ${OVERRIDES[@]+"${OVERRIDES[@]}"}
