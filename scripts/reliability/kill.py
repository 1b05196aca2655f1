#!/usr/bin/env python3
"""Kills `codistill cache build`, append, commit, merge and repair, at every call that changes a file
and at random moments; runs the same command again; and compares the bytes with those of an
undisturbed run. Prints how many kills of each kind there were. Exits with 1 at the first difference.

    scripts/reliability/kill.py [--tool PATH] [--random N] [--stride N] [--seed N]
"""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
TEACHER = """
model:
  model_type: llama4_text
  vocab_size: 270
  hidden_size: 16
  intermediate_size: 8
  intermediate_size_mlp: 16
  num_hidden_layers: 2
  num_attention_heads: 2
  num_key_value_heads: 1
  head_dim: 8
  num_local_experts: 2
  interleave_moe_layer_step: 2
  max_position_embeddings: 32
tokenizer: tokenizer.json
data: {paths: one.jsonl, sequence_length: 16}
training: {steps: 2, batch_size: 2, learning_rate: 1e-3}
output: teacher
"""


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


class Rig:
    """A folder with a teacher and two texts, and the tool that is disturbed."""

    def __init__(self, tool, folder):
        self.tool, self.folder, self.counts = tool, folder, Counter()
        self.shim = folder / "disturb.so"
        subprocess.run([shutil.which("cc") or "clang", "-O1", "-shared", "-fPIC", "-o", self.shim, HERE / "disturb.c", "-ldl"], check=True)
        for name, step in (("one", 7), ("two", 5)):
            lines = [{"text": f"the cat {i * step} sat on mat {i * i}, and {name} dog saw it"} for i in range(24)]
            (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        (folder / "teacher.yaml").write_text(TEACHER)
        self.run("tokenizer", "train", "--data", "one.jsonl", "--vocab-size", "270", "--output", "tokenizer.json")
        self.run("pretrain", "teacher.yaml")

    def environment(self, **changes):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DISTURB")}
        return environment | {"SWIFT_BACKTRACE": "enable=no"} | changes

    def start(self, *arguments, **environment):
        return subprocess.Popen(
            [self.tool, *arguments], cwd=self.folder, env=self.environment(**environment),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, *arguments, expected=(0,), note="", **environment):
        process = self.start(*arguments, **environment)
        errors = process.communicate()[0]
        if process.returncode not in expected:
            sys.exit(f"{' '.join(arguments)} ended with {process.returncode} {note}: {errors}")
        return process.returncode

    def count(self, *arguments):
        """How many calls of an undisturbed run change files."""
        log = self.folder / "log"
        log.unlink(missing_ok=True)
        self.run(*arguments, LD_PRELOAD=str(self.shim), DISTURB_LOG=str(log))
        total, *kinds = log.read_text().split()
        print(f"  {' '.join(arguments[:2])}: {total} calls ({' '.join(kinds)})")
        return int(total)

    def disturb(self, how, number, *arguments):
        """Runs until the n-th call; tells whether that call came."""
        kills = how in ("before", "after", "half")
        code = self.run(
            *arguments, expected=(0, -signal.SIGKILL) if kills else (0, 74, 73, 75), LD_PRELOAD=str(self.shim),
            DISTURB_AT=str(number), DISTURB_HOW=how)
        return code != 0

    def kill_soon(self, longest, *arguments):
        """Kills a run at a random moment; tells whether it was still alive."""
        process = self.start(*arguments)
        time.sleep(random.uniform(0, longest))
        process.kill()
        process.communicate()
        return process.returncode == -signal.SIGKILL


def build(output, data="one", *more):
    return ("cache", "build", "--teacher", "teacher", "--data", f"{data}.jsonl", "--output", output,
            "--sequence-length", "16", "--tokens", "260", "--sequences-per-shard", "4", "--threads", "2", *more)


def repair(output):
    command = list(build(output))
    place = command.index("--output")
    return ("cache", "repair", output, *command[2:place], *command[place + 2:])


def expect(rig, name, found, expected):
    if found != expected:
        names = [key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key)]
        kept = Path(tempfile.mkdtemp(prefix="codistill-kill-")) / "cache"
        shutil.copytree(rig.folder / "work", kept)
        sys.exit(f"{name}: other bytes in {', '.join(sorted(names))}; the cache is kept in {kept}")


def every_call(rig, name, prepare, command, stride, readable=False):
    """Disturbs a command at each of its calls, in every way; then runs it again."""
    work = rig.folder / "work"
    prepare()
    calls = rig.count(*command)
    expected = contents(work)
    tries = 0
    for how in ("before", "after", "half", "eio", "enospc"):
        for number in range(1 + tries % stride, calls + 1, stride):
            prepare()
            came = rig.disturb(how, number, *command)
            rig.counts[f"{name}, {how}"] += came
            tries += 1
            if readable:
                # Whatever happened, it is the old cache or the new one, whole.
                rig.run("cache", "verify", "work", note=f"after {how} call {number} of {name}")
            rig.run(*command)
            expect(rig, f"{name}, {how} call {number}", contents(work), expected)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", default=str(HERE.parent.parent / ".build/release/codistill"))
    parser.add_argument("--random", type=int, default=300, help="kills at random moments of a build")
    parser.add_argument("--stride", type=int, default=1, help="try only every n-th call")
    parser.add_argument("--only", choices=("calls", "moments"), help="leave out the other half")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(os.path.abspath(options.tool), Path(folder))
        work = rig.folder / "work"
        run(rig, work, options)
        print("kills and failures, after each the same command gave the bytes of an undisturbed run:")
        for name, count in rig.counts.items():
            print(f"  {count:5d}  {name}")


def run(rig, work, options):
    rig.run(*build("first"))
    if options.only != "moments":
        every_command(rig, work, options.stride)
    if options.only != "calls":
        first = contents(rig.folder / "first")
        started = time.monotonic()
        rig.run(*build("timed"))
        longest = 1.1 * (time.monotonic() - started)
        random_kills(rig, work, longest, first, options.random)
        random_workers(rig, work, longest, first, options.random // 2)


def every_command(rig, work, stride):
    def empty():
        shutil.rmtree(work, ignore_errors=True)

    def copy_of(name):
        def copy():
            empty()
            shutil.copytree(rig.folder / name, work)
        return copy

    every_call(rig, "build", empty, build("work"), stride)
    rig.run(*build("second", "two"))
    every_call(rig, "append", copy_of("first"), build("work", "two", "--append"), stride, readable=True)
    appended = contents(work)
    every_call(rig, "merge", empty, ("cache", "merge", "first", "second", "--output", "work"), stride)
    expect(rig, "merge", contents(work), appended)
    for index in "01":
        rig.run(*build("units", "one", "--shard-index", index, "--shard-count", "2"))
    every_call(rig, "commit", copy_of("units"), ("cache", "commit", "work"), stride)
    spoiled = rig.folder / "spoiled"
    shutil.copytree(rig.folder / "first", spoiled)
    (spoiled / "shard-00001.kd.zst").unlink()
    (spoiled / "tables-000.zst").write_bytes(b"junk")
    every_call(rig, "repair", copy_of("spoiled"), repair("work"), stride)
    expect(rig, "repair", contents(work), contents(rig.folder / "first"))


def random_kills(rig, work, longest, expected, wanted):
    name = "build, at a random moment"
    while rig.counts[name] < wanted:
        shutil.rmtree(work, ignore_errors=True)
        # Now and then several kills hit one build.
        for _ in range(random.choice((1, 1, 2, 4))):
            rig.counts[name] += rig.kill_soon(longest, *build("work"))
        rig.run(*build("work"))
        expect(rig, name, contents(work), expected)


def random_workers(rig, work, longest, expected, wanted):
    """Two workers, each with half of the units or both with all of them, killed at random."""
    name = "one of two workers, at a random moment"
    while rig.counts[name] < wanted:
        shutil.rmtree(work, ignore_errors=True)
        halves = random.random() < 0.5
        commands = [
            build("work", "one", *(("--shard-index", str(index), "--shard-count", "2") if halves else ()))
            for index in range(2)]
        for _ in range(2):
            processes = [rig.start(*command) for command in commands]
            for process in processes:
                time.sleep(random.uniform(0, longest))
                if random.random() < 0.7:
                    process.kill()
                process.communicate()
                rig.counts[name] += process.returncode == -signal.SIGKILL
                if process.returncode not in (0, 75, -signal.SIGKILL):
                    sys.exit(f"{name}: a worker ended with {process.returncode}")
        for command in commands:
            rig.run(*command)
        if halves:
            rig.counts["commit, at a random moment"] += rig.kill_soon(longest / 2, "cache", "commit", "work")
            rig.run("cache", "commit", "work")
        expect(rig, name, contents(work), expected)


if __name__ == "__main__":
    main()
