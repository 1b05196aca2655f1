#!/usr/bin/env bash
# Which schedule? Twelve on the toy herd, five seeds each, and five on SmolLM2, three seeds each; and what a
# cache is worth that the teacher wrote during its own training. README.md beside this file goes through it.
#
#   examples/which-schedule/run.sh            about an hour on two cores, and goes on where it was stopped
#   examples/which-schedule/run.sh --small    the same path in a minute: a check that it works, no result
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/environment.sh"
cd "$ROOT"

RUN=runs/which-schedule
HERD=runs/herd
TEACHER_STEPS=()
TOY_TOKENS=1024000
SMOLLM2_TOKENS=61440
TOY=()
SMOLLM2=()
case "${1:-}" in
  "") ;;
  --small)
    RUN=runs/which-schedule-small
    HERD=$RUN/herd
    TOY_TOKENS=8192
    SMOLLM2_TOKENS=2048
    TEACHER_STEPS=(training.steps=4 training.warmup_steps=1 training.decay_steps=1
      evaluation.every=4 evaluation.tokens=512 tokenizer="$HERD/tokenizer.json")
    STEPS="training.steps=4, training.warmup_steps=1, evaluation.every=4, evaluation.tokens=512"
    TOY=(seeds="[1, 2]" tokens=1024
      overrides="[$STEPS, training.decay_steps=1, cache=$HERD/cache]")
    SMOLLM2=(seeds="[1]" tokens=512
      overrides="[training.steps=2, training.lr_scheduler_type=constant, training.warmup_steps=1,
        evaluation.tokens=256, cache=$RUN/smollm2-cache]")
    ;;
  *) fail "unknown option '$1'; the only one is --small" ;;
esac

scripts/install-dependencies.sh
TEACHER=$(scripts/fetch-teacher.sh)
scripts/fetch-texts.sh herd
scripts/fetch-texts.sh web
say "building"
swift build -c release --product codistill >&2
TEXTS=.assets/texts/herd.jsonl

# Runs one of the studies beside this file, in the folders of this run.
study() {
  local name=$1
  shift
  sed "s#runs/which-schedule/#$RUN/#; s#runs/herd/#$HERD/#" "examples/which-schedule/$name.yaml" \
    >"$RUN/$name.yaml"
  codistill compare "$RUN/$name.yaml" "$@"
}

mkdir -p "$HERD" "$RUN"
[ -e "$HERD/tokenizer.json" ] ||
  codistill tokenizer train --data "$TEXTS" --vocab-size 8192 --held-out 0.02 \
    --output "$HERD/tokenizer.json"
codistill pretrain configs/toy/behemoth.yaml output="$HERD/behemoth" \
  ${TEACHER_STEPS[@]+"${TEACHER_STEPS[@]}"}
codistill cache build --teacher "$HERD/behemoth" --data "$TEXTS" --output "$HERD/cache" \
  --sequence-length 256 --tokens "$TOY_TOKENS" --held-out 0.02 --eos
study toy ${TOY[@]+"${TOY[@]}"}

codistill cache build --teacher "$TEACHER" --data .assets/texts/web.jsonl \
  --output "$RUN/smollm2-cache" --sequence-length 256 --tokens "$SMOLLM2_TOKENS" --held-out 0.02
study smollm2 ${SMOLLM2[@]+"${SMOLLM2[@]}"}

# The same teacher again, which this time writes what it expects while it learns.
codistill pretrain configs/toy/behemoth.yaml output="$RUN/behemoth" \
  --emit-cache "$RUN/emitted-cache" ${TEACHER_STEPS[@]+"${TEACHER_STEPS[@]}"}
codistill cache inspect "$RUN/emitted-cache"
study emitted ${TOY[@]+"${TOY[@]}"}
