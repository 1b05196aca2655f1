"""How our own rates and memory grow with threads, sizes and experts."""

import shutil
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from environment import run_quietly
from paths import BENCH, say
from rounds import Step, alternate, flops_per_token, peak_rss
from scale import Scale
from servers import Server
from tables import heading, limits, megabytes, rate_columns, spread, table

# A step of the longest sequence takes as long as a whole other curve.
LONG = 16_384


@dataclass
class Point:
    """One process of a curve: the size that is varied, and what it took."""

    size: int
    command: list[str]
    steps: list[Step]

    def record(self) -> dict[str, object]:
        """The point as JSON has it."""
        return {"size": self.size, "command": self.command,
                "steps": [step.record() for step in self.steps]}


def measure_point(
    size: int, options: Sequence[str], limit: Server, scratch: Path, steps: int
) -> Point:
    """A process of its own, since peak memory is the process's."""
    command = [str(BENCH), *options]
    with Server(str(size), command, scratch) as server:
        taken = alternate(limit, [server], steps)[str(size)]
    rate = statistics.median(step.tokens_per_second for step in taken)
    say(f"{' '.join(options)}: {rate:,.0f} tokens/s")
    return Point(size, command, taken)


def train(scale: Scale, **sizes: int) -> list[str]:
    """The command of a training step with V = 8,192 unless said otherwise."""
    options = {"vocabulary": 8192} | sizes
    # Of an option that comes twice the last counts.
    return ["train", "--warm-up", "1", *scale.training,
            *(text for key, value in options.items() for text in (f"--{key}", str(value)))]


def curve(
    title: str, name: str, points: Iterable[Point],
    extra: Callable[[Point, Point], list[str]], headers: Sequence[str],
) -> list[dict[str, object]]:
    """Prints a curve; `extra` gives the columns that only it has, from a point and the first."""
    points = list(points)
    rows = []
    for point in points:
        flops = flops_per_token(point.steps)
        rows.append([f"{point.size:,}", *rate_columns(point.steps, flops),
                     *extra(point, points[0]), megabytes(peak_rss(point.steps))])
    header = [name, "tokens/s", "GFLOP/s", "of the sgemm limit", *headers, "peak MB"]
    print(f"\n{heading(title)}\n\n{table(header, rows)}\n")
    print(limits(step for point in points for step in point.steps), flush=True)
    return [point.record() for point in points]


def nothing(point: Point, first: Point) -> list[str]:
    """No further columns."""
    return []


def threads(limit: Server, scratch: Path, scale: Scale) -> list[dict[str, object]]:
    """One thread and two, each against the limit of as many."""
    def speedup(point: Point, first: Point) -> list[str]:
        rates = [statistics.median(step.tokens_per_second for step in taken.steps)
                 for taken in (point, first)]
        return [f"{rates[0] / rates[1]:.2f}"]

    points = []
    for count in (1, 2):
        with Server("limit", [str(BENCH), "limit", "--threads", str(count)], scratch) as own:
            points.append(measure_point(count, train(scale, threads=count), own, scratch, scale.steps))
    return curve("Threads", "threads", points, speedup, ["× one thread"])


def batch(limit: Server, scratch: Path, scale: Scale) -> list[dict[str, object]]:
    """From one sequence a step to 32."""
    points = [measure_point(size, train(scale, batch=size), limit, scratch, scale.steps)
              for size in scale.batches]
    return curve("Sequences of 256 a step", "sequences", points, nothing, [])


def length(limit: Server, scratch: Path, scale: Scale) -> list[dict[str, object]]:
    """One sequence, longer and longer: attention's work is quadratic, its memory must not be."""
    def growth(point: Point, first: Point) -> list[str]:
        if point is first:
            return [""]
        more = peak_rss(point.steps) - peak_rss(first.steps)
        return [f"{more / (point.size - first.size) / 1e3:,.1f}"]

    points = [
        measure_point(
            size, train(scale, batch=1, length=size), limit, scratch,
            steps=scale.long_steps if size >= LONG else scale.steps)
        for size in scale.lengths]
    return curve("Length of one sequence", "tokens", points, growth, ["kB a further token"])


def vocabulary(limit: Server, scratch: Path, scale: Scale) -> list[dict[str, object]]:
    """The vocabularies of a toy, of SmolLM2 and of Llama 4."""
    points = [measure_point(size, train(scale, vocabulary=size), limit, scratch, scale.steps)
              for size in scale.vocabularies]
    return curve("Vocabulary", "V", points, nothing, [])


def experts(limit: Server, scratch: Path, scale: Scale) -> list[dict[str, object]]:
    """More experts, of which a token still visits one; without the optimizer."""
    def taken(point: Point) -> list[float]:
        return [step.answer["forward_backward_seconds"] for step in point.steps]

    def work(point: Point) -> list[float]:
        """The work that the machine could have done meanwhile: its flips cancel."""
        return [seconds * step.limit
                for seconds, step in zip(taken(point), point.steps, strict=True)]

    def columns(point: Point, first: Point) -> list[str]:
        return [
            spread(taken(point), ".2f"),
            f"{statistics.median(taken(point)) / statistics.median(taken(first)):.2f}",
            f"{statistics.median(work(point)) / statistics.median(work(first)):.2f}"]

    points = [
        measure_point(
            size, [*train(scale, experts=size, batch=scale.experts_batch), "--split"], limit,
            scratch, scale.steps)
        for size in scale.experts]
    return curve(
        "Experts at equal active parameters", "experts", points, columns,
        ["forward + backward, s", *(f"÷ {scale.experts[0]} experts{how}"
                                    for how in ("", ", at an equal limit"))])


def cache(limit: Server, scratch: Path, scale: Scale) -> list[dict[str, object]]:
    """Larger and larger caches, read from end to end: the reader's memory must not grow."""
    points, rows = [], []
    for size in scale.caches:
        folder = scratch / "cache"
        run_quietly([str(BENCH), "write", "--output", str(folder), "--sequences", str(size)])
        stored = sum(file.stat().st_size for file in folder.iterdir())
        point = measure_point(size, ["read", "--cache", str(folder)], limit, scratch, scale.steps)
        shutil.rmtree(folder)
        rates = spread(step.tokens_per_second for step in point.steps)
        rows.append([f"{size:,}", megabytes(stored), rates, megabytes(peak_rss(point.steps))])
        points.append(point.record())
    header = ["sequences of 256", "MB", "tokens/s on one thread", "peak MB"]
    print(f"\n{heading('Size of the cache')}\n\n{table(header, rows)}", flush=True)
    return points


CURVES = {
    "threads": threads, "batch": batch, "length": length, "vocabulary": vocabulary,
    "experts": experts, "cache": cache}
