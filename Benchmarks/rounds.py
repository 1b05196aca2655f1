"""Steps in turn, each between two measurements of the machine's limit."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TypeAlias

from paths import say
from servers import Answer, Server

# OpenMP's threads spin for some milliseconds after a step, and would slow the probe.
SETTLING_SECONDS = 0.03


@dataclass
class Step:
    """One timed step of a contender, and the machine just before and just after it."""

    round: int
    answer: Answer
    before: Answer
    after: Answer

    @property
    def tokens_per_second(self) -> float:
        """The rate of the step."""
        return self.answer["tokens"] / self.answer["seconds"]

    @property
    def limit(self) -> float:
        """GFLOP/s of the better product, ours or the library's: the mean of before and after."""
        return (self.before["limit_gflops"] + self.after["limit_gflops"]) / 2

    def gflops(self, flops_per_token: float) -> float:
        """The GFLOP/s of needed work that the step reached."""
        return flops_per_token * self.tokens_per_second / 1e9

    def record(self) -> dict[str, object]:
        """The step as JSON has it."""
        return asdict(self)


Steps: TypeAlias = dict[str, list[Step]]


def probe(limit: Server) -> Answer:
    """The machine's limit at this moment."""
    time.sleep(SETTLING_SECONDS)
    return limit.step()


def alternate(limit: Server, contenders: Sequence[Server], rounds: int) -> Steps:
    """Goes round the contenders; one works at a time, the others wait for their input."""
    steps: Steps = {contender.name: [] for contender in contenders}
    before = probe(limit)
    for number in range(rounds):
        for contender in contenders:
            answer = contender.step()
            after = probe(limit)
            steps[contender.name].append(Step(number, answer, before, after))
            before = after
        if len(contenders) > 1:
            rates = ", ".join(
                f"{name} {taken[-1].tokens_per_second:,.0f}" for name, taken in steps.items())
            say(f"round {number + 1} of {rounds}: {rates} tokens/s")
    return steps


def flops_per_token(steps: Sequence[Step]) -> float:
    """The operations that a token needs, as our own steps count them."""
    return statistics.median(step.answer["flops"] / step.answer["tokens"] for step in steps)


def peak_rss(steps: Sequence[Step]) -> int:
    """The largest resident size of any of the processes, in bytes."""
    return max(step.answer["peak_rss_bytes"] for step in steps)
