#!/usr/bin/env python3
"""Computes again, in float64 and outside of the program, what is said of caches.

Caches a little text of a teacher with the program, takes the logits of the same tokens from
`codistill logits`, and holds what `codistill cache export` gives against them: every stored number
against its grid, the error against that of 50 random draws, top-k sums and the KL that they give.
Needs numpy; ends with 1 where a figure does not hold.

usage: check-cache-figures.py [--teacher MODEL] [--data TEXT] [--tokens 256] [--length 64]
"""

import argparse
import json
import math
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / ".build/release/codistill"


def codistill(*arguments: str) -> None:
    """Runs the program."""
    run = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"codistill {arguments[0]} ended with {run.returncode}: {run.stderr.strip()}")


def logits(teacher: str, tokens: list[int], scratch: Path) -> np.ndarray:
    """The teacher's logits after each token, by the program's simplest way."""
    path = scratch / "logits.safetensors"
    codistill("logits", "--model", teacher, "--tokens", ",".join(map(str, tokens)), "--output", str(path))
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    entry = json.loads(data[8:8 + size])["logits"]
    begin, end = entry["data_offsets"]
    return np.frombuffer(data[8 + size + begin:8 + size + end], "<f4").reshape(entry["shape"]).astype(np.float64)


def softmax(x: np.ndarray) -> np.ndarray:
    """Along the last axis."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


class Figures:
    """What is checked; remembers whether something failed."""

    def __init__(self) -> None:
        self.failed = False

    def say(self, name: str, value: float, holds: bool, wanted: str) -> None:
        """Prints a figure and whether it is what it should be."""
        self.failed |= not holds
        print(f"{'ok  ' if holds else 'FAIL'} {name}: {value:.6g} ({wanted})")


def rows(cache: list[dict], logit_rows: dict, temperature: float):
    """Per record of the first draw: p at T, log p of the next token at 1, and what is stored."""
    for number, sequence in enumerate(cache):
        record, start = 0, 0
        for fragment in sequence["fragments"]:
            tokens = sequence["tokens"][start:start + fragment]
            x = logit_rows[number, start]
            for place in range(fragment - 1):
                p = softmax(x[place] / temperature)
                one = math.log(softmax(x[place])[tokens[place + 1]])
                yield p, one, sequence, record
                record += 1
            start += fragment


def check_threshold(figures: Figures, name: str, cache: list[dict], logit_rows: dict, codec: dict) -> None:
    """A threshold cache: its grid, its entropy, and its error beside 50 draws' expectation."""
    tau, T = codec["threshold"], codec["temperature"]
    levels = max(64, math.ceil(4 / tau))
    off, entropy_off, next_off, mass = 0.0, 0.0, 0.0, []
    squares, expected, drawn = 0.0, 0.0, 0.0
    for p, one, sequence, record in rows(cache, logit_rows, T):
        ids = np.array(sequence["draws"][0]["ids"][record], dtype=int)
        values = np.array(sequence["draws"][0]["values"][record], dtype=np.float64)
        argmax = int(np.argmax(p))
        head = p >= tau
        head[argmax] = True
        stored = np.zeros_like(p)
        stored[ids] = values
        off = max(off, abs(stored - p)[head].max() * levels)
        if not np.allclose(stored[~head][stored[~head] > 0], tau, rtol=1e-6):
            off = math.inf
        entropy = -(p * np.log(np.maximum(p, 1e-300))).sum()
        entropy_off = max(entropy_off, abs(sequence["entropy"][record] - entropy) * 8)
        next_off = max(next_off, abs(sequence["next_log_probability"][record] - one) * 16)
        mass.append(values.sum())
        squares += ((stored - p) ** 2).sum()
        steps = p[head] * levels - np.floor(p[head] * levels)
        tail = p[~head]
        expected += (tail * (tau - tail)).sum() + (steps * (1 - steps)).sum() / levels ** 2
        drawn += (1 - (p * p).sum()) / 50
    figures.say(f"{name}: certain entries, in steps of the grid", off, off <= 1.01, "at most 1")
    figures.say(f"{name}: entropy, in steps", entropy_off, entropy_off <= 1.01, "at most 1")
    figures.say(f"{name}: next token, in steps", next_off, next_off <= 1.01, "at most 1")
    error = np.std(mass) / math.sqrt(len(mass))
    figures.say(f"{name}: mean mass", np.mean(mass), abs(np.mean(mass) - 1) < 4.5 * error + 1e-4, "1, unbiased")
    ratio = math.sqrt(squares / expected)
    figures.say(f"{name}: RMS error, stored ÷ expected", ratio, abs(ratio - 1) < 0.15, "about 1")
    ratio = math.sqrt(expected / drawn)
    figures.say(f"{name}: expected RMS error ÷ RS-KD's of 50 draws, τ = {tau}", ratio, ratio <= 1, "at most 1")


def check_topk(figures: Figures, name: str, cache: list[dict], logit_rows: dict, codec: dict) -> None:
    """A top-k cache: sums, rounding, and KL to a student with its bucket beside the exact p's."""
    above, off, biases, count = 0, 0.0, [], 0
    random = np.random.default_rng(1)
    noise = None
    for p, _, sequence, record in rows(cache, logit_rows, codec["temperature"]):
        noise = random.normal(0, 1, p.shape) if noise is None else noise
        ids = np.array(sequence["draws"][0]["ids"][record], dtype=int)
        t = np.array(sequence["draws"][0]["values"][record], dtype=np.float64)
        q = softmax(0.6 * np.log(np.maximum(p, 1e-300)) + noise)
        count += 1
        above += t.sum() > 1
        # In steps of the angle that the grid is even in; those that gave way below 1 may be further.
        angles = abs(np.arcsin(np.sqrt(np.minimum(t, 1))) - np.arcsin(np.sqrt(p[ids]))) / (math.pi / 8192)
        off = max(off, np.delete(angles, np.argmax(p[ids])).max(initial=0))

        def divergence(kept: np.ndarray) -> float:
            rest = max(0.0, 1 - kept.sum())
            parts = (kept * np.log(np.maximum(kept, 1e-300) / q[ids])).sum()
            return parts + (rest * math.log(rest / (1 - q[ids].sum())) if rest > 0 else 0)

        biases.append(divergence(t) - divergence(p[ids]))
    figures.say(f"{name}: rows with a sum above 1, of {count}", above, above == 0, "none")
    figures.say(f"{name}: entries beside the argmax, in steps of the grid", off, off <= 1.05, "at most 1")
    error = np.std(biases) / math.sqrt(count)
    bias = float(np.mean(biases))
    figures.say(f"{name}: KL less that by p in float64, ± {error:.2g} nats", bias, abs(bias) < 4.5 * error + 2e-4, "0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--teacher", default=str(ROOT / ".assets/SmolLM2-135M-Instruct.Q4_1.gguf"))
    parser.add_argument("--data", default=str(ROOT / ".assets/texts/web.jsonl"))
    parser.add_argument("--tokens", type=int, default=256)
    parser.add_argument("--length", type=int, default=64)
    options = parser.parse_args()
    checks = [
        ("threshold, T = 1", check_threshold, ["--temperature", "1"]),
        ("threshold, T = 2", check_threshold, ["--temperature", "2"]),
        ("topk", check_topk, ["--codec", "topk", "--entries", "50"])]
    figures, logit_rows = Figures(), {}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for number, (name, check, arguments) in enumerate(checks):
            place, export = scratch / f"cache-{number}", scratch / "export.jsonl"
            codistill(
                "cache", "build", "--teacher", options.teacher, "--data", options.data, "--output", str(place),
                "--sequence-length", str(options.length), "--tokens", str(options.tokens), *arguments)
            codistill("cache", "export", str(place), "--format", "jsonl", "--output", str(export))
            cache = [json.loads(line) for line in export.read_text().splitlines()]
            for index, sequence in enumerate(cache):
                start = 0
                for fragment in sequence["fragments"]:
                    if (index, start) not in logit_rows:
                        logit_rows[index, start] = logits(
                            options.teacher, sequence["tokens"][start:start + fragment], scratch)
                    start += fragment
            codec = json.loads((place / "manifest.json").read_text())["parts"][0]["capture"]["codec"]
            check(figures, name, cache, logit_rows, codec)
    sys.exit(1 if figures.failed else 0)


if __name__ == "__main__":
    main()
