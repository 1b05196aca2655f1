"""Ours against the peers, step by step in turn."""

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from environment import prepare_environment, prepare_llama, prepare_teacher
from paths import BENCH, LLAMA, PEERS, PYTHON, TEACHER, TEACHER_FOLDER, TEXTS, require, say
from rounds import Steps, alternate, flops_per_token, peak_rss
from scale import Scale
from servers import Server, Unavailable, open_all
from tables import heading, limits, megabytes, rate_columns, spread, table

OURS = {"float32": "ours fp32", "bfloat16": "ours bf16"}


@dataclass
class Peer:
    """A mode of another program's; without a command, ours is measured alone."""

    command: list[str]
    # That of ours which it is compared with.
    precision: str = "float32"
    # One of those that `prepare` returns.
    program: str = "PyTorch"


@dataclass
class Job:
    """One kind of step that ours and the peers make, each by a command."""

    title: str
    # Without --precision, which is added as the peer has it.
    ours: list[str]
    peers: dict[str, Peer]
    # The peer whose memory the others' is compared with.
    reference: str


def modes(name: str, command: Sequence[str], scale: Scale) -> dict[str, Peer]:
    """What PyTorch offers: both precisions and the one between, eager and compiled.

    Reduced fp32 has float32 throughout, but mkldnn rounds the operands of products to bfloat16, as
    ours in bfloat16 does.
    """
    peers = {}
    for precision, options, ours in [
            ("fp32", [], "float32"), ("reduced fp32", ["--reduced"], "bfloat16"),
            ("bf16", ["--bf16"], "bfloat16")]:
        peers[f"{name} eager {precision}"] = Peer([*command, *options], ours)
        if not scale.is_small:  # Compiling takes the better part of a minute, whatever the shape.
            peers[f"{name} compiled {precision}"] = Peer([*command, *options, "--compile"], ours)
    return peers


def training(vocabulary: int, scale: Scale) -> Job:
    """A training step of the students."""
    size = ["--vocabulary", str(vocabulary), *scale.training]
    student = [str(PYTHON), str(PEERS / "torch_student.py"), "--serve", *size]
    return Job(
        title=f"Training step, V = {vocabulary:,}",
        ours=[str(BENCH), "train", *size, "--warm-up", str(scale.warm_up)],
        peers=modes("PyTorch", student, scale), reference="PyTorch eager fp32")


def caching(scale: Scale) -> Job:
    """Four sequences of 512 tokens through the teacher."""
    teacher = [
        str(PYTHON), str(PEERS / "torch_teacher.py"), str(TEACHER_FOLDER), "--serve",
        *scale.caching]
    llama = [str(LLAMA), str(TEACHER), str(TEXTS), *scale.caching]
    return Job(
        title="Caching SmolLM2-135M",
        ours=[str(BENCH), "cache", "--teacher", str(TEACHER), "--data", str(TEXTS), *scale.caching,
              "--warm-up", str(scale.warm_up)],
        peers=modes("transformers", teacher, scale) | {
            "llama.cpp Q4_1": Peer(llama, program="llama.cpp"),
            "llama.cpp Q4_1 perplexity": Peer([*llama, "--perplexity"], program="llama.cpp"),
            # At its best where the most tokens share a weight that was multiplied out.
            "llama.cpp OpenBLAS": Peer(
                [*llama, "--openblas", "--ubatch", "2048"], program="llama.cpp")},
        reference="transformers eager fp32")


JOBS = {
    "training-8192": lambda scale: training(8192, scale),
    "training-49152": lambda scale: training(49152, scale),
    "caching": caching}


def compare(
    job: Job, limit: Server, rounds: int, scratch: Path, programs: Collection[str]
) -> dict[str, object]:
    """Measures a job, prints its table, and returns every measurement by peer.

    One peer is open at a time, with ours of its precision: PyTorch keeps its memory, and several such
    processes would need most of the machine's.
    """
    sessions: dict[str, Steps] = {}
    records: dict[str, object] = {}
    peers = {name: peer for name, peer in job.peers.items() if peer.program in programs}
    if not peers:
        peers = {"alone": Peer([]), "alone in bf16": Peer([], "bfloat16")}
    for name, peer in peers.items():
        if peer.precision not in limit.facts["precisions"]:
            say(f"{job.title}: left out {name}, this CPU has no {peer.precision}")
            continue
        ours = OURS[peer.precision]
        say(f"{job.title}: {ours} {'and ' if peer.command else ''}{name}")
        commands = {ours: [*job.ours, "--precision", peer.precision]}
        if peer.command:
            commands[name] = peer.command
        with ExitStack() as stack:
            try:
                contenders = open_all(stack, commands, scratch)
            except Unavailable as error:
                say(f"{job.title}: left out {name}, {error}")
                continue
            sessions[name] = alternate(limit, contenders, rounds)
            records[name] = {
                contender.name: {
                    "command": contender.command, "environment": contender.environment,
                    "facts": contender.facts,
                    "steps": [step.record() for step in sessions[name][contender.name]]}
                for contender in contenders}
    print(f"\n{heading(job.title)}\n\n{comparison_table(job, sessions)}\n")
    print(limits(step for steps in sessions.values() for taken in steps.values()
                 for step in taken), flush=True)
    return records


def comparison_table(job: Job, sessions: dict[str, Steps]) -> str:
    """A row a contender; ratios are ours of the same precision over the peer, round by round."""
    ours = {
        name: [step for steps in sessions.values() for step in steps.get(name, [])]
        for name in OURS.values()}
    taken = {name: steps for name, steps in ours.items() if steps}
    flops = flops_per_token(next(iter(taken.values())))
    taken |= {name: steps[name] for name, steps in sessions.items() if name in steps}
    reference = peak_rss(taken[job.reference]) if job.reference in taken else None
    header = [
        "", "tokens/s", "GFLOP/s", "of the sgemm limit", "ours ÷ it", "peak MB",
        f"÷ {job.reference}"]
    rows = []
    for name, steps in taken.items():
        against = "" if name in ours else ratio(
            sessions[name], OURS[job.peers[name].precision], name)
        memory = peak_rss(steps)
        rows.append([
            name, *rate_columns(steps, flops), against, megabytes(memory),
            f"{memory / reference:.2f}" if reference else ""])
    return table(header, rows)


def ratio(steps: Steps, ours: str, other: str) -> str:
    """Our rate over another's in each round."""
    return spread(
        (a.tokens_per_second / b.tokens_per_second
         for a, b in zip(steps[ours], steps[other], strict=True)), ".2f")


def prepare(jobs: Sequence[str], scale: Scale) -> list[str]:
    """Checks and makes what the jobs need, before the first is measured; which programs are there."""
    programs = ["PyTorch"] if prepare_environment(scale.install_seconds) else []
    if "caching" in jobs:
        require(TEACHER, "teacher")
        require(TEXTS, "texts")
        if programs:
            prepare_teacher()
        if prepare_llama(scale.install_seconds):
            programs.append("llama.cpp")
    return programs
