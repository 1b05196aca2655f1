"""A tiny teacher, its caches, a student, and a study of three arms, made with the program in seconds."""

import json
import random
import struct
import subprocess
from pathlib import Path

import numpy as np

MODEL = """
model:
  {model_type: llama4_text, vocab_size: 400, hidden_size: 32, intermediate_size: 16, intermediate_size_mlp: 32,
   num_hidden_layers: 2, num_attention_heads: 2, num_key_value_heads: 1, head_dim: 16, num_local_experts: 2,
   interleave_moe_layer_step: 2, max_position_embeddings: 64}
"""
WORDS = """the a cat dog bird tree house river sees finds follows leaves old red small quiet and then under over
near it they we night morning winter stone bread water road hand light slowly again never where""".split()


class Toys:
    """A folder with the files, and the program that makes and reads them."""

    soft_weight = 0.7

    def __init__(self, program: Path, folder: Path) -> None:
        self.program, self.folder = program, folder

    def run(self, *arguments: str) -> str:
        """What the program prints."""
        run = subprocess.run([self.program, *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise SystemExit(f"codistill {' '.join(arguments[:2])} ended with {run.returncode}: {run.stderr.strip()}")
        return run.stdout

    def write(self, name: str, text: str) -> None:
        """A file of the folder."""
        (self.folder / name).write_text(text)

    def logits(self, model: str, tokens: list[int]) -> np.ndarray:
        """A model's logits after each of some tokens, by the program's simplest way."""
        self.run("logits", "--model", model, "--tokens", ",".join(map(str, tokens)), "--output", "logits.safetensors")
        data = (self.folder / "logits.safetensors").read_bytes()
        size = struct.unpack("<Q", data[:8])[0]
        entry = json.loads(data[8:8 + size])["logits"]
        begin, end = entry["data_offsets"]
        return np.frombuffer(data[8 + size + begin:8 + size + end], "<f4").reshape(entry["shape"]).astype(np.float64)

    def encode(self, text: str) -> list[int]:
        """The tokens of a text."""
        return json.loads(self.run("tokenizer", "encode", "--tokenizer", "tokenizer.json", "--json", text))["ids"]

    def export(self, cache: str) -> list[dict]:
        """The sequences of a cache."""
        self.run("cache", "export", cache, "--format", "jsonl", "--output", "export.jsonl")
        return [json.loads(line) for line in (self.folder / "export.jsonl").read_text().splitlines()]

    @staticmethod
    def texts(dice: random.Random) -> list[str]:
        """Documents that can be learnt: each word is followed by one of three."""
        following = {word: dice.sample(WORDS, 3) for word in WORDS}
        found = []
        for _ in range(60):
            words = [dice.choice(WORDS)]
            for _ in range(dice.randint(8, 30)):
                words.append(dice.choice(following[words[-1]]))
            found.append(" ".join(words))
        return found

    def make(self) -> None:
        """Texts, tokenizer, teacher, student, caches, and the study."""
        texts = self.texts(random.Random(3))
        kinds = ["long" if len(text) > 100 else "short" for text in texts]
        lines = [json.dumps({"text": text, "kind": kind}) for text, kind in zip(texts, kinds)]
        asked = [json.dumps({"prompt": text[:40], "completion": text[40:]}) for text in texts[30:36]]
        self.held_out = texts[:12]
        self.write("held-out.jsonl", "\n".join(lines[:12]) + "\n")
        self.write("train.jsonl", "\n".join(lines[12:30] + asked + lines[36:]) + "\n")
        self.run("tokenizer", "train", "--data", "train.jsonl", "--vocab-size", "400", "--output", "tokenizer.json")
        for name, steps, seed in (("teacher", 60, 1), ("student", 20, 2)):
            self.write(f"{name}.yaml", MODEL + f"""
tokenizer: tokenizer.json
data: {{paths: train.jsonl, sequence_length: 48}}
training: {{steps: {steps}, batch_size: 4, learning_rate: 1e-2, seed: {seed}}}
output: {name}
""")
            self.run("pretrain", f"{name}.yaml")
        for name, *options in (
                ("dense", "--codec", "dense"), ("dense-2", "--codec", "dense", "--temperature", "2"),
                ("threshold", "--temperature", "1"), ("threshold-2", "--temperature", "2"), ("topk", "--codec", "topk", "--entries", "8")):
            self.run("cache", "build", "--teacher", "teacher", "--data", "train.jsonl", "--output", name,
                     "--sequence-length", "48", *options)
        self.write("run.yaml", MODEL + f"""
cache: threshold
initialize: {{from: student}}
training: {{steps: 12, batch_size: 4, learning_rate: 3e-3}}
loss: {{soft: {{schedule: constant, value: {self.soft_weight}}}, router_aux_loss_coef: 0.01, router_z_loss_coef: 0.001}}
output: unused
""")
        self.write("study.yaml", """
base: run.yaml
arms:
  - {name: labels, changes: {loss: {soft: {value: 0}}}}
  - {name: constant}
  - {name: slow, changes: {training: {learning_rate: 1e-3}}}
seeds: [1, 2, 3, 4, 5]
teacher: teacher
data: {paths: [held-out.jsonl], split: all, group_key: kind}
output: study
""")
        # The same runs on two texts, against a baseline.
        self.write("short.jsonl", "\n".join(line for line, kind in zip(lines[:12], kinds) if kind == "short") + "\n")
        self.write("sets.yaml", (self.folder / "study.yaml").read_text().replace(
            "data: {paths: [held-out.jsonl], split: all, group_key: kind}", """
baseline: labels
sets:
  all: {data: {paths: [held-out.jsonl], split: all}}
  short: {data: {paths: [short.jsonl], split: all}}
rank_by: short""").replace("output: study", "output: sets"))

    def compare(self) -> list[Path]:
        """The folders of the finished studies: of one text, and of two against a baseline."""
        self.run("compare", "study.yaml")
        self.run("compare", "sets.yaml")
        return [self.folder / "study", self.folder / "sets"]
