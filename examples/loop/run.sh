#!/usr/bin/env bash
# Trains a student of every second layer from a cache with the library alone, and checks that it learns and can be loaded.
#
#     examples/loop/run.sh CACHE TEACHER OUTPUT [STEPS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
swift build -c release --product loop
.build/release/loop "$@" | tee "$3.log"
.build/release/codistill generate --model "$3" --prompt "The" --max-tokens 8
python3 - "$3.log" <<'EOF'
import re, sys
losses = [float(nll) for nll in re.findall(r"held out after .*: NLL ([\d.]+)", open(sys.argv[1]).read())]
sys.exit(None if losses[-1] < losses[0] else f"the student did not learn: {losses}")
EOF
