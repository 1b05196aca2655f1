"""How much is measured: what the published tables need, or just enough to see that all of it runs."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scale:
    """The sizes of a run; the defaults are those of the published tables."""

    # Whether nothing is measured for its figures.
    is_small: bool = False
    # Options of a training step, of ours and of the peers alike.
    training: list[str] = field(default_factory=list)
    # Options of a caching step, of ours and of the peer alike.
    caching: list[str] = field(default_factory=list)
    # Untimed steps of ours; the peers' are fixed.
    warm_up: int = 2
    # The most seconds that installing PyTorch or building llama.cpp may take; None waits for its end.
    install_seconds: int | None = None
    # Steps a point of the curves, and of the longest sequence.
    steps: int = 5
    long_steps: int = 3
    batches: tuple[int, ...] = (1, 2, 4, 8, 16, 32)
    lengths: tuple[int, ...] = (256, 1024, 4096, 16_384)
    vocabularies: tuple[int, ...] = (8192, 49152, 202048)
    experts: tuple[int, ...] = (8, 16, 32, 64, 128)
    experts_batch: int = 64
    caches: tuple[int, ...] = (256, 1024, 4096)
    # Runs of a whole process.
    startup_runs: int = 10
    # Options of the measurement of fidelity.
    fidelity: list[str] = field(default_factory=list)


FULL = Scale()
TINY_STEP = ["--batch", "1", "--length", "32"]
TINY_STUDENT = [
    *TINY_STEP, "--layers", "2", "--hidden", "64", "--heads", "2", "--key-value-heads", "1",
    "--experts", "4", "--intermediate", "64", "--intermediate-mlp", "64"]
SMALL = Scale(
    is_small=True, training=TINY_STUDENT, caching=TINY_STEP, warm_up=1, install_seconds=480,
    steps=1, long_steps=1, batches=(1, 2), lengths=(32, 64), vocabularies=(512, 1024),
    experts=(2, 4), experts_batch=2, caches=(4, 8), startup_runs=1,
    fidelity=["--length", "128", "--taus", "0.1,0.05", "--pilot", "512"])
