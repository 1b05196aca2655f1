"""What a comparison says of its runs, computed again in float64 with SciPy."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

RESAMPLES, SEED = 1000, 1
FEWEST_SEEDS = 5


@dataclass
class Mean:
    """A mean over predictions, of one run or of several, with its standard errors."""

    mean: float
    seeds: float | None
    documents: float | None
    runs: int
    count: int

    @property
    def error(self) -> float | None:
        """Over seeds and documents; None with one document."""
        return None if self.documents is None else float(np.hypot(self.documents, self.seeds or 0))

    @property
    def half_width(self) -> float | None:
        """Half of Student's 95 % interval, by the fewer of runs and documents."""
        fewest = min(self.runs, self.count)
        return None if fewest < 2 else float(stats.t.ppf(0.975, fewest - 1) * self.error)


def held_out_mean(sums: np.ndarray, tokens: np.ndarray) -> Mean:
    """Of sums (runs, documents): a ratio estimator over documents, a sample over runs."""
    sums, tokens = sums[:, tokens > 0], tokens[tokens > 0]
    runs, D, N = len(sums), len(tokens), tokens.sum()
    means = sums.sum(1) / N
    mean = means.mean()
    residuals = sums.mean(0) - mean * tokens
    return Mean(
        float(mean), float(means.std(ddof=1) / np.sqrt(runs)) if runs > 1 else None,
        float(np.sqrt((residuals**2).sum() * D / (D - 1)) / N) if D > 1 else None, runs, D)


def split_mix(count: int) -> np.ndarray:
    """The first numbers of SplitMix64."""
    with np.errstate(over="ignore"):
        z = np.uint64(SEED) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        return z ^ z >> np.uint64(31)


def resample_weights(D: int) -> np.ndarray:
    """How often each of D documents is in each resample: (resamples, D)."""
    z = split_mix(RESAMPLES * D)
    low, high = z & np.uint64(0xFFFFFFFF), z >> np.uint64(32)
    # The high half of z · D.
    drawn = (high * np.uint64(D) + (low * np.uint64(D) >> np.uint64(32))) >> np.uint64(32)
    rows = np.repeat(np.arange(RESAMPLES), D)
    weights = np.zeros((RESAMPLES, D))
    np.add.at(weights, (rows, drawn.astype(int)), 1)
    return weights


@dataclass
class Pair:
    """Two arms, seed for seed, the first less the second."""

    difference: float
    seeds: float | None
    documents: float | None
    closed: float | None
    fewest: int
    count: int
    p: float | None = None
    holm: float | None = None

    @property
    def error(self) -> float:
        """Over seeds and documents."""
        return float(np.hypot(self.seeds or 0, self.documents or 0))

    def half_width(self, amongst: int = 1) -> float | None:
        """Half of Student's 95 % interval, for so many comparisons at once."""
        return None if self.fewest < 2 else float(
            stats.t.ppf(1 - 0.025 / max(amongst, 1), self.fewest - 1) * self.error)

    @property
    def is_told_apart(self) -> bool:
        """Whether the corrected p is below 5 %."""
        return self.holm is not None and self.holm < 0.05


def compare(first: np.ndarray, second: np.ndarray, tokens: np.ndarray, weights: np.ndarray) -> Pair:
    """Two arms' sums (seeds, documents) on the same documents, all of which have predictions."""
    D, N = len(tokens), tokens.sum()
    differences = (first - second).sum(1) / N
    resampled = (weights @ (first - second).mean(0)) / (weights @ tokens)
    fewest = min(len(first), D)
    pair = Pair(
        float(differences.mean()),
        float(stats.sem(differences)) if len(first) > 1 else None,
        float(resampled.std(ddof=1) * np.sqrt(D / (D - 1))) if D > 1 else None,
        held_out_mean(first - second, tokens).documents, fewest, len(first))
    if fewest > 1:
        ratio = pair.difference / pair.error if pair.difference else 0.0
        pair.p = float(2 * stats.t.sf(abs(ratio), fewest - 1))
    return pair


def holm(pairs: list[Pair]) -> None:
    """Holm's step-down correction of all pairs that have a p."""
    tested = sorted((pair for pair in pairs if pair.p is not None), key=lambda pair: pair.p)
    largest = 0.0
    for rank, pair in enumerate(tested):
        largest = max(largest, min(1.0, (len(tested) - rank) * pair.p))
        pair.holm = largest
