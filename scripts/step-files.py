#!/usr/bin/env python3
"""Counts the Swift files that one training step runs, and those of a distillation step apart from ops and cache.

    swift build --scratch-path .build-coverage --enable-code-coverage --product codistill   # once, some minutes
    scripts/step-files.py [--tool .build-coverage/debug/codistill]

A toy Llama-4 student with mixtures learns from a threshold cache for six steps and for seven: a file counts where one of
its functions ran more often in the longer run.
"""

import argparse
import collections
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LLVM = Path(shutil.which("swift") or "swift").resolve().parent  # profiles are read by the tools of the compiler that wrote them
STEP = ("Losses", "Models", "Capture", "Training")  # the others are ops, cache, what they stand on, and the line of progress

MODEL = "vocab_size: 300, hidden_size: 16, num_attention_heads: 2, num_key_value_heads: 1, max_position_embeddings: 64"
TEACHER = f"""
model: {{model_type: llama, {MODEL}, intermediate_size: 32, num_hidden_layers: 2}}
tokenizer: tokenizer.json
data: {{paths: [texts.jsonl], sequence_length: 32}}
training: {{steps: 2, batch_size: 2, learning_rate: 1.0e-3, seed: 1}}
output: teacher
"""
STUDENT = f"""
model: {{model_type: llama4_text, {MODEL}, head_dim: 8, intermediate_size: 16, intermediate_size_mlp: 32,
  num_hidden_layers: 4, num_local_experts: 2, attention_chunk_size: 16}}
cache: cache
training: {{steps: 20, batch_size: 2, learning_rate: 1.0e-3, seed: 1}}
loss: {{soft: {{schedule: cosine, start: 0.9, end: 0.5}}, router_aux_loss_coef: 0.01}}
output: OUTPUT
"""


def counts(tool, folder, steps):
    """How often each function of each file ran in a training of some steps."""
    name = f"student-{steps}"
    (folder / f"{name}.yaml").write_text(STUDENT.replace("OUTPUT", name))
    profile = folder / f"{name}.profraw"
    run(tool, folder, f"distill {name}.yaml --stop-at {steps}", profile)
    merged = profile.with_suffix(".profdata")
    subprocess.run([LLVM / "llvm-profdata", "merge", "-sparse", profile, "-o", merged], check=True)
    report = subprocess.run(
        [LLVM / "llvm-cov", "export", tool, f"-instr-profile={merged}"], check=True, capture_output=True)
    found = collections.Counter()
    for function in json.loads(report.stdout)["data"][0]["functions"]:
        found[function["filenames"][0], function["name"]] += function["count"]
    return found


def run(tool, folder, line, profile):
    """Runs a command line of codistill."""
    environment = os.environ | {"LLVM_PROFILE_FILE": str(profile)}
    result = subprocess.run([tool, *line.split()], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if result.returncode not in (0, 75):
        raise SystemExit(f"step-files.py: 'codistill {line}': {result.stderr.strip()}")


def main():
    """Prints the counts by folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tool", default=ROOT / ".build-coverage/debug/codistill", type=Path)
    parser.add_argument("--list", action="store_true", help="name the files")
    options = parser.parse_args()
    tool = options.tool.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words = "the cat sat on a mat and saw one dog who had been there before it came home".split()
        texts = [" ".join(words[(i * j + i) % len(words)] for j in range(120)) for i in range(40)]
        (folder / "texts.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        (folder / "teacher.yaml").write_text(TEACHER)
        for line in (
            "tokenizer train --data texts.jsonl --vocab-size 300 --output tokenizer.json",
            "pretrain teacher.yaml",
            "cache build --teacher teacher --data texts.jsonl --sequence-length 32 --output cache"):
            run(tool, folder, line, folder / "other.profraw")
        six, seven = counts(tool, folder, 6), counts(tool, folder, 7)
    places = collections.defaultdict(set)
    for (file, function), count in seven.items():
        if count > six[file, function] and "/checkouts/" not in file and file.endswith(".swift"):
            module, *rest = file.split("/Sources/")[-1].split("/")
            places[module].add("/".join(rest))
    own = {module: files for module, files in places.items() if module in STEP}
    for module in sorted(places):
        print(f"{module}: {len(places[module])}", *(sorted(places[module]) if options.list else []))
    print(f"{sum(map(len, places.values()))} files run in one training step; {sum(map(len, own.values()))} without ops and cache")


main()
