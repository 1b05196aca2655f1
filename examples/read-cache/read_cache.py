#!/usr/bin/env python3
"""Reads a Codistill cache with NumPy and zstandard, from Sources/Shards/FORMAT.md alone."""

import argparse
import hashlib
import json
import pathlib
import struct
import sys

import numpy as np
import zstandard

INDEX_ENTRY = struct.Struct("<IIIQ16s")
FOOTER = struct.Struct("<QQII16s8s")


class Planes:
    """A cursor over the planes of a payload."""

    def __init__(self, payload):
        self.payload, self.position = payload, 0

    def take(self, count, dtype=np.uint8):
        size = count * np.dtype(dtype).itemsize
        if self.position + size > len(self.payload):
            raise ValueError("a plane reaches beyond its payload")
        plane = np.frombuffer(self.payload, dtype, count, self.position)
        self.position += size
        return plane

    def integers(self, count):
        """The two-part code: symbols, then extra bits."""
        symbols = self.take(count).astype(np.int64)
        extra = np.where(symbols < 16, 0, symbols // 8 - 1)
        bits = np.unpackbits(self.take((int(extra.sum()) + 7) // 8), bitorder="little")
        values = np.where(symbols < 16, symbols, (symbols % 8 + 8) << extra)
        starts = np.cumsum(extra) - extra
        for bit in range(int(extra.max(initial=0))):
            has = extra > bit
            values[has] += bits[starts[has] + bit].astype(np.int64) << bit
        return values


def unzigzag(values):
    return (values >> 1) ^ -(values & 1)


def rows_of_gaps(gaps, counts):
    """Per row, the ascending ranks that the gaps stand for."""
    return [np.cumsum(row + 1) - 1 for row in np.split(gaps, np.cumsum(counts)[:-1])]


class Cache:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.manifest = json.loads((self.folder / "manifest.json").read_text())
        if self.manifest["format_version"] != 1:
            raise ValueError("this reader knows format version 1")
        self.capture = self.manifest["capture"]
        self.vocabulary = self.capture["vocab_size"]
        self.ranks = self.read_ranks() if "ranks_sha256" in self.capture else None
        self.frames = []
        for number, shard in enumerate(self.manifest["shards"]):
            if shard["file"] != f"shard-{number:05d}.kd.zst":
                raise ValueError(f"{shard['file']} is no shard's name")
            self.frames += self.read_index(self.folder / shard["file"])

    def read_ranks(self):
        planes = Planes(zstandard.ZstdDecompressor().decompress((self.folder / "ranks.zst").read_bytes()))
        seen = np.cumsum(unzigzag(planes.integers(int(planes.take(1, "<u4")[0]))))
        return np.concatenate([seen, np.setdiff1d(np.arange(self.vocabulary), seen)])

    def read_index(self, path):
        size = path.stat().st_size
        with open(path, "rb") as file:
            file.seek(size - FOOTER.size)
            _, _, count, version, digest, letters = FOOTER.unpack(file.read(FOOTER.size))
            start = size - 8 - INDEX_ENTRY.size * count - FOOTER.size
            if letters != b"KDSHARD1" or version != 1 or start < 0:
                raise ValueError(f"{path} is no shard")
            file.seek(start)
            index = file.read(size - start)
        if hashlib.sha256(index[:-24]).digest()[:16] != digest:
            raise ValueError(f"{path}: the index is damaged")
        frames, offset = [], 0
        for stored, payload, records, identity, digest in INDEX_ENTRY.iter_unpack(index[8 : -FOOTER.size]):
            frames.append((path, offset, stored, payload, digest))
            offset += stored
        if offset != start:
            raise ValueError(f"{path}: the frames do not end where the index begins")
        return frames

    def __len__(self):
        return len(self.frames)

    def payload(self, number):
        path, offset, stored, size, digest = self.frames[number]
        with open(path, "rb") as file:
            file.seek(offset)
            frame = file.read(stored)
        if hashlib.sha256(frame).digest()[:16] != digest:
            raise ValueError(f"{path}: frame at {offset} is damaged")
        if zstandard.frame_content_size(frame) != size or size > 1 << 30:
            raise ValueError(f"{path}: frame at {offset} has another size than the index says")
        return zstandard.ZstdDecompressor().decompress(frame)

    def sequence(self, number):
        """A dictionary: identity, tokens, fragments, loss_mask, and per record the targets."""
        planes = Planes(self.payload(number))
        identity, count, fragment_count, flags = struct.unpack("<QIII", planes.take(20).tobytes())
        tokens = planes.integers(count)
        fragments = planes.integers(fragment_count)
        records = count - fragment_count
        mask = None
        if flags & 1:
            mask = np.unpackbits(planes.take((records + 7) // 8), bitorder="little")[:records].astype(bool)
        text = {
            "identity": identity,
            "tokens": tokens if self.ranks is None else self.ranks[tokens],
            "fragments": fragments,
            "loss_mask": mask,
        }
        read = self.read_threshold if self.capture["codec"]["name"] == "threshold" else self.read_dense
        text |= read(planes, records)
        if planes.position != len(planes.payload):
            raise ValueError("bytes are left over")
        return text

    def read_threshold(self, planes, records):
        threshold = self.capture["codec"]["threshold"]
        step = np.log(max(self.vocabulary, 1 / threshold)) / 255
        grid = np.exp((np.arange(256) - 255) * step).astype(np.float32)
        head_counts = planes.integers(records) + 1
        head_ranks = rows_of_gaps(planes.integers(int(head_counts.sum())), head_counts)
        codes = np.split(planes.take(int(head_counts.sum())), np.cumsum(head_counts)[:-1])
        places = planes.integers(records)
        masses = np.array([grid[row].astype(np.float64).sum() for row in codes])
        expected = np.maximum(0, np.floor((1 - masses) / threshold + 0.5)).astype(np.int64)
        tail_counts = expected + unzigzag(planes.integers(records))
        tail_ranks = rows_of_gaps(planes.integers(int(tail_counts.sum())), tail_counts)
        entropy = planes.take(records) * step
        next_log_probability = planes.integers(records) / -128
        ids, values, argmax = [], [], []
        for head, tail, row, place in zip(head_ranks, tail_ranks, codes, places):
            by_value = np.argsort(-row.astype(np.int64), kind="stable")
            argmax.append(self.ranks[head[by_value[place]]])
            both = self.ranks[np.concatenate([head, tail])]
            estimates = np.concatenate([grid[row], np.full(len(tail), threshold, np.float32)])
            order = np.argsort(both)
            ids.append(both[order])
            values.append(estimates[order])
        return {
            "ids": ids, "values": values, "argmax": np.array(argmax),
            "entropy": entropy.astype(np.float32),
            "next_log_probability": next_log_probability.astype(np.float32),
        }

    def read_dense(self, planes, records):
        argmax = planes.take(records, "<i4")
        entropy, next_log_probability = planes.take(records, "<f4"), planes.take(records, "<f4")
        stored = planes.take(records * self.vocabulary, "<f2").reshape(records, self.vocabulary)
        values = np.exp(stored.astype(np.float64))
        values /= values.sum(axis=1, keepdims=True)
        return {
            "ids": [np.arange(self.vocabulary)] * records, "values": list(values.astype(np.float32)),
            "argmax": argmax, "entropy": entropy, "next_log_probability": next_log_probability,
        }


def show(sequence, position):
    inputs = np.delete(sequence["tokens"], np.cumsum(sequence["fragments"]) - 1)
    labels = np.delete(sequence["tokens"], np.cumsum(sequence["fragments"]) - sequence["fragments"])
    print(f"input token {inputs[position]}, true next token {labels[position]}")
    print(f"teacher's log-probability of it {sequence['next_log_probability'][position]:.4f}, "
          f"entropy {sequence['entropy'][position]:.3f}, argmax {sequence['argmax'][position]}")
    ids, values = sequence["ids"][position], sequence["values"][position]
    for place in np.argsort(-values, kind="stable")[:20]:
        print(f"  {ids[place]:7d}  {values[place]:.5f}")
    print(f"  {len(ids)} entries, mass {values.sum():.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", help="the folder of a cache")
    parser.add_argument("--sequence", type=int, default=0)
    parser.add_argument("--position", type=int, default=0, help="the record within the sequence")
    options = parser.parse_args()
    try:
        cache = Cache(options.cache)
        show(cache.sequence(options.sequence), options.position)
    except (OSError, ValueError, IndexError, KeyError) as problem:
        sys.exit(f"{options.cache}: {problem}")


if __name__ == "__main__":
    main()
