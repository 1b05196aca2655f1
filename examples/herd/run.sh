#!/usr/bin/env bash
# The herd in small: a toy Behemoth is trained on nine languages and cached, and a toy Maverick and
# a toy Scout are distilled from the cache. README.md beside this file goes through it.
#
#   examples/herd/run.sh            under ten minutes on two cores
#   examples/herd/run.sh --small    the same path in seconds: a check that it works, no result
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/environment.sh"
cd "$ROOT"

PRETRAIN=()
DISTILL=()
RUN=runs/herd
CACHE_TOKENS=1024000
EVALUATION_TOKENS=16384
case "${1:-}" in
  "") ;;
  --small)
    RUN=runs/herd-small
    CACHE_TOKENS=8192
    EVALUATION_TOKENS=1024
    SHARED=(training.steps=4 training.warmup_steps=1 training.decay_steps=1
      evaluation.every=2 evaluation.tokens=1024)
    PRETRAIN=("${SHARED[@]}" tokenizer="$RUN/tokenizer.json")
    DISTILL=("${SHARED[@]}" cache="$RUN/cache")
    ;;
  *) fail "unknown option '$1'; the only one is --small" ;;
esac

scripts/install-dependencies.sh
scripts/fetch-texts.sh herd
say "building"
swift build -c release --product codistill >&2
TEXTS=.assets/texts/herd.jsonl

# Scores a model on the held-out documents.
evaluate() {
  codistill evaluate --model "$RUN/$1" --data "$TEXTS" --split held_out --held-out 0.02 \
    --eos --tokens "$EVALUATION_TOKENS"
}

rm -rf "$RUN"
mkdir -p "$RUN"
codistill tokenizer train --data "$TEXTS" --vocab-size 8192 --held-out 0.02 \
  --output "$RUN/tokenizer.json"
codistill pretrain configs/toy/behemoth.yaml output="$RUN/behemoth" ${PRETRAIN[@]+"${PRETRAIN[@]}"}
codistill cache build --teacher "$RUN/behemoth" --data "$TEXTS" --output "$RUN/cache" \
  --sequence-length 256 --tokens "$CACHE_TOKENS" --held-out 0.02 --eos
codistill cache inspect "$RUN/cache"
for student in maverick scout; do
  codistill distill "configs/toy/$student.yaml" output="$RUN/$student" ${DISTILL[@]+"${DISTILL[@]}"}
done
for model in behemoth maverick scout; do
  evaluate "$model"
done
codistill generate --model "$RUN/scout" --prompt "Open the file" --max-tokens 40
