#!/usr/bin/env python3
"""Compares read_cache.py with what the Swift reader found in the same caches."""

import json
import pathlib
import sys

import numpy as np

from read_cache import Cache

FIXTURES = pathlib.Path(__file__).parents[2] / "Tests/Fixtures"


def check(folder):
    expected = json.loads((folder / "expected.json").read_text())
    cache = Cache(folder / "cache")
    assert len(cache) == len(expected)
    for number, wanted in enumerate(expected):
        found = cache.sequence(number)
        assert found["identity"] == wanted["identity"]
        for key in ("tokens", "fragments", "loss_mask", "argmax"):
            both = found[key], wanted.get(key)
            assert (both[0] is None and both[1] is None) or np.array_equal(*both), key
        assert np.array_equal(np.cumsum([0] + [len(row) for row in found["ids"]]), wanted["offsets"])
        assert np.array_equal(np.concatenate(found["ids"]), wanted["ids"])
        for key in ("entropy", "next_log_probability"):
            np.testing.assert_allclose(found[key], wanted[key], rtol=1e-6)
        np.testing.assert_allclose(np.concatenate(found["values"]), wanted["values"], rtol=2e-6, atol=1e-9)
    return len(expected)


if __name__ == "__main__":
    for name in ("cache-v1-threshold", "cache-v1-dense"):
        print(f"{name}: {check(FIXTURES / name)} sequences agree")
    sys.exit(0)
