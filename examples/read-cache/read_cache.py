"""Reads a Codistill cache with NumPy and zstandard, from docs/format.md alone."""

import hashlib
import json
import pathlib
import struct

import numpy as np
import zstandard

from sparse_frame import Frame

KINDS = 6

def varying(data, at):
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value, shift = value | (byte & 127) << shift, shift + 7
        if byte < 128: return value, at

class Tables:
    def __init__(self, path):
        data = zstandard.ZstdDecompressor().decompress(path.read_bytes())
        V, count = struct.unpack_from("<II", data)
        self.kinds, octaves = (np.frombuffer(data, "u1", V, 8 + V * i) for i in (0, 1))
        order = np.lexsort((np.arange(V), -octaves.astype(int), self.kinds))
        self.ids = [order[self.kinds[order] == kind].tolist() for kind in range(KINDS)]
        self.kinds = self.kinds.tolist()
        heads = [struct.unpack_from("<HB", data, 8 + 2 * V + 3 * i) for i in range(count)]
        at = 8 + 2 * V + 3 * count
        symbols, self.contexts = [], {}
        for _, more in heads:
            symbols.append(list(data[at:at + more + 1])); at += more + 1
        for (context, more), known in zip(heads, symbols):
            shares, first, firsts = [], 0, []
            for _ in known:
                share, at = varying(data, at)
                firsts.append(first); shares.append(share); first += share
            self.contexts[context] = firsts, shares, known

class Cache:
    def __init__(self, folder):
        self.folder, self.frames = pathlib.Path(folder), []
        manifest = json.loads((self.folder / "manifest.json").read_text())
        if manifest["format_version"] not in (2, 3): raise ValueError("this reader knows the format versions 2 and 3")
        for number, part in enumerate(manifest["parts"]):
            sparse = part["capture"]["codec"]["name"] != "dense"
            part["tables"] = Tables(self.folder / f"tables-{number:03d}.zst") if sparse else None
            for shard in part["shards"]: self.open(self.folder / pathlib.Path(shard["file"]).name, part)
    def open(self, path, part):
        data = path.read_bytes()
        count, = struct.unpack_from("<I", data, len(data) - 32)
        start = len(data) - 36 * count - 56
        if data[-8:] != b"KDSHARD1" or hashlib.sha256(data[start:-24]).digest()[:16] != data[-24:-8]: raise ValueError(f"{path}: no index")
        at = 0
        for stored, size, records, identity, digest in struct.iter_unpack("<IIIQ16s", data[start + 8:-48]):
            self.frames.append((part, path, at, stored, size, identity, digest)); at += stored
    def __len__(self): return len(self.frames)
    def sequence(self, number):
        """A dictionary: identity, tokens, fragments, loss_mask, and per record the targets."""
        part, path, at, stored, size, identity, digest = self.frames[number]
        with open(path, "rb") as file: file.seek(at); frame = file.read(stored)
        if hashlib.sha256(frame).digest()[:16] != digest: raise ValueError(f"{path}: the frame at {at} is damaged")
        data = zstandard.ZstdDecompressor().decompress(frame)
        head, at = varying(data, 0)
        fragments, mask = [], None
        for _ in range(head >> 1): count, at = varying(data, at); fragments.append(count)
        R, n = sum(fragments) - len(fragments), sum(fragments)
        if head & 1: mask = np.unpackbits(np.frombuffer(data, "u1", (R + 7) // 8, at), bitorder="little")[:R].astype(bool); at += (R + 7) // 8
        found = {"identity": identity, "fragments": fragments, "loss_mask": mask}
        if part["tables"]:
            count, at = varying(data, at)
            tokens, records = Frame(part, fragments, np.frombuffer(data, "<u2", count, at).tolist(), data[at + 2 * count:]).records()
            draws, argmax, entropy, following = zip(*records)
            ids, values = ([[[e[i] for e in row[d]] for row in draws] for d in range(len(draws[0]))] for i in (0, 1))
            return found | {"tokens": tokens, "draws": [{"ids": i, "values": v} for i, v in zip(ids, values)],
                            "argmax": argmax, "entropy": entropy, "next_log_probability": following}
        V, arrays = part["capture"]["vocab_size"], {}
        for name, dtype, count in ("tokens", "<i4", n), ("argmax", "<i4", R), ("entropy", "<f4", R), ("next_log_probability", "<f4", R), ("log_probabilities", "<f2", R * V):
            arrays[name] = np.frombuffer(data, dtype, count, at); at += arrays[name].nbytes
        return found | arrays
