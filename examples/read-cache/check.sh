#!/usr/bin/env bash
# Reads the caches of Tests/Fixtures, and those named, in Python, and compares with `codistill cache export`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[ -x .venv-read/bin/python ] || python3 -m venv .venv-read
.venv-read/bin/python -c 'import numpy, zstandard' 2>/dev/null || .venv-read/bin/pip install -q numpy zstandard
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
pairs=()
for cache in Tests/Fixtures/cache-v[23]-*/cache "$@"; do
  export=$scratch/${#pairs[@]}.jsonl
  .build/release/codistill cache export "$cache" --format jsonl --output "$export" >/dev/null
  pairs+=("$cache" "$export")
done
.venv-read/bin/python examples/read-cache/check.py "${pairs[@]}"
