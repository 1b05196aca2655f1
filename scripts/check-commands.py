#!/usr/bin/env python3
"""Runs every command that the README and docs name once, in small, and fails where one does.

    check-commands.py [--tool PATH] [--record]

What commands print with --json, and the SHA-256 of caches and weights that they make, is compared with
Tests/Fixtures/snapshots/ARITHMETIC.json, where the kernels that multiply matrices are the arithmetic:
exactly where that file is there; where it is not, keys, types and texts with those of another arithmetic,
and numbers to a tenth. --record writes the file instead. What differs from run to run or from machine to
machine (times, speeds, memory, paths) is compared by its type alone.

The commands and options are read from README.md and the pages of docs that have some, the targets from
the Makefile: a command, an option or a target that is named there and run neither here nor by .ci/run is
an error, so that nothing is documented that nobody runs. So is a page or section of docs that code cites
and that is not there. Texts, teacher and student are toys made on the spot;
one command takes less than a second.
"""

import argparse
import hashlib
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOTS = ROOT / "Tests/Fixtures/snapshots"
PAGES = ("README.md", "docs/commands.md", "docs/configs.md", "docs/cache.md")  # what names commands
# What a machine and an hour decide, by the ends of its keys.
UNSETTLED = re.compile(r"(seconds|per_second|hours|rss_bytes|available_bytes|^speed)$")
SPEEDS = {"break_even_passes"}  # there is one where reading a cache is faster than its teacher, which a toy's is not always
LLAMA = "model_type: llama, vocab_size: 300, hidden_size: 16, intermediate_size: 32, num_hidden_layers: 2"
HEADS = "num_attention_heads: 2, num_key_value_heads: 1, max_position_embeddings: 64"
MIXTURE = "model_type: llama4_text, vocab_size: 300, hidden_size: 16, intermediate_size: 16, num_hidden_layers: 2"
EXPERTS = "intermediate_size_mlp: 32, head_dim: 8, num_local_experts: 2, attention_chunk_size: 16"
TRAINING = "training: {steps: 4, batch_size: 2, learning_rate: 3.0e-3, seed: 1}"
SPLIT = "split: held_out, held_out: 0.3, sequence_length: 32"

TEACHER = f"""
model: {{{LLAMA}, {HEADS}}}
tokenizer: tokenizer.json
data: {{paths: [texts.jsonl], sequence_length: 32, split: train, held_out: 0.3}}
{TRAINING}
output: teacher
"""
STUDENT = f"""
model: {{{MIXTURE}, {EXPERTS}, {HEADS}}}
cache: cache
{TRAINING}
loss: {{soft: {{schedule: constant, value: 0.9}}, router_aux_loss_coef: 0.01}}
evaluation: {{every: 2, tokens: 200, data: {{paths: [texts.jsonl], {SPLIT}}}}}
output: student
"""
STUDY = f"""
base: student.yaml
arms: [{{name: labels, changes: {{loss: {{soft: {{schedule: constant, value: 0}}}}}}}}, {{name: soft}}]
seeds: [1, 2]
data: {{paths: [texts.jsonl], {SPLIT}}}
output: study
"""


def fail(message):
    """Ends the script with one line."""
    sys.exit(f"check-commands.py: {message}")


class Rig:
    """A folder with toys, in which commands are run and remembered."""

    def __init__(self, tool, folder):
        self.tool, self.folder, self.ran, self.snapshot = tool, folder, [], {}

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def run(self, line, expected=0):
        """Runs a command line of codistill; answers its standard output. No-break spaces are spaces in an argument."""
        arguments = [word.replace("\u00a0", " ") for word in line.split(" ")]
        self.ran.append(arguments)
        result = subprocess.run(
            [self.tool, *arguments], cwd=self.folder, capture_output=True, text=True, check=False,
            env=os.environ | {"SWIFT_BACKTRACE": "enable=no"}, stdin=subprocess.DEVNULL)
        if result.returncode != expected:
            last = (result.stderr.strip() or result.stdout.strip() or "no output").splitlines()[-1]
            fail(f"'codistill {line}' ended with {result.returncode}, expected {expected}: {last}")
        return result.stdout

    def figures(self, line):
        """Runs a command with --json; fails where a figure is no number."""
        def refuse(constant):
            fail(f"'codistill {line} --json' prints {constant}")
        found = json.loads(self.run(line + " --json"), parse_constant=refuse)
        if not isinstance(found, dict) or not found:
            fail(f"'codistill {line} --json' prints no object")
        self.snapshot[line.replace(str(ROOT), "ROOT")] = settled(found, self.folder)
        return found

    def hash(self, name):
        """Puts a file's SHA-256 into the snapshot."""
        self.snapshot[f"sha256 {name}"] = hashlib.sha256((self.folder / name).read_bytes()).hexdigest()


def settled(value, folder):
    """A value of JSON with its unsettled parts replaced by the names of their types."""
    if isinstance(value, dict):
        return {
            key: type(part).__name__ if UNSETTLED.search(key) else settled(part, folder)
            for key, part in value.items()}
    if isinstance(value, list):
        return [settled(part, folder) for part in value]
    return value.replace(str(folder), "FOLDER") if isinstance(value, str) else value


def differences(found, expected, exactly, place):
    """Where two values of JSON differ; unless exactly, numbers may by a tenth and digests may at all."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for key in sorted((found.keys() | expected.keys()) - SPEEDS):
            if key not in found or key not in expected:
                yield f"{place}: {key} is {'gone' if key in expected else 'new'}"
            else:
                yield from differences(found[key], expected[key], exactly, f"{place}: {key}")
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for index, pair in enumerate(zip(found, expected)):
            yield from differences(*pair, exactly, f"{place}[{index}]")
    elif found != expected:
        numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (found, expected))
        near = numbers and abs(found - expected) <= max(1e-3, 0.1 * abs(expected))
        digests = all(isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) for value in (found, expected))
        if exactly or not (near or digests or "sentence" in place or "headline" in place):
            yield f"{place}: {json.dumps(found)[:60]}, not {json.dumps(expected)[:60]}"


def check_snapshot(snapshot, arithmetic, record):
    """Compares a snapshot with the one of its arithmetic, else with another's; answers what was compared."""
    file = SNAPSHOTS / (re.sub(r"[^a-z0-9]+", "-", arithmetic.lower()).strip("-") + ".json")
    if record:
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(json.dumps(snapshot, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
        return f"recorded {file.name}"
    others = sorted(SNAPSHOTS.glob("*.json"))
    against = file if file.exists() else others[0] if others else fail(f"no snapshot in {SNAPSHOTS}")
    found = list(differences(snapshot, json.loads(against.read_text()), against == file, "snapshot"))
    if found:
        fail("\n  ".join([f"{len(found)} differences from {against.name}:", *found[:40]]))
    how = "to the bit" if against == file else f"roughly, as nothing is recorded for {arithmetic}"
    return f"{len(snapshot)} answers and digests are those of {against.name}, {how}"


def texts():
    """Forty documents of random words, as JSON lines."""
    words = "the cat sat on a mat and saw one dog who had been there before it came home".split()
    chance = random.Random(1)
    for _ in range(40):
        yield json.dumps({"text": " ".join(chance.choice(words) for _ in range(120))}) + "\n"


def answers(tokens):
    """A server's log-probabilities of a text's tokens, as vLLM's prompt_logprobs."""
    rows = [None] + [
        {str(t): {"logprob": math.log(0.5), "rank": 1}, str((t + 1) % 300): {"logprob": math.log(0.25), "rank": 2}}
        for t in tokens[1:]]
    return json.dumps({"prompt_token_ids": tokens, "prompt_logprobs": rows}) + "\n"


def run_all(rig):
    """Every command of the README, from texts to a study; answers what multiplies matrices here."""
    rig.write("texts.jsonl", "".join(texts()))
    rig.write("more.jsonl", '{"text": "another text, of which nothing was cached before"}\n' * 1)
    rig.write("teacher.yaml", TEACHER)
    rig.write("student.yaml", STUDENT)
    rig.write("study.yaml", STUDY)
    rig.run("--help")
    libraries = rig.figures("doctor")["libraries"]
    rig.snapshot.clear()  # of this machine, not of the program
    refused = 0 if libraries["bfloat16"] else 69  # what bfloat16 ends with where the processor lacks it
    rig.figures("tokenizer train --data texts.jsonl --vocab-size 300 --output tokenizer.json")
    ids = rig.figures("tokenizer encode --tokenizer tokenizer.json the\u00a0cat\u00a0sat\u00a0on\u00a0a\u00a0mat")["ids"]
    decoded = rig.run(f"tokenizer decode --tokenizer tokenizer.json --ids {','.join(map(str, ids))}")
    if decoded.strip() != "the cat sat on a mat":
        fail(f"decoding what was encoded gives {decoded!r}")
    rig.figures("plan teacher.yaml")
    rig.figures("pretrain teacher.yaml --emit-cache emitted")
    capture = "--teacher teacher --data texts.jsonl --sequence-length 32 --held-out 0.3 --tokens 2000"
    rig.figures(f"plan {capture}")
    rig.figures(f"cache build {capture} --output cache")
    for name, options in {
        "dense": "--codec dense", "topk": "--codec topk --entries 8", "sample": "--codec sample --samples 20",
        "drawn": "--draws 2 --tau 0.1", "entries": "--entries-per-token 4", "bytes": "--bytes-per-token 16",
        "warm": "--temperature 2", "streamed": "--stream-layers",
    }.items():
        rig.figures(f"cache build {capture} --output {name} {options}")
    rig.run(f"cache build {capture} --output rounded --precision bfloat16", expected=refused)
    for index in (0, 1):
        rig.run(f"cache build {capture} --output shared --shard-index {index} --shard-count 2")
    rig.figures("cache commit shared")
    if (rig.folder / "shared/SHA256SUMS").read_bytes() != (rig.folder / "cache/SHA256SUMS").read_bytes():
        fail("two workers made another cache than one")
    rig.figures("cache inspect cache")
    rig.figures("cache inspect cache --position 17")
    rig.run("cache audit cache --svg audit.svg --positions 64")
    rig.figures("cache verify cache")
    rig.run("cache build --teacher teacher --data more.jsonl --sequence-length 32 --output shared --append")
    rig.figures("cache merge cache emitted --output both")
    shard = rig.folder / "cache/shard-00000.kd.zst"
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-40])
    rig.run("cache verify cache", expected=65)
    rig.figures(f"cache repair cache {capture}")
    if shard.read_bytes() != whole:
        fail("a repaired shard has other bytes")
    for form in ("jsonl", "safetensors"):
        rig.figures(f"cache export cache --format {form} --output exported.{form}")
    rig.write("answers.jsonl", answers(ids))
    rig.figures("cache import answers.jsonl --tokenizer tokenizer.json --teacher-name toy --output imported")
    rig.figures("distill student.yaml")
    rig.figures("distill student.yaml evaluation.keep=best evaluation.patience=1 output=kept")
    rig.run("distill student.yaml --profile training.steps=3 output=profiled")
    rig.run("distill student.yaml training.bf16=true output=rounded-student", expected=refused)
    rig.figures("compare study.yaml --jobs 2 --max-seconds 600")
    for against in ("", " --teacher teacher"):
        rig.figures(f"evaluate --model student --data texts.jsonl --split held_out --held-out 0.3{against}")
    rig.run(f"cache build {capture} --split held_out --output held-out --bos --eos --text-key text --data-format jsonl")
    rig.figures("evaluate --model student --cache held-out")
    rig.figures("evaluate --model student --teacher teacher --set all=texts.jsonl --set again=texts.jsonl --tokens 300")
    drafted = "--temperature 0.7 --max-draft-length 3 --prompt-tokens 8 --max-tokens 12 --tokens 60"
    rig.figures(f"draft --model student --teacher teacher --data texts.jsonl {drafted} --output drafted.jsonl")
    rig.hash("drafted.jsonl")
    rig.run("generate --model student --prompt the\u00a0cat --max-tokens 4")
    rig.figures("logits --model teacher --tokens 1,2,3 --output logits.safetensors")
    for name in ("cache", "dense", "topk", "sample", "drawn", "warm", "emitted", "imported"):
        rig.hash(f"{name}/SHA256SUMS")
    for name in ("teacher", "student", "kept"):
        rig.hash(f"{name}/model/model.safetensors")
    for config in sorted((ROOT / "configs").rglob("*.yaml")):
        # A study and a run from a model need files that are fetched; the demo and the herd run these.
        if config.parent.name == "toy":
            rig.figures(f"plan {config}")
        elif config.parent.name == "llama4":
            # A published shape with a training is told, and that it does not fit.
            rig.run(f"plan {config}", expected=69 if "training:" in config.read_text() else 0)
    return libraries["products"]


def named_commands(pages):
    """The commands of the pages' lists, alternatives apart: `cache verify|repair` are two."""
    for line in re.findall(r"^    codistill +(.*)$", pages, re.MULTILINE):
        first, _, rest = line.partition(" ")
        if not first.isalpha():  # the layout's line, which begins with the program's name
            continue
        if first in ("cache", "tokenizer"):
            yield from ([first, second] for second in rest.split()[0].split("|"))
        else:
            yield [first]


def unrun(pages, makefile, ci, ran):
    """What the README, docs and the Makefile name, and nobody runs."""
    for command in named_commands(pages):
        if not any(arguments[: len(command)] == command for arguments in ran):
            yield "codistill " + " ".join(command)
    elsewhere = {"--adapted", "--rounds", "--seeds", "--small"}  # options of scripts
    for option in sorted(set(re.findall(r"--[a-z][a-z-]+", pages)) - elsewhere):
        if not any(option in arguments for arguments in ran):
            yield f"codistill … {option}"
    for target in re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE):
        if not re.search(rf"\bmake [a-z0-9 -]*\b{target}\b(?!-)", ci):
            yield f"make {target}"


def dangling():
    """What code cites of our pages (`docs/a.md §1.2`, `docs/a.md, "Heading"`) and is not there."""
    for file in sorted(path for top in ("Sources", "Tests", "Benchmarks") for path in (ROOT / top).rglob("*.*")):
        pages = r"docs/[\w-]+\.md" if (ROOT / "Tests") in file.parents else r"[\w/-]+\.md|DESIGN"
        if file.suffix not in (".swift", ".c", ".h"):
            continue
        text = re.sub(r"\s*\n\s*//+\s*", " ", file.read_text())
        for name, number, title in re.findall(rf'\b({pages})\b(?: §([\d.]*\d)|, "([^"]+)")?', text):
            page = (ROOT / name).read_text() if (ROOT / name).exists() else ""
            heading = f"{re.escape(number)}\\.? " if number else f"{re.escape(title)}$" if title else ""
            if not re.search(f"^#+ {heading}", page, re.MULTILINE):
                yield f"{file.relative_to(ROOT)} cites {name} {number or title}"


def main():
    """Runs everything, then looks for what was left out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tool", default=ROOT / ".build/release/codistill", type=Path)
    parser.add_argument("--record", action="store_true", help="write the snapshot of this machine's arithmetic")
    options = parser.parse_args()
    if lost := list(dangling()):
        fail("cited, but not there: " + "; ".join(lost))
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(options.tool.resolve(), Path(folder))
        arithmetic = run_all(rig)
    pages = "\n".join((ROOT / name).read_text() for name in PAGES)
    texts = [(ROOT / name).read_text() for name in ("Makefile", ".ci/run")]
    left_out = list(unrun(pages, *texts, rig.ran))
    if left_out:
        fail("named, but run by nobody: " + "; ".join(left_out))
    print(f"check-commands.py: {len(rig.ran)} commands ran; README and docs name no other")
    print("check-commands.py: " + check_snapshot(rig.snapshot, arithmetic, options.record))


main()
