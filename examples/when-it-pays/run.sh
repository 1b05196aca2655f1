#!/usr/bin/env bash
# When does distilling pay? Students of SmolLM2-135M over corpora of 40, 160 and 640 thousand tokens, read once
# or more often, of 6, 12 and 20 layers, with other targets. README.md beside this file goes through it.
#
#   examples/when-it-pays/run.sh            about four hours on two cores; goes on where it was stopped
#   examples/when-it-pays/run.sh PART ...   some of epochs, layers, targets, draws, corpus-160k and corpus-640k
#   examples/when-it-pays/run.sh --small    the same path in minutes: a check that it works, no result
#
# It computes in bfloat16 where the processor has AVX512-BF16, else in float32.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/environment.sh"
cd "$ROOT"

RUN=runs/when-it-pays
declare -A TOKENS=([40k]=40960 [160k]=163840 [640k]=655360)
PRECISION=float32
STUDENT=()
STUDY=() ADAPTING=()
ALL=(epochs layers targets draws corpus-160k corpus-640k) SMALL='' PARTS=()
for argument in "$@"; do
  case " ${ALL[*]} " in
    *" $argument "*) PARTS+=("$argument") ;;
    *) [ "$argument" = --small ] || fail "no part '$argument'; the parts are ${ALL[*]}, and --small an option"
      SMALL=1 ;;
  esac
done
[ ${#PARTS[@]} -gt 0 ] || PARTS=("${ALL[@]}")
if [ "$SMALL" ]; then
  RUN=runs/when-it-pays-small
  TOKENS=([40k]=1024 [160k]=1280 [640k]=1536)
  STUDENT+=(-e 's#every: .*#every: 2#; s#tokens: .*#tokens: 256#; s#warmup_steps: .*#warmup_steps: 0#'
    -e 's#batch_size: .*#batch_size: 2#')
  STUDY=("seeds=[1]" sets.seen.tokens=256 sets.unseen.tokens=256)
  ADAPTING=(training.warmup_steps=0 evaluation.every=2 evaluation.tokens=256)
elif grep -q avx512_bf16 /proc/cpuinfo; then
  PRECISION=bfloat16 ADAPTING=(training.bf16=true)
fi
[ "$PRECISION" = bfloat16 ] || STUDENT+=(-e 's#bf16: true#bf16: false#')

scripts/install-dependencies.sh
TEACHER=$(scripts/fetch-teacher.sh)
scripts/fetch-texts.sh limited
say "building"
swift build -c release --product codistill >&2

# A cache of what a teacher says of the corpus's first tokens.
cache() {
  local teacher=$1 tokens=$2 output=$3
  shift 3
  codistill cache build --teacher "$teacher" --data .assets/texts/limited.jsonl --output "$output" \
    --sequence-length 256 --tokens "$tokens" --held-out 0.05 --precision "$PRECISION" "$@"
}

# Runs one of the studies beside this file, in the folders of this run.
study() {
  sed "s#examples/when-it-pays/#$RUN/#; s#runs/when-it-pays/#$RUN/#" "examples/when-it-pays/$1.yaml" \
    >"$RUN/$1.yaml"
  codistill compare "$RUN/$1.yaml" ${STUDY[@]+"${STUDY[@]}"}
}

mkdir -p "$RUN"
sed -e "s#runs/when-it-pays/#$RUN/#" ${STUDENT[@]+"${STUDENT[@]}"} examples/when-it-pays/student.yaml >"$RUN/student.yaml"
cache "$TEACHER" "${TOKENS[40k]}" "$RUN/cache-40k"
for part in "${PARTS[@]}"; do
  case "$part" in
    epochs | layers) ;;
    targets)
      codistill pretrain configs/smollm2/adapt.yaml data.cache="$RUN/cache-40k" output="$RUN/adapted" \
        training.epochs=1 ${ADAPTING[@]+"${ADAPTING[@]}"}
      cache "$RUN/adapted" "${TOKENS[40k]}" "$RUN/cache-adapted"
      ;;
    draws) cache "$TEACHER" "${TOKENS[40k]}" "$RUN/cache-draws" --draws 4 ;;
    corpus-*) cache "$TEACHER" "${TOKENS[${part#corpus-}]}" "$RUN/cache-${part#corpus-}" ;;
  esac
  study "$part"
done
