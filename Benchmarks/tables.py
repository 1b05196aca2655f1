"""Markdown tables of medians and extremes."""

import statistics
from collections.abc import Iterable, Sequence

from machine import stamp
from rounds import Step


def heading(title: str) -> str:
    """A table's heading, which names the commit and the machine as well."""
    return f"### {title} ({stamp()})"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def spread(values: Iterable[float], form: str = ",.0f", unit: str = "") -> str:
    """The median, and the extremes in brackets."""
    values = list(values)
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{middle:{form}}{unit} ({low:{form}}–{high:{form}})"


def megabytes(count: float) -> str:
    """Bytes in units of a million."""
    return f"{count / 1e6:,.0f}"


def share(steps: Sequence[Step], flops: float) -> str:
    """Reached GFLOP/s over the limit around the same step; the median."""
    return f"{statistics.median(step.gflops(flops) / step.limit for step in steps):.0%}"


def rate_columns(steps: Sequence[Step], flops: float) -> list[str]:
    """Tokens a second, GFLOP/s, share of the limit."""
    return [
        spread(step.tokens_per_second for step in steps),
        f"{statistics.median(step.gflops(flops) for step in steps):,.0f}", share(steps, flops)]


def limits(steps: Iterable[Step]) -> str:
    """A line on what the machine gave meanwhile."""
    probes = [step.after for step in steps]

    def seen(key: str, form: str = ",.0f") -> str:
        return spread((answer[key] for answer in probes), form)

    return (
        f"The machine meanwhile: sgemm {seen('sgemm_gflops')} GFLOP/s by the library, "
        f"{seen('linear_gflops')} by ours; memory {seen('memory_gbps', '.1f')} GB/s; "
        f"zstd {seen('zstd_mbps')} MB/s.")
