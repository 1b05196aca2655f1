"""Tokenizing: ours against Hugging Face's tokenizers, on the same texts with the same tokenizer."""

import json
import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from environment import prepare_environment, run_quietly
from paths import BENCH, CODISTILL, PEERS, PYTHON, ROOT, TEACHER, TEXTS, BenchError, require, say
from rounds import Steps, alternate, peak_rss
from scale import Scale
from servers import Server, open_all
from tables import heading, limits, megabytes, spread, table

LLAMA4 = ROOT / ".assets/llama4/tokenizer.json"
HERD = TEXTS.with_name("herd.jsonl")
OURS = "ours"
FAST = "tokenizers, without offsets"
WHOLE = "tokenizers"
# The bytes of text of a run in small.
SMALL_TEXT = 100_000


@dataclass
class Inputs:
    """What is tokenized, and by what."""

    # By its name, each tokenizer.json.
    tokenizers: dict[str, Path]
    # A JSON array of all documents, and their bytes.
    documents: Path
    size: int
    # All documents as one text, and the first line of it.
    text: Path
    line: Path
    with_peers: bool


def measure_tokenizing(
    limit: Server, scratch: Path, rounds: int, scale: Scale
) -> dict[str, object]:
    """Measures tokenizing of documents, and whole processes on one text; prints both tables."""
    inputs = prepare(scratch, scale)
    records: dict[str, object] = {"bytes": inputs.size}
    rows: list[list[str]] = []
    taken: list[Steps] = []
    for name, tokenizer in inputs.tokenizers.items():
        for threads in dict.fromkeys([1, os.cpu_count() or 1]):
            title = f"{name}, {threads} thread{'s' if threads > 1 else ''}"
            say(f"tokenizing by {title}")
            steps, records[title] = turn(limit, scratch, rounds, inputs, tokenizer, threads)
            rows += step_rows(title, steps, inputs.size)
            taken.append(steps)
    header = ["tokenizer", "", "MB/s", "million tokens/s", "ours ÷ it", "peak MB"]
    title = heading(f"Tokenizing, {inputs.size / 1e6:,.1f} MB")
    print(f"\n{title}\n\n{table(header, rows)}\n")
    print(limits(step for steps in taken for each in steps.values() for step in each), flush=True)
    records["processes"] = whole_processes(inputs, rounds)
    return records


def prepare(scratch: Path, scale: Scale) -> Inputs:
    """Makes the texts and tokenizers that are measured."""
    for path, target in [(TEACHER, "teacher"), (TEXTS, "texts"), (HERD, "texts"),
                         (CODISTILL, "build")]:
        require(path, target)
    smollm = scratch / "smollm2.json"
    run_quietly([str(BENCH), "tokenizer", "--teacher", str(TEACHER), "--output", str(smollm)])
    tokenizers = {"SmolLM2": smollm}
    if LLAMA4.exists():
        tokenizers["Llama 4"] = LLAMA4
    else:
        say("tokenizing: left out Llama 4's tokenizer; make llama4-toy fetches it")
    texts: list[str] = []
    for path in [TEXTS, HERD]:
        with path.open(encoding="utf-8") as lines:
            texts += [json.loads(line)["text"] for line in lines]
    if scale.is_small:
        texts = shortened(texts, SMALL_TEXT)
    inputs = Inputs(
        tokenizers=tokenizers, documents=scratch / "documents.json",
        size=sum(len(text.encode()) for text in texts), text=scratch / "text.txt",
        line=scratch / "line.txt", with_peers=prepare_environment(scale.install_seconds))
    inputs.documents.write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    inputs.text.write_text("\n\n".join(texts), encoding="utf-8")
    inputs.line.write_text(texts[0][:100], encoding="utf-8")
    return inputs


def shortened(texts: Sequence[str], size: int) -> list[str]:
    """Every so manieth of the texts, so that about so many characters are left."""
    return list(texts[::max(1, sum(map(len, texts)) // size)])


def turn(
    limit: Server, scratch: Path, rounds: int, inputs: Inputs, tokenizer: Path, threads: int
) -> tuple[Steps, dict[str, object]]:
    """Goes round the contenders, after their ids were found the same."""
    peer = [str(PYTHON), str(PEERS / "tokenizers_server.py"), str(tokenizer),
            str(inputs.documents), "--threads", str(threads)]
    commands = {
        OURS: [str(BENCH), "tokenize", "--tokenizer", str(tokenizer), "--data",
               str(inputs.documents), "--threads", str(threads)]}
    if inputs.with_peers:
        commands |= {FAST: [*peer, "--fast"], WHOLE: peer}
    with ExitStack() as stack:
        contenders = open_all(stack, commands, scratch)
        digests = {contender.name: contender.facts["digest"] for contender in contenders}
        if len(set(digests.values())) > 1:
            raise BenchError(f"the ids differ with {tokenizer.name}: {digests}")
        steps = alternate(limit, contenders, rounds)
        return steps, {
            contender.name: {
                "command": contender.command, "facts": contender.facts,
                "steps": [step.record() for step in steps[contender.name]]}
            for contender in contenders}


def step_rows(title: str, steps: Steps, size: int) -> list[list[str]]:
    """A row a contender; ratios are ours over the peer's rate, round by round."""
    return [[
        title if name == OURS else "", name,
        spread((size / step.answer["seconds"] / 1e6 for step in taken), ",.2f"),
        spread((step.tokens_per_second / 1e6 for step in taken), ",.2f"),
        "" if name == OURS else spread(
            (other.answer["seconds"] / own.answer["seconds"]
             for own, other in zip(steps[OURS], taken, strict=True)), ".2f"),
        megabytes(peak_rss(taken))] for name, taken in steps.items()]


def whole_processes(inputs: Inputs, runs: int) -> dict[str, object]:
    """Times `codistill tokenizer encode` and a script on the whole text and on one line of it."""
    say("tokenizing: whole processes")
    records: dict[str, object] = {}
    rows: list[list[str]] = []
    for name, tokenizer in inputs.tokenizers.items():
        encode = [str(CODISTILL), "tokenizer", "encode", "--tokenizer", str(tokenizer)]
        commands = {
            "`codistill tokenizer encode`": encode,
            "`codistill tokenizer encode --threads 1`": [*encode, "--threads", "1"]}
        if inputs.with_peers:
            commands["a script with tokenizers"] = [
                str(PYTHON), str(PEERS / "tokenizers_encode.py"), str(tokenizer)]
        for what, text in {"a line": inputs.line, "all of the text": inputs.text}.items():
            seconds = in_turn(commands, text, runs)
            records[f"{name}, {what}"] = {
                key: {"command": commands[key], "seconds": taken,
                      "median_seconds": statistics.median(taken)}
                for key, taken in seconds.items()}
            own, *_, other = seconds.values()
            rows += [[
                f"{name}, {what}" if taken is own else "", key, spread(taken, ",.3f"),
                "" if taken is not other or not inputs.with_peers else spread(
                    (b / a for a, b in zip(own, other, strict=True)), ".2f")]
                for key, taken in seconds.items()]
    title = heading(f"Whole processes of tokenizing, {runs} runs each")
    print(f"\n{title}\n\n{table(['', '', 'seconds', 'ours ÷ it'], rows)}", flush=True)
    return records


def in_turn(
    commands: dict[str, list[str]], text: Path, runs: int
) -> dict[str, list[float]]:
    """The seconds of each command's processes, one after the other, which print the same."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        answers: set[bytes] = set()
        for name, command in commands.items():
            with text.open("rb") as source:
                start = time.perf_counter()
                result = subprocess.run(
                    command, cwd=ROOT, stdin=source, capture_output=True, check=False)
                seconds[name].append(time.perf_counter() - start)
            if result.returncode != 0:
                last = (result.stderr.decode().strip() or "no output").splitlines()[-1]
                raise BenchError(f"'{command[0]}' ended with {result.returncode}: {last}")
            answers.add(result.stdout)
        if len(answers) > 1:
            raise BenchError(f"the ids of {text.name} differ")
    return seconds
