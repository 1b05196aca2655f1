"""The entropy-coded numbers of a sparse frame: docs/format.md, "Sparse frames"."""

import math
from bisect import bisect
import numpy as np

CLASSES = lambda n: n if n < 4 else 4 if n < 6 else 5 if n < 9 else 6 if n < 14 else 7
unzigzag = lambda code: code >> 1 ^ -(code & 1)
bucket = lambda sure: sure // 4 if sure < 40 else min(10, 6 + sure // 16)

class Frame:
    """The numbers of a sparse frame, read in order."""
    def __init__(self, part, fragments, words, bits):
        self.tables, self.codec, self.draws = part["tables"], part["capture"]["codec"], part["capture"]["draws"]
        self.words, self.at, self.state = words, 2, words[0] << 16 | words[1]
        self.bits, self.fragments = int.from_bytes(bits, "little"), fragments
        name, self.tau = self.codec["name"], self.codec.get("threshold")
        self.grid = part["capture"].get("grid")
        if self.grid not in (None, "arcsine-4096"): raise ValueError(f"this reader does not know the grid {self.grid}")
        self.levels = {"threshold": max(64, math.ceil(4 / (self.tau or 1))), "sample": self.codec.get("samples"), "topk": 4096 if self.grid else 0}[name]
        self.least = math.floor({"threshold": -math.log(self.tau or 1), "sample": math.log(self.levels or 1), "topk": 0}[name] * 16)
        self.list, self.place, self.counts, self.first, self.rows = [], {}, {}, {}, {}

    def raw(self, count):
        value, self.bits = self.bits & (1 << count) - 1, self.bits >> count
        return value
    def symbol(self, family, index=0):
        firsts, shares, symbols = self.tables.contexts.get(family * 64 + index, ([0], [4096], [255]))
        slot = self.state & 4095
        i = bisect(firsts, slot) - 1
        self.state = shares[i] * (self.state >> 12) + slot - firsts[i]
        if self.state < 1 << 16: self.state, self.at = self.state << 16 | self.words[self.at], self.at + 1
        return symbols[i] if symbols[i] < 255 else self.raw(8)
    def number(self, family, index=0):
        symbol = self.symbol(family, index)
        return symbol if symbol < 16 else (symbol & 7 | 8) << symbol // 8 - 1 | self.raw(symbol // 8 - 1)
    def see(self, id):
        """Counts an id: it goes before all with the count that it had."""
        had = self.counts.get(id, 0)
        if had == 0: self.place[id] = self.first[0] = len(self.list); self.list.append(id)
        place, first = self.place[id], self.first[had]
        other = self.list[first]
        self.list[place], self.list[first], self.place[other], self.place[id] = other, id, place, first
        self.counts[id], self.first[had] = had + 1, first + 1
        if first == 0 or self.counts[self.list[first - 1]] != had + 1: self.first[had + 1] = first
    def single(self, role, context, list_class, kind):
        source = self.number(role * 6, context)
        if source == 2: kind = self.number(role * 6 + 4, 8 * kind)
        context = (8 * min(6, len(self.recall).bit_length()) if role == 0 else 0, 8 * list_class, 8 * kind)[source]
        place = self.number(role * 6 + (2, 3, 5)[source], context)
        return (self.tables.ids[kind] if source == 2 else (self.recall, self.list)[source])[place], source, place
    def places(self, family, count, second=0):
        place, found = -1, []
        for left in range(count, 0, -1):
            place += 1 + self.number(family, 8 * (left if left < 4 else 4 if left < 8 else 5) + second)
            found.append(place)
        return found
    def set(self, role, count):
        size, B = len(self.list).bit_length(), self.recall
        recalled = self.number(role * 6, 8 * CLASSES(count) + min(3, len(B).bit_length() // 2)) if count and B else 0
        ids = [B[place] for place in self.places(role * 6 + 2, recalled)]
        listed = self.number(role * 6 + 1, 8 * CLASSES(count - recalled) + min(4, max(0, size - 7))) if count > recalled and self.list else 0
        ids += [self.list[place] for place in self.places(role * 6 + 3, listed, min(3, max(0, size - 8)))]
        kinds, kind = [], 7
        for _ in range(count - recalled - listed):
            kind = self.number(role * 6 + 4, 8 * self.kind + kind); kinds.append(kind)
        for kind in sorted(set(kinds)): ids += [self.tables.ids[kind][place] for place in self.places(role * 6 + 5, kinds.count(kind), kind)]
        return ids
    def sure(self, level): return level * 80 // self.levels if self.levels else max(0, 80 - 2 * level)
    def value(self, level):
        if self.grid: sine = math.sin(math.pi / 2 * level / self.levels); return np.float32(sine * sine)
        return np.float32(level) / np.float32(self.levels) if self.levels else np.float32(math.exp(-level / 16))
    def reference(self, level):
        if not self.levels: return level
        if level == 0: return self.least
        return math.floor(-math.log(float(self.value(level)) if self.grid else level / self.levels) * 16)
    def after(self, level, levels, last):
        """The context of a head's level."""
        if self.grid: extra = max(0, last.bit_length() - 4); return min(19, (8 * extra + (last >> extra)) // 4)
        return min(19, max(0, self.levels - level - sum(levels)) * 40 // self.levels) if self.levels else min(19, last // 8)
    def head(self, source, place):
        code = self.number(24, source * 3 + (min(2, place) if source < 2 else 0))
        self.level = self.levels - code if self.levels else code
        heads, levels, last = self.set(1, self.number(25, self.sure(self.level) // 4)), [], self.level
        for _ in heads:
            last = self.number(26, self.after(self.level, levels, last))
            levels.append(last)
        return heads, levels
    def tail(self, levels):
        if not self.tau: return []
        expected = math.floor(max(0, self.levels - self.level - sum(levels)) / (self.levels * self.tau) + 0.5)
        context = 3 * (expected if expected < 8 else min(12, 4 + expected.bit_length())) + min(2, len(levels))
        return self.set(2, expected + unzigzag(self.number(27, context)))
    def records(self):
        """The tokens, and per record: per draw ids and values; argmax, entropy, log-probability."""
        tokens, records = [], []
        for fragment in self.fragments:
            self.recall = []
            current, _, _ = self.single(3, 0, 0, 7)
            self.see(current); tokens.append(current)
            for _ in range(fragment - 1):
                self.recall, size = self.rows.get(current, []), len(self.list).bit_length()
                argmax, source, place = self.single(
                    0, 8 * min(5, len(self.recall).bit_length()) + min(7, max(0, size - 4)), min(7, max(0, size - 6)), self.tables.kinds[current])
                self.kind, row, draws = self.tables.kinds[argmax], [argmax], []
                for draw in range(self.draws):
                    if draw == 0 or not self.tau: heads, levels = self.head(source, place); row += heads
                    tails = self.tail(levels); row += tails
                    ids = ([argmax] if self.level or not self.levels else []) + heads + tails
                    values = [self.value(level) for level in ([self.level] if self.level or not self.levels else []) + levels]
                    draws.append(sorted(zip(ids, values + [np.float32(self.tau)] * len(tails))))
                    if draw == 0:
                        entropy = self.symbol(28, bucket(self.sure(self.level)) * 8 + CLASSES(len(tails))) / 8
                        current_next, code = self.next_token(argmax, heads, levels, tails)
                for id in row: self.see(id)
                self.rows[current], current = row, current_next
                if self.kind_of_next == 3: self.see(current)
                tokens.append(current); records.append((draws, argmax, entropy, code / -16))
        if self.state != 1 << 16 or self.at != len(self.words) or self.bits: raise ValueError("a frame's numbers do not end where they should")
        return tokens, records
    def next_token(self, argmax, heads, levels, tails):
        which = self.kind_of_next = self.number(30, min(9, self.sure(self.level) // 8) * 6 + min(2, len(heads)) * 2 + min(1, len(tails)))
        token, level = argmax, self.level if which == 0 else 0
        if which == 1:
            by_value = sorted(range(len(heads)), key=lambda i: (-levels[i] if self.levels else levels[i], i))
            place = by_value[self.number(31, min(7, len(heads)))]
            token, level = heads[place], levels[place]
        elif which == 2: token = tails[self.number(32, min(15, len(tails)))]
        elif which == 3: token, _, _ = self.single(3, 0, 0, self.kind)
        sure = self.sure(level) if which < 2 else 0
        return token, self.reference(level) + unzigzag(self.number(33, which * 11 + bucket(sure)))
