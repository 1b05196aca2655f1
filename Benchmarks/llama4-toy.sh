#!/usr/bin/env bash
# Trains runs/llama4-toy, a teacher with the vocabulary of Llama 4, for `bench.py fidelity`.
# The tokenizer comes out of Meta's Python package into .assets/llama4, under the licence that the
# package names; nothing of it is part of this repository. Goes on where it was interrupted.
#   Benchmarks/llama4-toy.sh --small    two steps into runs/llama4-toy-small: a check that it works
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/environment.sh"

CHANGES=()
case "${1:-}" in
  "") ;;
  --small)
    CHANGES=(training.steps=2 training.batch_size=1 training.warmup_steps=0 training.decay_steps=1
      data.sequence_length=64 output=runs/llama4-toy-small)
    ;;
  *) fail "unknown option '$1'; the only one is --small" ;;
esac
PACKAGE=llama-models==0.3.0
SHA256=d0bdbaf59b0762c8c807617e2d8ea51420eb1b1de266df2495be755c8e0ed6ed
FOLDER=$ASSETS/llama4
BENCH=$ROOT/.build/benchmarks/release/codistill-bench
CODISTILL=$ROOT/.build/release/codistill

# Puts the tiktoken file into the assets.
fetch_tokenizer() {
  say "fetching $PACKAGE (7 MB)"
  scratch_folder
  quietly python3 -m pip download --quiet --disable-pip-version-check --no-deps \
    --only-binary :all: --dest "$SCRATCH" "$PACKAGE"
  quietly python3 -m zipfile --extract "$SCRATCH"/*.whl "$SCRATCH/wheel"
  local model=$SCRATCH/wheel/llama_models/llama4/tokenizer.model
  echo "$SHA256  $model" | sha256sum --check --status ||
    fail "tokenizer.model has another SHA-256 than the pinned one; run this again"
  mkdir -p "$FOLDER"
  mv -f "$model" "$FOLDER/tokenizer.model"
}

for program in "$BENCH" "$CODISTILL"; do
  [ -x "$program" ] || fail "$program is missing; run: make build bench-build"
done
"$ROOT/scripts/fetch-texts.sh" mixed
[ -s "$FOLDER/tokenizer.model" ] || fetch_tokenizer
[ -s "$FOLDER/tokenizer.json" ] ||
  "$BENCH" tokenizer --tiktoken "$FOLDER/tokenizer.model" --output "$FOLDER/tokenizer.json"
cd "$ROOT"
"$CODISTILL" pretrain Benchmarks/llama4-toy.yaml ${CHANGES[@]+"${CHANGES[@]}"}
