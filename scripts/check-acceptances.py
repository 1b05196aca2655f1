#!/usr/bin/env python3
"""Computes again, outside of the program, what `codistill draft` says of a student as a draft.

Makes two pairs of toys. Of the first, which see all that came before, the texts that the teacher wrote (--output)
are scored again in float64 from `codistill logits`: the acceptances, the rounds' expected tokens and every drafted
token's share, with their standard errors. Models of the second pair see only the last token, so that their whole
conditional distribution is one table, and speculative decoding is run on it with random numbers (Leviathan et al.
2023, algorithm 1): what comes out of drawn rounds must agree with the figures within 3 standard errors, and with the
teacher's distribution; with both models greedy it must agree exactly. At the end, figures are changed: each change
must be found. Needs NumPy; ends with 1 where a figure does not hold.

usage: check-acceptances.py
"""

import json
import random
import sys
import tempfile
from pathlib import Path

import numpy as np

from figures.checks import Figures
from figures.losses import log_softmax
from figures.toys import Toys

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / ".build/release/codistill"
TEMPERATURE, LONGEST, TOKENS, REPEATS, ERRORS, SEED = 0.8, 4, 24, 2, 3, 1
KINDS = ("sampled_draft", "greedy_draft", "both_greedy")
SIZES = "vocab_size: 300, hidden_size: 16, intermediate_size: 32, num_attention_heads: 2, num_key_value_heads: 1"
SIGHTED = f"model_type: llama, {SIZES}, max_position_embeddings: 64"
# A window of one token: what comes next depends on the last one alone.
BLIND = f"model_type: mistral, {SIZES}, max_position_embeddings: 512, sliding_window: 1"


def make(toys: Toys) -> None:
    """Texts, a tokenizer, and both pairs of teacher and student."""
    import random
    lines = [json.dumps({"text": text}) for text in toys.texts(random.Random(3))]
    toys.write("texts.jsonl", "\n".join(lines) + "\n")
    toys.run("tokenizer", "train", "--data", "texts.jsonl", "--vocab-size", "300", "--output", "tokenizer.json")
    for kind, model in (("sighted", SIGHTED), ("blind", BLIND)):
        for role, layers, steps in (("teacher", 2, 60), ("student", 1, 40)):
            toys.write("run.yaml", f"""
model: {{{model}, num_hidden_layers: {layers}}}
tokenizer: tokenizer.json
data: {{paths: texts.jsonl, sequence_length: 32}}
training: {{steps: {steps}, batch_size: 8, learning_rate: 3e-2, seed: {layers}}}
output: {kind}-{role}
""")
            toys.run("pretrain", "run.yaml")


def measure(toys: Toys, kind: str, texts: int) -> tuple[dict, list[dict]]:
    """What `draft` says of a pair, and the texts that it says it of."""
    found = toys.run(
        "draft", "--model", f"{kind}-student", "--teacher", f"{kind}-teacher", "--data", "texts.jsonl",
        "--temperature", str(TEMPERATURE), "--max-draft-length", str(LONGEST), "--max-tokens", str(TOKENS),
        "--tokens", str(texts * TOKENS), "--prompt-tokens", "6", "--output", f"{kind}.jsonl", "--json")
    lines = (toys.folder / f"{kind}.jsonl").read_text().splitlines()
    return json.loads(found), [json.loads(line) for line in lines]


def ratio(upper, lower) -> tuple[float, float]:
    """The ratio of two sums over texts, and a ratio's standard error."""
    upper, lower = (np.array(x, float) for x in (upper, lower))
    upper, lower = upper[lower > 0], lower[lower > 0]
    value, count = upper.sum() / lower.sum(), len(lower)
    return value, np.sqrt(((upper - value * lower) ** 2).sum() * count / (count - 1)) / lower.sum()


def expected_rounds(accepted: np.ndarray, length: int) -> np.ndarray:
    """The expected rounds that accept at least 0, 1, … tokens, by the probability that each token begins one."""
    n = len(accepted)
    begins, found = np.zeros(n + 1), np.zeros(length + 1)
    begins[0] = 1
    for token in range(n - LONGEST):
        run = np.concatenate([[1], np.cumprod(accepted[token:token + length])])
        found += begins[token] * run
        ends = run - np.append(run[1:], 0)  # exactly so many accepted
        begins[token + 1:token + length + 2] += begins[token] * ends
    return found


def rescored(toys: Toys, texts: list[dict]) -> dict[str, list[tuple[np.ndarray, np.ndarray]]]:
    """Per kind and text: the expected acceptance at each position, and each token's own, given that it came out."""
    found = {kind: [] for kind in KINDS}
    for text in texts:
        for key in ("tokens", "greedy_tokens"):
            tokens, prompt = np.array(text[key]), text["prompt"]
            temperature = TEMPERATURE if key == "tokens" else 1
            log_p, log_q = (
                log_softmax(toys.logits(f"sighted-{role}", prompt + text[key])[len(prompt) - 1:-1] / temperature)
                for role in ("teacher", "student"))
            at, mine = np.arange(len(tokens)), log_q.argmax(1)
            if key == "greedy_tokens":
                agrees = (mine == log_p.argmax(1)).astype(float)
                found["both_greedy"].append((agrees, agrees))
                continue
            overlap = np.minimum(np.exp(log_p), np.exp(log_q)).sum(1)
            found["sampled_draft"].append((overlap, np.exp(np.minimum(0, (log_q - log_p)[at, tokens]))))
            found["greedy_draft"].append((np.exp(log_p[at, mine]), (mine == tokens).astype(float)))
    return found


def check_rescored(figures: Figures, found: dict, scores: dict) -> None:
    """The program's figures against those of the texts scored again; logits are float32."""
    close = {"relative": 5e-6, "absolute": 5e-7}
    for kind in KINDS:
        said, own = found[kind], scores[kind]
        mean, error = ratio([e.sum() for e, _ in own], [len(e) for e, _ in own])
        figures.same(f"{kind}: acceptance", said["acceptance"], mean, **close)
        figures.same(f"{kind}: acceptance_stderr", said["acceptance_stderr"], error, **close)
        for rounds in said["rounds"]:
            length = rounds["draft_length"]
            rows = np.array([expected_rounds(a, length) for _, a in own])
            label = f"{kind}, {length} drafted"
            mean, error = ratio(rows.sum(1), rows[:, 0])
            figures.same(f"{label}: tokens", rounds["tokens_per_round"], mean, **close)
            figures.same(f"{label}: tokens' error", rounds["tokens_per_round_stderr"], error, **close)
            for place in range(length):
                mean, error = ratio(rows[:, place + 1], rows[:, place])
                figures.same(f"{label}: token {place + 1}", rounds["acceptance_by_position"][place], mean, **close)
                figures.same(f"{label}: token {place + 1}'s error", rounds["acceptance_by_position_stderr"][place],
                             error, **close)


class Decoding:
    """Speculative decoding over tables p and q of (last token, next token)."""

    def __init__(self, p: np.ndarray, q: np.ndarray) -> None:
        self.p, self.q, self.dice = p, q, np.random.default_rng(SEED)

    def draw(self, weights: np.ndarray) -> int:
        """A token by weights that need not sum to 1."""
        point = self.dice.random() * weights.sum()
        return min(int(np.searchsorted(weights.cumsum(), point, side="right")), int(np.flatnonzero(weights)[-1]))

    def round(self, last: int, length: int) -> tuple[list[int], int]:
        """The accepted tokens of a round, and the target's own one."""
        drafted = []
        for _ in range(length):
            drafted.append(self.draw(self.q[drafted[-1] if drafted else last]))
        for place, token in enumerate(drafted):
            before = drafted[place - 1] if place else last
            if self.dice.random() * self.q[before, token] >= self.p[before, token]:
                return drafted[:place], self.draw(np.maximum(self.p[before] - self.q[before], 0))
        return drafted, self.draw(self.p[drafted[-1]])

    def write(self, last: int, length: int) -> tuple[list[int], np.ndarray]:
        """A text after a token, and how many of the rounds that count accept at least 0, 1, … tokens."""
        text, rounds = [], np.zeros(length + 1)
        while len(text) < TOKENS:
            counts = len(text) < TOKENS - LONGEST
            kept, own = self.round(text[-1] if text else last, length)
            if counts:
                rounds[:len(kept) + 1] += 1
            text += [*kept, own]
        return text[:TOKENS], rounds


def peaked(p: np.ndarray) -> np.ndarray:
    """Each row's favourite, for sure."""
    return (np.arange(p.shape[1]) == p.argmax(1)[:, None]).astype(float)


def within(figures: Figures, name: str, said: tuple[float, float], drawn: tuple[float, float]) -> None:
    """Two means with standard errors."""
    errors = np.hypot(said[1], drawn[1])
    off = abs(said[0] - drawn[0]) / errors if errors else float(said[0] != drawn[0])
    figures.off.append(off)
    figures.equal(f"{name}: {said[0]:.4f}, drawn {drawn[0]:.4f}, {off:.1f} standard errors off", off <= ERRORS, True)


def check_drawn(figures: Figures, toys: Toys, found: dict, texts: list[dict]) -> int:
    """The program's figures against rounds that are drawn; answers how many tokens were."""
    texts = texts * REPEATS
    identifiers = list(range(300))
    tables = {role: toys.logits(f"blind-{role}", identifiers) for role in ("teacher", "student")}
    alone = toys.logits("blind-teacher", [7, 5, 9])
    figures.equal("a blind model sees the last token alone", bool(np.allclose(alone[1], tables["teacher"][5])), True)
    p, q = (np.exp(log_softmax(tables[role] / TEMPERATURE)) for role in ("teacher", "student"))
    drawn = 0
    for kind, tables in zip(KINDS, ((p, q), (p, peaked(q)), (peaked(p), peaked(q)))):
        decoding = Decoding(*tables)
        for length in (1, 2, LONGEST):
            written = [decoding.write(text["prompt"][-1], length) for text in texts]
            rows, said = np.array([rounds for _, rounds in written]), found[kind]["rounds"][length - 1]
            label = f"{kind}, {length} drafted"
            within(figures, label, (said["tokens_per_round"], said["tokens_per_round_stderr"]),
                   ratio(rows.sum(1), rows[:, 0]))
            for place in range(length):
                if rows[:, place].any() and kind != "both_greedy":
                    within(figures, f"{label}: token {place + 1}",
                           (said["acceptance_by_position"][place], said["acceptance_by_position_stderr"][place]),
                           ratio(rows[:, place + 1], rows[:, place]))
            drawn += TOKENS * len(written)
            if kind == "both_greedy":
                figures.equal(f"{label}: texts", [t for t, _ in written], [t["greedy_tokens"] for t in texts])
                mean = ratio(rows.sum(1), rows[:, 0])[0]
                figures.same(f"{label}: tokens, exactly", said["tokens_per_round"], mean)
            else:
                check_texts(figures, label, p, texts, [t for t, _ in written])
    return drawn


def check_texts(figures: Figures, label: str, p: np.ndarray, texts: list[dict], written: list[list[int]]) -> None:
    """Drawn texts have the target's distribution: each token's surprise is the entropy of its row on average."""
    before = np.array([[text["prompt"][-1], *own[:-1]] for text, own in zip(texts, written)])
    after, log_p = np.array(written), np.log(p)
    surprise = -log_p[before, after] + (p * log_p).sum(1)[before]
    favourite = (after == p.argmax(1)[before]) - p.max(1)[before]
    for name, values in (("surprise", surprise), ("favourite", favourite)):
        off = values.mean() / (values.std(ddof=1) / np.sqrt(values.size))
        figures.equal(f"{label}: {name}, {off:.1f} standard errors off", abs(off) <= ERRORS, True)


def self_test(figures: Figures, sighted: dict, scores: dict, toys: Toys, blind: dict, texts: list[dict]) -> None:
    """Every change of a figure must be found."""
    for kind in KINDS:
        for rounds in ({}, *sighted[kind]["rounds"]):
            for key in [key for key in rounds if key.startswith("tokens")] or ["acceptance", "acceptance_stderr"]:
                changed = json.loads(json.dumps(sighted))
                place = changed[kind]["rounds"][rounds["draft_length"] - 1] if rounds else changed[kind]
                place[key] = place[key] * (1 + 1e-4) + 1e-6
                found = Figures()
                check_rescored(found, changed, scores)
                figures.equal(f"self-test: {kind} {key} changed", len(found.failures), 1)
        changed = json.loads(json.dumps(blind))
        for rounds in changed[kind]["rounds"]:
            rounds["tokens_per_round"] += 6 * max(rounds["tokens_per_round_stderr"], 0.01)
        found = Figures()
        check_drawn(found, toys, changed, texts)
        figures.equal(f"self-test: {kind} drawn otherwise", bool(found.failures), True)


def main() -> None:
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        toys = Toys(PROGRAM, Path(folder))
        make(toys)
        sighted, texts = measure(toys, "sighted", 20)
        scores = rescored(toys, texts)
        check_rescored(figures, sighted, scores)
        print(f"{len(texts)} texts scored again: {figures.count} figures, at most {figures.largest:.1e} off")
        blind, texts = measure(toys, "blind", 60)
        before = figures.count
        drawn = check_drawn(figures, toys, blind, texts)
        beyond = sum(off > 2 for off in figures.off)
        print(f"{drawn} tokens drawn in rounds: {figures.count - before} figures; of {len(figures.off)} means {beyond} "
              f"are over 2 standard errors off ({0.0455 * len(figures.off):.1f} by chance), at most {max(figures.off):.1f}")
        self_test(figures, sighted, scores, toys, blind, texts)
    for failure in figures.failures:
        print("FAIL", failure)
    print(f"{len(figures.failures)} of {figures.count} do not hold" if figures.failures else "all hold; every change was found")
    sys.exit(1 if figures.failures else 0)


if __name__ == "__main__":
    main()
