"""Matrix products on one thread: ours and OpenBLAS's beside oneDNN's.

oneDNN comes twice: Debian's, loaded at run time (`apt-get install libdnnl2`; left out where it is
missing), and the one inside PyTorch, which is what its bfloat16 products use. GFLOP/s, the best of
20 runs.

usage: products.py CODISTILL_BENCH
"""

import ctypes
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable

import torch

# Rows of tokens x outputs x inputs as training and experts have them: forward (NT, and NN for
# experts), the gradient of the inputs (NN), that of the weights (TN).
SHAPES = [
    "2048x256x256NT", "2048x2048x256NT", "2048x256x1024NT", "2048x256x2048NN", "2048x256x2048TN",
    "336x256x256NT", "256x256x336TN", "512x1536x576NT", "64x256x32NT",
    "8x2048x512NN", "32x1024x256NN", "128x1024x256NN", "256x1024x128TN"]


def rate(flops: float, work: Callable[[], object]) -> float:
    """GFLOP/s of the best of 20 runs."""
    best = float("inf")
    for _ in range(20):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return flops / best / 1e9


def debian_onednn() -> ctypes.CDLL | None:
    """Debian's oneDNN, where it is installed."""
    for name in ("libdnnl.so.2", "libdnnl.so.3"):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def sgemm(library: ctypes.CDLL, shape: tuple[int, int, int], a: torch.Tensor, b: torch.Tensor,
          c: torch.Tensor, letters: str) -> int:
    """dnnl_sgemm, row-major like ours."""
    m, n, k = (ctypes.c_int64(size) for size in shape)
    one, zero = ctypes.c_float(1), ctypes.c_float(0)
    return library.dnnl_sgemm(
        ctypes.c_char(letters[0].encode()), ctypes.c_char(letters[1].encode()), m, n, k, one,
        ctypes.c_void_p(a.data_ptr()), ctypes.c_int64(a.shape[1]), ctypes.c_void_p(b.data_ptr()),
        ctypes.c_int64(b.shape[1]), zero, ctypes.c_void_p(c.data_ptr()), n)


def main() -> None:
    torch.set_num_threads(1)
    environment = os.environ | {"OPENBLAS_CORETYPE": "SkylakeX"}
    ours = subprocess.run(
        [sys.argv[1], "products", *SHAPES], capture_output=True, text=True, check=True,
        env=environment)
    library = debian_onednn()
    print("| m × n × k | ours fp32 | OpenBLAS | oneDNN (Debian) fp32 | PyTorch fp32 | ours bf16 "
          "| oneDNN in PyTorch bf16 |\n|---|---|---|---|---|---|---|")
    for line in ours.stdout.splitlines():
        found = json.loads(line)
        name, letters = found["shape"][:-2], found["shape"][-2:]
        m, n, k = shape = tuple(int(size) for size in name.split("x"))
        a = torch.randn((k, m) if letters[0] == "T" else (m, k))
        b = torch.randn((n, k) if letters[1] == "T" else (k, n))
        c = torch.empty(m, n)
        flops = 2.0 * m * n * k

        def product(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return (x.T if letters[0] == "T" else x) @ (y.T if letters[1] == "T" else y)

        debian = "–" if library is None else (
            f"{rate(flops, lambda: sgemm(library, shape, a, b, c, letters)):.0f}")
        plain = rate(flops, lambda: product(a, b))
        rounded_a, rounded_b = a.bfloat16(), b.bfloat16()
        rounded = rate(flops, lambda: product(rounded_a, rounded_b))
        print(
            f"| {name} {letters} | {found['oursFp32']:.0f} | {found['openblas']:.0f} | {debian} "
            f"| {plain:.0f} | {found.get('oursBf16', float('nan')):.0f} | {rounded:.0f} |")


if __name__ == "__main__":
    main()
