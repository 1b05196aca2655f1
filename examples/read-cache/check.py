#!/usr/bin/env python3
"""Compares read_cache.py with `codistill cache export --format jsonl`: check.py CACHE EXPORT [...]."""

import json
import sys

import numpy as np

from read_cache import Cache


def same(found, wanted, name):
    if found is None or wanted is None:
        assert found is wanted, name
    else:
        np.testing.assert_allclose(np.asarray(found, float), np.asarray(wanted, float), rtol=2e-6, atol=1e-9, err_msg=name)


def check(folder, export):
    cache, count = Cache(folder), 0
    with open(export) as lines:
        for count, line in enumerate(lines, 1):
            wanted, found = json.loads(line), cache.sequence(count - 1)
            assert found["identity"] == int(wanted["identity"], 16)
            for key in ("tokens", "fragments", "loss_mask", "argmax", "entropy", "next_log_probability"):
                same(found[key], wanted[key], key)
            if "log_probabilities" in found:
                # The export has the shortest decimals that give the same float16.
                theirs = np.ravel(wanted["draws"][0]["log_probabilities"]).astype(np.float16)
                same(found["log_probabilities"], theirs, "log p")
                continue
            for mine, theirs in zip(found["draws"], wanted["draws"], strict=True):
                for key in ("ids", "values"):
                    for mine_row, their_row in zip(mine[key], theirs[key], strict=True):
                        same(mine_row, their_row, key)
    assert count == len(cache), f"{folder} has {len(cache)} sequences, {export} {count}"
    return count


if __name__ == "__main__":
    for folder, export in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        print(f"{folder}: {check(folder, export)} sequences agree")
